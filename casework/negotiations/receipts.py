"""Writes: what reached the firms, by their own word or by an officer's proof. Received is never what was promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from casework.cases.models import Beneficiary, Case
from casework.files.models import Attachment
from casework.kernel.db import db
from casework.kernel.errors import N_, Conflict, NotFound, Reason, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day
from casework.negotiations import ledger, rules
from casework.negotiations.chronicle import tell
from casework.negotiations.events import ReceiptConfirmed, ReceiptDisputed
from casework.negotiations.models import Agreement, Allocation, Receipt
from casework.negotiations.words import ReceiptKind, Standing


@dataclass(frozen=True, slots=True)
class _Arrival:
    """What is said to have arrived: the sum in fen, when, by which proof, and the receipt that it replaces."""

    amount_fen: int
    on: date
    note: str = ""
    files: Sequence[Attachment] = ()
    corrects: Receipt | None = None


def confirm_by_link(agreement: Agreement, firm: Beneficiary, *, now: datetime) -> Receipt:
    """The firm says that all of its share has arrived; the caller has checked and spent its link.

    Raises:
        Refused: the agreement no longer holds, or nothing is outstanding.
    """
    allocation = _shared_out(agreement)
    left = _outstanding(agreement, allocation, firm.id)
    today = local_day(now)
    faults = rules.receipt_faults(
        max(left, 0), left, received_on=today, agreed_on=agreement.agreed_on, today=today, name=firm.name
    )
    if faults:
        raise Refused(faults)
    return _entered(agreement, allocation, firm, _Arrival(left, today), how="link", actor=None, now=now)


def confirm_by_officer(
    case: Case,
    agreement: Agreement,
    firm: Beneficiary,
    amount_fen: int,
    received_on: date,
    note: str,
    *,
    actor: Actor,
    now: datetime,
    files: Sequence[Attachment] = (),
    corrects: Receipt | None = None,
) -> Receipt:
    """An officer shows that a sum arrived, with proof in words or files; a part of the share is enough.

    ``corrects`` is an earlier receipt whose sum this one replaces; 0 then means that nothing had arrived.

    Raises:
        NotPermitted: the actor may not take receipts for this case.
        Refused: no proof, more than is outstanding, or a day that cannot be.
        Conflict: somebody else has corrected the same receipt.
    """
    authorise(actor, "negotiation.receive", case)
    allocation = _shared_out(agreement)
    _check_correction(agreement, firm, corrects)
    left = _outstanding(agreement, allocation, firm.id) + (corrects.amount_fen if corrects else 0)
    arrival = _Arrival(amount_fen, received_on, note, files, corrects)
    today, agreed_on = local_day(now), agreement.agreed_on
    faults = rules.receipt_faults(
        amount_fen, left, received_on=received_on, agreed_on=agreed_on, today=today, name=firm.name
    )
    if faults := faults + _unproven(arrival):
        raise Refused(faults)
    return _entered(agreement, allocation, firm, arrival, how="officer", actor=actor, now=now)


def _unproven(arrival: _Arrival) -> list[Reason]:
    faults = []
    if arrival.amount_fen == 0 and arrival.corrects is None:
        faults.append(because(N_("Amount: write what arrived."), "amount"))
    if not arrival.note.strip() and not arrival.files:
        faults.append(because(N_("Proof: write what shows that it arrived, or attach it."), "note"))
    return faults


def dispute(agreement: Agreement, firm: Beneficiary, note: str, *, now: datetime) -> Receipt:
    """The firm says that the sum is not right; its link stays good for when it is.

    Raises:
        Refused: nothing is said, or the agreement no longer holds.
    """
    _shared_out(agreement)
    if not note.strip():
        raise Refused(because(N_("What is not right: write it in a sentence."), "note"))
    if len(note) > 500:
        raise Refused(because(N_("Shorten this to %(limit)s characters."), "note", limit=500))
    receipt = _row(agreement, firm, ReceiptKind.DISPUTED, _Arrival(0, local_day(now), note), None, now)
    fact = ReceiptDisputed(receipt=receipt.id, beneficiary=firm.id, name=firm.name, note=note.strip())
    tell([firm.case_id], fact, by=None, at=now, verb="receipt", words=note)
    return receipt


def _shared_out(agreement: Agreement) -> Allocation:
    ledger.hold(agreement.id)  # a version made, or an end put, at the same moment is seen
    allocation = ledger.current_allocation(agreement.id)
    if agreement.state != Standing.CONFIRMED or allocation is None:
        raise Refused(because(N_("Receipts: first both sides confirm the agreement and its sum is shared out.")))
    return allocation


def _outstanding(agreement: Agreement, allocation: Allocation, firm_id: int) -> int:
    # Locked, so that two confirmations at once cannot both find the sum outstanding.
    db.session.execute(sa.select(Beneficiary.id).where(Beneficiary.id == firm_id).with_for_update())
    return ledger.share_of(allocation.id, firm_id) - ledger.received_by(agreement.id, [firm_id]).get(firm_id, 0)


def _check_correction(agreement: Agreement, firm: Beneficiary, corrects: Receipt | None) -> None:
    if corrects is None:
        return
    fits = corrects.agreement_id == agreement.id and corrects.beneficiary_id == firm.id
    if not fits or corrects.kind != ReceiptKind.RECEIVED:
        raise NotFound("receipt")
    if db.session.scalar(sa.select(Receipt.id).where(Receipt.corrects_id == corrects.id)):
        raise Conflict("corrected meanwhile")


def _entered(
    agreement: Agreement,
    allocation: Allocation,
    firm: Beneficiary,
    arrival: _Arrival,
    *,
    how: str,
    actor: Actor | None,
    now: datetime,
) -> Receipt:
    receipt = _row(agreement, firm, ReceiptKind.RECEIVED, arrival, actor, now)
    settled = _outstanding(agreement, allocation, firm.id) <= 0
    if firm.status != "excluded":
        firm.status = "settled" if settled else "pending"
        firm.status_reason, firm.settled_on = "", arrival.on if settled else None
    db.session.flush()  # the version check before the entry
    fact = ReceiptConfirmed(
        receipt=receipt.id,
        beneficiary=firm.id,
        name=firm.name,
        amount_fen=arrival.amount_fen,
        how=how,
        settled=settled,
        note=arrival.note.strip(),
        files=[{"id": file.id, "name": file.name, "sha256": file.sha256} for file in arrival.files],
        corrects=arrival.corrects.id if arrival.corrects else None,
    )
    tell([firm.case_id], fact, by=actor, at=now, verb="receipt", words=arrival.note)
    return receipt


def _row(
    agreement: Agreement,
    firm: Beneficiary,
    kind: ReceiptKind,
    arrival: _Arrival,
    actor: Actor | None,
    now: datetime,
) -> Receipt:
    receipt = Receipt(
        agreement_id=agreement.id,
        beneficiary_id=firm.id,
        case_id=firm.case_id,
        kind=kind,
        amount_fen=arrival.amount_fen,
        received_on=arrival.on,
        note=arrival.note.strip(),
        files=[file.id for file in arrival.files],
        corrects_id=arrival.corrects.id if arrival.corrects else None,
        by_id=actor.user_id if actor else None,
        at=now,
    )
    db.session.add(receipt)
    db.session.flush()  # the entry names the id, and what is outstanding is asked again
    return receipt
