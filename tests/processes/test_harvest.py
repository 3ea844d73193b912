"""A solved case becomes a first draft: its steps in order, and nobody's name."""

from __future__ import annotations

import json

import pytest

from casework.cases import service as cases
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.errors import NotPermitted
from casework.negotiations import rounds
from casework.processes import harvest
from casework.processes.checker import check
from tests.factories import NOW, Office, a_case, take
from tests.negotiations.deal import a_deal
from tests.negotiations.deal import a_draft as a_round


def test_what_was_done_becomes_the_steps_in_its_order(office: Office) -> None:
    deal = a_deal(office)
    take(office, deal.case, "contact")
    rounds.log_round(deal.case, deal.negotiation, a_round(), actor=office.actor("officer"), now=NOW)
    cases.add_note(deal.case, "何秀芝说业主同意了", actor=office.actor("officer"), now=NOW)
    db.session.commit()
    draft = harvest.harvested(deal.case, actor=office.actor("officer"))
    titles = [step["title"]["zh"] for step in draft["steps"]]
    assert titles == ["企业申报", "核实情况", "上门协调", "办理并记录", "主管部门审核", "企业确认"]
    assert check(draft).errors == []
    assert draft["serves"] == ["rent"]


def test_no_name_number_or_word_of_the_case_comes_along(office: Office) -> None:
    case = a_case(office, State.CLOSED)
    said = json.dumps(harvest.harvested(case, actor=office.actor("officer")), ensure_ascii=False)
    for personal in ("何秀芝", "13900002206", "阿芝热干面馆", "口罩没有到货", "沈砚秋"):
        assert personal not in said


def test_who_may_not_read_the_story_harvests_nothing(office: Office) -> None:
    case = a_case(office, State.CLOSED)
    with pytest.raises(NotPermitted):
        harvest.harvested(case, actor=office.actor("helper"))
