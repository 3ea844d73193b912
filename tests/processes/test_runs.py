"""Runs: from the start over every step to the slip, by the right people only, and nothing half done."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casework.audit.queries import timeline
from casework.cases import queries as case_queries
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.errors import NotFound, NotPermitted, Refused
from casework.processes import approving, issuing, migrating, running, runs, slots, stepping
from casework.processes.turns import turns
from casework.processes.words import Fate, Result, RunState, Stand
from tests.factories import NOW, Office, a_case, a_file
from tests.processes.shipment import APPLIED, Shipment, a_shipment, published, shipping

HOUR = timedelta(hours=1)


def verbs(shipment: Shipment) -> list[str]:
    return [entry.verb for entry in reversed(timeline(shipment.case.id))]


def test_a_run_goes_from_the_application_to_the_slip_and_the_receipt(shipment: Shipment) -> None:
    assert shipment.ready() == ["apply"]
    shipment.send("apply")
    assert set(shipment.ready()) == {"check", "promise"}, "two ways at once"
    shipment.send("promise")
    assert shipment.ready() == ["check"], "a join waits for both"
    shipment.send("check", "officer")
    assert shipment.ready() == ["inspect"], "no refrigerated goods: that step is not needed"
    shipment.send("inspect", "regulator2")
    shipment.send("issue", "regulator2")
    slip = running.documents_of([shipment.run.id])[0]
    assert slip.number == "临发〔2020〕1号"
    assert slip.issuer == "交通运输局"
    assert [fact["value"] for fact in slip.facts][:3] == ["粤B12345", "临江冷鲜食品有限公司", "冷冻水产"]
    shipment.send("arrival")
    assert shipment.run.state == RunState.DONE
    assert shipment.run.ended_at == NOW
    assert verbs(shipment)[-3:] == ["DocumentIssued", "StepSubmitted", "ProcessEnded"]
    assert not running.open_steps([shipment.run.id])


@pytest.mark.parametrize(
    ("step", "who"),
    [
        ("check", "officer2"),
        ("check", "regulator2"),
        ("check", "desk"),
        ("check", None),
        ("inspect", "officer"),
        ("inspect", "regulator"),
        ("inspect", None),
    ],
)
def test_nobody_fills_a_step_that_is_not_theirs(shipment: Shipment, step: str, who: str | None) -> None:
    shipment.go_to(step)
    before = len(shipment.course.sent)
    with pytest.raises(NotPermitted):
        shipment.send(step, who)
    db.session.rollback()
    assert len(shipment.course.sent) == before


def test_a_lead_stands_in_for_the_officer_of_the_team(shipment: Shipment) -> None:
    shipment.go_to("check").send("check", "lead")
    assert "check" not in shipment.ready()


def test_the_officer_fills_for_the_enterprise_but_never_declares_for_it(shipment: Shipment) -> None:
    shipment.send("apply", "officer")
    assert shipment.course.sent[0].on_behalf
    with pytest.raises(Refused, match="Only the enterprise itself"):
        shipment.send("promise", "officer")


def test_of_two_who_complete_one_step_the_second_is_told_that_it_is_not_open_any_more(shipment: Shipment) -> None:
    shipment.go_to("check").send("check", "officer")
    with pytest.raises(Refused, match="not open any more"):
        shipment.send("check", "lead")
    db.session.rollback()
    assert [row.step for row in shipment.course.sent].count("check") == 1


def test_wrong_answers_are_all_named_at_their_fields_and_nothing_is_kept(shipment: Shipment) -> None:
    with pytest.raises(Refused) as refused:
        shipment.send("apply", given=APPLIED | {"plate": "ABC", "weight": "viel", "crew": ""})
    assert {reason.field for reason in refused.value.reasons} == {"plate", "weight", "crew"}
    db.session.rollback()
    assert not shipment.course.sent
    assert shipment.run.sent == 0


def test_a_file_of_another_case_is_refused(shipment: Shipment, office: Office) -> None:
    other = a_case(office, State.IN_PROGRESS)
    foreign = a_file(other)
    with pytest.raises(Refused, match="does not belong to this case"):
        runs.submit(
            shipment.case,
            shipment.run,
            runs.Sent(step="apply", given=APPLIED | {"licence": [foreign.id], "order": [foreign.id]}),
            actor=None,
            now=NOW,
        )


def test_a_return_says_why_and_opens_the_step_again(shipment: Shipment) -> None:
    shipment.go_to("check")
    with pytest.raises(Refused, match="Why"):
        shipment.send("check", "officer", result=Result.RETURN, to="apply")
    db.session.rollback()
    shipment.send("check", "officer", result=Result.RETURN, to="apply", note="车牌看不清")
    assert shipment.ready() == ["apply"]
    returned = shipment.course.returned("apply")
    assert returned is not None
    assert returned.note == "车牌看不清"


def test_a_changed_answer_voids_the_approval_that_relied_on_it_and_revokes_the_slip(office: Office) -> None:
    definition = shipping()
    definition["steps"][5]["decision"] = {"return_to": ["apply"]}  # whoever issues may still send it back
    definition["steps"].append({
        "key": "gate", "actor": "authority:transport", "title": {"zh": "出门复核", "en": "Gate"}, "after": ["issue"],
        "limit": {"minutes": 60}, "decision": {"return_to": ["apply"]},
    })  # fmt: skip
    template, _ = published(office, definition)
    shipment = a_shipment(office, template).go_to("issue")
    shipment.send("issue", "regulator2", result=Result.APPROVE)
    shipment.send("gate", "regulator2", result=Result.RETURN, to="apply", note="车牌与车不符")
    slip = running.documents_of([shipment.run.id])[0]
    assert issuing.standing(slip, NOW) == "valid", "nothing has changed yet"
    shipment.send("apply", given=APPLIED | {"plate": "粤B54321"})
    assert issuing.standing(slip, NOW) == "revoked"
    assert shipment.course.now.stands["check"] is Stand.READY, "the approval that relied on it is void"
    assert len(shipment.course.sent) == 7, "both stay on record"
    shipment.send("check", "officer")
    shipment.send("promise")
    shipment.send("inspect", "regulator2")
    shipment.send("issue", "regulator2", result=Result.APPROVE)
    assert [row.number for row in running.documents_of([shipment.run.id])] == ["临发〔2020〕2号", "临发〔2020〕1号"]


def test_an_unchanged_answer_leaves_the_approvals_standing(shipment: Shipment) -> None:
    shipment.go_to("inspect")
    papers = {key: shipment.course.now.answers["apply"][key] for key in ("licence", "order")}
    shipment.send("inspect", "regulator2", result=Result.RETURN, to="apply", note="请确认重量")
    assert shipment.course.now.stands["check"] is Stand.HELD
    what = runs.Sent(step="apply", given=APPLIED | papers)
    runs.submit(shipment.case, shipment.run, what, actor=None, now=NOW)
    assert shipment.ready() == ["inspect"]


def test_time_is_kept_for_each_step_against_its_limit(shipment: Shipment) -> None:
    shipment.send("apply")
    shipment.send("check", "officer", now=NOW + 25 * timedelta(minutes=1))
    opened = {row.step: row for row in running.steps_of(shipment.run.id)}
    assert (opened["check"].minutes, opened["check"].limit_minutes) == (25, 40)
    assert opened["promise"].due_at == NOW + HOUR


def test_numbers_have_no_gap_when_an_issue_fails_half_way(office: Office) -> None:
    template, _ = published(office)
    first, second = a_shipment(office, template).go_to("issue"), a_shipment(office, template).go_to("issue")
    first.send("issue", "regulator2", commit=False)
    db.session.rollback()  # the plug is pulled
    second.send("issue", "regulator2")
    first.send("issue", "regulator2")
    slips = running.documents_of([first.run.id, second.run.id])
    assert sorted(slip.seq for slip in slips) == [1, 2]
    assert len({slip.code for slip in slips}) == 2


def test_a_new_year_begins_at_one(office: Office) -> None:
    template, _ = published(office, valid_from=None)
    approving.decide(template, Fate.PERMANENT, until=None, reason="长期使用", actor=office.actor("regulator2"), now=NOW)
    a_shipment(office, template).go_to("issue").send("issue", "regulator2")
    later = a_shipment(office, template).go_to("issue")
    later.send("issue", "regulator2", now=NOW + timedelta(days=300))
    assert running.documents_of([later.run.id])[0].number == "临发〔2021〕1号"


def test_a_slip_expires_and_can_be_revoked_once_with_a_reason(shipment: Shipment) -> None:
    shipment.go_to("issue").send("issue", "regulator2")
    slip = running.documents_of([shipment.run.id])[0]
    step = shipment.course.step("issue")
    assert issuing.standing(slip, NOW + 23 * HOUR) == "valid"
    assert issuing.standing(slip, NOW + 24 * HOUR) == "expired"
    with pytest.raises(NotPermitted):
        issuing.revoke(shipment.case, step, slip, "错了", actor=shipment.office.actor("officer"), now=NOW)
    with pytest.raises(Refused, match="Reason"):
        issuing.revoke(shipment.case, step, slip, " ", actor=shipment.office.actor("regulator2"), now=NOW)
    issuing.revoke(shipment.case, step, slip, "车牌错", actor=shipment.office.actor("regulator2"), now=NOW)
    assert issuing.standing(slip, NOW) == "revoked"
    with pytest.raises(Refused, match="already"):
        issuing.revoke(shipment.case, step, slip, "车牌错", actor=shipment.office.actor("regulator2"), now=NOW)


def test_nothing_begins_under_a_retired_template_and_what_runs_goes_on(office: Office) -> None:
    template, _ = published(office)
    shipment = a_shipment(office, template)
    approving.decide(template, Fate.RETIRE, until=None, reason="不再需要", actor=office.actor("regulator2"), now=NOW)
    db.session.commit()
    with pytest.raises(Refused, match="retired"):
        a_shipment(office, template)
    db.session.rollback()
    shipment.send("apply")
    assert "check" in shipment.ready()


def test_nothing_begins_after_the_sunset_nor_before_the_first_day(office: Office) -> None:
    template, _ = published(office)
    case = a_case(office, State.IN_PROGRESS, kind="shipping")
    for day in (-1, 91):
        with pytest.raises(Refused, match="not valid today"):
            runs.start(
                case, template, type_code="shipping", actor=office.actor("officer"), now=NOW + timedelta(days=day)
            )


def test_a_run_holds_back_the_end_of_its_case_until_it_ended_or_is_cancelled(shipment: Shipment) -> None:
    blocking = case_queries.blocking(shipment.case)
    assert any(item.href == f"/runs/{shipment.run.id}" for item in blocking)
    with pytest.raises(Refused, match="Reason"):
        runs.cancel(shipment.case, shipment.run, "", actor=shipment.office.actor("officer"), now=NOW)
    runs.cancel(shipment.case, shipment.run, "货已改走水路", actor=shipment.office.actor("officer"), now=NOW)
    db.session.commit()
    assert shipment.run.state == RunState.CANCELLED
    assert not [item for item in case_queries.blocking(shipment.case) if "/runs/" in item.href]
    with pytest.raises(Refused, match="ended"):
        shipment.send("apply")


def test_a_rejection_ends_the_run(shipment: Shipment) -> None:
    shipment.go_to("inspect").send("inspect", "regulator2", result=Result.REJECT, note="车辆未消毒")
    assert shipment.run.state == RunState.REJECTED
    assert shipment.run.reason == "车辆未消毒"
    assert not running.open_steps([shipment.run.id])


def test_what_was_typed_is_kept_as_it_was_typed_and_goes_when_it_is_sent(shipment: Shipment) -> None:
    typed = {"company": "临江", "weight": "viel", "unasked": "x"}
    runs.keep_draft(shipment.case, shipment.run, "apply", typed, actor=None, now=NOW)
    draft = running.draft_of(shipment.run.id, "apply")
    assert draft is not None
    assert draft.answers == {"company": "临江", "weight": "viel"}
    db.session.commit()
    shipment.send("apply")
    db.session.expire_all()
    assert running.draft_of(shipment.run.id, "apply") is None
    with pytest.raises(Refused, match="not open"):
        runs.keep_draft(shipment.case, shipment.run, "apply", typed, actor=None, now=NOW)


def test_times_are_offered_and_one_is_chosen_and_becomes_a_visit(shipment: Shipment) -> None:
    shipment.go_to("inspect")
    inspector = shipment.office.actor("regulator2")
    times = [NOW + HOUR, NOW + 3 * HOUR]
    first = slots.offer(shipment.case, shipment.run, "inspect", times, actor=inspector, now=NOW)
    with pytest.raises(NotPermitted):
        slots.offer(shipment.case, shipment.run, "inspect", times, actor=shipment.office.actor("officer"), now=NOW)
    chosen = slots.choose(shipment.case, shipment.run, "inspect", first[1].id, actor=None, now=NOW)
    db.session.commit()
    assert chosen.ends_at - chosen.begins_at == timedelta(minutes=30)
    turn = turns(inspector, limit=5, locale="zh")[0]
    assert (turn.step, turn.visit_at) == ("inspect", times[1])
    again = slots.offer(shipment.case, shipment.run, "inspect", [NOW + 5 * HOUR], actor=inspector, now=NOW)
    with pytest.raises(NotFound):
        slots.choose(shipment.case, shipment.run, "inspect", first[0].id, actor=None, now=NOW)
    with pytest.raises(Refused, match="passed"):
        slots.choose(shipment.case, shipment.run, "inspect", again[0].id, actor=None, now=NOW + 6 * HOUR)


@pytest.mark.parametrize("times", [[], [NOW - HOUR], [NOW + 31 * 24 * HOUR], [NOW + n * HOUR for n in range(1, 9)]])
def test_no_times_past_ones_and_too_many_are_refused(shipment: Shipment, times: list[object]) -> None:
    shipment.go_to("inspect")
    with pytest.raises(Refused, match="Times"):
        slots.offer(
            shipment.case,
            shipment.run,
            "inspect",
            times,
            actor=shipment.office.actor("regulator2"),
            now=NOW,  # type: ignore[arg-type]
        )


def test_each_sees_the_steps_that_are_theirs_on_the_desk(shipment: Shipment) -> None:
    def titles(who: str) -> list[str]:
        return [turn.title for turn in turns(shipment.office.actor(who), limit=9, locale="zh")]

    shipment.send("apply")
    assert titles("officer") == ["核对货物与车辆"]
    assert titles("regulator2") == titles("officer2") == titles("regulator") == []
    shipment.send("promise")
    shipment.send("check", "officer")
    assert titles("regulator2") == ["现场查验"]
    assert titles("officer") == []


def test_the_authority_of_a_step_sees_the_run_of_a_case_that_is_not_its_own(office: Office) -> None:
    definition = shipping()
    template, _ = published(office, definition)
    shipment = a_shipment(office, template)
    shipment.case.domain = "housing"
    db.session.commit()
    with pytest.raises(NotFound):
        running.visible_run(shipment.run.id, to=office.actor("regulator2"))
    shipment.go_to("inspect")
    run, case = running.visible_run(shipment.run.id, to=office.actor("regulator2"))
    assert (run.id, case.id) == (shipment.run.id, shipment.case.id)
    for stranger in ("desk_b", "officer3", "lead2"):
        with pytest.raises(NotFound):
            running.visible_run(shipment.run.id, to=office.actor(stranger))


def next_version(office: Office, shipment: Shipment, definition: dict[str, object]) -> int:
    from casework.processes import templates
    from tests.processes.shipment import publish

    course = shipment.course
    tomorrow = NOW + timedelta(days=1)
    version = templates.begin_next(course.template, definition=definition, actor=office.actor("officer"), now=tomorrow)
    publish(office, course.template, version, now=tomorrow)
    return version.no


def test_a_run_stays_under_its_version_until_it_is_moved(office: Office, shipment: Shipment) -> None:
    shipment.send("apply")
    changed = shipping()
    changed["steps"][1]["title"] = {"zh": "电话核对", "en": "Check by phone"}
    changed["steps"][1]["limit"] = {"minutes": 20}
    no = next_version(office, shipment, changed)
    later = NOW + timedelta(days=1)
    assert shipment.course.step("check").title.zh == "核对货物与车辆"
    migrating.migrate(shipment.case, shipment.run, to_no=no, actor=office.actor("officer"), now=later)
    db.session.commit()
    assert shipment.course.step("check").title.zh == "电话核对"
    opened = {row.step: row.due_at for row in running.open_steps([shipment.run.id])}
    assert opened["check"] == NOW + timedelta(minutes=20), "its time runs on from when it was opened"
    assert verbs(shipment)[-1] == "ProcessMigrated"


def test_a_move_names_what_is_lost_and_is_refused_where_finished_answers_would_not_fit(
    office: Office, shipment: Shipment
) -> None:
    shipment.send("apply")
    shipment.send("promise")
    stricter = shipping()
    del stricter["steps"][2]
    for step in stricter["steps"]:
        step["after"] = [key for key in step.get("after", []) if key != "promise"]
    stricter["steps"][0]["fields"].append(
        {"key": "permit", "kind": "text", "label": {"zh": "通行证号", "en": "Permit"}}
    )
    no = next_version(office, shipment, stricter)
    later = NOW + timedelta(days=1)
    newer = migrating.newer(shipment.run, later)
    assert newer is not None
    seen = migrating.preview(shipment.course, newer)
    assert list(seen.lost) == ["防疫条件承诺"]
    assert "通行证号" in str(seen.misfits[0])
    with pytest.raises(Refused) as refused:
        migrating.migrate(shipment.case, shipment.run, to_no=no, actor=office.actor("officer"), now=later)
    assert "通行证号" in str(refused.value.reasons[0])
    db.session.rollback()
    assert shipment.course.version.no == 1


def test_holding_a_run_reads_what_is_true_now(shipment: Shipment) -> None:
    shipment.send("apply")
    stepping.hold(shipment.run)
    assert shipment.run.sent == 1
