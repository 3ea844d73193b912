"""Every write to care: begin it, hand it over, log what was found, look at a number, end it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa

from casework import audit
from casework.areas.models import Area
from casework.areas.queries import placed
from casework.care import policy, queries, rules
from casework.care.events import (
    CareBegun,
    CareCorrected,
    CareEnded,
    CareHandedOver,
    CareLogged,
    CareOpened,
    CarePhoneRevealed,
)
from casework.care.models import CareEntry, CareWords, Keeping, Resident
from casework.care.rules import Draft
from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day
from casework.roster.models import Unit

FIELDS = ("name", "phone", "address", "needs", "kind", "every_days", "weekday")


def begin(
    draft: Draft,
    *,
    area: Area,
    unit: Unit,
    keeper_id: int,
    deputy_id: int | None,
    since: date,
    actor: Actor,
    now: datetime,
) -> Resident:
    """Look after a resident from now on.

    Raises:
        NotPermitted: the team is not the actor's.
        Refused: what is told does not hold, or the two are not of the team.
    """
    authorise(actor, policy.ADD, unit)
    today = local_day(now)
    team = queries.team_of(unit.id, today)
    reasons = [
        *rules.objections(draft),
        *rules.since_objections(since, today),
        *rules.pair_objections(keeper_id, deputy_id, team),
    ]
    if unit.area_id not in area.area_ids:
        reasons.append(because(N_("Area: pick one where the team serves."), "area_id"))
    if reasons:
        raise Refused(reasons)
    resident = Resident(
        unit_id=unit.id, keeper_id=keeper_id, deputy_id=deputy_id, since=since, created_at=now, area_id=area.id
    )
    _place(resident, area)
    _fill(resident, draft)
    db.session.add(resident)
    db.session.flush()  # the keeping and the fact name the id
    db.session.add(Keeping(resident_id=resident.id, keeper_id=keeper_id, deputy_id=deputy_id, from_on=today))
    fact = CareBegun(resident.id, draft.kind, team[keeper_id], team.get(deputy_id or 0, ""), since)
    audit.record(fact, by=actor, at=now)
    return resident


def correct(resident: Resident, draft: Draft, *, area: Area, actor: Actor, now: datetime) -> None:
    """Correct what is told of a resident, and how often somebody looks in.

    Raises:
        NotPermitted: it is none of theirs.
        Refused: what is told does not hold.
    """
    authorise(actor, policy.EDIT, resident)
    _refuse_ended(resident)
    unit = db.session.get_one(Unit, resident.unit_id)
    reasons = rules.objections(draft)
    if unit.area_id not in area.area_ids:
        reasons.append(because(N_("Area: pick one where the team serves."), "area_id"))
    if reasons:
        raise Refused(reasons)
    changed = [name for name in FIELDS if getattr(resident, name) != getattr(draft, name)]
    if resident.area_id != area.id:
        changed.append("area")
    if changed:
        _place(resident, area)
        _fill(resident, draft)
        db.session.flush()  # a stale row must refuse before the fact is written
        audit.record(CareCorrected(resident.id, changed), by=actor, at=now)


def hand_over(resident: Resident, *, keeper_id: int, deputy_id: int | None, actor: Actor, now: datetime) -> None:
    """Let others look after a resident from today; those before end yesterday and know of them no longer.

    Raises:
        NotPermitted: the team is not the actor's.
        Refused: they are not of the team, or one person twice.
    """
    authorise(actor, policy.ASSIGN, resident)
    _refuse_ended(resident)
    today = local_day(now)
    team = queries.team_of(resident.unit_id, today)
    if reasons := rules.pair_objections(keeper_id, deputy_id, team):
        raise Refused(reasons)
    if (resident.keeper_id, resident.deputy_id) == (keeper_id, deputy_id):
        return
    _end_keeping(resident, today - timedelta(days=1))
    resident.keeper_id, resident.deputy_id = keeper_id, deputy_id
    db.session.flush()  # the old one ends before the new one begins: only one is current
    db.session.add(Keeping(resident_id=resident.id, keeper_id=keeper_id, deputy_id=deputy_id, from_on=today))
    fact = CareHandedOver(resident.id, team[keeper_id], team.get(deputy_id or 0, ""), today)
    audit.record(fact, by=actor, at=now)


def log(resident: Resident, *, way: str, condition: str, text: str, actor: Actor, now: datetime) -> CareEntry:
    """Write down how a resident was found; it is never changed afterwards. Conflicts with nobody.

    Raises:
        NotPermitted: the actor is not one of the two.
        Refused: help is needed, and nothing says what.
    """
    authorise(actor, policy.LOG, resident)
    _refuse_ended(resident)
    if reasons := rules.entry_objections(condition, text):
        raise Refused(reasons)
    entry = CareEntry(
        resident_id=resident.id, by_id=actor.user_id, at=now, day=local_day(now), way=way, condition=condition
    )
    db.session.add(entry)
    db.session.flush()  # the words and the fact name the id
    if text:
        db.session.add(CareWords(entry_id=entry.id, text=text[:1000]))
    audit.record(CareLogged(resident.id, entry.id), by=actor, at=now)
    return entry


def note_opened(resident: Resident, *, actor: Actor, now: datetime) -> None:
    """Log that somebody who is not one of the two looks at a resident's page."""
    authorise(actor, policy.READ, resident)
    audit.record(CareOpened(resident.id), by=actor, at=now)


def reveal(resident: Resident, *, actor: Actor, now: datetime) -> None:
    """Log that the actor looks at the full number; the page shows it once.

    Raises:
        NotPermitted: the resident is none of theirs.
    """
    authorise(actor, policy.REVEAL, resident)
    audit.record(CarePhoneRevealed(resident.id), by=actor, at=now)


def end(resident: Resident, *, why: str, note: str, actor: Actor, now: datetime) -> None:
    """End the care of a resident: nobody looks in any more, and the two know of them no longer.

    Raises:
        NotPermitted: it is none of theirs.
        Refused: no reason is given, or it has ended already.
    """
    authorise(actor, policy.END, resident)
    _refuse_ended(resident)
    if why not in rules.ENDS:
        raise Refused(because(N_("Why it ends: pick one of the reasons."), "why"))
    today = local_day(now)
    _end_keeping(resident, today)
    resident.ended_on, resident.ended_by, resident.ended_note = today, why, note[:300]
    resident.keeper_id = resident.deputy_id = None
    db.session.flush()  # a stale row must refuse before the fact is written
    audit.record(CareEnded(resident.id, why), by=actor, at=now)


def _refuse_ended(resident: Resident) -> None:
    if resident.ended_on is not None:
        raise Refused(because(N_("The care of this resident has ended: begin it anew if it is needed again.")))


def _end_keeping(resident: Resident, day: date) -> None:
    current = sa.select(Keeping).where(Keeping.resident_id == resident.id, Keeping.to_on.is_(None))
    for keeping in db.session.scalars(current):
        keeping.to_on = day


def _place(resident: Resident, area: Area) -> None:
    resident.area_id = area.id
    for name in ("city_id", "district_id", "subdistrict_id", "community_id"):
        setattr(resident, name, None)
    for name, value in placed(area).items():
        setattr(resident, name, value)


def _fill(resident: Resident, draft: Draft) -> None:
    resident.name, resident.phone, resident.address = draft.name[:60], draft.phone[:30], draft.address[:300]
    resident.needs, resident.kind = draft.needs[:500], draft.kind
    resident.every_days, resident.weekday = draft.every_days, draft.weekday
