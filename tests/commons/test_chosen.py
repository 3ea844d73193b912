"""Cases chosen from the list: done for each that can, the others named; taken back where nothing changed since."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from casework.audit.models import Event
from casework.cases import tags
from casework.cases.models import Case
from casework.cases.workflow import Action, State
from casework.commons import chosen, jobs, moving, queries, rules
from casework.commons.models import CommonMove, MoveState
from casework.kernel.db import db, transaction
from casework.kernel.errors import NotFound, NotPermitted, Refused
from casework.supervision import service as urging
from tests.commons.office import results, some_cases
from tests.factories import NOW, Office, a_case, a_posting, signed_in
from tests.harness.statements import Statements

Counter = Callable[[], AbstractContextManager[Statements]]


def done(office: Office, name: str, cases: list[Case], *, by: str = "lead", **answer: object) -> int:
    action, ids, actor = rules.for_chosen(name), [case.id for case in cases], office.actor(by)
    assert action is not None
    with transaction():
        key = moving.ask(None, action, answer, ids, filters={"tag": "x"}, actor=actor, now=NOW).id
    moving.carry_on(key, now=NOW)
    return key


def undone(office: Office, key: int, *, by: str = "lead") -> int:
    actor = office.actor(by)
    with transaction():
        back = moving.undo(db.session.get_one(CommonMove, key), actor=actor, now=NOW).id
    moving.carry_on(back, now=NOW)
    return back


def said(key: int) -> list[tuple[str, str]]:
    return [(status, "；".join(why)) for _, (status, why) in sorted(results(key).items())]


def test_a_tag_is_put_on_many_and_taken_back_where_it_was_new(office: Office) -> None:
    cases = some_cases(office, 3, State.IN_PROGRESS)
    tags.add(cases[0], "口罩", actor=office.actor("lead"), now=NOW)
    db.session.commit()
    key = done(office, "tag", cases, word="口罩")
    assert said(key) == [("refused", "已有这个标签。"), ("done", ""), ("done", "")]
    verbs = list(db.session.scalars(sa.select(Event.verb).where(Event.case_id == cases[1].id).order_by(Event.id)))
    assert verbs[-2:] == ["CaseTagged", "DoneTogether"]
    tags.remove(cases[2], "口罩", actor=office.actor("officer"), now=NOW)
    db.session.commit()
    back = undone(office, key)
    assert said(back) == [("done", ""), ("refused", "没有这个标签。")]
    assert [tags.of_case(case.id) for case in cases] == [["口罩"], [], []], "what stood there before stays"
    with pytest.raises(Refused, match="nothing to take back"):
        undone(office, key)
    with pytest.raises(Refused, match="cannot be taken back"):
        undone(office, back)


def test_a_lead_officer_is_given_many_and_what_nobody_changed_since_goes_back(office: Office) -> None:
    cases = some_cases(office, 2, State.IN_PROGRESS)
    old = office.people["officer"].id
    new = office.people["officer2"].id
    key = done(office, "assign", cases, officer=new, reason="调岗")
    assert said(key) == [("done", ""), ("done", "")]
    assert {db.session.get_one(Case, case.id, populate_existing=True).lead_id for case in cases} == {new}
    third = a_posting(office, "officer3", role="officer", unit="team", area="8801001").user_id
    db.session.commit()
    done(office, "assign", cases[:1], officer=third, reason="调岗")
    back = undone(office, key)
    assert said(back) == [("refused", "之后又换过主办，不动。"), ("done", "")]
    assert [db.session.get_one(Case, case.id, populate_existing=True).lead_id for case in cases] == [third, old]


def test_who_was_urged_lately_is_named_before_and_left(office: Office) -> None:
    cases = some_cases(office, 2, State.IN_PROGRESS)
    urging.urge(cases[0], "快办", actor=office.actor("lead"), now=NOW)
    db.session.commit()
    lines = queries.waiting_of(cases, rules.URGE, office.actor("lead"), NOW)
    assert [(line.case.id, bool(line.why)) for line in lines] == [(cases[1].id, False), (cases[0].id, True)]
    key = done(office, "urge", cases, text="快办")
    assert [status for status, _ in said(key)] == ["refused", "done"]
    with pytest.raises(Refused, match="cannot be taken back"):
        undone(office, key)


def test_doubles_are_merged_into_the_one_that_stays(office: Office) -> None:
    cases = some_cases(office, 3)
    key = done(office, "merge", cases, by="desk", other=cases[1].number, reason="同一件事")
    assert said(key) == [("done", ""), ("done", "")], "the one that stays is not tried"
    db.session.rollback()
    assert [db.session.get_one(Case, one.id, populate_existing=True).state for one in cases] == [
        State.MERGED,
        State.SUBMITTED,
        State.MERGED,
    ]


def test_nobody_does_for_many_what_they_may_not_do_for_one(office: Office) -> None:
    cases = some_cases(office, 2, State.IN_PROGRESS)
    with pytest.raises(NotPermitted):
        done(office, "assign", cases, by="officer", officer=office.people["officer"].id, reason="调岗")
    with pytest.raises(Refused, match="Tick"):
        done(office, "tag", cases, by="officer3", word="口罩")  # another team's
    key = done(office, "tag", cases, word="口罩")
    with pytest.raises(NotFound):
        chosen.own_move(key, office.actor("officer"))
    with pytest.raises(NotPermitted):
        undone(office, key, by="officer")


def test_more_than_fifty_wait_for_the_job(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "AT_ONCE", 1)
    cases = some_cases(office, 2, State.IN_PROGRESS)
    with transaction():
        key = moving.ask(
            None, rules.TAG, {"word": "口罩"}, [case.id for case in cases], actor=office.actor("lead"), now=NOW
        ).id
    assert db.session.get_one(CommonMove, key).status == MoveState.WAITING
    db.session.rollback()
    assert jobs.carry_on_moves(NOW) == 1
    assert said(key) == [("done", ""), ("done", "")]


def test_from_the_list_to_the_preview_to_the_result_and_back(office: Office, client: FlaskClient) -> None:
    cases = some_cases(office, 2, State.IN_PROGRESS)
    closed = a_case(office, State.CLOSED)
    lead = signed_in(client, office.people["lead"])
    assert 'form="choose"' in lead.get("/cases").text
    preview = lead.get("/cases/together?scope=all&whole=1&act=urge")
    assert "选了 3 件：2 件能办，1 件不能" in preview.text
    here, ids = "/cases/together?act=tag", [str(case.id) for case in [*cases, closed]]
    body = {"shown": ",".join(ids), "cases": ids[:2], "word": "很" * 21}
    refused = lead.post(here, data=body)
    assert refused.status_code == 422
    assert f'value="{ids[2]}" checked' not in refused.text, "what was unticked stays so"
    answer = lead.post(here, data={**body, "word": "口罩"})
    assert answer.status_code == 303
    assert "2 件中办成 2 件" in lead.get(answer.location).text
    back = lead.post(f"{answer.location}/undo")
    assert "2 件中办成 2 件" in lead.get(back.location).text
    assert "已撤销" in lead.get(answer.location).text
    assert "还没有勾选" in lead.get("/cases/together?act=tag").text
    export = lead.get(f"/cases/together?act=export&cases={ids[0]}")
    assert export.location == f"/cases/export.xlsx?ids={ids[0]}&scope=all"
    assert lead.get("/cases/together?act=export").location == "/cases", "nothing ticked is not everything"
    assert lead.get("/cases/together?act=dispatch").status_code == 404


@pytest.mark.parametrize("action", rules.CHOSEN, ids=lambda action: action.name)
def test_looking_at_many_before_costs_no_more_queries_than_at_few(
    office: Office, query_count: Counter, action: Action
) -> None:
    cases, lead = some_cases(office, 6, State.IN_PROGRESS), office.actor("lead")

    def cost(count: int) -> int:
        db.session.rollback()
        with query_count() as sent:
            assert len(queries.waiting_of(chosen.cases_of(keys[:count], lead), action, lead, NOW)) == count
        return len(sent)

    keys = [case.id for case in cases]
    db.session.commit()
    assert cost(2) == cost(6)
