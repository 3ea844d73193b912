"""Writes: every change of a stock is an entry of the sealed ledger, made with the change, and never below zero."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from casework.kernel.db import db
from casework.kernel.errors import N_, Conflict, Reason, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day
from casework.roster.models import Unit
from casework.supplies import queries, rules
from casework.supplies.models import SupplyItem, SupplyMovement, SupplyStock
from casework.supplies.policy import KEEP
from casework.supplies.words import Kind

LONGEST, PARTY = 300, 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What an entry says beside the number: from or to whom, why, and what it belongs to."""

    party: str = ""
    reason: str = ""
    line_id: int | None = None
    transfer_id: int | None = None
    corrects_id: int | None = None


def move(stock: SupplyStock, kind: Kind, change: int, why: Why, *, actor: Actor, now: datetime) -> SupplyMovement:
    """Change a stock by so much and enter it; the one way to do either.

    The database itself decides whether there is enough, so that two at once cannot both take the last.

    Raises:
        Refused: there is less than that.
    """
    enough = sa.and_(SupplyStock.id == stock.id, SupplyStock.quantity + change >= 0)
    statement = sa.update(SupplyStock).where(enough).values(quantity=SupplyStock.quantity + change)
    statement = statement.returning(SupplyStock.quantity).execution_options(synchronize_session=False)
    balance = db.session.scalar(statement)
    db.session.refresh(stock)
    if balance is None:
        raise Refused(rules.too_much(stock.quantity, db.session.get_one(SupplyItem, stock.item_id).measure))
    movement = SupplyMovement(
        unit_id=stock.unit_id,
        item_id=stock.item_id,
        stock_id=stock.id,
        kind=kind,
        quantity=change,
        balance=balance,
        party=why.party.strip(),
        reason=why.reason.strip(),
        line_id=why.line_id,
        transfer_id=why.transfer_id,
        corrects_id=why.corrects_id,
        by_id=actor.user_id,
        at=now,
    )
    db.session.add(movement)
    db.session.flush()  # what follows names its id, and a second reversal is refused here
    return movement


def batch_of(unit_id: int, item_id: int, batch: str, expires_on: date) -> SupplyStock:
    """The stock of a batch, begun at zero when the unit has not had it before."""
    wanted = {"unit_id": unit_id, "item_id": item_id, "batch": batch, "expires_on": expires_on}
    found = db.session.scalar(sa.select(SupplyStock).filter_by(**wanted))
    if found is None:
        found = SupplyStock(**wanted, quantity=0)
        db.session.add(found)
        db.session.flush()  # of two at once the second is told to send again
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What comes in, as it is filled in. No ``batch`` where none is printed, no ``expires_on`` where it keeps."""

    quantity: int | None
    batch: str = ""
    expires_on: date | None = None
    source: str = ""
    note: str = ""


def take_in(unit: Unit, item: SupplyItem, what: Delivery, *, actor: Actor, now: datetime) -> SupplyMovement:
    """Enter what came in: bought, given, or handed down.

    Raises:
        NotPermitted: the stock is not the actor's to keep.
        Refused: the faults of what was filled in.
    """
    authorise(actor, KEEP, unit)
    batch, expires_on = what.batch.strip(), queries.expiry_of(what.expires_on)
    if faults := delivery_faults(unit, item, what, now=now):
        raise Refused(faults)
    stock = batch_of(unit.id, item.id, batch, expires_on)
    why = Why(party=what.source, reason=what.note)
    return move(stock, Kind.IN, what.quantity or 0, why, actor=actor, now=now)


def delivery_faults(unit: Unit, item: SupplyItem, what: Delivery, *, now: datetime) -> list[Reason]:
    """What is wrong with what comes in, as it is filled in."""
    known = queries.named_batch(unit.id, item.id, what.batch.strip())
    return faults_beside(unit, item, what, known, now=now)


def faults_beside(
    unit: Unit, item: SupplyItem, what: Delivery, known: SupplyStock | None, *, now: datetime
) -> list[Reason]:
    """The same where it is known already what the unit has of a batch of this name."""
    batch, expires_on = what.batch.strip(), queries.expiry_of(what.expires_on)
    faults = [
        *rules.quantity_faults(what.quantity),
        *rules.text_faults(batch, "batch", 40),
        *rules.expiry_faults(expires_on, local_day(now)),
        *rules.text_faults(what.source, "source", PARTY, N_("From whom: write where it comes from.")),
        *rules.text_faults(what.note, "note", LONGEST),
        *_item_faults(unit, item),
    ]
    if known is not None and known.expires_on != expires_on:
        day = known.expiry.isoformat() if known.expiry else "—"
        told = N_("Expires on: batch %(batch)s is on the books with %(day)s; look at the goods again.")
        faults.append(because(told, "expires_on", batch=batch, day=day))
    return faults


def _item_faults(unit: Unit, item: SupplyItem) -> list[Reason]:
    there = item.district_id in unit.area_ids
    return [] if item.active and there else [because(N_("Item: pick one of the catalogue."), "item_id")]


def give_out(
    unit: Unit, stock: SupplyStock, quantity: int | None, receiver: str, note: str, *, actor: Actor, now: datetime
) -> SupplyMovement:
    """Give out of a batch for our own use; what a case asked for is delivered on its line.

    Raises:
        NotPermitted: the stock is not the actor's to keep.
        Refused: expired, too much, or nobody named.
    """
    _keeper_of(unit, stock, actor)
    faults = [
        *rules.issue_faults(quantity, stock.quantity, stock.expires_on, local_day(now), _measure(stock)),
        *rules.text_faults(receiver, "party", PARTY, N_("Received by: write who took it.")),
        *rules.text_faults(note, "reason", LONGEST),
    ]
    if faults:
        raise Refused(faults)
    return move(stock, Kind.OUT, -(quantity or 0), Why(party=receiver, reason=note), actor=actor, now=now)


def write_off(
    unit: Unit, stock: SupplyStock, quantity: int | None, reason: str, *, actor: Actor, now: datetime
) -> SupplyMovement:
    """Take out what is spoilt, lost or expired.

    Raises:
        NotPermitted: the stock is not the actor's to keep.
        Refused: no reason, or more than there is.
    """
    _keeper_of(unit, stock, actor)
    faults = [
        *rules.quantity_faults(quantity),
        *rules.text_faults(reason, "reason", LONGEST, N_("Reason: say why, in a few words.")),
    ]
    if faults:
        raise Refused(faults)
    return move(stock, Kind.WRITE_OFF, -(quantity or 0), Why(reason=reason), actor=actor, now=now)


def count(
    unit: Unit, stock: SupplyStock, counted: int | None, reason: str, *, seen: int, actor: Actor, now: datetime
) -> SupplyMovement:
    """Enter how many there really are: the difference goes into the ledger, none too, as proof of the count.

    ``seen`` is what the books said when the count began.

    Raises:
        NotPermitted: the stock is not the actor's to keep.
        Conflict: something was entered since, so that the difference is not known.
        Refused: a difference without its reason.
    """
    _keeper_of(unit, stock, actor)
    db.session.scalar(
        sa.select(SupplyStock)
        .where(SupplyStock.id == stock.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if stock.quantity != seen:
        raise Conflict("counted against another number")
    difference = (counted or 0) - stock.quantity
    missing = N_("Reason: the count differs from the books; say why.") if difference else ""
    faults = [
        *rules.quantity_faults(counted, zero=True),
        *rules.text_faults(reason, "reason", LONGEST, missing),
    ]
    if faults:
        raise Refused(faults)
    return move(stock, Kind.COUNT, difference, Why(reason=reason), actor=actor, now=now)


def _keeper_of(unit: Unit, stock: SupplyStock, actor: Actor) -> None:
    authorise(actor, KEEP, unit)
    if stock.unit_id != unit.id:
        raise ValueError("a stock of another unit")


def _measure(stock: SupplyStock) -> str:
    return db.session.get_one(SupplyItem, stock.item_id).measure
