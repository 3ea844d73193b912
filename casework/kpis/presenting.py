"""Figures as a page says them: rates with n/d, times, sums of money, the change against the period before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from casework.kernel.errors import N_, Reason, because
from casework.kernel.money import yuan
from casework.kpis.figures import FLAG_LABELS, Flag, Result
from casework.kpis.periods import Period

HOUR, DAY = 60, 24 * 60
WEEK_SAID = N_("Week of %(day)s")
QUARTER_SAID = N_("%(year)s, quarter %(n)s")


def duration(minutes: float | None) -> str:
    """Minutes in the two largest units: 45 min, 3 h 20 min, 2 d 4 h; a dash for none."""
    if minutes is None:
        return "—"
    whole = round(minutes)
    if whole < HOUR:
        return str(because(N_("%(n)s min"), n=whole))
    if whole < DAY:
        hours, rest = divmod(whole, HOUR)
        text = N_("%(hours)s h %(minutes)s min") if rest else N_("%(n)s h")
        return str(because(text, hours=hours, minutes=rest, n=hours))
    days, hours = divmod(round(whole / HOUR), 24)
    text = N_("%(days)s d %(hours)s h") if hours else N_("%(days)s d")
    return str(because(text, days=f"{days:,}", hours=hours))


def percent(rate: float | None) -> str:
    """A share with one decimal; a dash for none."""
    return "—" if rate is None else f"{100 * rate:.1f}%"


def value(result: Result) -> str:
    """The figure in one word."""
    if result.figure.kind == "times":
        return duration(result.median)
    if result.figure.kind == "sum":
        return str(because(N_("%(sum)s yuan"), sum=yuan(result.of)))
    return percent(result.rate)


def plain(number: float) -> str:
    """A count with thousands apart, and the half where k makes one."""
    return f"{number:,.0f}" if number == int(number) else f"{number:,.2f}".rstrip("0")


def numerator(result: Result) -> str:
    """What stands above the line."""
    return yuan(result.hits) if result.figure.kind == "money" else plain(result.numerator)


def denominator(result: Result) -> str:
    """What stands below the line."""
    return yuan(result.of) if result.figure.kind in ("money", "sum") else f"{result.of:,}"


def measure(result: Result) -> float | None:
    """The figure as a number, for a bar."""
    if result.figure.kind == "times":
        return result.median
    return float(result.of) if result.figure.kind == "sum" else result.rate


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure moved against the period before, in words; ``better`` is None where neither is."""

    said: str
    better: bool | None


def change(now: Result, before: Result) -> Change | None:
    """The difference to the period before; None where there is nothing to compare."""
    new, old = measure(now), measure(before)
    if new is None or old is None:
        return None
    moved = new - old
    sign = "+" if moved > 0 else "−" if moved < 0 else "±"
    if now.figure.kind == "times":
        said = f"{sign}{duration(abs(moved))}"
    elif now.figure.kind == "sum":
        said = f"{sign}{yuan(round(abs(moved)))}"
    else:
        said = str(because(N_("%(moved)s points"), moved=f"{sign}{abs(100 * moved):.1f}"))
    better = None if not moved or not now.figure.good else (moved > 0) == (now.figure.good > 0)
    return Change(said, better)


def period_said(period: Period) -> str:
    """A period as people name it."""
    first = period.first
    if period.span == "month":
        return f"{first:%Y-%m}"
    if period.span == "year":
        return f"{first:%Y}"
    if period.span == "quarter":
        return str(because(QUARTER_SAID, year=first.year, n=(first.month - 1) // 3 + 1))
    if period.span == "week":
        return str(because(WEEK_SAID, day=first.isoformat()))
    return f"{first.isoformat()} – {period.last.isoformat()}"


def period_short(period: Period) -> str:
    """A period under its bar."""
    return {"month": f"{period.first:%y-%m}", "year": f"{period.first:%Y}"}.get(period.span, f"{period.first:%m-%d}")


def flags_said(flags: Flag) -> list[str]:
    """What is true of a mark, in words."""
    return [str(Reason(label)) for flag, label in FLAG_LABELS.items() if flag in flags]


TOOLS: dict[str, Any] = {
    "value": value,
    "numerator": numerator,
    "denominator": denominator,
    "change": change,
    "percent": percent,
    "duration": duration,
    "period_said": period_said,
    "flags_said": flags_said,
    "plain": plain,
}
"""What the templates call."""
