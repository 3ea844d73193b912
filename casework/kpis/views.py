"""The board of figures, one figure through time and by parts, and the rows that make it."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from casework.cases.listing import list_labels
from casework.cases.workflow import STATE_LABELS
from casework.kernel import paging
from casework.kernel.errors import NotFound
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page
from casework.kpis import charts, presenting, queries, row_queries, selecting
from casework.kpis.figures import BY_KEY, COMPOSITE, FIGURES, GROUP_OF, GROUPS, Figure
from casework.kpis.periods import SPANS, trail
from casework.kpis.policy import DEFINE, READ
from casework.roster.queries import names

blueprint = Blueprint("kpis", __name__, url_prefix="/kpis")
PERIODS = 12
STALE_SECONDS = 60


def frame(chosen: selecting.Selection) -> dict[str, Any]:
    """What every page of figures holds: the question, its choices and how fresh the answer is."""
    actor, now = current_actor(), utcnow()
    fresh = queries.freshness()
    late = fresh.since is not None and (now - fresh.since).total_seconds() > STALE_SECONDS
    return {
        "chosen": chosen,
        "spans": SPANS,
        "area_choices": selecting.area_choices(actor),
        "team_choices": selecting.team_choices(actor),
        "types": selecting.offered_types(),
        "fresh": fresh,
        "stale": late,
        "now": now,
        "today": local_day(now),
        "say": presenting.TOOLS,
        "period_name": presenting.period_said(chosen.period),
    }


def asked() -> selecting.Selection:
    """The question of this request."""
    return selecting.read(request.args, current_actor(), local_day(utcnow()))


def _figure(key: str) -> Figure:
    figure = BY_KEY.get(key)
    if figure is None:
        raise NotFound("figure")
    return figure


@blueprint.get("")
@needs(READ)
def board() -> ResponseReturnValue:
    """Every figure with numerator, denominator, what is left aside, and the period before."""
    chosen = asked()
    grouped = [
        (label, [figure for figure in FIGURES if GROUP_OF[figure.base] == key]) for key, (label, _) in GROUPS.items()
    ]
    return page(
        "kpis/board.html",
        grouped=grouped,
        board=queries.board(chosen),
        composite_of=[BY_KEY[key] for key in COMPOSITE],
        earlier=chosen.during(chosen.period.before),
        later=chosen.during(chosen.period.after),
        earlier_name=presenting.period_said(chosen.period.before),
        may_define=can(current_actor(), DEFINE),
        **frame(chosen),
    )


@blueprint.get("/<key>")
@needs(READ)
def figure(key: str) -> ResponseReturnValue:
    """One figure through time, and by the areas, types, units or persons that make it up."""
    shown, chosen = _figure(key), asked()
    by = request.args.get("by", "")
    by = by if by in queries.BREAKDOWNS else "area" if chosen.unit is None else "type"
    periods = trail(chosen.period, PERIODS)
    results = queries.through_time(shown, chosen, periods)
    most = 1.0 if shown.kind in ("rate", "money") else None
    return page(
        "kpis/figure.html",
        figure=shown,
        result=results[-1],
        periods=[
            (period, presenting.period_said(period), presenting.period_short(period), chosen.during(period))
            for period in periods
        ],
        results=results,
        chart=charts.bars([presenting.measure(result) for result in results], most),
        by=by,
        lines=queries.broken_down(shown, chosen, by),
        offered=_breakdowns(chosen),
        **frame(chosen),
    )


def _breakdowns(chosen: selecting.Selection) -> list[str]:
    if chosen.unit is not None:
        return ["type", "officer"]
    return ["area", "type"] if chosen.area is not None and chosen.area.level == "city" else ["area", "type", "unit"]


@blueprint.get("/<key>/rows")
@needs(READ)
def rows(key: str) -> ResponseReturnValue:
    """The rows behind a figure: exactly those that it counts."""
    shown, chosen = _figure(key), asked()
    part = request.args.get("part", "all")
    part = part if part in row_queries.PARTS else "all"
    found = row_queries.rows(shown, chosen, part, paging.asked(request.args), actor=current_actor())
    here: dict[str, Any] = {"key": key, "part": part, **chosen.as_query()}
    return page(
        "kpis/rows.html",
        figure=shown,
        part=part,
        rows=found.rows,
        ways=found.ways(partial(url_for, ".rows", **here)),
        counts=_counts(shown, chosen),
        labels=list_labels(),
        states=STATE_LABELS,
        officer_name=names([chosen.officer_id]).get(chosen.officer_id, "") if chosen.officer_id else "",
        **frame(chosen),
    )


def _counts(shown: Figure, chosen: selecting.Selection) -> dict[str, int]:
    """How many rows each part has: counted from the same groups as the figure."""
    return row_queries.row_counts(shown, queries.groups(chosen, (shown.base.value,)))
