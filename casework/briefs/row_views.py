"""The rows behind the figures of a brief: cases, marks of a rate, agreements, supervision orders."""

from __future__ import annotations

from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from casework.board import rows as board_rows
from casework.briefs import figures as archive
from casework.briefs import queries, rows, tables
from casework.briefs.figures import Figures
from casework.briefs.making import cover_of
from casework.briefs.models import Brief
from casework.briefs.policy import READ
from casework.briefs.scopes import Counted, inside, of_row
from casework.briefs.tables import part_name
from casework.briefs.words import BOOKS, BriefState
from casework.cases.queries import visible_to
from casework.cases.workflow import STATE_LABELS
from casework.kernel import paging
from casework.kernel.errors import NotFound
from casework.kernel.i18n import language
from casework.kernel.web import current_actor, needs, page
from casework.kpis import presenting, row_queries
from casework.kpis.figures import BY_KEY
from casework.kpis.queries import groups
from casework.negotiations.words import STANDINGS
from casework.orders.workflow import STATE_LABELS as ORDER_STATES

blueprint = Blueprint("brief_rows", __name__, url_prefix="/reports")


def _brief(key: int) -> tuple[Brief, Figures, Counted]:
    """A brief that is written, with its figures and what they count."""
    brief = queries.visible_brief(key, to=current_actor())
    if brief.status != BriefState.DONE:
        raise NotFound("brief")
    return brief, archive.from_json(brief.figures or {}), of_row(brief)


def _frame(brief: Brief) -> dict[str, Any]:
    return {
        "brief": brief,
        "cover": cover_of(brief, "", language()),
        "days": tables.days_said(brief.first_on, brief.last_on),
        "locale": language(),
    }


@blueprint.get("/<int:key>/rows")
@needs(READ)
def cases(key: int) -> ResponseReturnValue:
    """The cases behind a count, as they are now, beside what the brief says."""
    brief, figures, counted = _brief(key)
    asked, actor = rows.read(request.args), current_actor()
    found = rows.cases(figures, counted, asked, paging.asked(request.args), actor)
    here: dict[str, Any] = {"key": key, "of": asked.of}
    address = partial(_address, asked, here)
    return page(
        "briefs/cases.html",
        rows=found.rows,
        label=rows.LABELS[asked.of],
        part=_part(figures, asked),
        said=rows.archived(figures, asked),
        now=rows.count(figures, counted, asked, actor),
        states=STATE_LABELS,
        ways=found.ways(address),
        **_frame(brief),
    )


def _address(asked: rows.Asked, here: dict[str, Any], **cursor: str | None) -> str:
    more = f"&by={asked.by}&key={asked.key}" if asked.by else ""
    cursor_said = "".join(f"&{name}={value}" for name, value in cursor.items() if value)
    return f"{url_for('.cases', key=here['key'])}?of={asked.of}{more}{cursor_said}"


def _part(figures: Figures, asked: rows.Asked) -> str:
    """What alone is shown: a type, an area, a unit, some days."""
    if asked.by == "slot":
        slot = figures.slots[asked.key - 1]
        return tables.days_said(slot.first, slot.last)
    parts = {"types": figures.types, "areas": figures.areas, "units": figures.units}
    wanted = asked.key or None
    named = [part_name(one, asked.by) for one in parts.get(asked.by, ()) if one.key == wanted]
    holders = [one.name for one in figures.holders if asked.by == "units" and one.key == wanted]
    return next(iter([*named, *holders]), "")


@blueprint.get("/<int:key>/figures/<name>")
@needs(READ)
def marks(key: int, name: str) -> ResponseReturnValue:
    """What makes a rate: its numerator or its denominator."""
    brief, figures, counted = _brief(key)
    figure = BY_KEY.get(name)
    if figure is None:
        raise NotFound("figure")
    then, part = request.args.get("before") == "1", request.args.get("part", "all")
    part = part if part in row_queries.PARTS else "all"
    days = (figures.first_before, figures.last_before) if then else (figures.first, figures.last)
    chosen = counted.selection(*days)
    found = row_queries.rows(figure, chosen, part, paging.asked(request.args), actor=current_actor())
    here: dict[str, Any] = {"key": key, "name": name, "part": part, "before": "1" if then else None}
    return page(
        "briefs/marks.html",
        rows=found.rows,
        figure=figure,
        part=part,
        counted=row_queries.row_counts(figure, groups(chosen, (figure.base.value,)))[part],
        said=tables.days_said(*days),
        flags_said=presenting.flags_said,
        ways=found.ways(partial(url_for, ".marks", **here)),
        **_frame(brief),
    )


@blueprint.get("/<int:key>/relief")
@needs(READ)
def relief(key: int) -> ResponseReturnValue:
    """The agreements behind a sum of relief in the books."""
    brief, _, counted = _brief(key)
    show = request.args.get("show", "")
    show = show if show in board_rows.SHOWS else board_rows.SHOWS[0]
    seen = sa.and_(inside(counted), visible_to(current_actor()))
    found = board_rows.agreements(seen, show, paging.asked(request.args))
    return page(
        "briefs/relief.html",
        rows=found.rows,
        label=BOOKS[show],
        standings=STANDINGS,
        ways=found.ways(partial(url_for, ".relief", key=key, show=show)),
        **_frame(brief),
    )


@blueprint.get("/<int:key>/orders")
@needs(READ)
def orders(key: int) -> ResponseReturnValue:
    """The supervision orders behind a count."""
    brief, figures, counted = _brief(key)
    of = request.args.get("of", "")
    found = rows.orders(figures, counted, of, paging.asked(request.args), current_actor())
    return page(
        "briefs/orders.html",
        rows=found.rows,
        label=rows.ORDERS[of],
        states=ORDER_STATES,
        ways=found.ways(partial(url_for, ".orders", key=key, of=of)),
        **_frame(brief),
    )
