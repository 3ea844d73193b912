"""Reads what the marks of some cases follow from: a handful of queries for a batch, whatever its size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from casework.audit.models import Event, EventPayload
from casework.cases.models import Case
from casework.clocks import queries as clocks
from casework.clocks import rules as clock_rules
from casework.clocks.kinds import WORKING, Clock
from casework.clocks.models import Deadline
from casework.kernel.db import db
from casework.kernel.time import at_local, local_day
from casework.kpis import definitions
from casework.kpis.models import KpiExclusion
from casework.kpis.rules import ENDED_OTHERWISE, Facts, Grant, Receipt, Run, Step
from casework.negotiations import models as deals

COUNTED = (Clock.FIRST_CONTACT, Clock.ACKNOWLEDGE, Clock.RESOLVE, Clock.ORDER)
COLUMNS = (
    Case.id,
    Case.state,
    Case.outcome,
    Case.processed,
    Case.negotiated,
    Case.source,
    Case.origin,
    Case.enterprise_id,
    Case.type_id,
    Case.domain,
    Case.submitted_at,
    Case.contacted_at,
    Case.closed_at,
    Case.unit_id,
    Case.lead_id,
    Case.area_id,
    Case.city_id,
    Case.district_id,
    Case.subdistrict_id,
    Case.community_id,
)
LOGGED = "log:"
"""How the origin of a case begins that came with the log of another system."""


@dataclass(frozen=True, slots=True)
class Told:
    """A case as it is counted: its columns and its facts."""

    row: Any
    facts: Facts


def of_cases(case_ids: Collection[int]) -> dict[int, Told]:
    """The facts of these cases; seven queries at most."""
    rows = db.session.execute(sa.select(*COLUMNS).where(Case.id.in_(case_ids))).all()
    steps, runs = _steps(case_ids), _runs(case_ids)
    left_out = _exclusions(case_ids)
    alike = _alike(rows)
    dealt = [row.id for row in rows if row.negotiated]
    grants, receipts = (_grants(dealt), _receipts(dealt)) if dealt else ({}, {})
    found = {}
    for row in rows:
        earlier, later = _neighbours(row, alike.get((row.enterprise_id, row.type_id), ()))
        found[row.id] = Told(
            row,
            Facts(
                **{name: getattr(row, name) for name in ("state", "submitted_at", "contacted_at", "closed_at")},
                **{name: getattr(row, name) for name in ("unit_id", "lead_id", "outcome", "processed")},
                imported=(row.origin or "").startswith(LOGGED),
                steps=steps.get(row.id, ()),
                runs=runs.get(row.id, ()),
                working_minutes=_worked(row),
                repeats=earlier,
                repeated=later,
                excluded=left_out.get(row.id, frozenset()),
                grants=grants.get(row.id, ()),
                receipts=receipts.get(row.id, ()),
            ),
        )
    return found


def _steps(case_ids: Collection[int]) -> dict[int, list[Step]]:
    query = (
        sa.select(Event.case_id, Event.at, EventPayload.payload)
        .join(EventPayload, EventPayload.event_id == Event.id)
        .where(Event.case_id.in_(case_ids), Event.verb == "CaseMoved")
        .order_by(Event.case_id, Event.id)
    )
    found: dict[int, list[Step]] = defaultdict(list)
    for case_id, at, said in db.session.execute(query):
        if case_id is not None:
            found[case_id].append(Step(said.get("action", ""), at, said.get("target", ""), said.get("answer", {})))
    return found


def _runs(case_ids: Collection[int]) -> dict[int, list[Run]]:
    query = (
        sa.select(Deadline)
        .where(Deadline.case_id.in_(case_ids), Deadline.clock.in_(COUNTED))
        .order_by(Deadline.case_id, Deadline.started_at, Deadline.id)
        .options(selectinload(Deadline.pauses))
    )
    found: dict[int, list[Run]] = defaultdict(list)
    for row in db.session.scalars(query):
        found[row.case_id].append(_run(row))
        db.session.expunge(row)
    return found


def _run(row: Deadline) -> Run:
    first_due = row.due_at
    if row.extension_minutes:
        calendar = clocks.calendar_of(row.calendar_id)
        spans = clocks.facts_of(row).spans
        first_due = clock_rules.due_at(row.started_at, row.limit_minutes, 0, spans, calendar)
    return Run(
        clock=row.clock,
        started_at=row.started_at,
        due_at=row.due_at,
        first_due=first_due,
        done_at=row.done_at,
        met=row.met,
        cancelled=row.cancelled,
        extended=row.extension_minutes > 0,
        subject=row.subject_id,
    )


def _exclusions(case_ids: Collection[int]) -> dict[int, frozenset[str]]:
    query = sa.select(KpiExclusion.case_id, KpiExclusion.what).where(
        KpiExclusion.case_id.in_(case_ids), KpiExclusion.ended_at.is_(None)
    )
    found: dict[int, frozenset[str]] = {}
    for case_id, what in db.session.execute(query):
        found[case_id] = found.get(case_id, frozenset()) | {what}
    return found


Alike = Mapping[tuple[int | None, int], Sequence[Any]]


def _alike(rows: Iterable[Any]) -> Alike:
    """The cases of the same enterprises and matters, for what repeats."""
    firms = {row.enterprise_id for row in rows if row.enterprise_id}
    if not firms:
        return {}
    columns = (Case.id, Case.enterprise_id, Case.type_id, Case.submitted_at)
    query = sa.select(*columns).where(Case.enterprise_id.in_(firms), Case.state.not_in(ENDED_OTHERWISE))
    found: dict[tuple[int | None, int], list[Any]] = defaultdict(list)
    for row in db.session.execute(query):
        found[(row.enterprise_id, row.type_id)].append(row)
    return found


def _neighbours(row: Any, alike: Sequence[Any]) -> tuple[bool, bool]:
    """Whether the case repeats an earlier one, and whether it was repeated after it closed."""
    if row.enterprise_id is None or row.closed_at is None or not alike:
        return False, False
    rules = definitions.rules_on(row.district_id, local_day(row.closed_at))
    back, ahead = timedelta(days=rules["repeat_days"]), timedelta(days=rules["one_time_days"])
    others = [one.submitted_at for one in alike if one.id != row.id]
    repeats = any(row.submitted_at - back <= at < row.submitted_at for at in others)
    return repeats, any(row.closed_at < at <= row.closed_at + ahead for at in others)


def siblings(case_ids: Collection[int]) -> set[int]:
    """The ended cases whose figures may change because these came in, or ended otherwise."""
    one, other = sa.alias(Case.__table__), sa.alias(Case.__table__)
    query = (
        sa.select(other.c.id)
        .join(one, sa.and_(one.c.enterprise_id == other.c.enterprise_id, one.c.type_id == other.c.type_id))
        .where(one.c.id.in_(case_ids), other.c.closed_at.is_not(None), other.c.id != one.c.id)
    )
    return set(db.session.scalars(query))


def _worked(row: Any) -> int | None:
    if row.contacted_at is None:
        return None
    areas = [area for area in (row.area_id, row.community_id, row.subdistrict_id, row.district_id, row.city_id) if area]
    calendar = clocks.calendar_for(WORKING, areas)
    return int(clock_rules.working_minutes(row.submitted_at, row.contacted_at, calendar))


def _grants(case_ids: Collection[int]) -> dict[int, list[Grant]]:
    """What each firm was granted in the newest sharing out of each agreement, and what of it it confirmed."""
    newest = (
        sa.select(deals.Allocation.agreement_id, sa.func.max(deals.Allocation.no).label("no"))
        .group_by(deals.Allocation.agreement_id)
        .subquery()
    )
    shared = (
        sa.select(
            deals.Agreement.case_id,
            deals.Agreement.id,
            deals.Allocation.made_at,
            deals.Share.beneficiary_id,
            deals.Share.share_fen,
        )
        .join(deals.Allocation, deals.Allocation.agreement_id == deals.Agreement.id)
        .join(newest, sa.and_(newest.c.agreement_id == deals.Agreement.id, newest.c.no == deals.Allocation.no))
        .join(deals.Share, deals.Share.allocation_id == deals.Allocation.id)
        .where(deals.Agreement.case_id.in_(case_ids))
    )
    confirmed: dict[tuple[int, int], int] = defaultdict(int)
    for row in _effective(case_ids):
        confirmed[(row.agreement_id, row.beneficiary_id)] += row.amount_fen
    found: dict[int, list[Grant]] = defaultdict(list)
    for case_id, agreement_id, made_at, firm, fen in db.session.execute(shared):
        got = min(confirmed[(agreement_id, firm)], fen)
        found[case_id].append(Grant(firm, local_day(made_at), fen, got))
    return found


def _effective(case_ids: Collection[int]) -> Sequence[Any]:
    """The receipts that no later one corrects."""
    later = sa.alias(deals.Receipt.__table__)
    query = (
        sa.select(deals.Receipt)
        .outerjoin(later, later.c.corrects_id == deals.Receipt.id)
        .where(deals.Receipt.case_id.in_(case_ids), deals.Receipt.kind == "received", later.c.id.is_(None))
        .order_by(deals.Receipt.id)
    )
    return db.session.scalars(query).all()


def _receipts(case_ids: Collection[int]) -> dict[int, list[Receipt]]:
    found: dict[int, list[Receipt]] = defaultdict(list)
    for row in _effective(case_ids):
        found[row.case_id].append(Receipt(row.id, row.received_on, row.amount_fen))
    return found


def closed_since(day: date) -> sa.Select[Any]:
    """The cases whose marks follow from the settings that hold from a day on."""
    return sa.select(Case.id).where(Case.closed_at >= at_local(day))
