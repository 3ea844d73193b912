"""A negotiation brought to a state by the services: the first officer's rent case, one landlord, a few tenants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from casework.cases import joint, queries
from casework.cases.models import Beneficiary, Case
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.time import local_day
from casework.negotiations import agreements, ledger, rounds, talks
from casework.negotiations.models import Agreement, Negotiation, Round
from casework.negotiations.rules import AgreementDraft, PositionDraft, PromiseDraft, RoundDraft
from casework.negotiations.talks import PartyDraft
from casework.negotiations.words import Basis, CounterpartyKind, Debtor, Method, PositionKind, Side, Stance, Way
from tests.factories import NOW, Office, a_case

KEY = "x" * 40
TOTAL = 100_001
RENTS = (300_000, 200_000, 100_000)
NAMES = ("云裳女装", "禾木咖啡", "老街馄饨")


@dataclass
class Deal:
    """The case, its talks and, where it got so far, its agreement."""

    office: Office
    case: Case
    negotiation: Negotiation
    agreement: Agreement | None = None

    def firms(self) -> list[Beneficiary]:
        """The tenants in the order in which they joined."""
        return sorted(queries.beneficiaries(self.case.id), key=lambda firm: firm.id)

    def terms(self) -> Agreement:
        """The agreement, which the test has made sure of."""
        assert self.agreement is not None
        return self.agreement

    def shares(self) -> list[int]:
        """What the version that counts gives each tenant."""
        allocation = ledger.current_allocation(self.terms().id)
        return [row.share_fen or 0 for row in ledger.beside(self.firms(), allocation)]


def a_deal(office: Office, *, name: str = "南贤商业管理有限公司") -> Deal:
    """A rent case in the officer's hands with three tenants, and talks with their landlord begun."""
    case = a_case(office, State.IN_PROGRESS, kind="rent", joint=True)
    officer = office.actor("officer")
    tenants = [joint.Joining(name=tenant, monthly_rent_fen=rent) for tenant, rent in zip(NAMES, RENTS, strict=True)]
    joint.add(case, tenants, actor=officer, now=NOW)
    party = PartyDraft(name=name, kind=CounterpartyKind.OWNER, contact="罗启元")
    deal = Deal(office, case, talks.open_talks(case, party, actor=officer, now=NOW))
    db.session.commit()
    return deal


def a_position(side: Side = Side.US, fen: int | None = 900_000, **changes: object) -> PositionDraft:
    """An ask of the firms, or an offer of the landlord."""
    kind = PositionKind.ASK if side is Side.US else PositionKind.OFFER
    draft = {"side": side, "kind": kind, "method": Method.WAIVE, "amount_fen": fen, "field": "ask", **changes}
    return PositionDraft(**draft)  # type: ignore[arg-type]


def a_draft(**changes: object) -> RoundDraft:
    """A visit that the landlord met with a refusal."""
    draft = {"way": Way.VISIT, "at": NOW, "stance": Stance.REFUSES, "said": "业主说自己也要还贷。", **changes}
    return RoundDraft(**draft)  # type: ignore[arg-type]


def a_round(deal: Deal, *, by: str = "officer", corrects: Round | None = None, **changes: object) -> Round:
    """It, logged."""
    logged = rounds.log_round(
        deal.case, deal.negotiation, a_draft(**changes), actor=deal.office.actor(by), now=NOW, corrects=corrects
    )
    db.session.commit()
    return logged


def a_promise_draft(**changes: object) -> PromiseDraft:
    """What the landlord promised for tomorrow."""
    draft = {
        "debtor": Debtor.THEM,
        "who": "罗启元",
        "what": "签补充协议",
        "promised_on": local_day(NOW),
        "due_on": tomorrow(),
        **changes,
    }
    return PromiseDraft(**draft)  # type: ignore[arg-type]


def some_terms(**changes: object) -> AgreementDraft:
    """Terms for a thousand yuan and a fen."""
    draft = {
        "method": Method.WAIVE,
        "total_fen": TOTAL,
        "agreed_on": local_day(NOW),
        "terms": "免两个月租金。",
        **changes,
    }
    return AgreementDraft(**draft)  # type: ignore[arg-type]


def agreed(deal: Deal, *, confirmed: bool = True, **changes: object) -> Deal:
    """Terms written down, and confirmed by both sides."""
    officer = deal.office.actor("officer")
    deal.agreement = agreements.agree(deal.case, deal.negotiation, some_terms(**changes), actor=officer, now=NOW)
    if confirmed:
        agreements.confirm_ours(deal.case, deal.agreement, "何秀芝", actor=officer, now=NOW)
        agreements.confirm_theirs_by_link(deal.agreement, "罗启元", now=NOW)
    db.session.commit()
    return deal


def shared_out(deal: Deal, basis: Basis = Basis.RENT) -> Deal:
    """And the sum shared out."""
    if deal.agreement is None:
        agreed(deal)
    agreements.allocate(deal.case, deal.terms(), basis, actor=deal.office.actor("officer"), now=NOW)
    db.session.commit()
    return deal


def tomorrow() -> date:
    """The day after."""
    return local_day(NOW) + timedelta(days=1)
