"""Every write to coverage: a leader for a place, officers for firms, one by one or shared out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.areas import queries as areas
from casework.areas.models import Area, Level
from casework.coverage import people, rules
from casework.coverage.events import LeaderSet, LiaisonsAssigned
from casework.coverage.models import Coverage
from casework.coverage.policy import ASSIGN, LEADER
from casework.enterprises.models import Enterprise, Liaison
from casework.enterprises.service import hand_over
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day
from casework.roster.queries import names

AT_ONCE = 2000


def set_leader(area: Area, leader_id: int, *, actor: Actor, now: datetime) -> None:
    """Name who answers for a place from today; the one before ends yesterday.

    Raises:
        NotPermitted: the place is not the actor's.
        Refused: no area leader whose posting reaches the place.
    """
    authorise(actor, LEADER, area)
    known = dict(people.leaders_for(area, local_day(now)))
    if leader_id not in known:
        raise Refused(because(N_("Pick an area leader whose posting reaches this place."), "leader_id"))
    _lead([area], leader_id, known[leader_id], actor, now)


def set_leaders(area: Area, place_ids: Sequence[int], leader_id: int, *, actor: Actor, now: datetime) -> int:
    """Name who answers for many communities or sites inside a place from today; returns how many changed.

    Raises:
        NotPermitted: the place is not the actor's.
        Refused: nothing is ticked, or no area leader whose posting reaches all of it.
    """
    authorise(actor, LEADER, area)
    known = dict(people.leaders_for(area, local_day(now)))
    reasons = [] if place_ids else [because(N_("Tick the places that are meant."), "places")]
    if leader_id not in known:
        reasons.append(because(N_("Pick an area leader whose posting reaches this place."), "leader_id"))
    if len(place_ids) > AT_ONCE:
        reasons.append(because(N_("At most %(most)s places at once."), "places", most=AT_ONCE))
    if reasons:
        raise Refused(reasons)
    inside = sa.select(Area).where(Area.id.in_(list(place_ids)), areas.within(area.id, area.level))
    return _lead(list(db.session.scalars(inside.order_by(Area.id))), leader_id, known[leader_id], actor, now)


def take_leader_back(row: Coverage, before: Coverage | None, *, actor: Actor, now: datetime) -> None:
    """Let an entry count no more, and whoever answered for the place before answer again.

    Raises:
        NotPermitted: the place is not the actor's.
    """
    place = db.session.get_one(Area, row.area_id)
    authorise(actor, LEADER, place)
    row.to_on = row.from_on - timedelta(days=1)
    db.session.flush()  # only one is current
    if before is not None and before.to_on == row.to_on:
        before.to_on = None
        fact = LeaderSet(place.id, place.name, before.leader_id, before.leader.name, local_day(now))
        audit.record(fact, by=actor, at=now)


@dataclass(frozen=True, slots=True)
class Lead:
    """A leader for a place from a day on; ``before`` is the entry that it ends."""

    area: Area
    leader_id: int
    leader: str
    from_on: date
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """An officer, and a deputy, for a firm from a day on; ``before`` is the entry that it ends."""

    enterprise_id: int
    officer_id: int
    officer: str
    from_on: date
    deputy_id: int | None = None
    deputy: str = ""
    before: int | None = None


def lead_all(wanted: Sequence[Lead], *, actor: Actor | None, now: datetime) -> list[int]:
    """Name leaders as a list says, each from its day; the ids of the entries. The import has asked who may."""
    _end_before(Coverage, [(one.before, one.from_on) for one in wanted])
    rows = [
        Coverage(
            area_id=one.area.id,
            district_id=one.area.id if one.area.level == Level.DISTRICT else one.area.district_id,
            leader_id=one.leader_id,
            from_on=one.from_on,
        )
        for one in wanted
    ]
    db.session.add_all(rows)
    db.session.flush()  # the import keeps the ids
    facts = [LeaderSet(one.area.id, one.area.name, one.leader_id, one.leader, one.from_on) for one in wanted]
    audit.record_all(facts, by=actor, at=now)
    return [row.id for row in rows]


def answer_all(wanted: Sequence[Answers], *, actor: Actor | None, now: datetime) -> list[int]:
    """Let officers answer for firms as a list says, each from its day; the ids of the entries.

    The import has asked who may.
    """
    _end_before(Liaison, [(one.before, one.from_on) for one in wanted])
    ids = [one.enterprise_id for one in wanted]
    firms = {firm.id: firm for firm in db.session.scalars(sa.select(Enterprise).where(Enterprise.id.in_(ids)))}
    rows = [
        Liaison(
            enterprise_id=one.enterprise_id,
            officer_id=one.officer_id,
            deputy_id=one.deputy_id,
            district_id=firms[one.enterprise_id].district_id,
            community_id=firms[one.enterprise_id].community_id,
            from_on=one.from_on,
        )
        for one in wanted
    ]
    db.session.add_all(rows)
    db.session.flush()  # the import keeps the ids
    audit.record_all(_assigned(wanted), by=actor, at=now)
    return [row.id for row in rows]


def _end_before(table: type[Coverage] | type[Liaison], ends: Sequence[tuple[int | None, date]]) -> None:
    """Let the entries before end on the day before: only one is current."""
    for key, from_on in ends:
        row: Any = db.session.get(table, key) if key else None
        if row is not None:
            row.to_on = from_on - timedelta(days=1)
    db.session.flush()


def _assigned(wanted: Sequence[Answers]) -> list[LiaisonsAssigned]:
    """One fact for each officer with their deputy and day."""
    groups: dict[tuple[int, str, date, str], list[int]] = {}
    for one in wanted:
        groups.setdefault((one.officer_id, one.officer, one.from_on, one.deputy), []).append(one.enterprise_id)
    return [
        LiaisonsAssigned(key, name, len(ids), start, deputy=deputy, enterprises=ids)
        for (key, name, start, deputy), ids in groups.items()
    ]


def _lead(places: Sequence[Area], leader_id: int, name: str, actor: Actor, now: datetime) -> int:
    today, ids = local_day(now), [place.id for place in places]
    current = {
        row.area_id: row
        for row in db.session.scalars(sa.select(Coverage).where(Coverage.area_id.in_(ids), Coverage.to_on.is_(None)))
    }
    changed = [one for one in places if one.id not in current or current[one.id].leader_id != leader_id]
    for place in changed:
        if place.id in current:
            current[place.id].to_on = today - timedelta(days=1)
    db.session.flush()  # the old ones end before the new ones begin: only one is current
    for place in changed:
        district = place.id if place.level == Level.DISTRICT else place.district_id
        db.session.add(Coverage(area_id=place.id, district_id=district, leader_id=leader_id, from_on=today))
        audit.record(LeaderSet(place.id, place.name, leader_id, name, today), by=actor, at=now)
    return len(changed)


def assign(
    area: Area, firm_ids: Sequence[int], *, officer_id: int, deputy_id: int | None, actor: Actor, now: datetime
) -> int:
    """Let an officer, and a deputy, answer for some firms of a place from today; returns how many changed.

    Raises:
        NotPermitted: the place is not the actor's.
        Refused: nobody was chosen, somebody without a posting that reaches all of them, one person twice, too many.
    """
    authorise(actor, ASSIGN, area)
    today = local_day(now)
    known = {key: name for key, name, _ in people.officers_for(area, today)}
    if reasons := _faults(firm_ids, officer_id, deputy_id, known):
        raise Refused(reasons)
    firms = _firms(area, firm_ids)
    _refuse_out_of_reach(firms, {officer_id: "officer_id", deputy_id or officer_id: "deputy_id"}, known, today)
    changed = hand_over(firms, officer_id, deputy_id, today)
    if changed:
        ids = [firm.id for firm in changed]
        deputy = known.get(deputy_id or 0, "")
        fact = LiaisonsAssigned(officer_id, known[officer_id], len(ids), today, deputy=deputy, enterprises=ids)
        audit.record(fact, by=actor, at=now)
    return len(changed)


def _faults(firm_ids: Sequence[int], officer_id: int, deputy_id: int | None, known: Mapping[int, str]) -> list[Reason]:
    found = []
    if not firm_ids:
        found.append(because(N_("Tick the enterprises that are meant."), "firms"))
    if len(firm_ids) > AT_ONCE:
        found.append(because(N_("At most %(most)s enterprises at once."), "firms", most=AT_ONCE))
    if officer_id not in known:
        found.append(because(N_("Pick an officer with a posting in this area."), "officer_id"))
    if deputy_id and deputy_id not in known:
        found.append(because(N_("Pick an officer with a posting in this area."), "deputy_id"))
    if deputy_id and deputy_id == officer_id:
        found.append(because(N_("The deputy is someone other than the officer."), "deputy_id"))
    return found


def _firms(area: Area, firm_ids: Sequence[int]) -> list[Enterprise]:
    """The firms that are in business and lie in the place; others are passed over in silence, as they are not shown."""
    found = db.session.scalars(sa.select(Enterprise).where(Enterprise.id.in_(firm_ids), Enterprise.active.is_(True)))
    return [firm for firm in found if area.id in firm.area_ids]


def _refuse_out_of_reach(
    firms: Sequence[Enterprise], fields: Mapping[int, str], known: Mapping[int, str], today: date
) -> None:
    reach = people.reach_of(list(fields), today)
    reasons = []
    for user_id, field in fields.items():
        outside = sum(1 for firm in firms if not firm.area_ids & reach.get(user_id, frozenset()))
        if outside:
            said = N_("%(name)s does not serve where %(n)s of the ticked enterprises lie: pick somebody else.")
            reasons.append(because(said, field, name=known[user_id], n=outside))
    if reasons:
        raise Refused(reasons)


def shares(area: Area, *, now: datetime) -> dict[int, list[int]]:
    """Who would take which firms of a place for which nobody answers, shared out evenly: firm ids by officer."""
    firms, officers = people.to_share(area, local_day(now), AT_ONCE)
    found: dict[int, list[int]] = {}
    for firm_id, user_id in rules.share_out(firms, officers).items():
        if user_id is not None:
            found.setdefault(user_id, []).append(firm_id)
    return found


def share_out(area: Area, *, actor: Actor, now: datetime) -> int:
    """Share out the firms of a place for which nobody answers; returns how many.

    Raises:
        NotPermitted: the place is not the actor's.
        Refused: nobody can take them.
    """
    authorise(actor, ASSIGN, area)
    found, today = shares(area, now=now), local_day(now)
    if not found:
        raise Refused(because(N_("Nobody with a posting in this area can take them: post somebody here first.")))
    known = names(found)
    for user_id, ids in found.items():
        firms = list(db.session.scalars(sa.select(Enterprise).where(Enterprise.id.in_(ids))))
        hand_over(firms, user_id, None, today)
        audit.record(LiaisonsAssigned(user_id, known[user_id], len(ids), today, enterprises=ids), by=actor, at=now)
    return sum(len(ids) for ids in found.values())
