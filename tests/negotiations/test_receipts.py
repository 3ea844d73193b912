"""What arrived: one correction a receipt, and links that say neither too much nor anything once the case has ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from casework.audit.queries import timeline, verify
from casework.cases.models import Beneficiary, Case
from casework.kernel.db import db
from casework.kernel.errors import Conflict, Refused
from casework.kernel.time import local_day
from casework.negotiations import agreements, ledger, links, receipts
from casework.negotiations.models import Agreement, ConfirmLink, Receipt
from casework.negotiations.words import Basis
from tests.factories import NOW, Office
from tests.negotiations.deal import KEY, TOTAL, Deal, a_deal, agreed, shared_out

DAY = timedelta(days=1)


@pytest.fixture
def deal(office: Office) -> Deal:
    return shared_out(a_deal(office))


def receive(deal: Deal, place: int, fen: int, *, corrects: Receipt | None = None, note: str = "看过租金单") -> Receipt:
    made = receipts.confirm_by_officer(
        deal.case,
        deal.terms(),
        deal.firms()[place],
        fen,
        local_day(NOW),
        note,
        actor=deal.office.actor("officer"),
        now=NOW,
        corrects=corrects,
    )
    db.session.commit()
    return made


def share_by_hand(deal: Deal, *fen: int) -> None:
    """The next version, with these shares."""
    by_hand = {firm.id: share for firm, share in zip(deal.firms(), fen, strict=True)}
    last = ledger.current_allocation(deal.terms().id)
    agreements.allocate(
        deal.case, deal.terms(), Basis.HAND, actor=deal.office.actor("officer"), now=NOW, by_hand=by_hand,
        reason="商户一致同意", after=last.no if last else 0,
    )  # fmt: skip
    db.session.commit()


def statuses(deal: Deal) -> list[str]:
    db.session.expire_all()
    return [firm.status for firm in deal.firms()]


# -- statuses follow the version that counts


def test_a_firm_whose_new_share_lies_below_what_arrived_stops_the_version_to_the_fen(deal: Deal) -> None:
    receive(deal, 0, 20_000)
    share_by_hand(deal, 20_000, 40_000, TOTAL - 60_000)
    with pytest.raises(Refused, match="received more"):
        share_by_hand(deal, 19_999, 40_001, TOTAL - 60_000)
    db.session.rollback()
    assert [version.no for version in ledger.allocations_of(deal.terms().id)] == [2, 1]


# -- corrections


def test_a_receipt_is_corrected_once_and_the_second_corrector_is_told(deal: Deal) -> None:
    first = receive(deal, 0, 20_000)
    second = receive(deal, 0, 30_000, corrects=first)
    with pytest.raises(Conflict):
        receive(deal, 0, 10_000, corrects=first)
    db.session.rollback()
    receive(deal, 0, 50_000, corrects=second)
    assert ledger.received_by(deal.terms().id) == {deal.firms()[0].id: 50_000}
    assert len(ledger.receipts_of(deal.terms().id, deal.firms()[0].id)) == 3, "all of them stay"


# -- links


def the_link(deal: Deal, place: int = 0) -> ConfirmLink:
    firm = deal.firms()[place]
    (made,) = links.send_to_firms(deal.case, deal.terms(), [firm], key=KEY, actor=deal.office.actor("officer"), now=NOW)
    db.session.commit()
    return made


def answer(link: ConfirmLink) -> None:
    """What the page of the link does when the firm says yes."""
    agreement = db.session.get_one(Agreement, link.agreement_id)
    links.spend(link, now=NOW)
    receipts.confirm_by_link(agreement, db.session.get_one(Beneficiary, link.beneficiary_id), now=NOW)


def test_a_firm_confirms_what_is_left_of_its_share_by_its_link(deal: Deal) -> None:
    receive(deal, 0, 20_000)
    answer(the_link(deal))
    assert ledger.received_by(deal.terms().id) == {deal.firms()[0].id: 50_000}
    assert statuses(deal) == ["settled", "pending", "pending"]
    with pytest.raises(Refused, match="no firm on this page waits"):
        the_link(deal)


def test_a_link_says_nothing_more_once_an_officer_has_shown_all_of_the_share(deal: Deal) -> None:
    link = the_link(deal)
    receive(deal, 0, 50_000)
    with pytest.raises(Refused, match="nothing outstanding"):
        answer(link)
    db.session.rollback()
    assert db.session.get_one(ConfirmLink, link.id).used_at is None, "nothing is half done"


def test_an_objection_leaves_the_link_good(deal: Deal) -> None:
    link = the_link(deal)
    receipts.dispute(deal.terms(), deal.firms()[0], "少了 200 元", now=NOW)
    db.session.commit()
    assert links.is_live(link, NOW + 13 * DAY)
    answer(link)


@pytest.mark.parametrize("note", ["", "  ", "长" * 501])
def test_an_objection_is_a_sentence(deal: Deal, note: str) -> None:
    with pytest.raises(Refused):
        receipts.dispute(deal.terms(), deal.firms()[0], note, now=NOW)


def close(deal: Deal) -> None:
    db.session.execute(sa.update(Case).where(Case.id == deal.case.id).values(state="withdrawn", is_open=False))
    db.session.commit()
    db.session.expire_all()


def test_links_go_dead_with_the_case(deal: Deal) -> None:
    link = the_link(deal)
    close(deal)
    entries = len(timeline(deal.case.id))
    assert not links.is_live(link, NOW)
    with pytest.raises(Refused, match="no longer valid"):
        answer(link)
    db.session.rollback()
    with pytest.raises(Refused, match="no longer valid"):
        links.check(link, NOW)
    assert len(timeline(deal.case.id)) == entries
    assert verify().ok


def test_the_counterparty_confirms_nothing_of_a_case_that_has_ended(office: Office) -> None:
    deal = agreed(a_deal(office), confirmed=False)
    link = links.send_to_counterparty(deal.case, deal.terms(), key=KEY, actor=office.actor("officer"), now=NOW)
    db.session.commit()
    close(deal)
    with pytest.raises(Refused, match="no longer valid"):
        links.spend(link, now=NOW)
