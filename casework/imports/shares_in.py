"""Shares decided by hand: typed beside each firm, pasted, or in a spreadsheet, the one we sent out too."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from werkzeug.datastructures import FileStorage

from casework.enterprises.rules import name_key
from casework.imports.joining import RowRefused, check_total, pasted_table
from casework.kernel.errors import N_, Refused, because
from casework.kernel.money import parse_yuan
from casework.negotiations.shares import Firm
from casework.sheets import uploads
from casework.sheets.columns import in_ten_thousands, map_columns
from casework.sheets.reading import Table

NOTHING_SENT = N_("Shares: paste rows from a spreadsheet or choose a file.")
_BELOW_ZERO = re.compile(r"^[-−－]\s*[\d.,，]+$")


def table_of(upload: FileStorage | None, pasted: str) -> Table:
    """The table that was sent: the file when there is one, else what was pasted.

    Raises:
        Refused: nothing was sent, or it is no table.
    """
    if upload is not None and upload.filename:
        return uploads.table(uploads.content_of(upload, NOTHING_SENT), "shares", {})
    return pasted_table(pasted, NOTHING_SENT)


def shares(table: Table, firms: Sequence[Firm]) -> tuple[dict[int, int], list[RowRefused]]:
    """Fen by beneficiary id, and the rows that do not fit, each with its reason.

    Firms of one name (two cases under one agreement may know the same) take its rows in the order they joined.

    Raises:
        Refused: there are no rows, the columns are not to be found, or the total is not the sum of the rows.
    """
    if not table.rows:
        raise Refused(because(NOTHING_SENT, "pasted"))
    known: dict[str, list[Firm]] = defaultdict(list)
    for firm in firms:
        known[name_key(firm.name)].append(firm)
    name_at, share_at = _columns(table, known)
    found: dict[int, int] = {}
    rows_of: dict[str, list[int]] = defaultdict(list)
    refused: list[RowRefused] = []
    for row in table.rows:
        name, given = row.cells[name_at].strip(), row.cells[share_at]
        try:
            firm = _firm(name, known.get(name_key(name), []), rows_of[name_key(name)])
            rows_of[name_key(name)].append(row.number)
            found[firm.id] = _share(name, given)
        except Refused as refusal:
            refused.extend(RowRefused(row.number, reason) for reason in refusal.reasons)
    if not refused:
        check_total(table, share_at, dict(zip([row.number for row in table.rows], found.values(), strict=True)))
    return found, refused


def typed(firms: Sequence[Firm], given: Mapping[int, str]) -> tuple[dict[int, int], list[RowRefused]]:
    """Fen by beneficiary id of what was typed beside each firm; what is no sum is refused by its place in the list.

    Where nothing was typed there is no share: who allocates says so of all such firms at once.
    """
    found: dict[int, int] = {}
    refused: list[RowRefused] = []
    for place, firm in enumerate(firms, start=1):
        try:
            if text := given.get(firm.id, "").strip():
                found[firm.id] = _share(firm.name, text)
        except Refused as refusal:
            refused.extend(RowRefused(place, reason) for reason in refusal.reasons)
    return found, refused


def _columns(table: Table, known: Mapping[str, object]) -> tuple[int, int]:
    """Where names and sums stand: by the headers, else by which column holds names that are known."""
    if table.headers:
        fields = map_columns(table.headers, "shares").fields
        name_at, share_at = fields.get("name"), fields.get("share")
    else:
        name_at, share_at = _without_headers(table, known)
    if name_at is None or share_at is None:
        raise Refused(because(N_("Give the two columns the titles 商户 and 减免（元）."), "pasted"))
    if table.headers and in_ten_thousands(table.headers[share_at]):
        raise Refused(because(N_("The sums are in 万元: write them in yuan, so that no fen is lost."), "pasted"))
    return name_at, share_at


def _without_headers(table: Table, known: Mapping[str, object]) -> tuple[int | None, int | None]:
    width = max(len(row.cells) for row in table.rows)
    hits = [sum(name_key(row.cells[at]) in known for row in table.rows) for at in range(width)]
    name_at = hits.index(max(hits))
    others = [at for at in range(width) if at != name_at]
    if len(others) > 1:
        others = [at for at in others if all(_is_sum(row.cells[at]) for row in table.rows)]
    return name_at, others[0] if len(others) == 1 else None


def _is_sum(text: str) -> bool:
    try:
        parse_yuan(text)
    except Refused:
        return False
    return True


def _firm(name: str, called_so: Sequence[Firm], rows: Sequence[int]) -> Firm:
    if not name:
        raise Refused(because(N_("Firm: this row has none: write it or remove the row."), "name"))
    if not called_so:
        text = N_("Firm: “%(name)s” does not share this sum. Write the name as on the case, or remove the row.")
        raise Refused(because(text, "name", name=name))
    if len(rows) >= len(called_so):
        text = N_("Firm: “%(name)s” stands in row %(first)s already. Remove one of the two rows.")
        raise Refused(because(text, "name", name=name, first=rows[0]))
    return called_so[len(rows)]


def _share(name: str, text: str) -> int:
    given = text.strip()
    if not given:
        raise Refused(because(N_("Share: “%(name)s” has no sum. Write one, 0 too."), "share", name=name))
    if _BELOW_ZERO.match(given):
        raise Refused(because(N_("Share: the sum of “%(name)s” is below 0. Write 0 or more."), "share", name=name))
    try:
        return parse_yuan(_as_shown(given))
    except Refused as refusal:
        said = N_("Share: “%(text)s” of “%(name)s” is no sum in yuan with at most two decimals. Write it like 8800.50.")
        raise Refused(because(said, "share", text=given[:40], name=name)) from refusal


def _as_shown(text: str) -> str:
    """A number that a spreadsheet worked out, without the noise at its end: 3333.3300000000004 → 3333.33."""
    try:
        number = Decimal(text)
        near = round(number, 2)
        return f"{near:f}" if number.is_finite() and abs(number - near) < Decimal("0.000001") else text
    except InvalidOperation:  # no number, or one of more digits than a sum of money has
        return text
