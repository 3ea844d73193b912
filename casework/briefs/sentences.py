"""What a brief says in whole sentences, made from its figures by rules: what changed, and which parts make the change.

"Why" is only ever the sum taken apart by type, area and unit: no sentence names a cause. Pure; said in the language
that is spoken when ``told`` is called.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from casework.briefs.figures import Figures, Lying, Pair, Part, Rate
from casework.briefs.words import Kind
from casework.kernel.errors import N_, Reason, because
from casework.kernel.money import yuan
from casework.kernel.time import local
from casework.kpis import presenting

SMALL = 20
"""Below so many on either side no per cent is written; below it on both no trend is to be read."""
NAMED = 3
"""So many parts are named, the others are summed up."""
SEPARATOR = N_(", ")
NOW: dict[str, str] = {
    Kind.DAILY: N_("on the day"),
    Kind.WEEKLY: N_("in the week"),
    Kind.SPECIAL: N_("in the period"),
}
BEFORE: dict[str, str] = {
    Kind.DAILY: N_("on the day before"),
    Kind.WEEKLY: N_("in the week before"),
    Kind.SPECIAL: N_("in the period before"),
}
COMPARED = {
    "came": N_("%(count)s reported %(now)s, %(moved)s %(before)s (%(old)s)."),
    "ended": N_("%(count)s ended %(now)s, closed or otherwise, %(moved)s %(before)s (%(old)s)."),
    "open": N_("%(count)s lay open at the end, %(moved)s at the end of the time before (%(old)s)."),
}
ALONE = {
    "came": N_("%(count)s reported %(now)s; there is nothing %(before)s to compare with."),
    "ended": N_("%(count)s ended %(now)s, closed or otherwise; there is nothing %(before)s to compare with."),
    "open": N_("%(count)s lay open at the end; there is nothing before to compare with."),
}
TAKEN_APART = {
    ("came", "types"): N_("What was reported, by type: %(parts)s."),
    ("came", "areas"): N_("What was reported, by area: %(parts)s."),
    ("ended", "types"): N_("What ended, by type: %(parts)s."),
    ("ended", "units"): N_("What ended, by unit: %(parts)s."),
    ("open", "types"): N_("What lies open, by type: %(parts)s."),
    ("open", "units"): N_("What lies open, by unit: %(parts)s."),
}
NO_UNIT = N_("no unit yet")
NO_NAME = {"types": N_("without a type"), "areas": N_("in none of these areas"), "units": NO_UNIT}
OTHERS = N_("all others")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its sentences."""

    key: str
    title: str
    lines: tuple[str, ...]


class Joined:
    """Parts of a sentence, one after the other."""

    def __init__(self, parts: Sequence[Reason]) -> None:
        self.parts = parts

    def __str__(self) -> str:
        return str(Reason(SEPARATOR)).join(str(part) for part in self.parts)


def cases(n: int) -> Reason:
    """So many cases."""
    if n == 0:
        return Reason(N_("No case"))
    return because(N_("%(n)s case") if n == 1 else N_("%(n)s cases"), n=f"{n:,}")


def moved(pair: Pair) -> Reason:
    """How a count compares with that before, a share only where both are large enough."""
    by, old = pair.moved, pair.before or 0
    if by == 0:
        return Reason(N_("as many as"))
    if old < SMALL or pair.now < SMALL:
        return because(N_("%(n)s more than") if by > 0 else N_("%(n)s fewer than"), n=f"{abs(by):,}")
    share = f"{100 * abs(by) / old:.1f}"
    text = N_("%(n)s or %(share)s%% more than") if by > 0 else N_("%(n)s or %(share)s%% fewer than")
    return because(text, n=f"{abs(by):,}", share=share)


def compared(measure: str, pair: Pair, kind: str) -> Reason:
    """One count against the time before."""
    words = {"count": cases(pair.now), "now": Reason(NOW[kind]), "before": Reason(BEFORE[kind])}
    if pair.before is None:
        return Reason(ALONE[measure], words)
    return Reason(COMPARED[measure], {**words, "moved": moved(pair), "old": f"{pair.before:,}"})


def taken_apart(measure: str, by: str, parts: Sequence[Part], locale: str) -> Reason | None:
    """Which parts make the change of a count, the largest first; None where no part moved."""
    changed = [(one, one.pair(measure).moved) for one in parts if one.pair(measure).moved]
    if not changed:
        return None
    changed.sort(key=lambda pair: (-abs(pair[1]), pair[0].key or 0))
    shown = changed if len(changed) <= NAMED + 1 else changed[:NAMED]
    rest = sum(by for _, by in changed[len(shown) :])
    said = [_part(one.name(locale) or Reason(NO_NAME[by]), n) for one, n in shown]
    if rest:
        said.append(_part(Reason(OTHERS), rest))
    return because(TAKEN_APART[measure, by], parts=Joined(said))


def _part(name: object, n: int) -> Reason:
    return because(N_("%(name)s %(n)s more") if n > 0 else N_("%(name)s %(n)s fewer"), name=name, n=f"{abs(n):,}")


def told(figures: Figures, kind: str, locale: str) -> list[Section]:
    """The sections of a brief with their sentences, in the language that is spoken now."""
    makers: tuple[tuple[str, str, Callable[[Figures, str, str], list[Reason | None]]], ...] = (
        ("totals", N_("The changes"), _totals),
        ("parts", N_("Which parts make the change"), _parts),
        ("late", N_("What lies, and what is late"), _late),
        ("rates", N_("Time limits, results and satisfaction"), _rates),
        ("money", N_("Relief"), _money),
        ("orders", N_("Supervision orders"), _orders),
        ("coverage", N_("Coverage and supplies"), _coverage),
    )
    made = [
        Section(key, str(Reason(title)), tuple(str(line) for line in maker(figures, kind, locale) if line is not None))
        for key, title, maker in makers
    ]
    return [section for section in made if section.lines]


def _totals(figures: Figures, kind: str, locale: str) -> list[Reason | None]:
    found: list[Reason | None] = [compared(one, figures.pair(one), kind) for one in ("came", "ended", "open")]
    if not figures.whole:
        wall = local(figures.end)
        text = N_("The time is not over: everything is counted up to %(at)s, and so is what it is compared with.")
        found.append(because(text, at=f"{wall:%Y-%m-%d %H:%M}"))
    came = figures.came
    if came.before is not None and max(came.now, came.before) < SMALL:
        text = N_(
            "The numbers are small: one case more or less changes them much, and no trend is to be read from them."
        )
        found.append(Reason(text))
    return found


def _parts(figures: Figures, _kind: str, locale: str) -> list[Reason | None]:
    parts = {"types": figures.types, "areas": figures.areas, "units": figures.units}
    said = [taken_apart(measure, by, parts[by], locale) for measure, by in TAKEN_APART]
    if figures.came.before is None:
        return [Reason(N_("There is nothing before to compare with: the tables show the parts of this time alone."))]
    if not any(said):
        return [Reason(N_("No type, area or unit differs from the time before."))]
    return [*said, Reason(N_("These parts add up to the change; why it came about they do not say."))]


def _late(figures: Figures, _kind: str, _locale: str) -> list[Reason | None]:
    lying = figures.lying
    at = f"{local(figures.counted_at):%Y-%m-%d %H:%M}"
    text = N_(
        "As of %(at)s: %(open)s open, of them late %(late)s, due within a day %(soon)s, older than 7 days %(old)s."
    )
    numbers = {"late": f"{lying.late:,}", "soon": f"{lying.soon:,}", "old": f"{lying.aged.get('7', 0):,}"}
    found: list[Reason | None] = [Reason(text, {"at": at, "open": cases(lying.open), **numbers})]
    if not lying.late:
        return [*found, Reason(N_("Nothing is late now.")) if lying.open else None]
    found.append(because(N_("The late ones lie with: %(parts)s."), parts=Joined(_late_with(figures.holders))))
    if len(figures.overdue) < lying.late:
        text = N_("The list names those that are late longest: %(n)s.")
        found.append(because(text, n=len(figures.overdue)))
    return found


def _late_with(holders: Sequence[Lying]) -> list[Reason]:
    late = sorted((one for one in holders if one.late), key=lambda one: (-one.late, one.key or 0))
    shown = late if len(late) <= NAMED + 1 else late[:NAMED]
    rest = sum(one.late for one in late[len(shown) :])
    text = N_("%(name)s %(n)s")
    said = [because(text, name=one.name or Reason(NO_UNIT), n=f"{one.late:,}") for one in shown]
    return said + ([because(text, name=Reason(OTHERS), n=f"{rest:,}")] if rest else [])


def _rates(figures: Figures, kind: str, _locale: str) -> list[Reason | None]:
    older = {one.key: one for one in figures.rates_before}
    return [rated(one, older.get(one.key), kind) for one in figures.rates if one.of and one.key not in NOT_HERE]


NOT_HERE = ("orders", "pass_through")  # each stands in a section of its own


def rated(now: Rate, before: Rate | None, kind: str) -> Reason:
    """A rate with its numerator and denominator, against the time before where that has any."""
    new = now.result
    words: dict[str, object] = {
        "label": Reason(new.figure.label),
        "value": presenting.value(new),
        "n": presenting.numerator(new),
        "d": presenting.denominator(new),
        "before": Reason(BEFORE[kind]),
    }
    if before is None or not before.of:
        text = N_("%(label)s: %(value)s (%(n)s of %(d)s); there is nothing %(before)s to compare with.")
        small = N_(
            "%(label)s: %(value)s (%(n)s of %(d)s), too few to judge by; there is nothing %(before)s to compare with."
        )
        return Reason(small if new.is_small else text, words)
    old = before.result
    change = presenting.change(new, old)
    words |= {
        "old": presenting.value(old),
        "m": presenting.numerator(old),
        "e": presenting.denominator(old),
        "moved": change.said if change else "",
    }
    text = N_("%(label)s: %(value)s (%(n)s of %(d)s), %(before)s %(old)s (%(m)s of %(e)s): %(moved)s.")
    small = N_("%(label)s: %(value)s (%(n)s of %(d)s), %(before)s %(old)s (%(m)s of %(e)s); too few to judge by.")
    return Reason(small if new.is_small or old.is_small else text, words)


def _money(figures: Figures, kind: str, _locale: str) -> list[Reason | None]:
    money = figures.money
    if not (money.promised or money.agreed or money.received or money.in_time.now or money.in_time.before):
        return []
    text = N_(
        "In the books: promised %(promised)s yuan, agreed by both sides %(agreed)s yuan, "
        "confirmed received %(received)s yuan."
    )
    sums = {name: yuan(getattr(money, name)) for name in ("promised", "agreed", "received")}
    alone = N_("Confirmed received %(now)s: %(sum)s yuan; there is nothing %(before)s to compare with.")
    text2 = N_("Confirmed received %(now)s: %(sum)s yuan; %(before)s: %(old)s yuan.")
    text2 = alone if money.in_time.before is None else text2
    words = {"sum": yuan(money.in_time.now), "old": yuan(money.in_time.before or 0)}
    return [
        Reason(text, sums),
        Reason(text2, {**words, "now": Reason(NOW[kind]), "before": Reason(BEFORE[kind])}),
    ]


def _orders(figures: Figures, kind: str, _locale: str) -> list[Reason | None]:
    orders = figures.orders
    if not (orders.issued.now or orders.issued.before or orders.open):
        return []
    text = N_("Issued %(now)s: %(n)s; %(before)s: %(old)s. Open now: %(open)s, of them late: %(late)s.")
    numbers = {"n": orders.issued.now, "old": orders.issued.before or 0, "open": orders.open, "late": orders.late}
    found: list[Reason | None] = [Reason(text, {**numbers, "now": Reason(NOW[kind]), "before": Reason(BEFORE[kind])})]
    older = {one.key: one for one in figures.rates_before}
    return found + [rated(one, older.get(one.key), kind) for one in figures.rates if one.key == "orders" and one.of]


def _coverage(figures: Figures, _kind: str, _locale: str) -> list[Reason | None]:
    seen, found = figures.coverage, list[Reason | None]()
    if seen is not None:
        text = N_(
            "Enterprises without officer: %(gaps)s of %(all)s; not contacted for %(days)s days: %(stale)s; "
            "communities without a leader: %(without)s of %(communities)s."
        )
        numbers = {"gaps": seen.gaps, "all": seen.firms, "days": seen.stale_days, "stale": seen.stale}
        numbers |= {"without": seen.communities - seen.led, "communities": seen.communities}
        found.append(Reason(text, {name: f"{n:,}" for name, n in numbers.items()}))
    if figures.short:
        text = N_("%(name)s %(n)s %(measure)s")
        parts = [because(text, name=one.name, n=f"{one.short:,}", measure=one.measure) for one in figures.short[:NAMED]]
        whole = len(figures.short) > NAMED
        text = N_("Supplies short: %(parts)s, and more.") if whole else N_("Supplies short: %(parts)s.")
        found.append(because(text, parts=Joined(parts)))
    return found
