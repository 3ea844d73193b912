"""Saved views: a name for a filter, shared as far as one may, counted cheaply, told of in the morning."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from casework.audit import queries as chains
from casework.cases.saved import LISTED as CASES
from casework.cases.workflow import State
from casework.kernel.db import db, transaction
from casework.kernel.time import at_local, local, utcnow
from casework.notifications.models import Notice
from casework.roster.models import Posting
from casework.saved import queries, service
from casework.saved.firms import LISTED as FIRMS
from casework.saved.lists import Listed
from casework.saved.models import SavedView, ViewSubscription
from tests.factories import NOW, Office, a_case, a_firm, a_liaison, a_type, an_office, signed_in

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


@pytest.fixture
def as_(office: Office, client: FlaskClient) -> SignIn:
    return lambda name: signed_in(client.application.test_client(), office.people[name])


def a_view(office: Office, who: str = "lead", reach: str = "own", of: Listed = CASES, **filters: Any) -> SavedView:
    words = {name: str(value) for name, value in filters.items()}
    with transaction():
        view = service.save(of, "待查", words, reach, actor=office.actor(who), now=NOW)
    return db.session.get_one(SavedView, view.id)


def test_a_filter_is_kept_under_a_name_and_stands_above_the_list_with_its_count(office: Office, as_: SignIn) -> None:
    for urgent in (True, False):
        a_case(office, State.IN_PROGRESS, urgent=urgent, now=NOW)
    client = as_("lead")
    form = {"name": "在办件", "reach": "own", "every": ""}
    answer = client.post("/cases/views/new?state=in_progress", data=form)
    assert (answer.status_code, answer.location) == (303, "/cases?state=in_progress")
    assert 'href="/cases?state=in_progress" aria-current="page">在办件' in client.get("/cases?state=in_progress").text
    assert "在办件 <small>2</small>" in client.get("/cases/views/counts").text
    assert client.post("/cases/views/new?state=closed", data={**form, "name": ""}).status_code == 422
    assert "在办件" not in as_("officer").get("/cases").text


def test_a_view_is_shared_only_as_far_as_ones_role_reaches(office: Office, as_: SignIn) -> None:
    team, everybody = a_view(office, "lead", "team", due="late"), a_view(office, "district_admin", "all", due="week")
    seen = {
        who: {view.id for view in queries.views_of(CASES, office.actor(who))}
        for who in ("officer", "officer3", "desk_b")
    }
    assert seen == {"officer": {team.id, everybody.id}, "officer3": {everybody.id}, "desk_b": set()}
    officer = as_("officer")
    assert officer.post("/cases/views/new", data={"name": "x", "reach": "team"}).status_code == 403
    assert officer.post(f"/cases/views/{team.id}/remove").status_code == 403
    told = officer.post(
        f"/cases/views/{team.id}", data={"name": "改名", "reach": "team", "every": "day", "version": "1"}
    )
    assert told.status_code == 303  # being told is everybody's; the name stays
    assert db.session.get_one(SavedView, team.id).name == "待查"
    assert as_("desk_b").get(f"/cases/views/{team.id}").status_code == 404


def test_what_was_removed_comes_back_by_undo(office: Office, as_: SignIn) -> None:
    view, client = a_view(office), as_("lead")
    client.post(f"/cases/views/{view.id}/remove")
    page = client.get("/cases/views").text
    assert f"/cases/views/{view.id}/restore" in page
    assert queries.views_of(CASES, office.actor("lead")) == []
    assert as_("officer").post(f"/cases/views/{view.id}/restore").status_code == 404
    client.post(f"/cases/views/{view.id}/restore")
    assert [one.id for one in queries.views_of(CASES, office.actor("lead"))] == [view.id]


def test_a_view_that_names_what_is_gone_says_so(office: Office, as_: SignIn) -> None:
    kind = a_type("rent")
    view = a_view(office, type=kind.id)
    assert queries.broken(CASES, [view]) == {}
    kind.active = False
    office.people["officer2"].disabled_at = NOW
    db.session.commit()
    other = a_view(office, officer=office.people["officer2"].id)
    assert set(queries.broken(CASES, [view, other])) == {view.id, other.id}
    assert "所选诉求类型已停用" in as_("lead").get("/cases/views").text
    assert "所选诉求类型已停用" in as_("lead").get("/cases/views/counts").text


def test_in_the_morning_one_is_told_what_is_new_and_nothing_when_nothing_is(office: Office) -> None:
    a_case(office, State.IN_PROGRESS, now=NOW)
    view = a_view(office, "lead", "team", state="in_progress")
    with transaction():
        service.subscribe(view, "day", actor=office.actor("officer"), now=NOW)
    morning = NOW + timedelta(days=1)
    assert service.send_digests(NOW) == 0
    assert service.send_digests(morning) == 0  # nothing is new
    new = [a_case(office, State.IN_PROGRESS, now=morning) for _ in range(2)]
    assert service.send_digests(morning + timedelta(days=1)) == 1
    assert service.send_digests(morning + timedelta(days=1)) == 0
    known = queries.known_views(office.actor("officer"), [view.id])[view.id]
    assert (known.number, known.title) == (str(len(new)), "待查")
    assert db.session.scalar(sa.select(Notice.user_id)) == office.people["officer"].id


def test_who_left_the_team_is_told_no_more(office: Office) -> None:
    view = a_view(office, "lead", "team")
    with transaction():
        service.subscribe(view, "day", actor=office.actor("officer"), now=NOW)
        db.session.execute(
            sa.update(Posting)
            .where(Posting.user_id == office.people["officer"].id)
            .values(unit_id=office.units["team2"].id)
        )
    a_case(office, State.SUBMITTED, now=NOW)
    assert service.send_digests(NOW + timedelta(days=1)) == 0
    assert db.session.scalar(sa.select(ViewSubscription)) is None


@pytest.mark.parametrize(
    ("every", "day", "then"),
    [
        ("day", date(2020, 3, 16), date(2020, 3, 17)),
        ("week", date(2020, 3, 16), date(2020, 3, 23)),
        ("week", date(2020, 3, 22), date(2020, 3, 23)),
    ],
)
def test_digests_come_the_next_morning_or_the_next_monday(every: str, day: date, then: date) -> None:
    due = local(service.next_at(every, at_local(day, 9)))
    assert (due.date(), due.hour) == (then, 8)


def test_the_list_costs_no_more_with_many_views(
    office: Office, as_: SignIn, query_count: Callable[[], AbstractContextManager[Any]]
) -> None:
    client = as_("lead")
    a_view(office)
    client.get("/cases")
    with query_count() as few:
        client.get("/cases")
    for _ in range(5):
        a_view(office, due="late")
    with query_count() as many:
        client.get("/cases")
    assert len(many) == len(few)


# -- enterprises, by the same mechanism


def test_a_filter_of_enterprises_is_kept_shared_counted_and_told_of_like_one_of_cases(
    office: Office, as_: SignIn
) -> None:
    held, firm = a_firm(office, name="临江老街小吃店"), a_firm(office)
    a_liaison(held, office.people["officer"])
    db.session.commit()
    lead = as_("lead")
    form = {"name": "没人管的企业", "reach": "team", "every": "day"}
    answer = lead.post("/enterprises/views/new?held=none", data=form)
    assert (answer.status_code, answer.location) == (303, "/enterprises?held=none")
    page = lead.get("/enterprises?held=none").text
    assert 'href="/enterprises?held=none" aria-current="page">没人管的企业' in page
    assert (firm.name in page, held.name in page) == (True, False)
    assert "没人管的企业 <small>1</small>" in as_("officer").get("/enterprises/views/counts").text
    assert "没人管的企业" not in lead.get("/cases").text + lead.get("/cases/views").text
    view = db.session.scalars(sa.select(SavedView)).one()
    assert lead.get(f"/cases/views/{view.id}").status_code == 404, "it is no view of cases"
    assert lead.get(f"/enterprises/views/{view.id}/open").location == "/enterprises?held=none"
    subscription = db.session.scalars(sa.select(ViewSubscription)).one()
    assert subscription.seen == [firm.id]
    new = a_firm(office, name="新开的早点铺")
    db.session.commit()
    assert service.send_digests(subscription.next_at) == 1
    notice = db.session.scalars(sa.select(Notice).where(Notice.kind == "view_digest")).one()
    assert (notice.path, notice.user_id) == (f"/enterprises/views/{view.id}/open", office.people["lead"].id)
    assert db.session.get_one(ViewSubscription, (view.id, notice.user_id)).seen == [new.id, firm.id]


def test_each_role_finds_its_usual_views_of_enterprises(office: Office, as_: SignIn) -> None:
    firm, spoken = a_firm(office, name="久未联系的店"), a_firm(office, name="昨天联系的店")
    for one in (firm, spoken):
        a_liaison(one, office.people["officer"])
    spoken.contacted_on = local(utcnow()).date() - timedelta(days=1)
    db.session.commit()
    officer = as_("officer")
    mine = f"/enterprises?officer={office.people['officer'].id}"
    page = officer.get(f"{mine}&quiet=14").text
    assert f'href="{mine}&amp;quiet=14" aria-current="page"' in page
    assert (firm.name in page, spoken.name in page) == (True, False)
    assert "没有服务专员</a>" not in page
    assert 'href="/enterprises?held=none">没有服务专员</a>' in as_("desk").get("/enterprises").text
    assert queries.broken(FIRMS, [a_view(office, of=FIRMS, officer=0, area=999)]).keys()


def test_what_happens_to_shared_views_is_on_the_chain_and_what_happens_to_ones_own_is_not(
    office: Office, as_: SignIn
) -> None:
    own, lead = a_view(office), as_("lead")
    form = {"name": "待查", "every": "", "version": "1"}
    lead.post(f"/cases/views/{own.id}", data={**form, "name": "改名", "reach": "own"})
    lead.post(f"/cases/views/{own.id}/remove")

    def said() -> list[tuple[str, Any]]:
        rows = [row for row in chains.security_log().rows if row.verb.startswith("View")]
        return [(row.verb, row.data.get("changes")) for row in reversed(rows)]

    assert said() == []
    team = a_view(office, "lead", "team", due="late")
    lead.post(f"/cases/views/{team.id}", data={**form, "name": "超期件", "reach": "team"})
    lead.post(f"/cases/views/{team.id}", data={**form, "name": "超期件", "reach": "team", "version": "2"})
    lead.post(f"/cases/views/{team.id}/remove")
    lead.post(f"/cases/views/{team.id}/restore")
    changed = ("ViewChanged", {"name": ["待查", "超期件"]})
    assert said() == [("ViewShared", None), changed, ("ViewRemoved", None), ("ViewRestored", None)]
    log = as_("secadmin").get("/security").text
    assert "删除共享视图“超期件”（诉求）：本组" in log


def test_who_leads_the_team_no_more_changes_its_view_no_more(office: Office) -> None:
    view, role = a_view(office, "lead", "team"), sa.update(Posting).where(Posting.user_id == office.people["lead"].id)
    assert queries.may_change(view, office.actor("lead"))
    db.session.execute(role.values(role="officer"))
    db.session.commit()
    assert not queries.may_change(view, office.actor("lead"))
