"""Keeps marks and sums: what changed waits in a queue that the change itself fills, and a job counts it.

Marks of a case are made anew from its facts and the sums take the difference, in one transaction: whoever reads
sees both before or both after. Counting anything again is harmless.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from casework.audit.service import Recorded
from casework.audit.vocabulary import Fact
from casework.cases.models import Case
from casework.kernel.db import db, insert_into
from casework.kernel.permissions import Actor
from casework.kpis import definitions, facts
from casework.kpis.models import KpiMark, KpiRecheck, KpiState, KpiSum, KpiWaiting
from casework.kpis.rules import Mark, marks_of

BATCH = 300
NOT_COUNTED = frozenset({"NoteAdded", "FilesAttached", "ContactRevealed"})
SPREADING = frozenset({"withdraw", "merge", "decline"})
LEVELS = ("city_id", "district_id", "subdistrict_id")
KEPT = ("case_id", "base", "nth", "day", "at", "flags", "value", "bucket", "type_id", "domain", "city_id",
        "district_id", "subdistrict_id", "community_id", "unit_id", "officer_id")  # fmt: skip
Deltas = dict[tuple[Any, ...], list[int]]
_WAIT = sa.insert(KpiWaiting)


def note(recorded: Sequence[Recorded], by: Actor | None, at: datetime) -> None:
    """Remember that cases changed, in the transaction of the change: stands in ``audit.service.AFTER_RECORD``."""
    rows = [
        {"case_id": entry.case_id, "spread": _spreads(entry.fact), "at": at}
        for entry in recorded
        if type(entry.fact).__name__ not in NOT_COUNTED
    ]
    if rows:
        db.session.connection().execute(_WAIT, rows)


def _spreads(fact: Fact) -> bool:
    """Whether it may change what is counted of other cases too."""
    verb = type(fact).__name__
    return verb in ("CaseSubmitted", "FieldsCorrected") or getattr(fact, "action", "") in SPREADING


def ask_again(case_ids: sa.Select[Any], *, now: datetime) -> None:
    """Let cases be counted anew, whether they changed or not."""
    chosen = case_ids.add_columns(sa.false(), sa.literal(now, KpiWaiting.at.type))
    db.session.execute(sa.insert(KpiWaiting).from_select(["case_id", "spread", "at"], chosen))


def count_some(now: datetime) -> int:
    """Count the cases that have waited longest, and those whose time has come; returns how many. The caller commits."""
    definitions.forget()
    waiting = db.session.execute(
        sa.select(KpiWaiting.id, KpiWaiting.case_id, KpiWaiting.spread).order_by(KpiWaiting.id).limit(BATCH)
    ).all()
    cases = {row.case_id for row in waiting}
    if spread := {row.case_id for row in waiting if row.spread}:
        cases |= facts.siblings(spread)
    due = sa.select(KpiRecheck.case_id).where(KpiRecheck.at <= now).order_by(KpiRecheck.at).limit(BATCH)
    cases |= set(db.session.scalars(due))
    if waiting:
        db.session.execute(sa.delete(KpiWaiting).where(KpiWaiting.id.in_([row.id for row in waiting])))
    if cases:
        _count(sorted(cases), now)
        db.session.execute(sa.update(KpiState).values(revision=KpiState.revision + 1))
    return len(cases)


def _count(case_ids: Collection[int], now: datetime) -> None:
    told = facts.of_cases(case_ids)
    before = _marks(case_ids)
    fresh: list[dict[str, Any]] = []
    stale: list[int] = []
    deltas: Deltas = defaultdict(lambda: [0, 0])
    again: dict[int, datetime] = {}
    for case_id, case in told.items():
        made = marks_of(case.facts, now)
        if made.again_at:
            again[case_id] = made.again_at
        rows = [_row(case_id, case.row, mark) for mark in made.found]
        old = before.get(case_id, [])
        known = {tuple(row[name] for name in KEPT): row["id"] for row in old}
        wanted = {tuple(row[name] for name in KEPT): row for row in rows}
        gone = [row for row in old if tuple(row[name] for name in KEPT) not in wanted]
        new = [row for key, row in wanted.items() if key not in known]
        stale += [row["id"] for row in gone]
        fresh += new
        _differ(deltas, gone, -1)
        _differ(deltas, new, 1)
    if stale:
        db.session.execute(sa.delete(KpiMark).where(KpiMark.id.in_(stale)))
    if fresh:
        db.session.execute(sa.insert(KpiMark), fresh)
    _add_up(deltas)
    _recheck(case_ids, again)


def _marks(case_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    columns = [getattr(KpiMark, name) for name in ("id", *KEPT)]
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in db.session.execute(sa.select(*columns).where(KpiMark.case_id.in_(case_ids))):
        found[row.case_id].append(row._asdict())
    return found


def _row(case_id: int, case: Any, mark: Mark) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "base": mark.base.value,
        "nth": mark.nth,
        "day": mark.day,
        "at": mark.at,
        "flags": int(mark.flags),
        "value": mark.value,
        "bucket": mark.bucket,
        "type_id": case.type_id,
        "domain": case.domain,
        "city_id": case.city_id,
        "district_id": case.district_id,
        "subdistrict_id": case.subdistrict_id,
        "community_id": case.community_id,
        "unit_id": mark.unit_id,
        "officer_id": mark.officer_id,
    }


def _differ(deltas: Deltas, rows: Iterable[dict[str, Any]], sign: int) -> None:
    for row in rows:
        rest = (month_of(row["day"]), row["base"], row["type_id"], row["domain"], row["flags"], row["bucket"])
        for level in LEVELS:
            if row[level] is not None:
                delta = deltas[(row[level], *rest)]
                delta[0] += sign
                delta[1] += sign * row["value"]


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def _add_up(deltas: Deltas) -> None:
    names = ("area_id", "month", "base", "type_id", "domain", "flags", "bucket")
    rows = [
        dict(zip(names, key, strict=True), n=n, total=total) for key, (n, total) in sorted(deltas.items()) if n or total
    ]
    if not rows:
        return
    statement = insert_into(KpiSum)
    statement = statement.on_conflict_do_update(
        index_elements=list(names),
        set_={"n": KpiSum.n + statement.excluded.n, "total": KpiSum.total + statement.excluded.total},
    )
    db.session.execute(statement, rows)
    if fewer := [row for row in rows if row["n"] < 0]:
        keys = sa.tuple_(*(getattr(KpiSum, name) for name in names))
        gone = [tuple(row[name] for name in names) for row in fewer]
        db.session.execute(sa.delete(KpiSum).where(keys.in_(gone), KpiSum.n == 0))


def _recheck(case_ids: Collection[int], again: dict[int, datetime]) -> None:
    db.session.execute(sa.delete(KpiRecheck).where(KpiRecheck.case_id.in_(case_ids)))
    if again:
        rows = [{"case_id": case_id, "at": at} for case_id, at in again.items()]
        db.session.execute(sa.insert(KpiRecheck), rows)


def everything() -> sa.Select[Any]:
    """Every case, for a count from the beginning."""
    return sa.select(Case.id)
