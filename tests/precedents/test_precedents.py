"""What was solved before stands beside a case: alike first, said why, only what its reader may see, at a fixed cost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from casework.cases import service
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.intake import repeats
from casework.kernel.db import db
from casework.kernel.i18n import speaking
from casework.kernel.time import utcnow
from casework.negotiations import agreements, queries, rounds, talks
from casework.negotiations.models import Negotiation
from casework.negotiations.rules import AgreementDraft, PositionDraft, RoundDraft
from casework.negotiations.talks import PartyDraft
from casework.negotiations.words import CounterpartyKind, Method, PositionKind, Side, Stance, Way
from casework.precedents import finding, words
from tests.factories import TO_REVIEW, Office, a_case, take
from tests.harness.statements import Statements

SignIn = Callable[..., FlaskClient]
Counter = Callable[[], AbstractContextManager[Statements]]
RENT = {"title": "商场商户请求减免租金", "text": "疫情期间没有营业，请求业主免三个月租金。", "kind": "rent"}
OWNER = PartyDraft(name="南贤商业管理有限公司", kind=CounterpartyKind.OWNER)


def a_talk(office: Office, case: Case, method: Method = Method.WAIVE) -> Negotiation:
    """One round with the landlord in which something was asked."""
    now = utcnow()
    actor = office.actor("officer", now.date())
    talk = talks.open_talks(case, OWNER, actor=actor, now=now)
    ask = PositionDraft(side=Side.US, kind=PositionKind.ASK, method=method, amount_fen=5_000_000)
    round_ = RoundDraft(way=Way.VISIT, at=now - timedelta(hours=1), stance=Stance.AGREES, positions=[ask])
    rounds.log_round(case, talk, round_, actor=actor, now=now)
    db.session.commit()
    return talk


def a_solved_case(office: Office, **changes: Any) -> Case:
    """A rent case that was talked over, agreed and closed."""
    now = utcnow()
    case = a_case(office, State.IN_PROGRESS, now=now, **{**RENT, **changes})
    talk = a_talk(office, case)
    actor = office.actor("officer", now.date())
    draft = AgreementDraft(method=Method.WAIVE, total_fen=4_000_000, agreed_on=now.date(), terms="免两个月租金")
    made = agreements.agree(case, talk, draft, actor=actor, now=now)
    agreements.confirm_ours(case, made, "何秀芝", actor=actor, now=now)
    agreements.confirm_theirs_by_link(made, "贺建业", now=now)
    for step in (*TO_REVIEW[3:], "approve", "callback"):
        take(office, case, step, now=now, **({"by": "regulator"} if step == "approve" else {}))
    db.session.commit()
    return case


def found(office: Office, case: Case, *, by: str = "officer") -> list[finding.Precedent]:
    return finding.of(case, office.actor(by, utcnow().date()), 30)


def test_a_solved_case_of_the_same_landlord_and_ask_is_found_and_says_why(office: Office) -> None:
    solved = a_solved_case(office)
    case = a_case(office, State.IN_PROGRESS, now=utcnow(), **{**RENT, "requester": "周记牛骨粉", "contact_phone": ""})
    a_talk(office, case)
    [one] = found(office, case)
    assert one.case.id == solved.id
    assert {"kind", "landlord", "asks"} <= set(one.alike.why)
    with speaking("en"):
        said = words.why(one.alike.why, one.asked)
    assert said.startswith("the same type, the same landlord, both ask for a waiver")


def test_its_panel_says_terms_time_and_how_it_ended(office: Office, as_: SignIn) -> None:
    solved = a_solved_case(office)
    case = a_case(office, State.IN_PROGRESS, now=utcnow(), **RENT)
    client = as_("officer")
    assert f"/cases/{case.number}/precedents/few" in client.get(f"/cases/{case.number}").text
    for address in ("precedents", "precedents/few"):
        page = client.get(f"/cases/{case.number}/{address}").text
        for shown in (solved.number, "同类型", "40,000.00", "免两个月租金", "已解决", "用时"):
            assert shown in page


def test_an_open_case_is_no_precedent_and_a_closed_one_no_repeat(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow(), **RENT)
    a_case(office, State.IN_PROGRESS, now=utcnow(), **RENT)
    assert found(office, case) == []
    solved = a_solved_case(office)
    assert [one.case.id for one in found(office, case)] == [solved.id]
    assert solved.id not in {one.case.id for one in repeats.of(case, office.actor("desk", utcnow().date()), utcnow())}


def test_a_case_of_another_kind_with_other_words_is_not_like_it(office: Office) -> None:
    a_case(office, State.CLOSED, now=utcnow())
    case = a_case(office, State.IN_PROGRESS, now=utcnow(), **{**RENT, "requester": "另一家", "contact_phone": "1"})
    assert found(office, case) == []


def test_what_the_reader_may_not_see_is_not_found(office: Office) -> None:
    solved = a_solved_case(office)
    case = service.submit(
        draft=_draft(office, area="8801002001"), actor=office.actor("desk", utcnow().date()), now=utcnow()
    )
    db.session.commit()
    assert [one.case.id for one in found(office, case, by="desk")] == [solved.id]
    assert found(office, case, by="officer3") == []


def _draft(office: Office, **changes: Any) -> Any:
    from tests.factories import a_draft

    return a_draft(office, **{**RENT, **changes})


def test_a_case_out_of_scope_has_no_page_of_precedents(office: Office, as_: SignIn) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow(), **RENT)
    for address in ("precedents", "precedents/few"):
        assert as_("officer3").get(f"/cases/{case.number}/{address}").status_code == 404


def test_nothing_alike_says_so(office: Office, as_: SignIn) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow(), **RENT)
    assert "还没有类似案例" in as_("officer").get(f"/cases/{case.number}/precedents").text


def test_it_costs_the_same_queries_however_many_there_are(office: Office, query_count: Counter) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow(), **RENT)
    a_talk(office, case)
    db.session.commit()

    def cost() -> int:
        db.session.expire_all()
        asked = db.session.get_one(Case, case.id)
        actor = office.actor("officer", utcnow().date())
        _ = asked.title
        with query_count() as sent:
            finding.of(asked, actor, 30)
        return len(sent)

    a_solved_case(office)
    one = cost()
    for _ in range(3):
        a_solved_case(office)
    assert cost() == one <= 8


@pytest.mark.parametrize("methods", [(Method.WAIVE,), (Method.WAIVE, Method.DEFER)])
def test_what_both_ask_for_is_named_each(office: Office, methods: tuple[Method, ...]) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow(), **RENT)
    for method in methods:
        a_talk(office, case, method) if method is methods[0] else _again(office, case, method)
    said = finding._asked([case.id])
    assert said[case.id] == {method.value for method in methods}


def _again(office: Office, case: Case, method: Method) -> None:
    [(talk, _)] = queries.negotiations_of(case.id)
    ask = PositionDraft(side=Side.US, kind=PositionKind.ASK, method=method, amount_fen=1)
    round_ = RoundDraft(way=Way.CALL, at=utcnow() - timedelta(minutes=1), stance=Stance.AGREES, positions=[ask])
    rounds.log_round(case, talk, round_, actor=office.actor("officer", utcnow().date()), now=utcnow())
