"""The texts of cases, of their stories and of their files: each starts from what the reader may know of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from casework.areas import queries as areas
from casework.areas.models import Level
from casework.audit import queries as audit_queries
from casework.audit.queries import Entry
from casework.cases import story
from casework.cases.models import Case
from casework.cases.queries import ways_to
from casework.cases.workflow import STATE_LABELS, State
from casework.files.models import Attachment
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import N_, because
from casework.kernel.finding import Narrow, Sought, newest
from casework.kernel.models import SearchDoc
from casework.kernel.permissions import TABLE, Actor, Duty, Scope, can
from casework.kernel.search import PIECES
from casework.kernel.words import Phrase, phrases
from casework.search import subjects
from casework.search.groups import MOST, Group, Line
from casework.search.rules import Asked, holds, is_named, marked, named, snippet, spoken, worth

NARROW = 400
"""Up to so many cases a reader's texts are read one by one; see kernel/finding."""
RANKED = 1000
"""Of so many of the newest finds the best are chosen."""
PAGE = 20
BY_PLACE = {Scope.AREA, Scope.DISTRICT, Scope.AUTHORITY}
NEEDS: Mapping[str, str] = {
    "case": "case.read",
    "entry": "case.story",
    "file": "case.story",
    "party": "negotiation.read",
    "order": "order.read",
}
LABELS: Mapping[str, str] = {
    "case": N_("Cases"),
    "entry": N_("Story and talks"),
    "file": N_("Files"),
    "party": N_("Counterparties"),
    "order": N_("Supervision orders"),
}
OWN: Mapping[str, Callable[[Actor], Narrow]] = {"party": subjects.parties_for, "order": subjects.orders_for}
"""Kinds whose texts belong to no case: what of them somebody may know of."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The cases that somebody may read in some way: as a condition, and by their ids where they are few."""

    condition: sa.ColumnElement[bool]
    few: Sequence[int] | None
    places: Sequence[int] | None = None


class Reader:
    """A person who looks for something: how far they reach is asked once for each permission."""

    def __init__(self, actor: Actor, narrow: int = NARROW) -> None:
        self.actor = actor
        self.narrow = narrow
        self._reach: dict[str, Reach] = {}

    def reach(self, permission: str) -> Reach:
        """The cases that this permission opens to them."""
        if permission not in self._reach:
            self._reach[permission] = _reach(self.actor, permission, self.narrow)
        return self._reach[permission]

    def sought(self, words: Sequence[Phrase], kind: str) -> Sought:
        """Words in the texts of one kind that this person may read."""
        if kind in OWN:
            return Sought(words if can(self.actor, NEEDS[kind]) else [], kind, OWN[kind](self.actor), rare=True)
        reach = self.reach(NEEDS[kind])

        def narrow(query: sa.Select[Any]) -> sa.Select[Any]:
            return query.join(Case, Case.id == SearchDoc.case_id).where(reach.condition)

        return Sought(words, kind, narrow, reach.few, reach.places)


def _reach(actor: Actor, permission: str, narrow: int) -> Reach:
    ways = ways_to(actor, permission)
    if not ways:
        return Reach(sa.false(), [])
    # One by one, so that each is the beginning of an index.
    parts = [sa.select(Case.id).where(way).limit(narrow + 1).subquery() for way in ways]
    union = sa.union(*(sa.select(part.c.id) for part in parts)).limit(narrow + 1)
    ids = list(db.session.scalars(union))
    return (
        Reach(sa.or_(*ways), ids, None)
        if len(ids) <= narrow
        else Reach(sa.or_(*ways), None, _places(actor, permission))
    )


def _places(actor: Actor, permission: str) -> list[int] | None:
    """The districts of the cases that somebody reaches; None where that is every one."""
    grants = TABLE[permission].grants
    bound = [duty for duty in actor.duties if set(grants.get(duty.role, ())) <= BY_PLACE]
    places = districts(bound, permission)
    if places is None:
        return None
    free = replace(actor, duties=tuple(duty for duty in actor.duties if duty not in bound))
    ways = ways_to(free, permission)  # what is one's own or one's team's may lie anywhere
    # With a sum the planner cannot walk through all cases by district to find the few that are one's own.
    lie = (Case.district_id + 0).label("place")
    asked = [sa.select(lie).where(way) for way in ways]
    found = set(db.session.scalars(sa.union(*asked))) if asked else set()
    return None if None in found else sorted({*places, *(place for place in found if place)})


def districts(duties: Iterable[Duty], permission: str) -> list[int] | None:
    """The districts in which duties lie that give a permission by place; None where one is a whole city's."""
    giving = [duty for duty in duties if duty.role in TABLE[permission].grants]
    if any(duty.area_level == Level.CITY for duty in giving):
        return None
    return sorted(areas.districts_served(giving))


def group(
    reader: Reader,
    asked: Asked,
    kind: str,
    *,
    shown: int,
    best: bool = False,
    after: str | None = None,
    most: int = MOST,
) -> Group:
    """The finds in one kind of text, the newest first or the best of the newest thousand; ``after`` the last shown."""
    words = phrases(" ".join(asked.words))
    sought = reader.sought(words, kind)
    place, limit = paging.decode(after, [int]), max(most, shown + 1)
    if best:
        rows = best_of(newest(sought, most=RANKED, with_tokens=True), words)
    else:
        rows = list(newest(sought, most=limit, before=place[0] if place else None))
    distinct = _each_once(rows)
    if best and place:
        distinct = distinct[next((at for at, row in enumerate(distinct, 1) if row.id == place[0]), 0) :]
    first = distinct[:shown]
    cut = len(distinct) > shown
    more = cut or (not best and len(rows) >= limit)  # a long document may fill the rows by itself
    last = first[-1] if cut else rows[-1] if rows else None
    return Group(
        kind=kind,
        label=LABELS[kind],
        lines=_LINES[kind](first, asked) if first else [],
        count=min(len(distinct), MOST),
        every=f"/search?{urlencode({'q': asked.text, 'kind': kind})}" if more else "",
        after=paging.encode([last.id]) if last is not None and more else None,
        partly=best and len(rows) >= RANKED,
    )


def _each_once(rows: Sequence[Any]) -> list[Any]:
    """One row a thing: of a document that was found by its name and by its text, the newer or the better."""
    found: dict[int, Any] = {}
    for row in rows:
        found.setdefault(row.ref_id, row)
    return list(found.values())


def best_of(rows: Sequence[Any], words: Sequence[Phrase]) -> list[Any]:
    """Finds in the order of their worth, the newest first among equals; the rows come with their tokens."""
    return sorted(rows, key=lambda row: (-worth(row.tokens, words), -row.id))


def case_lines(ids: Sequence[int], asked: Asked) -> list[Line]:
    """Cases as lines; the caller has asked whether the reader may know of them."""
    rows = {case.id: case for case in db.session.scalars(sa.select(Case).where(Case.id.in_(ids)))}
    return [case_line(rows[key], asked) for key in ids if key in rows]


def case_line(case: Case, asked: Asked, first: Any = None) -> Line:
    """A case as a line; ``first`` stands before its requester, else its number. Says why, where the text does not."""
    why = [part for part in (case.place, case.contact_name) if any(is_named(part, word) for word in asked.words)]
    return Line(
        href=f"/cases/{case.number}",
        title=named(case.title, asked.words),
        about=(
            first or marked(case.number, asked.words),
            named(case.requester, asked.words),
            because(STATE_LABELS[State(case.state)]),
            *(named(part, asked.words) for part in why),
        ),
        text=snippet(case.text, asked.words) if first is None else (),
        at=case.submitted_at,
        key=case.id,
    )


def _cases(rows: Sequence[Any], asked: Asked) -> list[Line]:
    return case_lines([row.ref_id for row in rows], asked)


def _entries(rows: Sequence[Any], asked: Asked) -> list[Line]:
    entries = audit_queries.entries_with(row.ref_id for row in rows)
    cases = _titles(row.case_id for row in rows)
    tokens = _tokens(rows)
    told = {one.id: one for one in story.tell(entries.values(), {})}
    lines = []
    for row in rows:
        entry, (number, title) = entries.get(row.ref_id), cases.get(row.case_id, ("", ""))
        if entry is None or told[entry.id].erased:
            continue  # what was erased by law is not told by the index either
        lines.append(
            Line(
                href=f"/cases/{number}?before={entry.id + 1}#e{entry.id}",
                title=[(title, False)],
                about=(number, told[entry.id].who, told[entry.id].what),
                text=snippet(_said(entry, told[entry.id].quote, tokens[row.id], asked), asked.words),
                at=entry.at,
                key=row.id,
            )
        )
    return lines


def _said(entry: Entry, quote: str, tokens: str, asked: Asked) -> str:
    """The part of an entry that holds most of the words; as the index tells it, where the entry says it otherwise."""
    said = [text for text in (quote, *_strings(entry.data)) if text]
    held = {text: sum(holds(text, word) for word in asked.words) for text in said}
    most = max(held.values(), default=0)
    if most == len(asked.words):
        return next(text for text in said if held[text] == most)
    return " · ".join(dict.fromkeys(text for text in said if held[text])) if most else spoken(tokens)


def _strings(data: Any) -> Iterable[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _strings(value)
    elif isinstance(data, list):
        for value in data:
            yield from _strings(value)


def _files(rows: Sequence[Any], asked: Asked) -> list[Line]:
    query = sa.select(Attachment).where(Attachment.id.in_([row.ref_id for row in rows]))
    files = {one.id: one for one in db.session.scalars(query)}
    cases = _titles(row.case_id for row in rows)
    tokens = _tokens(rows)
    return [
        Line(
            href=f"/cases/{cases[row.case_id][0]}/files/{files[row.ref_id].token}",
            title=marked(files[row.ref_id].name, asked.words),
            about=cases[row.case_id],
            text=snippet(spoken(tokens[row.id]), asked.words) if row.part >= PIECES else (),
            at=files[row.ref_id].uploaded_at,
            key=row.id,
        )
        for row in rows
        if row.ref_id in files and row.case_id in cases
    ]


def _titles(ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    query = sa.select(Case.id, Case.number, Case.title).where(Case.id.in_(sorted(set(ids))))
    return {row.id: (row.number, row.title) for row in db.session.execute(query)}


def _tokens(rows: Sequence[Any]) -> dict[int, str]:
    query = sa.select(SearchDoc.id, SearchDoc.tokens).where(SearchDoc.id.in_([row.id for row in rows]))
    return {row.id: row.tokens for row in db.session.execute(query)}


_LINES = {
    "case": _cases,
    "entry": _entries,
    "file": _files,
    "party": subjects.party_lines,
    "order": subjects.order_lines,
}
