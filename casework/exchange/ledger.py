"""The case ledger 台账: the list in officers' columns, scoped and masked, each row marked so that it can return."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext

from casework.accounts.models import User
from casework.areas.models import Area
from casework.cases.lists import filtered, read_filters
from casework.cases.models import Case, CaseType
from casework.cases.queries import visible_to
from casework.cases.workflow import OUTCOME_LABELS, SOURCE_LABELS, STATE_LABELS
from casework.enterprises.models import Enterprise
from casework.exchange import ledger_marks, text
from casework.exchange.cells import parse_moment
from casework.exchange.taking_out import Asked, ListOut, Rows, Title, Words, counted, in_portions
from casework.kernel import paging
from casework.kernel.errors import N_, Refused
from casework.kernel.i18n import language
from casework.kernel.masking import masked
from casework.kernel.time import local
from casework.roster.models import Unit

MARK = N_("Mark of the row: leave it as it is")
COLUMNS: Mapping[str, Title] = {
    "number": (N_("Case number"), "text", 22),
    "title": (N_("Matter"), "text", 40),
    "requester": (N_("Enterprise"), "text", 30),
    "uscc": (N_("Credit code"), "text", 21),
    "type": (N_("Type"), "text", 12),
    "state": (N_("State"), "text", 10),
    "outcome": (N_("Outcome"), "text", 12),
    "urgent": (N_("Urgent"), "text", 6),
    "area": (N_("Area"), "text", 30),
    "place": (N_("Place"), "text", 30),
    "contact_name": (N_("Contact person"), "text", 12),
    "contact_phone": (N_("Phone"), "text", 14),
    "source": (N_("How it came"), "text", 10),
    "unit": (N_("Lead unit"), "text", 20),
    "officer": (N_("Lead officer"), "text", 10),
    "submitted": (N_("Submitted at"), "datetime", 17),
    "contacted": (N_("First contact at"), "datetime", 17),
    "due": (N_("Due"), "datetime", 17),
    "closed": (N_("Closed at"), "datetime", 17),
    "rating": (N_("Rating"), "number", 8),
    "text": (N_("What happened, what is asked"), "text", 60),
}
EDITABLE = ("title", "requester", "type", "urgent", "area", "place", "contact_name", "contact_phone", "text")
"""The columns that may come back changed: what the page of a case lets its officer correct."""
_MOMENTS = frozenset(name for name, (_, kind, _) in COLUMNS.items() if kind == "datetime")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the ledger: the case, its version, and its cells in the order of ``COLUMNS``."""

    id: int
    number: str
    version: int
    cells: tuple[Any, ...]

    @property
    def texts(self) -> dict[str, str]:
        """The cells as they read in a spreadsheet that comes back, by column."""
        return {name: canonical(name, cell) for name, cell in zip(COLUMNS, self.cells, strict=True)}


def canonical(column: str, cell: object) -> str:
    """A cell as one text, whichever program wrote it: moments to the minute, texts without blank ends."""
    if cell is None or cell == "":
        return ""
    if isinstance(cell, datetime):
        return local(cell).isoformat(" ", "minutes")[:16]
    said = text.clean(str(cell))
    if column in _MOMENTS and said:
        try:
            return local(parse_moment(said) + timedelta(seconds=30)).isoformat(" ", "minutes")[:16]
        except Refused:
            return said
    return said


def key() -> bytes:
    """What marks are made with."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hashlib.blake2b(b"ledger marks", digest_size=32, key=secret[:64]).digest()


def select(condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The rows of the ledger under a condition, as columns: no object is made of fifty thousand cases."""
    return (
        sa.select(Case.id, Case.version, Case.number, Case.title, Case.requester, Enterprise.uscc, Case.state)
        .add_columns(Case.outcome, Case.urgent, Area.full_name, Case.place, Case.contact_name, Case.contact_phone)
        .add_columns(Case.source, Unit.name, User.name, Case.submitted_at, Case.contacted_at, Case.next_due_at)
        .add_columns(Case.closed_at, Case.rating, Case.text, Case.is_open, CaseType.zh, CaseType.en)
        .join(CaseType, CaseType.id == Case.type_id)
        .outerjoin(Area, Area.id == Case.area_id)
        .outerjoin(Unit, Unit.id == Case.unit_id)
        .outerjoin(User, User.id == Case.lead_id)
        .outerjoin(Enterprise, Enterprise.id == Case.enterprise_id)
        .where(condition)
    )


def liner(*, full: bool = False) -> Callable[[Any], Line]:
    """What makes a ``Line`` of a row of ``select``, in the reader's language."""
    words, english, yes = Words(), language() == "en", gettext("Yes")

    def line(row: Any) -> Line:
        (key_, version, number, title, requester, uscc, state, outcome, urgent, area, place, contact, phone) = row[:13]
        (source, unit, officer, submitted, contacted, due, closed, rating, told, is_open, zh, en) = row[13:]
        cells = (
            *(number, title, requester, uscc, en if english else zh),
            *(words.of(STATE_LABELS, state), words.of(OUTCOME_LABELS, outcome), yes if urgent else "", area, place),
            *(contact, phone if full else masked(phone), words.of(SOURCE_LABELS, source), unit, officer),
            *(_minute(submitted), _minute(contacted), _minute(due) if is_open else None, _minute(closed), rating, told),
        )
        return Line(key_, number, version, cells)

    return line


def _minute(moment: datetime | None) -> datetime | None:
    """Nobody reads the seconds, and a row that comes back must say the same."""
    return moment.replace(second=0, microsecond=0) if moment else None


def _rows(asked: Asked) -> Rows:
    """Newest first; behind the cells of each the mark."""
    line, secret = liner(full=asked.full), key()
    query = _narrowed(asked)
    for portion in in_portions(query, (paging.Key(Case.id, int, down=True),), lambda row: [row[0]]):
        yield [(*made.cells, _mark(secret, made)) for made in map(line, portion)]


def _narrowed(asked: Asked) -> sa.Select[Any]:
    plain = _filtered(asked)
    whole = select(sa.true())
    return whole.where(plain.whereclause) if plain.whereclause is not None else whole


def _filtered(asked: Asked) -> sa.Select[Any]:
    """The cases of the filter; with numbers in full only those whose number the reader may see one by one."""
    found = filtered(asked.actor, read_filters(asked.args), asked.now)
    return found.where(visible_to(asked.actor, "case.reveal")) if asked.full else found


def _mark(secret: bytes, line: Line) -> str:
    return ledger_marks.made(secret, line.number, line.version, line.texts)


def _count(asked: Asked, most: int) -> int:
    return counted(_filtered(asked), most)


def titles(names: Iterable[str] = COLUMNS) -> dict[str, str]:
    """The titles of columns in the reader's language."""
    return {name: gettext(COLUMNS[name][0]) for name in names}


def plain_filters(args: Mapping[str, str]) -> dict[str, str]:
    """What of an address the filters of the case list understand."""
    return read_filters(args).as_query()


LEDGER = ListOut(
    title=N_("Case ledger"),
    permission="case.export",
    columns=tuple(COLUMNS.values()),
    rows=_rows,
    count=_count,
    filters=plain_filters,
    reveal="case.reveal",
    mark=MARK,
)
