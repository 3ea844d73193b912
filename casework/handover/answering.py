"""Writes of successors: accept, with everything that moves in the same transaction, or refuse with a reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from casework import audit
from casework.accounts.models import User
from casework.cases.models import Case
from casework.cases.service import touch
from casework.handover import queries, rules, things
from casework.handover.events import HandedOver
from casework.handover.models import Handover, HandoverItem
from casework.handover.people_events import HandoverAnswered
from casework.handover.policy import TAKE, Reach
from casework.handover.service import hold
from casework.handover.things import KINDS, Passing, Thing
from casework.handover.words import PENDING, Answer, Stage
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day
from casework.roster.models import Posting, Unit


@dataclass(frozen=True, slots=True)
class Answered:
    """How many things went over, were refused, or were no longer the leaver's."""

    accepted: int
    refused: int
    gone: int


def answer(
    handover: Handover, accept: Collection[int], refuse: Mapping[int, str], *, actor: Actor, now: datetime
) -> Answered:
    """Take things over, refuse others: ids of items, and a reason for each that is refused.

    Raises:
        NotPermitted: nothing of it is theirs.
        Refused: it was called off, something does not wait for them any more, no reason, or they do not serve there.
    """
    hold(handover)
    authorise(actor, TAKE, Reach(frozenset((actor.user_id,))))
    waiting = _waiting(handover, actor)
    asked = {*accept, *refuse}
    strange = len(asked - waiting.keys())
    if not asked and handover.stage == Stage.SENT:
        raise Refused(because(N_("Tick what you answer."), "things"))
    if faults := rules.answering_faults(handover.stage, strange, refuse.values()):
        raise Refused(faults)
    taken = [waiting[key] for key in sorted(accept) if key not in refuse]
    _refuse_out_of_reach(taken, actor, now)
    gone = _move(handover, taken, actor, now)
    for key, reason in refuse.items():
        waiting[key].state, waiting[key].reason, waiting[key].answered_at = Answer.REFUSED, reason.strip(), now
    found = Answered(len(taken) - gone, len(refuse), gone)
    _record(handover, found, refuse.values(), actor, now)
    finish(handover, now)
    return found


def accept_all(handover: Handover, *, actor: Actor, now: datetime) -> Answered:
    """Take over everything that waits for the person.

    Raises:
        NotPermitted, Refused: see ``answer``.
    """
    hold(handover)
    return answer(handover, set(_waiting(handover, actor)), {}, actor=actor, now=now)


def _waiting(handover: Handover, actor: Actor) -> dict[int, HandoverItem]:
    rows = queries.items(handover, states=[Answer.WAITING])
    return {row.id: row for row in rows if row.successor_id == actor.user_id}


def _refuse_out_of_reach(taken: Sequence[HandoverItem], actor: Actor, now: datetime) -> None:
    meant = [Thing(kind=row.kind, ref=row.ref_id, title=row.title, case_id=row.case_id) for row in taken]
    if cannot := things.unfit(meant, actor.user_id, local_day(now)):
        said = N_("You do not serve where %(n)s of these lie (%(first)s …): refuse them, somebody else is named then.")
        raise Refused(because(said, n=len(cannot), first=cannot[0].title))


def _move(handover: Handover, taken: Sequence[HandoverItem], actor: Actor, now: datetime) -> int:
    """Move kind after kind; tells each case once, and returns how many things were no longer the leaver's."""
    successor = db.session.get_one(User, actor.user_id)
    moved: list[HandoverItem] = []
    for name, kind in KINDS.items():
        own = [row for row in taken if row.kind == name]
        if not own:
            continue
        refs = [row.ref_id for row in own]
        done = kind.move(Passing(refs=refs, leaver=handover.leaver, successor=successor, actor=actor, now=now))
        for row in own:
            row.state, row.answered_at = (Answer.ACCEPTED if row.ref_id in done else Answer.GONE), now
        moved += [row for row in own if row.ref_id in done]
    db.session.flush()  # the version checks before the entries
    _tell_cases(handover, moved, actor, now)
    return len(taken) - len(moved)


@dataclass(slots=True)
class _Told:
    parts: list[str] = field(default_factory=list)
    promises: list[str] = field(default_factory=list)


def _tell_cases(handover: Handover, moved: Sequence[HandoverItem], actor: Actor, now: datetime) -> None:
    """One entry on each case: what of it went over; the requester reads from it whom to call."""
    told: dict[int, _Told] = {}
    for row in moved:
        if row.case_id is not None:
            entry = told.setdefault(row.case_id, _Told())
            if row.kind not in entry.parts:
                entry.parts.append(row.kind)
            if row.kind == "promise":
                entry.promises.append(row.title)
    firms = {row.enterprise_id: row for row in moved if row.kind == "firm" and row.enterprise_id}
    for case_id, firm_id in _open_cases_of(firms):
        told.setdefault(case_id, _Told()).parts.insert(0, "firm")
        firms[firm_id].told_at = now
    if not told:
        return
    unit, phone = _unit_of(actor.user_id, now)
    cases = {case.id: case for case in db.session.scalars(sa.select(Case).where(Case.id.in_(told)))}
    for case_id in sorted(told):
        fact = HandedOver(
            handover=handover.id,
            leaver=handover.leaver.name,
            successor=actor.name,
            parts=told[case_id].parts,
            unit=unit,
            phone=phone,
            promises=told[case_id].promises,
        )
        audit.record(fact, by=actor, at=now, case_id=case_id)
        touch(cases[case_id], "hand_over", now)


def _open_cases_of(firm_ids: Iterable[int]) -> list[tuple[int, int]]:
    query = sa.select(Case.id, Case.enterprise_id).where(Case.enterprise_id.in_(list(firm_ids)), Case.is_open.is_(True))
    return [(key, firm_id) for key, firm_id in db.session.execute(query.order_by(Case.id)) if firm_id]


def _unit_of(user_id: int, now: datetime) -> tuple[str, str]:
    """Name and phone of the unit in which a person serves: what an enterprise is told."""
    posting: Posting | None = queries.posting_of(user_id, local_day(now))
    unit = db.session.get(Unit, posting.unit_id) if posting else None
    return (unit.name, unit.phone) if unit else ("", "")


def _record(handover: Handover, found: Answered, reasons: Iterable[str], actor: Actor, now: datetime) -> None:
    said = sorted({reason.strip() for reason in reasons})[:20]
    fact = HandoverAnswered(
        handover.id, handover.leaver_id, handover.leaver.name, found.accepted, found.refused, found.gone, said
    )
    audit.record(fact, by=actor, at=now)


def finish(handover: Handover, now: datetime) -> None:
    """It is done when nothing waits and nothing is refused."""
    db.session.flush()  # the answers are read from the rows
    if handover.stage == Stage.SENT and not queries.items(handover, states=PENDING):
        handover.stage, handover.ended_at = Stage.DONE, now
        db.session.flush()


def sweep(handover: Handover, now: datetime) -> int:
    """Let go what was settled otherwise meanwhile: a closed case, a firm that got another officer. Returns how many."""
    hold(handover)
    if handover.stage != Stage.SENT:
        return 0
    held = {(thing.kind, thing.ref) for thing in things.held_by(handover.leaver_id, now)}
    gone = [row for row in queries.items(handover, states=PENDING) if (row.kind, row.ref_id) not in held]
    for row in gone:
        row.state, row.answered_at = Answer.GONE, now
    finish(handover, now)
    return len(gone)


def mark_told(handover: Handover, item_ids: Collection[int], *, told: bool, actor: Actor, now: datetime) -> int:
    """Note that enterprises were told of their new officer, or take that back; returns how many.

    Raises:
        NotFound: one of them did not go to the actor.
        Refused: nothing is ticked.
    """
    if not item_ids:
        raise Refused(because(N_("Tick the enterprises that are meant."), "things"))
    rows = list(
        db.session.scalars(
            sa.select(HandoverItem).where(
                HandoverItem.id.in_(item_ids),
                HandoverItem.handover_id == handover.id,
                HandoverItem.successor_id == actor.user_id,
                HandoverItem.state == Answer.ACCEPTED,
                HandoverItem.kind == "firm",
            )
        )
    )
    if len(rows) != len(set(item_ids)):
        raise NotFound("item")
    for row in rows:
        row.told_at = now if told else None
    return len(rows)
