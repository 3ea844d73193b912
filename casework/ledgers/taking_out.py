"""One way for every list to leave as a spreadsheet: what it holds, who may take out how much, and how it is written.

A list is one line of ``LISTS``. Pages, the job and the command line all ask here, so that scope, masks, limits and the
log are the same whichever way somebody goes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

import sqlalchemy as sa
from flask_babel import gettext

from casework import audit
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, NotPermitted, Refused, because
from casework.kernel.permissions import Actor, Role, can
from casework.kernel.time import local
from casework.ledgers import periods
from casework.ledgers.events import FullListExported, ListExported
from casework.saved.lists import Listed
from casework.sheets.workbook import XLSX_TYPE, Column, Kind, Sheet, write_csv, write_sheets

XLSX, CSV = "xlsx", "csv"
TYPES = {XLSX: XLSX_TYPE, CSV: "text/csv; charset=utf-8"}
OFFICER_ROWS, TEAM_ROWS = 200, 2_000
ALONE = 2_000
"""Up to so many masked rows somebody takes out alone and at once; beyond, with a purpose and a second person."""
MOST_ROWS = 200_000
PORTION = 1_000
_FREE = frozenset({Role.AREA_LEADER, Role.REGULATOR, Role.DISTRICT_ADMIN, Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR})
TOO_MANY = N_("The list holds more than %(most)s rows, which is the most that you may take out: narrow the filter.")
Title = tuple[str, Kind, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants a list, by which words of the address, whether with phone numbers in full, and when."""

    actor: Actor
    args: Mapping[str, str]
    now: datetime
    full: bool = False
    form: str = XLSX


Rows = Iterator[Sequence[Sequence[object]]]
"""Rows in portions: what must not last, as a transaction that says how far it is, fits in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOut:
    """A list that can be taken out. ``filters`` reads the words of an address, and keeps what it understands of them.

    ``rows`` and ``count`` look at no more than the reader may see and raise ``NotFound`` when what it is about is none
    of theirs. ``reveal`` is the permission to have phone numbers in full; without it they never are.
    """

    title: str
    permission: str
    columns: Sequence[Title]
    rows: Callable[[Asked], Rows]
    count: Callable[[Asked, int], int]
    filters: Callable[[Mapping[str, str]], dict[str, str]]
    sheets: Callable[[Asked], Sequence[Sheet]] = lambda _asked: ()
    about: Callable[[Asked], str] = lambda _asked: ""
    reveal: str = ""
    dated: str = ""
    """What its period counts by, in words; "": it has none."""
    mark: str = ""
    """The title of the hidden column by which a row is known again."""
    kept: Listed | None = None
    """The list whose filters these are, which says them in words; without it they stand as in the address."""
    harmless: bool = False
    """It holds nothing of cases or people: no limit but the greatest."""

    def words(self, args: Mapping[str, str]) -> dict[str, str]:
        """What the list understands of an address: its filters, and its period where it has one."""
        return self.filters(args) | (periods.words(args) if self.dated else {})

    def period(self, asked: Asked) -> str:
        """The period that is asked for; "" for none."""
        return periods.said(asked.args) if self.dated else ""

    def told(self, asked: Asked) -> str:
        """What the list is about, and its period: for the name of a file and the head of a page."""
        return " ".join(filter(None, (self.about(asked), self.period(asked))))


LISTS: dict[str, ListOut] = {}


def list_named(name: str, actor: Actor) -> ListOut:
    """A list.

    Raises:
        NotFound: there is no such list.
        NotPermitted: the actor may not take it out.
    """
    found = LISTS.get(name)
    if found is None:
        raise NotFound(name)
    if not can(actor, found.permission):
        raise NotPermitted(found.permission)
    return found


def most_rows(actor: Actor) -> int:
    """How many rows somebody may take out at once: 200 as an officer, 2,000 at the desk or as a lead, else all."""
    if actor.has(*_FREE):
        return MOST_ROWS
    return TEAM_ROWS if actor.has(Role.DESK, Role.LEAD) else OFFICER_ROWS


def count(listed: ListOut, asked: Asked) -> int:
    """How many rows it would be, if they are not too many.

    Raises:
        Refused: they are more than this person may take out, or the period is none.
    """
    if listed.dated and (fault := periods.fault(asked.args)):
        raise Refused(fault)
    most = MOST_ROWS if listed.harmless else most_rows(asked.actor)
    found = listed.count(asked, most + 1)
    if found > most:
        raise Refused(because(TOO_MANY, most=f"{most:,}"))
    return found


def says_nothing(listed: ListOut, rows: int, *, full: bool) -> bool:
    """Whether there is nothing to take out. An empty ledger of a period says that nothing happened in it."""
    return not rows and (full or not listed.dated)


def needs_a_second(listed: ListOut, rows: int, *, full: bool) -> bool:
    """Whether a purpose and a second person are asked for: more than 2,000 rows, or phone numbers in full."""
    return full or (rows > ALONE and not listed.harmless)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was written: how many rows, how many bytes, their hash."""

    rows: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on the file beside the rows: why it was taken out and who agreed to it."""

    purpose: str = ""
    second: str = ""


def write(
    file: IO[bytes],
    listed: ListOut,
    asked: Asked,
    paper: Paper | None = None,
    after: Callable[[int], None] = lambda _rows: None,
) -> Taken:
    """Write the list into a file; ``after`` is told of each portion, and may open a transaction of its own."""
    columns = _columns(listed)
    counted = _Counted(listed.rows(asked), after)
    if asked.form == CSV:
        write_csv(file, columns, counted)
    else:
        paper = paper or Paper()
        sheet = Sheet(gettext(listed.title), columns, counted, foot=_foot(listed, asked, paper))
        write_sheets(file, [sheet, *listed.sheets(asked), _about(listed, asked, paper)])
    size = file.tell()
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    return Taken(counted.rows, size, digest)


class _Counted:
    """The rows one by one, counted as they pass."""

    def __init__(self, portions: Rows, after: Callable[[int], None]) -> None:
        self.portions, self.after, self.rows = portions, after, 0

    def __iter__(self) -> Iterator[Sequence[object]]:
        for portion in self.portions:
            for row in portion:
                self.rows += 1
                yield row
            self.after(self.rows)


def _columns(listed: ListOut) -> list[Column]:
    columns = [Column(gettext(title), kind, width) for title, kind, width in listed.columns]
    return [*columns, Column(gettext(listed.mark), hidden=True)] if listed.mark else columns


def _foot(listed: ListOut, asked: Asked, paper: Paper) -> str:
    said = gettext("Taken out by %(name)s on %(when)s", name=asked.actor.name, when=_when(asked))
    return " · ".join(filter(None, (_period(listed, asked), said, paper.purpose)))


def _period(listed: ListOut, asked: Asked) -> str:
    """The period, and by which day a row belongs to it."""
    said = listed.period(asked)
    return gettext("%(period)s, by: %(day)s", period=said, day=gettext(listed.dated)) if said else ""


def _about(listed: ListOut, asked: Asked, paper: Paper) -> Sheet:
    """The last sheet: who took it out, when, by which filter, what for."""
    lines = [
        (gettext("List"), " ".join(filter(None, (gettext(listed.title), listed.about(asked))))),
        (gettext("Period"), _period(listed, asked)),
        (gettext("Taken out by"), f"{asked.actor.name} {asked.actor.title}".strip()),
        (gettext("Taken out on"), _when(asked)),
        (gettext("Filter"), _filter(listed, asked)),
        (gettext("What for"), paper.purpose),
        (gettext("Agreed to by"), paper.second),
    ]
    columns = [Column(gettext("About this file"), width=18), Column(" ", width=60)]
    return Sheet(gettext("About this file"), columns, [line for line in lines if line[1]])


def _filter(listed: ListOut, asked: Asked) -> str:
    if listed.kept is not None:
        return " · ".join(listed.kept.said(asked.actor, asked.args))
    return "&".join(f"{name}={value}" for name, value in listed.filters(asked.args).items())


def _when(asked: Asked) -> str:
    return f"{local(asked.now):%Y-%m-%d %H:%M}"


def note(name: str, asked: Asked, taken: Taken, paper: Paper | None = None) -> None:
    """Enter in the security log what left: filter, columns, rows, hash, purpose. In the caller's transaction."""
    listed, paper = LISTS[name], paper or Paper()
    fact = FullListExported if asked.full else ListExported
    said = fact(
        name=listed.title,
        about=listed.told(asked),
        form=asked.form,
        rows=taken.rows,
        sha256=taken.sha256,
        columns=[title for title, *_ in listed.columns],
        filters=listed.words(asked.args),
        purpose=paper.purpose,
        second=paper.second,
    )
    audit.record(said, by=asked.actor, at=asked.now)


def in_portions(
    query: Any, keys: Sequence[paging.Key], values: Callable[[Any], Sequence[Any]], size: int = PORTION
) -> Iterator[Sequence[Any]]:
    """A select read by its keys, so many rows at a time: nothing stays open between them, however long it takes."""
    at = paging.FIRST
    while True:
        found = paging.page_of(query, keys, at, size, values=values)
        if found.rows:
            yield found.rows
        if not found.after:
            return
        at = paging.At(after=found.after)


def understood(args: Mapping[str, str], *names: str) -> dict[str, str]:
    """Words of an address that hold something."""
    return {name: args[name].strip()[:100] for name in names if args.get(name, "").strip()}


def counted(query: Any, most: int) -> int:
    """How many rows a select has, counted no further than ``most``."""
    inner = query.order_by(None).limit(most).subquery()
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(inner)) or 0)


@dataclass(frozen=True, slots=True)
class Words:
    """Labels looked up once a list: by key the word in the reader's language."""

    said: dict[str, str] = field(default_factory=dict)

    def of(self, labels: Mapping[Any, str], key: Any) -> str:
        """The word for a key; "" for none."""
        if not key:
            return ""
        message = labels[key]
        found = self.said.get(message)
        if found is None:
            found = self.said[message] = gettext(message)
        return found
