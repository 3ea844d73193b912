"""Every write at a stop: what was logged, what is agreed for a day and time, and what changes on one day's route."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from casework import audit
from casework.enterprises.events import EnterprisePhoneRevealed
from casework.enterprises.models import Contact, ContactEntry
from casework.enterprises.service import write_contact
from casework.files.models import Attachment
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, NotPermitted, Refused, because
from casework.kernel.permissions import Actor, Role, authorise, can
from casework.kernel.time import local_day
from casework.roster import duty
from casework.roster.queries import HANDLERS, names
from casework.visits import policy, queries, route, rules
from casework.visits.events import AppointmentCancelled, AppointmentMade, AppointmentMoved, VisitReassigned
from casework.visits.models import Appointment, AppointmentState, EntryFile
from casework.visits.queries import Firm
from casework.visits.rules import Part

WAYS = ("visit", "call", "message")


# -- at a stop


def log_stop(
    firm: Firm,
    *,
    way: str,
    met: str,
    text: str,
    files: Sequence[Attachment] = (),
    actor: Actor,
    now: datetime,
) -> ContactEntry:
    """Write down how a visit went; what was agreed with the firm for today is kept with it.

    Raises:
        NotPermitted: the firm is none of theirs.
        Refused: somebody was met, and nothing is written of what was said.
    """
    authorise(actor, policy.LOG, firm)
    if met not in rules.MET or way not in WAYS:
        raise Refused(because(N_("How it went: pick one."), "met"))
    entry = write_contact(firm.id, way, text, met=met, actor=actor, now=now)
    db.session.flush()  # the files name the entry
    db.session.add_all(EntryFile(entry_id=entry.id, attachment_id=file.id) for file in files)
    for agreed in queries.appointments_of(firm.id):
        if agreed.at < queries.end_of(local_day(now)):
            agreed.state = AppointmentState.KEPT
    return entry


def reveal(firm: Firm, contact: Contact, *, actor: Actor, now: datetime) -> None:
    """Log that the actor looks at the full number of a firm to which they go; the page shows it once.

    Raises:
        NotPermitted: the firm is none of theirs.
    """
    authorise(actor, policy.LOG, firm)
    audit.record(EnterprisePhoneRevealed(enterprise=firm.id, contact=contact.id), by=actor, at=now)


# -- appointments


def agree(
    firm: Firm,
    *,
    at: datetime | None,
    with_whom: str,
    about: str,
    visitor_id: int | None,
    actor: Actor,
    now: datetime,
) -> Appointment:
    """Note a visit that was agreed with a firm for a day and time.

    Raises:
        NotPermitted: the firm is none of theirs.
        Refused: the time is past or too far, or nobody serves here who is to go.
    """
    authorise(actor, policy.LOG, firm)
    _check_time(firm, at, visitor_id, actor, now)
    assert at is not None  # noqa: S101 - just checked
    made = Appointment(enterprise_id=firm.id, visitor_id=visitor_id, at=at, with_whom=with_whom, about=about)
    db.session.add(made)
    db.session.flush()  # the fact names the id
    audit.record(AppointmentMade(firm.id, made.id, at), by=actor, at=now)
    return made


def move(
    made: Appointment,
    firm: Firm,
    *,
    at: datetime | None,
    visitor_id: int | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Move what was agreed to another time, or give it to somebody else, with the reason.

    Raises:
        NotPermitted: the firm is none of theirs.
        Refused: it stands no longer, no reason, or as in ``agree``.
    """
    authorise(actor, policy.LOG, firm)
    _check_standing(made, reason)
    _check_time(firm, at, visitor_id, actor, now, keeps=made.visitor_id)
    assert at is not None  # noqa: S101 - just checked
    was, made.at, made.visitor_id, made.reason = made.at, at, visitor_id, reason[:300]
    db.session.flush()  # a stale row must refuse before the fact is written
    audit.record(AppointmentMoved(firm.id, made.id, was, at, reason[:300]), by=actor, at=now)


def cancel(made: Appointment, firm: Firm, *, reason: str, actor: Actor, now: datetime) -> None:
    """Call off what was agreed, with the reason.

    Raises:
        NotPermitted: the firm is none of theirs.
        Refused: it stands no longer, or no reason.
    """
    authorise(actor, policy.LOG, firm)
    _check_standing(made, reason)
    made.state, made.reason = AppointmentState.CANCELLED, reason[:300]
    db.session.flush()  # a stale row must refuse before the fact is written
    audit.record(AppointmentCancelled(firm.id, made.id, reason[:300]), by=actor, at=now)


def _check_standing(made: Appointment, reason: str) -> None:
    if made.state != AppointmentState.AGREED:
        raise Refused(because(N_("This visit was kept or called off already: agree a new one.")))
    if not reason:
        raise Refused(because(N_("Reason: write in a few words why."), "reason"))


def _check_time(
    firm: Firm, at: datetime | None, visitor_id: int | None, actor: Actor, now: datetime, *, keeps: int | None = None
) -> None:
    reasons = rules.appointment_objections(at, now)
    if visitor_id and visitor_id not in (actor.user_id, keeps):
        if not can(actor, policy.ASSIGN, firm):  # whoever is named learns of the firm
            raise NotPermitted(policy.ASSIGN)
        if not queries.serves(visitor_id, firm.area_ids, local_day(now)):
            reasons.append(because(N_("Who goes: pick somebody who serves here."), "visitor_id"))
    if reasons:
        raise Refused(reasons)


# -- one day's route


def give_to(firm: Firm, user_id: int, *, actor: Actor, now: datetime) -> None:
    """Let somebody else of the team go to a firm today; from tomorrow it is as before.

    Raises:
        NotPermitted: nobody of the actor's team goes there.
        Refused: the person does not serve in the team, or is away.
    """
    authorise(actor, policy.ASSIGN, firm)
    today = local_day(now)
    teams = [posting.unit_id for posting in actor.duties if posting.role is Role.LEAD]
    if not any(duty.serves_in(user_id, unit, today, HANDLERS) for unit in teams) or duty.away([user_id], today):
        raise Refused(because(N_("Who goes: pick somebody of the team who is there today."), "user_id"))
    key = f"f{firm.id}"
    changed = queries.turns_of([key], today).get(key) or queries.new_turn(key, today)
    changed.to_user_id, changed.position = user_id, None
    db.session.add(changed)
    audit.record(VisitReassigned(firm.id, today, names([user_id])[user_id]), by=actor, at=now)


def reorder(key: str, up: bool, *, actor: Actor, now: datetime) -> None:
    """Let a stop of one's own route change places with the one before or after it today.

    Raises:
        NotFound: it is not on the actor's route.
    """
    authorise(actor, policy.READ)
    today = local_day(now)
    lines = [line for line in route.lines_of(actor, today) if line.part is not Part.AHEAD]
    part = next((line.part for line in lines if line.key == key), None)
    if part is None:
        raise NotFound("stop")
    order = [line.key for line in lines if line.part is part]
    known = queries.turns_of(order, today)
    for position, one in enumerate(rules.moved(order, key, up)):
        changed = known.get(one) or queries.new_turn(one, today)
        changed.position = position
        db.session.add(changed)
