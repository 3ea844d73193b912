"""The figures of a brief as values, and as the JSON that is archived with it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from casework.kpis.figures import BY_KEY, Result

MEASURES = ("came", "ended", "open")
"""What is compared with the time before: reported in it, ended in it, open at its end."""
RATES = (
    "first_contact", "acknowledged", "on_time", "overdue", "one_time", "rework", "called", "satisfaction", "solution",
    "orders", "pass_through",
)  # fmt: skip
"""The figures of the board of figures that a brief takes up, beside the relief received."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A count, and the same before; ``before`` is empty where there is nothing to compare with."""

    now: int
    before: int | None

    @property
    def moved(self) -> int:
        """How many more; 0 where there is nothing to compare with."""
        return 0 if self.before is None else self.now - self.before


@dataclass(frozen=True, slots=True)
class Part:
    """A type, an area or a unit with its counts; ``key`` is empty where a case has none, ``en`` for proper names."""

    key: int | None
    zh: str
    en: str
    came: Pair
    ended: Pair
    open: Pair

    def name(self, locale: str) -> str:
        """What it is called; "" where a case has none."""
        return (self.en or self.zh) if locale == "en" else self.zh

    def pair(self, measure: str) -> Pair:
        """One of its counts."""
        pair: Pair = getattr(self, measure)
        return pair


@dataclass(frozen=True, slots=True)
class Slot:
    """A bar of the chart: some days with what came in and what ended."""

    first: date
    last: date
    came: int
    ended: int


@dataclass(frozen=True, slots=True)
class Lying:
    """What lies at the moment of counting, in all or with a unit; ``longest`` in whole days."""

    key: int | None
    name: str
    open: int
    late: int
    soon: int
    aged: dict[str, int]
    held: dict[str, int]
    longest: int


@dataclass(frozen=True, slots=True)
class Rate:
    """A figure of the board of figures as it was: its numerator, denominator and what is aside."""

    key: str
    of: int
    hits: int
    halves: int
    out: int
    excluded: int
    k: int
    small: int

    @property
    def result(self) -> Result:
        """The figure worked out from what was archived."""
        values = {name: value for name, value in asdict(self).items() if name != "key"}
        return Result(BY_KEY[self.key], **values)


def rate_of(key: str, result: Result) -> Rate:
    """A figure as it is archived."""
    one = result
    return Rate(key, one.of, one.hits, one.halves, one.out, one.excluded, one.k, one.small)


@dataclass(frozen=True, slots=True)
class Money:
    """Relief in fen: as it stands in the books at the moment of counting, and confirmed received in the time."""

    promised: int
    agreed: int
    received: int
    firms: int
    in_time: Pair


@dataclass(frozen=True, slots=True)
class Orders:
    """Supervision orders: issued in the time, open and late at the moment of counting."""

    issued: Pair
    open: int
    late: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who answers for the enterprises, on the day of counting."""

    firms: int
    uncovered: int
    ended: int
    no_deputy: int
    stale: int
    stale_days: int
    communities: int
    led: int

    @property
    def gaps(self) -> int:
        """Enterprises without an officer who serves."""
        return self.uncovered + self.ended


@dataclass(frozen=True, slots=True)
class Short:
    """Supplies that are short at a unit; without one: that no unit has yet."""

    item_id: int
    unit_id: int | None
    name: str
    measure: str
    unit: str
    short: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """A case that is late: its number, the enterprise, and nothing of a person."""

    number: str
    firm: str
    zh: str
    en: str
    unit: str
    due: datetime
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All figures of a brief. Counts "before" are those of the same number of days before, as far in."""

    first: date
    last: date
    first_before: date
    last_before: date
    start: datetime
    end: datetime
    start_before: datetime
    end_before: datetime
    whole: bool
    counted_at: datetime
    came: Pair
    ended: Pair
    open: Pair
    slots: tuple[Slot, ...]
    types: tuple[Part, ...]
    areas: tuple[Part, ...]
    units: tuple[Part, ...]
    lying: Lying
    holders: tuple[Lying, ...]
    rates: tuple[Rate, ...]
    rates_before: tuple[Rate, ...]
    money: Money
    orders: Orders
    coverage: Coverage | None = None
    short: tuple[Short, ...] | None = None
    overdue: tuple[Overdue, ...] = field(default=())

    def pair(self, measure: str) -> Pair:
        """One of the three counts of the whole."""
        pair: Pair = getattr(self, measure)
        return pair


def as_json(figures: Figures) -> dict[str, Any]:
    """The figures as plain values."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(figures), default=_iso))
    return plain


def _iso(value: object) -> str:
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    raise TypeError(type(value).__name__)


def seal_of(figures: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """The SHA-256 of what is archived, whatever order a database keeps its keys in."""
    plain = json.dumps([figures, told], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def from_json(data: Mapping[str, Any]) -> Figures:
    """The figures as they were archived."""
    days: dict[str, Any] = {
        name: date.fromisoformat(data[name]) for name in ("first", "last", "first_before", "last_before")
    }
    names = ("start", "end", "start_before", "end_before", "counted_at")
    moments: dict[str, Any] = {name: datetime.fromisoformat(data[name]) for name in names}
    parts: dict[str, Any] = {name: tuple(_part(one) for one in data[name]) for name in ("types", "areas", "units")}
    pairs: dict[str, Any] = {name: Pair(**data[name]) for name in MEASURES}
    return Figures(
        **days,
        **moments,
        **parts,
        whole=data["whole"],
        **pairs,
        slots=tuple(Slot(*_days(one), one["came"], one["ended"]) for one in data["slots"]),
        lying=Lying(**data["lying"]),
        holders=tuple(Lying(**one) for one in data["holders"]),
        rates=tuple(Rate(**one) for one in data["rates"]),
        rates_before=tuple(Rate(**one) for one in data["rates_before"]),
        money=Money(**{**data["money"], "in_time": Pair(**data["money"]["in_time"])}),
        orders=Orders(**{**data["orders"], "issued": Pair(**data["orders"]["issued"])}),
        coverage=Coverage(**data["coverage"]) if data["coverage"] else None,
        short=None if data["short"] is None else tuple(Short(**one) for one in data["short"]),
        overdue=tuple(Overdue(**{**one, "due": datetime.fromisoformat(one["due"])}) for one in data["overdue"]),
    )


def _part(data: Mapping[str, Any]) -> Part:
    return Part(data["key"], data["zh"], data["en"], *(Pair(**data[name]) for name in MEASURES))


def _days(data: Mapping[str, Any]) -> tuple[date, date]:
    return date.fromisoformat(data["first"]), date.fromisoformat(data["last"])
