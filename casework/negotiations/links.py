"""One-time links for people without an account: made, shown again, spent, revoked.

Their tokens are those of ``kernel.onetime``: the officer can be shown one once more. A look at the page spends
nothing, as messengers look before people do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from casework.cases.models import Beneficiary, Case
from casework.kernel import onetime
from casework.kernel.db import db, one
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.negotiations import ledger, queries
from casework.negotiations.chronicle import tell
from casework.negotiations.events import LinksSent
from casework.negotiations.models import Agreement, ConfirmLink, NegotiationCase
from casework.negotiations.words import Purpose, Standing

VALID = timedelta(days=14)
DEAD = N_("This link has been used or is no longer valid: ask the officer for a new one.")


def token_of(link: ConfirmLink, key: str) -> str:
    """The secret part of a link's address, made again from its nonce."""
    return onetime.token(key, f"confirm:{link.purpose}", link.nonce)


def link_for(token: str) -> ConfirmLink:
    """The link with this token, whatever its state.

    Raises:
        NotFound: there is none: the same answer as for a guess.
    """
    return one(sa.select(ConfirmLink).where(ConfirmLink.token_hash == onetime.hashed(token)), "link")


def is_live(link: ConfirmLink, now: datetime) -> bool:
    """Whether it can still be used."""
    return link.used_at is None and link.revoked_at is None and now < link.expires_at and _case_is_open(link)


def _case_is_open(link: ConfirmLink) -> bool:
    """Whether the firm's case is still worked on, or for the counterparty one of those that the talks serve."""
    if link.beneficiary_id is not None:
        of = sa.select(Beneficiary.case_id).where(Beneficiary.id == link.beneficiary_id)
    else:
        of = (
            sa.select(NegotiationCase.case_id)
            .join(Agreement, Agreement.negotiation_id == NegotiationCase.negotiation_id)
            .where(Agreement.id == link.agreement_id)
        )
    return db.session.scalar(sa.select(Case.id).where(Case.id.in_(of), Case.is_open.is_(True)).limit(1)) is not None


def spend(link: ConfirmLink, *, now: datetime) -> None:
    """Use a link up, in the transaction of what it confirms: of two at once one wins.

    Raises:
        Refused: it was used, revoked, or is expired, or the case has ended.
    """
    ledger.hold(link.agreement_id)  # before the link: whoever ends the agreement takes them in this order
    spent = db.session.execute(
        sa.update(ConfirmLink)
        .where(
            ConfirmLink.id == link.id,
            ConfirmLink.used_at.is_(None),
            ConfirmLink.revoked_at.is_(None),
            ConfirmLink.expires_at > now,
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    if spent.rowcount != 1 or not _case_is_open(link):  # type: ignore[attr-defined]
        raise Refused(because(DEAD))


def check(link: ConfirmLink, now: datetime) -> None:
    """Make sure that a link can still be used, without using it up.

    Raises:
        Refused: it was used, revoked, or is expired, or the case has ended.
    """
    if not is_live(link, now):
        raise Refused(because(DEAD))


def send_to_counterparty(case: Case, agreement: Agreement, *, key: str, actor: Actor, now: datetime) -> ConfirmLink:
    """A link by which the counterparty confirms the terms; an earlier one goes dead.

    Raises:
        NotPermitted: the actor may not agree for this case.
        Refused: the counterparty has confirmed already, or the agreement was ended.
    """
    authorise(actor, "negotiation.agree", case)
    if agreement.state == Standing.ENDED or agreement.theirs_at is not None:
        raise Refused(because(N_("There is nothing left for the counterparty to confirm.")))
    _revoke(agreement.id, None, now)
    link = _made(Purpose.AGREEMENT, agreement.id, None, key, actor, now)
    db.session.add(link)
    db.session.flush()  # shown in the answer
    fact = LinksSent(agreement=agreement.id, purpose=Purpose.AGREEMENT, count=1)
    tell(queries.cases_of(agreement.negotiation_id), fact, by=actor, at=now, verb="agreement")
    return link


def send_to_firms(
    case: Case, agreement: Agreement, firms: Sequence[Beneficiary], *, key: str, actor: Actor, now: datetime
) -> list[ConfirmLink]:
    """A link for each of these firms of the case to confirm what it received; earlier ones go dead.

    Raises:
        NotPermitted: the actor may not take receipts for this case.
        Refused: the agreement is not confirmed or not shared out, or no firm waits.
    """
    authorise(actor, "negotiation.receive", case)
    allocation = ledger.current_allocation(agreement.id)
    if agreement.state != Standing.CONFIRMED or allocation is None:
        raise Refused(because(N_("Links: first both sides confirm the agreement and its sum is shared out.")))
    waiting = [row.firm.id for row in ledger.beside(firms, allocation) if row.outstanding_fen > 0]
    if not waiting:
        raise Refused(because(N_("Links: no firm on this page waits for anything.")))
    _revoke(agreement.id, waiting, now)
    links = [_made(Purpose.RECEIPT, agreement.id, firm, key, actor, now) for firm in waiting]
    db.session.add_all(links)
    db.session.flush()  # shown in the answer
    fact = LinksSent(agreement=agreement.id, purpose=Purpose.RECEIPT, count=len(links))
    tell([case.id], fact, by=actor, at=now, verb="receipt")
    return links


def live_links(agreement_id: int, firm_ids: Sequence[int] | None, *, now: datetime) -> dict[int, ConfirmLink]:
    """The links that can still be used, by firm; the counterparty's is under 0."""
    query = sa.select(ConfirmLink).where(
        ConfirmLink.agreement_id == agreement_id,
        ConfirmLink.used_at.is_(None),
        ConfirmLink.revoked_at.is_(None),
        ConfirmLink.expires_at > now,
        _whose(firm_ids),
    )
    return {link.beneficiary_id or 0: link for link in db.session.scalars(query.order_by(ConfirmLink.id))}


def _whose(firm_ids: Sequence[int] | None) -> sa.ColumnElement[bool]:
    if firm_ids is None:
        return ConfirmLink.beneficiary_id.is_(None)
    return ConfirmLink.beneficiary_id.in_(list(firm_ids))


def _revoke(agreement_id: int, firm_ids: Sequence[int] | None, now: datetime) -> None:
    dead = sa.update(ConfirmLink).where(
        ConfirmLink.agreement_id == agreement_id,
        ConfirmLink.used_at.is_(None),
        ConfirmLink.revoked_at.is_(None),
        _whose(firm_ids),
    )
    db.session.execute(dead.values(revoked_at=now).execution_options(synchronize_session=False))


def _made(
    purpose: Purpose, agreement_id: int, firm_id: int | None, key: str, actor: Actor, now: datetime
) -> ConfirmLink:
    link = ConfirmLink(
        purpose=purpose,
        agreement_id=agreement_id,
        beneficiary_id=firm_id,
        nonce=onetime.nonce(),
        made_by_id=actor.user_id,
        made_at=now,
        expires_at=now + VALID,
    )
    link.token_hash = onetime.hashed(token_of(link, key))
    return link
