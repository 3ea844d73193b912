"""The case list: filters, order, paging by key, counts, and the text filter against a scan."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from casework.cases import lists, queries, service
from casework.cases.lists import Filters, read_filters
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.time import at_local
from tests.factories import NOW, Office, a_case, a_draft, a_firm, take
from tests.harness.statements import Statements

Counter = Callable[[], AbstractContextManager[Statements]]
EVERYTHING = Filters(scope="all")


def found(office: Office, filters: Filters, by: str = "desk", now: Any = NOW) -> list[str]:
    return [row.number for row in lists.cases(office.actor(by), filters, None, now=now).rows]


def walk(office: Office, filters: Filters, size: int, between: Callable[[], object] = lambda: None) -> list[int]:
    seen, cursor = [], None
    while True:
        page = lists.cases(office.actor("desk"), filters, cursor, now=NOW, size=size)
        seen += [row.id for row in page.rows]
        if page.after is None:
            return seen
        cursor = page.after
        between()


def many(office: Office, count: int) -> list[Case]:
    """Submitted cases, three a minute, so that due times repeat."""
    cases = [
        service.submit(draft=a_draft(office), actor=office.actor("desk"), now=NOW + timedelta(minutes=number // 3))
        for number in range(count)
    ]
    db.session.commit()
    return cases


def test_each_filter_finds_its_own(office: Office) -> None:
    firm = a_firm(office)
    work = a_case(office, State.IN_PROGRESS)
    fresh = a_case(office, kind="shipping", area="8801002001", enterprise_id=firm.id, now=NOW - timedelta(days=8))
    closed = a_case(office, State.CLOSED)
    team, officer = office.units["team"].id, office.people["officer"].id
    wanted = {
        Filters(): {work, fresh},
        EVERYTHING: {work, fresh, closed},
        Filters(state="closed"): {closed},
        Filters(state="in_progress"): {work},
        Filters(type=fresh.type_id): {fresh},
        Filters(area=office.areas["8801002"].id): {fresh},
        Filters(area=office.areas["8801001001"].id): {work},
        Filters(area=office.areas["88"].id): {work, fresh},
        Filters(area=987_654): set(),
        Filters(unit=team): {work},
        Filters(unit=team, scope="all"): {work, closed},
        Filters(officer=officer): {work},
        Filters(enterprise=firm.id): {fresh},
        Filters(age="7"): {fresh},
        Filters(due="late"): {fresh},
        Filters(due="today"): {work},
        Filters(due="paused"): set(),
    }
    for filters, cases in wanted.items():
        assert set(found(office, filters)) == {case.number for case in cases}, filters
    take(office, work, "contact")
    take(office, work, "wait")
    db.session.flush()
    assert found(office, Filters(state="waiting")) == [work.number]


def test_a_paused_case_is_found_as_paused(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    for step in ("contact", "park"):
        take(office, case, step)
    queried = found(office, Filters(due="paused"))
    assert queried in ([case.number], [])  # the review date may be what is due next
    assert case.next_clock == "parked"


def test_what_is_due_first_stands_first_and_the_newest_first_on_request(office: Office) -> None:
    late = a_case(office, now=NOW - timedelta(days=3))
    new = a_case(office)
    urgent = a_case(office, urgent=True)
    assert found(office, Filters()) == [late.number, urgent.number, new.number]
    assert found(office, Filters(sort="new")) == [urgent.number, new.number, late.number]
    assert found(office, EVERYTHING) == [urgent.number, new.number, late.number]


def test_nobody_finds_what_is_not_theirs(office: Office) -> None:
    mine, theirs = a_case(office, State.IN_PROGRESS), a_case(office, area="8801002001")
    assert found(office, EVERYTHING, by="officer") == [mine.number]
    assert found(office, Filters(area=theirs.area_id), by="officer") == []
    assert found(office, Filters(q=theirs.number), by="officer") == []
    assert found(office, Filters(q="口罩"), by="desk_b") == []
    assert lists.count(office.actor("officer"), EVERYTHING, now=NOW) == 1


@pytest.mark.parametrize("filters", [Filters(), Filters(sort="new")])
def test_paging_walks_every_case_once_while_cases_are_added(office: Office, filters: Filters) -> None:
    there = {case.id for case in many(office, 20)}
    extra: list[Case] = []
    seen = walk(office, filters, 3, between=lambda: extra.extend(many(office, 1)))
    assert len(seen) == len(set(seen))
    assert there <= set(seen)


def test_paging_passes_from_running_clocks_to_those_that_rest(office: Office) -> None:
    cases = many(office, 12)
    for case in cases[::2]:
        case.next_due_at, case.next_paused = None, True
    db.session.commit()
    seen = walk(office, Filters(), 5)
    assert sorted(seen) == sorted(case.id for case in cases)
    assert seen[6:] == [case.id for case in cases[::2]], "those that rest stand last"


@pytest.mark.parametrize("filters", [Filters(), EVERYTHING], ids=["due", "new"])
def test_walking_back_shows_the_same_pages_in_the_same_order(
    office: Office, filters: Filters, query_count: Counter
) -> None:
    for case in many(office, 17)[::3]:
        case.next_due_at, case.next_paused = None, True
    db.session.commit()
    actor, onward, at = office.actor("desk"), [], paging.FIRST
    while True:
        page = lists.cases(actor, filters, at.after, now=NOW, size=5)
        onward.append([row.id for row in page.rows])
        if page.after is None:
            break
        at = paging.At(page.after)
    back = [onward[-1]]
    while page.before:
        with query_count() as sent:
            page = lists.cases(actor, filters, None, before=page.before, now=NOW, size=5)
        assert len(sent) <= 2, "one, and one more where the beginning is reached"
        assert page.after
        back.append([row.id for row in page.rows])
    assert back[::-1] == onward
    assert page.first


def test_what_came_meanwhile_shows_when_one_walks_back_to_the_beginning(office: Office) -> None:
    many(office, 8)
    actor = office.actor("desk")
    second = lists.cases(
        actor, EVERYTHING, lists.cases(actor, EVERYTHING, None, now=NOW, size=5).after, now=NOW, size=5
    )
    new = [case.id for case in many(office, 2)]
    assert second.before
    page = lists.cases(actor, EVERYTHING, None, before=second.before, now=NOW, size=5)
    assert not page.first, "two new ones stand before it"
    begin = lists.cases(actor, EVERYTHING, None, before=page.before, now=NOW, size=5)
    assert [row.id for row in begin.rows][:2] == new[::-1]
    assert begin.first


def test_the_count_stops_at_a_thousand(office: Office) -> None:
    case = a_case(office)
    row = {column.name: getattr(case, column.name) for column in Case.__table__.columns if column.name != "id"}
    for name in ("waiting", "extension", "result"):
        row[name] = sa.null()
    copies = [{**row, "number": f"X-{number}", "code": f"X{number:011d}"} for number in range(1000)]
    db.session.execute(sa.insert(Case), copies)
    assert lists.count(office.actor("desk"), Filters(), now=NOW) == 1001
    assert paging.count_text(1001) == "1,000+"
    assert paging.count_text(1000) == "1,000"


def test_the_list_costs_the_same_few_queries_for_any_number_of_rows(office: Office, query_count: Counter) -> None:
    def cost() -> int:
        db.session.expire_all()
        with query_count() as sent:
            lists.cases(actor, Filters(), None, now=NOW)
        return len(sent)

    many(office, 2)
    actor = office.actor("desk")
    cost()  # the calendar is read once a minute
    few = cost()
    many(office, 40)
    assert (few, cost()) == (1, 1)


# -- the text filter

TEXTS = (
    ("口罩紧缺", "防疫物资没有到货，员工没法上岗", "临江冷鲜食品有限公司"),
    ("房东要涨租", "租金三成，N95 也没有", "阿芝热干面馆"),
    ("冷链车进不了园", "门岗不认通行证", "顺达快递服务部"),
)


@pytest.fixture
def texts(office: Office) -> list[Case]:
    cases = [a_case(office, title=title, text=text, requester=firm) for title, text, firm in TEXTS]
    service.add_note(cases[0], "已联系供应商加急发货", actor=office.actor("desk"), now=NOW)
    take(office, cases[1], "supplement", reason="缺营业执照复印件")
    db.session.commit()
    return cases


def test_two_characters_find_what_reading_everything_finds(office: Office, texts: list[Case]) -> None:
    whole = {
        case.number: "\n".join([*words, {0: "已联系供应商加急发货", 1: "缺营业执照复印件"}.get(index, "")])
        for index, (case, words) in enumerate(zip(texts, TEXTS, strict=True))
    }
    pairs = {text[at : at + 2] for words in whole.values() for text in words.split() for at in range(len(text) - 1)}
    han = [pair for pair in sorted(pairs) if all("一" <= character <= "鿿" for character in pair)]
    assert len(han) > 40
    for pair in [*han, "没人", "收租"]:
        scanned = {number for number, words in whole.items() if pair in words}
        assert set(found(office, replace(EVERYTHING, q=pair))) == scanned, pair


@pytest.mark.parametrize(("words", "index"), [("n95", 1), ("租金 面馆", 1), ("冷链", 2), ("加急", 0), ("营业执照", 1)])
def test_words_are_looked_for_in_title_text_requester_and_notes(
    office: Office, texts: list[Case], words: str, index: int
) -> None:
    assert found(office, Filters(q=words)) == [texts[index].number]


def test_a_number_opens_its_case_whole_or_by_its_end(office: Office, texts: list[Case]) -> None:
    assert found(office, Filters(q=texts[1].number)) == [texts[1].number]
    assert found(office, Filters(q="000002")) == [texts[1].number]


def test_a_corrected_text_is_found_by_its_new_words_only(office: Office, texts: list[Case]) -> None:
    from casework.cases import editing

    editing.correct(texts[0], {"title": "消毒水紧缺"}, reason="写错", actor=office.actor("desk"), now=NOW)
    assert found(office, Filters(q="消毒")) == [texts[0].number]
    assert found(office, Filters(q="口罩")) == []


# -- what an address bar may hold

ODD = ["", "0", "-1", "²", "٣", "9" * 15, "9" * 30, "1.5", "abc", "' OR 1=1 --", "\x00", "\ud83d", "%", "null", "《》"]


@pytest.mark.parametrize("value", ODD)
def test_an_odd_filter_is_left_out_or_finds_nothing(office: Office, value: str) -> None:
    a_case(office)
    for name in ("q", "state", "type", "area", "unit", "officer", "enterprise", "age", "due", "sort", "scope"):
        filters = read_filters({name: value})
        assert len(found(office, filters)) <= 1
        assert lists.count(office.actor("desk"), filters, now=NOW) <= 1


CURSORS = [
    "",
    "x",
    "é",
    "=",
    "A" * 500,
    "bnVsbA",
    paging.encode([None]),
    paging.encode([None, None]),
    paging.encode(["a", "b"]),
    paging.encode([2**70]),
    paging.encode([1.5, 1]),
    paging.encode(["0001-01-01T00:00:00+14:00", 1]),
    paging.encode(["9999-12-31T23:59:59-14:00", 1]),
    paging.encode(["2020-01-01T00:00:00", 1]),
    paging.encode([{}, []]),
    paging.encode([at_local(date(2020, 1, 1)), True]),
    paging.encode([1, 2, 3]),
]


@pytest.mark.parametrize("cursor", CURSORS)
@pytest.mark.parametrize("filters", [Filters(), EVERYTHING], ids=["due", "new"])
def test_a_cursor_that_is_not_ours_breaks_nothing(office: Office, cursor: str, filters: Filters) -> None:
    a_case(office)
    assert len(lists.cases(office.actor("desk"), filters, cursor, now=NOW).rows) <= 1
    assert len(lists.cases(office.actor("desk"), filters, None, before=cursor, now=NOW).rows) <= 1


def test_the_filters_come_back_as_the_address_they_came_from() -> None:
    args = {"q": "口罩", "state": "waiting", "type": "3", "sort": "new", "scope": "all", "age": "7", "due": "late"}
    assert read_filters(args).as_query() == args
    assert read_filters({}).as_query() == {}


def test_an_unknown_case_and_one_out_of_scope_are_told_alike(office: Office) -> None:
    from casework.kernel.errors import NotFound

    case = a_case(office)
    for number in (case.number, "8801-2020-999999", "nonsense"):
        with pytest.raises(NotFound):
            queries.visible_case(number, to=office.actor("officer3"))
