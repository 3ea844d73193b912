"""Two sign for a large sum, never the same one, never what has changed since; one more proof can be asked for."""

from __future__ import annotations

from datetime import date

import pytest

from casework.audit import queries as audit
from casework.cases import service
from casework.cases.workflow import State
from casework.clocks.queries import deadlines_of
from casework.kernel.db import db
from casework.kernel.errors import NotPermitted, Refused
from casework.negotiations import agreements, receipts
from casework.review.weighing import weigh
from tests.factories import NOW, Office, a_file, take
from tests.negotiations.deal import a_deal, agreed, shared_out
from tests.review.results import a_limit, act, approve, marks, money, simple, two_regulators


def verbs(case_id: int) -> list[str]:
    return [entry.data.get("action") or entry.verb for entry in audit.timeline(case_id, limit=5)]


def test_below_the_limit_one_signature_approves(office: Office) -> None:
    deal = money(office)
    a_limit(office, 100_002)
    approve(office, deal.case)
    assert deal.case.state == State.CALLBACK


def test_from_the_limit_on_the_second_signature_approves(office: Office) -> None:
    deal = money(office)
    a_limit(office, 100_001)
    two_regulators(office)
    approve(office, deal.case)
    assert (deal.case.state, deal.case.signed_by_id) == (State.UNDER_REVIEW, office.people["regulator"].id)
    assert {one.clock: one.done_at for one in deadlines_of(deal.case.id)}["review"] is None, "the review goes on"
    act(office, deal.case, "countersign", {"note": "同意"}, "regulator2")
    assert (deal.case.state, deal.case.signed_by_id, deal.case.signature) == (State.CALLBACK, None, None)
    said = audit.timeline(deal.case.id)[0].data["answer"]
    assert (said["beside"], said["amount_fen"]) == ("韩露", 100_001)


def test_nobody_signs_twice_and_no_signature_no_countersignature(office: Office) -> None:
    deal = money(office)
    a_limit(office)
    two_regulators(office)
    with pytest.raises(Refused, match="Nobody has signed"):
        act(office, deal.case, "countersign", {}, "regulator2")
    approve(office, deal.case)
    with pytest.raises(NotPermitted):
        act(office, deal.case, "countersign", {}, "regulator")
    with pytest.raises(Refused, match="signed already"):
        approve(office, deal.case, "regulator2")


def test_the_leader_of_the_area_may_countersign_and_the_officer_may_not(office: Office) -> None:
    deal = money(office)
    a_limit(office)
    approve(office, deal.case)
    with pytest.raises(NotPermitted):
        act(office, deal.case, "countersign", {}, "officer")
    act(office, deal.case, "countersign", {}, "area_leader")
    assert deal.case.state == State.CALLBACK


def test_a_signature_falls_as_soon_as_evidence_is_added(office: Office) -> None:
    deal = money(office)
    a_limit(office)
    two_regulators(office)
    approve(office, deal.case)
    service.add_note(deal.case, "再看一眼", actor=office.actor("officer"), now=NOW)
    assert deal.case.signed_by_id, "a note changes nothing that was signed"
    service.attach(deal.case, [a_file(deal.case)], actor=office.actor("officer"), now=NOW)
    db.session.commit()
    db.session.refresh(deal.case)
    assert (deal.case.signed_by_id, deal.case.signature) == (None, None)
    entry = audit.timeline(deal.case.id)[0]
    assert (entry.verb, entry.data) == ("SignatureVoided", {"name": "韩露", "parts": ["files"]})
    approve(office, deal.case, "regulator2")
    act(office, deal.case, "countersign", {}, "regulator")
    assert deal.case.state == State.CALLBACK
    assert audit.verify(deal.case.id).ok


def test_a_signature_falls_when_the_agreed_sums_change(office: Office) -> None:
    deal = money(office)
    a_limit(office)
    approve(office, deal.case)
    receipts.dispute(deal.terms(), deal.firms()[0], "少了一百元", now=NOW)
    db.session.commit()
    db.session.refresh(deal.case)
    assert deal.case.signed_by_id is None
    assert audit.timeline(deal.case.id)[0].data["parts"] == ["money"]


def test_what_changed_past_the_story_is_found_out_when_the_second_signs(office: Office) -> None:
    deal = money(office)
    a_limit(office)
    two_regulators(office)
    approve(office, deal.case)
    deal.terms().total_fen = 90_000_000
    db.session.commit()
    with pytest.raises(Refused, match=r"void.*agreed sums|void"):
        act(office, deal.case, "countersign", {}, "regulator2")
    db.session.rollback()
    approve(office, deal.case, "regulator2")
    assert deal.case.signed_by_id == office.people["regulator2"].id, "it is signed anew"


def test_an_ended_agreement_weighs_nothing(office: Office) -> None:
    deal = shared_out(agreed(a_deal(office)))
    a_limit(office)
    assert weigh(deal.case).needs_second
    agreements.end(deal.case, deal.terms(), "业主反悔", actor=office.actor("officer"), now=NOW)
    db.session.commit()
    assert (weigh(deal.case).amount_fen, weigh(deal.case).needs_second) == (0, False)


def test_a_signed_result_can_still_be_returned_and_begins_anew(office: Office) -> None:
    deal = money(office)
    a_limit(office)
    two_regulators(office)
    approve(office, deal.case)
    act(office, deal.case, "return", {"checklist": marks(deal.case, "no"), "reason": "缺一户的签字"}, "regulator2")
    assert (deal.case.state, deal.case.signature) == (State.IN_PROGRESS, None)
    take(office, deal.case, "submit_result")
    approve(office, deal.case)
    assert deal.case.state == State.UNDER_REVIEW


def test_while_a_proof_is_awaited_the_clock_of_the_case_runs_and_nothing_is_approved(office: Office) -> None:
    [case] = simple(office)
    act(office, case, "ask_proof", {"reason": "补签收照片", "until": date(2030, 1, 1)}, "regulator")
    paused = {one.clock: one.due_at is None for one in deadlines_of(case.id) if one.done_at is None}
    assert paused == {"review": True, "resolve": False}
    with pytest.raises(Refused, match="Settle first"):
        approve(office, case)
    with pytest.raises(Refused, match="already asked"):
        act(office, case, "ask_proof", {"reason": "再补", "until": date(2030, 1, 1)}, "regulator")
    with pytest.raises(NotPermitted):
        act(office, case, "give_proof", {"text": "看过了"}, "regulator")
    act(office, case, "give_proof", {"text": "照片已传"}, "officer")
    paused = {one.clock: one.due_at is None for one in deadlines_of(case.id) if one.done_at is None}
    assert paused == {"review": False, "resolve": True}
    approve(office, case)
    assert case.state == State.CALLBACK
    assert verbs(case.id)[:3] == ["approve", "give_proof", "ask_proof"]


def test_who_handled_the_case_asks_for_no_proof(office: Office) -> None:
    [case] = simple(office)
    case.handled_by = [*case.handled_by, office.people["regulator"].id]
    db.session.commit()
    with pytest.raises(NotPermitted):
        act(office, case, "ask_proof", {"reason": "补签收照片", "until": date(2030, 1, 1)}, "regulator")
