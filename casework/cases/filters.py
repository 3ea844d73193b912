"""Jinja filters of the case pages: times, sums, areas and sizes as officers write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import Flask

from casework.clocks.explain import MONTHS, dated
from casework.kernel.errors import N_, Reason, because
from casework.kernel.money import yuan
from casework.kernel.time import local, local_day, utcnow

CM2_A_M2 = 10_000


def clock_time(when: datetime) -> str:
    """The wall-clock time in Asia/Shanghai: ``09:05``."""
    return f"{local(when):%H:%M}"


def moment(when: datetime | None) -> str:
    """A moment in a few words: today 10:22, 12 Mar 10:22, with the year when it is another one; None is empty."""
    if when is None:
        return ""
    return str(because(N_("%(day)s %(time)s"), day=_near(local_day(when)), time=clock_time(when)))


def _near(day: date) -> Reason:
    if word := _word(day):
        return Reason(word)
    text = N_("%(day)s %(month)s") if day.year == _today().year else N_("%(day)s %(month)s %(year)s")
    return because(text, day=day.day, month=Reason(MONTHS[day.month - 1]), year=day.year)


def short_day(day: date | datetime | None) -> str:
    """A day without its weekday: today, 12 Mar, 12 Mar 2020; None is empty."""
    if day is None:
        return ""
    return str(_near(local_day(day) if isinstance(day, datetime) else day))


def full_day(day: date) -> str:
    """A day with its weekday, and its year when it is another one: Thu 12 Mar, 3月12日 周四."""
    return str(dated(day, year=day.year != _today().year))


def day_word(day: date) -> str:
    """Today or yesterday in words; empty for any other day."""
    word = _word(day)
    return str(Reason(word)) if word else ""


def _word(day: date) -> str:
    today = _today()
    return {today: N_("today"), today - timedelta(days=1): N_("yesterday")}.get(day, "")


def _today() -> date:
    return local_day(utcnow())


def file_size(size: int) -> str:
    """A size for a glance: ``320 KB``, ``4.2 MB``."""
    return f"{max(1, round(size / 1024))} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"


def square_metres(area_cm2: int | None) -> str:
    """cm² as m² without needless noughts: ``361000`` → ``36.1``; None is empty."""
    if area_cm2 is None:
        return ""
    return f"{area_cm2 / CM2_A_M2:,.4f}".rstrip("0").rstrip(".")


def install(app: Flask) -> None:
    """Register the filters."""
    app.jinja_env.filters.update(
        moment=moment,
        local_input=lambda when: local(when).strftime("%Y-%m-%dT%H:%M"),
        hm=clock_time,
        day=full_day,
        short_day=short_day,
        day_word=day_word,
        yuan=yuan,
        filesize=file_size,
        m2=square_metres,
    )
