"""The tables of a brief, once for page, spreadsheet and papers: typed values with the ways to their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from casework.briefs.cells import Linked, Ways
from casework.briefs.figures import Figures, Lying, Pair, Part, Rate, Slot
from casework.briefs.sentences import NO_NAME, NO_UNIT
from casework.briefs.words import BOOKS
from casework.kernel.errors import N_, Reason
from casework.kernel.i18n import language
from casework.kernel.i18n import translate as _
from casework.kpis import presenting
from casework.sheets.workbook import Column, Kind


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a section. ``plot`` names the columns that the spreadsheet draws, by their places; empty: no chart."""

    key: str
    section: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    plot: tuple[int, ...] = ()


def of(figures: Figures, ways: Ways) -> list[Table]:
    """All tables that say something."""
    made = [
        _totals(figures, ways),
        _slots(figures, ways),
        _parts("types", N_("By type"), N_("Type"), figures.types, ways),
        _parts("areas", N_("By area"), N_("Area"), figures.areas, ways),
        _parts("units", N_("By unit"), N_("Unit"), figures.units, ways),
        _holders(figures, ways),
        _overdue(figures, ways),
        _rates(figures, ways),
        _money(figures, ways),
        _orders(figures, ways),
        _coverage(figures, ways),
        _short(figures, ways),
    ]
    return [table for table in made if table is not None and table.rows]


def _columns(*given: tuple[str, Kind, int]) -> tuple[Column, ...]:
    return tuple(Column(_(title), kind, width) for title, kind, width in given)


NOW, BEFORE, CHANGE = N_("This time"), N_("Time before"), N_("More or fewer")


def _change(pair: Pair) -> int | None:
    return None if pair.before is None else pair.moved


MEASURES = {"came": N_("Came in"), "ended": N_("Cases ended"), "open": N_("Open at the end")}


def _totals(figures: Figures, ways: Ways) -> Table:
    rows = []
    for key, label in MEASURES.items():
        pair = figures.pair(key)
        now = ways.cases(pair.now, key, _(label))
        before = ways.cases(pair.before, f"{key}_before", f"{_(label)}, {_(BEFORE)}")
        rows.append((_(label), now, before, _change(pair)))
    columns = _columns((N_("Cases"), "text", 22), (NOW, "number", 10), (BEFORE, "number", 10), (CHANGE, "change", 10))
    return Table("totals", "totals", _("In short"), columns, tuple(rows))


def _slots(figures: Figures, ways: Ways) -> Table:
    columns = _columns((N_("Days"), "text", 24), (N_("Came in"), "number", 12), (N_("Cases ended"), "number", 12))
    rows = tuple(
        (
            slot_said(one),
            ways.cases(one.came, "came_slot", f"{slot_said(one)} {_('Came in')}", "slot", at + 1),
            ways.cases(one.ended, "ended_slot", f"{slot_said(one)} {_('Cases ended')}", "slot", at + 1),
        )
        for at, one in enumerate(figures.slots)
    )
    return Table("slots", "totals", _("Came in and ended"), columns, rows, plot=(1, 2))


def days_said(first: date, last: date) -> str:
    """The days of a brief, or of a slice of it."""
    return first.isoformat() if first == last else f"{first.isoformat()} – {last.isoformat()}"


def slot_said(slot: Slot) -> str:
    """The days of a slice."""
    return days_said(slot.first, slot.last)


def _parts(by: str, title: str, head: str, parts: Sequence[Part], ways: Ways) -> Table:
    columns = _columns(
        (head, "text", 24),
        (N_("Came in"), "number", 10),
        (BEFORE, "number", 10),
        (CHANGE, "change", 10),
        (N_("Cases ended"), "number", 10),
        (BEFORE, "number", 10),
        (CHANGE, "change", 10),
        (N_("Open at the end"), "number", 10),
        (BEFORE, "number", 10),
        (CHANGE, "change", 10),
    )
    rows = []
    for part in parts:
        name = part_name(part, by)
        cells: list[Any] = [name]
        for key, label in MEASURES.items():
            pair = part.pair(key)
            said = f"{name} {_(label)}"
            cells.append(ways.cases(pair.now, key, said, by, part.key))
            cells.append(ways.cases(pair.before, f"{key}_before", f"{said}, {_(BEFORE)}", by, part.key))
            cells.append(_change(pair))
        rows.append(tuple(cells))
    return Table(by, "parts", _(title), columns, tuple(rows), plot=(1, 2))


def part_name(part: Part, by: str) -> str:
    """What a part is called in the reader's language."""
    return part.name(language()) or _(NO_NAME[by])


def _holders(figures: Figures, ways: Ways) -> Table:
    columns = _columns(
        (N_("Unit"), "text", 24),
        (N_("Open"), "number", 10),
        (N_("Late"), "number", 10),
        (N_("Due within a day"), "number", 10),
        (N_("There for more than 7 days"), "number", 12),
        (N_("Longest, days"), "number", 12),
    )
    rows = []
    for one in (*figures.holders, *([figures.lying] if len(figures.holders) > 1 else [])):
        whole = one is figures.lying
        name = _("All") if whole else one.name or _(NO_UNIT)
        rows.append(
            (
                name,
                *(
                    ways.cases(n, of, f"{name} {_(label)}", "" if whole else "units", one.key)
                    for n, of, label in _piles(one)
                ),
                one.longest,
            )
        )
    return Table("holders", "late", _("With whom cases lie"), columns, tuple(rows), plot=(1, 2))


def _piles(one: Lying) -> tuple[tuple[int, str, str], ...]:
    return (
        (one.open, "lying", N_("Open")),
        (one.late, "late", N_("Late")),
        (one.soon, "soon", N_("Due within a day")),
        (one.held.get("7", 0), "held", N_("There for more than 7 days")),
    )


def _overdue(figures: Figures, ways: Ways) -> Table:
    columns = _columns(
        (N_("Case number"), "text", 22),
        (N_("Enterprise"), "text", 28),
        (N_("Type"), "text", 12),
        (N_("Unit"), "text", 20),
        (N_("Due"), "datetime", 17),
        (N_("Days late"), "number", 9),
    )
    rows = tuple(
        (
            Linked(one.number, f"/cases/{one.number}", one.number),
            one.firm,
            one.en if language() == "en" else one.zh,
            one.unit or _(NO_UNIT),
            one.due,
            one.days,
        )
        for one in figures.overdue
    )
    return Table("overdue", "late", _("Late and not ended"), columns, rows)


def _rates(figures: Figures, ways: Ways) -> Table:
    columns = _columns(
        (N_("Figure"), "text", 26),
        (N_("Value"), "percent", 10),
        (N_("Numerator"), "number", 10),
        (N_("Denominator"), "number", 10),
        (N_("Value before"), "percent", 10),
        (N_("Numerator before"), "number", 10),
        (N_("Denominator before"), "number", 10),
        (N_("Moved"), "text", 16),
        (N_("Remark"), "text", 14),
    )
    older = {one.key: one for one in figures.rates_before}
    rows = []
    for one in figures.rates:
        new, old = one.result, older[one.key].result
        if one.key == "pass_through" or not (new.of or old.of):
            continue
        change = presenting.change(new, old)
        small = _("small number") if new.is_small or old.is_small else ""
        rows.append((_(new.figure.label), *_rate(one, ways, False), *_rate(older[one.key], ways, True),
                     change.said if change and not small else "", small))  # fmt: skip
    return Table("rates", "rates", _("Rates"), columns, tuple(rows))


def _rate(one: Rate, ways: Ways, then: bool) -> tuple[Any, Any, Any]:
    result = one.result
    label = _(result.figure.label) + (f", {_(BEFORE)}" if then else "")
    n = ways.rate(result.numerator, one.key, "hit", then, f"{label}: {_('numerator')}") if one.of else None
    d = ways.rate(one.of, one.key, "all", then, f"{label}: {_('denominator')}")
    return result.rate, n, d


def _money(figures: Figures, ways: Ways) -> Table | None:
    money = figures.money
    if not (money.promised or money.agreed or money.received or money.in_time.now or money.in_time.before):
        return None
    columns = _columns((N_("Relief in yuan"), "text", 28), (NOW, "money", 18), (BEFORE, "money", 18))
    rows = [
        (_(label), Linked(value, f"{ways.base}/relief?show={key}", _(label)) if value else value, None)
        for key, label in BOOKS.items()
        for value in [getattr(money, key)]
    ]
    said = _("Confirmed received in the time")
    now = ways.rate(money.in_time.now, "relief", "all", False, said)
    before = ways.rate(money.in_time.before, "relief", "all", True, f"{said}, {_(BEFORE)}")
    return Table("money", "money", _("Relief"), columns, (*rows, (said, now, before)))


def _orders(figures: Figures, ways: Ways) -> Table | None:
    orders = figures.orders
    if not (orders.issued.now or orders.issued.before or orders.open):
        return None
    columns = _columns((N_("Supervision orders"), "text", 28), (NOW, "number", 10), (BEFORE, "number", 10))
    labels = {"issued": N_("Newly issued"), "open": N_("Open"), "late": N_("Late")}
    values = {"issued": orders.issued.now, "open": orders.open, "late": orders.late}
    rows = []
    for key, label in labels.items():
        old = orders.issued.before if key == "issued" else None
        now = ways.page(values[key], f"{ways.base}/orders?of={key}", f"{_('Supervision orders')} {_(label)}")
        then = f"{_('Supervision orders')} {_(label)}, {_(BEFORE)}"
        rows.append((_(label), now, ways.page(old, f"{ways.base}/orders?of=issued_before", then) if old else old))
    return Table("orders", "orders", _("Supervision orders"), columns, tuple(rows))


def _coverage(figures: Figures, ways: Ways) -> Table | None:
    seen = figures.coverage
    if seen is None:
        return None
    at = f"/coverage/{ways.area_id}"
    days = Reason(N_("not contacted for %(days)s days"), {"days": seen.stale_days})
    lines = (
        (_("Enterprises"), seen.firms, at),
        (_("nobody named"), seen.uncovered, f"{at}?show=uncovered"),
        (_("officer no longer serves"), seen.ended, f"{at}?show=ended"),
        (_("without a deputy"), seen.no_deputy, f"{at}?show=no_deputy"),
        (str(days), seen.stale, f"{at}?show=stale"),
        (_("communities without a leader"), seen.communities - seen.led, f"{at}/places?level=community&show=without"),
    )
    rows = tuple((label, ways.page(n, href, label)) for label, n, href in lines)
    columns = _columns((N_("Coverage"), "text", 32), (N_("How many there are"), "number", 10))
    return Table("coverage", "coverage", _("Coverage"), columns, rows)


def _short(figures: Figures, ways: Ways) -> Table | None:
    at = f"/supplies/requests?district={ways.district_id}"
    rows = tuple(
        (
            one.name,
            one.unit or _(NO_UNIT),
            Linked(one.short, f"{at}&item={one.item_id}&unit={one.unit_id or 0}", f"{one.name} {one.unit}"),
            one.measure,
        )
        for one in figures.short or ()
    )
    columns = _columns(
        (N_("Item"), "text", 24), (N_("Unit"), "text", 20), (N_("Short"), "number", 10), (N_("Counted in"), "text", 10)
    )
    return Table("short", "coverage", _("Supplies short"), columns, rows)
