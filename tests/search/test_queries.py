"""Each group finds what it promises, and nothing of those whom one may not know of: not a row, not a count."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from casework.cases import service
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.enterprises import service as enterprises
from casework.enterprises.models import Contact
from casework.kernel import search
from casework.kernel.db import db
from casework.kernel.errors import TooMany
from casework.kernel.time import local_day
from casework.search import limits, queries, texts
from casework.search.groups import Group
from casework.search.rules import read
from casework.search.texts import Reader
from tests.factories import NOW, Office, a_case, a_draft, a_file, a_firm, take

DAY = local_day(NOW)
# Both ways to the texts: of few cases one by one, and of many by the index.
BOTH_WAYS = pytest.mark.parametrize("narrow", [texts.NARROW, -1], ids=["by the place", "by the word"])


def finds(office: Office, who: str, words: str, **how: Any) -> dict[str, list[str]]:
    """The titles that somebody finds, by kind."""
    db.session.commit()
    found = queries.everything(office.actor(who), read(words), DAY, **how)
    return {group.kind: ["".join(text for text, _ in line.title) for line in group.lines] for group in found}


def one(office: Office, who: str, words: str, kind: str, narrow: int = texts.NARROW, **how: Any) -> Group:
    db.session.commit()
    return texts.group(Reader(office.actor(who), narrow), read(words), kind, shown=20, **how)


@BOTH_WAYS
def test_nobody_finds_counts_or_is_offered_what_they_may_not_know_of(office: Office, narrow: int) -> None:
    """Two districts, two teams: the same words stand on both sides."""
    ours = a_case(office, State.IN_PROGRESS, title="甲队凤凰台租金", text="凤凰台一号", requester="凤凰台甲店")
    theirs = a_case(office, State.ACCEPTED, title="乙队凤凰台租金", area="8801002001", requester="凤凰台乙店")
    take(office, theirs, "dispatch", unit=office.units["team2"].id, officer=office.people["officer3"].id)
    far = service.submit(
        draft=a_draft(office, title="望山凤凰台租金", area="8802001"), actor=office.actor("desk_b"), now=NOW
    )
    for case, by in ((ours, "officer"), (theirs, "lead2"), (far, "desk_b")):
        service.add_note(case, "凤凰台的房东来过", actor=office.actor(by), now=NOW)
    a_firm(office, name="凤凰台甲店")
    there = enterprises.Draft(name="凤凰台远店", area=office.areas["8802001"])
    enterprises.add_enterprise(there, actor=office.actor("desk_b"), now=NOW)
    seen = {
        "officer": {"甲队凤凰台租金"},
        "officer3": {"乙队凤凰台租金"},
        "desk": {"甲队凤凰台租金", "乙队凤凰台租金"},
        "area_leader": {"甲队凤凰台租金"},
        "desk_b": {"望山凤凰台租金"},
        "sysadmin": set(),
        "auditor": set(),
    }
    for who, titles in seen.items():
        found = finds(office, who, "凤凰台", narrow=narrow)
        assert set(found.get("case", ())) == set(found.get("entry", ())) == titles, who
        assert one(office, who, "凤凰台", "entry", narrow=narrow).count == len(titles), who
        offered = queries.suggestions(office.actor(who), read("凤凰台"), DAY)
        assert {line.href for group in offered if group.kind == "case" for line in group.lines} == {
            f"/cases/{case.number}" for case in (ours, theirs, far) if case.title in titles
        }
    a_firm(office, name="凤凰台邻店", area="8801002001")
    assert set(finds(office, "desk", "凤凰台")["firm"]) == {"凤凰台甲店", "凤凰台邻店"}
    near = queries.enterprises(office.actor("officer"), read("凤凰台"))
    assert near is not None
    assert (near.count, near.every, [line.title for line in near.lines]) == (
        1,
        "",
        [[("凤凰台", True), ("甲店", False)]],
    )
    assert finds(office, "desk_b", "fht")["firm"] == ["凤凰台远店"]
    assert "firm" not in finds(office, "sysadmin", "凤凰台")


@BOTH_WAYS
def test_a_helper_finds_the_case_but_neither_its_story_nor_its_files(office: Office, narrow: int) -> None:
    case = a_case(office, State.IN_PROGRESS, title="白鹭洲送餐")
    take(office, case, "assign", support=[office.people["helper"].id])
    service.add_note(case, "白鹭洲的暗账", actor=office.actor("officer"), now=NOW)
    assert finds(office, "helper", "白鹭洲", narrow=narrow) == {"case": ["白鹭洲送餐"]}
    assert finds(office, "helper", "暗账", narrow=narrow) == finds(office, "helper", "白鹭洲 暗账", narrow=narrow) == {}
    assert finds(office, "officer", "白鹭洲 暗账", narrow=narrow)["entry"] == ["白鹭洲送餐"]


@BOTH_WAYS
def test_words_of_any_length_are_found_newest_first_and_page_by_page(office: Office, narrow: int) -> None:
    cases = [
        a_case(office, title=f"第{number}批 KN95 租金", now=NOW + timedelta(minutes=number)) for number in range(25)
    ]
    for words in ("租", "租金", "kn95租金", "KN9", "批 租金", "第24批"):
        assert one(office, "desk", words, "case", narrow=narrow).lines[0].key == cases[24].id, words
    first = one(office, "desk", "租金", "case", narrow=narrow)
    second = one(office, "desk", "租金", "case", after=first.after, narrow=narrow)
    assert [line.key for line in (*first.lines, *second.lines)] == [case.id for case in reversed(cases)]
    assert second.after is None
    assert first.count_text == "25"
    assert one(office, "desk", "金租", "case", narrow=narrow).lines == []


def test_one_character_offers_cases_that_hold_it_and_firms_that_begin_with_it(office: Office) -> None:
    case = a_case(office, title="缺消毒鹤嘴壶")
    firm = a_firm(office, name="鹤山药房")
    a_firm(office, name="白鹤药房")
    db.session.commit()
    offered = queries.suggestions(office.actor("desk"), read("鹤"), DAY)
    assert {group.kind: [line.href for line in group.lines] for group in offered} == {
        "firm": [f"/enterprises/{firm.id}"],
        "case": [f"/cases/{case.number}"],
    }


def test_a_case_that_is_found_by_where_it_is_or_whom_to_call_says_so(office: Office) -> None:
    a_case(office, title="缺体温枪", place="鹭岛路 8 号后门", contact_name="柏南")
    for words in ("鹭岛路", "柏南"):
        (line,) = one(office, "desk", words, "case").lines
        assert [text for part in line.about[3:] for text, hit in part if hit] == [words]
    assert len(one(office, "desk", "体温枪", "case").lines[0].about) == 3


def test_a_firm_that_is_no_longer_in_business_says_so_and_stands_behind_the_others(office: Office) -> None:
    open_one, shut = (a_firm(office, name=f"凤凰台{name}店") for name in ("甲", "乙"))
    shut.active = False
    db.session.commit()
    [found] = [group for group in queries.everything(office.actor("desk"), read("凤凰台"), DAY) if group.kind == "firm"]
    assert [line.key for line in found.lines] == [open_one.id, shut.id]
    assert ["已停业" in str(line.about) for line in found.lines] == [False, True]
    offered = next(
        group for group in queries.suggestions(office.actor("desk"), read("凤凰台"), DAY) if group.kind == "firm"
    )
    assert offered.lines[0].key == open_one.id


def test_the_best_stand_first_where_that_is_asked(office: Office) -> None:
    named = a_case(office, title="消杀用品短缺", text="两家店都缺消杀用品。")
    a_case(office, title="另一件事", text="门口排队。" * 40 + "顺便问消杀用品。")
    assert finds(office, "desk", "消杀用品")["case"] == ["另一件事", "消杀用品短缺"]
    assert one(office, "desk", "消杀用品", "case", best=True).lines[0].key == named.id


def test_words_that_stand_in_different_texts_of_a_case_lead_to_it(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS, title="鹿鸣里停电")
    service.add_note(case, "供电所答应抢修", actor=office.actor("officer"), now=NOW)
    assert finds(office, "desk", "鹿鸣里 抢修") == {"spread": ["鹿鸣里停电"]}


def test_numbers_codes_and_the_end_of_a_phone_stand_on_top_masked(office: Office) -> None:
    case = a_case(office, contact_phone="13812347788", contact_name="何秀芝")
    firm = a_firm(office, name="光明面馆")
    db.session.add(Contact(enterprise_id=firm.id, name="曾国强", duty="店长", phone="13900007788"))
    sequence = str(int(case.number.rsplit("-", 1)[1]))
    for words in (case.number, case.code.lower(), sequence, case.number[-9:-2]):
        assert finds(office, "desk", words)["exact"] == [case.title], words
    db.session.commit()
    phone = queries.by_phone(office.actor("desk"), read("7788"))
    assert phone is not None
    assert [line.about[0] for line in phone.lines] == ["何秀芝 138****7788", "曾国强 139****7788"]
    assert finds(office, "desk", "138-1234-7788")["phone"] == [case.title]
    for who in ("desk_b", "officer3", "sysadmin"):
        assert "phone" not in finds(office, who, "7788"), who
        assert "exact" not in finds(office, who, case.code), who


def test_people_places_and_templates_are_found_by_those_who_may_see_them(office: Office) -> None:
    office.people["officer2"].name = "曾明轩"
    assert finds(office, "district_admin", "zmx")["person"] == finds(office, "lead", "zengming")["person"] == ["曾明轩"]
    assert "person" not in finds(office, "officer", "曾明轩")
    assert "person" not in finds(office, "lead2", "曾明轩")
    assert finds(office, "officer", "nxsq")["area"] == ["南贤社区"]
    assert "area" not in finds(office, "desk_b", "nxsq")


def test_a_file_is_found_by_its_name_by_those_who_may_open_it(office: Office) -> None:
    from casework.files import service as files

    case = a_case(office, State.IN_PROGRESS)
    file = a_file(case)
    file.name = "梧桐路租赁合同.png"
    files.make_findable(file)
    assert finds(office, "officer", "租赁合同")["file"] == ["梧桐路租赁合同.png"]
    assert finds(office, "officer3", "租赁合同") == {}


def test_what_is_corrected_is_found_as_it_stands_now(office: Office) -> None:
    from casework.cases import editing

    case = a_case(office, title="青石巷漏水", contact_phone="13812340001")
    editing.correct(
        case,
        {"title": "白石巷漏水", "contact_phone": "13812340002"},
        reason="写错",
        actor=office.actor("desk"),
        now=NOW,
    )
    assert finds(office, "desk", "青石巷") == {}
    assert finds(office, "desk", "白石巷")["case"] == ["白石巷漏水"]
    assert "phone" not in finds(office, "desk", "0001")
    assert finds(office, "desk", "0002")["phone"] == ["白石巷漏水"]


def test_a_search_costs_the_same_whatever_it_finds(office: Office, query_count: Any) -> None:
    for number in range(3):
        a_case(office, title=f"柳絮飞{number}")
    db.session.commit()
    actor = office.actor("desk")

    def cost() -> int:
        with query_count() as sent:
            queries.everything(actor, read("柳絮飞"), DAY)
        return int(sent.total)

    few = cost()
    for number in range(30):
        a_case(office, title=f"柳絮飞舞{number}")
    db.session.commit()
    assert cost() == few


# -- the pages


As = Callable[..., FlaskClient]


def test_the_page_marks_hits_escapes_texts_and_hides_phones(office: Office, as_: As) -> None:
    case: Case = a_case(
        office, State.IN_PROGRESS, title="<script>alert(1)</script>鲤鱼门", text="请打13812345678找鲤鱼门老板"
    )
    page = as_("officer").get("/search?q=鲤鱼门").get_data(as_text=True)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<mark>鲤鱼门</mark>" in page
    assert "<script>alert" not in page
    assert "138****5678" in page
    assert "13812345678" not in page
    assert f'href="/cases/{case.number}"' in page
    options = as_("officer").get("/search/suggest?q=鲤鱼").get_data(as_text=True)
    assert 'role="option"' in options
    assert "<script>" not in options


@pytest.mark.parametrize(
    "words", ["", "%", "'\"; DROP TABLE", "AND OR NOT NEAR", '"', "*", ":", "\0", "🙂", "字" * 300]
)
def test_whatever_is_typed_is_answered(office: Office, as_: As, words: str) -> None:
    desk = as_("desk")
    for address in ("/search", "/search/suggest"):
        for more in ({}, {"kind": "entry", "after": "x"}, {"sort": "best", "kind": "nothing"}):
            assert desk.get(address, query_string={"q": words, **more}).status_code == 200


def test_more_than_sixty_searches_a_minute_are_too_many(office: Office, as_: As) -> None:
    desk = as_("desk")
    desk.inspects = False
    answers = [desk.get("/search?q=x").status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]
    assert as_("officer").get("/search?q=x").status_code == 200


def test_the_palette_lists_what_one_may_open_in_both_languages_and_initials(office: Office, as_: As) -> None:
    case = a_case(office, State.IN_PROGRESS, title="鲤鱼门停水")
    officer = as_("officer")
    page = officer.get(f"/go?case={case.number}").get_data(as_text=True)
    assert "/cases/new" in page
    assert "/security" not in page
    assert "鲤鱼门停水" in page
    assert f"/cases/{case.number}/actions/submit_result" in page
    lines = officer.get(f"/go?case={case.number}", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert 'data-find="诉求 cases sq suqiu"' in lines
    assert f"/cases/{case.number}" not in as_("officer3").get(f"/go?case={case.number}").get_data(as_text=True)


@BOTH_WAYS
def test_a_walk_through_documents_found_twice_shows_each_and_ends(office: Office, narrow: int) -> None:
    case = a_case(office, State.IN_PROGRESS)
    files = [a_file(case) for _ in range(7)]
    for no, file in enumerate(files):
        file.name = f"租赁合同{no}.pdf"
        search.put("file", file.id, 0, case.id, file.name)
    for file in files:  # the texts are read later than all of the names were entered
        search.put("file", file.id, texts.PIECES, case.id, "租赁合同的全文")
    db.session.commit()
    seen, after = list[str](), None
    for _ in range(9):
        found = texts.group(
            Reader(office.actor("officer"), narrow), read("租赁合同"), "file", shown=2, most=3, after=after
        )
        seen += ["".join(text for text, _ in line.title) for line in found.lines]
        after = found.after
        if after is None:
            break
    assert after is None
    assert set(seen) == {file.name for file in files}


def test_suggestions_end_when_the_minute_is_used_up_and_come_back_with_the_next(office: Office) -> None:
    who = office.people["officer"].id
    for _ in range(limits.SUGGESTIONS):
        limits.count_suggestion(who, now=NOW)
    refused = 0
    for _ in range(60):
        try:
            limits.count_suggestion(who, now=NOW)
        except TooMany:
            refused += 1
    assert refused >= 40, "at most one score slips through"
    limits.count_suggestion(who, now=NOW + timedelta(minutes=2))
