"""Orders and counterparties: what is found by a text of its own and belongs to no single case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from casework.kernel.db import db
from casework.kernel.errors import because
from casework.kernel.finding import Narrow
from casework.kernel.masking import masked
from casework.kernel.models import SearchDoc
from casework.kernel.permissions import Actor
from casework.negotiations import parties
from casework.negotiations.models import Counterparty
from casework.negotiations.words import KINDS, CounterpartyKind
from casework.orders import queries as orders
from casework.orders.models import SupervisionOrder
from casework.orders.workflow import STATE_LABELS
from casework.search.groups import Line
from casework.search.rules import Asked, marked, named, snippet

Rows = Sequence[Any]


def orders_for(actor: Actor) -> Narrow:
    """The orders in somebody's scope or about a case that they see."""

    def narrow(query: sa.Select[Any]) -> sa.Select[Any]:
        joined = query.join(SupervisionOrder, SupervisionOrder.id == SearchDoc.ref_id)
        return joined.where(orders.visible_to(actor))

    return narrow


def parties_for(actor: Actor) -> Narrow:
    """The counterparties of somebody's districts."""

    def narrow(query: sa.Select[Any]) -> sa.Select[Any]:
        joined = query.join(Counterparty, Counterparty.id == SearchDoc.ref_id)
        return joined.where(Counterparty.district_id.in_(parties.districts_of(actor)))

    return narrow


def order_lines(rows: Rows, asked: Asked) -> list[Line]:
    """Orders: to which unit, how they stand, what they demand."""
    query = sa.select(SupervisionOrder).where(SupervisionOrder.id.in_([row.ref_id for row in rows]))
    found = {order.id: order for order in db.session.scalars(query)}
    units = orders.unit_names(order.unit_id for order in found.values())
    return [
        Line(
            href=f"/orders/{order.id}",
            title=marked(order.title, asked.words),
            about=(marked(order.number, asked.words), units[order.unit_id], because(STATE_LABELS[order.state])),
            text=snippet(order.demands, asked.words),
            at=order.issued_at,
            key=row.id,
        )
        for row in rows
        if (order := found.get(row.ref_id)) is not None
    ]


def party_lines(rows: Rows, asked: Asked) -> list[Line]:
    """Counterparties: what they are, and whom one calls there, the phone masked as on their page."""
    query = sa.select(Counterparty).where(Counterparty.id.in_([row.ref_id for row in rows]))
    found = {party.id: party for party in db.session.scalars(query)}
    return [
        Line(
            href=f"/counterparties/{party.id}",
            title=named(party.name, asked.words),
            about=(because(KINDS[CounterpartyKind(party.kind)]), marked(_called(party), asked.words)),
            key=row.id,
        )
        for row in rows
        if (party := found.get(row.ref_id)) is not None
    ]


def _called(party: Counterparty) -> str:
    return f"{party.contact} {masked(party.phone)}".strip()
