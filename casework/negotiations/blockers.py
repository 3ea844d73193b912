"""What still blocks closing, from the negotiation log: listed on the case page, each with the way to it."""

from __future__ import annotations

import sqlalchemy as sa

from casework.cases.models import Beneficiary, Case
from casework.cases.rules import BlockingItem
from casework.kernel.db import db
from casework.kernel.errors import N_, because
from casework.kernel.money import yuan
from casework.negotiations import ledger, queries
from casework.negotiations.models import Agreement, Allocation, Share
from casework.negotiations.words import Standing


def blocking(case: Case) -> list[BlockingItem]:
    """Open promises, terms that are not confirmed, sums that are not shared out or did not arrive."""
    items: list[BlockingItem] = []
    if not case.negotiated:
        return items
    if open_promises := queries.unsettled(case.id):
        title = because(N_("promises without proof or not settled: %(n)s"), n=len(open_promises))
        items.append(BlockingItem(title, f"/cases/{case.number}#promises", open_promises[0].who))
    for agreement in ledger.agreements_of(case.id):
        if agreement.state != Standing.ENDED:
            items.extend(_of_agreement(case, agreement))
    return items


def _of_agreement(case: Case, agreement: Agreement) -> list[BlockingItem]:
    href, total = f"/cases/{case.number}/agreements/{agreement.id}", yuan(agreement.total_fen)
    if agreement.state == Standing.PROPOSED:
        return [BlockingItem(because(N_("the agreement is not confirmed by both sides")), href, total)]
    if not case.joint:
        return []
    allocation = ledger.current_allocation(agreement.id)
    if allocation is None:
        return [BlockingItem(because(N_("the agreed sum is not shared out yet")), f"{href}/allocate", total)]
    items = []
    if changed := _changed_since(case, allocation):
        title = because(N_("joined or left since the sum was shared out: %(n)s"), n=changed)
        items.append(BlockingItem(title, f"{href}/allocate"))
    if unshown := _settled_without_receipt(case, allocation):
        title = because(N_("settled without a receipt: %(n)s"), n=unshown)
        items.append(BlockingItem(title, f"/cases/{case.number}/firms?status=settled"))
    return items


def _changed_since(case: Case, allocation: Allocation) -> int:
    """Firms that take part and have no share, and firms that left with one."""
    mine = sa.and_(Share.beneficiary_id == Beneficiary.id, Share.allocation_id == allocation.id)
    stands = Beneficiary.status != "excluded"
    joined_or_left = sa.or_(sa.and_(stands, Share.share_fen.is_(None)), sa.and_(~stands, Share.share_fen > 0))
    query = (
        sa.select(sa.func.count())
        .select_from(Beneficiary)
        .outerjoin(Share, mine)
        .where(Beneficiary.case_id == case.id, joined_or_left)
    )
    return int(db.session.scalar(query) or 0)


def _settled_without_receipt(case: Case, allocation: Allocation) -> int:
    received = ledger.receipts_by_firm(allocation.agreement_id).subquery()
    query = (
        sa.select(sa.func.count())
        .select_from(Share)
        .join(Beneficiary, Beneficiary.id == Share.beneficiary_id)
        .outerjoin(received, received.c.beneficiary_id == Share.beneficiary_id)
        .where(
            Share.allocation_id == allocation.id,
            Beneficiary.case_id == case.id,
            Beneficiary.status == "settled",
            Share.share_fen > sa.func.coalesce(received.c.amount_fen, 0),
        )
    )
    return int(db.session.scalar(query) or 0)
