"""The case ledger 台账: the list in officers' columns, scoped and masked, each row marked so that it can return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext

from casework.accounts.models import User
from casework.areas.models import Area
from casework.cases import saved
from casework.cases.lists import filtered, read_filters
from casework.cases.models import Case, CaseType
from casework.cases.queries import visible_to
from casework.cases.workflow import OUTCOME_LABELS, SOURCE_LABELS, STATE_LABELS
from casework.enterprises.models import Enterprise
from casework.kernel import paging
from casework.kernel.errors import N_
from casework.kernel.i18n import language
from casework.kernel.masking import masked
from casework.ledgers import periods, returning
from casework.ledgers.taking_out import Asked, ListOut, Rows, Title, Words, counted, in_portions
from casework.roster.models import Unit

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


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the ledger: the case, its version, and its cells in the order of ``COLUMNS``."""

    id: int
    number: str
    version: int
    cells: tuple[Any, ...]


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
    line, secret, own = liner(full=asked.full), returning.key(), returning.RETURNING["cases"]
    for portion in in_portions(_narrowed(asked), (paging.Key(Case.id, int, down=True),), lambda row: [row[0]]):
        made = map(line, portion)
        yield [(*one.cells, own.mark(secret, one.number, one.version, one.cells)) for one in made]


def _narrowed(asked: Asked) -> sa.Select[Any]:
    plain = _filtered(asked)
    whole = select(sa.true())
    return whole.where(plain.whereclause) if plain.whereclause is not None else whole


def _filtered(asked: Asked) -> sa.Select[Any]:
    """The cases of the filter; with numbers in full only those whose number the reader may see one by one."""
    found = filtered(asked.actor, read_filters(asked.args), asked.now)
    found = found.where(*periods.moments(Case.submitted_at, asked.args))
    return found.where(visible_to(asked.actor, "case.reveal")) if asked.full else found


def _count(asked: Asked, most: int) -> int:
    return counted(_filtered(asked), most)


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
    kept=saved.LISTED,
    reveal="case.reveal",
    dated=COLUMNS["submitted"][0],
    mark=returning.MARK,
)
