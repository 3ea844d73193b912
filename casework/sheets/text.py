"""Text tables: which encoding, which delimiter, which records; and what is swept out of a cell."""

from __future__ import annotations

import codecs
import csv
import io
import re

from casework.kernel.errors import N_
from casework.sheets.refusals import refused

NOT_A_TABLE = N_("The file is not a table. Send an Excel file (xlsx, xls), or a CSV or TSV file.")
MARKUP = N_("The file is a web page, not a table. Open it in Excel, save it as xlsx and send that.")
ENCODING = N_("Line %(line)s cannot be read. Save the file as “CSV UTF-8” or xlsx and send that.")
OPEN_QUOTE = N_("A quotation mark opens in row %(row)s and is not closed. Close it, or save the table as xlsx.")
LONG_CELL = N_("A cell near row %(row)s is too long to be one. Check the quotation marks there.")

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ODD_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f]")
_ZERO_WIDTH = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What no page shows and PostgreSQL or XML refuses; a workbook can spell it as ``_x0000_``."""
_BLANKS = re.compile("[\u00a0\u2000-\u200a\u202f\u3000]")
FORMULA = re.compile("'*[ \u00a0\u3000\u200b\ufeff]*[=+\\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]")

_BEGINS = frozenset("' \u00a0\u3000\u200b\ufeff=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20")
_ODD = re.compile(f"{_ZERO_WIDTH.pattern[:-1]}{_CONTROLS.pattern[1:-1]}{_BLANKS.pattern[1:-1]}\\s]|_x000D_")
"""What ``clean`` may have to sweep out: most cells hold nothing of it."""


def clean(cell: str) -> str:
    """A cell without what only its making left behind: odd blanks, ``_x000D_``, zero width, controls, blank ends."""
    if _ODD.search(cell) is None:
        return cell
    text = _BLANKS.sub(" ", _CONTROLS.sub("", _ZERO_WIDTH.sub("", cell.replace("_x000D_", ""))))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\n" in text or "\t" in text:
        text = re.sub(r"[ \t]*\n[ \t]*", "\n", text).replace("\t", " ")
        text = re.sub(r"\n{3,}", "\n\n", text)
    return text.strip()


def is_formula_like(text: str) -> bool:
    """Whether a spreadsheet program might take the text for a formula, or already bears our mark for that."""
    return text[:1] in _BEGINS and FORMULA.match(text) is not None


def guarded(text: str) -> str:
    """A text for a CSV cell: a leading ``'`` where a program might take it for a formula."""
    return f"'{text}" if is_formula_like(text) else text


def plain(text: str) -> str:
    """The inverse of ``guarded``: exactly one such ``'`` less."""
    return text[1:] if text.startswith("'") and is_formula_like(text[1:]) else text


def decode(data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or GB18030, with or without a byte-order mark.

    Raises:
        Refused: it is no text, or none that can be read.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strict(data, encoding)
    if wide := _utf16_without_mark(data):
        return _strict(data, wide)
    try:
        return _no_binary(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        # One spoiled character in an UTF-8 file must not turn the whole file into nonsense in GB18030.
        loose = data.decode("utf-8", "replace")
        if loose.count("\ufffd") * 20 < sum(map(len, re.findall("[\u4e00-\u9fff]+", loose))):
            raise refused(ENCODING, line=_line(data, error.start)) from error
        return _chinese(data, error)


def _chinese(data: bytes, utf8: UnicodeDecodeError) -> str:
    """The text in GB18030. When it is that no more than UTF-8, two encodings stand in one file: the line is named where
    the one that goes furthest ends.
    """
    try:
        return _no_binary(data.decode("gb18030"))
    except UnicodeDecodeError as error:
        if _ODD_CONTROLS.search(data[:4096].decode("latin-1")):
            raise refused(NOT_A_TABLE) from error
        raise refused(ENCODING, line=_line(data, max(error.start, utf8.start))) from error


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _strict(data: bytes, encoding: str) -> str:
    try:
        return _no_binary(data.decode(encoding))
    except UnicodeDecodeError as error:
        if _ODD_CONTROLS.search(data[:4096].decode("latin-1")):
            raise refused(NOT_A_TABLE) from error
        raise refused(ENCODING, line=_line(data, error.start)) from error


def _no_binary(text: str) -> str:
    if _ODD_CONTROLS.search(text):
        raise refused(NOT_A_TABLE)
    return text


def _utf16_without_mark(data: bytes) -> str | None:
    """UTF-16 shows by the zero bytes of its commas and line ends, all on one side."""
    even, odd = data[:4096:2], data[1:4096:2]
    if len(data) % 2 or data.startswith(b"%PDF"):
        return None
    for encoding, low, high in (("utf-16-le", even, odd), ("utf-16-be", odd, even)):
        marks = sum(1 for one, other in zip(low, high, strict=True) if other == 0 and one in b",\t\n")
        if marks and 0 not in low:
            return encoding
    return None


def records(text: str) -> list[list[str]]:
    """The records of a text table, blank lines included, so that their count is the reader's row number.

    Raises:
        Refused: a quotation mark is left open, or it is a web page.
    """
    if re.match(r"\s*<[!?a-zA-Z]", text):
        raise refused(MARKUP)
    delimiter = _delimiter(text)
    if delimiter == "\t":
        # Tab files are written without quoting: a quotation mark in them is one.
        return [line.split("\t") if line.strip() else [] for line in re.split(r"\r\n|\n|\r", text)]
    try:
        return _comma_records(text, delimiter, strict=True)
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise refused(OPEN_QUOTE, row=_row_of_open_quote(text, delimiter)) from error
    return _comma_records(text, delimiter, strict=False)  # "abc"def: what Excel takes, we take


def _comma_records(text: str, delimiter: str, *, strict: bool) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict))
    except csv.Error as error:
        if "field larger" in str(error):
            raise refused(LONG_CELL, row=len(rows) + 1) from error
        raise
    return rows


def _row_of_open_quote(text: str, delimiter: str) -> int:
    return sum(1 for _ in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _delimiter(text: str) -> str:
    """The delimiter of the first line that has one: a title above the table has none."""
    for line in text[:20_000].split("\n")[:20]:
        counts = {mark: line.strip(" \r").count(mark) for mark in ("\t", ",", ";")}
        best = max(counts, key=lambda mark: counts[mark])
        if counts[best] and line.strip():
            return best
    return ","
