"""Reading a table out of csv, tsv, xlsx and xls, told by content and never by name."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from casework.files.rules import OLE, ZIP, has_macros
from casework.files.zips import check_zip, content_types
from casework.kernel.errors import N_, Reason
from casework.sheets import child, text
from casework.sheets.layout import HeaderRows, Merge, Row, find_table
from casework.sheets.refusals import refused

__all__ = ["Row", "Table", "read_table"]

MAX_BYTES = 100 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 200
TOP_ROWS = 12
REPEATED, WORDS_KEPT = 24, 20_000
"""Texts of up to so many characters are kept once, as long as there are no more than so many of them."""
MEMORY_MB = 768
"""Of address space. Measured: the interpreter needs 17, 50,000 × 10 cells 74, 100,000 × 40 cells 533."""
WALL_SECONDS = 150

EMPTY = N_("The file holds no data. Choose the file again.")
TOO_LARGE = N_("The file holds more than can be read at once. Split it and send the parts.")
TOO_MANY_ROWS = N_("The table has more than 100,000 rows. Split it and send the parts.")
TOO_MANY_COLUMNS = N_("The table has more than 200 columns. Delete those not needed and send it again.")
ENCRYPTED = N_("The workbook is protected by a password. Save it without the password and send that.")
MACROS = N_("The workbook holds macros. Save it as xlsx without macros and send that.")
OTHER_FORMAT = N_("The file is of a kind that is not read. Save it as xlsx and send that.")
DAMAGED = N_("The workbook is damaged or not complete. Open it, save it again and send that copy.")
NO_SHEET = N_("There is no such sheet. The sheets are: %(sheets)s.")
LINKED = N_("The workbook refers to other files: the values that it last had were read.")
HIDDEN_SHEETS = N_("Hidden sheets were not read: %(sheets)s")
OTHER_SHEETS = N_("Only the sheet “%(sheet)s” was read, not: %(sheets)s")

_SAID = {
    "encrypted": ENCRYPTED,
    "damaged": DAMAGED,
    "rows": TOO_MANY_ROWS,
    "columns": TOO_MANY_COLUMNS,
    "large": TOO_LARGE,
    "empty": EMPTY,
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was found. Without ``headers`` the file had none; every row is padded to the same width.

    ``notes`` names what was left aside (titles, notes, totals, other sheets): nothing is dropped silently. ``totals``
    are the rows of sums, for who wants to check them; ``top`` are the first rows as they stand in the sheet, and
    ``header`` the first and last row of its header, for who wants to choose others.
    """

    headers: list[str]
    rows: list[Row]
    notes: list[Reason] = field(default_factory=list)
    sheet: str = ""
    header_row: int | None = None
    totals: list[Row] = field(default_factory=list)
    header: tuple[int, int] | None = None
    top: list[Row] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)


def read_table(path: Path, name: str, *, sheet: str | None = None, header: HeaderRows | None = None) -> Table:
    """The table in a file. ``name`` is the shown name; it decides nothing. ``header``: the rows of the header where
    they are known, ``(0, 0)`` where there is none; else they are looked for.

    Raises:
        Refused: empty, too large, encrypted, with macros, or not a table; one sentence with the remedy.
    """
    size = path.stat().st_size
    if size == 0:
        raise refused(EMPTY)
    if size > MAX_BYTES:
        raise refused(TOO_LARGE)
    with path.open("rb") as file:
        head = file.read(8)
        links = False
        if head.startswith(ZIP):
            links = _check_xlsx(file)
        elif head.startswith(OLE):
            _check_xls(file)
        else:
            return _read_text(path, header)
    found = _read_workbook(path, sheet, header)
    return replace(found, notes=[Reason(LINKED), *found.notes]) if links else found


def _check_xlsx(file: IO[bytes]) -> bool:
    """Refuse what is no plain workbook; whether it refers to other files, which are never opened."""
    archive = check_zip(file)
    types = content_types(archive)
    if has_macros(types, archive.namelist()):
        raise refused(MACROS)
    if "spreadsheetml.sheet.main+xml" not in types:
        raise refused(OTHER_FORMAT if "sheet" in types or "mimetype" in archive.namelist() else text.NOT_A_TABLE)
    return any(name.startswith("xl/externalLinks/") for name in archive.namelist())


def _check_xls(file: IO[bytes]) -> None:
    """The names in the directory of an OLE file, in UTF-16, tell an old workbook from everything else."""
    file.seek(0)
    content = file.read()
    if _wide("EncryptedPackage") in content:
        raise refused(ENCRYPTED)
    if _wide("_VBA_PROJECT") in content:
        raise refused(MACROS)
    if _wide("Workbook") not in content and _wide("Book") not in content:
        raise refused(text.NOT_A_TABLE)


def _wide(name: str) -> bytes:
    return name.encode("utf-16-le") + b"\0\0"


def _read_text(path: Path, header: HeaderRows | None) -> Table:
    content = text.decode(path.read_bytes())
    rows, seen = [], dict[str, str]()
    for number, record in enumerate(text.records(content), start=1):
        cells = [_once(text.clean(text.plain(cell)), seen) for cell in record]
        if any(cells):
            rows.append(Row(number, cells))
            if len(rows) > MAX_ROWS + 20:  # the header and what may stand above it
                raise refused(TOO_MANY_ROWS)
    return _laid_out(rows, [], header)


def _once(cell: str, seen: dict[str, str]) -> str:
    """The same text where it was read before: places, kinds and days stand in thousands of rows, and are kept once."""
    if len(cell) > REPEATED:
        return cell
    return seen.setdefault(cell, cell) if len(seen) < WORDS_KEPT else seen.get(cell, cell)


def _laid_out(rows: list[Row], merges: list[Merge], header: HeaderRows | None) -> Table:
    if not rows:
        raise refused(EMPTY)
    top = [Row(row.number, list(row.cells)) for row in rows[:TOP_ROWS]]
    layout = find_table(rows, merges, header)
    if len(layout.rows) > MAX_ROWS:
        raise refused(TOO_MANY_ROWS)
    if max((len(row.cells) for row in layout.rows), default=0) > MAX_COLUMNS:
        raise refused(TOO_MANY_COLUMNS)
    return Table(
        layout.headers,
        layout.rows,
        layout.notes,
        header_row=layout.header_row,
        totals=layout.totals,
        header=layout.header,
        top=top,
    )


def _read_workbook(path: Path, sheet: str | None, header: HeaderRows | None) -> Table:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        _run_child(path, sheet or "", out)
        out.seek(0)
        about = _line(out)
        if word := about.get("refused"):
            raise _refusal(word)
        rows, ended, seen = [], False, dict[str, str]()
        for line in out:
            value = json.loads(line)
            if isinstance(value, dict):
                if word := value.get("refused"):
                    raise _refusal(word)
                ended = True
                break
            cells = [_once(text.clean(cell), seen) for cell in value[1]]
            if any(cells):
                rows.append(Row(value[0], cells))
    if not ended:
        raise refused(TOO_LARGE)
    merges = [Merge(top + 1, left, bottom + 1, right) for top, left, bottom, right in about["merged"]]
    table = _laid_out(rows, merges, header)
    return replace(table, notes=_notes(about) + table.notes, sheet=about["sheet"], sheets=about["sheets"])


def _run_child(path: Path, sheet: str, out: IO[str]) -> None:
    """Run the reader on its own: a workbook that eats time or memory takes nobody with it."""
    command = [sys.executable, "-I", child.__file__, str(path.resolve()), sheet, str(MEMORY_MB)]
    try:
        subprocess.run(  # noqa: S603 - our own script; the path is an argument, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.DEVNULL,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise refused(TOO_LARGE) from error


def _line(out: IO[str]) -> dict[str, Any]:
    """The first line; a child that ended before it had no room or no time."""
    first = out.readline()
    if not first.endswith("\n"):
        raise refused(TOO_LARGE)
    value: dict[str, Any] = json.loads(first)
    return value


def _refusal(word: str) -> Exception:
    if word.startswith("no_sheet:"):
        return refused(NO_SHEET, sheets=word.partition(":")[2])
    return refused(_SAID.get(word, DAMAGED))


def _notes(about: dict[str, Any]) -> list[Reason]:
    notes = []
    if about["others"]:
        notes.append(Reason(OTHER_SHEETS, {"sheet": about["sheet"], "sheets": "、".join(about["others"])}))
    if about["hidden"]:
        notes.append(Reason(HIDDEN_SHEETS, {"sheets": "、".join(about["hidden"])}))
    return notes
