"""Several words are held by one subject: a case with its firm, phones, type, place and tags. Orders, tags, landlords."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from casework.cases import service, tags
from casework.cases.models import Case
from casework.cases.tag_models import CaseTag
from casework.cases.workflow import State
from casework.enterprises.models import Contact, Enterprise
from casework.kernel.db import db
from casework.kernel.models import SearchDoc
from casework.kernel.named import spelled
from casework.search import backlog, queries, texts, together
from casework.search.groups import MOST
from casework.search.rules import named, read
from casework.search.texts import Reader
from tests.factories import NOW, Office, a_case, a_firm, take
from tests.negotiations.deal import a_deal
from tests.orders.office import an_order
from tests.processes.shipment import a_template
from tests.search.test_queries import BOTH_WAYS, DAY, finds


def a_case_of_a_firm(office: Office, *, shop: str, name: str, phone: str, **changes: Any) -> Case:
    firm: Enterprise = a_firm(office, name=name)
    db.session.add(Contact(enterprise_id=firm.id, name="店长", phone=phone))
    case = a_case(office, State.IN_PROGRESS, requester=shop, contact_phone="", **changes)
    case.enterprise_id = firm.id
    db.session.commit()
    return case


def offered(office: Office, who: str, words: str) -> dict[str, list[str]]:
    found = queries.suggestions(office.actor(who), read(words), DAY)
    return {group.kind: [line.href for line in group.lines] for group in found}


MIXED = (
    "东篱 5678",
    "5678 东篱",
    "dongli 5678",
    "dl 5678",
    "东篱 5678 租金",
    "东篱 房租",
    "东篱 漏雨 5678",
    "面馆 急件 5678",
)


def test_a_name_and_the_end_of_a_phone_and_the_type_lead_to_the_case(office: Office) -> None:
    asked = a_case_of_a_firm(
        office, shop="何老板", name="江城市东篱面馆", phone="13900005678", kind="rent", title="门口漏雨"
    )
    tags.add(asked, "急件", actor=office.actor("officer"), now=NOW)
    a_case_of_a_firm(office, shop="赖老板", name="东篱药房", phone="13900001111", title="另一件漏雨")
    a_case_of_a_firm(office, shop="姚老板", name="北川书店", phone="13900115678", kind="rent", title="又一件漏雨")
    for words in MIXED:
        assert finds(office, "officer", words)["spread"] == ["门口漏雨"], words
        assert finds(office, "desk_b", words) == finds(office, "officer3", words) == {}, words
        if "5678" in words:
            assert offered(office, "officer", words)["spread"] == [f"/cases/{asked.number}"], words


def test_what_is_not_held_by_the_same_subject_is_not_found(office: Office) -> None:
    a_case_of_a_firm(office, shop="何老板", name="东篱面馆", phone="13900005678")
    a_case_of_a_firm(office, shop="姚老板", name="北川书店", phone="13900001111")
    for words in ("北川 5678", "dongli 1111", "东篱 北川"):
        found = finds(office, "officer", words)
        assert "spread" not in found, words
        assert "firm" not in found, words
    assert finds(office, "officer", "东篱面馆 5678")["firm"] == ["东篱面馆"]


def test_the_phone_of_a_firm_leads_nowhere_for_whom_it_is_not_told(office: Office) -> None:
    case = a_case_of_a_firm(office, shop="何老板", name="东篱面馆", phone="13900005678", title="漏雨")
    take(office, case, "assign", support=[office.people["helper"].id])
    service.add_note(case, "暗账在楼上", actor=office.actor("officer"), now=NOW)
    assert "spread" not in finds(office, "helper", "漏雨 5678")
    assert "spread" not in finds(office, "helper", "东篱 暗账")
    assert finds(office, "officer", "东篱 暗账")["spread"] == ["漏雨"]


def test_the_list_of_cases_finds_what_the_page_of_finds_leads_to(office: Office, as_: Any) -> None:
    case = a_case_of_a_firm(office, shop="何老板", name="江城市东篱面馆", phone="13900005678", title="门口漏雨")
    page = as_("officer").get("/cases", query_string={"q": "dl 5678", "scope": "all"}).get_data(as_text=True)
    assert case.number in page
    page = as_("officer").get("/search", query_string={"q": "dl 5678"}).get_data(as_text=True)
    assert "<mark>东篱</mark>面馆" in page
    assert "139****<mark>5678</mark>" in page
    assert "13900005678" not in page


def test_a_requester_without_a_firm_is_found_by_letters_from_the_middle_of_the_name(office: Office) -> None:
    a_case(office, title="缺口罩", requester="大悦南贤单记面馆")
    for words in ("nx", "nanxian", "NanXian", "shanji", "sjmg"):
        assert finds(office, "desk", words)["case"] == ["缺口罩"], words
    assert "case" not in finds(office, "desk", "anxian")
    assert spelled("KN95") == ""


@pytest.mark.parametrize(
    ("name", "word", "hit"),
    [
        ("大悦南贤面馆", "nx", "南贤"),
        ("大悦南贤面馆", "nanxi", "南贤"),
        ("曾氏粥铺", "zengsh", "曾氏"),
        ("大悦", "nx", ""),
    ],
)
def test_the_characters_that_were_spelled_are_marked(name: str, word: str, hit: str) -> None:
    assert "".join(text for text, marks in named(name, [word]) if marks) == hit


def test_counterparties_are_found_in_ones_districts_by_who_may_read_the_log(office: Office) -> None:
    a_deal(office, name="鸿聚物业租赁部")
    for words in ("鸿聚", "罗启元", "hjwy", "wuye", "物业 罗启元"):
        assert finds(office, "officer", words)["party"] == ["鸿聚物业租赁部"], words
        assert offered(office, "desk", words)["party"], words
    for who in ("desk_b", "helper", "sysadmin", "auditor"):
        assert "party" not in finds(office, who, "鸿聚"), who
        assert "party" not in offered(office, who, "鸿聚"), who


def test_supervision_orders_are_found_by_whom_they_concern(office: Office) -> None:
    order = an_order(office, title="鹿鸣口罩迟迟不到", demands="三日内供货到位")
    for who in ("regulator", "lead", "officer", "district_admin"):
        for words in ("鹿鸣", "供货到位", order.number):
            assert finds(office, who, words)["order"] == ["鹿鸣口罩迟迟不到"], (who, words)
        assert offered(office, who, "鹿鸣")["order"] == [f"/orders/{order.id}"]
    for who in ("desk_b", "lead2", "officer3", "helper", "sysadmin"):
        assert "order" not in finds(office, who, "鹿鸣"), who
        assert "order" not in offered(office, who, "鹿鸣"), who


def test_tags_are_found_and_counted_as_far_as_ones_cases_bear_them(office: Office) -> None:
    ours, theirs = a_case(office, State.IN_PROGRESS), a_case(office, State.ACCEPTED, area="8801002001")
    take(office, theirs, "dispatch", unit=office.units["team2"].id, officer=office.people["officer3"].id)
    tags.add(ours, "春茶季", actor=office.actor("lead"), now=NOW)
    tags.add(theirs, "春茶季", actor=office.actor("lead2"), now=NOW)
    db.session.commit()
    counts = {"desk": 2, "lead": 1, "lead2": 1}
    for who, count in counts.items():
        [tag] = [one for one in queries.everything(office.actor(who), read("春茶"), DAY) if one.kind == "tag"]
        assert [part.values["count"] for part in tag.lines[0].about] == [count], who
        assert tag.lines[0].href.startswith("/cases?tag="), who
        assert offered(office, who, "春茶")["tag"] == [tag.lines[0].href], who
    assert "tag" not in finds(office, "desk_b", "春茶")


def test_a_tag_that_one_may_see_is_not_crowded_out_by_those_of_other_cases(office: Office) -> None:
    ours, theirs = a_case(office, State.IN_PROGRESS), a_case(office, State.ACCEPTED, area="8801002001")
    take(office, theirs, "dispatch", unit=office.units["team2"].id, officer=office.people["officer3"].id)
    tags.add(ours, "茶季收尾", actor=office.actor("lead"), now=NOW)
    unseen = [{"word": f"茶季{n:03d}", "case_id": theirs.id} for n in range(MOST + 1)]
    values = {"district_id": theirs.district_id, "by_id": office.people["lead2"].id, "at": NOW}
    db.session.execute(sa.insert(CaseTag), [{**one, **values} for one in unseen])
    db.session.commit()
    for narrow in (texts.NARROW, 0):  # by the few cases of one's own, or by the districts of many
        group = together.tagged(Reader(office.actor("lead"), narrow), read("茶季"), shown=5)
        assert group is not None
        assert [line.href for line in group.lines] == [f"/cases?tag={quote('茶季收尾')}&scope=all"]
        many = together.tagged(Reader(office.actor("desk"), narrow), read("茶季"), shown=5)
        assert many is not None
        assert many.count == MOST


def test_templates_are_found_by_name_and_code_by_those_who_may_read_them(office: Office) -> None:
    template, _ = a_template(office)
    db.session.commit()
    word = template.zh[:2]
    for words in (word, template.code):
        assert template.zh in finds(office, "officer", words)["template"], words
    assert offered(office, "officer", word)["template"] == [f"/templates/{template.code}"]
    assert "template" not in finds(office, "sysadmin", word)
    assert "template" not in finds(office, "desk_b", word), "a draft of another district"


@BOTH_WAYS
@pytest.mark.parametrize("best", [False, True])
def test_pages_follow_to_the_last_and_the_last_leads_nowhere(office: Office, narrow: int, best: bool) -> None:
    cases = [a_case(office, title=f"租金{'租金' * (number % 3)}第{number}件") for number in range(45)]
    db.session.commit()
    reader, seen, sizes, after = Reader(office.actor("desk"), narrow), list[int](), list[int](), None
    while True:
        found = texts.group(reader, read("租金"), "case", shown=texts.PAGE, best=best, after=after)
        seen += [line.key for line in found.lines]
        sizes.append(len(found.lines))
        after = found.after
        if after is None:
            break
    assert sizes == [20, 20, 5]
    assert sorted(seen) == sorted(case.id for case in cases), "each once"
    assert (seen == sorted(seen, reverse=True)) is not best


def test_best_first_says_what_it_leaves_out(office: Office, as_: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "RANKED", 3)  # a limit, not a part of ours
    for number in range(4):
        a_case(office, title=f"租金第{number}件")
    db.session.commit()
    said = "只排最近的 1000 条"
    assert said in as_("desk").get("/search?q=租金&sort=best").get_data(as_text=True)
    assert said not in as_("desk").get("/search?q=租金").get_data(as_text=True)
    assert said not in as_("desk").get("/search?q=第2件&sort=best").get_data(as_text=True)


def test_what_was_there_before_the_upgrade_is_brought_in(office: Office) -> None:
    a_deal(office, name="鸿聚物业租赁部")
    an_order(office, title="鹿鸣口罩迟迟不到")
    db.session.execute(sa.delete(SearchDoc).where(SearchDoc.kind.in_(["party", "order"])))
    db.session.commit()
    assert finds(office, "officer", "鸿聚").keys().isdisjoint({"party"})
    backlog.begin_again()
    db.session.commit()
    for what in backlog.STEPS:
        while backlog.portion(what):
            pass
    assert finds(office, "officer", "鸿聚")["party"] == ["鸿聚物业租赁部"]
    assert finds(office, "officer", "鹿鸣")["order"] == ["鹿鸣口罩迟迟不到"]
