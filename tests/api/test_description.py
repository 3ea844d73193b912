"""The description is whole and true: every address stands in it, its examples fit, and no request finds it wanting."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from flask.testing import FlaskClient

from casework.api.actions import DESCRIBED
from casework.api.document import document, operations
from casework.cases.workflow import ACTIONS
from casework.kernel.permissions import TABLE
from casework.notifications import webhooks
from casework.notifications.outbox import Message
from tests.api import fuzz
from tests.api.conftest import Program
from tests.factories import NOW, Office, a_case, signed_in


def described() -> dict[str, Any]:
    return dict(document("en"))


def test_every_address_of_the_interface_is_described(app: Flask) -> None:
    served = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1")))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in rule.methods or ()
        if method not in ("HEAD", "OPTIONS")
    }
    told = {(entered.method, entered.path) for entered in operations()}
    told |= {("GET", "/openapi.json"), ("GET", "/")}
    served |= {(one.method, one.path) for one in DESCRIBED.values()}  # one address takes them all
    assert served - told == {("POST", "/cases/{number}/actions/{action}")}
    assert told <= served


def test_each_action_is_described_from_the_one_table(app: Flask) -> None:
    with app.test_request_context():
        paths = described()["paths"]
    for action in ACTIONS:
        said = paths[f"/cases/{{number}}/actions/{action.name}"]["post"]
        name = said["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        schema = described()["components"]["schemas"][name]
        assert set(schema.get("properties", {})) == {need.name for need in action.needs}
        assert set(schema.get("required", ())) == {need.name for need in action.needs if need.required}
        assert said["x-permission"] in TABLE


def test_every_example_fits_what_it_is_an_example_of(app: Flask) -> None:
    with app.test_request_context():
        whole = described()
    for place, content in contents(whole["paths"]):
        schema = {**content["schema"], "components": whole["components"]}
        jsonschema_rs.Draft202012Validator(schema).validate(content["example"])
        assert content["example"] is not None, place


def contents(paths: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in paths.items():
        for method, said in methods.items():
            if method == "parameters":
                continue
            parts = [said.get("requestBody", {}), *said["responses"].values()]
            for part in parts:
                for media, content in part.get("content", {}).items() if isinstance(part, dict) else ():
                    if media == "application/json":
                        yield f"{method} {path}", content


def test_what_a_webhook_tells_is_described_as_it_is_sent(app: Flask) -> None:
    [said] = [methods["post"] for methods in described()["webhooks"].values()]
    content = said["requestBody"]["content"]["application/json"]
    message = Message(1, "t1", None, "webhook", "late", "k", "case", 7, "/cases/1", NOW, 0, NOW)
    sent = json.loads(webhooks.body_of(message, "8801-2020-000001"))
    for body in (sent, content["example"]):
        jsonschema_rs.Draft202012Validator({**content["schema"], "additionalProperties": False}).validate(body)
    headers = {part["name"] for part in said["parameters"]}
    assert headers == {"webhook-id", "webhook-timestamp", "webhook-signature"}


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_people_read_it_too(client: FlaskClient, lang: str) -> None:
    client.set_cookie("lang", lang)
    page = client.get("/help/api")
    assert page.status_code == 200
    assert ("每办一件事换一个" in page.text) == (lang == "zh-CN")
    for name in (
        "POST /api/v1/cases/{number}/actions/accept",
        "Idempotency-Key",
        "#stale",
        "1–100",
        "webhook-signature",
    ):
        assert name in page.text
    assert client.get("/api/v1/").headers["Location"] == "/help/api"
    assert client.get("/api/v1/openapi.json", headers={"Accept-Language": lang}).json["openapi"] == "3.1.0"


def test_a_page_of_a_hundred_cases_costs_as_many_queries_as_one_of_five(
    program: Callable[..., Program], office: Office, query_count: Any
) -> None:
    for _ in range(6):
        a_case(office)
    desk, counts = program("desk"), []
    desk.get("/cases")  # the minute of the token is counted
    for limit in (2, 6):
        with query_count() as sent:
            assert len(desk.get(f"/cases?limit={limit}").json["items"]) == limit
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 3  # the token, its owner, the list


def test_the_page_of_ones_own_tokens_says_when_they_were_used(
    client: FlaskClient, program: Callable[..., Program], office: Office
) -> None:
    signed_in(client, office.people["desk"], locale="en")
    desk = program("desk", networks=["127.0.0.0/8"])
    assert "never used" in client.get("/me").text
    desk.get("/cases")
    page = client.get("/me").text
    assert "never used" not in page
    assert "127.0.0.0/8" in page
    wrong = client.post("/me/tokens", data={"scopes": "read", "days": "30", "networks": "10.8.0.0/99"})
    assert wrong.status_code == 422
    assert "10.8.0.0/99" in wrong.text


def test_three_hundred_made_up_requests_find_nothing(
    app: Flask, client: FlaskClient, database_kind: str, make_app: Any, settings: Any
) -> None:
    if database_kind != "sqlite":
        return  # what it finds lies above the database
    from dataclasses import replace

    plenty = make_app(replace(settings, options=fuzz.PLENTY))
    assert sum(1 for _ in fuzz.fuzzed(plenty, 300)) >= 300
