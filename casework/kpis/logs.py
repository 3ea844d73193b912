"""The event log for other tools, written as it is read: XES (IEEE 1849) and OCEL 2.0 (JSON).

No names of enterprises or people, no texts: a case is its number, a person ``u`` and a number, a unit its name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import quoteattr

import sqlalchemy as sa

from casework.areas.models import Area
from casework.cases.models import Case, CaseType
from casework.kernel.db import db
from casework.kpis.path_queries import PORTION, traces
from casework.kpis.paths import Done, Trace

XES_TYPE, OCEL_TYPE = "application/xml; charset=utf-8", "application/json; charset=utf-8"
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<global scope="trace"><string key="concept:name" value="-"/></global>
<global scope="event"><string key="concept:name" value="-"/>
<date key="time:timestamp" value="1970-01-01T00:00:00Z"/></global>
<classifier name="Activity" keys="concept:name"/>
"""


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _known(case_ids: Sequence[int]) -> dict[int, Any]:
    query = (
        sa.select(
            Case.id, Case.number, Case.state, Case.outcome, Case.external_ref, CaseType.code.label("type"),
            Area.code.label("area"),
        )
        .join(CaseType, CaseType.id == Case.type_id)
        .outerjoin(Area, Area.id == Case.area_id)
        .where(Case.id.in_(case_ids))
    )  # fmt: skip
    return {row.id: row for row in db.session.execute(query)}


def _portions(case_ids: Sequence[int]) -> Iterator[tuple[dict[int, Any], list[Trace]]]:
    for start in range(0, len(case_ids), PORTION):
        portion = case_ids[start : start + PORTION]
        yield _known(portion), list(traces(portion))


def xes(case_ids: Sequence[int]) -> Iterator[str]:
    """The log of these cases as XES, in pieces."""
    yield _HEAD
    for known, found in _portions(case_ids):
        for trace in found:
            yield "".join(_trace(known[trace.case_id], trace))
    yield "</log>\n"


def _string(key: str, value: str | None) -> str:
    return f"<string key={quoteattr(key)} value={quoteattr(_clean(value))}/>" if value else ""


def _clean(value: str) -> str:
    """Without what XML cannot hold."""
    return "".join(one for one in value if one in "\t\n\r" or ord(one) >= 32)


def _trace(case: Any, trace: Trace) -> Iterator[str]:
    yield "<trace>"
    named = (("concept:name", case.number), ("type", case.type), ("area", case.area), ("outcome", case.outcome))
    for key, value in (*named, ("external", case.external_ref)):
        yield _string(key, value)
    for step in trace.steps:
        yield f'<event>{_string("concept:name", step.activity)}<date key="time:timestamp" value="{_moment(step.at)}"/>'
        yield _string("lifecycle:transition", "complete")
        yield f"{_string('org:resource', step.resource)}{_string('org:group', step.group)}</event>"
    yield "</trace>\n"


CASE_ATTRIBUTES = ("number", "type", "area", "outcome")


def ocel(case_ids: Sequence[int]) -> Iterator[str]:
    """The log as OCEL 2.0: events on cases, units and people, in pieces. Types are gathered before, from the steps."""
    kinds = {"case": CASE_ATTRIBUTES, "unit": ("name",), "person": ()}
    listed = [
        {"name": name, "attributes": [{"name": one, "type": "string"} for one in attributes]}
        for name, attributes in kinds.items()
    ]
    yield f'{{"objectTypes":{_json(listed)},"events":['
    seen: dict[str, dict[str, Any]] = {}
    activities: dict[str, None] = {}
    first = True
    for known, found in _portions(case_ids):
        for trace in found:
            case = known[trace.case_id]
            seen[f"case:{case.number}"] = _case_object(case, trace)
            for step in trace.steps:
                activities[step.activity] = None
                yield ("" if first else ",\n") + _json(_event(case, step, seen))
                first = False
    yield '],"objects":['
    for nth, one in enumerate(seen.values()):
        yield (",\n" if nth else "") + _json(one)
    yield f'],"eventTypes":{_json([{"name": name, "attributes": []} for name in activities])}}}\n'


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _case_object(case: Any, trace: Trace) -> dict[str, Any]:
    at = _moment(trace.steps[0].at)
    said = [{"name": name, "time": at, "value": getattr(case, name)} for name in CASE_ATTRIBUTES if getattr(case, name)]
    return {"id": f"case:{case.number}", "type": "case", "attributes": said, "relationships": []}


def _event(case: Any, step: Done, seen: dict[str, dict[str, Any]]) -> dict[str, Any]:
    related = [{"objectId": f"case:{case.number}", "qualifier": "case"}]
    for kind, value in (("unit", step.group), ("person", step.resource)):
        if value:
            key = f"{kind}:{value}"
            named = [{"name": "name", "time": "1970-01-01T00:00:00Z", "value": value}] if kind == "unit" else []
            seen.setdefault(key, {"id": key, "type": kind, "attributes": named, "relationships": []})
            related.append({"objectId": key, "qualifier": kind})
    return {
        "id": step.ref,
        "type": step.activity,
        "time": _moment(step.at),
        "attributes": [],
        "relationships": related,
    }


Writer = Callable[[Sequence[int]], Iterator[str]]
FORMATS: Mapping[str, tuple[Writer, str, str]] = {"xes": (xes, XES_TYPE, "xes"), "ocel": (ocel, OCEL_TYPE, "ocel.json")}
"""By name: what writes it, its content type, and how a file of it ends."""
