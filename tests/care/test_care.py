"""One-to-one care: the two who look after a resident know of them, their lead with a trace, everybody else not at all."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from casework.audit.models import Event, EventPayload
from casework.care import queries, service
from casework.care.models import CareEntry, CareWords, Keeping, Resident
from casework.care.rules import Draft
from casework.kernel.db import db
from casework.kernel.errors import NotPermitted, Refused
from casework.kernel.time import local_day, utcnow
from casework.roster.models import Absence
from casework.visits import route
from tests.factories import NOW, Office, signed_in

TODAY = local_day(NOW)
DAY = timedelta(days=1)
NAME, PHONE, HOME = "罗桂珍", "13900012207", "南贤里 3 栋 402"


def a_resident(office: Office, *, keeper: str = "helper", deputy: str | None = "officer", now: Any = NOW) -> Resident:
    made = service.begin(
        Draft(name=NAME, phone=PHONE, address=HOME, needs="代买降压药", every_days=2),
        area=office.areas["8801001001"],
        unit=office.units["team"],
        keeper_id=office.people[keeper].id,
        deputy_id=office.people[deputy].id if deputy else None,
        since=local_day(now),
        actor=office.actor("lead"),
        now=now,
    )
    db.session.commit()
    return made


def look(
    office: Office, resident: Resident, condition: str = "well", *, by: str = "helper", now: Any = NOW
) -> CareEntry:
    entry = service.log(resident, way="visit", condition=condition, text="量了血压", actor=office.actor(by), now=now)
    db.session.flush()
    return entry


def verbs() -> list[str]:
    return list(db.session.scalars(sa.select(Event.verb).where(Event.chain == "security").order_by(Event.id)))


def on_route(office: Office, who: str, day: Any = TODAY) -> list[str]:
    db.session.flush()
    return [line.name for line in route.lines_of(office.actor(who), day)]


def op_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(version|op)" value="([^"]*)"', page))


def test_a_resident_stands_on_the_route_of_who_looks_after_them_every_so_many_days(office: Office) -> None:
    resident = a_resident(office)
    assert on_route(office, "helper") == [NAME]
    assert on_route(office, "officer") == []  # the deputy, while the first is there
    look(office, resident)
    assert on_route(office, "helper") == on_route(office, "helper", TODAY + DAY) == []
    assert on_route(office, "helper", TODAY + 2 * DAY) == [NAME]


def test_where_nobody_opened_somebody_comes_again_the_next_day(office: Office) -> None:
    look(office, a_resident(office), "unreached")
    assert on_route(office, "helper") == []
    assert on_route(office, "helper", TODAY + DAY) == [NAME]


def test_the_deputy_looks_in_while_the_first_is_away(office: Office) -> None:
    a_resident(office)
    away = Absence(user_id=office.people["helper"].id, kind="ill", from_on=TODAY, to_on=TODAY, deputy_id=None)
    db.session.add(away)
    assert (on_route(office, "helper"), on_route(office, "officer")) == ([], [NAME])


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("helper", 200),
        ("officer", 200),
        ("lead", 200),
        ("officer2", 404),
        ("officer3", 404),
        ("lead2", 404),
        ("desk", 403),
        ("area_leader", 403),
        ("district_admin", 403),
        ("regulator", 403),
        ("sysadmin", 403),
        ("auditor", 403),
    ],
)
def test_a_residents_page_is_there_for_the_two_and_their_lead(
    office: Office, client: FlaskClient, who: str, status: int
) -> None:
    resident = a_resident(office, now=utcnow())
    signed_in(client, office.people[who])
    response = client.get(f"/care/{resident.id}")
    assert response.status_code == status
    assert (NAME in response.text) is (status == 200)
    assert verbs().count("CareOpened") == (1 if who == "lead" else 0)


@pytest.mark.parametrize("who", ["officer2", "officer3", "lead2"])
@pytest.mark.parametrize("path", ["log", "reveal", "end", "edit", "hand-over"])
def test_nothing_can_be_done_to_a_resident_of_others(office: Office, client: FlaskClient, who: str, path: str) -> None:
    resident = a_resident(office, now=utcnow())
    signed_in(client, office.people[who])
    before = verbs()
    assert client.post(f"/care/{resident.id}/{path}", data={"condition": "well"}).status_code in (403, 404)
    assert verbs() == before


def test_the_lead_sees_a_covered_name_in_the_list_and_leaders_see_numbers(office: Office, client: FlaskClient) -> None:
    a_resident(office, now=utcnow())
    page = signed_in(client, office.people["lead"]).get("/care").text
    assert "罗**" in page
    assert not any(secret in page for secret in (NAME, PHONE, HOME, "降压药"))
    assert "罗**" not in signed_in(client, office.people["lead2"]).get("/care").text  # another team's
    for leader in ("district_admin", "area_leader"):
        page = signed_in(client, office.people[leader]).get("/care").text
        assert "独居老人" in page
        assert not any(secret in page for secret in (NAME, "罗**", PHONE, HOME, "降压药"))


def test_another_district_counts_nothing_of_ours(office: Office) -> None:
    from tests.factories import a_posting

    a_resident(office)
    a_posting(office, "desk_b", unit="desk-b", role="district_admin", area="8802")
    assert queries.counts(office.actor("desk_b"), TODAY) == []
    [row] = queries.counts(office.actor("district_admin"), TODAY)
    assert (row.kind, row.residents, row.overdue, row.help) == ("elderly", 1, 0, 0)


def test_a_number_is_shown_once_and_each_look_is_logged(office: Office, client: FlaskClient) -> None:
    resident = a_resident(office, now=utcnow())
    signed_in(client, office.people["helper"])
    assert PHONE not in client.get(f"/care/{resident.id}").text
    assert client.post(f"/care/{resident.id}/reveal").status_code == 303
    assert f"tel:{PHONE}" in client.get(f"/care/{resident.id}").text
    assert PHONE not in client.get(f"/care/{resident.id}").text
    assert verbs().count("CarePhoneRevealed") == 1


def test_the_log_of_the_office_holds_no_name_number_or_home(office: Office) -> None:
    resident = a_resident(office)
    look(office, resident)
    service.end(resident, why="moved", note="搬到女儿家", actor=office.actor("lead"), now=NOW)
    db.session.flush()
    said = str(list(db.session.scalars(sa.select(EventPayload.payload))))
    assert not any(secret in said for secret in (NAME, PHONE, HOME, "血压", "女儿"))


def test_what_was_found_is_never_changed_and_its_words_can_be_erased_whole(office: Office) -> None:
    look(office, a_resident(office))
    db.session.commit()
    for change in (
        sa.update(CareEntry).values(condition="help"),
        sa.delete(CareEntry),
        sa.update(CareWords).values(text="另一句"),
    ):
        with pytest.raises(sa.exc.DBAPIError):
            db.session.execute(change)
        db.session.rollback()
    db.session.execute(sa.delete(CareWords))
    assert db.session.scalar(sa.select(CareEntry.condition)) == "well"


def test_handing_over_keeps_who_it_was_and_takes_it_out_of_their_sight(office: Office, client: FlaskClient) -> None:
    resident = a_resident(office)
    later = NOW + 5 * DAY
    new = office.people["officer2"].id
    service.hand_over(resident, keeper_id=new, deputy_id=None, actor=office.actor("lead"), now=later)
    db.session.commit()
    kept = db.session.scalars(sa.select(Keeping).order_by(Keeping.id)).all()
    assert [(row.from_on, row.to_on) for row in kept] == [(TODAY, TODAY + 4 * DAY), (TODAY + 5 * DAY, None)]
    for who, status in (("helper", 404), ("officer", 404), ("officer2", 200)):
        signed_in(client, office.people[who])
        assert client.get(f"/care/{resident.id}").status_code == status, who


def test_only_the_lead_hands_over_and_only_within_the_team(office: Office) -> None:
    resident = a_resident(office)
    new = office.people["officer2"].id
    for stranger in ("helper", "officer", "lead2", "district_admin"):
        with pytest.raises(NotPermitted):
            service.hand_over(resident, keeper_id=new, deputy_id=None, actor=office.actor(stranger), now=NOW)
    with pytest.raises(Refused):
        outsider = office.people["officer3"].id
        service.hand_over(resident, keeper_id=outsider, deputy_id=None, actor=office.actor("lead"), now=NOW)


def test_care_ends_with_a_reason_and_nobody_looks_in_any_more(office: Office, client: FlaskClient) -> None:
    resident = a_resident(office, now=utcnow())
    signed_in(client, office.people["officer"])
    form = op_of(client.get(f"/care/{resident.id}").text)
    sent = {"version": form["version"], "op": "end-it", "why": "recovered", "note": "已康复"}
    assert client.post(f"/care/{resident.id}/end", data=sent).status_code == 303
    assert client.get(f"/care/{resident.id}").status_code == 404
    assert on_route(office, "helper") == []
    signed_in(client, office.people["lead"])
    assert "已康复" in client.get(f"/care/{resident.id}").text


def test_what_was_typed_survives_a_refusal_and_a_second_click_does_nothing(office: Office, client: FlaskClient) -> None:
    resident = a_resident(office, now=utcnow())
    signed_in(client, office.people["helper"])
    refused = client.post(f"/care/{resident.id}/log", data={"op": "a", "condition": "help", "way": "call", "text": ""})
    assert refused.status_code == 422
    assert "请简单写明需要什么" in refused.text
    for _ in range(2):
        sent = {"op": "b", "condition": "help", "way": "call", "text": "要一袋米\0"}
        assert client.post(f"/care/{resident.id}/log", data=sent).status_code == 303
    [words] = db.session.scalars(sa.select(CareWords.text))
    assert words == "要一袋米"


def test_two_who_correct_a_resident_at_once_do_not_overwrite_each_other(office: Office, client: FlaskClient) -> None:
    resident = a_resident(office, now=utcnow())
    signed_in(client, office.people["officer"])
    form = op_of(client.get(f"/care/{resident.id}/edit").text)
    area = str(office.areas["8801001001"].id)
    sent = {"name": NAME, "area_id": area, "kind": "elderly", "every_days": "3", "version": form["version"]}
    masked = {**sent, "phone": "139****2207"}
    assert client.post(f"/care/{resident.id}/edit", data={**masked, "op": "c"}).status_code == 303
    assert db.session.get_one(Resident, resident.id).phone == PHONE  # left as it was shown
    assert client.post(f"/care/{resident.id}/edit", data={**sent, "op": "d", "needs": "晚到的"}).status_code == 409


def test_a_helper_begins_no_care_and_a_team_is_ones_own(office: Office, client: FlaskClient) -> None:
    signed_in(client, office.people["helper"])
    assert client.get("/care/new").status_code == 403
    signed_in(client, office.people["officer"])
    sent = {
        "name": NAME,
        "phone": PHONE,
        "area_id": str(office.areas["8801001001"].id),
        "kind": "elderly",
        "every_days": "2",
        "since": local_day(utcnow()).isoformat(),
        "keeper_id": str(office.people["helper"].id),
    }
    other = client.post("/care/new", data={**sent, "op": "e", "unit_id": str(office.units["team2"].id)})
    assert other.status_code == 403
    own = client.post("/care/new", data={**sent, "op": "f", "unit_id": str(office.units["team"].id)})
    assert own.status_code == 303
    assert client.get(own.location).status_code == 404  # given away: no longer in their sight
