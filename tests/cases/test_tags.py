"""Tags: short words on a case, on its story, in the list, its address, saved views and what is taken out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask.testing import FlaskClient

from casework.audit import queries as audit_queries
from casework.cases import lists, tags
from casework.cases.lists import Filters, read_filters
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.errors import NotPermitted, Refused
from casework.ledgers import taking_out
from tests.factories import NOW, Office, a_case, signed_in
from tests.harness.statements import Statements

Counter = Callable[[], AbstractContextManager[Statements]]


def put(office: Office, case: Case, *words: str, by: str = "lead") -> None:
    for word in words:
        tags.add(case, word, actor=office.actor(by), now=NOW)
    db.session.commit()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("　口罩 ", "口罩"), ("#口罩", "口罩"), ("Ｎ９５　 口罩", "N95 口罩"), ("口\0罩\t", "口 罩"), ("＃", "")],
)
def test_a_word_is_kept_in_one_way_of_writing(typed: str, kept: str) -> None:
    assert tags.cleaned(typed) == kept


def test_a_tag_is_put_on_once_and_taken_off_and_both_stand_on_the_story(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    before = (case.version, case.last_at, case.last_verb)
    put(office, case, "口罩")
    with pytest.raises(Refused, match="already"):
        put(office, case, "＃口罩")
    tags.remove(case, "口罩", actor=office.actor("officer"), now=NOW)
    with pytest.raises(Refused, match="does not have"):
        tags.remove(case, "口罩", actor=office.actor("officer"), now=NOW)
    db.session.commit()
    assert tags.of_case(case.id) == []
    assert [entry.verb for entry in audit_queries.timeline(case.id, limit=2)] == ["CaseUntagged", "CaseTagged"]
    assert (case.version, case.last_at, case.last_verb) == before, "a tag is no progress and conflicts with nobody"


@pytest.mark.parametrize(("word", "said"), [(" ", "write a short word"), ("口" * 21, "shorten it")])
def test_no_word_and_too_long_a_word_are_refused(office: Office, word: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        put(office, a_case(office), word, by="desk")


def test_a_case_has_ten_tags_at_most(office: Office) -> None:
    case = a_case(office)
    put(office, case, *(f"词{n}" for n in range(tags.MOST)), by="desk")
    with pytest.raises(Refused, match="take one off first"):
        put(office, case, "再一个", by="desk")


def test_only_who_works_on_a_case_or_answers_for_it_tags_it(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    for name in ("officer3", "lead2", "desk_b", "helper", "secadmin"):
        with pytest.raises(NotPermitted):
            put(office, case, name, by=name)
    put(office, case, "督办", by="area_leader")


def test_the_list_finds_by_tag_shows_tags_and_offers_the_words_of_the_district(
    office: Office, query_count: Counter
) -> None:
    cases = [a_case(office, State.IN_PROGRESS) for _ in range(3)]
    put(office, cases[0], "口罩", "急")
    put(office, cases[1], "口罩")
    lead = office.actor("lead")
    with query_count() as seen:
        rows = lists.cases(lead, read_filters({"tag": "＃口罩"}), None, now=NOW).rows
    assert [row.tags for row in rows] == [("口罩", "急"), ("口罩",)]
    assert len(seen) <= 3, seen
    assert tags.vocabulary(office.actor("officer")) == ["口罩", "急"]
    assert tags.vocabulary(office.actor("desk_b")) == [], "each district has its own"
    assert Filters(tag="口罩").as_query() == {"tag": "口罩"}


def test_the_page_puts_a_tag_on_takes_it_off_and_says_what_is_wrong(office: Office, client: FlaskClient) -> None:
    case = a_case(office, State.IN_PROGRESS)
    officer, here = signed_in(client, office.people["officer"]), f"/cases/{case.number}"
    assert officer.post(f"{here}/tags", data={"word": "口罩"}).status_code == 303
    assert 'href="/cases?tag=%E5%8F%A3%E7%BD%A9">口罩</a>' in officer.get(here).text
    assert "口罩" in officer.get("/cases?tag=口罩").text
    wrong = officer.post(f"{here}/tags", data={"word": "很" * 25})
    assert wrong.status_code == 422
    assert "很" * 25 in wrong.text
    assert officer.post(f"{here}/tags/remove", data={"word": "口罩"}).status_code == 303
    assert "put the tag" in officer.get(here).text or "标签“口罩”" in officer.get(here).text


def test_the_ledger_is_taken_out_by_tag(office: Office) -> None:
    put(office, a_case(office, State.IN_PROGRESS), "口罩")
    a_case(office, State.IN_PROGRESS)
    db.session.commit()
    asked = taking_out.Asked(office.actor("lead"), {"tag": "口罩"}, NOW)
    assert taking_out.count(taking_out.LISTS["cases"], asked) == 1
