"""Masked phone numbers, as ledgers show them: 138****1234 calls nobody and replaces no number. Pure."""

from __future__ import annotations

import re

from casework.kernel.errors import N_, Reason, because
from casework.sheets.columns import Mapping as Columns
from casework.sheets.reading import Table

PHONES = frozenset(("contact_name", "contact_phone", "phone", "unit_phone"))
"""The fields that hold phone numbers, some of them behind a name."""
LEFT_OUT = N_("“%(column)s”: masked phone numbers: %(count)s. Nobody can be called by them, so they are left out.")
_MASKED = re.compile(r"[(（]?(?<![\dA-Za-z*])(?=[\d-]*\*{3})[\d*-]{6,}(?![\dA-Za-z*])[)）]?")


def unmasked(text: str) -> str:
    """A cell without its masked numbers."""
    return _MASKED.sub(" ", text).strip(" ,，、;；/") if "***" in text else text


def notes_of(table: Table, columns: Columns) -> list[Reason]:
    """A sentence for each column that holds masked numbers."""
    found = []
    for at in sorted({at for name, at in columns.fields.items() if name in PHONES}):
        cells = (row.cells[at] for row in table.rows if at < len(row.cells))
        if count := sum(1 for cell in cells if unmasked(cell) != cell):
            column = table.headers[at] if at < len(table.headers) else ""
            found.append(because(LEFT_OUT, column=column, count=count))
    return found
