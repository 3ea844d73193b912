"""The firms of a joint case: who joins, and what they hold back."""

from __future__ import annotations

import pytest

from casework.audit import queries as audit
from casework.cases import joint, queries
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.kernel.errors import NotFound, NotPermitted, Refused
from tests.cases.test_service import reasons_of
from tests.factories import NOW, Office, a_case, a_firm, take

FIRMS = [joint.Joining(name="周记牛骨粉", monthly_rent_fen=562_000), joint.Joining(name="拾光书屋", monthly_rent_fen=1)]


def join(office: Office, case: Case, firms: list[joint.Joining] = FIRMS, by: str = "desk") -> tuple[int, int]:
    return joint.add(case, firms, actor=office.actor(by), now=NOW)


def settle(office: Office, case: Case, firm_id: int, status: str, reason: str = "") -> None:
    joint.settle(case, firm_id, status, reason, actor=office.actor("officer"), now=NOW)


def test_firms_join_once_however_their_names_are_typed(office: Office) -> None:
    case = a_case(office, joint=True)
    known = a_firm(office, name="拾光书屋")
    assert join(office, case) == (2, 0)
    again = [joint.Joining(name="周记 牛骨粉"), joint.Joining(name="巧姐裁缝"), joint.Joining(name="巧姐裁缝")]
    assert join(office, case, again) == (1, 2)
    listed = queries.beneficiaries(case.id)
    assert [firm.name for firm in listed] == ["周记牛骨粉", "拾光书屋", "巧姐裁缝"]
    assert listed[1].enterprise_id == known.id
    entries = [entry for entry in audit.timeline(case.id) if entry.verb == "BeneficiariesAdded"]
    assert [(entry.data["count"], entry.data.get("rent_fen")) for entry in entries] == [(1, 0), (2, 562_001)]


def test_pending_firms_hold_back_the_result_until_each_is_settled_or_excluded(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS, joint=True)
    take(office, case, "contact")
    take(office, case, "evidence")
    [(text, _)] = reasons_of(office, case, "submit_result")
    assert text == "Settle first: %(item)s.", "a joint case names its firms"
    join(office, case)
    first, second = (firm.id for firm in queries.beneficiaries(case.id))
    assert queries.blocking(case)[0].title.values == {"n": 2}
    settle(office, case, first, "settled")
    settle(office, case, second, "excluded", "已经搬走")
    take(office, case, "submit_result")
    assert case.state == State.UNDER_REVIEW


def test_an_exclusion_says_why_and_nothing_is_said_twice(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS, joint=True)
    join(office, case)
    firm = queries.beneficiaries(case.id)[0]
    for status, reason in (("excluded", " "), ("pending", "再看"), ("gone", "走了")):
        with pytest.raises(Refused):
            settle(office, case, firm.id, status, reason)
    settle(office, case, firm.id, "settled")
    assert (firm.status, str(firm.settled_on)) == ("settled", "2020-03-16")
    settle(office, case, firm.id, "pending", "协议作废")
    assert (firm.status, firm.settled_on) == ("pending", None)


def test_a_firm_of_another_case_is_not_found_here(office: Office) -> None:
    case, other = a_case(office, State.IN_PROGRESS, joint=True), a_case(office, joint=True)
    join(office, other)
    with pytest.raises(NotFound):
        settle(office, case, queries.beneficiaries(other.id)[0].id, "settled")


def test_a_closed_case_and_a_stranger_take_no_firms(office: Office) -> None:
    with pytest.raises(Refused):
        join(office, a_case(office, State.WITHDRAWN))
    with pytest.raises(NotPermitted):
        join(office, a_case(office), by="desk_b")


def test_a_joint_case_holds_five_thousand_firms(office: Office) -> None:
    case = a_case(office, joint=True)
    many = [joint.Joining(name=f"商户 {number:04d}") for number in range(5001)]
    with pytest.raises(Refused):
        join(office, case, many)
    assert join(office, case, many[:5000]) == (5000, 0)
