"""Reads of counterparties: the chain they stand in, their talks, and how they kept their word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.areas.models import Area
from casework.cases.models import Case
from casework.cases.queries import visible_to
from casework.enterprises.rules import name_key
from casework.kernel import paging
from casework.kernel.db import db, one
from casework.kernel.errors import NotFound
from casework.kernel.permissions import Actor
from casework.negotiations.models import (
    Commitment,
    Counterparty,
    Negotiation,
    NegotiationCase,
)
from casework.negotiations.policy import READERS
from casework.negotiations.queries import negotiations_of
from casework.negotiations.words import UNSETTLED, Promise

LONGEST_CHAIN = 8


SHOWN = 50


MOST_ABOVE = 300


def districts_of(actor: Actor) -> Any:
    """The districts in which the actor may know counterparties: those of today's duties that read the log."""
    areas = [duty.area_id for duty in actor.duties if duty.role in READERS]
    inside = sa.select(sa.func.coalesce(Area.district_id, Area.id)).where(Area.id.in_(areas))
    cities = sa.select(Area.id).where(Area.level == "district", Area.city_id.in_(areas))
    return sa.union(inside, cities).subquery().select()


def counterparties_visible_to(actor: Actor) -> sa.Select[Counterparty]:
    """The counterparties of the actor's districts: a landlord's word counts in all of them."""
    return sa.select(Counterparty).where(Counterparty.district_id.in_(districts_of(actor)))


def visible_counterparty(key: int, *, to: Actor) -> Counterparty:
    """One counterparty.

    Raises:
        NotFound: there is none, or it lies outside the actor's districts.
    """
    return one(counterparties_visible_to(to).where(Counterparty.id == key), "counterparty")


def chain_of(counterparty: Counterparty) -> list[Counterparty]:
    """The chain that a counterparty stands in, owner first; a circle in the data ends it."""
    chain = [counterparty]
    while (above := chain[0].above_id) and len(chain) < LONGEST_CHAIN:
        found = db.session.get(Counterparty, above)
        if found is None or found in chain:
            break
        chain.insert(0, found)
    return chain


def below(counterparty_id: int) -> list[Counterparty]:
    """Who rents from a counterparty to let on: the sub-lessors under an owner."""
    query = sa.select(Counterparty).where(Counterparty.above_id == counterparty_id).order_by(Counterparty.id)
    return list(db.session.scalars(query))


def records_of(counterparty_ids: Sequence[int], today: date) -> dict[int, dict[str, int]]:
    """How these counterparties kept their word: promises by state, and ``late`` ones that are open past their day."""
    late = sa.and_(Commitment.state.in_(UNSETTLED), Commitment.due_on < today)
    query = (
        sa.select(Commitment.counterparty_id, Commitment.state, sa.func.count(), sa.func.count(sa.case((late, 1))))
        .where(Commitment.counterparty_id.in_(counterparty_ids))
        .group_by(Commitment.counterparty_id, Commitment.state)
    )
    none = {state.value: 0 for state in Promise} | {"late": 0}
    records: dict[int, dict[str, int]] = {key: dict(none) for key in counterparty_ids}
    for key, state, count, overdue in db.session.execute(query):
        if key is None:
            continue
        records[key][state] = count
        records[key]["late"] += overdue
    return records


def counterparties_page(
    actor: Actor, text: str, after: str | None, *, size: int
) -> tuple[list[Counterparty], str | None]:
    """Counterparties by name, and the cursor of the next ones."""
    query = counterparties_visible_to(actor)
    if text:
        query = query.where(Counterparty.name_key.contains(name_key(text), autoescape=True))
    if at := paging.decode(after, [str, int]):
        query = query.where(sa.tuple_(Counterparty.name_key, Counterparty.id) > sa.tuple_(*at))
    rows = list(db.session.scalars(query.order_by(Counterparty.name_key, Counterparty.id).limit(size + 1)))
    last = rows[size - 1] if len(rows) > size else None
    return rows[:size], paging.encode([last.name_key, last.id]) if last else None


def talks_with(counterparty_id: int, actor: Actor) -> list[tuple[Negotiation, Case]]:
    """The latest talks with a counterparty, each with a case that the actor may see; newest first."""
    query = (
        sa.select(Negotiation, Case)
        .join(NegotiationCase, NegotiationCase.negotiation_id == Negotiation.id)
        .join(Case, Case.id == NegotiationCase.case_id)
        .where(Negotiation.counterparty_id == counterparty_id, visible_to(actor))
        .order_by(Negotiation.id.desc(), Case.id)
        .limit(SHOWN)
    )
    return [(negotiation, case) for negotiation, case in db.session.execute(query)]


def promises_by(counterparty_id: int, actor: Actor) -> list[tuple[Commitment, Case]]:
    """The latest promises of a counterparty on cases that the actor may see; newest first."""
    query = (
        sa.select(Commitment, Case)
        .join(Case, Case.id == Commitment.case_id)
        .where(Commitment.counterparty_id == counterparty_id, visible_to(actor))
        .order_by(Commitment.id.desc())
        .limit(SHOWN)
    )
    return [(commitment, case) for commitment, case in db.session.execute(query)]


def party_of_case(case_id: int, key: int) -> Counterparty:
    """A counterparty that a case negotiates with, or one in the chain of it.

    Raises:
        NotFound: the case has nothing to do with it.
    """
    for _, party in negotiations_of(case_id):
        for link in (*chain_of(party), *below(party.id)):
            if link.id == key:
                return link
    raise NotFound("counterparty")


def possible_above(party: Counterparty) -> list[Counterparty]:
    """Whom a counterparty may rent from: the others of its district."""
    query = sa.select(Counterparty).where(Counterparty.district_id == party.district_id, Counterparty.id != party.id)
    return list(db.session.scalars(query.order_by(Counterparty.name_key).limit(MOST_ABOVE)))
