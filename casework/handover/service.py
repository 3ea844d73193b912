"""Writes of who leaves and who leads: begin a hand-over, choose successors, send it, call it off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from casework import audit
from casework.accounts.models import User
from casework.areas.models import Area
from casework.handover import queries, rules, things
from casework.handover.models import Handover, HandoverItem
from casework.handover.people_events import HandoverCalledOff, HandoverGivenAnew, HandoverSent
from casework.handover.policy import BEGIN
from casework.handover.things import Thing
from casework.handover.words import PENDING, Answer, Stage
from casework.kernel.db import db
from casework.kernel.errors import N_, NotPermitted, Refused, because
from casework.kernel.permissions import Actor, authorise, can
from casework.kernel.time import local_day

Which = Callable[[Thing], bool]


@dataclass(frozen=True, slots=True)
class Given:
    """How many things got the successor, and how many that person may not take."""

    count: int
    unfit: int


def begin(user: User, *, why: str, from_on: date | None, actor: Actor, now: datetime) -> Handover:
    """Begin a hand-over for oneself, one's team or one's district; nothing moves yet.

    Raises:
        NotPermitted: the person is none of theirs.
        Refused: no such reason or day, one is under way, or the person holds nothing.
    """
    today = local_day(now)
    posting = queries.posting_of(user.id, today)
    if posting is None:
        raise NotPermitted(BEGIN)
    authorise(actor, BEGIN, queries.reach_of(posting))
    reasons = rules.beginning_faults(why, from_on, today)
    if queries.open_handover_of(user.id) is not None:
        reasons.append(because(N_("A hand-over of %(name)s is under way already: carry it on."), name=user.name))
    elif not things.held_by(user.id, now):
        reasons.append(because(N_("%(name)s holds nothing: there is nothing to hand over."), name=user.name))
    if reasons or from_on is None:
        raise Refused(reasons)
    area = db.session.get_one(Area, posting.area_id)
    made = Handover(
        leaver_id=user.id,
        unit_id=posting.unit_id,
        area_id=area.id,
        district_id=area.district_id or (area.id if area.level == "district" else None),
        why=why,
        from_on=from_on,
        note="",
        stage=Stage.DRAFT,
        begun_by_id=actor.user_id,
        begun_at=now,
        changed_at=now,
    )
    db.session.add(made)
    db.session.flush()  # the address names its id
    return made


def hold(handover: Handover) -> None:
    """Let one writer at a time carry it on, and see what is true now."""
    query = sa.select(Handover).where(Handover.id == handover.id).with_for_update()
    db.session.scalars(query.execution_options(populate_existing=True)).one()


def open_things(handover: Handover, now: datetime) -> list[tuple[Thing, HandoverItem | None]]:
    """What the person holds still and nobody has accepted, beside what was said of it."""
    rows = queries.items(handover)
    return queries.with_rows(things.held_by(handover.leaver_id, now), rows)


def give(
    handover: Handover, which: Which, successor_id: int, *, actor: Actor, now: datetime, named: bool = False
) -> Given:
    """Choose a successor for some of the things. Once it is sent, that offers them at once; what was accepted stays.

    ``named``: the things were ticked one by one, so that what waits for somebody else may be meant too.

    Raises:
        NotPermitted: the hand-over is none of theirs.
        Refused: it is over, the successor is nobody or leaves too, or can take none of it.
    """
    hold(handover)
    authorise(actor, BEGIN, handover)
    if faults := rules.giving_faults(handover.stage):
        raise Refused(faults)
    successor = _successor(handover, successor_id)
    meant = [pair for pair in open_things(handover, now) if which(pair[0]) and _free(handover, pair[1], named)]
    if not meant:
        raise Refused(because(N_("Tick what is meant: there is nothing left here to choose for."), "things"))
    day = max(local_day(now), handover.from_on)
    cannot = {(thing.kind, thing.ref) for thing in things.unfit([thing for thing, _ in meant], successor.id, day)}
    fit = [pair for pair in meant if (pair[0].kind, pair[0].ref) not in cannot]
    if not fit:
        raise Refused(because(NOT_THERE, "successor_id", name=successor.name, n=len(meant)))
    for thing, row in fit:
        _offer(handover, thing, row, successor.id)
    handover.changed_at = now
    db.session.flush()  # the version check before the fact
    if handover.stage == Stage.SENT:
        fact = HandoverGivenAnew(handover.id, handover.leaver.name, successor.id, successor.name, len(fit))
        audit.record(fact, by=actor, at=now)
    return Given(len(fit), len(cannot))


NOT_THERE = N_("%(name)s does not serve where these %(n)s things lie: pick somebody else.")


def _free(handover: Handover, row: HandoverItem | None, named: bool) -> bool:
    return row is None or rules.may_be_given(handover.stage, row.state, named=named)


def _successor(handover: Handover, user_id: int) -> User:
    user = db.session.get(User, user_id) if user_id else None
    if user is None or user.disabled_at is not None:
        raise Refused(because(N_("Successor: pick one of those offered."), "successor_id"))
    if user.id == handover.leaver_id:
        raise Refused(because(N_("Successor: pick somebody other than who leaves."), "successor_id"))
    return user


def _offer(handover: Handover, thing: Thing, row: HandoverItem | None, successor_id: int | None) -> HandoverItem:
    if row is None:
        row = HandoverItem(handover_id=handover.id, kind=thing.kind, ref_id=thing.ref, note="", reason="")
        db.session.add(row)
    _describe(row, thing)
    if successor_id is not None:
        row.successor_id, row.reason, row.answered_at = successor_id, "", None
    sent = handover.stage == Stage.SENT and row.successor_id is not None
    row.state = Answer.WAITING if sent else Answer.CHOSEN
    return row


def _describe(row: HandoverItem, thing: Thing) -> None:
    """Title and detail as they are now: they are read after the thing has gone."""
    row.title, row.detail, row.grouped = thing.title[:300], thing.detail[:300], thing.group[:100]
    row.href, row.case_id, row.enterprise_id = thing.href[:200], thing.case_id, thing.enterprise_id


def give_shares(
    handover: Handover,
    shares: Mapping[tuple[str, int], int],
    *,
    actor: Actor,
    now: datetime,
    named: bool = False,
) -> Given:
    """Choose successors for several things at once, by kind and row.

    Raises:
        NotPermitted: the hand-over is none of theirs.
        Refused: it is over, nothing is chosen, or somebody can take nothing of theirs.
    """
    if not shares:
        raise Refused(because(N_("Pick a successor: for all, for a kind, or for the ticked ones."), "successor_id"))
    total, unfit = 0, 0
    for successor_id in sorted(set(shares.values())):
        own = {key for key, user_id in shares.items() if user_id == successor_id}
        given = give(handover, _among(own), successor_id, actor=actor, now=now, named=named)
        total, unfit = total + given.count, unfit + given.unfit
    return Given(total, unfit)


def _among(keys: set[tuple[str, int]]) -> Which:
    return lambda thing: (thing.kind, thing.ref) in keys


def write_notes(
    handover: Handover, notes: Mapping[tuple[str, int], str], *, actor: Actor, now: datetime, general: str | None = None
) -> None:
    """Write to the successors: a note for each thing, and one for all.

    Raises:
        NotPermitted: the hand-over is none of theirs.
        Refused: it is over, or a note is too long.
    """
    hold(handover)
    authorise(actor, BEGIN, handover)
    faults = rules.giving_faults(handover.stage)
    if any(len(note) > rules.ITEM_NOTE for note in notes.values()):
        faults.append(because(N_("Notes: shorten each to %(most)s characters."), "notes", most=rules.ITEM_NOTE))
    if general is not None and len(general) > rules.NOTE:
        faults.append(because(rules.TOO_LONG, "note", most=rules.NOTE))
    if faults:
        raise Refused(faults)
    if general is not None:
        handover.note = general
    for thing, row in open_things(handover, now) if notes else ():
        note = notes.get((thing.kind, thing.ref))
        if note is None or note == (row.note if row else ""):
            continue
        row = row or _offer(handover, thing, None, None)
        row.note = note
    handover.changed_at = now
    db.session.flush()  # the version check


def send(handover: Handover, note: str, *, actor: Actor, now: datetime) -> int:
    """Offer everything to the chosen successors; nothing moves before they accept. Returns how many things.

    Raises:
        NotPermitted: the hand-over is none of theirs.
        Refused: it was sent, something has no successor or one who does not serve there, or the note is too long.
    """
    hold(handover)
    authorise(actor, BEGIN, handover)
    pairs = open_things(handover, now)
    _drop_what_left(handover, pairs)
    missing = sum(1 for _, row in pairs if row is None or row.successor_id is None)
    if faults := rules.sending_faults(handover.stage, missing, _unfit(handover, pairs, now), note):
        raise Refused(faults)
    for thing, row in pairs:
        if row is not None:
            _describe(row, thing)
            row.state = Answer.WAITING
    handover.stage, handover.note, handover.sent_at, handover.changed_at = Stage.SENT, note, now, now
    db.session.flush()  # the version check before the fact
    fact = HandoverSent(handover.id, handover.leaver_id, handover.leaver.name, handover.from_on, len(pairs))
    audit.record(fact, by=actor, at=now)
    return len(pairs)


def _drop_what_left(handover: Handover, pairs: Sequence[tuple[Thing, HandoverItem | None]]) -> None:
    """What was chosen for and is settled by now needs no successor."""
    held = {row.id for _, row in pairs if row is not None}
    for row in queries.items(handover, states=[Answer.CHOSEN]):
        if row.id not in held:
            db.session.delete(row)


def _unfit(handover: Handover, pairs: Sequence[tuple[Thing, HandoverItem | None]], now: datetime) -> int:
    day = max(local_day(now), handover.from_on)
    chosen: dict[int, list[Thing]] = {}
    for thing, row in pairs:
        if row is not None and row.successor_id:
            chosen.setdefault(row.successor_id, []).append(thing)
    return sum(len(things.unfit(own, user_id, day)) for user_id, own in chosen.items())


def call_off(handover: Handover, reason: str, *, actor: Actor, now: datetime) -> None:
    """End it: what was accepted stays where it went, the rest stays where it is.

    Raises:
        NotPermitted: the hand-over is none of theirs.
        Refused: it is over, or sent and no reason is given.
    """
    hold(handover)
    authorise(actor, BEGIN, handover)
    faults = rules.giving_faults(handover.stage)
    if handover.stage == Stage.SENT and not reason.strip():
        faults.append(because(N_("Reason: write why it is called off."), "reason"))
    if faults:
        raise Refused(faults)
    was_sent = handover.stage == Stage.SENT
    handover.stage, handover.ended_at, handover.changed_at = Stage.CALLED_OFF, now, now
    for row in queries.items(handover, states=[Answer.CHOSEN, *PENDING]):
        row.state = Answer.KEPT
    db.session.flush()  # the version check before the fact
    if was_sent:
        fact = HandoverCalledOff(handover.id, handover.leaver_id, handover.leaver.name, reason.strip()[: rules.REASON])
        audit.record(fact, by=actor, at=now)


def may_edit(actor: Actor, handover: Handover) -> bool:
    """Whether to offer preparing, carrying on and calling off."""
    return handover.stage in (Stage.DRAFT, Stage.SENT) and can(actor, BEGIN, handover)
