"""Call-backs: never by the handler, or by the enterprise's own link; unreached and refused apart; rework has its clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from casework.audit import queries as audit
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.clocks.queries import open_deadlines
from casework.kernel.db import db
from casework.kernel.errors import NotPermitted, Refused
from casework.kernel.time import utcnow
from casework.notifications.models import Notice
from casework.review import calling
from tests.factories import NOW, Office, a_case, a_type
from tests.negotiations.deal import KEY

SignIn = Callable[..., Any]
HAPPY = {"result": "reached", "contacted": "yes", "solved": "yes", "satisfied": "5"}
UNHAPPY = {"contacted": "yes", "solved": "no", "satisfied": "2", "text": "还差两箱"}


def a_call(office: Office, **changes: Any) -> Case:
    return a_case(office, State.CALLBACK, now=utcnow(), **{"title": "口罩没有到货", **changes})


def test_the_queue_is_of_those_who_did_not_handle_it(office: Office, as_: SignIn) -> None:
    case = a_call(office)
    assert case.title in as_("desk").get("/call-backs").text
    case.handled_by = [*case.handled_by, office.people["desk2"].id]
    case.result_by_id = office.people["desk2"].id
    db.session.commit()
    assert case.title not in as_("desk2").get("/call-backs").text
    assert as_("desk2").get(f"/call-backs/{case.number}").status_code == 403
    assert as_("officer").get("/call-backs").status_code == 403


def test_a_call_is_logged_and_the_next_enterprise_follows(office: Office, as_: SignIn) -> None:
    case, other = a_call(office), a_call(office, title="另一家")
    desk = as_("desk")
    page = desk.get(f"/call-backs/{case.number}").text
    assert "139****2206" in page
    assert "13900002206" in desk.post(f"/call-backs/{case.number}/phone").text
    assert audit.timeline(case.id)[0].verb == "ContactRevealed"
    answer = desk.post(f"/call-backs/{case.number}", data=HAPPY | {"version": str(case.version)})
    assert (answer.status_code, answer.location) == (303, f"/call-backs/{other.number}")
    assert (case.state, case.rating, case.callback_result) == (State.CLOSED, 5, "reached")


def test_what_was_not_answered_is_asked_for(office: Office, as_: SignIn) -> None:
    case = a_call(office)
    answer = as_("desk").post(f"/call-backs/{case.number}", data={"result": "reached", "version": str(case.version)})
    assert answer.status_code == 422
    assert answer.text.count("选一个回答") >= 3


def test_two_who_call_at_once_are_not_both_heard(office: Office, as_: SignIn) -> None:
    case = a_call(office)
    seen = HAPPY | {"version": str(case.version), "result": "unreached"}
    assert as_("desk").post(f"/call-backs/{case.number}", data=seen).status_code == 303
    assert as_("desk2").post(f"/call-backs/{case.number}", data=seen).status_code == 409
    assert case.callback_tries == 1


def test_unreached_and_refused_are_kept_apart_and_the_type_says_how_often_to_try(office: Office, as_: SignIn) -> None:
    kind = a_type("other")
    kind.limits = {**kind.limits, "callback": {**kind.limits["callback"], "tries": 2}}
    db.session.commit()
    case, refuses = a_call(office), a_call(office, title="不愿回答")
    desk = as_("desk")
    for expected in (State.CALLBACK, State.CLOSED):
        desk.post(f"/call-backs/{case.number}", data={"result": "unreached", "version": str(case.version)})
        assert case.state == expected
    desk.post(f"/call-backs/{refuses.number}", data={"result": "refused", "version": str(refuses.version)})
    assert [(one.callback_result, one.rating) for one in (case, refuses)] == [("unreached", None), ("refused", None)]


def test_a_bad_rating_opens_rework_with_a_clock_of_its_own_and_tells_the_officer(office: Office, as_: SignIn) -> None:
    case = a_call(office)
    as_("desk").post(f"/call-backs/{case.number}", data=UNHAPPY | {"result": "reached", "version": str(case.version)})
    assert case.state == State.IN_PROGRESS
    assert [one.clock for one in open_deadlines(case.id)] == ["rework"]
    assert case.next_clock == "rework"
    told = sa.select(Notice.kind).where(Notice.user_id == office.people["officer"].id).order_by(Notice.id.desc())
    assert db.session.scalars(told).first() == "reopened"
    assert "还差两箱" in as_("officer").get(f"/cases/{case.number}").text


# -- by link


def a_link(office: Office, case: Case, by: str = "desk") -> str:
    link = calling.make_link(case, key=KEY, actor=office.actor(by), now=utcnow())
    db.session.commit()
    return f"/rate/{calling.token_of(link, KEY)}"


def test_the_enterprise_answers_by_its_link_once(office: Office, client: FlaskClient) -> None:
    case = a_call(office)
    here = a_link(office, case)
    page = client.get(here).text
    assert "口罩已送到" in page
    assert case.contact_phone not in page
    assert client.post(here, data={"contacted": "yes"}).status_code == 422
    assert client.post(here, data=UNHAPPY).status_code == 303
    assert (case.state, case.rating) == (State.IN_PROGRESS, 2)
    entry = next(entry for entry in audit.timeline(case.id) if entry.data.get("action") == "callback")
    assert entry.actor_id is None, "it is nobody of the office who says so"
    assert "谢谢" in client.get(here).text
    assert client.post(here, data=UNHAPPY | {"satisfied": "5"}).status_code == 422


def test_a_new_link_ends_the_old_one_and_a_call_ends_both(office: Office, client: FlaskClient, as_: SignIn) -> None:
    case = a_call(office)
    old, new = a_link(office, case), a_link(office, case)
    assert client.get(old).status_code == 410
    assert client.get(new).status_code == 200
    as_("desk").post(f"/call-backs/{case.number}", data=HAPPY | {"version": str(case.version)})
    assert client.get(new).status_code == 410
    assert client.post(new, data=UNHAPPY).status_code == 422
    assert case.state == State.CLOSED
    assert client.get("/rate/guess").status_code == 404


def test_who_handled_the_case_does_not_send_its_link(office: Office) -> None:
    case = a_call(office)
    with pytest.raises(NotPermitted):
        calling.make_link(case, key=KEY, actor=office.actor("officer"), now=NOW)
    closed = a_case(office, State.CLOSED)
    with pytest.raises(Refused, match="no call-back"):
        calling.make_link(closed, key=KEY, actor=office.actor("desk"), now=NOW)


def test_a_link_lasts_a_week(office: Office) -> None:
    case = a_call(office)
    link = calling.make_link(case, key=KEY, actor=office.actor("desk"), now=NOW)
    assert calling.is_live(link, case, NOW + timedelta(days=6))
    assert not calling.is_live(link, case, NOW + timedelta(days=7))
    with pytest.raises(Refused, match="no longer valid"):
        calling.answer_by_link(link, UNHAPPY, now=NOW + timedelta(days=7))


def test_the_page_of_the_call_makes_the_link_and_shows_it_as_a_text_to_send(office: Office, as_: SignIn) -> None:
    case, desk = a_call(office), as_("desk")
    assert desk.post(f"/call-backs/{case.number}/link", data={}).status_code == 303
    page = desk.get(f"/call-backs/{case.number}").text
    assert "/rate/" in page
    assert case.title in page
