"""What a negotiation holds back: each item comes with its reason and goes with it, and leads to where it is mended."""

from __future__ import annotations

import pytest

from casework.cases import joint, queries
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.errors import Refused
from casework.kernel.time import local_day
from casework.negotiations import agreements, blockers, promises, receipts, talks
from casework.negotiations.queries import commitments_of
from casework.negotiations.talks import PartyDraft
from casework.negotiations.words import Basis, CounterpartyKind, Promise
from tests.factories import NOW, Office, a_case, take
from tests.negotiations.deal import Deal, a_promise_draft, agreed, shared_out, some_terms

ITEMS = ("promises without proof", "not confirmed", "not shared out", "joined or left", "without a receipt")


def held_back(deal: Deal) -> list[tuple[str, str]]:
    """What blocks, by the part of its sentence that names it, and where it leads to from the page of the case."""
    db.session.refresh(deal.case)
    items = blockers.blocking(deal.case)
    return [(named(item.title.text), item.href.removeprefix(f"/cases/{deal.case.number}")) for item in items]


def named(text: str) -> str:
    (name,) = [name for name in ITEMS if name in text]
    return name


def confirm(deal: Deal) -> None:
    actor = deal.office.actor("officer")
    agreements.confirm_ours(deal.case, deal.terms(), "何秀芝", actor=actor, now=NOW)
    agreements.confirm_theirs_by_link(deal.terms(), "罗启元", now=NOW)


def test_talks_alone_hold_nothing_back(deal: Deal) -> None:
    assert held_back(deal) == []


@pytest.mark.parametrize("end", [Promise.KEPT, Promise.BROKEN, Promise.RELEASED])
def test_a_promise_holds_back_until_it_has_ended_in_any_way(deal: Deal, end: Promise) -> None:
    actor = deal.office.actor("officer")
    for _ in range(2):
        promises.promise(deal.case, a_promise_draft(), actor=actor, now=NOW, negotiation=deal.negotiation)
    [(text, href)] = held_back(deal)
    assert (text, href) == ("promises without proof", "#promises")
    first, second = commitments_of(deal.case.id)
    for promise, left in ((first, 1), (second, 0)):
        promises.prove(deal.case, promise, "看过复印件", actor=actor, now=NOW)
        assert blockers.blocking(deal.case)[0].title.values == {"n": left + 1}, "proof alone settles nothing"
        promises.settle(deal.case, promise, end, "说明", actor=actor, now=NOW)
        assert len(held_back(deal)) == bool(left)


def test_terms_hold_back_until_confirmed_then_until_shared_out(deal: Deal) -> None:
    agreed(deal, confirmed=False)
    page = f"/agreements/{deal.terms().id}"
    assert held_back(deal) == [("not confirmed", page)]
    confirm(deal)
    assert held_back(deal) == [("not shared out", f"{page}/allocate")]
    shared_out(deal)
    assert held_back(deal) == []


def test_terms_of_a_case_of_one_firm_are_not_shared_out(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS, kind="rent")
    actor = office.actor("officer")
    talk = talks.open_talks(case, PartyDraft(name="业主", kind=CounterpartyKind.OWNER), actor=actor, now=NOW)
    deal = Deal(office, case, talk)
    deal.agreement = agreements.agree(case, talk, some_terms(), actor=actor, now=NOW)
    assert len(held_back(deal)) == 1
    confirm(deal)
    assert held_back(deal) == []


def test_an_ended_agreement_holds_nothing_back(deal: Deal) -> None:
    agreed(deal, confirmed=False)
    agreements.end(deal.case, deal.terms(), "业主反悔", actor=deal.office.actor("officer"), now=NOW)
    assert held_back(deal) == []


def test_who_joined_or_left_after_the_sum_was_shared_holds_back_until_there_is_a_new_version(deal: Deal) -> None:
    shared_out(deal)
    actor, changed = deal.office.actor("officer"), "joined or left"
    joint.add(deal.case, [joint.Joining(name="巧姐裁缝", monthly_rent_fen=100_000)], actor=actor, now=NOW)
    assert held_back(deal) == [(changed, f"/agreements/{deal.terms().id}/allocate")]
    joint.settle(deal.case, deal.firms()[0].id, "excluded", "已经搬走", actor=actor, now=NOW)
    assert blockers.blocking(deal.case)[0].title.values == {"n": 2}
    agreements.allocate(deal.case, deal.terms(), Basis.RENT, actor=actor, now=NOW, after=1, reason="一进一出")
    assert held_back(deal) == []


def test_a_firm_settled_by_hand_holds_back_until_its_receipt_is_there(deal: Deal) -> None:
    shared_out(deal)
    actor, firm = deal.office.actor("officer"), deal.firms()[0]
    joint.settle(deal.case, firm.id, "settled", "", actor=actor, now=NOW)
    assert held_back(deal) == [("without a receipt", "/firms?status=settled")]
    receipts.confirm_by_officer(
        deal.case, deal.terms(), firm, 50_000, local_day(NOW), "看过租金单", actor=actor, now=NOW
    )
    assert held_back(deal) == []


def test_the_result_waits_for_the_promise_as_for_any_other_item(deal: Deal) -> None:
    office, actor = deal.office, deal.office.actor("officer")
    for step in ("contact", "evidence"):
        take(office, deal.case, step)
    for firm in deal.firms():
        joint.settle(deal.case, firm.id, "settled", "", actor=actor, now=NOW)
    made = promises.promise(deal.case, a_promise_draft(), actor=actor, now=NOW, negotiation=deal.negotiation)
    db.session.commit()
    assert [named(item.title.text) for item in queries.blocking(deal.case)] == ["promises without proof"]
    with pytest.raises(Refused, match="Settle first"):
        take(office, deal.case, "submit_result")
    promises.settle(deal.case, made, Promise.RELEASED, "不需要了", actor=actor, now=NOW)
    take(office, deal.case, "submit_result")
    assert deal.case.state == State.UNDER_REVIEW
