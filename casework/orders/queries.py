"""Every read of supervision orders. The register holds those in one's scope; a case shows its own to its readers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas.models import Area, Level
from casework.cases import queries as case_queries
from casework.cases.models import Case
from casework.files.models import Attachment
from casework.kernel import paging
from casework.kernel.db import db, grouped, one
from casework.kernel.errors import NotFound
from casework.kernel.permissions import Actor, Duty, Role, Scope
from casework.kernel.time import local_day
from casework.orders.models import Interview, InterviewState, OrderCase, OrderFile, OrderRound, SupervisionOrder
from casework.orders.policy import READERS
from casework.orders.register import Filters, narrowed, order_of
from casework.orders.rules import OrderFacts
from casework.orders.workflow import WITH_ISSUER, WITH_UNIT, State
from casework.roster.models import Posting, Unit
from casework.roster.queries import valid_on

PAGE = 50
Order = SupervisionOrder
SUPERVISING = (Role.REGULATOR, Role.DISTRICT_ADMIN)
COLUMNS: Mapping[str, Any] = {
    Level.CITY: Order.city_id,
    Level.DISTRICT: Order.district_id,
    Level.SUBDISTRICT: Order.subdistrict_id,
    Level.COMMUNITY: Order.community_id,
    Level.SITE: Order.area_id,
}


def scoped(actor: Actor) -> sa.ColumnElement[bool]:
    """The orders in a person's scope: the row ``order.read`` of the table as SQL."""
    conditions = [
        _reached(Scope(letter), actor, duty) for duty in actor.duties for letter in READERS.get(duty.role, "")
    ]
    return sa.or_(*conditions) if conditions else sa.false()


def _reached(scope: Scope, actor: Actor, duty: Duty) -> sa.ColumnElement[bool]:
    if scope is Scope.TEAM:
        return Order.unit_id == duty.unit_id
    inside: sa.ColumnElement[bool] = COLUMNS[duty.area_level] == duty.area_id
    return sa.and_(inside, Order.domain.in_(sorted(duty.domains))) if scope is Scope.AUTHORITY else inside


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """The orders that exist for a person: in scope, or about a case that they see."""
    one_case = (
        sa.select(OrderCase.order_id)
        .join(Case, Case.id == OrderCase.case_id)
        .where(OrderCase.order_id == Order.id, case_queries.visible_to(actor))
    )
    return sa.or_(scoped(actor), one_case.exists())


def visible_order(order_id: int, *, to: Actor) -> SupervisionOrder:
    """One order.

    Raises:
        NotFound: there is none, or it is not theirs to see.
    """
    return one(sa.select(Order).where(Order.id == order_id, visible_to(to)), "order")


# -- the register


@dataclass(frozen=True, slots=True)
class Line:
    """An order in a list: itself, to whom and from whom, and the round that counts."""

    order: SupervisionOrder
    unit: str
    issuer: str
    round: OrderRound


def lines(condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Orders with the names of both units and their present round."""
    issuer = sa.orm.aliased(Unit)
    columns: tuple[Any, ...] = (Order, Unit.name, issuer.name, OrderRound)
    query: sa.Select[Any] = (
        sa.select(*columns)
        .join(Unit, Unit.id == Order.unit_id)
        .join(issuer, issuer.id == Order.issuer_unit_id)
        .join(OrderRound, sa.and_(OrderRound.order_id == Order.id, OrderRound.no == Order.round))
        .where(condition)
    )
    return query


def register(actor: Actor, filters: Filters, at: paging.At, *, now: datetime, size: int = PAGE) -> paging.Page[Line]:
    """One page of the register: open ones most urgent first, all others newest first."""
    query = lines(sa.and_(scoped(actor), *narrowed(filters, now, _in_area)))
    keys, values = order_of(filters)
    found = paging.page_of(query, keys, at, size, values=lambda row: values(row[0]))
    return replace(found, rows=[Line(*row) for row in found.rows])


def all_lines(actor: Actor, filters: Filters, *, now: datetime) -> sa.Select[Any]:
    """The register as it is taken out, not yet in order: rows of a ``Line``."""
    return lines(sa.and_(scoped(actor), *narrowed(filters, now, _in_area)))


def _in_area(area_id: int) -> sa.ColumnElement[bool]:
    area = db.session.get(Area, area_id)
    found: sa.ColumnElement[bool] = COLUMNS[area.level if area else Level.SITE] == area_id
    return found


@dataclass(frozen=True, slots=True)
class Counts:
    """How many orders stand in which state, how many are late, how many are listed."""

    states: Mapping[str, int] = field(default_factory=dict)
    late: int = 0
    listed: int = 0

    @property
    def open(self) -> int:
        """How many are not at their end."""
        ends = (State.WRITTEN_OFF, State.WITHDRAWN)
        return sum(count for state, count in self.states.items() if state not in ends)


def counts(actor: Actor, filters: Filters, *, now: datetime) -> Counts:
    """The sums over the register with its unit and area, whatever else is chosen. One query."""
    places = replace(filters, state="", due="", listed="", scope="all")
    listed = sa.and_(Order.listed_at.is_not(None), Order.delisted_at.is_(None), Order.is_open.is_(True))
    query = sa.select(
        Order.state,
        sa.func.count(),
        sa.func.count(sa.case((Order.due_at < now, 1))),
        sa.func.count(sa.case((listed, 1))),
    ).where(scoped(actor), *narrowed(places, now, _in_area))
    rows = db.session.execute(query.group_by(Order.state)).all()
    return Counts({row[0]: row[1] for row in rows}, sum(row[2] for row in rows), sum(row[3] for row in rows))


def of_case(case_id: int) -> list[Line]:
    """The orders about a case, newest first; whoever sees the case may know of them."""
    inside = sa.select(OrderCase.order_id).where(OrderCase.case_id == case_id)
    rows = db.session.execute(lines(Order.id.in_(inside)).order_by(Order.id.desc()).limit(PAGE))
    return [Line(*row) for row in rows]


def turns(actor: Actor, *, limit: int) -> list[Line]:
    """The orders whose next act is this person's, most urgent first."""
    ordered = sorted({duty.unit_id for duty in actor.duties if duty.role in (Role.LEAD, Role.DESK)})
    own = sorted({duty.unit_id for duty in actor.duties if duty.role in SUPERVISING})
    mine: list[sa.ColumnElement[bool]] = []
    if ordered:
        mine.append(sa.and_(Order.unit_id.in_(ordered), Order.state.in_(sorted(WITH_UNIT))))
    if own:
        takes_off = sa.and_(Order.delister_unit_id.in_(own), Order.listed_at.is_not(None), Order.delisted_at.is_(None))
        judges = sa.and_(Order.issuer_unit_id.in_(own), Order.state.in_(sorted(WITH_ISSUER)))
        mine.append(sa.and_(scoped(actor), sa.or_(judges, sa.and_(takes_off, Order.state == State.VERIFIED))))
    if not mine:
        return []
    query = lines(sa.and_(Order.is_open.is_(True), sa.or_(*mine)))
    rows = db.session.execute(query.order_by(Order.due_at.asc().nulls_last(), Order.id).limit(limit))
    return [Line(*row) for row in rows]


# -- one of them


def cases_of(order_id: int, actor: Actor) -> list[Case]:
    """Its cases that one may see, by number."""
    inside = sa.select(OrderCase.case_id).where(OrderCase.order_id == order_id)
    query = sa.select(Case).where(Case.id.in_(inside), case_queries.visible_to(actor))
    return list(db.session.scalars(query.order_by(Case.id)))


def all_cases_of(order_id: int) -> list[Case]:
    """All its cases, for the order's own acts and its paper."""
    query = sa.select(Case).join(OrderCase, OrderCase.case_id == Case.id).where(OrderCase.order_id == order_id)
    return list(db.session.scalars(query.order_by(Case.id)))


def rounds_of(order_id: int) -> list[OrderRound]:
    """Its rounds, the present one first."""
    query = sa.select(OrderRound).where(OrderRound.order_id == order_id).order_by(OrderRound.no.desc())
    return list(db.session.scalars(query))


def files_of(round_ids: Collection[int]) -> dict[int, list[Attachment]]:
    """What was handed in with each round."""
    query = (
        sa.select(OrderFile.round_id, Attachment)
        .join(Attachment, Attachment.id == OrderFile.attachment_id)
        .where(OrderFile.round_id.in_(list(round_ids)))
        .order_by(Attachment.id)
    )
    return grouped(query)


def file_of(order_id: int, token: str) -> Attachment:
    """A file that was handed in on an order.

    Raises:
        NotFound: the order has no such file.
    """
    query = (
        sa.select(Attachment)
        .join(OrderFile, OrderFile.attachment_id == Attachment.id)
        .join(OrderRound, OrderRound.id == OrderFile.round_id)
        .where(OrderRound.order_id == order_id, Attachment.token == token)
    )
    return one(query, "file")


def interviews_of(order_id: int) -> list[Interview]:
    """The interviews called under an order, newest first."""
    query = sa.select(Interview).where(Interview.order_id == order_id).order_by(Interview.id.desc())
    return list(db.session.scalars(query))


def interview_of(order_id: int, interview_id: int) -> Interview:
    """One interview of an order.

    Raises:
        NotFound: the order has none of that id.
    """
    found = db.session.get(Interview, interview_id)
    if found is None or found.order_id != order_id:
        raise NotFound("interview")
    return found


def open_calls(order_id: int) -> tuple[str, ...]:
    """The numbers of interviews that nobody has recorded yet."""
    query = sa.select(Interview.number).where(Interview.order_id == order_id, Interview.state == InterviewState.CALLED)
    return tuple(db.session.scalars(query.order_by(Interview.id)))


def facts(order: SupervisionOrder) -> OrderFacts:
    """How an order stands, as the rules see it."""
    delister = unit_names([order.delister_unit_id]).get(order.delister_unit_id or 0, "") if order.is_listed else ""
    return OrderFacts(state=State(order.state), listed=order.is_listed, delister=delister, calls=open_calls(order.id))


def unit_names(unit_ids: Iterable[int | None]) -> dict[int, str]:
    """The names of some units."""
    wanted = sorted({unit_id for unit_id in unit_ids if unit_id})
    rows = db.session.execute(sa.select(Unit.id, Unit.name).where(Unit.id.in_(wanted))) if wanted else ()
    return {unit_id: name for unit_id, name in rows}  # noqa: C416 - rows are no pairs to mypy


def who_may_delist(area_ids: Collection[int], domain: str, now: datetime) -> list[tuple[int, str]]:
    """The units that could take something of these areas and this domain off the list: id and name."""
    query = (
        sa.select(Unit.id, Unit.name, Unit.domains, Posting.role)
        .join(Posting, Posting.unit_id == Unit.id)
        .join(User, User.id == Posting.user_id)
        .where(
            Posting.role.in_(SUPERVISING),
            Posting.area_id.in_(sorted(area_ids)),
            valid_on(local_day(now)),
            User.disabled_at.is_(None),
        )
        .distinct()
        .order_by(Unit.name, Unit.id)
    )
    rows = db.session.execute(query)
    able = {key: name for key, name, domains, role in rows if role != Role.REGULATOR or domain in (domains or ())}
    return list(able.items())


def cases_to_order(case_ids: Sequence[int], actor: Actor) -> list[Case]:
    """Those of the cases that one may see, by id."""
    query = sa.select(Case).where(Case.id.in_(list(case_ids)), case_queries.visible_to(actor))
    return list(db.session.scalars(query.order_by(Case.id)))
