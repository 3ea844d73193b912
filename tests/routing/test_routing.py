"""A case finds its officer by itself, and the story says why."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from casework.audit.models import Event, EventPayload
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.enterprises.models import Liaison
from casework.kernel.db import db, transaction
from casework.kernel.errors import NotPermitted, Refused
from casework.kernel.time import local_day
from casework.roster import duty
from casework.roster.limits import limits_of, set_limits
from casework.roster.models import Posting
from casework.roster.rules import Limits
from casework.routing import service
from casework.routing.models import RoutingRule
from casework.routing.rules import Way
from tests.factories import NOW, Office, a_case, a_firm, signed_in

TODAY = local_day(NOW)


def a_rule(office: Office, *, unit: str = "team", live: bool = True, **changes: Any) -> RoutingRule:
    """A rule of the district, tried and live."""
    conditions = changes.pop("conditions", {})
    draft = service.RuleDraft(**{"name": "兜底", "conditions": conditions, "unit": office.units[unit], **changes})
    admin = office.actor("district_admin")
    rule = service.save_rule(office.areas["8801"], None, draft, actor=admin, now=NOW)
    if live:
        service.mark_tried(rule, actor=admin, now=NOW)
        service.switch(rule, True, actor=admin, now=NOW)
    db.session.commit()
    return rule


def with_liaison(office: Office, officer: str, deputy: str | None = None) -> int:
    firm = a_firm(office)
    db.session.add(
        Liaison(
            enterprise_id=firm.id,
            district_id=firm.district_id,
            community_id=firm.community_id,
            officer_id=office.people[officer].id,
            deputy_id=office.people[deputy].id if deputy else None,
            from_on=date(2020, 1, 1),
        )
    )
    db.session.commit()
    return firm.id


def is_away(office: Office, name: str, deputy: str | None = None) -> None:
    duty.note_absence(
        office.people[name],
        kind="ill",
        from_on=TODAY,
        to_on=TODAY + timedelta(days=2),
        deputy_id=office.people[deputy].id if deputy else None,
        actor=office.actor("district_admin"),
        now=NOW,
    )
    db.session.commit()


def led_by(decision: service.Decision | None) -> tuple[str, str]:
    assert decision is not None
    assert decision.officer is not None
    return decision.officer.name, decision.officer.way


def test_a_report_is_accepted_and_dispatched_by_the_first_rule_that_fits_and_the_story_says_why(office: Office) -> None:
    a_rule(office, name="发货", conditions={"types": ["shipping"], "words": ["发货"]}, unit="team2")
    a_rule(office)
    case = a_case(office, kind="shipping", title="急着发货", text="货车出不了城")
    with transaction():
        decision = service.route(db.session.get_one(Case, case.id), now=NOW)
    assert decision is not None
    assert (case.state, case.unit_id) == (State.DISPATCHED, office.units["team2"].id)
    assert case.lead_id == office.people["officer3"].id
    entry = db.session.scalars(sa.select(Event).where(Event.case_id == case.id, Event.verb == "CaseRouted")).one()
    said = db.session.get_one(EventPayload, entry.id).payload
    assert (said["place"], said["rule"], said["found"], said["way"]) == (1, "发货", ["发货"], Way.TEAM)


def test_the_clock_of_the_case_runs_from_its_submission_whoever_dispatches_it(office: Office) -> None:
    a_rule(office)
    case = a_case(office)
    due = case.next_due_at
    with transaction():
        service.route(db.session.get_one(Case, case.id), now=NOW + timedelta(minutes=5))
    assert case.submitted_at == NOW
    assert due is not None
    assert case.next_due_at is not None
    assert case.next_due_at <= due


def test_the_enterprises_own_officer_comes_first_and_the_unit_of_the_rule_works_along(office: Office) -> None:
    a_rule(office, unit="team2")
    case = a_case(office, enterprise_id=with_liaison(office, "officer2", "lead"))
    with transaction():
        decision = service.route(db.session.get_one(Case, case.id), now=NOW)
    assert led_by(decision) == ("陆景明", Way.OWN)
    assert case.unit_id == office.units["team"].id
    assert case.co_unit_ids == [office.units["team2"].id]


def test_the_deputy_takes_it_while_the_officer_is_ill(office: Office) -> None:
    a_rule(office)
    is_away(office, "officer2")
    case = a_case(office, enterprise_id=with_liaison(office, "officer2", "lead"))
    decision = service.decide(case, now=NOW)
    assert led_by(decision) == ("方志恒", Way.DEPUTY)
    assert decision is not None
    assert decision.choice.passed == (("陆景明", "away"),)


def test_who_stands_in_for_somebody_away_comes_before_the_rest_of_the_unit(office: Office) -> None:
    a_rule(office, officer_id=office.people["officer"].id, own_officer=False)
    is_away(office, "officer", "lead")
    assert led_by(service.decide(a_case(office), now=NOW)) == ("方志恒", Way.STAND_IN)


def test_an_ended_posting_takes_nothing_even_of_a_firm_of_ones_own(office: Office) -> None:
    a_rule(office)
    db.session.execute(
        sa.update(Posting).where(Posting.user_id == office.people["officer3"].id).values(to_on=date(2020, 3, 1))
    )
    firm = with_liaison(office, "officer3")
    decision = service.decide(a_case(office, enterprise_id=firm), now=NOW)
    assert led_by(decision)[1] == Way.TEAM
    assert decision is not None
    assert decision.choice.passed == (("温如玉", "ended"),)


def test_who_has_as_many_cases_as_one_can_carry_is_passed_over(office: Office) -> None:
    a_rule(office, officer_id=office.people["officer"].id)
    set_limits(office.areas["8801"], Limits(most_cases=1), actor=office.actor("district_admin"), now=NOW)
    a_case(office, State.IN_PROGRESS)  # the officer has one
    decision = service.decide(a_case(office), now=NOW)
    assert led_by(decision)[0] != "沈砚秋"
    assert decision is not None
    assert ("沈砚秋", "loaded") in decision.choice.passed


def test_a_rule_that_only_suggests_leaves_the_case_to_the_desk(office: Office) -> None:
    a_rule(office, by_itself=False)
    case = a_case(office)
    with transaction():
        assert service.route(db.session.get_one(Case, case.id), now=NOW) is not None
    assert case.state == State.SUBMITTED


def test_a_rule_goes_live_only_after_it_was_tried_and_every_change_lets_it_rest_again(office: Office) -> None:
    admin = office.actor("district_admin")
    rule = a_rule(office, live=False)
    with pytest.raises(Refused, match="Try the rule"):
        service.switch(rule, True, actor=admin, now=NOW)
    service.mark_tried(rule, actor=admin, now=NOW)
    service.switch(rule, True, actor=admin, now=NOW)
    draft = service.RuleDraft(name="兜底", conditions={}, unit=office.units["team2"])
    service.save_rule(office.areas["8801"], rule, draft, actor=admin, now=NOW)
    assert not rule.live


def test_the_only_fallback_cannot_be_let_to_rest_while_other_rules_are_live(office: Office) -> None:
    a_rule(office, name="租金", conditions={"types": ["rent"]})
    fallback = a_rule(office)
    with pytest.raises(Refused, match="fallback"):
        service.switch(fallback, False, actor=office.actor("district_admin"), now=NOW)


def test_a_trial_shows_the_past_cases_that_no_live_rule_above_would_have_taken(office: Office) -> None:
    a_rule(office, name="租金", conditions={"types": ["rent"]})
    a_case(office, kind="rent", title="租金太高")
    other = a_case(office, State.DISPATCHED, title="口罩没有到货")
    trials = service.tried(a_rule(office, live=False))
    assert [(one.case.id, one.went_to) for one in trials] == [(other.id, office.units["team"].id)]


def test_another_district_neither_reads_nor_writes_the_rules(office: Office) -> None:
    rule = a_rule(office)
    with pytest.raises(NotPermitted):
        service.move(rule, 1, actor=office.actor("desk_b"), now=NOW)


def test_a_lead_reads_the_rules_of_the_district_in_which_the_team_serves_and_no_others(
    office: Office, client: FlaskClient
) -> None:
    rule = a_rule(office, name="夜间口罩")
    db.session.commit()
    lead = signed_in(client, office.people["lead"])
    page = lead.get("/settings/routing")
    assert "夜间口罩" in page.text
    assert f"/settings/routing/{rule.id}" not in page.text
    assert lead.get(f"/settings/routing?district={office.areas['8802'].id}").status_code == 404


def test_the_desk_sees_where_a_case_should_go_and_sends_it_there_with_one_button(
    office: Office, client: FlaskClient
) -> None:
    a_rule(office, name="口罩归二组", conditions={"words": ["口罩"]}, unit="team2", by_itself=False)
    case = a_case(office)
    desk = signed_in(client, office.people["desk"])
    text = desk.get(f"/cases/{case.number}").text
    assert "口罩归二组" in text
    assert "温如玉" in text
    answer = desk.post(f"/cases/{case.number}/route", follow_redirects=True)
    assert "已派给" in answer.text
    assert (case.state, case.lead_id) == (State.DISPATCHED, office.people["officer3"].id)
    assert "口罩归二组" in desk.get(f"/cases/{case.number}").text, "the story keeps the explanation"


def test_an_administrator_writes_a_rule_tries_it_and_puts_it_live(office: Office, client: FlaskClient) -> None:
    case = a_case(office, State.DISPATCHED, title="口罩没有到货")
    admin = signed_in(client, office.people["district_admin"])
    assert "还没有规则" in admin.get("/settings/routing").text
    given = {"name": "口罩", "words": "口罩，手套", "unit_id": str(office.units["team2"].id), "own_officer": "y"}
    wrong = admin.post("/settings/routing/new", data={**given, "begin": "晚上"})
    assert wrong.status_code == 422
    assert "18:00" in wrong.text
    assert "口罩，手套" in wrong.text, "what was typed survives"
    answer = admin.post("/settings/routing/new", data=given, follow_redirects=True)
    assert case.title in answer.text
    rule = db.session.scalars(sa.select(RoutingRule)).one()
    assert rule.conditions == {"words": ["口罩", "手套"]}
    answer = admin.post(f"/settings/routing/{rule.id}/try", follow_redirects=True)
    assert rule.live
    assert "没有生效的兜底规则" in answer.text
    assert admin.get(f"/settings/routing/{rule.id}").status_code == 200
    assert admin.post(f"/settings/routing/{rule.id}/do", data={"do": "rest"}).status_code == 303
    assert not db.session.get_one(RoutingRule, rule.id, populate_existing=True).live


def test_limits_out_of_bounds_are_refused_with_what_would_do(office: Office, client: FlaskClient) -> None:
    admin = signed_in(client, office.people["district_admin"])
    wrong = admin.post("/settings/routing/limits", data={"most_cases": "0", "most_firms": "60", "stale_days": "7"})
    assert wrong.status_code == 422
    admin.post("/settings/routing/limits", data={"most_cases": "12", "most_firms": "60", "stale_days": "7"})
    assert limits_of(office.areas["8801"].id) == Limits(12, 60, 7)
