"""When each level of the ladder comes, which of them is due, and how often one may urge.

Yellow before the due time, red after it, by the clock's own calendar. Then the rungs, by the working time of the
case's place: their gaps do not burn on days off. Urgent cases have gaps of their own, around the clock.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from casework.clocks import rules as clock_rules
from casework.clocks.calendar import ALWAYS, Calendar
from casework.clocks.explain import moment
from casework.clocks.kinds import Clock
from casework.clocks.rules import Facts
from casework.kernel.errors import N_, Reason, because
from casework.kernel.time import at_local, local_day
from casework.supervision.words import RUNGS, Level

LEVELS: Mapping[Clock, tuple[Level, ...]] = {
    Clock.ACKNOWLEDGE: (Level.YELLOW,),  # at its end it is acknowledged by itself: nobody is late
    Clock.PARKED: (),  # these end by themselves
    Clock.ANSWER: (),
    Clock.PROMISE: (Level.YELLOW, Level.RED, Level.LEAD),
}
"""Which levels a clock has; all of them where nothing stands here."""
MOST_HOURS, MOST_DAYS = 240, 60
URGE_REASON = 300


@dataclass(frozen=True, slots=True)
class Gap:
    """How long after the due time: so many hours or days that count."""

    amount: int
    unit: str = "days"

    def minutes(self, calendar: Calendar, start: datetime) -> int:
        """Counted minutes."""
        if self.unit == "hours":
            return self.amount * 60
        return clock_rules.minutes_of_days(self.amount, calendar, start)


GAPS: Mapping[Level, Gap] = {Level.LEAD: Gap(0), Level.AREA_LEADER: Gap(1), Level.REGULATOR: Gap(2)}
URGENT_GAPS: Mapping[Level, Gap] = {
    Level.LEAD: Gap(0, "hours"),
    Level.AREA_LEADER: Gap(2, "hours"),
    Level.REGULATOR: Gap(6, "hours"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """What holds in a district. Yellow comes when so much of the limit is used, and at least so many counted minutes
    before the end, but never before half of it.
    """

    yellow_percent: int = clock_rules.SOON_PERCENT
    yellow_minutes: int = 30
    gaps: Mapping[Level, Gap] = field(default_factory=lambda: GAPS)
    urgent_gaps: Mapping[Level, Gap] = field(default_factory=lambda: URGENT_GAPS)


PRESET = Ladder()
Plan = Sequence[tuple[Level, datetime]]


def plan(
    clock: Clock, facts: Facts, ladder: Ladder, *, calendar: Calendar, working: Calendar, urgent: bool = False
) -> Plan:
    """The levels of a running clock with their moments, earliest first; none while it is paused.

    ``calendar`` is the clock's own, ``working`` the working time where the case lies.
    """
    due = facts.due(calendar)
    if due is None:
        return ()
    wanted = LEVELS.get(clock, tuple(Level))
    found = []
    if Level.YELLOW in wanted:
        yellow = _day_before(due, facts, working) if clock is Clock.PROMISE else _yellow(facts, ladder, calendar)
        found.append((Level.YELLOW, yellow or due))
    if Level.RED in wanted:
        # A promise is for a day: when that is over it is midnight, and nobody is told before the office opens.
        found.append((Level.RED, working.opening(due) if clock is Clock.PROMISE and not urgent else due))
    gaps, counts = (ladder.urgent_gaps, ALWAYS) if urgent else (ladder.gaps, working)
    found += [(level, rung_at(due, gaps[level], counts)) for level in RUNGS if level in wanted]
    return sorted(found, key=lambda one: one[1])  # stable: of the same moment, the lower level first


def _yellow(facts: Facts, ladder: Ladder, calendar: Calendar) -> datetime | None:
    total = facts.limit_minutes + facts.extension_minutes
    used = min(total * ladder.yellow_percent / 100, total - ladder.yellow_minutes)
    used = max(used, total / 2)
    # Rounded up, so that a minute is never counted that is not used yet.
    return clock_rules.due_at(facts.started_at, -int(-used // 1), 0, facts.spans, calendar)


def _day_before(due: datetime, facts: Facts, working: Calendar) -> datetime:
    """The opening of the last working day before the day that a promise is for; never before it was made."""
    begins = at_local(local_day(due - timedelta(microseconds=1)))
    day = local_day(begins) - timedelta(days=1)
    while not working.is_working_day(day):
        day -= timedelta(days=1)
    return max(working.opening(at_local(day)), facts.started_at)


def rung_at(due: datetime, gap: Gap, calendar: Calendar) -> datetime:
    """When a rung comes. Without a gap it is the due time itself where that counts, else the next opening."""
    minutes = gap.minutes(calendar, due)
    if minutes:
        return clock_rules.due_at(due, minutes, 0, (), calendar) or due
    closing = calendar.moment_at(calendar.position(due)) == due
    return due if closing else calendar.opening(due)


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to be told now, and when to look again (None: never, unless the due time moves)."""

    tell: tuple[Level, ...] = ()
    next_at: datetime | None = None


def turn(planned: Plan, told: Collection[str], now: datetime) -> Turn:
    """Which levels are due and not told yet. A yellow card that comes after the red one is none."""
    late = any(level is Level.RED and at < now for level, at in planned)
    due = tuple(
        level for level, at in planned if at < now and level not in told and not (late and level is Level.YELLOW)
    )
    after = [at for _, at in planned if at >= now]
    return Turn(due, min(after) if after else None)


def ladder_faults(ladder: Ladder) -> list[Reason]:
    """Why a ladder cannot stand."""
    found = []
    if not 50 <= ladder.yellow_percent <= 95:
        found.append(because(N_("Yellow: a number from 50 to 95 per cent of the limit."), "yellow_percent"))
    if not 0 <= ladder.yellow_minutes <= 1440:
        found.append(because(N_("At least so long before: 0 to 1,440 minutes."), "yellow_minutes"))
    for prefix, gaps, day in (("", ladder.gaps, 420), ("urgent_", ladder.urgent_gaps, 1440)):
        found += _gap_faults(prefix, gaps, day)
    return found


def _gap_faults(prefix: str, gaps: Mapping[Level, Gap], day: int) -> list[Reason]:
    found = []
    for level in RUNGS:
        gap = gaps[level]
        most = MOST_HOURS if gap.unit == "hours" else MOST_DAYS
        if gap.unit not in ("hours", "days") or not 0 <= gap.amount <= most:
            text = N_("A rung comes at the due time (0) or after it, at most %(hours)s hours or %(days)s days.")
            found.append(because(text, f"{prefix}{level}", hours=MOST_HOURS, days=MOST_DAYS))
    if found:
        return found
    lengths = [gaps[level].amount * (60 if gaps[level].unit == "hours" else day) for level in RUNGS]
    for lower, higher, level in zip(lengths, lengths[1:], RUNGS[1:], strict=False):
        if higher < lower:
            text = N_("This rung comes before the one below it: give it the same time or more.")
            found.append(because(text, f"{prefix}{level}"))
    return found


@dataclass(frozen=True, slots=True)
class Quota:
    """How often one may urge: at most so many in a working day, with so much time between two."""

    a_day: int
    apart: timedelta = timedelta()


STAFF, REQUESTER = Quota(3, timedelta(hours=1)), Quota(1)


def day_begun(now: datetime, calendar: Calendar) -> datetime:
    """When the working day of a moment began; days off belong to the one before them."""
    day = local_day(now)
    while not calendar.is_working_day(day):
        day -= timedelta(days=1)
    return at_local(day)


def urge_again_at(before: Sequence[datetime], quota: Quota, now: datetime, calendar: Calendar) -> datetime | None:
    """When one may urge again, given the times it was done; None when it is now."""
    today = [at for at in before if at >= day_begun(now, calendar)]
    if len(today) >= quota.a_day:
        return calendar.opening(at_local(local_day(now) + timedelta(days=1)))
    if before and max(before) + quota.apart > now:
        return max(before) + quota.apart
    return None


def urge_faults(text: str, again_at: datetime | None, *, is_open: bool) -> list[Reason]:
    """Why nobody can urge now."""
    if not is_open:
        return [because(N_("This case has ended: there is nothing to urge."))]
    found = []
    if again_at is not None:
        found.append(because(N_("It was urged already: you can urge again from %(when)s on."), when=moment(again_at)))
    if not text.strip():
        found.append(because(N_("Reason: write in a few words what is to be done."), "reason"))
    if len(text) > URGE_REASON:
        found.append(because(N_("Reason: shorten it to %(limit)s characters."), "reason", limit=URGE_REASON))
    return found
