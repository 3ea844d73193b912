"""Who answers for which firm and place on any day, and what nobody answers for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from casework.areas.models import Area
from casework.areas.service import add_area
from casework.cases.workflow import State
from casework.coverage import people, queries, service
from casework.coverage.rules import Tone
from casework.enterprises import service as enterprises
from casework.enterprises.models import ContactDay, Enterprise, Liaison
from casework.kernel.db import db
from casework.kernel.errors import NotPermitted, Refused
from casework.kernel.time import local_day, utcnow
from casework.roster.models import Posting
from casework.roster.rules import Limits
from tests.factories import NOW, Office, a_case, a_firm, a_liaison, signed_in, take
from tests.harness.statements import Statements

TODAY = local_day(NOW)


def the_board(office: Office, day: date = TODAY, today: date = TODAY) -> queries.Board:
    db.session.flush()
    return queries.board(office.areas["8801"], day, today, Limits())


def give(office: Office, firms: list[Enterprise], officer: str, deputy: str | None = None, **changes: Any) -> int:
    count = service.assign(
        office.areas["8801001"],
        [firm.id for firm in firms],
        officer_id=office.people[officer].id,
        deputy_id=office.people[deputy].id if deputy else None,
        **{"actor": office.actor("lead"), "now": NOW, **changes},
    )
    db.session.flush()
    return count


def some_firms(office: Office, count: int = 3) -> list[Enterprise]:
    return [a_firm(office, name=f"第{n}号店") for n in range(count)]


def test_the_board_counts_who_is_covered_and_who_is_not(office: Office) -> None:
    firms = some_firms(office)
    give(office, firms[:1], "officer", "officer2")
    give(office, firms[1:2], "officer")
    cell = the_board(office).cells[office.areas["8801001001"].id]
    assert (cell.firms, cell.covered, cell.uncovered, cell.no_deputy, cell.stale) == (3, 2, 1, 1, 3)
    assert cell.tone(True) is Tone.GAP


def test_when_a_posting_ends_its_firms_show_as_a_gap_the_next_day(office: Office) -> None:
    firms = some_firms(office)
    give(office, firms, "officer")
    posting = db.session.scalars(sa.select(Posting).where(Posting.user_id == office.people["officer"].id)).one()
    posting.to_on = TODAY
    community = office.areas["8801001001"].id
    assert the_board(office).cells[community].gaps == 0
    tomorrow = TODAY + timedelta(days=1)
    assert the_board(office, tomorrow, tomorrow).cells[community].ended == 3


def test_any_past_day_can_be_proved_whatever_changed_since(office: Office) -> None:
    firms = some_firms(office)
    give(office, firms, "officer")
    later = NOW + timedelta(days=10)
    give(office, firms[:2], "officer2", now=later)
    held = queries.held_on(office.areas["8801"].id, TODAY + timedelta(days=5), local_day(later))
    assert [(one.officer_id, one.firms) for one in held] == [(office.people["officer"].id, 3)]
    held = queries.held_on(office.areas["8801"].id, local_day(later), local_day(later))
    assert {one.officer_id: one.firms for one in held} == {
        office.people["officer"].id: 1,
        office.people["officer2"].id: 2,
    }


def test_who_was_replaced_on_the_same_day_never_counted(office: Office) -> None:
    firms = some_firms(office, 1)
    give(office, firms, "officer")
    give(office, firms, "officer2")
    held = queries.held_on(office.areas["8801"].id, TODAY, TODAY + timedelta(days=9))
    assert [one.officer_id for one in held] == [office.people["officer2"].id]


def test_giving_the_same_again_changes_nothing(office: Office) -> None:
    firms = some_firms(office)
    assert give(office, firms, "officer") == 3
    assert give(office, firms, "officer") == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Liaison)) == 3


def test_a_contact_of_a_case_or_without_one_makes_the_firm_fresh(office: Office) -> None:
    first, second, _ = some_firms(office)
    case = a_case(office, State.IN_PROGRESS, enterprise_id=first.id)
    take(office, case, "contact", now=NOW)
    enterprises.log_contact(second, "visit", "看了看", actor=office.actor("officer"), now=NOW)
    assert the_board(office).cells[office.areas["8801001001"].id].stale == 1
    after = TODAY + timedelta(days=15)
    assert the_board(office, after, after).cells[office.areas["8801001001"].id].stale == 3


def test_a_firm_out_of_business_needs_nobody(office: Office) -> None:
    firm, _ = some_firms(office, 2)
    a_liaison(firm, office.people["officer"])
    draft = enterprises.Draft(name=firm.name, area=office.areas["8801001001"], active=False)
    enterprises.edit_enterprise(firm, draft, actor=office.actor("district_admin"), now=NOW)
    cell = the_board(office).cells[office.areas["8801001001"].id]
    assert (cell.firms, cell.covered) == (1, 0)


def test_a_firm_that_moves_takes_its_officer_to_the_new_community_on_the_board(office: Office) -> None:
    firm = some_firms(office, 1)[0]
    a_liaison(firm, office.people["officer3"])
    draft = enterprises.Draft(name=firm.name, area=office.areas["8801002001"])
    enterprises.edit_enterprise(firm, draft, actor=office.actor("district_admin"), now=NOW)
    assert the_board(office).cells[office.areas["8801002001"].id].covered == 1


def test_what_nobody_answers_for_is_shared_out_evenly_over_those_who_serve_there(office: Office) -> None:
    firms = some_firms(office, 7)
    give(office, firms[:1], "officer")
    assert service.share_out(office.areas["8801001001"], actor=office.actor("lead"), now=NOW) == 6
    db.session.flush()
    loads = people.firms_of([office.people[name].id for name in ("officer", "officer2", "lead")])
    assert sorted(loads.values()) == [2, 2, 3]
    with pytest.raises(Refused):
        service.share_out(office.areas["8801001001"], actor=office.actor("lead"), now=NOW)


def test_a_leader_answers_for_a_place_from_the_day_on(office: Office) -> None:
    place = office.areas["8801001001"]
    service.set_leader(place, office.people["area_leader"].id, actor=office.actor("district_admin"), now=NOW)
    assert the_board(office).leaders[place.id][1] == "顾长青"
    assert queries.leaders_on(office.areas["8801"].id, TODAY - timedelta(days=1), TODAY) == {}
    with pytest.raises(Refused, match="area leader"):
        service.set_leader(place, office.people["officer"].id, actor=office.actor("district_admin"), now=NOW)


def test_only_who_leads_there_gives_firms_and_only_to_those_who_serve_there(office: Office) -> None:
    firms = some_firms(office)
    with pytest.raises(NotPermitted):
        give(office, firms, "officer", actor=office.actor("lead2"))
    with pytest.raises(Refused, match="posting in this area"):
        give(office, firms, "officer3")
    with pytest.raises(Refused, match="other than the officer"):
        give(office, firms, "officer", "officer")
    with pytest.raises(Refused, match="Tick"):
        give(office, [], "officer")


def test_a_leader_finds_the_gap_on_the_board_and_closes_it(office: Office, client: FlaskClient) -> None:
    firms = some_firms(office)
    admin = signed_in(client, office.people["district_admin"])
    board = admin.get("/coverage").text
    assert "缺专员 3 家" in board
    place = f"/coverage/{office.areas['8801001001'].id}"
    assert firms[0].name in admin.get(place).text
    wrong = admin.post(f"{place}/assign", data={"firms": [str(firms[0].id)]})
    assert wrong.status_code == 422
    said = {"firms": [str(firms[0].id)], "officer_id": str(office.people["officer"].id)}
    assert admin.post(f"{place}/assign", data=said).status_code == 303
    assert "平均分派南贤社区的 2 家企业" in admin.get(f"{place}/share").text
    assert admin.post(f"{place}/share").status_code == 303
    assert admin.post(f"{place}/leader", data={"leader_id": str(office.people["area_leader"].id)}).status_code == 303
    board = admin.get("/coverage").text
    assert "缺专员" not in board
    assert "覆盖率 100.0%" in board
    assert admin.get(f"/coverage?day={utcnow().date() - timedelta(days=3)}").status_code == 200


def test_the_board_costs_the_same_number_of_queries_however_many_firms(
    office: Office, client: FlaskClient, query_count: Callable[[], AbstractContextManager[Statements]]
) -> None:
    admin = signed_in(client, office.people["district_admin"])
    counts = []
    for round_ in range(2):
        give(office, [a_firm(office, name=f"{round_}店{n}") for n in range(6)], "officer")
        db.session.commit()
        admin.get("/coverage")
        with query_count() as seen:
            admin.get("/coverage")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_an_officer_logs_a_call_to_a_firm_and_an_empty_one_is_refused(office: Office, client: FlaskClient) -> None:
    firm = some_firms(office, 1)[0]
    officer = signed_in(client, office.people["officer"])
    here = f"/enterprises/{firm.id}/contacted"
    assert officer.post(here, data={"way": "call", "text": ""}).status_code == 422
    assert officer.post(here, data={"way": "call", "text": "订单恢复了"}).status_code == 303
    assert db.session.get_one(Enterprise, firm.id, populate_existing=True).contacted_on == local_day(utcnow())


def test_who_leads_one_street_sees_its_communities_on_the_board_and_no_others(
    office: Office, client: FlaskClient
) -> None:
    some_firms(office)
    a_firm(office, name="柳堤的店", area="8801002001")
    lead = signed_in(client, office.people["lead2"])
    board = lead.get("/coverage").text
    assert "柳堤" in board
    assert "南贤" not in board
    assert "缺专员 1 家" in board


def test_firms_where_an_officer_does_not_serve_are_not_given_to_them(office: Office) -> None:
    here, there = some_firms(office, 1)[0], a_firm(office, name="柳堤的店", area="8801002001")
    with pytest.raises(Refused, match="does not serve where"):
        service.assign(
            office.areas["8801"],
            [here.id, there.id],
            officer_id=office.people["officer"].id,
            deputy_id=None,
            actor=office.actor("district_admin"),
            now=NOW,
        )


def test_another_district_sees_nothing_of_it(office: Office, client: FlaskClient) -> None:
    desk = signed_in(client, office.people["desk_b"])
    assert desk.get(f"/coverage/{office.areas['8801001001'].id}").status_code == 404
    assert desk.get(f"/coverage?district={office.areas['8801'].id}").status_code == 404


def closed(office: Office, firm: Enterprise, now: datetime, active: bool = False) -> None:
    draft = enterprises.Draft(name=firm.name, area=db.session.get_one(Area, firm.area_id), active=active)
    enterprises.edit_enterprise(firm, draft, actor=office.actor("district_admin"), now=now)
    db.session.flush()


def shown(office: Office, show: str, day: date, today: date, **more: Any) -> set[str]:
    db.session.flush()
    area = office.areas["8801"]
    query = queries.firms_in(area, show, today=today, limits=Limits(), day=day, **more)
    return {firm.name for firm, *_ in db.session.execute(query)}


def test_a_past_day_counts_the_firms_that_were_in_business_then(office: Office) -> None:
    firms = some_firms(office)
    give(office, firms, "officer")
    later = NOW + timedelta(days=10)
    closed(office, firms[0], later)
    community = office.areas["8801001001"].id
    today = local_day(later)
    before, after = the_board(office, TODAY, today), the_board(office, today, today)
    assert (before.cells[community].firms, before.cells[community].covered) == (3, 3)
    assert (after.cells[community].firms, after.cells[community].covered) == (2, 2)
    last_day = the_board(office, today - timedelta(days=1), today).cells[community]
    assert (last_day.firms, last_day.covered, last_day.gaps) == (3, 3, 0)
    the_day = the_board(office, today, today + timedelta(days=5)).cells[community]
    assert (the_day.firms, the_day.covered) == (2, 2), "asked later, the day itself says the same"
    closed(office, firms[0], later, active=True)
    assert firms[0].closed_on is None


def test_freshness_of_contact_is_proved_for_a_past_day(office: Office) -> None:
    first, second, third = some_firms(office)
    for firm, days in ((first, 0), (second, 0), (second, 10), (third, 40)):
        enterprises.log_contact(firm, "call", "问好", actor=office.actor("officer"), now=NOW + timedelta(days=days))
    today, community = TODAY + timedelta(days=41), office.areas["8801001001"].id
    stale = {}
    for days in (0, 14, 15, 24, 25, 39, 40, 41):
        day = TODAY + timedelta(days=days)
        stale[days] = the_board(office, day, today).cells[community].stale
        assert len(shown(office, "stale", day, today)) == stale[days], "the rows say what the number says"
    assert stale == {0: 1, 14: 1, 15: 2, 24: 2, 25: 3, 39: 3, 40: 2, 41: 2}


def test_two_contacts_a_day_and_a_late_entry_count_once_each(office: Office) -> None:
    firm = some_firms(office, 1)[0]
    for days in (5, 0, 5, 3):
        enterprises.contacted(firm.id, "call", actor=office.actor("officer"), now=NOW + timedelta(days=days))
    rows = db.session.execute(sa.select(ContactDay.day, ContactDay.until_on).order_by(ContactDay.day)).all()
    days = [TODAY + timedelta(days=n) for n in (0, 3, 5)]
    assert [tuple(row) for row in rows] == [(days[0], days[1]), (days[1], days[2]), (days[2], None)]


def test_a_firm_that_moved_is_counted_where_it_lies_on_every_day(office: Office) -> None:
    firm = some_firms(office, 1)[0]
    give(office, [firm], "officer")
    enterprises.log_contact(firm, "call", "问好", actor=office.actor("officer"), now=NOW)
    later = NOW + timedelta(days=3)
    give(office, [firm], "officer2", now=later)
    draft = enterprises.Draft(name=firm.name, area=office.areas["8801002001"])
    enterprises.edit_enterprise(firm, draft, actor=office.actor("district_admin"), now=later + timedelta(days=1))
    cells = the_board(office, TODAY + timedelta(days=1), TODAY + timedelta(days=9)).cells
    assert set(cells) == {office.areas["8801002001"].id}
    [cell] = cells.values()
    assert (cell.firms, cell.covered, cell.stale) == (1, 1, 0)


def test_the_rows_behind_a_past_day_are_those_of_that_day(office: Office) -> None:
    firms = some_firms(office)
    give(office, firms[:1], "officer")
    later = NOW + timedelta(days=10)
    give(office, firms, "officer2", "officer", now=later)
    today = local_day(later)
    assert shown(office, "uncovered", TODAY, today) == {firms[1].name, firms[2].name}
    assert shown(office, "uncovered", today, today) == set()
    assert shown(office, "no_deputy", TODAY, today) == {firms[0].name}
    officer = office.people["officer"].id
    assert shown(office, "all", TODAY, today, officer_id=officer) == {firms[0].name}
    assert shown(office, "all", today, today, officer_id=officer) == set()


def test_a_past_day_is_read_only_on_its_pages(office: Office, client: FlaskClient) -> None:
    some_firms(office)
    admin = signed_in(client, office.people["district_admin"])
    db.session.execute(sa.update(Enterprise).values(created_at=utcnow() - timedelta(days=30)))
    db.session.commit()
    place, day = f"/coverage/{office.areas['8801001001'].id}", local_day(utcnow()) - timedelta(days=3)
    assert "assign" in admin.get(place).text
    page = admin.get(f"{place}?day={day}").text
    assert "第0号店" in page
    assert 'name="officer_id"' not in page
    assert f"day={day}" in admin.get(f"/coverage?day={day}").text
    assert 'name="leader_id"' not in admin.get(f"{place}/places?day={day}").text


def test_many_sites_get_their_leader_at_once(office: Office, client: FlaskClient) -> None:
    community = office.areas["8801001001"]
    sites = [add_area(code=f"S{n}", name=f"{n} 号园区", level="site", parent=community) for n in range(3)]
    db.session.commit()
    ids = [str(site.id) for site in sites]
    leader, street = str(office.people["area_leader"].id), office.areas["8801001"]
    here, admin = f"/coverage/{street.id}/places", signed_in(client, office.people["district_admin"])
    page = admin.get(f"{here}?level=site").text
    assert all(site.name in page for site in sites)
    wrong = admin.post(here, data={"level": "site", "places": ids[:1]})
    assert wrong.status_code == 422
    assert wrong.text.count(" checked") == 1
    said = {"level": "site", "places": ids[:2], "leader_id": leader}
    assert admin.post(here, data=said).status_code == 303
    page = admin.get(f"{here}?level=site&show=with").text
    assert "0 号园区" in page
    assert "2 号园区" not in page
    past = local_day(utcnow()) - timedelta(days=1)
    assert "0 号园区" in admin.get(f"{here}?level=site&day={past}").text, "yesterday nobody led it"
    lead = signed_in(client, office.people["lead"])
    assert lead.post(here, data=said).status_code == 403
    assert signed_in(client, office.people["desk_b"]).get(here).status_code == 404
    other = str(office.areas["8801002001"].id)
    count = service.set_leaders(street, [int(other)], int(leader), actor=office.actor("district_admin"), now=utcnow())
    assert count == 0, "a place outside is passed over"
