"""The figures as data: which marks make each, which of them count for it, and the formula in words.

A mark is one thing that counts: a case that fell due, a dispatch, a result, a call-back. What is true of it are its
flags. A figure names a base and three masks; nothing else in the product knows a formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntFlag, StrEnum, auto

from casework.kernel.errors import N_


class Base(StrEnum):
    """What a mark is one of; the comment says by which day it is counted."""

    CONTACT = "contact"  # a first contact that was due: the day it was due
    RESPONSE = "response"  # a first contact, minutes by the clock: the closing day
    RESPONSE_WORK = "response_w"  # the same, working minutes
    DISPATCH = "dispatch"  # a dispatch, transfer or ruling that gave the case to a unit: the closing day
    DISPATCHED = "dispatched"  # a case, by the day of its first dispatch
    DUE = "due"  # a case, by the day it fell due, extensions granted
    DUE_FIRST = "due_first"  # a case, by the day it would have fallen due without extensions
    CLOSED = "closed"  # a case, by its closing day
    RESULT = "result"  # a result handed in: the closing day
    CALLED = "called"  # a case to be called back: the closing day
    BAD = "bad"  # a bad rating: the closing day
    ORDER = "order"  # a supervision order: the day it was due
    GRANT = "grant"  # a sum shared out to a firm, and what it confirmed of it: the day of the sharing out
    RECEIPT = "receipt"  # a sum a firm confirmed: the day it was received


class Flag(IntFlag):
    """What is true of a mark."""

    OUT = auto()
    """Declined, merged or withdrawn: never counted."""
    EXCLUDED = auto()
    """Left out by a reviewer from outside of the handling unit."""
    IMPORTED = auto()
    """Came from the log of another system."""
    IN_TIME = auto()
    LATE = auto()
    EXTENDED = auto()
    OBJECTED = auto()
    RULED = auto()
    OVERRULED = auto()
    RESOLVED = auto()
    ONE_TIME = auto()
    REPEAT = auto()
    TEMPLATE = auto()
    SENT_BACK = auto()
    CLAIM_SOLVED = auto()
    CLAIM_PARTLY = auto()
    REACHED = auto()
    UNREACHED = auto()
    REFUSED = auto()
    ANSWERED = auto()
    CONTACTED = auto()
    SOLVED = auto()
    PARTLY = auto()
    RATED = auto()
    PLEASED = auto()
    GRANTED = auto()
    CONFIRMED = auto()


F, B = Flag, Base
NONE = Flag(0)
ASIDE = F.OUT | F.EXCLUDED

FLAG_LABELS: Mapping[Flag, str] = {
    F.OUT: N_("declined, merged or withdrawn"),
    F.EXCLUDED: N_("left out by a reviewer"),
    F.IMPORTED: N_("from another system"),
    F.IN_TIME: N_("in time"),
    F.LATE: N_("late"),
    F.EXTENDED: N_("extended"),
    F.OBJECTED: N_("objected to"),
    F.RULED: N_("ruled"),
    F.OVERRULED: N_("overruled"),
    F.RESOLVED: N_("resolved"),
    F.ONE_TIME: N_("in one go"),
    F.REPEAT: N_("repeat"),
    F.TEMPLATE: N_("by a template"),
    F.SENT_BACK: N_("sent back"),
    F.CLAIM_SOLVED: N_("unit says solved"),
    F.CLAIM_PARTLY: N_("unit says partly solved"),
    F.REACHED: N_("reached"),
    F.UNREACHED: N_("not reached"),
    F.REFUSED: N_("refused to answer"),
    F.ANSWERED: N_("answered"),
    F.CONTACTED: N_("was contacted"),
    F.SOLVED: N_("says solved"),
    F.PARTLY: N_("says partly solved"),
    F.RATED: N_("rated"),
    F.PLEASED: N_("satisfied"),
    F.GRANTED: N_("granted"),
    F.CONFIRMED: N_("confirmed"),
}
GROUPS: Mapping[str, tuple[str, tuple[Base, ...]]] = {
    "contact": (N_("First contact"), (B.CONTACT, B.RESPONSE, B.RESPONSE_WORK)),
    "dispatch": (N_("Dispatch and objections"), (B.DISPATCH,)),
    "time": (N_("Time limits"), (B.DUE, B.DUE_FIRST, B.DISPATCHED)),
    "result": (N_("Results and rework"), (B.CLOSED, B.RESULT)),
    "call": (N_("Call-backs"), (B.CALLED, B.BAD)),
    "order": (N_("Supervision orders"), (B.ORDER,)),
    "money": (N_("Relief"), (B.GRANT, B.RECEIPT)),
}
"""The figures by kind, as a page shows them and as a case is left out of them."""
GROUP_OF = {base: key for key, (_, bases) in GROUPS.items() for base in bases}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure. ``of`` says which marks of the base are in the denominator, ``hit`` which of them in the numerator,
    ``half`` which count by the weight k. ``kind``: rate; times (median and P90); sum (of fen); money (fen over fen).
    """

    key: str
    label: str
    base: Base
    formula: str
    by: str
    of: Flag = NONE
    hit: Flag = NONE
    half: Flag = NONE
    kind: str = "rate"
    good: int = 1
    """1: more is better, -1: less is, 0: neither."""


BY_CLOSING, BY_DUE = N_("by closing date"), N_("by the day it was due")
BY_DISPATCH = N_("by the day of the first dispatch")

# A table is read by its rows.
# fmt: off
FIGURES: tuple[Figure, ...] = (
    Figure(key="first_contact", label=N_("First contact in time"), base=B.CONTACT, hit=F.IN_TIME, by=BY_DUE,
           formula=N_("cases first contacted by the target ÷ cases whose target fell in the period")),
    Figure(key="response_time", label=N_("First-response time"), base=B.RESPONSE, kind="times", by=BY_CLOSING, good=-1,
           formula=N_("first real contact − submission, by the clock: median and P90")),
    Figure(key="response_work", label=N_("First-response time, working hours"), base=B.RESPONSE_WORK, kind="times",
           by=BY_CLOSING, good=-1,
           formula=N_("first real contact − submission, in working time: median and P90")),
    Figure(key="acknowledged", label=N_("Acknowledged in time"), base=B.DISPATCH, hit=F.IN_TIME, by=BY_CLOSING,
           formula=N_("dispatches acknowledged within the limit ÷ dispatches")),
    Figure(key="objections", label=N_("Objections"), base=B.DISPATCH, hit=F.OBJECTED, by=BY_CLOSING, good=-1,
           formula=N_("dispatches objected to ÷ dispatches")),
    Figure(key="unfounded", label=N_("Unfounded objections"), base=B.DISPATCH, of=F.RULED, hit=F.OVERRULED,
           by=BY_CLOSING, good=-1, formula=N_("objections overruled ÷ objections ruled")),
    Figure(key="on_time", label=N_("Resolved in time"), base=B.DUE, hit=F.IN_TIME, by=BY_DUE,
           formula=N_("cases resolved by the due time, granted extensions included ÷ cases due in the period")),
    Figure(key="on_time_first", label=N_("Resolved in time, without extensions"), base=B.DUE_FIRST, hit=F.IN_TIME,
           by=BY_DUE, formula=N_("cases resolved by the first due time ÷ cases first due in the period")),
    Figure(key="on_time_dispatched", label=N_("Resolved in time, of all dispatched"), base=B.DISPATCHED, hit=F.IN_TIME,
           by=BY_DISPATCH, formula=N_("cases resolved in time ÷ cases dispatched in the period (as bulletins do)")),
    Figure(key="overdue", label=N_("Overdue rate"), base=B.DUE, hit=F.LATE, by=BY_DUE, good=-1,
           formula=N_("cases past due, open or closed late ÷ cases due in the period")),
    Figure(key="resolved", label=N_("Resolved"), base=B.DISPATCHED, hit=F.RESOLVED, by=BY_DISPATCH,
           formula=N_("cases resolved so far ÷ cases dispatched in the period")),
    Figure(key="one_time", label=N_("Resolved in one go"), base=B.CLOSED, of=F.RESOLVED, hit=F.ONE_TIME, by=BY_CLOSING,
           formula=N_("resolved without rework, reopening or repeat within the days set ÷ resolved")),
    Figure(key="rework", label=N_("Rework rate"), base=B.RESULT, hit=F.SENT_BACK, by=BY_CLOSING, good=-1,
           formula=N_("results sent back by review or call-back ÷ results submitted")),
    Figure(key="repeats", label=N_("Repeats"), base=B.CLOSED, hit=F.REPEAT, by=BY_CLOSING, good=-1,
           formula=N_("cases of the same enterprise and matter within the days set ÷ cases")),
    Figure(key="template", label=N_("Done with a template"), base=B.CLOSED, hit=F.TEMPLATE, by=BY_CLOSING, good=0,
           formula=N_("cases that used a temporary process ÷ cases; choose a type to compare like with like")),
    Figure(key="claimed", label=N_("Solved, as the unit says"), base=B.CLOSED, of=F.RESOLVED, hit=F.CLAIM_SOLVED,
           half=F.CLAIM_PARTLY, by=BY_CLOSING, good=0,
           formula=N_("[outcome solved + k·partly solved] ÷ resolved, by the handling unit's own word")),
    Figure(key="called", label=N_("Call-back rate"), base=B.CALLED, hit=F.REACHED, by=BY_CLOSING,
           formula=N_("cases reached ÷ cases to be called")),
    Figure(key="response", label=N_("Response"), base=B.CALLED, of=F.ANSWERED, hit=F.CONTACTED, by=BY_CLOSING,
           formula=N_("call-backs that confirm the contact ÷ call-backs answered")),
    Figure(key="solution", label=N_("Solution"), base=B.CALLED, of=F.ANSWERED, hit=F.SOLVED, half=F.PARTLY,
           by=BY_CLOSING, formula=N_("[solved + k·partly solved] ÷ call-backs answered")),
    Figure(key="satisfaction", label=N_("Satisfaction"), base=B.CALLED, of=F.RATED, hit=F.PLEASED, by=BY_CLOSING,
           formula=N_("very satisfied + satisfied + basically satisfied ÷ valid answers")),
    Figure(key="unreached", label=N_("Not reached"), base=B.CALLED, hit=F.UNREACHED, by=BY_CLOSING, good=-1,
           formula=N_("cases closed as not reached ÷ cases to be called")),
    Figure(key="refused", label=N_("Refused to answer"), base=B.CALLED, hit=F.REFUSED, by=BY_CLOSING, good=0,
           formula=N_("cases whose requester refused to answer ÷ cases to be called")),
    Figure(key="mended", label=N_("Bad ratings put right"), base=B.BAD, hit=F.IN_TIME, by=BY_CLOSING,
           formula=N_("bad ratings corrected in time ÷ bad ratings")),
    Figure(key="orders", label=N_("Orders verified in time"), base=B.ORDER, hit=F.IN_TIME, by=BY_DUE,
           formula=N_("supervision orders verified in time ÷ orders due")),
    Figure(key="relief", label=N_("Relief received"), base=B.RECEIPT, kind="sum", by=N_("by the day it was received"),
           formula=N_("sum of the confirmed receipts, not of promises")),
    Figure(key="pass_through", label=N_("Passed through"), base=B.GRANT, of=F.GRANTED, hit=F.CONFIRMED, kind="money",
           by=N_("by the day of the sharing out"), formula=N_("confirmed by the tenants ÷ granted")),
)
# fmt: on
BY_KEY: Mapping[str, Figure] = {figure.key: figure for figure in FIGURES}
COMPOSITE = ("response", "solution", "satisfaction")
"""The three rates that the composite weighs."""

RULES: Mapping[str, tuple[str, int, int, int]] = {
    "partly": (N_("k: what “partly solved” counts, in per mille"), 500, 0, 1000),
    "w_response": (N_("Weight of response in the composite, in per mille"), 200, 0, 1000),
    "w_solution": (N_("Weight of solution in the composite, in per mille"), 400, 0, 1000),
    "w_satisfaction": (N_("Weight of satisfaction in the composite, in per mille"), 400, 0, 1000),
    "one_time_days": (N_("Days within which a repeat undoes “in one go”"), 30, 1, 365),
    "repeat_days": (N_("Days within which a case counts as a repeat"), 90, 1, 365),
    "small": (N_("Below this denominator a figure is called small"), 20, 1, 1000),
}
"""What the definitions hold as dated settings: label, preset, smallest and largest."""


@dataclass(frozen=True, slots=True)
class Group:
    """Marks that are alike: so many, and the sum of their values."""

    base: str
    flags: int
    bucket: int
    n: int
    total: int


@dataclass(frozen=True, slots=True)
class Result:
    """A figure worked out. ``hits`` and ``halves`` make the numerator, ``of`` is the denominator, ``aside`` what was
    left out of it: by itself (declined, merged, withdrawn) and by a reviewer.
    """

    figure: Figure
    of: int = 0
    hits: int = 0
    halves: int = 0
    out: int = 0
    excluded: int = 0
    k: int = 500
    small: int = 20
    median: int | None = None
    p90: int | None = None

    @property
    def rate(self) -> float | None:
        """Numerator over denominator; None when nothing is counted."""
        return (self.hits + self.halves * self.k / 1000) / self.of if self.of else None

    @property
    def numerator(self) -> float:
        """What stands above the line."""
        return self.hits + self.halves * self.k / 1000

    @property
    def is_small(self) -> bool:
        """Whether one case more or less would change it much."""
        return self.figure.kind in ("rate", "times") and 0 < self.of < self.small


def work_out(figure: Figure, groups: Iterable[Group], rules: Mapping[str, int]) -> Result:
    """A figure from the groups of its base."""
    counted = {"of": 0, "hits": 0, "halves": 0, "out": 0, "excluded": 0}
    times: dict[int, int] = {}
    for group in groups:
        if group.base != figure.base or not _in(group, figure):
            continue
        size = group.total if figure.kind in ("sum", "money") else group.n
        if group.flags & ASIDE:
            counted["out" if group.flags & F.OUT else "excluded"] += group.n
            continue
        _count(counted, figure, Flag(group.flags), size)
        times[group.bucket] = times.get(group.bucket, 0) + group.n
    asked = {"k": rules["partly"], "small": rules["small"]}
    if figure.kind == "times":
        asked |= {"median": percentile(times, 50), "p90": percentile(times, 90)}  # type: ignore[dict-item]
    return Result(figure, **counted, **asked)


def _in(group: Group, figure: Figure) -> bool:
    if figure.kind == "money":
        return bool(group.flags & (figure.of | figure.hit))
    return group.flags & figure.of == figure.of


def _count(counted: dict[str, int], figure: Figure, flags: Flag, size: int) -> None:
    if figure.kind != "money" or flags & figure.of:
        counted["of"] += size
    if figure.hit and flags & figure.hit:
        counted["hits"] += size
    elif figure.half and flags & figure.half:
        counted["halves"] += size


def percentile(times: Mapping[int, int], share: int) -> int | None:
    """The value below or at which ``share`` per cent lie (nearest rank); None when there is none."""
    rank = -(-sum(times.values()) * share // 100)
    for value in sorted(times):
        rank -= times[value]
        if rank <= 0:
            return value if times[value] else None
    return None


def composite(results: Mapping[str, Result], rules: Mapping[str, int]) -> float | None:
    """Σ wᵢ·rateᵢ over the three rates of the call-backs; None while one of them has no case."""
    rates = [results[key].rate for key in COMPOSITE]
    if any(rate is None for rate in rates):
        return None
    return sum(rules[f"w_{key}"] * (rate or 0) for key, rate in zip(COMPOSITE, rates, strict=True)) / 1000


STEP = 1.05


def bucket_of(minutes: int) -> int:
    """Minutes as the sums keep them: exact to 20, above it by steps of five per cent."""
    if minutes <= 20:
        return max(minutes, 0)
    value = 20
    while True:
        further = max(value + 1, int(value * STEP))
        if further > minutes:
            return value
        value = further
