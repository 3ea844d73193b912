"""Every write of supervision: what the ladder tells of cases, urging, ticking off, and the ladder of a district."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from casework import audit
from casework.areas.models import Area
from casework.audit.models import ChainHead
from casework.cases import service as cases
from casework.cases.models import Case
from casework.clocks.explain import said_due
from casework.clocks.kinds import Clock
from casework.clocks.models import Deadline
from casework.kernel.db import db
from casework.kernel.errors import NotFound, Refused
from casework.kernel.permissions import Actor, Known, authorise
from casework.notifications.service import News, notify_all
from casework.processes.models import StepRun
from casework.supervision import queries, rules
from casework.supervision.events import CaseUrged, DeadlineEscalated, DeadlineWarned
from casework.supervision.ladder_events import LadderSet
from casework.supervision.models import Escalation, EscalationReader, LadderRow, Urge
from casework.supervision.people import People
from casework.supervision.policy import LADDER, URGE
from casework.supervision.rules import PRESET, Gap, Ladder
from casework.supervision.words import RUNGS, Level

KINDS: Mapping[Level, str] = {Level.YELLOW: "soon", Level.RED: "late"}
"""As which kind of notice a level is told; the rungs are ``escalated``."""


@dataclass(frozen=True, slots=True)
class Telling:
    """A level of a deadline that is due to be told, and to whom."""

    level: Level
    deadline: Deadline
    case: Case
    to: tuple[int, ...]

    @property
    def due_at(self) -> datetime:
        """When the deadline is due: a paused one has no levels."""
        assert self.deadline.due_at is not None  # noqa: S101
        return self.deadline.due_at

    def row(self, now: datetime) -> Escalation:
        """The row that keeps it from being told twice."""
        return Escalation(
            case_id=self.case.id, deadline_id=self.deadline.id, level=self.level, due_at=self.due_at, told_at=now
        )

    def fact(self, people: People) -> DeadlineWarned | DeadlineEscalated:
        """What the story says of it."""
        kind = DeadlineEscalated if self.level in RUNGS else DeadlineWarned
        names = people.names(list(self.to))
        return kind(clock=self.deadline.clock, level=self.level, due_at=self.due_at, to=names)


def look_at(case_ids: Collection[int], people: People, *, now: datetime) -> int:
    """Tell what is due of some cases and note when to look again; returns how many levels were told.

    Nothing waits for a lock: a case that somebody else is writing to is left for the next sweep. The heads of the
    chains come first, so that of two sweeps one has a case.
    """
    held = _held(case_ids)
    deadlines = _due(held, now)
    if not deadlines:
        return 0
    found = {row.id: row for row in db.session.scalars(sa.select(Case).where(Case.id.in_(held)))}
    ladders = queries.ladders_of([case.district_id for case in found.values()])
    before, due = queries.told_levels(deadlines), []
    for deadline in deadlines:
        case = found[deadline.case_id]
        planned = queries.plan_of(deadline, case, ladders.get(case.district_id or 0, PRESET)) if case.is_open else ()
        turn = rules.turn(planned, before.get(deadline.id, ()), now)
        due += [Telling(level, deadline, case, tuple(people.at(level, deadline, case))) for level in turn.tell]
        deadline.look_at = turn.next_at
    _tell(due, people, now)
    return len(due)


def _held(case_ids: Collection[int]) -> list[int]:
    """Those of the cases that nobody else writes to now."""
    chains = {f"case:{case_id}": case_id for case_id in case_ids}
    query = sa.select(ChainHead.chain).where(ChainHead.chain.in_(sorted(chains))).order_by(ChainHead.chain)
    return [chains[chain] for chain in db.session.scalars(query.with_for_update(skip_locked=True))]


def _due(case_ids: Collection[int], now: datetime) -> list[Deadline]:
    """Their clocks to look at, as they are now: what stopped, paused or moved meanwhile is asked again here."""
    query = (
        sa.select(Deadline)
        .where(Deadline.case_id.in_(case_ids), Deadline.done_at.is_(None), Deadline.look_at < now)
        .order_by(Deadline.case_id, Deadline.id)
        .with_for_update(skip_locked=True)
        .options(selectinload(Deadline.pauses))
    )
    return list(db.session.scalars(query))


def _tell(due: Sequence[Telling], people: People, now: datetime) -> None:
    """Each level once: its row, the entry in the story, and the notices, all in the transaction of the caller."""
    rows = [one.row(now) for one in due]
    db.session.add_all(rows)
    db.session.flush()  # a level that was told already ends here
    entries = audit.record_each([(one.fact(people), one.case.id) for one in due], by=None, at=now)
    db.session.add_all(
        EscalationReader(escalation_id=row.id, user_id=user_id)
        for one, row in zip(due, rows, strict=True)
        if one.level in RUNGS and one.deadline.clock != Clock.ORDER  # an order stands on their desks itself
        for user_id in sorted(set(one.to))
    )
    notify_all([_news(one, entry) for one, entry in zip(due, entries, strict=True)], now=now)
    db.session.flush()  # when to look again is written with it


def _news(one: Telling, entry: int) -> News:
    case, subject, key, path = one.case, "case", one.case.id, f"/cases/{one.case.number}#e{entry}"
    clock, kind, due = Clock(one.deadline.clock), KINDS.get(one.level, "escalated"), one.due_at
    told_as = f"d{one.deadline.id}"
    if clock is Clock.PROMISE:
        path = f"/cases/{case.number}/commitments/{one.deadline.subject_id}"
        kind = "promise_due" if one.level is Level.YELLOW else kind
    elif clock is Clock.STEP and one.level not in RUNGS and (step := db.session.get(StepRun, one.deadline.subject_id)):
        subject, key, path = "run", step.run_id, f"/runs/{step.run_id}/steps/{step.step}"
    elif clock is Clock.ORDER:  # it may stand on two hundred cases: each person is told once
        subject, key, path = "order", one.deadline.subject_id, f"/orders/{one.deadline.subject_id}"
        told_as = f"order{key}"
    return News(
        kind=kind,
        subject=subject,
        subject_id=key,
        to=one.to,
        key=f"{told_as}:{one.level}:{due:%Y%m%d%H%M%S}",
        path=path,
        due_at=said_due(clock, due),
        urgent=case.urgent,
        known=Known(case.number, "", unit_ids=case.unit_ids, area_ids=case.area_ids),
    )


def urge(case: Case, reason: str, *, actor: Actor | None, now: datetime) -> None:
    """Urge those who work on a case, within the quota; without an actor it is the requester who urges.

    Raises:
        NotPermitted: the table does not grant it on this case.
        Refused: it was urged too often or has ended, or no reason is given.
    """
    if actor is not None:
        authorise(actor, URGE, case)
    # One at a time: two clicks at once would both be the last one that the quota allows.
    db.session.refresh(case, with_for_update=True)
    again_at = queries.urge_again_at(case, requester=actor is None, now=now)
    if reasons := rules.urge_faults(reason, again_at, is_open=case.is_open):
        raise Refused(reasons)
    text = reason.strip()
    db.session.add(Urge(case_id=case.id, by_id=actor.user_id if actor else None, reason=text, at=now))
    audit.record(CaseUrged(text=text, requester=actor is None), by=actor, at=now, case_id=case.id)
    cases.touch(case, "urge", now)


def tick_off(escalation_id: int, *, actor: Actor, now: datetime) -> None:
    """Take what was brought before somebody off their desk; nothing is written to the case.

    Raises:
        NotFound: it was not brought before the actor.
    """
    row = db.session.get(EscalationReader, (escalation_id, actor.user_id))
    if row is None:
        raise NotFound("escalation")
    row.seen_at = row.seen_at or now


def drop_settled(limit: int) -> int:
    """Forget before whom was brought what has stopped or is due at another time: the story keeps their names."""
    settled = (
        sa.select(EscalationReader.escalation_id, EscalationReader.user_id)
        .join(Escalation, Escalation.id == EscalationReader.escalation_id)
        .join(Deadline, Deadline.id == Escalation.deadline_id)
        .where(EscalationReader.seen_at.is_(None))
        .where(sa.or_(Deadline.done_at.is_not(None), Deadline.due_at != Escalation.due_at))
        .limit(limit)
    )
    pair = sa.tuple_(EscalationReader.escalation_id, EscalationReader.user_id)
    found = [tuple(row) for row in db.session.execute(settled)]
    if found:
        gone = sa.delete(EscalationReader).where(pair.in_(found))
        db.session.execute(gone.execution_options(synchronize_session=False))
    return len(found)


def set_ladder(district: Area, ladder: Ladder, *, actor: Actor, now: datetime) -> LadderRow:
    """Set when a district is reminded. Its open clocks are looked at anew; what was told is not told again.

    Raises:
        NotPermitted: the district is not the actor's.
        Refused: a number is out of its bounds, or the rungs are out of order.
    """
    authorise(actor, LADDER, district)
    if reasons := rules.ladder_faults(ladder):
        raise Refused(reasons)
    row = queries.ladder_row(district.id) or LadderRow(district_id=district.id)
    row.yellow_percent, row.yellow_minutes = ladder.yellow_percent, ladder.yellow_minutes
    row.gaps, row.urgent_gaps = _stored(ladder.gaps), _stored(ladder.urgent_gaps)
    db.session.add(row)
    db.session.flush()  # the version check before the entry
    inside = sa.select(Case.id).where(Case.district_id == district.id, Case.is_open.is_(True))
    running = sa.and_(Deadline.done_at.is_(None), Deadline.due_at.is_not(None), Deadline.case_id.in_(inside))
    again = sa.update(Deadline).where(running).values(look_at=Deadline.started_at)
    db.session.execute(again.execution_options(synchronize_session=False))
    fact = LadderSet(
        district.id, district.name, row.yellow_percent, row.yellow_minutes, dict(row.gaps), dict(row.urgent_gaps)
    )
    audit.record(fact, by=actor, at=now)
    return row


def _stored(gaps: Mapping[Level, Gap]) -> dict[str, Any]:
    return {level.value: {"amount": gap.amount, "unit": gap.unit} for level, gap in gaps.items()}
