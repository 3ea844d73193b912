"""Reads of agreements, allocations and receipts: what was agreed, who gets what, and what arrived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.cases.models import Beneficiary
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.negotiations.models import Agreement, Allocation, NegotiationCase, Receipt, Share
from casework.negotiations.shares import Firm
from casework.negotiations.words import ReceiptKind, Standing


def agreements_of(case_id: int) -> list[Agreement]:
    """The agreements that concern a case, newest first, ended ones too."""
    query = (
        sa.select(Agreement)
        .join(NegotiationCase, NegotiationCase.negotiation_id == Agreement.negotiation_id)
        .where(NegotiationCase.case_id == case_id)
        .order_by(Agreement.id.desc())
    )
    return list(db.session.scalars(query))


def agreement_in(case_id: int, agreement_id: int) -> Agreement:
    """An agreement that concerns a case.

    Raises:
        NotFound: there is none.
    """
    for agreement in agreements_of(case_id):
        if agreement.id == agreement_id:
            return agreement
    raise NotFound("agreement")


def hold(agreement_id: int) -> None:
    """Lock an agreement and read it again, before anything is decided by its state, its shares or its receipts.

    Rows that name it can still be added meanwhile. It comes before the locks of firms, links and chains.
    """
    query = sa.select(Agreement).where(Agreement.id == agreement_id).with_for_update(key_share=True)
    db.session.scalar(query.execution_options(populate_existing=True))


def in_force(negotiation_id: int) -> Agreement | None:
    """The agreement that talks have led to, proposed or confirmed."""
    query = sa.select(Agreement).where(Agreement.negotiation_id == negotiation_id, Agreement.state != Standing.ENDED)
    return db.session.scalar(query)


def allocations_of(agreement_id: int) -> list[Allocation]:
    """The versions of who gets what, newest first."""
    query = sa.select(Allocation).where(Allocation.agreement_id == agreement_id)
    return list(db.session.scalars(query.order_by(Allocation.no.desc())))


def current_allocation(agreement_id: int) -> Allocation | None:
    """The version that counts: the last."""
    query = sa.select(Allocation).where(Allocation.agreement_id == agreement_id)
    return db.session.scalar(query.order_by(Allocation.no.desc()).limit(1))


def sharing_firms(case_ids: Sequence[int]) -> list[Firm]:
    """The firms that share what is agreed for these cases: all that are not excluded, in the order they joined."""
    query = (
        sa.select(Beneficiary.id, Beneficiary.name, Beneficiary.monthly_rent_fen, Beneficiary.floor_area_cm2)
        .where(Beneficiary.case_id.in_(case_ids), Beneficiary.status != "excluded")
        .order_by(Beneficiary.id)
    )
    return [Firm(*row) for row in db.session.execute(query)]


def monthly_rent(case_ids: Sequence[int]) -> int:
    """The joint rent of a month in fen, of the firms that are not excluded."""
    query = sa.select(sa.func.coalesce(sa.func.sum(Beneficiary.monthly_rent_fen), 0)).where(
        Beneficiary.case_id.in_(case_ids), Beneficiary.status != "excluded"
    )
    return int(db.session.scalar(query) or 0)


def receipts_by_firm(agreement_id: int) -> sa.Select[int, int]:
    """Beneficiary id and what reached it in fen (``amount_fen``): receipts that no later one put right."""
    later = sa.orm.aliased(Receipt)
    return (
        sa.select(Receipt.beneficiary_id, sa.func.sum(Receipt.amount_fen).label("amount_fen"))
        .where(
            Receipt.agreement_id == agreement_id,
            Receipt.kind == ReceiptKind.RECEIVED,
            ~sa.exists().where(later.corrects_id == Receipt.id),
        )
        .group_by(Receipt.beneficiary_id)
    )


def received_by(agreement_id: int, beneficiary_ids: Iterable[int] | None = None) -> dict[int, int]:
    """What reached each firm under an agreement, in fen."""
    query = receipts_by_firm(agreement_id)
    if beneficiary_ids is not None:
        query = query.where(Receipt.beneficiary_id.in_(list(beneficiary_ids)))
    return {firm: int(amount) for firm, amount in db.session.execute(query)}


def receipts_of(agreement_id: int, beneficiary_id: int) -> list[Receipt]:
    """Everything that was said of one firm's share, newest first."""
    query = sa.select(Receipt).where(Receipt.agreement_id == agreement_id, Receipt.beneficiary_id == beneficiary_id)
    return list(db.session.scalars(query.order_by(Receipt.id.desc())))


def share_of(allocation_id: int, beneficiary_id: int) -> int:
    """What a version gives one firm, in fen; 0 when it takes no part."""
    query = sa.select(Share.share_fen).where(
        Share.allocation_id == allocation_id, Share.beneficiary_id == beneficiary_id
    )
    return int(db.session.scalar(query) or 0)


@dataclass(frozen=True, slots=True)
class FirmShare:
    """A firm of a case beside what it was given and what arrived, in fen. ``disputed`` is its open objection."""

    firm: Beneficiary
    share_fen: int | None
    received_fen: int
    last_on: date | None
    disputed: str

    @property
    def outstanding_fen(self) -> int:
        """What is still to arrive."""
        return max((self.share_fen or 0) - self.received_fen, 0)


@dataclass(frozen=True, slots=True)
class Sums:
    """What an agreement comes to for one case, in fen: never one figure for another."""

    agreed_fen: int
    shared_fen: int
    received_fen: int
    firms: int
    firms_received: int
    disputes: int

    @property
    def passed_bp(self) -> int:
        """What reached the ultimate tenants, in hundredths of a per cent of what was shared out."""
        return self.received_fen * 10_000 // self.shared_fen if self.shared_fen else 0


RANKS = {"pending": 0, "settled": 1, "excluded": 2}
"""The order of firms in lists: those that wait first."""


def firms_page(
    case_id: int,
    allocation: Allocation | None,
    *,
    after: tuple[int, int] | None = None,
    size: int,
    status: str | None = None,
) -> list[FirmShare]:
    """Firms of a case with their shares and receipts: those that wait first. ``after`` is (rank, id) to go on from."""
    rank, last = after or (0, 0)
    firms: list[Beneficiary] = []
    for name, place in RANKS.items():  # one range of the index each, so that nothing is sorted
        if place < rank or (status and name != status) or len(firms) >= size:
            continue
        query = sa.select(Beneficiary).where(Beneficiary.case_id == case_id, Beneficiary.status == name)
        if place == rank:
            query = query.where(Beneficiary.id > last)
        firms.extend(db.session.scalars(query.order_by(Beneficiary.id).limit(size - len(firms))))
    return beside(firms, allocation)


def beside(firms: Sequence[Beneficiary], allocation: Allocation | None) -> list[FirmShare]:
    """These firms beside what a version gives them and what arrived."""
    if allocation is None or not firms:
        return [FirmShare(firm, None, 0, firm.settled_on, "") for firm in firms]
    ids = [firm.id for firm in firms]
    chosen = sa.select(Share.beneficiary_id, Share.share_fen).where(
        Share.allocation_id == allocation.id, Share.beneficiary_id.in_(ids)
    )
    shares: dict[int, int] = {firm: share for firm, share in db.session.execute(chosen)}  # noqa: C416
    said = _receipts(allocation.agreement_id, ids)
    return [_beside(firm, shares.get(firm.id), said.get(firm.id, [])) for firm in firms]


def _beside(firm: Beneficiary, share_fen: int | None, said: Sequence[Any]) -> FirmShare:
    corrected = {row.corrects_id for row in said}
    received = sum(row.amount_fen for row in said if row.id not in corrected)
    last = said[-1] if said else None
    disputed = last.note if last is not None and last.kind == ReceiptKind.DISPUTED else ""
    return FirmShare(firm, share_fen, received, last.received_on if last is not None and received else None, disputed)


def _receipts(agreement_id: int, ids: Sequence[int]) -> dict[int, list[Any]]:
    """Everything that was said of these firms' shares, oldest first; a dispute has no sum."""
    columns = (
        Receipt.id,
        Receipt.beneficiary_id,
        Receipt.kind,
        Receipt.note,
        Receipt.received_on,
        Receipt.amount_fen,
        Receipt.corrects_id,
    )
    query = sa.select(*columns).where(Receipt.agreement_id == agreement_id, Receipt.beneficiary_id.in_(ids))
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(query.order_by(Receipt.id)):
        found[row.beneficiary_id].append(row)
    return found


# Put together once: the case page asks them each time.
_LATER, _NEWER = sa.orm.aliased(Receipt), sa.orm.aliased(Receipt)
_SHARED = (
    sa.select(
        sa.func.coalesce(sa.func.sum(Share.share_fen), 0),
        sa.func.count(),
        sa.func.count(sa.case((Beneficiary.status == "settled", 1))),
    )
    .join(Beneficiary, Beneficiary.id == Share.beneficiary_id)
    .where(Share.allocation_id == sa.bindparam("allocation"), Beneficiary.case_id == sa.bindparam("case"))
)
_ARRIVED = sa.select(
    sa.func.coalesce(
        sa.func.sum(sa.case((~sa.exists().where(_LATER.corrects_id == Receipt.id), Receipt.amount_fen), else_=0)), 0
    ),
    sa.func.count(
        sa.case(
            (
                sa.and_(
                    Receipt.kind == ReceiptKind.DISPUTED,
                    ~sa.exists().where(
                        _NEWER.agreement_id == Receipt.agreement_id,
                        _NEWER.beneficiary_id == Receipt.beneficiary_id,
                        _NEWER.id > Receipt.id,
                    ),
                ),
                1,
            )
        )
    ),
).where(Receipt.agreement_id == sa.bindparam("agreement"), Receipt.case_id == sa.bindparam("case"))


def sums(agreement: Agreement, allocation: Allocation | None, case_id: int) -> Sums:
    """What was agreed, shared out to the firms of this case, and confirmed as received: three figures, apart."""
    if allocation is None:
        return Sums(agreement.total_fen, 0, 0, 0, 0, 0)
    shared_fen, firms, settled = db.session.execute(_SHARED, {"allocation": allocation.id, "case": case_id}).one()
    received, disputes = db.session.execute(_ARRIVED, {"agreement": agreement.id, "case": case_id}).one()
    return Sums(agreement.total_fen, int(shared_fen), int(received), firms, settled, disputes)
