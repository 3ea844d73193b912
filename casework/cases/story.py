"""The story of a case in words: each entry of its chain as a sentence, with who, when and what was said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.audit.queries import Entry
from casework.cases import move_words
from casework.cases.clockwork import CLOCK_LABELS
from casework.cases.workflow import ACTIONS, CHOICES, SOURCE_LABELS, action_named
from casework.clocks.explain import moment
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, because
from casework.kernel.time import local, local_day

KINDS: Mapping[str, str] = {
    "round": N_("Talks"),
    "promise": N_("Promises"),
    "process": N_("Processes"),
    "supplies": N_("Supplies"),
    "note": N_("Contacts and notes"),
    "move": N_("Steps"),
    "file": N_("Files"),
    "money": N_("Firms and money"),
    "fix": N_("Corrections"),
    "system": N_("Looks"),
}
FIELDS: Mapping[str, str] = {
    "title": N_("Matter in one line"),
    "text": N_("What happened, what is asked"),
    "type": N_("Type"),
    "requester": N_("Enterprise"),
    "contact_name": N_("Contact person"),
    "contact_phone": N_("Phone"),
    "area": N_("Area"),
    "place": N_("Place"),
    "urgent": N_("Urgent"),
}


@dataclass(frozen=True, slots=True)
class Mention:
    """Another entry of the story, as a link names it: by when it was made."""

    id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """An entry as the page tells it. ``details`` are (label, value) pairs; ``quote`` is what a person said.

    ``correct_at`` is where its reader may put it right, empty where they may not.
    What only a higher package can draw stands in its own template, ``part``, which reads ``facts``.
    """

    id: int
    seq: int
    at: datetime
    day: date
    kind: str
    verb: str
    who: str
    what: Reason
    details: tuple[tuple[Reason, Reason | str], ...] = ()
    quote: str = ""
    files: tuple[Mapping[str, Any], ...] = ()
    changes: tuple[tuple[Reason, str, str], ...] = ()
    marks: tuple[tuple[str, str, str], ...] = ()
    corrects: Mention | None = None
    corrected_by: Mention | None = None
    correct_at: str = ""
    written_at: str = ""
    erased: bool = False
    icon: str = ""
    tone: str = ""
    tag: tuple[Reason, str] | None = None
    part: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    anchor: str = ""
    fold: str = ""
    folded: tuple[Told, ...] = ()


# How entries of one kind that follow each other on a day are told in one sentence; higher packages add theirs.
FOLDS: dict[str, Callable[[Sequence[Told]], Reason]] = {}


def folded(told: Sequence[Told]) -> list[Told]:
    """The entries with those of one ``fold`` and day that follow each other told as one, which holds them all."""
    rows: list[Told] = []
    for (fold, _), group in groupby(told, key=lambda item: (item.fold or item.id, item.day)):
        entries = tuple(group)
        if len(entries) > 2 and fold in FOLDS:
            rows.append(replace(entries[0], who="", quote="", files=(), what=FOLDS[str(fold)](entries), folded=entries))
        else:
            rows.extend(entries)
    return rows


def tell(entries: Iterable[Entry], checklist: Mapping[str, str]) -> list[Told]:
    """Entries as sentences, in the order given; one query for the names."""
    listed = list(entries)
    names = _names({entry.actor_id for entry in listed if entry.actor_id})
    return [_told(entry, names.get(entry.actor_id or 0, ""), checklist) for entry in listed]


def _names(user_ids: set[int]) -> dict[int, str]:
    if not user_ids:
        return {}
    rows = db.session.execute(sa.select(User.id, User.name).where(User.id.in_(sorted(user_ids))))
    return {user_id: name for user_id, name in rows}  # noqa: C416 - rows are no pairs to mypy


def _told(entry: Entry, who: str, checklist: Mapping[str, str]) -> Told:
    data = entry.data
    base: dict[str, Any] = {
        "id": entry.id,
        "seq": entry.seq,
        "at": entry.at,
        "day": local_day(entry.at),
        "kind": entry.kind,
        "verb": entry.verb,
        "who": who,
    }
    if not data and entry.verb != "CaseMoved":
        return Told(**base, what=Reason(N_("an entry that was erased by law")), erased=True)
    return TELLERS.get(entry.verb, _plain)(base, data, checklist)


def _plain(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    return Told(**base, what=Reason(base["verb"]), quote=str(data.get("text", "")))


def _submitted(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    label = SOURCE_LABELS.get(data.get("source", ""), "")
    return Told(**base, what=because(N_("reported the case (%(source)s)"), source=Reason(label)))


def _moved(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    answer, action = dict(data.get("answer", {})), action_named(data.get("action", ""))
    return Told(
        **base,
        what=move_words.what_was_done(data),
        details=tuple(move_words.details(action, answer)) if action else (),
        quote=move_words.quote(answer),
        marks=move_words.marks(answer, checklist),
    )


def _received(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    what = because(N_("merged case %(number)s into this one"), number=data.get("number", ""))
    return Told(**base, what=what, quote=data.get("title", ""))


def _contact(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    words = N_("first contact: %(way)s with %(person)s") if data.get("first") else N_("%(way)s with %(person)s")
    way = Reason(CHOICES["way"].get(data.get("way", ""), ""))
    return Told(**base, what=because(words, way=way, person=data.get("person", "")), quote=data.get("text", ""))


def _note(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    if data.get("imported_from"):
        what = because(N_("an entry taken over from %(source)s"), source=data["imported_from"])
    elif data.get("corrects"):
        what = Reason(N_("corrects an earlier entry"))
    else:
        what = Reason(N_("noted"))
    return Told(
        **base,
        what=what,
        quote=data.get("text", ""),
        written_at=_read_time(data.get("written_at") or ""),
    )


def _read_time(text: str) -> str:
    """A time of an entry as it is shown."""
    return f"{local(datetime.fromisoformat(text)):%Y-%m-%d %H:%M}" if text else ""


def _files(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    files = tuple(data.get("files", []))
    return Told(
        **base,
        what=Reason(N_("attached a file")) if len(files) == 1 else because(N_("attached %(n)s files"), n=len(files)),
        files=files,
    )


def _fixed(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    changes = tuple(
        (Reason(FIELDS.get(name, name)), str(pair[0]), str(pair[1])) for name, pair in data.get("changes", {}).items()
    )
    return Told(**base, what=Reason(N_("corrected")), changes=changes, quote=data.get("reason", ""))


def _joined(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    names = "、".join(data.get("names", [])[:5])
    return Told(**base, what=because(N_("%(n)s firms joined"), n=data.get("count", 0)), quote=names)


def _settled(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    words = N_("%(name)s is settled") if data.get("status") == "settled" else N_("%(name)s is excluded")
    words = N_("%(name)s is pending again") if data.get("status") == "pending" else words
    return Told(**base, what=because(words, name=data.get("name", "")), quote=data.get("reason", ""))


def _completed(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    words = N_("completed what a list says of %(name)s")
    return Told(**base, what=because(words, name=data.get("name", "")))


def _revealed(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    return Told(**base, what=Reason(N_("looked at the full phone number")))


Teller = Callable[[dict[str, Any], Mapping[str, Any], Mapping[str, str]], Told]


def _due_moved(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    times = (data.get("before"), data.get("after"))
    before, after = (moment(datetime.fromisoformat(at)) if at else "—" for at in times)
    said = N_("%(clock)s is due %(after)s instead of %(before)s: the calendar was changed")
    what = because(said, clock=Reason(CLOCK_LABELS.get(data.get("clock", ""), "")), before=before, after=after)
    return Told(**base, what=what, quote=f"{data.get('calendar', '')}：{data.get('why', '')}", icon="clock")


# Who tells an entry, by its verb; higher packages add theirs in the wiring.
TELLERS: dict[str, Teller] = {
    "CaseSubmitted": _submitted,
    "CaseMoved": _moved,
    "CaseReceived": _received,
    "ContactLogged": _contact,
    "NoteAdded": _note,
    "FilesAttached": _files,
    "FieldsCorrected": _fixed,
    "BeneficiariesAdded": _joined,
    "DueMoved": _due_moved,
    "BeneficiarySettled": _settled,
    "BeneficiaryCompleted": _completed,
    "ContactRevealed": _revealed,
}
SHORT: dict[str, str] = {
    "submit": N_("Submitted"),
    "note": N_("Note"),
    "attach": N_("Files"),
    "edit": N_("Correction"),
    "beneficiaries": N_("Firms"),
    **{action.name: action.label for action in ACTIONS},
}
