"""Every read of hand-overs: who may know of one, what stands where, who should begin one, who answers meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy import orm

from casework.accounts.models import User
from casework.areas.models import Area
from casework.coverage.people import officers_for
from casework.enterprises.models import Liaison
from casework.handover import rules, serving
from casework.handover.models import Handover, HandoverItem
from casework.handover.policy import BEGIN, Reach
from casework.handover.things import KINDS, Thing
from casework.handover.words import OPEN_STAGES, PENDING, Answer, Stage
from casework.kernel import paging
from casework.kernel.db import db, one
from casework.kernel.errors import NotFound
from casework.kernel.permissions import Actor, Role, can
from casework.roster import duty
from casework.roster.models import Posting
from casework.roster.queries import officers_of, people_visible_to, postings_of

PAGE = 50
Item = HandoverItem


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """One's own, those that one is to take over from, those of one's team and district."""
    mine = sa.select(Item.handover_id).where(Item.successor_id == actor.user_id, Item.state != Answer.CHOSEN)
    return sa.or_(Handover.leaver_id == actor.user_id, Handover.id.in_(mine), _led(actor))


def _led(actor: Actor) -> sa.ColumnElement[bool]:
    """Those that one decides on: of one's team, of one's district."""
    units = [duty_.unit_id for duty_ in actor.duties if duty_.role is Role.LEAD]
    districts = [duty_.area_id for duty_ in actor.duties if duty_.role is Role.DISTRICT_ADMIN]
    return sa.or_(sa.false(), Handover.unit_id.in_(units), Handover.district_id.in_(districts))


def visible_handover(key: int, *, to: Actor) -> Handover:
    """A hand-over that the actor may know of.

    Raises:
        NotFound: there is none, or it is none of theirs.
    """
    query = sa.select(Handover).options(orm.joinedload(Handover.leaver)).where(Handover.id == key, visible_to(to))
    return one(query, "hand-over")


def editable_handover(key: int, *, by: Actor) -> Handover:
    """One that the actor may prepare, carry on and call off; for a successor it does not exist.

    Raises:
        NotFound: there is none, or it is none of theirs.
    """
    found = visible_handover(key, to=by)
    if not can(by, BEGIN, found):
        raise NotFound("hand-over")
    return found


def knows(actor: Actor, handover: Handover) -> bool:
    """Whether a link to it leads anywhere, without asking the database: for its leads and for who leaves."""
    return can(actor, BEGIN, handover)


def open_handover_of(user_id: int) -> Handover | None:
    """The one that is under way for a person."""
    return db.session.scalar(sa.select(Handover).where(Handover.leaver_id == user_id, Handover.stage.in_(OPEN_STAGES)))


def listed(actor: Actor, *, over: bool, limit: int = PAGE) -> list[Handover]:
    """Those one may know of: under way, or the latest that are over."""
    stages = [stage for stage in Stage if (stage not in OPEN_STAGES) == over]
    query = (
        sa.select(Handover)
        .options(orm.joinedload(Handover.leaver))
        .where(Handover.stage.in_(stages), visible_to(actor))
        .order_by(Handover.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))


def posting_of(user_id: int, today: date) -> Posting | None:
    """The posting that says who leads a person: one of today, else the latest."""
    found = postings_of(user_id)
    return next((one for one in found if one.is_valid_on(today)), next(iter(found), None))


def reach_of(posting: Posting) -> Reach:
    """A person as the table of permissions sees them."""
    return Reach(posting.holder_ids, posting.unit_ids, posting.area_ids)


def items(handover: Handover, *, states: Sequence[str] = ()) -> list[HandoverItem]:
    """The things of a hand-over, in the order of their making."""
    query = sa.select(Item).where(Item.handover_id == handover.id).order_by(Item.id)
    return list(db.session.scalars(query.where(Item.state.in_(states)) if states else query))


def page_of_items(
    handover: Handover, at: paging.At, *, state: str = "", successor: int | None = None, kind: str = ""
) -> paging.Page[HandoverItem]:
    """Fifty of them by key, those in a state, of a successor, of a kind."""
    query = sa.select(Item).where(Item.handover_id == handover.id)
    if state:
        query = query.where(Item.state == state)
    if successor:
        query = query.where(Item.successor_id == successor)
    if kind:
        query = query.where(Item.kind == kind)
    return paging.page_of(query, (paging.Key(Item.id, int),), at, PAGE, values=lambda row: [row.id], whole=True)


def is_successor(actor: Actor, handover: Handover) -> bool:
    """Whether something of it is or was offered to the person."""
    query = sa.select(Item.id).where(
        Item.handover_id == handover.id, Item.successor_id == actor.user_id, Item.state != Answer.CHOSEN
    )
    return db.session.scalar(query.limit(1)) is not None


@dataclass(frozen=True, slots=True)
class Count:
    """So many things of a kind that one successor has in one state."""

    kind: str
    successor_id: int | None
    state: str
    count: int


def counts(handover_ids: Sequence[int]) -> dict[int, list[Count]]:
    """How each hand-over stands, counted in one query."""
    query = (
        sa.select(Item.handover_id, Item.kind, Item.successor_id, Item.state, sa.func.count())
        .where(Item.handover_id.in_(list(handover_ids)))
        .group_by(Item.handover_id, Item.kind, Item.successor_id, Item.state)
    )
    found: dict[int, list[Count]] = {}
    order = list(KINDS)
    for key, kind, successor_id, state, count in db.session.execute(query):
        found.setdefault(key, []).append(Count(kind, successor_id, state, count))
    for rows in found.values():
        rows.sort(key=lambda one: (order.index(one.kind) if one.kind in KINDS else 99, one.successor_id or 0))
    return found


@dataclass(frozen=True, slots=True)
class Offer:
    """What waits for a successor's answer: from whom, how many of each kind."""

    handover: Handover
    kinds: list[tuple[str, int]]

    @property
    def count(self) -> int:
        """All together."""
        return sum(count for _, count in self.kinds)


def offers_to(actor: Actor) -> list[Offer]:
    """What a person is asked to take over."""
    query = (
        sa.select(Item.handover_id, Item.kind, sa.func.count())
        .where(Item.successor_id == actor.user_id, Item.state == Answer.WAITING)
        .group_by(Item.handover_id, Item.kind)
    )
    found: dict[int, dict[str, int]] = {}
    for key, kind, count in db.session.execute(query):
        found.setdefault(key, {})[kind] = count
    if not found:
        return []
    query_ = sa.select(Handover).options(orm.joinedload(Handover.leaver)).where(Handover.id.in_(found))
    return [
        Offer(one, [(kind, found[one.id][kind]) for kind in KINDS if kind in found[one.id]])
        for one in db.session.scalars(query_.order_by(Handover.from_on, Handover.id))
    ]


def refused_to(actor: Actor) -> list[tuple[Handover, int]]:
    """Where something was refused and the actor names another: (hand-over, how many)."""
    if not actor.has(Role.LEAD, Role.DISTRICT_ADMIN):
        return []
    query = (
        sa.select(Handover, sa.func.count(Item.id))
        .join(Item, Item.handover_id == Handover.id)
        .options(orm.joinedload(Handover.leaver))
        .where(Handover.stage == Stage.SENT, Item.state == Answer.REFUSED, _led(actor))
        .group_by(*Handover.__table__.c, *User.__table__.c)
        .join(User, User.id == Handover.leaver_id)
    )
    return [(row[0], row[1]) for row in db.session.execute(query.limit(PAGE))]


def candidates(handover: Handover, today: date) -> list[tuple[int, str, int]]:
    """Who may take things over, least loaded first: (id, name, firms they have); of the place, then of the unit."""
    area = db.session.get_one(Area, handover.area_id)
    found = [one for one in officers_for(area, today) if one[0] != handover.leaver_id]
    known = {one[0] for one in found} | {handover.leaver_id}
    colleagues = [one for one in officers_of(handover.unit_id, today) if one.user_id not in known]
    return found + [(one.user_id, one.name, 0) for one in colleagues]


def with_rows(things: Sequence[Thing], rows: Sequence[HandoverItem]) -> list[tuple[Thing, HandoverItem | None]]:
    """What a person holds beside what was said of it so far."""
    said = {(row.kind, row.ref_id): row for row in rows}
    return [(thing, said.get((thing.kind, thing.ref))) for thing in things]


def people_to_begin_for(actor: Actor, today: date) -> list[tuple[int, str]]:
    """Oneself, one's team, one's district: those who could hand over, by name; at most three hundred."""
    query = people_visible_to(actor).where(User.disabled_at.is_(None)).order_by(User.name, User.id).limit(300)
    rows = [(user.id, user.name) for user in db.session.scalars(query)] if can(actor, "roster.read") else []
    return rows if any(key == actor.user_id for key, _ in rows) else [(actor.user_id, actor.name), *rows]


def person(user_id: int, *, actor: Actor, today: date) -> User | None:
    """Somebody for whom the actor may begin a hand-over; None for everybody else."""
    user = db.session.get(User, user_id)
    posting = posting_of(user_id, today) if user else None
    if user is None or posting is None or not can(actor, BEGIN, reach_of(posting)):
        return None
    return user


# -- who answers meanwhile


def meanwhile(
    holder_id: int, unit_id: int | None, enterprise_id: int | None, today: date, *, left: bool
) -> tuple[int, str]:
    """Who answers on a day for what somebody holds or held: (id, name). Derived, never written."""
    leads = serving.leads_of(unit_id, today) if unit_id else []
    liaison = (
        db.session.scalar(sa.select(Liaison).where(Liaison.enterprise_id == enterprise_id, Liaison.to_on.is_(None)))
        if enterprise_id
        else None
    )
    deputy = liaison.deputy_id if liaison and liaison.officer_id == holder_id else None
    absence = duty.away([holder_id], today).get(holder_id)
    stand_in = absence.deputy_id if absence else None
    hands = rules.Hands(holder_id, deputy, stand_in, [key for key, _ in leads])
    named = {holder_id, *(key for key in (deputy, stand_in) if key), *hands.leads}
    found = rules.who_answers(hands, serving.acting(named, today), left=left)
    return found, db.session.scalar(sa.select(User.name).where(User.id == found)) or ""


def pending_of_case(case_id: int) -> list[tuple[Handover, HandoverItem]]:
    """What of a case is being handed over."""
    return _pending(Item.case_id == case_id)


def pending_of_firm(enterprise_id: int) -> list[tuple[Handover, HandoverItem]]:
    """What of a firm is being handed over."""
    return _pending(sa.and_(Item.kind.in_(("firm", "deputy")), Item.ref_id == enterprise_id))


def _pending(condition: sa.ColumnElement[bool]) -> list[tuple[Handover, HandoverItem]]:
    query = (
        sa.select(Handover, Item)
        .join(Item, Item.handover_id == Handover.id)
        .join(User, User.id == Handover.leaver_id)
        .options(orm.contains_eager(Handover.leaver))
        .where(condition, Item.state.in_(PENDING))
        .order_by(Item.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


def firms_under_way() -> sa.Select[int]:
    """The ids of firms that are going to another officer or deputy: for the coverage board."""
    return sa.select(Item.ref_id).where(Item.kind.in_(("firm", "deputy")), Item.state.in_(PENDING))


def to_tell(actor: Actor, handover: Handover, *, told: bool) -> list[HandoverItem]:
    """The firms that a successor took over and that were told of it, or not yet."""
    query = sa.select(Item).where(
        Item.handover_id == handover.id,
        Item.successor_id == actor.user_id,
        Item.kind == "firm",
        Item.state == Answer.ACCEPTED,
        Item.told_at.is_not(None) if told else Item.told_at.is_(None),
    )
    return list(db.session.scalars(query.order_by(Item.id).limit(PAGE)))
