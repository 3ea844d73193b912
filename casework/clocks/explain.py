"""A deadline in words: what a careful person would write down when working it out on paper.

Every sentence is a ``Reason``, and so are the dates and amounts in it: both languages come out right.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from casework.clocks.calendar import Calendar, Day
from casework.clocks.kinds import CalendarKind, Clock, DayKind
from casework.clocks.rules import Facts, Standing, paused_minutes
from casework.kernel.errors import N_, Reason, because
from casework.kernel.time import local, local_day

WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
WHOLE_WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
MONTHS = (
    N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
    N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec"),
)  # fmt: skip
FESTIVALS = {
    "元旦": N_("New Year"),
    "春节": N_("Spring Festival"),
    "春节延长假期": N_("extended Spring Festival holiday"),
    "清明节": N_("Tomb-Sweeping Day"),
    "劳动节": N_("Labour Day"),
    "端午节": N_("Dragon Boat Festival"),
    "中秋节": N_("Mid-Autumn Festival"),
    "国庆节": N_("National Day"),
    "国庆节、中秋节": N_("National Day and Mid-Autumn Festival"),
}
"""The names that the seeded calendar uses. A name that somebody typed is shown as it is."""

Dates = Mapping[date, Day]


def explanation(
    facts: Facts, calendar: Calendar, days: Dates, *, now: datetime, for_a_day: bool = False
) -> list[Reason]:
    """Why the deadline is due when it is, step by step, from its start to its due time.

    ``for_a_day``: somebody named the day that it ends on; no limit led to it.
    """
    due = facts.due(calendar)
    if for_a_day and due is not None:
        return [_start(facts, calendar), _for_that_day(due), *_end(facts, due)]
    last = local_day(due or facts.done_at or now)
    return [
        _start(facts, calendar),
        _counting(calendar),
        because(N_("The limit is %(amount)s."), amount=amount(facts.limit_minutes, calendar)),
        *_days_passed(days, local_day(facts.started_at), last),
        *_pauses(facts, calendar, due, now),
        *_extension(facts, calendar),
        *_end(facts, due),
    ]


def remaining_text(standing: Standing) -> Reason:
    """The words of a clock chip: "2 working days left", "3 h over", "paused", "on time"."""
    if standing.tone == "paused":
        return Reason(N_("paused"))
    if standing.cancelled:
        return Reason(N_("no longer counts"))
    if standing.tone == "done" and standing.met:
        return Reason(N_("on time"))
    minutes = standing.remaining_minutes
    if standing.tone == "late" or standing.met is False:
        if minutes > -1:
            return Reason(N_("overdue"))
        return because(N_("%(amount)s over"), amount=_rounded(-minutes, standing))
    if standing.tone == "done":
        return Reason(N_("done"))
    return because(N_("%(amount)s left"), amount=_rounded(max(1, math.ceil(minutes)), standing))


def amount(minutes: float, calendar: Calendar) -> Reason:
    """Counted minutes in words, exact to the minute: "3 working days", "2 h", "1 h 40 min"."""
    whole = round(minutes)
    if whole and whole % calendar.day_minutes == 0:
        return _days(whole // calendar.day_minutes, calendar.kind)
    hours, rest = divmod(whole, 60)
    if hours and rest:
        return because(N_("%(hours)s h %(minutes)s min"), hours=hours, minutes=rest)
    return because(N_("%(n)s h"), n=hours) if hours else because(N_("%(n)s min"), n=rest)


def moment(when: datetime, *, year: bool = False) -> Reason:
    """A moment as officers write it, in Asia/Shanghai: "Mon 16 Mar 17:30", 3月16日 周一 17:30."""
    wall = local(when)
    return because(N_("%(day)s %(time)s"), day=dated(wall.date(), year=year), time=f"{wall.hour:02d}:{wall.minute:02d}")


def dated(day: date, *, year: bool = False) -> Reason:
    """A date with its weekday: "Mon 16 Mar", 3月16日 周一."""
    text = N_("%(weekday)s %(day)s %(month)s %(year)s") if year else N_("%(weekday)s %(day)s %(month)s")
    weekday, month = Reason(WEEKDAYS[day.weekday()]), Reason(MONTHS[day.month - 1])
    return because(text, weekday=weekday, day=day.day, month=month, year=day.year)


def festival(name: str) -> Reason | str:
    """The name of a holiday in the reader's language, if it is one of the seeded ones."""
    return Reason(FESTIVALS[name]) if name in FESTIVALS else name


def _rounded(minutes: float, standing: Standing) -> Reason:
    """An amount for a glance, rounded down: whole days, below a day hours, below an hour minutes."""
    if minutes >= standing.day_minutes:
        return _days(int(minutes // standing.day_minutes), standing.calendar)
    if minutes >= 60:
        return because(N_("%(n)s h"), n=int(minutes // 60))
    return because(N_("%(n)s min"), n=int(minutes))


def _days(number: int, kind: CalendarKind) -> Reason:
    if kind == CalendarKind.WORKING:
        return Reason(N_("1 working day")) if number == 1 else because(N_("%(n)s working days"), n=number)
    return Reason(N_("1 day")) if number == 1 else because(N_("%(n)s days"), n=number)


def _start(facts: Facts, calendar: Calendar) -> Reason:
    started = moment(facts.started_at, year=True)
    opening = calendar.opening(facts.started_at)
    if opening == facts.started_at:
        return because(N_("Counted from %(when)s."), when=started)
    return because(
        N_("It started at %(when)s, outside working hours: counted from %(opening)s."),
        when=started,
        opening=moment(opening),
    )


def said_due(clock: str, due: datetime) -> datetime:
    """A due time as people say it: what is for a day ends with its last minute, not at the midnight after it."""
    return due - timedelta(minutes=1) if clock == Clock.PROMISE else due


def _for_that_day(due: datetime) -> Reason:
    """The end of a day is the midnight after it."""
    return because(N_("It was set for %(day)s."), day=dated(local_day(due - timedelta(microseconds=1)), year=True))


def _counting(calendar: Calendar) -> Reason:
    if calendar.kind == CalendarKind.ALWAYS:
        return Reason(N_("Every hour counts, nights and holidays too."))
    hours = ", ".join(f"{a:%H:%M}–{b:%H:%M}" for a, b in calendar.hours)
    return because(N_("Working time counts: %(hours)s on working days."), hours=hours)


def _days_passed(days: Dates, first: date, last: date) -> Iterator[Reason]:
    """The holidays and make-up days between two dates, by name, and whether they are only an estimate."""
    inside = {day: days[day] for day in sorted(days) if first <= day <= last}
    for since, until, name in _stretches(inside):
        if since == until:
            yield because(N_("%(day)s does not count: %(name)s."), day=dated(since), name=festival(name))
        else:
            text = N_("%(since)s to %(until)s does not count: %(name)s.")
            yield because(text, since=dated(since), until=dated(until), name=festival(name))
    for day, fact in inside.items():
        if fact.kind == DayKind.WORKDAY and day.weekday() >= 5:
            text = N_("%(day)s counts: it is worked to make up for the holiday (%(name)s).")
            yield because(text, day=dated(day), name=festival(fact.name))
    for year in sorted({day.year for day, fact in inside.items() if not fact.official}):
        text = N_("The holidays of %(year)s are an estimate until the official notice is out.")
        yield because(text, year=year)


def _stretches(inside: Dates) -> Iterator[tuple[date, date, str]]:
    """Holidays of one name in a row, over the weekends between them, as first day, last day, name."""
    stretch: tuple[date, date, str] | None = None
    for day, fact in inside.items():
        if fact.kind != DayKind.HOLIDAY:
            continue
        if stretch and stretch[2] == fact.name and _only_weekend_between(stretch[1], day, inside):
            stretch = (stretch[0], day, fact.name)
            continue
        if stretch:
            yield stretch
        stretch = (day, day, fact.name)
    if stretch:
        yield stretch


def _only_weekend_between(a: date, b: date, inside: Dates) -> bool:
    between = (a + timedelta(days=number) for number in range(1, min((b - a).days, 4)))
    return (b - a).days <= 3 and all(day.weekday() >= 5 and day not in inside for day in between)


def _pauses(facts: Facts, calendar: Calendar, due: datetime | None, now: datetime) -> Iterator[Reason]:
    for since, until, reason in facts.pauses:
        if due is not None and since > due:
            continue  # it was late before it was paused: the pause moved nothing
        why = Reason(reason) if reason else Reason(N_("no reason given"))
        if until is None:
            text = N_("Paused since %(since)s (%(why)s): no due time until it goes on.")
            yield because(text, since=moment(since), why=why)
            continue
        added = paused_minutes(facts.started_at, until, [(since, until)], calendar)
        yield because(
            N_("Paused from %(since)s to %(until)s (%(why)s): %(amount)s added."),
            since=moment(since), until=moment(until), why=why, amount=amount(added, calendar),
        )  # fmt: skip


def _extension(facts: Facts, calendar: Calendar) -> Iterator[Reason]:
    if facts.extension_minutes:
        yield because(N_("Extended by %(amount)s."), amount=amount(facts.extension_minutes, calendar))


def _end(facts: Facts, due: datetime | None) -> Iterator[Reason]:
    if due is not None:
        yield because(N_("So it is due %(when)s."), when=moment(due, year=True))
    if facts.cancelled and facts.done_at:
        yield because(N_("Counting was called off %(when)s."), when=moment(facts.done_at, year=True))
    elif facts.done_at:
        text = N_("Done %(when)s, in time.") if facts.met else N_("Done %(when)s, late.")
        yield because(text, when=moment(facts.done_at, year=True))
