"""Every write to a case: submit it, act on it, note, attach. Its ``state`` moves by ``take`` alone, see ``taking``."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.areas import queries as area_queries
from casework.areas.models import Area
from casework.cases import corrections, rules, taking, timing, workflow
from casework.cases.events import CaseSubmitted, ContactRevealed, FilesAttached, NoteAdded
from casework.cases.models import Case, CaseCounter, CaseType
from casework.cases.taking import Taking
from casework.cases.workflow import ENDS, Source, State
from casework.clocks.models import Deadline
from casework.files.models import Attachment
from casework.kernel import search
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, Refused, because
from casework.kernel.masking import tail
from casework.kernel.named import spelled
from casework.kernel.numbers import next_number
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local

# Letters and digits that cannot be misread when a code is spoken or written down.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
Command = Callable[..., Any]
# Who carries out an action, if not ``take``: filled by higher packages in the wiring.
COMMANDS: dict[str, Command] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDraft:
    """What is reported: the text, where, whose, and how it reached us."""

    title: str
    text: str
    type_id: int
    area_id: int
    source: Source
    requester: str
    enterprise_id: int | None = None
    contact_name: str = ""
    contact_phone: str = ""
    place: str = ""
    urgent: bool = False
    joint: bool = False


def submit(
    *,
    draft: CaseDraft,
    actor: Actor | None,
    now: datetime,
    origin: str | None = None,
    external_ref: str | None = None,
) -> Case:
    """Open a case: number without gaps, code for the requester, clocks started, first entry of its chain.

    Raises:
        NotFound: the area or type does not exist.
        NotPermitted: the actor may not submit for this area.
        Refused: the area lies above a district.
    """
    case, case_type = begun(draft, State.SUBMITTED, actor=actor, at=now, origin=origin, external_ref=external_ref)
    enter(case, timing.begin(case, case_type.limits, now), actor=actor, now=now)
    return case


def begun(
    draft: CaseDraft, state: State, *, actor: Actor | None, at: datetime, origin: str | None, external_ref: str | None
) -> tuple[Case, CaseType]:
    """A case with its number, as of when it began, and its type; it is stored by ``enter``.

    Raises:
        NotFound: the area or type does not exist.
        NotPermitted: the actor may not submit for this area.
        Refused: the area lies above a district.
    """
    area, case_type = db.session.get(Area, draft.area_id), db.session.get(CaseType, draft.type_id)
    if area is None or case_type is None:
        raise NotFound("area or case type")
    case = new_case(draft, area, case_type, at, state)
    if actor is not None:
        authorise(actor, "case.submit", case)
        case.created_by_id = actor.user_id
    case.origin, case.external_ref = origin, external_ref
    case.number = _next_number(area, at)
    return case, case_type


def enter(case: Case, deadlines: Sequence[Deadline], *, actor: Actor | None, now: datetime) -> None:
    """Store a case with its clocks, the first entry of its chain, and what it is found by."""
    db.session.add(case)
    db.session.flush()  # the chain and the clocks need the id
    for deadline in deadlines:
        deadline.case_id = case.id
    db.session.add_all(deadlines)
    fact = CaseSubmitted(
        number=case.number, title=case.title, source=case.source, origin=case.origin, ref=case.external_ref
    )
    audit.record(fact, by=actor, at=now, case_id=case.id, new=True)
    search.put("case", case.id, 0, case.id, findable(case), new=True, place=case.district_id)


def findable(case: Any) -> str:
    """The words by which a case is found, from a case or a row of its columns; last its names in letters."""
    said = f"{case.number} {case.title}\n{case.requester} {case.contact_name}\n{case.place}\n{case.text}"
    return f"{said}\n{spelled(case.requester)} {spelled(case.title)}"


def new_case(draft: CaseDraft, area: Area, case_type: CaseType, now: datetime, state: State) -> Case:
    """A case as it begins, without its number, not stored yet.

    Raises:
        Refused: the area lies above a district.
    """
    return Case(**fields_of_new(draft, area, case_type, now, state))


def fields_of_new(draft: CaseDraft, area: Area, case_type: CaseType, now: datetime, state: State) -> dict[str, Any]:
    """The fields of a case as it begins, without its number.

    Raises:
        Refused: the area lies above a district.
    """
    if area.level == "city" or (area.district_id is None and area.level != "district"):
        raise Refused(because(N_("Area: pick a district or a place inside one."), "area_id"))
    return dict(
        number="",
        code=_new_code(),
        title=draft.title,
        text=draft.text,
        type_id=case_type.id,
        domain=case_type.domain,
        reviewer=case_type.reviewer,
        state=state,
        is_open=state not in ENDS,
        urgent=draft.urgent,
        joint=draft.joint,
        negotiated=False,
        processed=False,
        supplied=False,
        source=draft.source,
        enterprise_id=draft.enterprise_id,
        requester=draft.requester,
        contact_name=draft.contact_name,
        contact_phone=draft.contact_phone,
        phone_tail=tail(draft.contact_phone),
        place=draft.place,
        submitted_at=now,
        last_at=now,
        co_unit_ids=[],
        handler_ids=[],
        handled_by=[],
        callback_tries=0,
        next_paused=False,
        last_verb="submit",
        area_id=area.id,
        **area_queries.placed(area),
    )


def _new_code() -> str:
    number, signs = secrets.randbelow(len(ALPHABET) ** 12), []
    for _ in range(12):
        number, at = divmod(number, len(ALPHABET))
        signs.append(ALPHABET[at])
    return "".join(signs)


def _next_number(area: Area, at: datetime) -> str:
    head, number = next_numbers(area, at, 1)
    return f"{head}-{number:06d}"


def next_numbers(area: Area, at: datetime, count: int) -> tuple[str, int]:
    """What the next numbers of a district begin with (code–year), and the first of them."""
    district_id, year = area.own_district_id, local(at).year
    district = area if area.id == district_id else db.session.get_one(Area, district_id)
    return f"{district.code}-{year}", next_number(CaseCounter, count=count, district_id=district_id, year=year)


def act(case: Case, name: str, answer: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Take an action by the command that carries it out: for page, interface and job alike."""
    command: Command = COMMANDS.get(name, take)
    command(case, name, answer, actor=actor, now=now)


def take(
    case: Case,
    name: str,
    answer: Mapping[str, Any],
    *,
    actor: Actor | None,
    now: datetime,
    automatic: bool = False,
) -> None:
    """Take the named action of the life cycle, or raise and change nothing.

    ``actor`` is None only for what the limits themselves do (``automatic``).

    Raises:
        NotFound: there is no such action.
        NotPermitted: the table does not grant it to the actor on this case.
        Refused: the rules object; every reason is named.
    """
    action = workflow.action_named(name)
    if action is None:
        raise NotFound(name)
    if actor is not None:
        authorise(actor, action.permission, case)
    taking.carry_out([taking.planned(case, action, answer, actor, now)], actor=actor, now=now, automatic=automatic)


def taking_back(case: Case, reason: str, *, actor: Actor, now: datetime) -> Taking:
    """To withdraw a case that one's own import made: who may submit it may take it back. Nothing is changed yet.

    Raises:
        NotPermitted: the area is not the actor's to submit for.
        Refused: it has ended.
    """
    authorise(actor, "case.submit", case)
    action = workflow.action_named("withdraw")
    if action is None:
        raise AssertionError("a case can be withdrawn")
    return taking.planned(case, action, {"reason": reason}, actor, now)


def take_back(taken: Sequence[Taking], *, actor: Actor, now: datetime) -> None:
    """Withdraw cases, each by ``taking_back``. Their references are free again."""
    for one in taken:
        one.case.origin = f"undone:{one.case.id}:{one.case.origin}"[:80]
    taking.carry_out(taken, actor=actor, now=now)


def add_note(
    case: Case,
    text: str,
    *,
    actor: Actor | None,
    now: datetime,
    imported_from: str | None = None,
    written_at: datetime | None = None,
    corrects: int | None = None,
) -> int:
    """Add a note to the story; a correction names the entry that it puts right. Conflicts with nobody.

    Raises:
        NotPermitted: the actor may not write on this case.
        Refused: the text is empty or too long, or the entry it corrects is not one of this case's notes or contacts.
    """
    if actor is not None:
        authorise(actor, "case.note", case)
    if not text.strip():
        raise Refused(because(N_("Note: write a sentence."), "text"))
    if len(text) > rules.TEXT_LIMIT and not imported_from:
        raise Refused(because(N_("Note: shorten it to %(limit)s characters."), "text", limit=rules.TEXT_LIMIT))
    if corrects is not None:
        corrections.check(case, corrects)
    fact = NoteAdded(
        text=text,
        corrects=corrects,
        imported_from=imported_from,
        written_at=written_at.isoformat() if written_at else None,
    )
    entry = audit.record(fact, by=actor, at=now, case_id=case.id)
    touch(case, "note", now)
    search.put("entry", entry, 0, case.id, text, new=True)
    return entry


def touch(case: Case, verb: str, now: datetime) -> None:
    """Mark the latest progress without a version check: additions conflict with nobody."""
    db.session.execute(
        sa.update(Case)
        .where(Case.id == case.id)
        .values(last_verb=verb, last_at=now)
        .execution_options(synchronize_session=False)
    )


def attach(case: Case, files: Sequence[Attachment], *, actor: Actor, now: datetime) -> None:
    """Enter files that ``files.service.attach`` has made into the story.

    Raises:
        NotPermitted: the actor may not attach to this case.
    """
    authorise(actor, "case.attach", case)
    listed = [{"id": file.id, "name": file.name, "sha256": file.sha256, "kind": file.kind} for file in files]
    audit.record(FilesAttached(files=listed), by=actor, at=now, case_id=case.id)
    touch(case, "attach", now)


def reveal_phone(case: Case, *, actor: Actor, now: datetime) -> str:
    """The contact's full number; the look is logged.

    Raises:
        NotPermitted: the actor may not see it.
    """
    authorise(actor, "case.reveal", case)
    audit.record(ContactRevealed(what="contact_phone"), by=actor, at=now, case_id=case.id)
    return case.contact_phone
