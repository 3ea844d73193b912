"""Moving many cases together: each by itself, what fails leaves the others, and run again it finishes."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image

from casework.audit.models import Event
from casework.audit.queries import timeline
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.commons import jobs, moving, queries, rules, service
from casework.commons.models import CommonMove, MoveState
from casework.files import service as files
from casework.files.models import Attachment
from casework.intake.queries import talk
from casework.kernel import waiting
from casework.kernel.db import db, transaction
from casework.kernel.errors import NotPermitted, Refused
from casework.kernel.time import utcnow
from casework.supervision import queries as queries_of_urging
from casework.supervision import service as urging
from tests.commons.office import an_issue, asked, moved, results, some_cases, the_move
from tests.factories import NOW, Office, a_file, a_posting, take
from tests.harness.statements import Statements
from tests.harness.threads import at_once


def states(cases: list[Case]) -> list[str]:
    db.session.rollback()
    return [db.session.get_one(Case, case.id, populate_existing=True).state for case in cases]


def to_team(office: Office) -> dict[str, int]:
    return {"unit": office.units["team"].id, "officer": office.people["officer"].id}


def test_cases_are_dispatched_together_each_with_an_entry_that_names_the_issue(office: Office) -> None:
    cases = some_cases(office, 3, State.ACCEPTED)
    issue = an_issue(office, cases)
    key = moved(office, issue, "dispatch", cases, **to_team(office))
    assert states(cases) == ["dispatched"] * 3
    assert {status for status, _ in results(key).values()} == {"done"}
    for case in cases:
        last = timeline(case.id, kind=None, before=None, limit=1)[0]
        assert last.verb == "MovedTogether"
        said = last.data
        assert (said["issue"], said["action"], said["count"], said["move"]) == (issue.id, "dispatch", 3, key)


def test_what_cannot_go_is_left_with_its_reason_and_the_others_go(office: Office) -> None:
    cases = [*some_cases(office, 2, State.ACCEPTED), *some_cases(office, 1)]
    issue = an_issue(office, cases)
    ready = queries.preview(issue, rules.together("dispatch"), office.actor("desk"), NOW)  # type: ignore[arg-type]
    assert [bool(line.why) for line in ready] == [False, False, True]
    key = moved(office, issue, "dispatch", cases, **to_team(office))
    assert states(cases) == ["dispatched", "dispatched", "submitted"]
    status, why = results(key)[cases[2].id]
    assert status == "refused"
    assert "已提交" in why[0] or "Submitted" in why[0]


def test_run_again_finishes_what_was_left_and_moves_nothing_twice(office: Office) -> None:
    cases = [*some_cases(office, 2, State.ACCEPTED), *some_cases(office, 1)]
    issue = an_issue(office, cases)
    key = moved(office, issue, "dispatch", cases, **to_team(office))
    take(office, cases[2], "accept")
    db.session.commit()
    with transaction():
        assert moving.again(issue, the_one(key), actor=office.actor("desk"), now=NOW) == 1
    assert moving.carry_on(key, now=NOW)
    assert states(cases) == ["dispatched"] * 3
    entries = sa.select(sa.func.count()).select_from(Event).where(Event.verb == "MovedTogether")
    assert db.session.scalar(entries) == 3
    with pytest.raises(Refused, match="Nothing is left"), transaction():
        moving.again(issue, the_one(key), actor=office.actor("desk"), now=NOW)


def the_one(key: int) -> CommonMove:
    return db.session.get_one(CommonMove, key)


def test_a_move_that_was_cut_off_goes_on_where_it_stopped(office: Office) -> None:
    cases = some_cases(office, 3)
    issue = an_issue(office, cases)
    key = asked(office, issue, "accept", cases)
    moving._step(key, cases[0].id, office.actor("desk"), 3, NOW)  # here the process is killed
    assert states(cases) == ["accepted", "submitted", "submitted"]
    assert waiting.due(CommonMove, utcnow()) == [], "it may still be at work"
    assert jobs.carry_on_moves(utcnow() + timedelta(minutes=5)) == 1
    assert states(cases) == ["accepted"] * 3
    assert the_move(key).status == MoveState.DONE
    entries = sa.select(sa.func.count()).select_from(Event).where(Event.verb == "MovedTogether")
    assert db.session.scalar(entries) == 3


def test_more_than_fifty_wait_for_the_job(office: Office) -> None:
    cases = some_cases(office, 51)
    issue = an_issue(office, cases)
    key = asked(office, issue, "accept", cases)
    assert the_move(key).status == MoveState.WAITING
    assert jobs.carry_on_moves(NOW) == 1
    assert set(states(cases)) == {"accepted"}


def test_each_case_asks_for_the_action_s_own_permission(office: Office) -> None:
    cases = some_cases(office, 2, State.ACCEPTED)
    issue = an_issue(office, cases)
    key = moved(office, issue, "dispatch", cases, by="district_admin", **to_team(office))
    assert {status for status, _ in results(key).values()} == {"refused"}
    with pytest.raises(NotPermitted):
        moved(office, issue, "accept", cases, by="lead2")


def test_a_result_with_its_evidence_is_handed_in_for_all(office: Office) -> None:
    cases = some_cases(office, 2, State.IN_PROGRESS)
    take(office, cases[0], "contact")
    db.session.commit()
    leader = f"{office.units['team'].id}-{office.people['officer'].id}"
    issue = an_issue(office, cases, leader=leader)
    action = rules.together("submit_result")
    assert action is not None
    lines = queries.preview(issue, action, office.actor("officer"), NOW)
    assert [line.case.id for line in lines if not line.why] == [cases[0].id]
    assert lines[0].lacks, "the evidence may come with it"
    image = io.BytesIO()
    Image.new("RGB", (8, 8)).save(image, "PNG")
    image.seek(0)
    [needed] = [item["key"] for item in queries.types_of(cases)[0].evidence if item.get("required")]
    sealed = [files.take_in(image, "签收单.png")]
    answer = {"outcome": "solved", "text": "供货恢复"}
    ids = [case.id for case in cases]
    with transaction():
        key = moving.ask(
            issue, action, answer, ids, sealed=sealed, proves=needed, actor=office.actor("officer"), now=NOW
        ).id
    moving.carry_on(key, now=NOW)
    assert states(cases) == ["under_review", "in_progress"]
    status, why = results(key)[cases[1].id]
    assert (status, len(why)) == ("refused", 1)
    kept = db.session.scalars(sa.select(Attachment).where(Attachment.case_id == cases[0].id)).all()
    assert [(file.name, file.kind) for file in kept] == [("签收单.png", needed)]
    assert files.open_bytes(kept[0])
    left = sa.select(Attachment).where(Attachment.case_id == cases[1].id)
    assert db.session.scalars(left).all() == [], "what did not go has no file of it"


def test_a_note_and_a_word_to_the_requesters_reach_all(office: Office) -> None:
    cases = some_cases(office, 2, State.IN_PROGRESS)
    issue = an_issue(office, cases)
    moved(office, issue, "note", cases, text="供货商明天开会")
    moved(office, issue, "tell", cases, text="口罩周五到货")
    for case in cases:
        assert [line.text for line in talk(case)] == ["口罩周五到货"]


def test_cases_wait_together_and_resume_together(office: Office) -> None:
    cases = some_cases(office, 2, State.IN_PROGRESS)
    leader = f"{office.units['team'].id}-{office.people['officer'].id}"
    issue = an_issue(office, cases, leader=leader)
    until = date(2020, 3, 20)
    moved(office, issue, "wait", cases, by="officer", code="third_party", whom="供货商", until=until)
    assert states(cases) == ["waiting"] * 2
    assert db.session.get_one(Case, cases[0].id).waiting["until"] == "2020-03-20"  # type: ignore[index]
    moved(office, issue, "resume", cases, by="officer")
    assert states(cases) == ["in_progress"] * 2


def test_a_case_that_was_taken_out_meanwhile_is_not_moved(office: Office) -> None:
    cases = some_cases(office, 2)
    issue = an_issue(office, cases)
    key = asked(office, issue, "accept", cases)
    with transaction():
        service.remove_cases(issue, [cases[0].id], why="另办", actor=office.actor("desk"), now=NOW)
    moving.carry_on(key, now=NOW)
    assert states(cases) == ["submitted", "accepted"]
    assert results(key)[cases[0].id][0] == "refused"


def test_an_incomplete_answer_moves_nothing(office: Office) -> None:
    cases = some_cases(office, 2, State.ACCEPTED)
    issue = an_issue(office, cases)
    with pytest.raises(Refused) as refusal:
        moved(office, issue, "dispatch", cases)
    assert {one.field for one in refusal.value.reasons} == {"unit", "officer"}
    with pytest.raises(Refused, match="Tick"):
        moved(office, issue, "accept", [])
    with pytest.raises(Refused, match="choose at least one"):
        moved(office, issue, "attach", cases)


def test_whoever_lost_the_posting_moves_nothing_more(office: Office) -> None:
    a_posting(office, "helper", unit="desk", role="desk", area="8801", to_on=date(2020, 3, 16))
    cases = some_cases(office, 51)
    issue = an_issue(office, cases)
    key = asked(office, issue, "accept", cases, by="helper")
    jobs.carry_on_moves(NOW + timedelta(days=2))
    assert {status for status, _ in results(key).values()} == {"refused"}


def test_two_processes_at_once_move_no_case_twice(office: Office, app: Flask) -> None:
    cases = some_cases(office, 6)
    issue = an_issue(office, cases)
    key = asked(office, issue, "note", cases, text="都记一笔")
    at_once(app, [lambda: moving.carry_on(key, now=NOW)] * 2)
    assert {status for status, _ in results(key).values()} == {"done"}
    notes = sa.select(sa.func.count()).select_from(Event).where(Event.verb == "NoteAdded")
    assert db.session.scalar(notes) == 6


def test_the_preview_costs_the_same_however_many_cases(
    office: Office, query_count: Callable[[], AbstractContextManager[Statements]]
) -> None:
    action = rules.together("submit_result")
    assert action is not None
    issue, actor, counts = an_issue(office, some_cases(office, 3, State.IN_PROGRESS)), office.actor("officer"), []
    key, desk = issue.id, office.actor("desk")
    for _ in range(2):
        more = some_cases(office, 6, State.IN_PROGRESS)
        a_file(more[0])
        with transaction():
            ids = [case.id for case in more]
            service.add_cases(issue, ids, why="", actor=desk, now=NOW)
        db.session.rollback()
        issue = queries.visible_issue(key, to=actor)
        with query_count() as seen:
            queries.preview(issue, action, actor, NOW)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_those_who_work_on_many_cases_are_urged_at_once_and_the_quota_holds_for_each(office: Office) -> None:
    cases = some_cases(office, 2, State.IN_PROGRESS)
    issue = an_issue(office, cases)
    with transaction():  # the first was urged as often as one may
        while queries_of_urging.urge_again_at(cases[0], requester=False, now=NOW) is None:
            urging.urge(cases[0], "请尽快上门", actor=office.actor("desk"), now=NOW)
    found = results(moved(office, issue, "urge", cases, text="请今天联系"))
    assert [found[case.id][0] for case in cases] == ["refused", "done"]
    assert found[cases[0].id][1]
