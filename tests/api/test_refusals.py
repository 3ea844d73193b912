"""What a program does wrong is said in one problem document that names the field; nothing is half done, nothing breaks."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from casework.accounts import machines
from casework.accounts.models import ApiToken
from casework.accounts.queries import digest
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.models import DoneOnce
from casework.kernel.permissions import Role
from casework.kernel.time import utcnow
from casework.roster.queries import actor_for
from tests.api.conftest import Program, a_token
from tests.factories import Office, a_case, a_posting, signed_in

Speaks = Callable[..., Program]


def kind(response: Any) -> tuple[int, str]:
    assert response.content_type == "application/problem+json"
    said = response.json
    assert said["status"] == response.status_code
    assert said["title"]
    assert said["detail"]
    return response.status_code, said["type"].removeprefix("/help/api#")


def cases() -> int:
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(Case)) or 0)


BODIES: dict[str, tuple[bytes | dict[str, Any], tuple[int, str], str]] = {
    "no JSON": (b"{", (400, "unreadable"), ""),
    "not UTF-8": (b'{"title": "\xff"}', (400, "unreadable"), ""),
    "a name twice": (b'{"title": "a", "title": "b"}', (400, "unreadable"), "title"),
    "NaN": (b'{"area": NaN}', (400, "unreadable"), ""),
    "too deep": (b'{"title": ' + b"[" * 21 + b"]" * 21 + b"}", (400, "unreadable"), ""),
    "very deep": (b"[" * 100_000, (400, "unreadable"), ""),
    "many quotes": (b'"' + b'\\"' * 200_000, (400, "unreadable"), ""),
    "a huge number": (b'{"area": ' + b"9" * 5000 + b"}", (400, "unreadable"), ""),
    "a list": (b"[]", (422, "body"), ""),
    "an unknown field": ({"owner": "x"}, (422, "body"), "owner"),
    "a number for a text": ({"title": 5}, (422, "body"), "title"),
    "a text for a number": ({"area": "5"}, (422, "body"), "area"),
    "true for a number": ({"area": True}, (422, "body"), "area"),
    "one for true": ({"urgent": 1}, (422, "body"), "urgent"),
    "null": ({"title": None}, (422, "body"), "title"),
    "half a character": (b'{"title": "\\ud800"}', (422, "body"), "title"),
    "too long": ({"title": "口" * 121}, (422, "body"), "title"),
    "blank": ({"title": "  　"}, (422, "body"), "title"),
    "no such type": ({"type": "nothing"}, (422, "refused"), "type"),
    "no such place": ({"area": 2**53}, (422, "refused"), "area"),
    "no phone": ({"contact_phone": "call me"}, (422, "refused"), "contact_phone"),
    "no credit code": ({"uscc": "123"}, (422, "refused"), "uscc"),
}


def test_a_bad_body_is_refused_by_field(program: Speaks, report: dict[str, Any]) -> None:
    desk, found = program("desk"), {}
    for what, (body, _, field) in BODIES.items():
        refused = desk.post("/cases", {**report, **body} if isinstance(body, dict) else body)
        named = [error.get("field") for error in refused.json["errors"]]
        found[what] = (kind(refused), field if field in named else "")
    assert found == {what: (expected, field) for what, (_, expected, field) in BODIES.items()}
    assert cases() == 0
    assert db.session.query(DoneOnce).count() == 0  # a refusal uses no key up


def test_every_fault_of_a_body_is_named_at_once(program: Speaks) -> None:
    refused = program("desk").post("/cases", {"title": 1, "owner": 2})
    named = {error["field"] for error in refused.json["errors"]}
    assert named == {"title", "owner", "text", "type", "area", "requester"}


def test_a_body_beyond_the_limit_is_too_large(program: Speaks) -> None:
    assert kind(program("desk").post("/cases", b'{"title": "' + b"a" * 1_100_000 + b'"}')) == (413, "too-large")


HEADERS: dict[str, tuple[dict[str, str | None], tuple[int, str]]] = {
    "no key": ({"Idempotency_Key": None}, (400, "key")),
    "a short key": ({"Idempotency_Key": "abc"}, (400, "key")),
    "a key too long": ({"Idempotency_Key": "a" * 61}, (400, "key")),
    "no media type": ({"Content_Type": None}, (415, "media-type")),
    "a form": ({"Content_Type": "application/x-www-form-urlencoded"}, (415, "media-type")),
    "wants a page": ({"Accept": "text/html"}, (406, "not-acceptable")),
    "no token": ({"Authorization": None}, (401, "token")),
    "another scheme": ({"Authorization": "Basic eDp5"}, (401, "token")),
    "no such token": ({"Authorization": "Bearer cw_nothing"}, (401, "token")),
}


def test_a_missing_or_bad_header_is_named(program: Speaks, report: dict[str, Any]) -> None:
    desk, found = program("desk"), {}
    for what, (headers, _) in HEADERS.items():
        refused = desk.post("/cases", report, **headers)
        assert ("WWW-Authenticate" in refused.headers) == (refused.status_code == 401)
        found[what] = kind(refused)
    assert found == {what: expected for what, (_, expected) in HEADERS.items()}
    assert cases() == 0


PARAMETERS = {
    "color=red": "color",
    "limit=101": "limit",
    "limit=x": "limit",
    "limit=5&limit=6": "limit",
    "fields=number,secret": "fields",
    "state=happy": "state",
    "type=nothing": "type",
    "cursor=AAAA": "cursor",
    "area=99999999999999999999": "area",
}


def test_an_unknown_filter_or_value_is_named(program: Speaks) -> None:
    desk, found = program("desk"), {}
    for query in PARAMETERS:
        refused = desk.get(f"/cases?{query}")
        found[query] = (refused.status_code, [error["field"] for error in refused.json["errors"]])
    assert found == {query: (422, [name]) for query, name in PARAMETERS.items()}


def test_a_cursor_of_another_list_or_order_is_refused(program: Speaks, office: Office) -> None:
    for _ in range(3):
        a_case(office)
    desk = program("desk")
    first = desk.get("/cases?limit=2&sort=new").json
    rest = desk.get(f"/cases?limit=2&sort=new&cursor={first['next']}").json
    numbers = [row["number"] for row in first["items"] + rest["items"]]
    assert (len(numbers), len(set(numbers)), rest["next"]) == (3, 3, None)
    assert kind(desk.get(f"/cases?sort=due&cursor={first['next']}")) == (422, "cursor")
    assert kind(desk.get(f"/areas?cursor={first['next']}")) == (422, "cursor")
    assert kind(desk.get("/events?after=999999")) == (422, "cursor")


# -- tokens


def test_a_token_that_ended_was_revoked_or_is_used_from_elsewhere_opens_nothing(
    program: Speaks, office: Office, client: FlaskClient
) -> None:
    ended = program("desk", days=1, now=utcnow() - timedelta(days=1, seconds=1))
    assert kind(ended.get("/cases")) == (401, "token")
    elsewhere = program("desk", networks=["10.8.0.0/16"])
    assert kind(elsewhere.get("/cases")) == (401, "token")
    good = program("desk", networks=["127.0.0.0/8"])
    assert good.get("/cases").status_code == 200
    row = db.session.scalars(sa.select(ApiToken).where(ApiToken.token_hash == digest(good.token))).one()
    assert row.used_at is not None
    row.revoked_at = utcnow()
    db.session.commit()
    assert kind(good.get("/cases")) == (401, "token")
    row.revoked_at, office.people["desk"].disabled_at = None, utcnow()
    db.session.commit()
    assert kind(good.get("/cases")) == (401, "token")


def test_a_scope_that_the_token_lacks_is_named(program: Speaks, report: dict[str, Any]) -> None:
    reader = program("desk", scopes=("read",))
    refused = reader.post("/cases", report)
    assert kind(refused) == (403, "scope")
    assert "“write”" in refused.json["detail"]
    assert kind(program("desk", scopes=("write",)).get("/cases")) == (403, "scope")


def test_a_cookie_opens_nothing(client: FlaskClient, office: Office, report: dict[str, Any]) -> None:
    signed_in(client, office.people["desk"])
    assert client.get("/cases").status_code == 200
    assert kind(client.get("/api/v1/cases")) == (401, "token")
    sent = client.post("/api/v1/cases", json=report, headers={"Idempotency-Key": "by-cookie"})
    assert kind(sent) == (401, "token")


def test_a_token_lends_no_right_of_an_administrator(app: Flask, program: Speaks, office: Office) -> None:
    a_posting(office, "sysadmin", unit="desk", role="desk", area="8801")
    db.session.commit()
    both = program("sysadmin")
    assert both.get("/cases").status_code == 200
    with app.test_request_context(headers={"Authorization": f"Bearer {both.token}"}):
        speaker = machines.owner(actor_for, utcnow(), "read")
    assert [duty.role for duty in speaker.duties] == [Role.DESK]
    assert kind(program("auditor").get("/cases")) == (403, "not-permitted")


def test_a_minute_holds_six_hundred_requests_over_all_processes(
    client: FlaskClient, office: Office, make_app: Any, settings: Any
) -> None:
    from dataclasses import replace

    limited = replace(settings, options={"TOKEN_MINUTE": 40})
    token = a_token(office, "desk")
    nodes = [Program(make_app(limited).test_client(), token) for _ in range(2)]
    answers = [nodes[turn % 2].get("/case-types") for turn in range(50)]
    passed = [answer for answer in answers if answer.status_code == 200]
    assert len(passed) == 40
    assert kind(answers[-1]) == (429, "too-many")
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61


# -- what is there, and in which state


def test_what_is_out_of_scope_answers_as_what_is_not_there(program: Speaks, office: Office) -> None:
    case = a_case(office)
    stranger = program("desk_b")
    for path in ("", "/events", "/attachments", "/rounds", "/runs"):
        known, unknown = stranger.get(f"/cases/{case.number}{path}"), stranger.get(f"/cases/8801-2020-999999{path}")
        assert kind(known) == kind(unknown) == (404, "not-found") or known.status_code == unknown.status_code == 403
        assert known.json["detail"] == unknown.json["detail"]
    assert stranger.get("/cases?scope=all").json["items"] == []
    assert stranger.get("/events").json["items"] == []
    acted = stranger.post(f"/cases/{case.number}/actions/accept", {}, If_Match='"1"')
    assert kind(acted) == (404, "not-found")


def test_an_action_needs_the_version_that_is_there(program: Speaks, office: Office) -> None:
    case = a_case(office)
    desk, at = program("desk"), f"/cases/{case.number}/actions/accept"
    assert kind(desk.post(at, {})) == (428, "version-missing")
    assert kind(desk.post(at, {}, If_Match="*")) == (428, "version-missing")
    assert kind(desk.post(at, {}, If_Match='W/"1"')) == (412, "stale")
    assert kind(desk.post(at, {}, If_Match='"999"')) == (412, "stale")
    assert db.session.get_one(Case, case.id).state == State.SUBMITTED
    tag = desk.get(f"/cases/{case.number}").headers["ETag"]
    assert desk.post(at, {}, If_Match=tag).status_code == 200


def test_the_rules_and_the_table_say_no_as_on_the_page(program: Speaks, office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    officer, at = program("officer"), f"/cases/{case.number}"
    tag = officer.get(at).headers["ETag"]
    early = officer.post(f"{at}/actions/submit_result", {"outcome": "solved", "text": "办好了"}, If_Match=tag)
    assert kind(early) == (422, "refused")
    assert "Log a contact with the enterprise first." in [error["detail"] for error in early.json["errors"]]
    assert kind(officer.post(f"{at}/actions/park", {"reason": "等", "until": "2999-01-01"}, If_Match=tag))[0] == 403
    assert kind(officer.post(f"{at}/actions/explode", {}, If_Match=tag)) == (404, "not-found")
    wrong = officer.post(f"{at}/actions/contact", {"way": "pigeon", "person": "何", "text": "x"}, If_Match=tag)
    assert [error["field"] for error in wrong.json["errors"]] == ["way"]


def test_a_method_that_is_not_taken_names_those_that_are(program: Speaks) -> None:
    refused = program("desk").send("DELETE", "/cases")
    assert kind(refused) == (405, "method")
    assert set(refused.headers["Allow"].replace(" ", "").split(",")) >= {"GET", "POST"}


def test_problems_are_said_in_the_language_that_is_asked_for(program: Speaks) -> None:
    desk = program("desk")
    assert desk.get("/cases/none").json["title"] == "Nothing here"
    assert desk.get("/cases/none", Accept_Language="zh-CN,zh;q=0.9").json["title"] == "这里没有内容"
    assert desk.get("/cases/none", Accept_Language=None).json["title"] == "这里没有内容"
    assert desk.get("/cases/none", Accept_Language="fr").json["title"] == "这里没有内容"


# -- keys


def test_a_key_that_comes_with_another_body_is_refused(program: Speaks, report: dict[str, Any]) -> None:
    desk = program("desk")
    assert desk.post("/cases", report, Idempotency_Key="the-same-key").status_code == 201
    other = desk.post("/cases", {**report, "title": "另一件"}, Idempotency_Key="the-same-key")
    assert kind(other) == (422, "key-reused")
    elsewhere = desk.post("/enterprises", {"name": "x", "area": 1}, Idempotency_Key="the-same-key")
    assert kind(elsewhere) == (422, "key-reused")
    assert cases() == 1
    spaced = json.dumps(dict(reversed(report.items())), indent=3)
    assert desk.post("/cases", spaced, Idempotency_Key="the-same-key").status_code == 201  # the same, written otherwise
    assert cases() == 1
    assert program("lead").post("/cases", report, Idempotency_Key="the-same-key").json["number"].endswith("000002")


def test_a_reference_of_the_other_system_is_entered_once(program: Speaks, report: dict[str, Any]) -> None:
    desk = program("desk")
    first = desk.post("/cases", {**report, "external_ref": "A-1"})
    again = desk.post("/cases", {**report, "external_ref": "A-1"})
    assert kind(again) == (409, "known")
    assert first.json["number"] in again.json["detail"]


def test_of_many_at_once_each_has_its_own_answer(program: Speaks, report: dict[str, Any]) -> None:
    desk = program("desk")
    sent = {"cases": [report, {**report, "area": 2**50}, {**report, "title": "第三件"}]}
    first = desk.post("/cases/bulk", sent, Idempotency_Key="many-at-once")
    assert (first.status_code, first.json["created"], first.json["refused"]) == (200, 2, 1)
    assert [item["status"] for item in first.json["items"]] == [201, 422, 201]
    assert first.json["items"][1]["errors"][0]["field"] == "area"
    assert desk.post("/cases/bulk", sent, Idempotency_Key="many-at-once").json == first.json
    assert cases() == 2
    longer = {"cases": [*sent["cases"], report]}
    assert kind(desk.post("/cases/bulk", longer, Idempotency_Key="many-at-once")) == (422, "key-reused")
    assert cases() == 2
    malformed = {"cases": [{**report, "colour": "red", "title": 5}, "no object", {**report, "title": "第四件"}]}
    items = desk.post("/cases/bulk", malformed).json["items"]
    assert [item["status"] for item in items] == [422, 422, 201]
    assert {fault["field"] for fault in items[0]["errors"]} == {"colour", "title"}
    assert items[1]["errors"]


def test_an_unknown_filter_is_answered_with_those_there_are(program: Speaks) -> None:
    answer = program("desk").get("/cases?colour=red")
    assert kind(answer) == (422, "parameters")
    assert answer.json["errors"][0]["field"] == "colour"
    assert "enterprise" in answer.json["detail"]
    assert answer.json["title"] != program("desk").get("/cases?cursor=x").json["title"]


def test_many_at_once_that_broke_off_go_on_where_they_stopped(program: Speaks, report: dict[str, Any]) -> None:
    desk = program("desk")
    sent = {"cases": [report, {**report, "title": "第二件"}]}
    first = desk.post("/cases/bulk", sent, Idempotency_Key="broken-off")
    db.session.query(DoneOnce).filter(DoneOnce.key.in_(["broken-off", "broken-off#1"])).delete()
    db.session.commit()  # as if the power had gone before the second was entered
    again = desk.post("/cases/bulk", sent, Idempotency_Key="broken-off")
    assert again.json["items"][0] == first.json["items"][0]
    assert cases() == 3


def test_no_token_is_kept_in_the_open(program: Speaks, report: dict[str, Any]) -> None:
    desk = program("desk")
    desk.post("/cases", report)
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(sa.select(table)):
            assert desk.token not in str(row), table.name
            assert table.name in ("cases", "users") or "13900002206" not in str(row), table.name


def test_a_correction_leaves_no_title_text_or_requester_blank(
    program: Callable[..., Program], report: dict[str, Any]
) -> None:
    desk = program("desk")
    made = desk.post("/cases", report)
    number = made.get_json()["number"]
    for name in ("title", "text", "requester"):
        answer = desk.send("PATCH", f"/cases/{number}", {name: " \u3000"}, If_Match=made.headers["ETag"])
        assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, name)
    assert desk.get(f"/cases/{number}").get_json()["title"] == report["title"]
