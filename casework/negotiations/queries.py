"""Every read of the negotiation log. Each starts from cases that the caller has loaded through ``visible_case``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from casework.areas.models import Area
from casework.cases.models import Assignment, Beneficiary, Case
from casework.cases.queries import visible_to
from casework.enterprises.rules import name_key
from casework.files.models import Attachment
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.permissions import Actor
from casework.negotiations.models import (
    Agreement,
    Allocation,
    Commitment,
    Counterparty,
    Negotiation,
    NegotiationCase,
    Position,
    Receipt,
    Round,
    Share,
)
from casework.negotiations.policy import READERS
from casework.negotiations.rules import Firm
from casework.negotiations.words import UNSETTLED, Promise, ReceiptKind, Standing

LONGEST_CHAIN = 8
SHOWN = 50
MOST_ABOVE = 300


# -- counterparties and negotiations


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
    found = db.session.scalar(counterparties_visible_to(to).where(Counterparty.id == key))
    if found is None:
        raise NotFound("counterparty")
    return found


def district_of(case: Case) -> int:
    """The district whose counterparties a case may meet."""
    return case.district_id or case.area_id


def negotiations_of(case_id: int) -> list[tuple[Negotiation, Counterparty]]:
    """The talks that serve a case, oldest first."""
    query = (
        sa.select(Negotiation, Counterparty)
        .join(NegotiationCase, NegotiationCase.negotiation_id == Negotiation.id)
        .join(Counterparty, Counterparty.id == Negotiation.counterparty_id)
        .where(NegotiationCase.case_id == case_id)
        .order_by(Negotiation.id)
    )
    return [(negotiation, party) for negotiation, party in db.session.execute(query)]


def negotiation_of(case_id: int, negotiation_id: int | None) -> tuple[Negotiation, Counterparty]:
    """One of the talks that serve a case.

    Raises:
        NotFound: it serves other cases, or there is none.
    """
    for negotiation, party in negotiations_of(case_id):
        if negotiation.id == negotiation_id:
            return negotiation, party
    raise NotFound("negotiation")


def cases_of(negotiation_id: int) -> list[int]:
    """The ids of the cases that talks serve."""
    query = sa.select(NegotiationCase.case_id).where(NegotiationCase.negotiation_id == negotiation_id)
    return list(db.session.scalars(query.order_by(NegotiationCase.case_id)))


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


def record_of(counterparty_id: int, today: date) -> dict[str, int]:
    """How a counterparty kept its word: promises by state, and ``late`` ones that are open past their day."""
    return records_of([counterparty_id], today)[counterparty_id]


def records_of(counterparty_ids: Sequence[int], today: date) -> dict[int, dict[str, int]]:
    """How these counterparties kept their word, in one query."""
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


# -- rounds and positions


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round with its positions; ``corrected`` when a later one put it right, ``no`` counts those in force."""

    round: Round
    positions: Sequence[Position]
    no: int
    corrected: bool


def rounds_of(negotiation_id: int) -> list[RoundRow]:
    """All rounds of talks in the order in which they took place, corrected ones too."""
    query = sa.select(Round).where(Round.negotiation_id == negotiation_id).order_by(Round.at, Round.id)
    rounds = list(db.session.scalars(query))
    positions: Mapping[int, list[Position]] = defaultdict(list)
    chosen = (
        sa.select(Position)
        .join(Round, Round.id == Position.round_id)
        .where(Round.negotiation_id == negotiation_id)
        .order_by(Position.id)
    )
    for position in db.session.scalars(chosen):
        positions[position.round_id].append(position)
    corrected = {round_.corrects_id for round_ in rounds}
    rows, no = [], 0
    for round_ in rounds:
        stands = round_.id not in corrected
        no += stands
        rows.append(RoundRow(round_, positions[round_.id], no if stands else 0, not stands))
    return rows


@dataclass(frozen=True, slots=True)
class Rung:
    """A round in force as the ladder needs it: light, as there may be hundreds."""

    at: datetime
    stance: str
    positions: Sequence[Any]


def rungs_of(negotiation_id: int) -> list[Rung]:
    """The rounds in force with their positions (side, kind, method, worth, expiry), in the order of time."""
    later = sa.orm.aliased(Round)
    stands = sa.and_(Round.negotiation_id == negotiation_id, ~sa.exists().where(later.corrects_id == Round.id))
    rounds = db.session.execute(
        sa.select(Round.id, Round.at, Round.stance).where(stands).order_by(Round.at, Round.id)
    ).all()
    said: Mapping[int, list[Any]] = defaultdict(list)
    columns = (
        Position.round_id,
        Position.side,
        Position.kind,
        Position.method,
        Position.worth_fen,
        Position.months_tenths,
        Position.percent_bp,
        Position.expires_on,
        Position.conditions,
    )
    chosen = sa.select(*columns).join(Round, Round.id == Position.round_id).where(stands).order_by(Position.id)
    for row in db.session.execute(chosen):
        said[row.round_id].append(row)
    return [Rung(row.at, row.stance, said.get(row.id, ())) for row in rounds]


def round_in(case_id: int, round_id: int | None) -> Round:
    """A round of the talks that serve a case.

    Raises:
        NotFound: there is none on this case.
    """
    query = (
        sa.select(Round)
        .join(NegotiationCase, NegotiationCase.negotiation_id == Round.negotiation_id)
        .where(Round.id == round_id, NegotiationCase.case_id == case_id)
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("round")
    return found


def positions_in(round_id: int) -> list[Position]:
    """The asks and offers of a round."""
    return list(db.session.scalars(sa.select(Position).where(Position.round_id == round_id).order_by(Position.id)))


# -- commitments


def commitments_of(case_id: int) -> list[Commitment]:
    """The promises on a case: unsettled ones first, by their day."""
    order = sa.case((Commitment.state.in_(UNSETTLED), 0), else_=1)
    query = sa.select(Commitment).where(Commitment.case_id == case_id)
    return list(db.session.scalars(query.order_by(order, Commitment.due_on, Commitment.id)))


def commitment_in(case_id: int, commitment_id: int) -> Commitment:
    """One promise on a case.

    Raises:
        NotFound: there is none.
    """
    query = sa.select(Commitment).where(Commitment.id == commitment_id, Commitment.case_id == case_id)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("commitment")
    return found


def unsettled(case_id: int) -> list[Commitment]:
    """The promises that still hold back closing."""
    query = sa.select(Commitment).where(Commitment.case_id == case_id, Commitment.state.in_(UNSETTLED))
    return list(db.session.scalars(query.order_by(Commitment.due_on, Commitment.id)))


# -- agreements, allocations, receipts


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
_RANK = sa.case(RANKS, value=Beneficiary.status)


def firms_page(
    case_id: int,
    allocation: Allocation | None,
    *,
    after: tuple[int, int] | None = None,
    size: int,
    status: str | None = None,
) -> list[FirmShare]:
    """Firms of a case with their shares and receipts: those that wait first. ``after`` is (rank, id) to go on from."""
    query = sa.select(Beneficiary).where(Beneficiary.case_id == case_id)
    if status:
        query = query.where(Beneficiary.status == status)
    if after is not None:
        query = query.where(sa.tuple_(_RANK, Beneficiary.id) > sa.tuple_(*after))
    firms = list(db.session.scalars(query.order_by(_RANK, Beneficiary.id).limit(size)))
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
    received = received_by(allocation.agreement_id, ids)
    last = _last_receipts(allocation.agreement_id, ids)
    return [
        FirmShare(
            firm,
            shares.get(firm.id),
            received.get(firm.id, 0),
            last[firm.id].received_on if firm.id in last and received.get(firm.id) else None,
            last[firm.id].note if firm.id in last and last[firm.id].kind == ReceiptKind.DISPUTED else "",
        )
        for firm in firms
    ]


def _last_receipts(agreement_id: int, ids: Sequence[int]) -> dict[int, Any]:
    query = (
        sa.select(Receipt.beneficiary_id, Receipt.kind, Receipt.note, Receipt.received_on)
        .where(Receipt.agreement_id == agreement_id, Receipt.beneficiary_id.in_(ids))
        .order_by(Receipt.id)
    )
    return {row.beneficiary_id: row for row in db.session.execute(query)}


def sums(agreement: Agreement, allocation: Allocation | None, case_id: int) -> Sums:
    """What was agreed, shared out to the firms of this case, and confirmed as received: three figures, apart."""
    if allocation is None:
        return Sums(agreement.total_fen, 0, 0, 0, 0, 0)
    mine = (
        sa.select(Share.beneficiary_id, Share.share_fen, Beneficiary.status)
        .join(Beneficiary, Beneficiary.id == Share.beneficiary_id)
        .where(Share.allocation_id == allocation.id, Beneficiary.case_id == case_id)
        .subquery()
    )
    shared_fen, firms, settled = db.session.execute(
        sa.select(
            sa.func.coalesce(sa.func.sum(mine.c.share_fen), 0),
            sa.func.count(),
            sa.func.count(sa.case((mine.c.status == "settled", 1))),
        )
    ).one()
    later = sa.orm.aliased(Receipt)
    of_case = sa.and_(Receipt.agreement_id == agreement.id, Receipt.case_id == case_id)
    received = db.session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Receipt.amount_fen), 0)).where(
            of_case, Receipt.kind == ReceiptKind.RECEIVED, ~sa.exists().where(later.corrects_id == Receipt.id)
        )
    )
    newer = sa.orm.aliased(Receipt)
    disputes = db.session.scalar(
        sa.select(sa.func.count()).where(
            of_case,
            Receipt.kind == ReceiptKind.DISPUTED,
            ~sa.exists().where(
                newer.agreement_id == Receipt.agreement_id,
                newer.beneficiary_id == Receipt.beneficiary_id,
                newer.id > Receipt.id,
            ),
        )
    )
    return Sums(agreement.total_fen, int(shared_fen), int(received or 0), firms, settled, int(disputes or 0))


def files_named(case_ids: Sequence[int], ids: Iterable[int]) -> dict[int, Attachment]:
    """Sealed files of these cases by id."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    query = sa.select(Attachment).where(Attachment.id.in_(wanted), Attachment.case_id.in_(case_ids))
    return {file.id: file for file in db.session.scalars(query)}


def has_log(case_id: int) -> bool:
    """Whether a case has talks or promises at all."""
    talks = sa.exists().where(NegotiationCase.case_id == case_id)
    promises = sa.exists().where(Commitment.case_id == case_id)
    return bool(db.session.scalar(sa.select(sa.or_(talks, promises))))


@dataclass(frozen=True, slots=True)
class DueItem:
    """Something of the negotiation log that is due on somebody's desk: a promise, or the next visit."""

    number: str
    title: str
    what: str
    who: str
    on: date
    href: str


def promises_due(actor: Actor, until: date, *, limit: int) -> list[DueItem]:
    """Unsettled promises on the open cases that a person holds, due by a day, the most pressing first."""
    query = (
        sa.select(Case.number, Case.title, Commitment.id, Commitment.what, Commitment.who, Commitment.due_on)
        .join(Case, Case.id == Commitment.case_id)
        .join(Assignment, Assignment.case_id == Case.id)
        .where(
            Assignment.user_id == actor.user_id,
            Assignment.to_at.is_(None),
            Case.is_open.is_(True),
            Commitment.state.in_(UNSETTLED),
            Commitment.due_on <= until,
        )
        .order_by(Commitment.due_on, Commitment.id)
        .limit(limit)
    )
    return [
        DueItem(row.number, row.title, row.what, row.who, row.due_on, f"/cases/{row.number}/commitments/{row.id}")
        for row in db.session.execute(query)
    ]


def visits_due(actor: Actor, until: date, *, limit: int) -> list[DueItem]:
    """The next rounds that were set for the open cases that a person holds, by a day, the earliest first."""
    query = (
        sa.select(Case.number, Case.title, Negotiation.next_step, Counterparty.name, Negotiation.next_on)
        .join(NegotiationCase, NegotiationCase.negotiation_id == Negotiation.id)
        .join(Case, Case.id == NegotiationCase.case_id)
        .join(Counterparty, Counterparty.id == Negotiation.counterparty_id)
        .join(Assignment, Assignment.case_id == Case.id)
        .where(
            Assignment.user_id == actor.user_id,
            Assignment.to_at.is_(None),
            Case.is_open.is_(True),
            Negotiation.next_on <= until,
        )
        .order_by(Negotiation.next_on, Negotiation.id)
        .limit(limit)
    )
    return [
        DueItem(row.number, row.title, row.next_step, row.name, row.next_on, f"/cases/{row.number}/rounds/new")
        for row in db.session.execute(query)
    ]
