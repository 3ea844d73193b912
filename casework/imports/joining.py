"""Firms of a joint case from a spreadsheet or pasted from one: every row joins, is there already, or says why not."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from casework.cases.joint import Joining
from casework.enterprises.rules import compact, name_key, uscc_fault
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.money import parse_yuan, yuan
from casework.sheets import uploads
from casework.sheets.cells import split_contact
from casework.sheets.columns import map_columns
from casework.sheets.reading import Table

CM2_PER_M2 = 10_000
LONGEST = 5_010
_SUBTOTAL = re.compile(r"^(小\s*计|subtotal)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RowRefused:
    """A row that cannot join: its number, and the reason with the remedy."""

    row: int
    reason: Reason


def pasted_rows(text: str) -> list[list[str]]:
    """Cells of what was pasted: tabs from a spreadsheet, else commas (both widths), else one name a line."""
    sample = text.replace("，", ",")
    delimiter = "\t" if "\t" in text else ","
    reader = csv.reader(
        io.StringIO(sample if delimiter == "," else text),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if delimiter == "," else csv.QUOTE_NONE,
    )
    return [[cell.strip() for cell in row] for row in reader if any(cell.strip() for cell in row)][:LONGEST]


def pasted_table(text: str, missing: str) -> Table:
    """The table in what was pasted; ``missing`` says what to do when nothing was.

    Raises:
        Refused: nothing was pasted, or it is no table.
    """
    rows = pasted_rows(text)
    if not rows:
        raise Refused(because(missing, "pasted"))
    return uploads.table("\n".join("\t".join(row) for row in rows).encode(), "pasted.tsv", {})


def joining_of(table: Table) -> tuple[list[Joining], list[RowRefused], list[str]]:
    """Firms, refused rows and unused columns of a table, its total row checked against its rows.

    Raises:
        Refused: no column holds the names, or the total is not the sum of the rows.
    """
    rows = [(row.number, row.cells) for row in table.rows]
    firms, refused, unmapped = joining(table.headers, rows)
    place = dict(map_columns(table.headers, "beneficiaries", None, [row.cells for row in table.rows]).fields)
    if not refused and "rent" in place:
        rents = [firm.monthly_rent_fen or 0 for firm in firms]
        check_total(table, place["rent"], dict(zip([row.number for row in table.rows], rents, strict=True)))
    return firms, refused, unmapped


def check_total(table: Table, column: int, sums: Mapping[int, int], field: str = "file") -> None:
    """A table whose own total differs from its rows was changed in one place and not in the other.

    ``sums`` is fen by row number. A total may speak of the rows above it, of those since the last total, or of all.

    Raises:
        Refused: with both figures.
    """
    last = 0
    for total in table.totals:
        above = sum(fen for row, fen in sums.items() if row < total.number)
        since = sum(fen for row, fen in sums.items() if last < row < total.number)
        last = total.number
        try:
            said = parse_yuan(total.cells[column])
        except (Refused, IndexError):
            continue  # a total without a figure in this column says nothing of it
        if said not in (above, since, sum(sums.values())):
            text = N_("Row %(row)s says %(said)s yuan together, the rows come to %(sum)s: put right which is wrong.")
            came = since if any(_SUBTOTAL.match(cell) for cell in total.cells) else above
            raise Refused(because(text, field, row=total.number, said=yuan(said), sum=yuan(came)))


def joining(
    headers: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]]
) -> tuple[list[Joining], list[RowRefused], list[str]]:
    """Firms, refused rows, and the columns that nothing was made of.

    Raises:
        Refused: no column holds the names.
    """
    mapping = map_columns(list(headers), "beneficiaries", None, [list(cells) for _, cells in rows])
    place = dict(mapping.fields)
    if "name" not in place:
        if headers or max((len(cells) for _, cells in rows), default=0) > 1:
            raise Refused(
                because(N_("No column holds the firms' names: give one the title 商户名称 or 企业名称."), "pasted")
            )
        place["name"] = 0
    firms: list[Joining] = []
    refused: list[RowRefused] = []
    seen: dict[str, int] = {}
    for number, cells in rows:
        try:
            firm = firm_of({name: cells[index] if index < len(cells) else "" for name, index in place.items()})
            if (first := seen.setdefault(name_key(firm.name), number)) != number:
                text = N_("Name: “%(name)s” stands in row %(first)s already. Remove one, or tell them apart by name.")
                raise Refused(because(text, "name", name=firm.name, first=first))
            firms.append(firm)
        except Refused as refusal:
            refused.extend(RowRefused(number, reason) for reason in refusal.reasons)
    return firms, refused, mapping.unmapped


def firm_of(cells: Mapping[str, str]) -> Joining:
    """The firm that a row names.

    Raises:
        Refused: no name, a wrong credit code, or a sum or area that is none.
    """
    name = cells.get("name", "").strip()
    if not name:
        raise Refused(because(N_("Name: this row has none: write it or remove the row."), "name"))
    if len(name) > 200:
        raise Refused(because(N_("Name: shorten it to 200 characters."), "name"))
    code = compact(cells.get("uscc", ""))
    if code and (fault := uscc_fault(code)):
        raise Refused(fault)
    rent, area = cells.get("rent", ""), cells.get("area_sqm", "")
    contact, phone = cells.get("contact_name", "").strip(), cells.get("contact_phone", "").strip()
    if contact and phone in ("", contact):
        contact, phone = split_contact(contact)
    return Joining(
        name=name,
        uscc=code or None,
        contact=contact[:60],
        phone=phone[:30],
        monthly_rent_fen=parse_yuan(rent, "rent") if rent.strip() else None,
        floor_area_cm2=_square(area) if area.strip() else None,
    )


def _square(text: str) -> int:
    plain = (
        text.strip().replace(",", "").removesuffix("㎡").removesuffix("m²").removesuffix("平方米").removesuffix("平米")
    )
    try:
        value = Decimal(plain.strip())
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or not 0 <= value < 10_000_000:
        raise Refused(because(N_("Area: write square metres as a number, like 35.5."), "area_sqm"))
    return int(value * CM2_PER_M2)
