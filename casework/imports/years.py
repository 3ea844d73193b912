"""Dates without a year, as 2月4日: of which year they are, where the ledger leaves no doubt. Pure.

Its title, the name of its sheet or file, and the full dates of the same column are asked. Where two of them disagree,
or where the months run over the end of a year, there is doubt, and only somebody's choice counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.time import local
from casework.sheets.cells import month_without_year, parse_moment, with_year
from casework.sheets.columns import Mapping as Columns
from casework.sheets.reading import Table

DATES: Mapping[str, Sequence[str]] = {
    "cases": ("submitted_at", "replied_at"),
    "people": ("from_on", "to_on"),
    "coverage": ("from_on",),
    "stock": ("expires_on",),
}
"""The fields that hold a date, by kind of import."""
AHEAD = frozenset(("to_on", "expires_on"))
"""They lie ahead, perhaps in another year than the title says."""
HALF = 6
"""Months of one year stand no farther apart than that from row to row; more is the turn of a year."""

CHOSEN = N_("“%(column)s”: dates without a year: %(count)s. They are read as of %(year)s, as chosen.")
BY_TITLE = N_(
    "“%(column)s”: dates without a year: %(count)s. They are read as of %(year)s, as the title says: %(said)s"
)
BY_SHEET = N_(
    "“%(column)s”: dates without a year: %(count)s. They are read as of %(year)s, as the name of the sheet says: "
    "%(said)s"
)
BY_FILE = N_(
    "“%(column)s”: dates without a year: %(count)s. They are read as of %(year)s, as the name of the file says: "
    "%(said)s"
)
BY_COLUMN = N_(
    "“%(column)s”: dates without a year: %(count)s. They are read as of %(year)s, as all other dates of the column are."
)
NOT_TOLD = N_(
    "“%(column)s”: dates without a year: %(count)s. The ledger does not tell the year beyond doubt: write it in the "
    "rows, or give it on the page of columns."
)
_YEAR = r"(?<!\d)(?P<y>(?:19|20)\d\d)"
_IN_TITLE = re.compile(_YEAR + r"(?:\s*年\s*(?:(?P<m>1[0-2]|0?[1-9])\s*月)?|\s*[-./]\s*(?P<n>1[0-2]|0?[1-9])(?!\d))")
_IN_NAME = re.compile(_YEAR + r"(?:\s*[-._年]?\s*(?P<m>1[0-2]|0?[1-9])(?:\s*[-._月]?\s*[0-3]?\d\s*日?)?)?(?!\d)")


@dataclass(frozen=True, slots=True)
class Hint:
    """A place of the ledger that names years: the sentence that cites it, what it says, its years and months."""

    sentence: str
    said: str
    years: frozenset[int]
    months: tuple[int, ...]


def years_of(
    table: Table, target: str, columns: Columns, name: str, chosen: int | None
) -> tuple[dict[str, int], list[Reason]]:
    """The year of dates without one, by field, and a sentence for each column that has such dates."""
    hints, years, notes = _hints(table, name), dict[str, int](), list[Reason]()
    for field in DATES.get(target, ()):
        at = columns.fields.get(field)
        if at is None:
            continue
        cells = [row.cells[at] for row in table.rows if at < len(row.cells) and row.cells[at]]
        short = sum(1 for cell in cells if month_without_year(cell) is not None)
        if not short:
            continue
        column = table.headers[at] if at < len(table.headers) else field
        year, sentence, said = _told(cells, [] if field in AHEAD else hints, chosen)
        if year is not None:
            years[field] = year
        notes.append(because(sentence, column=column, count=short, year=year or "", said=said))
    return years, notes


def has_short_dates(rows: Iterable[Sequence[str]]) -> bool:
    """Whether a cell looks like a date without its year."""
    return any(month_without_year(cell) is not None for cells in rows for cell in cells if 3 <= len(cell) <= 20)


def _told(cells: Sequence[str], hints: Sequence[Hint], chosen: int | None) -> tuple[int | None, str, str]:
    """The year of a column, and why; None where there is any doubt."""
    if chosen is not None:
        return chosen, CHOSEN, ""
    full, months = _dated(cells)
    found = [*(hint for hint in hints if hint.years), *([Hint(BY_COLUMN, "", frozenset(full), ())] if full else [])]
    years = {year for hint in found for year in hint.years}
    before = [month for hint in found[:1] for month in hint.months[:1]]
    if len(years) != 1 or _turns([*before, *months]):
        return None, NOT_TOLD, ""
    return years.pop(), found[0].sentence, found[0].said


def _dated(cells: Sequence[str]) -> tuple[set[int], list[int]]:
    """The years of the full dates of a column, and the months of all its dates in the order of the rows."""
    years, months = set[int](), list[int]()
    for cell in cells:
        month = month_without_year(cell)
        if month is None:
            try:
                day = local(parse_moment(cell))
            except Refused:
                continue
            years.add(day.year)
            month = day.month
        months.append(month)
    return years, months


def _turns(months: Sequence[int]) -> bool:
    return any(abs(one - other) > HALF for one, other in pairwise(months))


def _hints(table: Table, name: str) -> list[Hint]:
    first = table.header[0] if table.header and table.header[0] else table.rows[0].number if table.rows else 0
    titles = [" ".join(filter(None, row.cells)) for row in table.top if row.number < first]
    return [
        _hint(BY_TITLE, " ".join(titles), _IN_TITLE),
        _hint(BY_SHEET, table.sheet, _IN_NAME),
        _hint(BY_FILE, name.rsplit(".", 1)[0], _IN_NAME),
    ]


def _hint(sentence: str, text: str, pattern: re.Pattern[str]) -> Hint:
    found = [match.groupdict() for match in pattern.finditer(text)]
    months = tuple(int(month) for one in found if (month := one["m"] or one.get("n")))
    return Hint(sentence, text[:60], frozenset(int(one["y"]) for one in found), months)


def completed(text: str, year: int | None) -> str:
    """A cell with the year of its column, where it is a date without one."""
    return with_year(text, year) if year is not None and month_without_year(text) is not None else text
