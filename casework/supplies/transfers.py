"""Writes: a part of a batch goes to another unit. It leaves at once and arrives, or comes back, when that is said."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day
from casework.roster.models import Unit
from casework.supplies import rules
from casework.supplies.models import SupplyItem, SupplyStock, SupplyTransfer
from casework.supplies.policy import KEEP
from casework.supplies.stock import LONGEST, Why, batch_of, move
from casework.supplies.words import Kind, Transfer


def send(
    unit: Unit, stock: SupplyStock, to: Unit, quantity: int | None, note: str, *, actor: Actor, now: datetime
) -> SupplyTransfer:
    """Send a part of a batch on its way.

    Raises:
        NotPermitted: the stock is not the actor's to keep.
        Refused: expired, too much, or a receiver of another district.
    """
    authorise(actor, KEEP, unit)
    item = db.session.get_one(SupplyItem, stock.item_id)
    faults = [
        *rules.issue_faults(quantity, stock.quantity, stock.expires_on, local_day(now), item.measure),
        *rules.text_faults(note, "reason", LONGEST),
    ]
    if to.id == unit.id or to.closed_on is not None or item.district_id not in to.area_ids:
        faults.append(because(N_("To which unit: pick another unit of the district."), "to_unit"))
    if faults:
        raise Refused(faults)
    transfer = SupplyTransfer(
        item_id=item.id,
        from_unit_id=unit.id,
        to_unit_id=to.id,
        from_stock_id=stock.id,
        quantity=quantity or 0,
        state=Transfer.SENT,
        note=note.strip(),
        sent_by_id=actor.user_id,
        sent_at=now,
    )
    db.session.add(transfer)
    db.session.flush()  # the entry names it
    why = Why(party=to.name, reason=note, transfer_id=transfer.id)
    move(stock, Kind.SENT, -transfer.quantity, why, actor=actor, now=now)
    return transfer


def receive(transfer: SupplyTransfer, *, actor: Actor, now: datetime) -> None:
    """The receiver has it: all of it; what is missing then shows in a count.

    Raises:
        NotPermitted: the receiving stock is not the actor's to keep.
        Refused: it has ended already.
    """
    to, sender = _unit(transfer.to_unit_id), _unit(transfer.from_unit_id)
    authorise(actor, KEEP, to)
    _hold(transfer)
    origin = db.session.get_one(SupplyStock, transfer.from_stock_id)
    stock = batch_of(to.id, origin.item_id, origin.batch, origin.expires_on)
    why = Why(party=sender.name, transfer_id=transfer.id)
    move(stock, Kind.RECEIVED, transfer.quantity, why, actor=actor, now=now)
    _end(transfer, Transfer.RECEIVED, "", actor, now)


def refuse(transfer: SupplyTransfer, reason: str, *, actor: Actor, now: datetime) -> None:
    """The receiver does not take it: it is the sender's stock again.

    Raises:
        NotPermitted: the receiving stock is not the actor's to keep.
        Refused: no reason, or it has ended already.
    """
    authorise(actor, KEEP, _unit(transfer.to_unit_id))
    _back(transfer, Transfer.REFUSED, reason, actor, now)


def recall(transfer: SupplyTransfer, reason: str, *, actor: Actor, now: datetime) -> None:
    """The sender takes it back before it has arrived.

    Raises:
        NotPermitted: the sending stock is not the actor's to keep.
        Refused: no reason, or it has ended already.
    """
    authorise(actor, KEEP, _unit(transfer.from_unit_id))
    _back(transfer, Transfer.RECALLED, reason, actor, now)


def _back(transfer: SupplyTransfer, how: Transfer, reason: str, actor: Actor, now: datetime) -> None:
    if faults := rules.text_faults(reason, "reason", LONGEST, N_("Reason: say why, in a few words.")):
        raise Refused(faults)
    _hold(transfer)
    stock = db.session.get_one(SupplyStock, transfer.from_stock_id)
    why = Why(party=_unit(transfer.to_unit_id).name, reason=reason, transfer_id=transfer.id)
    move(stock, Kind.RETURNED, transfer.quantity, why, actor=actor, now=now)
    _end(transfer, how, reason, actor, now)


def _hold(transfer: SupplyTransfer) -> None:
    """Lock it, so that it ends once."""
    query = sa.select(SupplyTransfer).where(SupplyTransfer.id == transfer.id).with_for_update()
    db.session.scalar(query.execution_options(populate_existing=True))
    if transfer.state != Transfer.SENT:
        raise Refused(because(N_("This transfer has ended already: look at how it stands.")))


def _end(transfer: SupplyTransfer, how: Transfer, reason: str, actor: Actor, now: datetime) -> None:
    transfer.state, transfer.reason = how, reason.strip()
    transfer.settled_by_id, transfer.settled_at = actor.user_id, now
    db.session.flush()  # the checks of the row, before anything else is decided by it


def _unit(unit_id: int) -> Unit:
    return db.session.get_one(Unit, unit_id)
