"""Which reports look like one obstacle, and what hinders a case from going with the others."""

from __future__ import annotations

from casework.cases.rules import CaseFacts
from casework.cases.workflow import State
from casework.commons import rules
from casework.intake.likeness import Report

NO_PASS = "送货员凭区里发的通行证进不了小区，货压在门口。"


def a_report(key: int, text: str, firm: str = "") -> Report:
    return Report(key, text[:10], text, firm or f"firm {key}")


OTHERS = [
    a_report(10, "房东要涨三成租金，仓库月底到期，请帮忙谈一谈。"),
    a_report(11, "四十名员工返岗要做检测，能不能由街道统一结算。"),
    a_report(12, "想申请错峰用电，供电公司说要等批复。"),
    a_report(13, "贷款到期了，银行不肯展期，工资快发不出。"),
]


def test_three_alike_of_different_firms_are_one_group() -> None:
    alike = [a_report(n, f"{NO_PASS}我们是第 {n} 家。") for n in (1, 2, 3)]
    [found] = rules.clusters([*OTHERS, *alike])
    assert sorted(found.keys) == [1, 2, 3]


def test_two_alike_are_none_and_one_firm_that_asks_thrice_is_none() -> None:
    assert rules.clusters([*OTHERS, a_report(1, NO_PASS), a_report(2, NO_PASS)]) == []
    thrice = [a_report(n, f"{NO_PASS}第 {n} 次了。", "同一家") for n in (1, 2, 3)]
    assert rules.clusters([*OTHERS, *thrice]) == []


def test_a_report_is_in_one_group_at_most_and_the_largest_group_comes_first() -> None:
    passes = [a_report(n, f"{NO_PASS}我们是第 {n} 家。") for n in range(1, 6)]
    masks = [a_report(20 + n, f"订的口罩供货商停发了，第 {n} 家店没有口罩不能开门。") for n in range(3)]
    found = rules.clusters([*OTHERS, *passes, *masks])
    assert [len(one.keys) for one in found] == [5, 3]
    keys = [key for one in found for key in one.keys]
    assert len(keys) == len(set(keys))


def test_half_of_all_reports_may_be_about_one_thing() -> None:
    many = [a_report(100 + n, f"{NO_PASS}本店编号 {n * 37}。") for n in range(4)]
    assert [len(one.keys) for one in rules.clusters([*OTHERS, *many])] == [4]


def test_nothing_is_alike_in_nothing() -> None:
    assert rules.clusters([]) == []


def test_a_case_in_another_state_is_hindered_and_missing_evidence_alone_is_not() -> None:
    action = rules.together("submit_result")
    assert action is not None
    [why] = rules.hindrances(action, CaseFacts(state=State.SUBMITTED))
    assert "Submitted" in str(why)
    assert "accept and dispatch it first" in str(why)
    facts = CaseFacts(state=State.IN_PROGRESS, contacted=True, missing_evidence=["receipt"])
    assert rules.hindrances(action, facts) == []
    [why] = rules.hindrances(action, CaseFacts(state=State.IN_PROGRESS))
    assert "contact" in str(why)


def test_days_survive_being_kept() -> None:
    from datetime import date

    action = rules.together("wait")
    assert action is not None
    answer = {"code": "policy", "whom": "区里", "until": date(2020, 3, 20)}
    assert rules.unpacked(action, rules.packed(answer)) == answer


def test_what_is_no_unit_and_person_names_none() -> None:
    assert rules.leader_of("12-340") == (12, 340)
    assert rules.leader_of("x-") == rules.leader_of("") == rules.leader_of("９-99999999999999999999") == (None, None)


def test_what_differs_in_each_report_does_not_hide_what_they_share() -> None:
    names = ("城南老张菜馆地址文昌路口", "桥东小李五金铺在钟楼后巷", "荷塘王氏豆腐坊靠近码头边")
    alike = [a_report(n, f"{NO_PASS}{name}，电话 1390000{n}。") for n, name in enumerate(names, 1)]
    [found] = rules.clusters([*OTHERS, *alike])
    assert sorted(found.keys) == [1, 2, 3]


def test_what_most_open_cases_are_about_is_still_found() -> None:
    widespread = [
        Report(n, "通行证进不了小区", f"{chr(0x4E00 + n) * 2}第 {n} 家的话各不相同", f"f{n}") for n in range(30)
    ]
    others = [Report(100 + n, chr(0x6000 + n) * 6, chr(0x7000 + n) * 9, f"o{n}") for n in range(25)]
    assert len(rules.clusters([*widespread, *others])[0].keys) == 30
