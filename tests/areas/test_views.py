"""The tree of areas: scope, sites, names."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from casework.areas import queries, service
from casework.areas.models import Area
from casework.kernel.db import db
from casework.kernel.errors import NotPermitted, Refused
from casework.kernel.permissions import Actor, Duty, Role
from casework.kernel.time import utcnow
from tests.accounts.office import actor_of, sign_in


def test_a_place_knows_everything_it_lies_in(office):
    community, places = office.areas["community-a"], office.areas
    site = service.add_area(code="s", name="南贤广场", level="site", parent=community)
    assert queries.placed(site) == {
        "city_id": places["city"].id,
        "district_id": places["district-a"].id,
        "subdistrict_id": places["street-a"].id,
        "community_id": community.id,
    }
    assert queries.placed(places["street-a"])["subdistrict_id"] == places["street-a"].id
    assert site.full_name == "江城市临江区临南街道临桥社区南贤广场"
    assert site.path == "临江区 ▸ 临南街道 ▸ 临桥社区 ▸ 南贤广场"
    assert [place.name for place in queries.ancestors(site)] == ["江城市", "临江区", "临南街道", "临桥社区"]


def test_somebody_serves_in_the_districts_of_their_places_whatever_the_level(office):
    def serving(*names: str) -> Actor:
        places = [office.areas[name] for name in names]
        return Actor(1, "x", tuple(Duty(Role.OFFICER, 1, "", place.id, place.level) for place in places))

    city, district = office.areas["city"].id, office.areas["district-a"].id
    for names, first, every in (
        (("community-a", "district-a"), district, {district}),
        (("street-a", "city"), district, {district, city}),
        (("city", "street-a"), city, {district, city}),
        ((), None, set()),
    ):
        actor = serving(*names)
        assert (queries.district_served(actor), queries.districts_served(actor.duties)) == (first, every)


def test_a_person_sees_their_district_and_nothing_of_the_next(office):
    officer = actor_of(office.person("shen", Role.OFFICER))
    names = {area.name for area in db.session.scalars(queries.visible_to(officer))}
    assert names == {"江城市", "临江区", "临南街道", "临桥社区"}


def test_every_area_of_a_large_city_is_offered(office):
    community = office.areas["community-a"]
    new = {
        name: getattr(community, name) for name in ("level", "parent_id", "city_id", "district_id", "subdistrict_id")
    }
    rows = [
        {"code": f"x{n:04}", "name": f"社区{n}", "full_name": f"社区{n}", "path": f"社区{n}", **new}
        for n in range(2_100)
    ]
    db.session.execute(sa.insert(Area), rows)
    inside = [name for _, name in queries.choices_in([office.areas["district-a"].id], levels=("community",))]
    assert len(inside) == 2_101
    assert "望桥社区" not in "".join(inside)
    officer = actor_of(office.person("shen", Role.OFFICER))
    assert [name for _, name in queries.choices(officer, levels=("community",))] == inside


def test_another_district_is_not_there(office, client):
    office.person("admin", Role.DISTRICT_ADMIN, unit="office-a")
    sign_in(client, "admin")
    other = office.areas["community-b"].id
    assert client.get(f"/areas/{other}").status_code == 404
    assert client.post(f"/areas/{other}/name", data={"name": "x", "version": "1"}).status_code == 404
    assert "望桥社区" not in client.get("/areas?q=桥").text
    assert "临桥社区" in client.get("/areas?q=桥").text


def test_a_site_is_added_once_however_often_the_button_is_pressed(office, client):
    office.person("admin", Role.DISTRICT_ADMIN, unit="office-a")
    sign_in(client, "admin")
    community = office.areas["community-a"].id
    answers = [client.post(f"/areas/{community}/sites", data={"name": "南贤广场", "op": "k"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert [site.name for site in queries.children(community)] == ["南贤广场"]
    again = client.post(f"/areas/{community}/sites", data={"name": "南贤广场", "op": "l"})
    assert again.status_code == 422
    assert "南贤广场已经有了" in again.text


def test_a_new_name_reaches_everything_below(office):
    admin = actor_of(office.person("admin", Role.DISTRICT_ADMIN, unit="office-a"))
    service.rename(office.areas["street-a"], name="滨江街道", actor=admin, now=utcnow())
    db.session.commit()
    assert queries.by_code("9901a11").full_name == "江城市临江区滨江街道临桥社区"
    assert queries.by_code("9901b11").full_name == "江城市望湖区望南街道望桥社区"
    assert queries.by_code("9901a11").path == "临江区 ▸ 滨江街道 ▸ 临桥社区"
    assert queries.by_code("9901b11").path == "望湖区 ▸ 望南街道 ▸ 望桥社区"


def test_a_stale_name_form_is_shown_again_with_its_text(office, client):
    office.person("admin", Role.DISTRICT_ADMIN, unit="office-a")
    sign_in(client, "admin")
    street = office.areas["street-a"].id
    assert client.post(f"/areas/{street}/name", data={"name": "甲街道", "version": "1"}).status_code == 303
    stale = client.post(f"/areas/{street}/name", data={"name": "乙街道", "version": "1"})
    assert stale.status_code == 409
    assert 'value="乙街道"' in stale.text
    assert db.session.get(Area, street).name == "甲街道"


def test_who_only_reads_sees_no_form_and_is_refused(office, client):
    officer = office.person("shen", Role.OFFICER)
    sign_in(client, "shen")
    community = office.areas["community-a"]
    assert "/name" not in client.get(f"/areas/{community.id}").text
    assert client.post(f"/areas/{community.id}/name", data={"name": "x"}).status_code == 403
    with pytest.raises(NotPermitted):
        service.add_site(community, name="x", actor=actor_of(officer), now=utcnow())


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"code": "9901"}, "code"),
        ({"level": "city"}, "level"),
        ({"level": "community"}, "level"),
    ],
)
def test_a_place_that_fits_nowhere_is_refused_at_its_field(office, values, field):
    given = {"code": "new", "name": "新", "level": "site"} | values
    with pytest.raises(Refused) as refusal:
        service.add_area(**given, parent=office.areas["community-a"])
    assert [reason.field for reason in refusal.value.reasons] == [field]
