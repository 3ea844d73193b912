"""Visits follow from the last contact and from who answers: nothing is counted, nothing is moved by hand."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from casework.cases.workflow import State
from casework.enterprises import service as enterprises
from casework.enterprises.models import ContactEntry, Enterprise
from casework.kernel.db import db
from casework.kernel.errors import NotFound, NotPermitted, Refused
from casework.kernel.time import local_day
from casework.roster.models import Absence
from casework.visits import planning, queries, route, service
from casework.visits.models import Appointment, AppointmentState, VisitPlan
from casework.visits.queries import Firm
from casework.visits.rules import Part, PlanDraft
from tests.factories import NOW, Office, a_case, a_firm, take
from tests.harness.statements import Statements

TODAY = local_day(NOW)
DAY = timedelta(days=1)


def held(
    office: Office, name: str = "阿芝热干面馆", officer: str = "officer", deputy: str | None = "officer2"
) -> Enterprise:
    """A firm for which somebody answers."""
    firm = a_firm(office, name=name)
    enterprises.hand_over([firm], office.people[officer].id, office.people[deputy].id if deputy else None, TODAY)
    db.session.flush()
    return firm


def as_stop(firm: Enterprise, day: date = TODAY) -> Firm:
    db.session.flush()
    db.session.expire_all()
    found = queries.stop_of(firm.id, day)
    assert found is not None
    return found


def plan(office: Office, firm: Enterprise, every: int = 7, *, by: str = "officer", **more: Any) -> VisitPlan:
    made = planning.save_plan(as_stop(firm), PlanDraft(every_days=every, **more), actor=office.actor(by), now=NOW)
    db.session.flush()
    return made


def on_route(office: Office, name: str, day: date = TODAY) -> list[tuple[str, Part]]:
    """What stands on somebody's route of a day."""
    db.session.flush()
    db.session.expire_all()
    return [(line.name, line.part) for line in route.lines_of(office.actor(name, day), day)]


def away(office: Office, name: str, deputy: str | None = None) -> None:
    stand_in = office.people[deputy].id if deputy else None
    db.session.add(
        Absence(user_id=office.people[name].id, kind="leave", from_on=TODAY, to_on=TODAY + DAY, deputy_id=stand_in)
    )
    db.session.flush()


def log(office: Office, firm: Enterprise, met: str = "spoke", *, by: str = "officer", now: Any = NOW) -> ContactEntry:
    entry = service.log_stop(
        as_stop(firm, local_day(now)), way="visit", met=met, text="说了几句", actor=office.actor(by), now=now
    )
    db.session.flush()
    return entry


# -- when


def test_a_firm_that_nobody_visited_is_due_at_once_and_then_so_many_days_after_each_contact(office: Office) -> None:
    firm = held(office)
    plan(office, firm, 7)
    assert on_route(office, "officer") == [(firm.name, Part.TODAY)]
    log(office, firm)
    assert on_route(office, "officer") == []
    assert on_route(office, "officer", TODAY + 7 * DAY) == [(firm.name, Part.TODAY)]
    assert on_route(office, "officer", TODAY + 9 * DAY) == [(firm.name, Part.OVERDUE)]


def test_a_contact_on_a_case_counts_as_one(office: Office) -> None:
    firm = held(office)
    plan(office, firm)
    case = a_case(office, State.IN_PROGRESS, enterprise_id=firm.id)
    take(office, case, "contact", now=NOW)
    assert on_route(office, "officer") == []
    [entry] = db.session.scalars(sa.select(ContactEntry))
    assert (entry.case_id, entry.text, as_stop(firm).contacted_on) == (case.id, "", TODAY)


def test_whoever_writes_down_a_contact_and_wherever_it_stands_once_in_one_history(office: Office) -> None:
    firm = held(office)
    enterprises.log_contact(firm, "call", "通了电话", actor=office.actor("desk"), now=NOW)
    log(office, firm, now=NOW + DAY)
    rows = db.session.scalars(sa.select(ContactEntry).order_by(ContactEntry.id)).all()
    assert [(row.way, row.day) for row in rows] == [("call", TODAY), ("visit", TODAY + DAY)]
    assert as_stop(firm).contacted_on == TODAY + DAY


@pytest.mark.parametrize(
    ("met", "contacted"), [("spoke", True), ("refused", True), ("nobody", False), ("moved", False)]
)
def test_only_who_was_met_counts_as_contacted(office: Office, met: str, contacted: bool) -> None:
    firm = held(office)
    plan(office, firm)
    log(office, firm, met)
    assert on_route(office, "officer") == []  # nobody rings twice today
    assert (as_stop(firm).contacted_on == TODAY) is contacted
    assert (on_route(office, "officer", TODAY + DAY) == []) is contacted


def test_what_was_written_down_of_a_contact_is_never_changed(office: Office) -> None:
    firm = held(office)
    log(office, firm)
    db.session.commit()
    for change in (sa.update(ContactEntry).values(text="x"), sa.delete(ContactEntry)):
        with pytest.raises(sa.exc.DBAPIError):
            db.session.execute(change)
        db.session.rollback()


def test_a_firm_out_of_business_rests(office: Office) -> None:
    firm = held(office)
    plan(office, firm)
    firm.active = False
    assert on_route(office, "officer") == []
    firm.active = True
    assert on_route(office, "officer") == [(firm.name, Part.TODAY)]


# -- who


def test_visits_move_with_the_officer_by_themselves(office: Office) -> None:
    firm = held(office, deputy=None)
    plan(office, firm)
    enterprises.hand_over([firm], office.people["officer2"].id, None, TODAY)
    assert (on_route(office, "officer"), on_route(office, "officer2")) == ([], [(firm.name, Part.TODAY)])


def test_the_deputy_goes_while_the_officer_is_away(office: Office) -> None:
    firm = held(office)
    plan(office, firm)
    assert on_route(office, "officer2") == []
    away(office, "officer")
    assert (on_route(office, "officer"), on_route(office, "officer2")) == ([], [(firm.name, Part.TODAY)])
    later = TODAY + 2 * DAY
    assert on_route(office, "officer", later) == [(firm.name, Part.OVERDUE)]


def test_without_a_deputy_whoever_stands_in_goes(office: Office) -> None:
    firm = held(office, deputy=None)
    plan(office, firm)
    away(office, "officer", "helper")
    assert on_route(office, "helper") == [(firm.name, Part.TODAY)]


def test_a_helper_whom_the_plan_names_goes_and_the_officer_does_not(office: Office) -> None:
    firm = held(office)
    plan(office, firm, visitor_id=office.people["helper"].id)
    assert (on_route(office, "officer"), on_route(office, "helper")) == ([], [(firm.name, Part.TODAY)])
    away(office, "helper")
    assert on_route(office, "officer") == [(firm.name, Part.TODAY)]


def test_a_plan_names_nobody_who_does_not_serve_there(office: Office) -> None:
    firm = held(office)
    for outsider in ("officer3", "desk", "auditor"):
        with pytest.raises(Refused) as refused:
            plan(office, firm, visitor_id=office.people[outsider].id)
        assert refused.value.reasons[0].field == "visitor_id"


def test_a_visit_is_given_to_somebody_else_for_one_day(office: Office) -> None:
    firm = held(office)
    plan(office, firm)
    service.give_to(as_stop(firm), office.people["helper"].id, actor=office.actor("lead"), now=NOW)
    assert (on_route(office, "officer"), on_route(office, "helper")) == ([], [(firm.name, Part.TODAY)])
    assert on_route(office, "officer", TODAY + DAY) == [(firm.name, Part.OVERDUE)]
    with pytest.raises(NotFound):
        queries.visible_stop(firm.id, to=office.actor("helper"), day=TODAY + DAY)


def test_only_the_lead_of_the_team_gives_a_visit_away_and_only_within_the_team(office: Office) -> None:
    firm = held(office)
    plan(office, firm)
    for stranger in ("officer", "helper", "lead2", "district_admin"):
        with pytest.raises(NotPermitted):
            service.give_to(as_stop(firm), office.people["helper"].id, actor=office.actor(stranger), now=NOW)
    with pytest.raises(Refused):
        service.give_to(as_stop(firm), office.people["officer3"].id, actor=office.actor("lead"), now=NOW)


@pytest.mark.parametrize("who", ["officer3", "lead2", "helper", "desk_b"])
def test_a_stop_is_not_there_for_who_does_not_go_to_it(office: Office, who: str) -> None:
    firm = held(office)
    plan(office, firm)
    with pytest.raises(NotFound):
        queries.visible_stop(firm.id, to=office.actor(who), day=TODAY)


# -- presets and many at once


def test_a_preset_by_size_counts_until_a_firm_has_a_plan_of_its_own(office: Office) -> None:
    small, large = held(office, "小店"), held(office, "大厂")
    small.size, large.size = "微型", "大型"
    db.session.flush()
    district, admin = office.areas["8801"], office.actor("district_admin")
    planning.save_presets(district, {"微型": 30, "": 7}, actor=admin, now=NOW)
    assert [as_stop(firm).rhythm.every for firm in (small, large)] == [30, 7]  # type: ignore[union-attr]
    plan(office, small, 3)
    assert as_stop(small).rhythm.every == 3  # type: ignore[union-attr]
    planning.drop_plan(as_stop(small), actor=office.actor("officer"), now=NOW)
    assert as_stop(small).rhythm.every == 30  # type: ignore[union-attr]
    planning.save_presets(district, {"微型": None, "": None}, actor=admin, now=NOW)
    assert as_stop(small).rhythm is None
    with pytest.raises(NotPermitted):
        planning.save_presets(office.areas["8802"], {"": 7}, actor=admin, now=NOW)


def test_one_plan_for_all_of_mine_leaves_those_with_a_plan_as_they_are(office: Office) -> None:
    first, second = held(office, "第一家"), held(office, "第二家")
    other = held(office, "别人的", "officer2", None)
    plan(office, first, 3)
    mine = office.actor("officer")
    assert planning.plan_mine(PlanDraft(every_days=14), again=False, actor=mine, now=NOW) == 1
    assert [as_stop(firm).rhythm and as_stop(firm).rhythm.every for firm in (first, second, other)] == [3, 14, None]  # type: ignore[union-attr]
    assert planning.plan_mine(PlanDraft(every_days=14), again=True, actor=mine, now=NOW) == 2


def test_an_area_is_planned_by_its_lead_and_for_one_officer_alone_if_wanted(office: Office) -> None:
    first, second = held(office, "第一家"), held(office, "第二家", "officer2", None)
    street, draft = office.areas["8801001"], PlanDraft(every_days=10)
    only = office.people["officer2"].id
    assert planning.plan_area(street, draft, officer_id=only, again=False, actor=office.actor("lead"), now=NOW) == 1
    assert as_stop(first).rhythm is None
    assert as_stop(second).rhythm is not None
    for stranger in ("officer", "lead2"):
        with pytest.raises(NotPermitted):
            planning.plan_area(street, draft, officer_id=None, again=False, actor=office.actor(stranger), now=NOW)


# -- agreed for a day and time


def agree(office: Office, firm: Enterprise, at: Any, **more: Any) -> Appointment:
    given = {"with_whom": "何秀芝", "about": "看复工", "visitor_id": None, **more}
    made = service.agree(as_stop(firm), at=at, actor=office.actor("officer"), now=NOW, **given)
    db.session.flush()
    return made


def test_what_is_agreed_stands_on_the_route_a_week_ahead_and_is_kept_by_going(office: Office) -> None:
    firm = held(office)
    made = agree(office, firm, NOW + 3 * DAY)
    assert on_route(office, "officer") == [(firm.name, Part.AHEAD)]
    assert on_route(office, "officer", TODAY + 3 * DAY) == [(firm.name, Part.TODAY)]
    log(office, firm, now=NOW + 3 * DAY)
    assert made.state == AppointmentState.KEPT
    assert on_route(office, "officer", TODAY + 3 * DAY) == []


def test_what_was_missed_is_overdue(office: Office) -> None:
    firm = held(office)
    agree(office, firm, NOW + DAY)
    assert on_route(office, "officer", TODAY + 2 * DAY) == [(firm.name, Part.OVERDUE)]


def test_a_visit_is_moved_or_called_off_with_a_reason(office: Office) -> None:
    firm = held(office)
    made, me = agree(office, firm, NOW + DAY), office.actor("officer")
    with pytest.raises(Refused):
        service.move(made, as_stop(firm), at=NOW + 2 * DAY, visitor_id=None, reason="", actor=me, now=NOW)
    service.move(made, as_stop(firm), at=NOW + 2 * DAY, visitor_id=None, reason="店主出差", actor=me, now=NOW)
    assert on_route(office, "officer", TODAY + 2 * DAY) == [(firm.name, Part.TODAY)]
    service.cancel(made, as_stop(firm), reason="不用来了", actor=me, now=NOW)
    assert on_route(office, "officer", TODAY + 2 * DAY) == []
    with pytest.raises(Refused):
        service.cancel(made, as_stop(firm), reason="再取消", actor=me, now=NOW)


def test_an_officer_sends_nobody_else_to_what_is_agreed(office: Office) -> None:
    firm = held(office)
    with pytest.raises(NotPermitted):
        agree(office, firm, NOW + DAY, visitor_id=office.people["helper"].id)


# -- order, and what it costs


def test_streets_and_houses_give_the_order_and_a_hand_changes_it_for_today(office: Office) -> None:
    for name, address in (("丙", "桥东路 12 号"), ("甲", "桥东路 9 号"), ("乙", "桥东路 10 号")):
        firm = held(office, name)
        firm.address = address
        plan(office, firm)
    assert [name for name, _ in on_route(office, "officer")] == ["甲", "乙", "丙"]
    key = next(line.key for line in route.lines_of(office.actor("officer"), TODAY) if line.name == "丙")
    service.reorder(key, True, actor=office.actor("officer"), now=NOW)
    assert [name for name, _ in on_route(office, "officer")] == ["甲", "丙", "乙"]
    assert [name for name, _ in on_route(office, "officer", TODAY + DAY)] == ["甲", "乙", "丙"]
    with pytest.raises(NotFound):
        service.reorder("f999999", True, actor=office.actor("officer"), now=NOW)
    with pytest.raises(NotFound):
        service.reorder(key, True, actor=office.actor("officer3"), now=NOW)


def test_the_route_costs_the_same_few_queries_for_any_number_of_stops(
    office: Office, query_count: Callable[[], AbstractContextManager[Statements]]
) -> None:
    def cost() -> int:
        db.session.commit()
        db.session.expire_all()
        me = office.actor("officer")
        with query_count() as sent:
            found = route.day_of(me, TODAY)
        assert found.sections[Part.TODAY].count
        return len(sent)

    plan(office, held(office, "一家"))
    few = cost()
    for n in range(12):
        firm = held(office, f"第{n}家")
        plan(office, firm)
        a_case(office, enterprise_id=firm.id)
    assert cost() == few
    assert few <= 16


def test_the_lead_sees_who_has_how_many(office: Office) -> None:
    plan(office, held(office, "一家"))
    done = held(office, "二家")
    plan(office, done)
    log(office, done)
    db.session.flush()
    found = route.team_day(office.actor("lead"), TODAY)
    loads = {load.name: (load.overdue, load.today, load.done) for load in found.loads}
    assert loads["沈砚秋"] == (0, 1, 1)
    assert "温如玉" not in loads  # another team
