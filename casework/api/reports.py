"""Figures: those of the board, with what stands above and below the line."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from casework.api.answering import Answer, chosen
from casework.api.asking import Asked
from casework.api.cases import type_named
from casework.api.fields import Day, Many, OneOf, RowId, Shape, Text, Whole
from casework.api.operations import operation
from casework.api.shapes import Chosen
from casework.kernel.errors import N_, Reason, Unfit, because
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor
from casework.kpis import queries, selecting
from casework.kpis.figures import Result
from casework.kpis.periods import LONGEST, SPANS
from casework.kpis.policy import READ


class KpiQuery(Chosen):
    """What is counted, where and when."""

    area = RowId(metadata={"description": N_("Id of an area; the first one's own where left out")})
    unit = RowId(metadata={"description": N_("Id of a team")})
    type = Text(most=30, metadata={"description": N_("Code of a case type"), "example": "rent"})
    source = OneOf(("ours", "log"), metadata={"description": N_("Our cases, or those from another system's log")})
    span = OneOf(SPANS, load_default="month")
    on = Day(metadata={"description": N_("A day in the period; today where left out")})
    start = Day(data_key="from", metadata={"description": N_("First day, with span=days")})
    end = Day(data_key="to", metadata={"description": N_("Last day, with span=days")})


class FigureLine(Shape):
    """A figure with everything it is made of."""

    key = Text(required=True)
    name = Text(required=True, most=400)
    kind = Text(required=True)
    numerator = fields.Float(required=True)
    denominator = Whole(required=True)
    value = fields.Float(required=True, allow_none=True)
    median = Whole(required=True, allow_none=True)
    p90 = Whole(required=True, allow_none=True)
    excluded = Whole(required=True, metadata={"description": N_("Left out by a reviewer")})
    out = Whole(required=True, metadata={"description": N_("Declined, merged or withdrawn")})


class KpiReport(Shape):
    """The figures of a period."""

    first = Day(required=True)
    last = Day(required=True)
    area_id = RowId(required=True, allow_none=True)
    unit_id = RowId(required=True, allow_none=True)
    composite = fields.Float(required=True, allow_none=True)
    figures = Many(fields.Nested(FigureLine), required=True)


@operation(
    name="readFigures",
    method="GET",
    path="/reports/kpi",
    permission=READ,
    group=N_("Figures"),
    summary=N_("The figures of a period"),
    query=KpiQuery,
    answer=KpiReport,
)
def read_figures(asked: Asked) -> Answer:
    """All figures of the board."""
    keep = chosen(asked.query.get("fields_"), KpiReport)
    chosen_one = selecting.read(_as_address(asked.query), current_actor(), local_day(utcnow()))
    board = queries.board(chosen_one)
    body = {
        "first": chosen_one.period.first.isoformat(),
        "last": chosen_one.period.last.isoformat(),
        "area_id": chosen_one.area.id if chosen_one.area else None,
        "unit_id": chosen_one.unit.id if chosen_one.unit else None,
        "composite": board.composite,
        "figures": [_figure(key, result) for key, result in board.now.items()],
    }
    return Answer(body=keep(body))


def _as_address(query: Any) -> dict[str, str]:
    names = {"start": "from", "end": "to"}
    if query["span"] == "days":
        first, last = query.get("start"), query.get("end")
        if first is None or last is None or not 0 <= (last - first).days <= LONGEST:
            text = N_("With span=days give from and to, ten years apart at most.")
            raise Unfit(422, because(text, "from"), kind="parameters")
    said = {names.get(name, name): str(value) for name, value in query.items() if name != "fields_"}
    if "type" in said:
        said["type"] = str(type_named(said["type"], "type").id)
    return said


def _figure(key: str, result: Result) -> dict[str, Any]:
    return {
        "key": key,
        "name": str(Reason(result.figure.label)),
        "kind": result.figure.kind,
        "numerator": result.numerator,
        "denominator": result.of,
        "value": result.rate,
        "median": result.median,
        "p90": result.p90,
        "excluded": result.excluded,
        "out": result.out,
    }
