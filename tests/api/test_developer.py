"""A developer of another system, with nothing but the description: from the token to the feed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from click.testing import CliRunner
from flask.testing import FlaskClient
from PIL import Image

from casework.accounts import commands
from casework.kernel.time import utcnow
from tests.api.conftest import Program
from tests.factories import Office, signed_in


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG")
    return out.getvalue()


def test_from_the_description_to_the_feed(
    client: FlaskClient, office: Office, program: Callable[..., Program], report: dict[str, Any]
) -> None:
    described = client.get("/api/v1/openapi.json").json
    assert described["openapi"].startswith("3.1")
    assert described["paths"]["/cases"]["post"]["requestBody"]["content"]["application/json"]["example"]["title"]

    made = CliRunner().invoke(commands.token, ["add", "--user", "desk", "--scopes", "read,write"])
    token = made.output.strip()
    assert re.fullmatch(r"cw_[\w-]{40,}", token)
    desk = Program(client, token)

    first = desk.post("/cases", report, Idempotency_Key="report-0001")
    again = desk.post("/cases", report, Idempotency_Key="report-0001")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.data == again.data
    assert first.headers["ETag"] == again.headers["ETag"]
    case = first.json
    assert (case["source"], case["contact_phone"]) == ("api", "139****2206")
    at = f"/cases/{case['number']}"
    assert first.headers["Location"] == f"/api/v1{at}"

    accepted = desk.post(f"{at}/actions/accept", {}, If_Match=first.headers["ETag"])
    assert (accepted.status_code, accepted.json["state"]) == (200, "accepted")
    stale = desk.post(f"{at}/actions/accept", {}, If_Match=first.headers["ETag"])
    assert (stale.status_code, stale.json["type"]) == (412, "/help/api#stale")
    units = desk.get(f"/units?case={case['number']}").json["items"]
    team = next(unit for unit in units if unit["kind"] == "team")
    people = desk.get(f"/units/{team['id']}/officers").json["items"]
    lead = next(person for person in people if person["name"] == "沈砚秋")
    sent = desk.post(
        f"{at}/actions/dispatch", {"unit": team["id"], "officer": lead["id"]}, If_Match=accepted.headers["ETag"]
    )
    assert sent.json["officer"] == {"id": lead["id"], "name": "沈砚秋"}

    officer = program("officer")
    taken = officer.post(f"{at}/actions/acknowledge", {}, If_Match=sent.headers["ETag"])
    assert "contact" in taken.json["actions"]
    soon = (utcnow() + timedelta(days=30)).date().isoformat()
    talk = {
        "counterparty": {"name": "临江物业", "kind": "owner"},
        "way": "call",
        "at": utcnow().isoformat(),
        "stance": "hesitates",
        "said": "考虑减免",
        "positions": [{"side": "us", "kind": "ask", "method": "waive", "months_tenths": 20}],
    }
    assert officer.post(f"{at}/rounds", talk).status_code == 201
    assert officer.get(f"{at}/rounds").json["items"][0]["positions"][0]["months_tenths"] == 20
    promised = officer.post(f"{at}/commitments", {"debtor": "them", "what": "退租金", "due_on": soon})
    assert promised.json["who"] == "临江物业"

    attached = officer.client.post(
        f"/api/v1{at}/attachments",
        data={"files": (io.BytesIO(photo()), "现场.png")},
        headers={"Authorization": f"Bearer {officer.token}", "Idempotency-Key": "photo-0001"},
    )
    assert attached.status_code == 201, attached.json
    file = attached.json["items"][0]
    assert officer.get(f"{at}/attachments/{file['id']}").data == photo()

    feed = desk.get("/events?after=0").json
    assert [event["id"] for event in feed["items"]] == sorted(event["id"] for event in feed["items"])
    moves = [event["action"] for event in feed["items"] if event["action"]]
    assert moves == ["accept", "dispatch", "acknowledge"]
    assert {event["channel"] for event in feed["items"]} == {"api"}
    assert desk.get(f"/events?after={feed['after']}").json == {"items": [], "after": feed["after"], "more": False}
    story = desk.get(f"{at}/events").json["items"]
    assert any("dispatched to" in entry["what"] for entry in story)


def test_what_a_round_needs_no_version_for_conflicts_with_nobody(
    program: Callable[..., Program], report: dict[str, Any]
) -> None:
    desk = program("desk")
    case = desk.post("/cases", report)
    noted = desk.post(f"/cases/{case.json['number']}/notes", {"text": "已电话联系。"})
    assert noted.status_code == 201
    accepted = desk.post(f"/cases/{case.json['number']}/actions/accept", {}, If_Match=case.headers["ETag"])
    assert accepted.status_code == 200


def test_a_new_case_is_entered_and_answered_with_those_that_may_be_the_same_one(
    program: Callable[..., Program], report: dict[str, Any], office: Office
) -> None:
    desk = program("desk")
    first = desk.post("/cases", report)
    assert first.json["likely_repeats"] == []
    again = desk.post("/cases", {**report, "text": "订的口罩还是没到。"}, Idempotency_Key="again-0001")
    [found] = again.json["likely_repeats"]
    assert (again.status_code, found["number"], found["state"]) == (201, first.json["number"], "submitted")
    assert 0 < found["percent"] <= 100
    assert "text" in found["why"]
    shown = signed_in(desk.client.application.test_client(), office.people["desk"])
    assert first.json["number"] in shown.get(f"/cases/{again.json['number']}").text, "the page of triage names the same"
    kept = desk.post("/cases", {**report, "text": "订的口罩还是没到。"}, Idempotency_Key="again-0001")
    assert kept.json == again.json
    many = desk.post("/cases/bulk", {"cases": [report]}).json["items"]
    assert set(many[0]["likely_repeats"]) == {first.json["number"], again.json["number"]}
    assert program("desk_b").get(f"/cases/{first.json['number']}").status_code == 404


def test_tags_are_read_set_and_filtered_by_as_on_the_pages(
    program: Callable[..., Program], report: dict[str, Any]
) -> None:
    desk = program("desk")
    number, other = (desk.post("/cases", {**report, "title": title}).json["number"] for title in ("口罩", "房租"))
    added = desk.post(f"/cases/{number}/tags", {"word": "＃防疫 "})
    assert (added.status_code, added.json) == (201, {"tags": ["防疫"]})
    assert desk.get(f"/cases/{number}").json["tags"] == ["防疫"]
    listed = desk.get("/cases?tag=防疫").json["items"]
    assert [(line["number"], line["tags"]) for line in listed] == [(number, ["防疫"])]
    assert desk.post(f"/cases/{number}/tags", {"word": "防疫"}).status_code == 422, "it has it already"
    assert program("helper").post(f"/cases/{number}/tags", {"word": "x"}).status_code == 403
    assert program("desk_b").post(f"/cases/{number}/tags", {"word": "x"}).status_code == 404
    assert desk.post(f"/cases/{number}/tags/remove", {"word": "防疫"}).json == {"tags": []}
    assert desk.post(f"/cases/{other}/tags/remove", {"word": "防疫"}).status_code == 422
    verbs = [entry["verb"] for entry in desk.get(f"/cases/{number}/events").json["items"]]
    assert verbs[:2] == ["CaseUntagged", "CaseTagged"]
