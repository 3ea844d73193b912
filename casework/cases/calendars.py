"""What a change of a calendar does to deadlines: shown before, followed afterwards, each move told on its case.

Decided deadlines stay as they were judged: nobody is made late afterwards by a calendar that they could not know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from casework import audit
from casework.areas.models import Area
from casework.cases.events import DueMoved
from casework.cases.models import Case
from casework.cases.queries import AREA_COLUMNS
from casework.cases.timing import refresh_due
from casework.clocks import queries as clocks
from casework.clocks import rules
from casework.clocks import service as clock_service
from casework.clocks.calendar import Calendar
from casework.clocks.kinds import Clock
from casework.clocks.models import Deadline
from casework.clocks.queries import Known
from casework.kernel.db import db
from casework.kernel.time import at_local

WORKED_OUT = 2000
SHOWN = 50
BATCH = 100


@dataclass(frozen=True, slots=True)
class Moved:
    """A deadline that would be due at another time; ``late`` when that is past already."""

    number: str
    title: str
    clock: str
    before: datetime | None
    after: datetime | None
    late: bool


@dataclass(slots=True)
class Preview:
    """What a change would do. Of the open deadlines that reach into the changed time the first by due time were
    ``worked`` out (``whole``: these are all), ``moves`` of these would move (``shown`` are the first). ``judged`` were
    decided in that time and stay as they are; ``otherwise`` of them would have been judged differently.
    """

    worked: int = 0
    whole: bool = True
    moves: int = 0
    late: int = 0
    shown: list[Moved] = field(default_factory=list)
    judged: int = 0
    otherwise: int = 0


def preview(drafted: Mapping[int, Known], first: date, last: date | None, *, now: datetime) -> Preview:
    """What the drafted calendars would move, of the open deadlines that reach into the days from first to last."""
    found = Preview()
    begin = at_local(first)
    end = at_local(last + timedelta(days=1)) if last else None
    for calendar_id, known in drafted.items():
        on_it = Deadline.calendar_id == calendar_id
        reaching = [Deadline.done_at.is_(None), Deadline.due_at > begin]  # a paused one has no due time to move
        query = sa.select(Deadline, Case.number, Case.title).join(Case, Case.id == Deadline.case_id)
        query = query.where(on_it, *reaching, *([Deadline.started_at < end] if end else []))
        _work_out(found, query, known.calendar, now)
        _judge(found, calendar_id, known.calendar, begin, end)
    return found


def preview_of_new(area: Area, made: Known, *, now: datetime) -> Preview:
    """What a calendar for an area would move, instead of the one that counts there now."""
    found = Preview()
    present = clocks.calendar_id_for(made.row.code, area.area_ids)
    query = sa.select(Deadline, Case.number, Case.title).join(Case, Case.id == Deadline.case_id)
    inside = (Case.is_open.is_(True), AREA_COLUMNS[area.level] == area.id)
    query = query.where(
        Deadline.done_at.is_(None), Deadline.calendar_id == present, *inside, Deadline.due_at.is_not(None)
    )
    _work_out(found, query, made.calendar, now)
    return found


def _work_out(found: Preview, query: Any, calendar: Calendar, now: datetime) -> None:
    one_more = query.order_by(Deadline.due_at, Deadline.id).limit(WORKED_OUT + 1)
    rows = db.session.execute(one_more.options(selectinload(Deadline.pauses))).all()
    found.whole = found.whole and len(rows) <= WORKED_OUT
    for deadline, number, title in rows[:WORKED_OUT]:
        found.worked += 1
        after = due_under(deadline, calendar)
        if after == deadline.due_at:
            continue
        late = after is not None and after <= now < deadline.due_at
        found.moves += 1
        found.late += late
        if len(found.shown) < SHOWN:
            found.shown.append(Moved(number, title, deadline.clock, deadline.due_at, after, late))


def _judge(found: Preview, calendar_id: int, calendar: Calendar, begin: datetime, end: datetime | None) -> None:
    """The deadlines that were decided since the change begins to count."""
    query = sa.select(Deadline).where(
        Deadline.calendar_id == calendar_id, Deadline.done_at >= begin, Deadline.cancelled.is_(False)
    )
    query = query.where(Deadline.started_at < end) if end else query
    rows = query.order_by(Deadline.done_at).limit(WORKED_OUT).options(selectinload(Deadline.pauses))
    for deadline in db.session.scalars(rows):
        due = due_under(deadline, calendar)
        found.judged += 1
        found.otherwise += (due is None or (deadline.done_at or begin) <= due) != deadline.met


def due_under(deadline: Deadline, calendar: Calendar) -> datetime | None:
    """When a deadline would be due under another calendar; a limit in days has that calendar's days."""
    facts = clocks.facts_of(deadline)
    limit = facts.limit_minutes
    if deadline.limit_days is not None:
        limit = rules.minutes_of_days(deadline.limit_days, calendar, deadline.started_at)
    return rules.due_at(facts.started_at, limit, facts.extension_minutes, facts.spans, calendar)


def outdate(area: Area, code: str) -> None:
    """Let the open deadlines of an area look for their calendar anew: one was made for it."""
    others = (one for one in clocks.known_calendars().values() if one.row.area_id != area.id)
    before = [one.id for one in others if one.row.code == code]
    inside = sa.select(Case.id).where(AREA_COLUMNS[area.level] == area.id, Case.is_open.is_(True))
    stale = sa.update(Deadline).where(
        Deadline.done_at.is_(None), Deadline.calendar_id.in_(before), Deadline.case_id.in_(inside)
    )
    db.session.execute(stale.values(revision=0).execution_options(synchronize_session=False))


def stale(limit: int = BATCH) -> list[int]:
    """Cases with open deadlines that are older than their calendar."""
    found: list[int] = []
    for known in clocks.known_calendars().values():
        query = sa.select(Deadline.case_id).where(
            Deadline.done_at.is_(None), Deadline.calendar_id == known.id, Deadline.revision < known.row.revision
        )
        found += db.session.scalars(query.order_by(Deadline.revision, Deadline.id).limit(limit - len(found)))
        if len(found) >= limit:
            break
    return sorted(set(found))


def follow(case_ids: Sequence[int], *, now: datetime) -> int:
    """Derive the deadlines of some cases anew from the calendars as they are; returns how many moved."""
    moved = 0
    query = sa.select(Case).where(Case.id.in_(case_ids)).order_by(Case.id).with_for_update()
    for case in db.session.scalars(query).all():
        moved += _followed(case, now)
    return moved


def _followed(case: Case, now: datetime) -> int:
    moved = 0
    for deadline in clocks.open_deadlines(case.id):
        if deadline.calendar_id is None:
            continue
        before = deadline.due_at
        code = clocks.known_calendar(deadline.calendar_id).row.code
        deadline.calendar_id = clocks.calendar_id_for(code, case.area_ids)
        if clock_service.derive(deadline):
            moved += 1
            row = clocks.known_calendar(deadline.calendar_id or 0).row
            fact = DueMoved(deadline.clock, row.label, row.why, before=before, after=deadline.due_at)
            audit.record(fact, by=None, at=now, case_id=case.id)
            for told in FOLLOWERS.get(Clock(deadline.clock), ()):
                told(deadline)
    db.session.flush()  # the deadline that is due first is asked for next
    refresh_due(case)
    return moved


FOLLOWERS: dict[Clock, list[Any]] = {}
"""Who keeps a copy of a due time, by clock: higher packages put their functions here when the application is made."""
