"""Shares decided by hand, read from a spreadsheet or pasted: each row is a firm of the case with its sum."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from werkzeug.datastructures import FileStorage

from casework.enterprises.rules import name_key
from casework.exchange.joining import RowRefused, check_total, pasted_rows
from casework.exchange.sheets import Table, read_table
from casework.kernel.errors import N_, Refused, because
from casework.kernel.money import parse_yuan
from casework.negotiations.rules import Firm

NAMES = ("商户", "商户名称", "企业名称", "单位名称", "店名", "Firm", "Name")
SUMS = ("减免（元）", "减免(元)", "减免", "应得", "份额", "金额", "金额（元）", "Share (yuan)", "Share")


def table_of(upload: FileStorage | None, pasted: str) -> Table:
    """The table that was sent: the file when there is one, else what was pasted.

    Raises:
        Refused: nothing was sent, or it is no table.
    """
    suffix, content = ".upload", None
    if upload is None or not upload.filename:
        rows = pasted_rows(pasted)
        if not rows:
            raise Refused(because(N_("Shares: paste rows from a spreadsheet or choose a file."), "pasted"))
        suffix, content = ".tsv", "\n".join("\t".join(row) for row in rows).encode()
    with tempfile.NamedTemporaryFile(suffix=suffix) as kept:
        if content is None and upload is not None:
            upload.save(kept)
        else:
            kept.write(content or b"")
        kept.flush()
        return read_table(Path(kept.name), "shares")


def shares(table: Table, firms: Sequence[Firm]) -> tuple[dict[int, int], list[RowRefused]]:
    """Fen by beneficiary id, and the rows that do not fit, each with its reason.

    Raises:
        Refused: the columns are not to be found, or the total is not the sum of the rows.
    """
    name_at, sum_at = _columns(table)
    known = {name_key(firm.name): firm for firm in firms}
    found: dict[int, int] = {}
    refused: list[RowRefused] = []
    for row in table.rows:
        try:
            firm, fen = _share(row.cells, name_at, sum_at, known)
            if firm.id in found:
                raise Refused(because(N_("“%(name)s” stands here twice: remove one row."), "name", name=firm.name))
            found[firm.id] = fen
        except Refused as refusal:
            refused.extend(RowRefused(row.number, reason) for reason in refusal.reasons)
    if not refused:
        check_total(table, sum_at, sum(found.values()))
    return found, refused


def _columns(table: Table) -> tuple[int, int]:
    if not table.headers:
        return 0, 1
    plain = [header.replace(" ", "") for header in table.headers]
    name_at = next((plain.index(name.replace(" ", "")) for name in NAMES if name.replace(" ", "") in plain), None)
    sum_at = next((plain.index(name.replace(" ", "")) for name in SUMS if name.replace(" ", "") in plain), None)
    if name_at is None or sum_at is None:
        raise Refused(because(N_("Give the two columns the titles 商户 and 减免（元）."), "pasted"))
    return name_at, sum_at


def _share(cells: Sequence[str], name_at: int, sum_at: int, known: Mapping[str, Firm]) -> tuple[Firm, int]:
    name = cells[name_at].strip() if name_at < len(cells) else ""
    firm = known.get(name_key(name))
    if firm is None:
        raise Refused(
            because(N_("“%(name)s” is no firm of this case: write its name as it stands there."), "name", name=name)
        )
    given = cells[sum_at].strip() if sum_at < len(cells) else ""
    if not given:
        raise Refused(because(N_("“%(name)s” has no sum: write one, 0 too."), "share", name=firm.name))
    return firm, parse_yuan(given, "share")
