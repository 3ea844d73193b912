"""Many cases at once, for a ledger of thousands: one statement a table, the same entries as one by one.

The caller has asked ``policy`` for each area and checked each draft; what is left here is to write it down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.areas.models import Area
from casework.cases import service, timing
from casework.cases.events import CaseSubmitted, NoteAdded
from casework.cases.models import Case, CaseType
from casework.cases.service import findable
from casework.cases.workflow import State
from casework.clocks.models import Deadline
from casework.kernel import search
from casework.kernel.db import db
from casework.kernel.permissions import Actor

# Carried out on the connection, not the session: an import writes thousands, and nobody works on the rows.
_OPEN = sa.insert(Case)
_START = sa.insert(Deadline)


@dataclass(frozen=True, slots=True)
class Dated:
    """A note that was written elsewhere: its text, where it comes from, and when it was written."""

    text: str
    imported_from: str
    written_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """A case to be submitted, how it is known where it comes from, when it was told there, and its notes."""

    draft: service.CaseDraft
    origin: str
    external_ref: str
    submitted_at: datetime | None = None
    notes: Sequence[Dated] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A case that was opened: its id and its number."""

    id: int
    number: str


def submit_all(wanted: Sequence[NewCase], *, actor: Actor | None, now: datetime) -> list[Opened]:
    """Open cases in their order: numbers without gaps, codes, clocks started, the first entry of each chain, its notes.

    Their drafts name areas in a district, and types that are there.
    """
    if not wanted:
        return []
    areas = _named(Area, {one.draft.area_id for one in wanted})
    types = _named(CaseType, {one.draft.type_id for one in wanted})
    cases = [_case(one, areas, types, actor, now) for one in wanted]
    _number(cases, areas, now)
    clocks = _clocks(cases, types, now)
    connection = db.session.connection()
    connection.execute(_OPEN, [vars(case) for case in cases])
    # Asked for afterwards: rows that return their ids cost both databases several times as much.
    asked = sa.select(Case.number, Case.id).where(Case.number.in_([case.number for case in cases]))
    ids = dict(connection.execute(asked).all())
    keys = [ids[case.number] for case in cases]
    connection.execute(
        _START, [{**row, "case_id": key} for key, rows in zip(keys, clocks, strict=True) for row in rows]
    )
    facts = [CaseSubmitted(case.number, case.title, case.source, case.origin, case.external_ref) for case in cases]
    audit.record_each(list(zip(facts, keys, strict=True)), by=actor, at=now, new=True)
    texts = zip(cases, keys, strict=True)
    search.put_all([search.Text("case", key, key, findable(case), case.district_id) for case, key in texts])
    add_notes([(key, note) for key, one in zip(keys, wanted, strict=True) for note in one.notes], now=now)
    return [Opened(key, case.number) for key, case in zip(keys, cases, strict=True)]


def add_notes(notes: Sequence[tuple[int, Dated]], *, now: datetime) -> list[int]:
    """Add notes that were written elsewhere to cases; the ids of the entries. They conflict with nobody."""
    if not notes:
        return []
    facts = [
        (
            NoteAdded(
                text=note.text,
                imported_from=note.imported_from,
                written_at=note.written_at.isoformat() if note.written_at else None,
            ),
            case_id,
        )
        for case_id, note in notes
    ]
    entries = audit.record_each(facts, by=None, at=now)
    ids = sorted({case_id for case_id, _ in notes})
    touched = sa.update(Case).where(Case.id.in_(ids)).values(last_verb="note", last_at=now)
    db.session.execute(touched, execution_options={"synchronize_session": False})
    lies = {
        row.id: row.district_id
        for row in db.session.execute(sa.select(Case.id, Case.district_id).where(Case.id.in_(ids)))
    }
    texts = zip(entries, notes, strict=True)
    search.put_all([search.Text("entry", entry, key, note.text, lies[key]) for entry, (key, note) in texts])
    return entries


def _named(model: Any, ids: set[int]) -> Mapping[int, Any]:
    return {row.id: row for row in db.session.scalars(sa.select(model).where(model.id.in_(ids)))}


def _case(one: NewCase, areas: Mapping[int, Any], types: Mapping[int, Any], actor: Actor | None, now: datetime) -> Any:
    """The columns of a case: thousands are written as rows, and nobody works on them."""
    values = service.fields_of_new(one.draft, areas[one.draft.area_id], types[one.draft.type_id], now, State.SUBMITTED)
    case = SimpleNamespace(**values, origin=one.origin, external_ref=one.external_ref)
    case.created_by_id = actor.user_id if actor else None
    if one.submitted_at is not None:
        case.submitted_at = one.submitted_at  # the chain says when it came in here, the case when it was told
    return case


def _number(cases: Sequence[Any], areas: Mapping[int, Any], now: datetime) -> None:
    """Numbers in the order of the cases, one statement a district."""
    counts = Counter(case.district_id for case in cases)
    _districts = _named(Area, set(counts))  # read at once, and held while they are asked for one by one
    first: dict[int | None, tuple[str, int]] = {}
    for case in cases:
        if case.district_id not in first:
            first[case.district_id] = service.next_numbers(areas[case.area_id], now, counts[case.district_id])
        head, number = first[case.district_id]
        case.number = f"{head}-{number:06d}"
        first[case.district_id] = (head, number + 1)


def _clocks(cases: Sequence[Any], types: Mapping[int, Any], now: datetime) -> list[list[dict[str, Any]]]:
    """The rows of each case's clocks; on the case the one due first. Clocks that are alike are reckoned once."""
    kinds: dict[tuple[int, bool, int], tuple[timing.Begins, ...]] = {}
    known: dict[tuple[timing.Begins, ...], tuple[list[dict[str, Any]], dict[str, Any]]] = {}
    found = []
    for case in cases:
        kind = (case.type_id, case.urgent, case.area_id)
        if kind not in kinds:
            above = (case.area_id, case.city_id, case.district_id, case.subdistrict_id, case.community_id)
            kinds[kind] = timing.clocks_of(types[case.type_id].limits, case.urgent, above)
        if kinds[kind] not in known:
            begun, shown = timing.begun_at(now, kinds[kind])
            known[kinds[kind]] = ([_row(one) for one in begun], shown)
        rows, shown = known[kinds[kind]]
        vars(case).update(shown)
        found.append(rows)
    return found


def _row(deadline: Deadline) -> dict[str, Any]:
    columns = sa.inspect(Deadline).column_attrs
    return {column.key: getattr(deadline, column.key) for column in columns if column.key not in ("id", "case_id")}
