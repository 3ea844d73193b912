"""Versions of an allocation, receipts and links over time: what stays, what is restated, what goes dead."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from casework.audit.queries import timeline
from casework.cases import joint
from casework.kernel.db import db
from casework.kernel.errors import Conflict, NotFound, Refused
from casework.kernel.time import local_day
from casework.negotiations import agreements, ledger, links, promises, receipts
from casework.negotiations.models import Commitment, ConfirmLink, Receipt, Share
from casework.negotiations.queries import commitments_of
from casework.negotiations.words import Basis, Debtor, Promise
from tests.factories import NOW, Office, a_file
from tests.negotiations.deal import KEY, TOTAL, Deal, a_deal, a_promise_draft, agreed, shared_out, some_terms

DAY = local_day(NOW)


@pytest.fixture
def deal(office: Office) -> Deal:
    return shared_out(a_deal(office))


def receive(deal: Deal, place: int, fen: int, **changes: object) -> Receipt:
    values = {"received_on": DAY, "note": "看过租金单", **changes}
    actor, firm = deal.office.actor("officer"), deal.firms()[place]
    return receipts.confirm_by_officer(deal.case, deal.terms(), firm, fen, actor=actor, now=NOW, **values)  # type: ignore[arg-type]


def a_version(deal: Deal, *fen: int, after: int = 1) -> None:
    """A new version by hand."""
    by_hand = {firm.id: share for firm, share in zip(deal.firms(), fen, strict=True)}
    agreements.allocate(
        deal.case, deal.terms(), Basis.HAND, actor=deal.office.actor("officer"), now=NOW, by_hand=by_hand,
        reason="更正", after=after,
    )  # fmt: skip
    db.session.expire_all()


def statuses(deal: Deal) -> list[str]:
    return [firm.status for firm in deal.firms()]


# -- versions


def test_a_new_version_settles_whom_it_has_paid_and_lets_wait_whose_share_grew(deal: Deal) -> None:
    receive(deal, 0, 50_000)
    receive(deal, 1, 20_000)
    assert statuses(deal) == ["settled", "pending", "pending"]
    a_version(deal, 60_000, 20_000, TOTAL - 80_000)
    assert statuses(deal) == ["pending", "settled", "pending"]
    first, second, _ = deal.firms()
    assert (first.settled_on, second.settled_on) == (None, DAY)
    a_version(deal, 50_000, 20_001, TOTAL - 70_001, after=2)
    assert statuses(deal) == ["settled", "pending", "pending"]


def test_each_version_keeps_its_own_shares_weights_and_reason(deal: Deal) -> None:
    a_version(deal, TOTAL, 0, 0)
    new, old = ledger.allocations_of(deal.terms().id)
    rows = sa.select(Share.weight, Share.share_fen).order_by(Share.beneficiary_id)
    assert [tuple(row) for row in db.session.execute(rows.where(Share.allocation_id == old.id))] == [
        (300_000, 50_000),
        (200_000, 33_334),
        (100_000, 16_667),
    ]
    assert [tuple(row) for row in db.session.execute(rows.where(Share.allocation_id == new.id))] == [
        (TOTAL, TOTAL),
        (0, 0),
        (0, 0),
    ]
    assert [(row.no, row.basis, row.reason) for row in (old, new)] == [(1, "rent", ""), (2, "hand", "更正")]


def test_a_refused_version_leaves_nothing_half_done(deal: Deal) -> None:
    receive(deal, 0, 50_000)
    db.session.commit()
    before = len(timeline(deal.case.id))
    for shares in ((49_999, 50_000, 2), (TOTAL, 1, 0), (TOTAL + 1, -1, 0)):
        with pytest.raises(Refused):
            a_version(deal, *shares)
        db.session.commit()
    assert len(ledger.allocations_of(deal.terms().id)) == 1
    assert len(timeline(deal.case.id)) == before
    assert statuses(deal) == ["settled", "pending", "pending"]


def test_an_excluded_firm_gets_no_share_and_its_part_goes_to_the_others(deal: Deal) -> None:
    actor = deal.office.actor("officer")
    joint.settle(deal.case, deal.firms()[0].id, "excluded", "已经搬走", actor=actor, now=NOW)
    agreements.allocate(deal.case, deal.terms(), Basis.RENT, actor=actor, now=NOW, after=1, reason="走了一户")
    assert [row.share_fen for row in ledger.beside(deal.firms(), ledger.current_allocation(deal.terms().id))] == [
        None,
        66_667,
        33_334,
    ]


def test_a_firm_that_left_with_money_keeps_a_new_version_from_standing(deal: Deal) -> None:
    receive(deal, 0, 10_000)
    actor = deal.office.actor("officer")
    joint.settle(deal.case, deal.firms()[0].id, "excluded", "已经搬走", actor=actor, now=NOW)
    with pytest.raises(Refused, match="received more"):
        agreements.allocate(deal.case, deal.terms(), Basis.RENT, actor=actor, now=NOW, after=1, reason="走了一户")


def test_an_ended_agreement_is_not_shared_out_again(deal: Deal) -> None:
    actor = deal.office.actor("officer")
    agreements.end(deal.case, deal.terms(), "业主反悔", actor=actor, now=NOW)
    with pytest.raises(Refused, match="has been ended"):
        a_version(deal, TOTAL, 0, 0)
    with pytest.raises(Refused, match="ended already"):
        agreements.end(deal.case, deal.terms(), "再说一次", actor=actor, now=NOW)
    with pytest.raises(Refused, match="cannot be confirmed"):
        agreements.confirm_ours(deal.case, deal.terms(), "何秀芝", actor=actor, now=NOW)
    with pytest.raises(Refused, match="first both sides"):
        receive(deal, 0, 1)


# -- receipts


def test_all_settled_when_all_has_arrived(deal: Deal) -> None:
    for place, share in enumerate(deal.shares()):
        receive(deal, place, share - 1)
    assert statuses(deal) == ["pending"] * 3
    for place in range(3):
        receive(deal, place, 1)
    assert statuses(deal) == ["settled"] * 3
    sums = ledger.sums(deal.terms(), ledger.current_allocation(deal.terms().id), deal.case.id)
    assert (sums.received_fen, sums.passed_bp, sums.firms_received) == (TOTAL, 10_000, 3)
    with pytest.raises(Refused, match="outstanding"):
        receive(deal, 0, 1)


def test_what_reached_the_tenants_never_reads_as_more_than_it_is(deal: Deal) -> None:
    receive(deal, 2, 16_666)
    sums = ledger.sums(deal.terms(), ledger.current_allocation(deal.terms().id), deal.case.id)
    assert sums.passed_bp == 1_666, "16.66 per cent, the rest of it cut off and not rounded up"


def test_a_correction_counts_against_the_share_without_the_receipt_it_replaces(deal: Deal) -> None:
    first = receive(deal, 0, 30_000)
    receive(deal, 0, 20_000)
    with pytest.raises(Refused):
        receive(deal, 0, 30_001, corrects=first)
    second = receive(deal, 0, 25_000, corrects=first)
    assert statuses(deal)[0] == "pending"
    with pytest.raises(Conflict):
        receive(deal, 0, 1, corrects=first)
    receive(deal, 0, 30_000, corrects=second)
    assert statuses(deal)[0] == "settled"
    assert ledger.received_by(deal.terms().id) == {deal.firms()[0].id: 50_000}


def test_a_correction_is_of_a_receipt_of_the_same_firm(deal: Deal) -> None:
    first = receive(deal, 0, 30_000)
    said = receipts.dispute(deal.terms(), deal.firms()[0], "不对", now=NOW)
    for wrong, place in ((first, 1), (said, 0)):
        with pytest.raises(NotFound):
            receive(deal, place, 1, corrects=wrong)


def test_nothing_is_no_receipt_and_a_file_is_proof_enough(deal: Deal) -> None:
    with pytest.raises(Refused, match="what arrived"):
        receive(deal, 0, 0)
    file = a_file(deal.case)
    assert receive(deal, 0, 1, note="", files=[file]).files == [file.id]


def test_a_firm_outside_the_version_has_nothing_outstanding(deal: Deal) -> None:
    actor = deal.office.actor("officer")
    joint.add(deal.case, [joint.Joining(name="后来的店", monthly_rent_fen=1)], actor=actor, now=NOW)
    with pytest.raises(Refused, match="outstanding"):
        receive(deal, 3, 1)
    with pytest.raises(Refused, match="outstanding"):
        receipts.confirm_by_link(deal.terms(), deal.firms()[3], now=NOW)


# -- links


def the_links(deal: Deal) -> list[ConfirmLink]:
    actor = deal.office.actor("officer")
    return links.send_to_firms(deal.case, deal.terms(), deal.firms(), key=KEY, actor=actor, now=NOW)


def test_links_go_to_firms_that_wait_and_say_how_many(deal: Deal) -> None:
    receive(deal, 0, 50_000)
    assert [link.beneficiary_id for link in the_links(deal)] == [firm.id for firm in deal.firms()[1:]]
    assert timeline(deal.case.id)[0].data["count"] == 2
    for place, share in ((1, 33_334), (2, 16_667)):
        receive(deal, place, share)
    with pytest.raises(Refused, match="waits for anything"):
        the_links(deal)


def test_a_link_lives_to_the_second_of_its_last_day(deal: Deal) -> None:
    link = the_links(deal)[0]
    assert link.expires_at == NOW + timedelta(days=14)
    with pytest.raises(Refused):
        links.spend(link, now=link.expires_at)
    links.spend(link, now=link.expires_at - timedelta(seconds=1))


def test_the_end_of_an_agreement_kills_its_links(deal: Deal) -> None:
    made = the_links(deal)
    agreements.end(deal.case, deal.terms(), "业主反悔", actor=deal.office.actor("officer"), now=NOW)
    assert links.live_links(deal.terms().id, [firm.id for firm in deal.firms()], now=NOW) == {}
    for link in made:
        db.session.refresh(link)
        with pytest.raises(Refused):
            links.spend(link, now=NOW)


def test_only_the_links_of_firms_written_to_again_go_dead(deal: Deal) -> None:
    first, second, third = the_links(deal)
    actor = deal.office.actor("officer")
    (again,) = links.send_to_firms(deal.case, deal.terms(), deal.firms()[:1], key=KEY, actor=actor, now=NOW)
    live = links.live_links(deal.terms().id, [firm.id for firm in deal.firms()], now=NOW)
    assert [link.id for link in live.values()] == [second.id, third.id, again.id]
    assert first.token_hash != again.token_hash


def test_the_counterpartys_link_is_its_own_and_ends_with_its_word(office: Office) -> None:
    deal = agreed(a_deal(office), confirmed=False)
    actor = office.actor("officer")
    first = links.send_to_counterparty(deal.case, deal.terms(), key=KEY, actor=actor, now=NOW)
    second = links.send_to_counterparty(deal.case, deal.terms(), key=KEY, actor=actor, now=NOW)
    assert links.live_links(deal.terms().id, None, now=NOW) == {0: second}
    with pytest.raises(Refused):
        links.spend(first, now=NOW)
    links.spend(second, now=NOW)
    agreements.confirm_theirs_by_link(deal.terms(), "罗启元", now=NOW)
    with pytest.raises(Refused, match="nothing left"):
        links.send_to_counterparty(deal.case, deal.terms(), key=KEY, actor=actor, now=NOW)


# -- confirmation and promises


def test_one_side_alone_confirms_nothing_and_nobody_confirms_without_a_name(office: Office) -> None:
    deal = agreed(a_deal(office), confirmed=False)
    actor = office.actor("officer")
    for name in (" ", "字" * 101):
        with pytest.raises(Refused, match="Name"):
            agreements.confirm_ours(deal.case, deal.terms(), name, actor=actor, now=NOW)
    file = a_file(deal.case)
    agreements.confirm_theirs_on_paper(deal.case, deal.terms(), "罗启元", file, actor=actor, now=NOW)
    assert (deal.terms().state, deal.terms().signed_file_id) == ("proposed", file.id)
    with pytest.raises(Refused, match="first both sides"):
        receive(deal, 0, 1)
    agreements.confirm_ours(deal.case, deal.terms(), "何秀芝", actor=actor, now=NOW)
    assert deal.terms().state == "confirmed"
    with pytest.raises(Refused, match="in force"):
        agreements.agree(deal.case, deal.negotiation, some_terms(), actor=actor, now=NOW)


def a_promise(deal: Deal, **changes: object) -> Commitment:
    actor = deal.office.actor("officer")
    draft = a_promise_draft(**changes)
    return promises.promise(deal.case, draft, actor=actor, now=NOW, negotiation=deal.negotiation)


def test_proof_adds_up_until_the_promise_is_settled_and_not_after(deal: Deal) -> None:
    made, actor, file = a_promise(deal), deal.office.actor("officer"), a_file(deal.case)
    with pytest.raises(Refused, match="Proof"):
        promises.prove(deal.case, made, " ", actor=actor, now=NOW)
    promises.prove(deal.case, made, "收到复印件", actor=actor, now=NOW)
    promises.prove(deal.case, made, "", actor=actor, now=NOW, files=[file])
    assert (made.state, made.proof, made.proof_files) == ("proven", "收到复印件", [file.id])
    promises.settle(deal.case, made, Promise.KEPT, "", actor=actor, now=NOW)
    with pytest.raises(Refused, match="settled already"):
        promises.prove(deal.case, made, "还有", actor=actor, now=NOW)
    with pytest.raises(Refused, match="settled already"):
        promises.settle(deal.case, made, Promise.BROKEN, "没做", actor=actor, now=NOW)


def test_a_promise_kept_late_says_how_many_days(deal: Deal) -> None:
    made, actor = a_promise(deal), deal.office.actor("officer")
    later = NOW + timedelta(days=4)
    promises.prove(deal.case, made, "收到复印件", actor=actor, now=later)
    promises.settle(deal.case, made, Promise.KEPT, "", actor=actor, now=later + timedelta(days=5))
    assert timeline(deal.case.id)[0].data["late_days"] == 3, "it counts to the proof, not to who looked at it"


def test_our_own_promises_are_made_by_somebody_on_the_case(deal: Deal) -> None:
    stranger = deal.office.people["officer3"].id
    with pytest.raises(Refused, match="works on the case"):
        a_promise(deal, debtor=Debtor.US, promiser_id=stranger)
    mine = a_promise(deal, debtor=Debtor.US, promiser_id=deal.office.people["officer"].id)
    assert mine.counterparty_id is None, "it does not count against the landlord"
    with pytest.raises(Refused, match="name the counterparty"):
        promises.promise(deal.case, a_promise_draft(), actor=deal.office.actor("officer"), now=NOW)


def test_open_promises_come_first_by_their_day(deal: Deal) -> None:
    late, soon = a_promise(deal, due_on=DAY + timedelta(days=9)), a_promise(deal, due_on=DAY)
    done = a_promise(deal, due_on=DAY)
    promises.settle(deal.case, done, Promise.RELEASED, "不需要了", actor=deal.office.actor("officer"), now=NOW)
    assert [row.id for row in commitments_of(deal.case.id)] == [soon.id, late.id, done.id]


@pytest.mark.parametrize("rule", ["kept_is_proven", "not_by_the_promiser"])
def test_the_database_itself_keeps_a_promise_from_its_promiser(deal: Deal, rule: str) -> None:
    mine = deal.office.people["officer"].id
    made = a_promise(deal, debtor=Debtor.US, promiser_id=mine)
    db.session.flush()
    wrong = {"kept_is_proven": "state = 'kept'", "not_by_the_promiser": f"state = 'broken', settled_by_id = {mine}"}
    with pytest.raises(sa.exc.IntegrityError, match=rule):
        db.session.execute(sa.text(f"UPDATE commitments SET {wrong[rule]} WHERE id = {made.id}"))
