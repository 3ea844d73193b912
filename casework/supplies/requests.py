"""Writes: what a case asks for, what is delivered on it in parts, and what is taken back or not needed any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from casework import audit
from casework.audit.vocabulary import Fact
from casework.cases.models import Case
from casework.cases.service import touch
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day
from casework.roster.models import Unit
from casework.supplies import rules
from casework.supplies.events import (
    SuppliesDelivered,
    SuppliesDeliveryReversed,
    SuppliesRequestCancelled,
    SuppliesRequested,
)
from casework.supplies.models import SupplyItem, SupplyLine, SupplyMovement, SupplyStock
from casework.supplies.policy import KEEP, REQUEST
from casework.supplies.stock import LONGEST, PARTY, Why, move
from casework.supplies.words import Kind

MOST_LINES = 20
REVERSIBLE = (Kind.IN, Kind.OUT, Kind.COUNT, Kind.WRITE_OFF)
"""What a later entry may take back; a transfer comes back by itself, and a reversal stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """One line as it is filled in; ``place`` names its row on the form."""

    item: SupplyItem | None
    quantity: int | None
    needed_on: date | None
    note: str = ""
    place: int = 0


def request(case: Case, drafts: Sequence[LineDraft], *, actor: Actor, now: datetime) -> list[SupplyLine]:
    """Ask for supplies: they block closing until they are delivered or cancelled.

    Raises:
        NotPermitted: the actor may not ask for this case, or it has ended.
        Refused: nothing asked for, or the faults of the lines.
    """
    authorise(actor, REQUEST, case)
    if not drafts:
        raise Refused(because(N_("Item: pick what is needed."), "item_0"))
    if len(drafts) > MOST_LINES:
        raise Refused(because(N_("At most %(most)s lines at once: send the rest afterwards."), most=MOST_LINES))
    if faults := [fault for draft in drafts for fault in _line_faults(case, draft, local_day(now))]:
        raise Refused(faults)
    lines = [
        SupplyLine(
            case_id=case.id,
            item_id=draft.item.id,
            quantity=draft.quantity,
            delivered=0,
            needed_on=draft.needed_on,
            note=draft.note.strip(),
            is_open=True,
            added_by_id=actor.user_id,
            added_at=now,
        )
        for draft in drafts
        if draft.item is not None
    ]
    db.session.add_all(lines)
    asked = sa.update(Case).where(Case.id == case.id).values(supplied=True)
    db.session.execute(asked.execution_options(synchronize_session="evaluate"))
    db.session.flush()  # the entry names their ids
    _tell(case, SuppliesRequested(lines=[_told(line) for line in lines]), actor, now)
    return lines


def _line_faults(case: Case, draft: LineDraft, today: date) -> list[Reason]:
    at = draft.place
    faults = [
        *rules.quantity_faults(draft.quantity, name=f"quantity_{at}"),
        *rules.needed_faults(draft.needed_on, today, f"needed_on_{at}"),
        *rules.text_faults(draft.note, f"note_{at}", 200),
    ]
    item = draft.item
    if item is None or not item.active or item.district_id != case.district_id:
        faults.insert(0, because(N_("Item: pick one of the catalogue."), f"item_{at}"))
    return faults


def _told(line: SupplyLine) -> dict[str, object]:
    item = _item(line)
    return {
        "line": line.id,
        "item": item.name,
        "quantity": line.quantity,
        "measure": item.measure,
        "needed_on": line.needed_on.isoformat(),
        **({"note": line.note} if line.note else {}),
    }


def deliver(
    line: SupplyLine,
    unit: Unit,
    stock: SupplyStock,
    quantity: int | None,
    receiver: str,
    note: str,
    *,
    actor: Actor,
    now: datetime,
) -> SupplyMovement:
    """Deliver a part, or all, of a line out of a unit's stock; the firm's receiver is noted.

    Raises:
        NotPermitted: the stock is not the actor's to keep, or the case is not theirs to see.
        Refused: the line has ended, more than it asks for or than there is, expired, or no receiver.
    """
    case = db.session.get_one(Case, line.case_id)
    authorise(actor, KEEP, unit)
    authorise(actor, "case.read", case)
    _hold(line)
    item = _item(line)
    faults = [
        *_delivery_faults(case, line, item, quantity),
        *rules.issue_faults(quantity, stock.quantity, stock.expires_on, local_day(now), item.measure),
        *rules.text_faults(receiver, "receiver", PARTY, N_("Received by: write who of the firm took it.")),
        *rules.text_faults(note, "note", LONGEST),
    ]
    if stock.item_id != line.item_id or stock.unit_id != unit.id:
        faults.append(because(N_("From which batch: pick one."), "stock"))
    if faults:
        raise Refused(faults)
    why = Why(party=receiver, reason=note, line_id=line.id)
    movement = move(stock, Kind.OUT, -(quantity or 0), why, actor=actor, now=now)
    _set_delivered(line, line.delivered + (quantity or 0))
    _tell(case, _delivered(line, unit, stock, movement), actor, now)
    return movement


def _delivered(line: SupplyLine, unit: Unit, stock: SupplyStock, movement: SupplyMovement) -> SuppliesDelivered:
    item = _item(line)
    return SuppliesDelivered(
        line=line.id,
        movement=movement.id,
        item=item.name,
        measure=item.measure,
        quantity=-movement.quantity,
        unit=unit.name,
        receiver=movement.party,
        left=line.left,
        batch=stock.batch,
        note=movement.reason,
    )


def _delivery_faults(case: Case, line: SupplyLine, item: SupplyItem, quantity: int | None) -> list[Reason]:
    if not case.is_open:
        return [because(N_("The case has ended: nothing is delivered on it any more."))]
    if not line.is_open:
        return [because(N_("This request has ended: look at how it stands."))]
    if quantity is not None and quantity > line.left:
        told = N_("Quantity: %(left)s %(measure)s are still to be delivered.")
        return [because(told, "quantity", left=f"{line.left:,}", measure=item.measure)]
    return []


def cancel(line: SupplyLine, reason: str, *, actor: Actor, now: datetime) -> None:
    """What is not delivered yet is not needed any more; what was delivered stays.

    Raises:
        NotPermitted: the actor may not ask for this case.
        Refused: no reason, or the line has ended already.
    """
    case = db.session.get_one(Case, line.case_id)
    authorise(actor, REQUEST, case)
    if faults := rules.text_faults(reason, "reason", LONGEST, N_("Reason: say why, in a few words.")):
        raise Refused(faults)
    _hold(line)
    if not line.is_open:
        raise Refused(because(N_("This request has ended: look at how it stands.")))
    item, left = _item(line), line.left
    line.is_open, line.cancelled_at, line.cancelled_by_id, line.reason = False, now, actor.user_id, reason.strip()
    db.session.flush()  # the checks of the row before the entry
    fact = SuppliesRequestCancelled(
        line=line.id, item=item.name, measure=item.measure, quantity=left, reason=line.reason, needed_on=line.needed_on
    )
    _tell(case, fact, actor, now)


def reverse(unit: Unit, movement: SupplyMovement, reason: str, *, actor: Actor, now: datetime) -> SupplyMovement:
    """Take a wrong entry back with a new one that names it; what was delivered by it is to be delivered again.

    Raises:
        NotPermitted: the stock is not the actor's to keep.
        Refused: no reason, not one that can be taken back, or less in stock than it brought.
        Conflict: somebody has taken it back at the same moment.
    """
    authorise(actor, KEEP, unit)
    line = db.session.get_one(SupplyLine, movement.line_id) if movement.line_id else None
    if line is not None:
        _hold(line)
    if faults := _reversal_faults(movement, line, reason):
        raise Refused(faults)
    stock = db.session.get_one(SupplyStock, movement.stock_id)
    why = Why(party=movement.party, reason=reason, line_id=movement.line_id, corrects_id=movement.id)
    entry = move(stock, Kind.REVERSAL, -movement.quantity, why, actor=actor, now=now)
    if line is not None:
        _set_delivered(line, line.delivered + movement.quantity)
        item, case = _item(line), db.session.get_one(Case, line.case_id)
        fact = SuppliesDeliveryReversed(
            line=line.id,
            movement=entry.id,
            item=item.name,
            measure=item.measure,
            quantity=-movement.quantity,
            unit=unit.name,
            reason=reason.strip(),
        )
        _tell(case, fact, actor, now)
    return entry


def _reversal_faults(movement: SupplyMovement, line: SupplyLine | None, reason: str) -> list[Reason]:
    if movement.kind not in REVERSIBLE or not movement.quantity:
        return [because(N_("This entry is not taken back: enter what is so now."))]
    if db.session.scalar(sa.select(SupplyMovement.id).where(SupplyMovement.corrects_id == movement.id)):
        return [because(N_("This entry was taken back already."))]
    if line is not None and not db.session.get_one(Case, line.case_id).is_open:
        return [because(N_("The case has ended: take in what came back as a new entry."))]
    return rules.text_faults(reason, "reason", LONGEST, N_("Reason: say why, in a few words."))


def _hold(line: SupplyLine) -> None:
    """Lock the line and read it again; it comes before the locks of stocks and chains."""
    query = sa.select(SupplyLine).where(SupplyLine.id == line.id).with_for_update()
    db.session.scalar(query.execution_options(populate_existing=True))


def _set_delivered(line: SupplyLine, delivered: int) -> None:
    line.delivered = delivered
    line.is_open = line.cancelled_at is None and delivered < line.quantity
    db.session.flush()  # the checks of the row before the entry


def _item(line: SupplyLine) -> SupplyItem:
    return db.session.get_one(SupplyItem, line.item_id)


def _tell(case: Case, fact: Fact, actor: Actor, now: datetime) -> None:
    audit.record(fact, by=actor, at=now, case_id=case.id)
    touch(case, "supplies", now)
