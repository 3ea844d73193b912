"""The statutory holidays of China with their make-up workdays, as a first filling of the calendar table.

They come from the ``holidays`` package, which follows the yearly notices of the State Council and includes
the extension of the 2020 Spring Festival to 2 February. Later resumption dates of provinces and cities are
not national holidays; who needs one enters it in the calendar.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from casework.clocks import queries
from casework.clocks.kinds import WORKING, DayKind
from casework.clocks.models import CalendarDay, WorkCalendar

YEARS = range(2019, 2028)
_ADDED = re.compile(r"（.*?）")
_SWAPPED = "休息日"
_ORIGIN = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def seed_calendar(session: Session | scoped_session[Any], years: Iterable[int] = YEARS) -> int:
    """Add the dates that are missing and return how many. Doing it again changes nothing.

    A row that somebody edited is never touched. Rows that were only estimated are replaced once the package
    knows the official notice of their year.
    """
    everywhere = sa.select(WorkCalendar.id).where(WorkCalendar.code == WORKING, WorkCalendar.area_id.is_(None))
    calendar_id = session.scalars(everywhere).one()
    known = {row.day: row for row in session.scalars(sa.select(CalendarDay).filter_by(calendar_id=calendar_id))}
    added = 0
    for year in years:
        days = list(_days_of(year, calendar_id))
        if days and days[0].official:
            for day in _estimates(known, year):
                session.delete(known.pop(day))
            session.flush()  # the new rows have the same keys
        fresh = [row for row in days if row.day not in known]
        session.add_all(fresh)
        added += len(fresh)
    session.flush()  # the calendar is read from the table
    queries.forget_calendar()
    return added


def _estimates(known: dict[date, CalendarDay], year: int) -> list[date]:
    """Estimated days of a year that nobody has edited."""
    return [day for day, row in known.items() if day.year == year and not row.official and row.version == 1]


def _days_of(year: int, calendar_id: int) -> Iterator[CalendarDay]:
    """The holidays of a year, then its make-up workdays; official only if there are any of the latter."""
    from holidays import country_holidays  # heavy, and needed once

    china: Any = country_holidays("CN", years=year, language="zh_CN")
    makeup = sorted(day for day in china.weekend_workdays if day.year == year)
    # A day off that falls in the year before or after belongs to the notice of that year.
    raw = {day: text for day, text in sorted(china.items()) if day.year == year}
    names = _joined({day: _name(day, raw) for day in raw})
    origins = {_origin(text): names[day] for day, text in raw.items() if _origin(text)}
    for day, name in names.items():
        yield CalendarDay(calendar_id=calendar_id, day=day, kind=DayKind.HOLIDAY, name=name, official=bool(makeup))
    for day in makeup:
        name = origins.get(day) or _nearest(day, names)
        yield CalendarDay(calendar_id=calendar_id, day=day, kind=DayKind.WORKDAY, name=name, official=True)


def _name(day: date, raw: dict[date, str]) -> str:
    """The holiday a day off belongs to. A swapped day off takes the name of its neighbour."""
    own = _plain(raw[day])
    if own != _SWAPPED:
        return own
    named = {other: _plain(text) for other, text in raw.items() if _plain(text) != _SWAPPED}
    return _nearest(day, named)


def _joined(names: dict[date, str]) -> dict[date, str]:
    """The same names, with one for the whole when Mid-Autumn falls into the National Day holiday."""
    both = {"国庆节", "中秋节"}
    if any(day.month == 10 and name == "中秋节" for day, name in names.items()):
        return {day: "国庆节、中秋节" if name in both else name for day, name in names.items()}
    return names


def _nearest(day: date, names: dict[date, str]) -> str:
    return names[min(names, key=lambda other: (abs(other - day), other))] if names else ""


def _plain(text: str) -> str:
    """Without the package's remarks in brackets; the first of two names on one day."""
    name = _ADDED.sub("", text.split(";")[0]).strip()
    return "春节" if name == "农历除夕" else name


def _origin(text: str) -> date | None:
    """The weekend day that is worked in exchange for this day off."""
    found = _ORIGIN.search(text)
    return date(*map(int, found.groups())) if found else None
