"""Agreed, shared out, received: three sums, never mixed; links that work once; nothing half done."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from casework.audit.queries import verify
from casework.cases import joint
from casework.kernel.db import db
from casework.kernel.errors import Conflict, NotFound, NotPermitted, Refused
from casework.kernel.time import local_day
from casework.negotiations import agreements, blockers, ledger, links, receipts
from casework.negotiations.models import ConfirmLink
from casework.negotiations.words import Basis
from tests.factories import NOW
from tests.negotiations.deal import KEY, TOTAL, Deal, agreed, shared_out, some_terms

LATER = NOW + timedelta(days=20)


def officer(deal: Deal) -> object:
    return deal.office.actor("officer")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"total_fen": 0}, "above 0"),
        ({"total_fen": 10**13}, "above 0"),
        ({"terms": " "}, "Terms"),
        ({"agreed_on": local_day(NOW) + timedelta(days=1)}, "still to come"),
        ({"from_on": local_day(NOW), "to_on": local_day(NOW) - timedelta(days=1)}, "before the beginning"),
    ],
)
def test_terms_that_cannot_be_are_refused(deal: Deal, changes: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        agreements.agree(deal.case, deal.negotiation, some_terms(**changes), actor=officer(deal), now=NOW)


def test_an_agreement_holds_once_both_sides_have_confirmed_it(deal: Deal) -> None:
    agreed(deal, confirmed=False)
    terms = deal.terms()
    agreements.confirm_ours(deal.case, terms, "何秀芝", actor=officer(deal), now=NOW)
    assert terms.state == "proposed"
    db.session.refresh(deal.case)
    assert "not confirmed" in blockers.blocking(deal.case)[0].title.text
    with pytest.raises(Refused, match="scan"):
        agreements.confirm_theirs_on_paper(deal.case, terms, "罗启元", None, actor=officer(deal), now=NOW)
    agreements.confirm_theirs_by_link(terms, "罗启元", now=NOW)
    assert terms.state == "confirmed"
    with pytest.raises(Refused, match="already"):
        agreements.confirm_theirs_by_link(terms, "别人", now=NOW)


def test_talks_have_one_agreement_at_a_time(deal: Deal) -> None:
    agreed(deal)
    with pytest.raises(Refused, match="in force"):
        agreements.agree(deal.case, deal.negotiation, some_terms(), actor=officer(deal), now=NOW)
    agreements.end(deal.case, deal.terms(), "业主反悔", actor=officer(deal), now=NOW)
    agreements.agree(deal.case, deal.negotiation, some_terms(), actor=officer(deal), now=NOW)


def test_the_sum_is_shared_by_rent_to_the_fen(deal: Deal) -> None:
    shared_out(deal)
    assert deal.shares() == [50_000, 33_334, 16_667]
    assert sum(deal.shares()) == TOTAL


def test_a_late_joiner_makes_a_new_version_beside_the_old_one(deal: Deal) -> None:
    shared_out(deal)
    db.session.refresh(deal.case)
    joint.add(deal.case, [joint.Joining(name="后来的店", monthly_rent_fen=600_000)], actor=officer(deal), now=NOW)
    assert "joined or left" in " ".join(item.title.text for item in blockers.blocking(deal.case))
    with pytest.raises(Refused, match="new version"):
        agreements.allocate(deal.case, deal.terms(), Basis.RENT, actor=officer(deal), now=NOW, after=1)
    agreements.allocate(deal.case, deal.terms(), Basis.RENT, actor=officer(deal), now=NOW, after=1, reason="补一户")
    assert sum(deal.shares()) == TOTAL
    assert [version.no for version in ledger.allocations_of(deal.terms().id)] == [2, 1]
    assert ledger.share_of(ledger.allocations_of(deal.terms().id)[1].id, deal.firms()[0].id) == 50_000


def test_a_version_made_on_what_somebody_else_has_changed_conflicts(deal: Deal) -> None:
    shared_out(deal)
    with pytest.raises(Conflict):
        agreements.allocate(deal.case, deal.terms(), Basis.EQUAL, actor=officer(deal), now=NOW, reason="平均", after=0)


def test_shares_by_hand_must_add_up(deal: Deal) -> None:
    agreed(deal)
    ids = [firm.id for firm in deal.firms()]
    with pytest.raises(Refused, match="less than agreed"):
        agreements.allocate(
            deal.case, deal.terms(), Basis.HAND, actor=officer(deal), now=NOW, by_hand=dict.fromkeys(ids, 1)
        )
    by_hand = dict(zip(ids, (TOTAL, 0, 0), strict=True))
    agreements.allocate(deal.case, deal.terms(), Basis.HAND, actor=officer(deal), now=NOW, by_hand=by_hand)
    assert deal.shares() == [TOTAL, 0, 0]


def receive(deal: Deal, place: int, fen: int, **changes: object) -> object:
    values = {"received_on": local_day(NOW), "note": "看过租金单", **changes}
    return receipts.confirm_by_officer(
        deal.case, deal.terms(), deal.firms()[place], fen, actor=officer(deal), now=NOW, **values
    )


def test_a_firm_is_settled_when_all_of_its_share_has_arrived(deal: Deal) -> None:
    shared_out(deal)
    receive(deal, 0, 20_000)
    assert deal.firms()[0].status == "pending"
    with pytest.raises(Refused) as refusal:
        receive(deal, 0, 30_001)
    assert refusal.value.reasons[0].values["left"] == "300.00"
    receive(deal, 0, 30_000)
    assert deal.firms()[0].status == "settled"
    allocation = ledger.current_allocation(deal.terms().id)
    sums = ledger.sums(deal.terms(), allocation, deal.case.id)
    assert (sums.agreed_fen, sums.shared_fen, sums.received_fen, sums.firms_received) == (TOTAL, TOTAL, 50_000, 1)


def test_a_receipt_needs_proof_and_a_day_that_can_be(deal: Deal) -> None:
    shared_out(deal)
    with pytest.raises(Refused, match="Proof"):
        receive(deal, 0, 100, note=" ")
    with pytest.raises(Refused, match="before the agreement"):
        receive(deal, 0, 100, received_on=local_day(NOW) - timedelta(days=9))
    with pytest.raises(Refused, match="still to come"):
        receive(deal, 0, 100, received_on=local_day(NOW) + timedelta(days=1))


def test_a_receipt_is_corrected_by_another_and_both_stay(deal: Deal) -> None:
    shared_out(deal)
    first = receive(deal, 0, 50_000)
    receive(deal, 0, 0, corrects=first, note="打错户了")
    assert ledger.received_by(deal.terms().id)[deal.firms()[0].id] == 0
    assert deal.firms()[0].status == "pending"
    assert len(ledger.receipts_of(deal.terms().id, deal.firms()[0].id)) == 2


def test_a_new_version_cannot_take_away_what_has_arrived(deal: Deal) -> None:
    shared_out(deal)
    receive(deal, 0, 50_000)
    with pytest.raises(Refused, match="received more"):
        agreements.allocate(deal.case, deal.terms(), Basis.EQUAL, actor=officer(deal), now=NOW, after=1, reason="平均")
    with pytest.raises(Refused, match="Sums have been received"):
        agreements.end(deal.case, deal.terms(), "反悔", actor=officer(deal), now=NOW)


def test_a_dispute_is_seen_and_goes_when_the_firm_confirms(deal: Deal) -> None:
    shared_out(deal)
    firm = deal.firms()[0]
    receipts.dispute(deal.terms(), firm, "少了 200 元", now=NOW)
    allocation = ledger.current_allocation(deal.terms().id)
    assert ledger.beside([firm], allocation)[0].disputed == "少了 200 元"
    assert ledger.sums(deal.terms(), allocation, deal.case.id).disputes == 1
    receipts.confirm_by_link(deal.terms(), firm, now=NOW)
    assert ledger.sums(deal.terms(), allocation, deal.case.id).disputes == 0


def test_a_firm_settled_by_hand_without_a_receipt_holds_back_closing(deal: Deal) -> None:
    shared_out(deal)
    db.session.refresh(deal.case)
    joint.settle(deal.case, deal.firms()[0].id, "settled", "", actor=officer(deal), now=NOW)
    assert "without a receipt" in " ".join(item.title.text for item in blockers.blocking(deal.case))


# -- links


def a_link(deal: Deal) -> tuple[ConfirmLink, str]:
    shared_out(deal)
    made = links.send_to_firms(deal.case, deal.terms(), deal.firms(), key=KEY, actor=officer(deal), now=NOW)
    db.session.commit()
    return made[0], links.token_of(made[0], KEY)


def test_a_token_is_long_random_and_nowhere_in_the_database(deal: Deal) -> None:
    link, token = a_link(deal)
    assert len(token) == 32
    assert links.link_for(token).id == link.id
    for table in ("confirm_links", "events", "event_payloads", "done_once"):
        assert token not in str(db.session.execute(sa.text(f"SELECT * FROM {table}")).all())
    assert links.token_of(link, "another key") != token


def test_a_link_works_once(deal: Deal) -> None:
    link, _ = a_link(deal)
    links.spend(link, now=NOW)
    with pytest.raises(Refused, match="used"):
        links.spend(link, now=NOW)


def test_a_link_expires_and_a_new_one_kills_the_old(deal: Deal) -> None:
    link, token = a_link(deal)
    with pytest.raises(Refused, match="no longer valid"):
        links.spend(link, now=LATER)
    links.send_to_firms(deal.case, deal.terms(), deal.firms(), key=KEY, actor=officer(deal), now=NOW)
    db.session.expire_all()
    with pytest.raises(Refused, match="no longer valid"):
        links.check(links.link_for(token), NOW)


def test_a_guessed_link_is_not_found(deal: Deal) -> None:
    a_link(deal)
    with pytest.raises(NotFound):
        links.link_for("A" * 32)


def test_links_wait_for_the_confirmed_and_shared_agreement(deal: Deal) -> None:
    agreed(deal, confirmed=False)
    with pytest.raises(Refused, match="first both sides"):
        links.send_to_firms(deal.case, deal.terms(), deal.firms(), key=KEY, actor=officer(deal), now=NOW)


@pytest.mark.parametrize("name", ["helper", "regulator", "area_leader", "district_admin", "officer3", "auditor"])
def test_agreements_and_receipts_are_made_by_who_works_on_the_case(deal: Deal, name: str) -> None:
    actor = deal.office.actor(name)
    with pytest.raises(NotPermitted):
        agreements.agree(deal.case, deal.negotiation, some_terms(), actor=actor, now=NOW)
    shared_out(deal)
    with pytest.raises(NotPermitted):
        agreements.allocate(deal.case, deal.terms(), Basis.RENT, actor=actor, now=NOW, after=1, reason="再来")
    with pytest.raises(NotPermitted):
        receipts.confirm_by_officer(
            deal.case, deal.terms(), deal.firms()[0], 1, local_day(NOW), "凭证", actor=actor, now=NOW
        )


def test_the_chain_of_the_case_stays_whole(deal: Deal) -> None:
    link, _ = a_link(deal)
    links.spend(link, now=NOW)
    receipts.confirm_by_link(deal.terms(), deal.firms()[0], now=NOW)
    db.session.commit()
    assert verify().ok
