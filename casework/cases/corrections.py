"""Entries are never changed: a later one puts an earlier one right, and the two name each other on the story.

Higher packages let their own entries be corrected by one more line of ``CORRECTABLE``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from casework.audit.models import Event, EventPayload
from casework.audit.queries import Entry
from casework.cases.models import Case
from casework.cases.story import Mention, Told
from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import Actor, can


@dataclass(frozen=True, slots=True)
class Correctable:
    """How entries of one verb are put right: who may, on which page, and by entries of which verb (``by``).

    ``named`` is the field of the fact that the correcting entry's ``corrects`` holds; None means the entry's own id.
    """

    permission: str
    page: Callable[[Case, Entry], str]
    by: str
    named: str | None = None


def _note_form(case: Case, entry: Entry) -> str:
    return f"/cases/{case.number}?correct={entry.id}#note"


CORRECTABLE: dict[str, Correctable] = {
    "NoteAdded": Correctable("case.note", _note_form, by="NoteAdded"),
    "ContactLogged": Correctable("case.note", _note_form, by="NoteAdded"),
}


def linked(told: Sequence[Told], entries: Iterable[Entry], case: Case, actor: Actor) -> list[Told]:
    """The entries as told, each with what it corrects, what corrects it, and where its reader may correct it."""
    read = {entry.id: entry for entry in entries}
    over = _corrected_by(read, case.id)
    back = _corrects(read, case.id)
    allowed = {rule.permission: can(actor, rule.permission, case) for rule in CORRECTABLE.values()}
    pages: Mapping[int, str] = {
        entry.id: rule.page(case, entry)
        for entry in read.values()
        if entry.data and entry.id not in over and (rule := CORRECTABLE.get(entry.verb)) and allowed[rule.permission]
    }
    return [
        replace(
            item,
            corrects=back.get(item.id),
            corrected_by=over.get(item.id),
            correct_at=pages.get(item.id, ""),
        )
        for item in told
    ]


def _corrected_by(read: Mapping[int, Entry], case_id: int) -> dict[int, Mention]:
    """The newest correction of each entry read, in one query; none where nothing can be corrected."""
    names = {
        (rule.by, _own_name(entry, rule)): entry.id
        for entry in read.values()
        if (rule := CORRECTABLE.get(entry.verb)) is not None
    }
    if not names:
        return {}
    target = EventPayload.payload["corrects"].as_integer()
    query = (
        sa.select(Event.id, Event.at, Event.verb, target)
        .join(EventPayload, EventPayload.event_id == Event.id)
        .where(Event.case_id == case_id, Event.verb.in_(sorted({verb for verb, _ in names})))
        .where(target.in_(sorted({name for _, name in names})))
        .order_by(Event.id)
    )
    rows = db.session.execute(query)
    return {names[verb, name]: Mention(id_, at) for id_, at, verb, name in rows if (verb, name) in names}


def _own_name(entry: Entry, rule: Correctable) -> int:
    return int(entry.data.get(rule.named, 0)) if rule.named else entry.id


def _corrects(read: Mapping[int, Entry], case_id: int) -> dict[int, Mention]:
    """What the entries read put right; nothing is asked where none does."""
    found: dict[int, Mention] = {}
    for verb in sorted({entry.verb for entry in read.values() if entry.data.get("corrects")}):
        wanted = {entry.id: entry.data.get("corrects") or 0 for entry in read.values() if entry.verb == verb}
        known = _mentions(case_id, verb, set(wanted.values()))
        found |= {id_: known[name] for id_, name in wanted.items() if name in known}
    return found


def _mentions(case_id: int, by: str, names: set[int]) -> dict[int, Mention]:
    rule = next((rule for rule in CORRECTABLE.values() if rule.by == by), None)
    if rule is None:
        return {}
    name: Any = EventPayload.payload[rule.named].as_integer() if rule.named else Event.id
    verbs = [verb for verb, other in CORRECTABLE.items() if other.by == by]
    query = (
        sa.select(name, Event.id, Event.at)
        .join(EventPayload, EventPayload.event_id == Event.id)
        .where(Event.case_id == case_id, Event.verb.in_(verbs), name.in_(sorted(names)))
    )
    return {said: Mention(id_, at) for said, id_, at in db.session.execute(query)}


def correctable(case: Case, entry_id: int | None) -> Mention | None:
    """The note or contact of this case with this id, or None if there is none."""
    if not entry_id:
        return None
    return _mentions(case.id, "NoteAdded", {entry_id}).get(entry_id)


def check(case: Case, entry_id: int) -> None:
    """A correction names a note or a contact of the same case.

    Raises:
        Refused: it is another case's, another kind of entry, or there is none.
    """
    if correctable(case, entry_id) is None:
        raise Refused(because(N_("Correction: the entry it puts right is no note or contact of this case.")))
