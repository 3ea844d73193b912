"""Ledgers that come back: what of a list may return edited, how its rows are marked, who says what stands now."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from flask import current_app

from casework.areas import queries as areas
from casework.areas.models import Area
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.forms import row_id
from casework.kernel.permissions import Actor
from casework.kernel.time import local
from casework.ledgers import marks as ledger_marks
from casework.ledgers.taking_out import Title
from casework.sheets import text
from casework.sheets.cells import parse_moment

Value = TypeVar("Value")
MARK = N_("Mark of the row: leave it as it is")
YES = frozenset(("是", "Yes", "yes", "1", "y", "TRUE"))
MASKED = N_("Phone: a number with stars is no number. Write it in full, or leave it as it was.")
NO_AREA = N_("Area: there is none called “%(text)s” in your reach. Write its whole name, as in other rows.")
NO = frozenset(("否", "No", "no", "0", "n", "FALSE"))


def canonical(kind: str, cell: object) -> str:
    """A cell as one text, whichever program wrote it: moments to the minute, days as days, texts without blank ends."""
    if cell is None or cell == "":
        return ""
    if isinstance(cell, datetime):
        return local(cell).isoformat(" ", "minutes")[:16]
    said = text.clean(str(cell))
    if kind not in ("datetime", "date") or not said:
        return said
    try:
        moment = local(parse_moment(said) + timedelta(seconds=30 if kind == "datetime" else 0))
    except Refused:
        return said
    return moment.isoformat(" ", "minutes")[:16] if kind == "datetime" else moment.date().isoformat()


def key() -> bytes:
    """What marks are made with."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hashlib.blake2b(b"ledger marks", digest_size=32, key=secret[:64]).digest()


@dataclass(frozen=True, slots=True)
class Standing:
    """A row as it stands: whose it is, and how its cells read in a spreadsheet that comes back."""

    id: int
    version: int
    texts: Mapping[str, str]


class Reader(Protocol):
    """What stands now, and the one way to write something else there. Labels are those of the file's language."""

    actor: Actor

    def standing(self, numbers: Collection[str]) -> dict[str, Standing]:
        """What stands under these numbers, as far as the person may see it."""

    def hold(self, ids: Collection[int]) -> None:
        """Read at once the things whose faults will be asked for."""

    def faults(self, key: int, mine: Mapping[str, str]) -> list[Reason]:
        """Why these values cannot be written there; none when they can.

        The field of a reason is the cell of ``mine`` that is wrong; without one the thing cannot be written at all.
        """

    def write(self, key: int, mine: Mapping[str, str], *, reason: str, now: datetime) -> None:
        """Write them by the command of the thing's own page, or raise what that raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returning:
    """A list whose rows may come back edited, and the sentences that name its things.

    ``sign`` begins its marks. ``names`` gives what people call the things with these numbers, as far as
    they may still see them; ``path`` is the page of each. ``together`` are columns of which none is written while
    another of them cannot be. ``known_by`` is the column that says whose row it is, beside the mark. ``many``: a thing
    may stand in several rows.
    """

    name: str
    sign: str
    columns: Mapping[str, Title]
    known_by: str
    editable: Collection[str]
    together: Sequence[Sequence[str]]
    masked: str
    reader: Callable[[Actor], Reader]
    names: Callable[[Sequence[str], Actor], Mapping[str, str]]
    path: str
    new_row: str
    other_row: str
    twice: str
    not_there: str
    elsewhere: str
    many: bool = False

    def text(self, column: str, cell: object) -> str:
        """A cell of a column as one text."""
        return canonical(self.columns[column][1], cell)

    def texts(self, cells: Sequence[object]) -> dict[str, str]:
        """The cells of a row, in the order of the columns, as they read when they come back."""
        return {name: self.text(name, cell) for name, cell in zip(self.columns, cells, strict=True)}

    def mark(self, secret: bytes, number: str, version: int, cells: Sequence[object]) -> str:
        """The hidden cell of a row that leaves; its secret is looked up once a list."""
        return ledger_marks.made(secret, number, version, self.texts(cells), sign=self.sign)

    def read_mark(self, secret: bytes, cell: str) -> ledger_marks.Mark | None:
        """The mark in a cell, if it is one of this list."""
        return ledger_marks.read(secret, cell, tuple(self.columns), sign=self.sign)


RETURNING: dict[str, Returning] = {}


class Places:
    """The places that a person may name by their whole name, each looked for once."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.found: dict[str, Area | None] = {}

    def named(self, text: str) -> Area:
        """The place of this name.

        Raises:
            Refused: there is none in their reach.
        """
        if text not in self.found:
            query = areas.visible_to(self.actor).where(Area.full_name == text).limit(1)
            self.found[text] = db.session.scalar(query)
        return known(self.found[text], because(NO_AREA, text=text))


def known(value: Value | None, fault: Reason) -> Value:
    """A value that was found.

    Raises:
        Refused: it was not, with the fault.
    """
    if value is None:
        raise Refused(fault)
    return value


def names_by_id(visible: sa.Select[Any], model: Any, numbers: Sequence[str]) -> dict[str, str]:
    """How things that are known by their id are called, of those that somebody may see."""
    ids = [key for number in numbers if (key := row_id(number))]
    here = visible.where(model.id.in_(ids)).with_only_columns(model.id, model.name)
    return {str(key): name for key, name in db.session.execute(here)} if ids else {}
