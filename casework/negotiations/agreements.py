"""Writes: the agreement that talks lead to, its confirmation by both sides, and how its sum is shared out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from casework.cases.models import Beneficiary, Case
from casework.files.models import Attachment
from casework.kernel.db import db
from casework.kernel.errors import N_, Conflict, NotFound, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day
from casework.negotiations import ledger, queries, rules
from casework.negotiations import shares as sharing
from casework.negotiations.chronicle import tell
from casework.negotiations.events import AgreementConfirmed, AgreementEnded, AgreementMade, AllocationMade
from casework.negotiations.models import Agreement, Allocation, ConfirmLink, Counterparty, Negotiation, Share
from casework.negotiations.rules import AgreementDraft
from casework.negotiations.shares import Firm
from casework.negotiations.words import Basis, Side, Standing

MOST_FIRMS = 5_000


def agree(case: Case, negotiation: Negotiation, draft: AgreementDraft, *, actor: Actor, now: datetime) -> Agreement:
    """Write down what was agreed. It holds once both sides have confirmed it.

    Raises:
        NotPermitted: the actor may not agree for this case.
        NotFound: the talks do not serve this case.
        Refused: the draft's faults, or an agreement is in force already.
    """
    authorise(actor, "negotiation.agree", case)
    case_ids = queries.cases_of(negotiation.id)
    if case.id not in case_ids:
        raise NotFound("negotiation")
    faults = rules.agreement_faults(draft, today=local_day(now))
    if ledger.in_force(negotiation.id) is not None:
        faults.append(because(N_("An agreement of these talks is in force: end it before a new one is made.")))
    if faults:
        raise Refused(faults)
    agreement = _proposed(case, negotiation, draft, actor, now)
    db.session.add(agreement)
    db.session.flush()  # the entry names the id
    name = db.session.get_one(Counterparty, negotiation.counterparty_id).name
    fact = AgreementMade(
        agreement=agreement.id, name=name, method=draft.method, total_fen=draft.total_fen, terms=agreement.terms
    )
    tell(case_ids, fact, by=actor, at=now, verb="agreement", words=agreement.terms)
    return agreement


def _proposed(case: Case, negotiation: Negotiation, draft: AgreementDraft, actor: Actor, now: datetime) -> Agreement:
    return Agreement(
        negotiation_id=negotiation.id,
        case_id=case.id,
        state=Standing.PROPOSED,
        method=draft.method,
        total_fen=draft.total_fen,
        agreed_on=draft.agreed_on,
        from_on=draft.from_on,
        to_on=draft.to_on,
        terms=draft.terms.strip(),
        chain=draft.chain.strip(),
        made_by_id=actor.user_id,
        made_at=now,
    )


def confirm_ours(case: Case, agreement: Agreement, name: str, *, actor: Actor, now: datetime) -> None:
    """Our side says that the terms are what was agreed; ``name`` is who speaks for the firms.

    Raises:
        NotPermitted: the actor may not agree for this case.
        Refused: no name, confirmed already, or ended.
    """
    authorise(actor, "negotiation.agree", case)
    _must_be_unconfirmed(agreement, agreement.ours_at, name)
    agreement.ours_name, agreement.ours_at, agreement.ours_by_id = name.strip(), now, actor.user_id
    _confirmed(agreement, Side.US, name, "officer", actor, now)


def confirm_theirs_on_paper(
    case: Case, agreement: Agreement, name: str, signed: Attachment | None, *, actor: Actor, now: datetime
) -> None:
    """The counterparty signed on paper: the sealed scan stands for its word.

    Raises:
        NotPermitted: the actor may not agree for this case.
        Refused: no name, no scan, confirmed already, or ended.
    """
    authorise(actor, "negotiation.agree", case)
    _must_be_unconfirmed(agreement, agreement.theirs_at, name)
    if signed is None:
        raise Refused(because(N_("Signed agreement: attach the scan or photo."), "files"))
    agreement.signed_file_id = signed.id
    agreement.theirs_name, agreement.theirs_at, agreement.theirs_how = name.strip(), now, "paper"
    _confirmed(agreement, Side.THEM, name, "paper", actor, now)


def confirm_theirs_by_link(agreement: Agreement, name: str, *, now: datetime) -> None:
    """The counterparty confirmed by its one-time link; the caller has checked and spent the link.

    Raises:
        Refused: no name, confirmed already, or ended.
    """
    _must_be_unconfirmed(agreement, agreement.theirs_at, name)
    agreement.theirs_name, agreement.theirs_at, agreement.theirs_how = name.strip(), now, "link"
    _confirmed(agreement, Side.THEM, name, "link", None, now)


def _must_be_unconfirmed(agreement: Agreement, at: datetime | None, name: str) -> None:
    if agreement.state == Standing.ENDED:
        raise Refused(because(N_("This agreement has been ended: it cannot be confirmed.")))
    if at is not None:
        raise Refused(because(N_("This side has confirmed already.")))
    if not name.strip() or len(name) > 100:
        raise Refused(because(N_("Name: write who confirms, in at most %(limit)s characters."), "name", limit=100))


def _confirmed(agreement: Agreement, side: Side, name: str, how: str, actor: Actor | None, now: datetime) -> None:
    if agreement.ours_at and agreement.theirs_at:
        agreement.state = Standing.CONFIRMED
    db.session.flush()  # the version check before the entry
    fact = AgreementConfirmed(agreement=agreement.id, side=side, name=name.strip(), how=how)
    tell(queries.cases_of(agreement.negotiation_id), fact, by=actor, at=now, verb="agreement")


def end(case: Case, agreement: Agreement, reason: str, *, actor: Actor, now: datetime) -> None:
    """An agreement no longer holds; its links go dead. What was received stays received.

    Raises:
        NotPermitted: the actor may not agree for this case.
        Refused: no reason, ended already, or sums have arrived under it.
    """
    authorise(actor, "negotiation.agree", case)
    ledger.hold(agreement.id)  # a receipt entered at the same moment is seen
    if agreement.state == Standing.ENDED:
        raise Refused(because(N_("This agreement has been ended already.")))
    if not reason.strip():
        raise Refused(because(N_("Reason: say why, in a few words."), "reason"))
    if any(ledger.received_by(agreement.id).values()):
        text = N_("Sums have been received under this agreement: make a new version of the allocation instead.")
        raise Refused(because(text, "reason"))
    agreement.state, agreement.ended_at, agreement.ended_reason = Standing.ENDED, now, reason.strip()[:300]
    dead = sa.update(ConfirmLink).where(
        ConfirmLink.agreement_id == agreement.id, ConfirmLink.used_at.is_(None), ConfirmLink.revoked_at.is_(None)
    )
    db.session.execute(dead.values(revoked_at=now).execution_options(synchronize_session=False))
    db.session.flush()  # the version check before the entry
    fact = AgreementEnded(agreement=agreement.id, total_fen=agreement.total_fen, reason=agreement.ended_reason)
    tell(queries.cases_of(agreement.negotiation_id), fact, by=actor, at=now, verb="agreement", words=reason)


def allocate(
    case: Case,
    agreement: Agreement,
    basis: Basis,
    *,
    actor: Actor,
    now: datetime,
    by_hand: Mapping[int, int] | None = None,
    reason: str = "",
    after: int = 0,
) -> Allocation:
    """Share the agreed sum out to the fen, as a new version beside the earlier ones. All firms or none.

    ``after`` is the version that the actor saw. A firm whose share is covered by what arrived is settled, one whose
    share grew waits again.

    Raises:
        NotPermitted: the actor may not agree for this case.
        Refused: it does not add up, weights are missing, a new version has no reason, or more has arrived already.
        Conflict: somebody else has made a version meanwhile.
    """
    authorise(actor, "negotiation.agree", case)
    ledger.hold(agreement.id)  # a receipt or a version entered at the same moment is seen
    case_ids = queries.cases_of(agreement.negotiation_id)
    firms = ledger.sharing_firms(case_ids)
    last = ledger.current_allocation(agreement.id)
    if (last.no if last else 0) != after:
        raise Conflict("another version")
    received = ledger.received_by(agreement.id)
    shares = _checked_shares(agreement, basis, firms, by_hand, reason, last, received)
    allocation = Allocation(
        agreement_id=agreement.id,
        no=after + 1,
        basis=basis,
        total_fen=agreement.total_fen,
        reason=reason.strip()[:300],
        made_by_id=actor.user_id,
        made_at=now,
    )
    _store(allocation, firms, shares)
    _restate(case_ids, firms, [share for _, share in shares], received, now)
    tell(case_ids, _fact(allocation, len(firms)), by=actor, at=now, verb="allocation", words=reason)
    return allocation


def _checked_shares(
    agreement: Agreement,
    basis: Basis,
    firms: Sequence[Firm],
    by_hand: Mapping[int, int] | None,
    reason: str,
    last: Allocation | None,
    received: Mapping[int, int],
) -> list[tuple[int, int]]:
    faults = sharing.allocation_faults(basis, agreement.total_fen, firms, by_hand)
    if agreement.state == Standing.ENDED:
        faults.append(because(N_("This agreement has been ended: there is nothing to share out.")))
    if len(firms) > MOST_FIRMS:
        faults.append(because(N_("At most %(limit)s firms can share one sum: split the case."), limit=MOST_FIRMS))
    if last is not None and not reason.strip():
        faults.append(because(N_("Reason: say why there is a new version, in a few words."), "reason"))
    if faults:
        raise Refused(faults)
    shares = sharing.shares_of(basis, agreement.total_fen, firms, by_hand)
    kept = {firm.id: share for firm, (_, share) in zip(firms, shares, strict=True)}
    if over := sharing.received_above(kept, received, {firm.id: firm.name for firm in firms}):
        raise Refused(over)
    return shares


def _store(allocation: Allocation, firms: Sequence[Firm], shares: Sequence[tuple[int, int]]) -> None:
    """The version with a row for each firm: ``shares`` are its weight and its sum, in the order of the firms."""
    db.session.add(allocation)
    db.session.flush()  # the shares need the id
    db.session.execute(
        sa.insert(Share),
        [
            {"allocation_id": allocation.id, "beneficiary_id": firm.id, "weight": weight, "share_fen": share}
            for firm, (weight, share) in zip(firms, shares, strict=True)
        ],
    )


def _fact(allocation: Allocation, firms: int) -> AllocationMade:
    return AllocationMade(
        agreement=allocation.agreement_id,
        no=allocation.no,
        basis=Basis(allocation.basis),
        total_fen=allocation.total_fen,
        firms=firms,
        reason=allocation.reason,
    )


def _restate(
    case_ids: Sequence[int],
    firms: Sequence[Firm],
    shares: Sequence[int],
    received: Mapping[int, int],
    now: datetime,
) -> None:
    """Settle the firms whose share has arrived in full, and let those wait again whose share grew."""
    full = [firm.id for firm, share in zip(firms, shares, strict=True) if share and received.get(firm.id, 0) >= share]
    partly = [firm.id for firm, share in zip(firms, shares, strict=True) if 0 < received.get(firm.id, 0) < share]
    for ids, status, on in ((full, "settled", local_day(now)), (partly, "pending", None)):
        if ids:
            db.session.execute(
                sa.update(Beneficiary)
                .where(Beneficiary.case_id.in_(case_ids), Beneficiary.id.in_(ids), Beneficiary.status != status)
                .values(status=status, status_reason="", settled_on=on, version=Beneficiary.version + 1)
                .execution_options(synchronize_session="fetch")
            )
