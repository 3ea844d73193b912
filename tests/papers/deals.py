"""An agreement with a landlord over the firms of a joint case, as the services make it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from casework.cases import joint
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.time import local_day
from casework.negotiations import agreements, ledger, queries, talks
from casework.negotiations.models import Agreement, Allocation
from casework.negotiations.rules import AgreementDraft
from casework.negotiations.shares import Firm
from casework.negotiations.words import Basis, CounterpartyKind, Method
from tests.factories import NOW, Office, a_case

FIRMS = (
    joint.Joining(name="阿芝热干面馆", uscc="91440300708461136T", monthly_rent_fen=500_000, floor_area_cm2=425_000),
    joint.Joining(name="周记牛骨粉", monthly_rent_fen=500_000, floor_area_cm2=300_000),
    joint.Joining(name="=拾光书屋", monthly_rent_fen=500_000, floor_area_cm2=100_000),
)
TERMS = "免二月租金。\n缓交三月的 <一半> & 水电费。"


@dataclass
class Deal:
    """An office, its joint case and what was agreed for it."""

    office: Office
    case: Case
    agreement: Agreement

    def firms(self) -> list[Firm]:
        return ledger.sharing_firms(queries.cases_of(self.agreement.negotiation_id))

    def allocate(self, basis: Basis = Basis.RENT, reason: str = "", **by_hand: int) -> Allocation:
        """Share it out anew; by hand, ``by_hand`` is fen by the name of the firm."""
        last = ledger.current_allocation(self.agreement.id)
        made = agreements.allocate(
            self.case,
            self.agreement,
            basis,
            actor=self.office.actor("officer"),
            now=NOW,
            by_hand={firm.id: by_hand[firm.name] for firm in self.firms()} if by_hand else None,
            reason=reason,
            after=last.no if last else 0,
        )
        db.session.commit()
        return made

    def confirm(self) -> None:
        """Both sides say that it is so."""
        agreements.confirm_ours(self.case, self.agreement, "何秀芝", actor=self.office.actor("officer"), now=NOW)
        agreements.confirm_theirs_by_link(self.agreement, "贺建业", now=NOW)
        db.session.commit()


def a_deal(office: Office, firms: Sequence[joint.Joining] = FIRMS, *, total_fen: int = 1_000_000) -> Deal:
    """Firms join a case, its officer talks to the landlord, who gives ``total_fen``."""
    case = a_case(office, State.IN_PROGRESS, joint=True, title="南贤广场请求免租")
    officer = office.actor("officer")
    joint.add(case, firms, actor=officer, now=NOW)
    party = talks.PartyDraft(name="南贤置业 & 物业", kind=CounterpartyKind.OWNER)
    talk = talks.open_talks(case, party, actor=officer, now=NOW)
    draft = AgreementDraft(
        method=Method.WAIVE, total_fen=total_fen, agreed_on=local_day(NOW), terms=TERMS, chain="南贤置业 ▸ 商户"
    )
    agreement = agreements.agree(case, talk, draft, actor=officer, now=NOW)
    db.session.commit()
    return Deal(office, case, agreement)
