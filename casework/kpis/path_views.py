"""The page of paths: where time goes, where cases go back, the variants; and the event log to take out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, stream_with_context
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from casework import audit
from casework.areas import queries as areas
from casework.cases.workflow import action_named
from casework.files.views import disposition
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, NotFound, Reason
from casework.kernel.forms import row_id
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page
from casework.kpis import path_drawing, path_queries, paths, presenting
from casework.kpis.logs import FORMATS
from casework.kpis.policy import EXPORT, READ
from casework.kpis.row_queries import numbers_of
from casework.kpis.selecting import Selection, read
from casework.kpis.setting_events import EventLogExported
from casework.kpis.views import asked, frame

blueprint = Blueprint("kpi_paths", __name__, url_prefix="/kpis/paths")
VARIANTS, EDGES, SHOWN_CASES = 20, 18, 40
SUBMITTED = N_("Submit")


def activity_said(name: str) -> str:
    """A step in words: our own by its label, another system's as it wrote it."""
    action = action_named(name)
    return (
        str(Reason(action.label if action else SUBMITTED if name == "submit" else ""))
        if action or name == "submit"
        else name
    )


@blueprint.get("")
@needs(READ)
def show() -> ResponseReturnValue:
    """Steps, holders, ways back and variants of the cases that ended in the period; beside another area or period."""
    chosen = asked()
    found = path_queries.chosen_cases(chosen)
    log = paths.discover(path_queries.traces(found.case_ids))
    other, other_name = _other(chosen)
    return page(
        "kpis/paths.html",
        log=log,
        more=found.more,
        most=path_queries.MOST,
        drawing=path_drawing.draw(log),
        edges=list(log.edges.items())[:EDGES],
        variants=log.variants[:VARIANTS],
        variant=_variant(log),
        other=other,
        other_name=other_name,
        beside=request.args.get("with", ""),
        activity=activity_said,
        holder=lambda name: gettext(name) if name in set(path_queries.HOLDERS.values()) else name,
        may_export=can(current_actor(), EXPORT),
        **frame(chosen),
    )


def _other(chosen: Selection) -> tuple[paths.Log | None, str]:
    """What the page stands beside: the period before, or the same period in another area."""
    wanted = request.args.get("with", "")
    if wanted == "before":
        beside = chosen.during(chosen.period.before)
        name = presenting.period_said(beside.period)
    elif key := row_id(wanted):
        area = areas.area(key)
        if area is None:
            raise NotFound("area")
        beside = _elsewhere(chosen, key)
        name = area.name
    else:
        return None, ""
    return paths.discover(path_queries.traces(path_queries.chosen_cases(beside).case_ids)), name


def _elsewhere(chosen: Selection, area_id: int) -> Selection:
    args: dict[str, str] = {**chosen.as_query(unit=None, officer=None), "area": str(area_id)}
    return read(args, current_actor(), local_day(utcnow()))


def _variant(log: paths.Log) -> dict[str, Any] | None:
    """The cases of the variant that is asked for, by number: the newest of them."""
    nth = row_id(request.args.get("variant", ""))
    if nth is None or not 1 <= nth <= len(log.variants):
        return None
    one = log.variants[nth - 1]
    return {"nth": nth, "one": one, "cases": numbers_of(one.case_ids[:SHOWN_CASES], current_actor())}


@blueprint.get("/log.<form>")
@needs(EXPORT)
def export(form: str) -> ResponseReturnValue:
    """The event log of the cases shown, for process-mining tools; the taking out is logged."""
    if form not in FORMATS:
        raise NotFound("format")
    now = utcnow()
    chosen = read(request.args, current_actor(), local_day(now), EXPORT)  # by the duty that may, and by no other
    case_ids = path_queries.chosen_cases(chosen).case_ids
    writer, kind, ending = FORMATS[form]
    with transaction():
        fact = EventLogExported(format=form, cases=len(case_ids), filters=chosen.as_query())
        audit.record(fact, by=current_actor(), at=now)
    name = gettext("Event log %(day)s", day=local_day(now).isoformat())

    def pieces() -> Any:
        yield from writer(case_ids)
        db.session.rollback()

    headers = {"Content-Disposition": disposition(f"{name}.{ending}")}
    return Response(stream_with_context(pieces()), content_type=kind, headers=headers)
