"""Every address × every role → status, as a table for people to read; a route that is not in it fails.

After a deliberate change print the table anew: ``python -m pytest tests/test_access.py -k prints -s``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from casework.cases.models import Case
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.models import Attempt
from casework.kernel.time import utcnow
from casework.kernel.web import CSP, HEADERS, open_to
from tests.factories import ROLES, Office, a_case, a_firm, signed_in

TABLE = Path(__file__).with_name("access.txt")
COLUMNS = ("anonymous", *ROLES)
SKIPPED = {"static"}


def routes(app: Flask) -> list[tuple[str, str]]:
    """Method and rule of every view."""
    return sorted(
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.endpoint not in SKIPPED and method not in ("HEAD", "OPTIONS")
    )


def snapshot() -> dict[tuple[str, str], dict[str, str]]:
    """The table as kept: method and rule → role → status."""
    lines = TABLE.read_text().splitlines()
    columns = lines[0].split()[2:]
    return {
        (line.split()[0], line.split()[1]): dict(zip(columns, line.split()[2:], strict=True))
        for line in lines[1:]
        if line
    }


@pytest.fixture
def case(office: Office) -> Case:
    firm = a_firm(office)
    return a_case(office, State.IN_PROGRESS, joint=True, enterprise_id=firm.id, now=utcnow())


def address(rule: str, office: Office, case: Case) -> str:
    """A rule with the parts that name something of this office; what does not exist is named 0."""
    parts = {
        "<number>": case.number,
        "<name>": "submit_result",
        "<int:area_id>": str(office.areas["8801001"].id),
        "<code>": "rent",
        "<int:user_id>": str(office.people["officer2"].id),
        "<int:unit_id>": str(office.units["team"].id),
        "<int:key>": str(case.enterprise_id),
    }
    for part, value in parts.items():
        rule = rule.replace(part, value)
    while "<" in rule:
        before, _, rest = rule.partition("<")
        rule = before + "0" + rest.partition(">")[2]
    return rule


def statuses(app: Flask, office: Office, case: Case, role: str) -> dict[tuple[str, str], str]:
    found = {}
    for method, rule in routes(app):
        client = app.test_client()
        if role != "anonymous":
            signed_in(client, office.people[role])
        found[method, rule] = str(client.open(address(rule, office, case), method=method).status_code)
    return found


@pytest.mark.parametrize("role", COLUMNS)
def test_each_address_answers_each_role_as_the_table_says(
    app: Flask, client: FlaskClient, office: Office, case: Case, role: str
) -> None:
    expected = {route: columns[role] for route, columns in snapshot().items()}
    assert statuses(app, office, case, role) == expected


@pytest.mark.parametrize("role", ROLES)
def test_each_line_of_the_menu_opens_for_whom_it_is_shown(
    app: Flask, client: FlaskClient, office: Office, role: str
) -> None:
    signed_in(client, office.people[role])
    with app.test_request_context():
        offered = [item.href for item in open_to(office.actor(role))]
    assert {href: client.get(href, follow_redirects=True).status_code for href in offered} == dict.fromkeys(
        offered, 200
    )


def test_every_route_stands_in_the_table(app: Flask) -> None:
    assert sorted(snapshot()) == routes(app)


def test_nothing_but_the_door_is_open_to_everyone() -> None:
    open_to_all = {route for route, columns in snapshot().items() if columns["anonymous"] not in ("303", "401")}
    assert open_to_all <= {
        ("GET", "/sign-in"),
        ("POST", "/sign-in"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/sw.js"),  # what a phone needs before it knows who holds it: nothing of a case in it
        ("GET", "/manifest.webmanifest"),
        ("GET", "/offline"),
        ("GET", "/api/v1/"),  # what the interface can do; nothing of a case in it
        ("GET", "/api/v1/openapi.json"),
        ("GET", "/help/api"),
        ("GET", "/offline/token"),  # says who is signed in: nobody
        ("POST", "/language"),
        ("POST", "/theme"),
        ("GET", "/confirm/<token>"),  # the token is the key: a guess is not found
        ("POST", "/confirm/<token>"),
        ("GET", "/rate/<token>"),  # likewise
        ("POST", "/rate/<token>"),
        ("GET", "/calendar/<token>.ics"),  # so it is here: the link is the key
        *((method, f"/track{rest}") for method in ("GET", "POST") for rest in ENTERPRISE),
        *((method, f"/help-desk{rest}") for method in ("GET", "POST") for rest in PORTAL),
        ("GET", "/verify"),  # a paper is checked by whoever holds it
        ("POST", "/verify"),
        ("GET", "/verify/<code>"),
        ("GET", "/verify/<code>/slip.<kind>"),
    }


PORTAL = ("", "/begin", "/firms", "/privacy", "/report/<step>", "/sent")
"""Anybody reports a difficulty; what they see of others is the names of firms."""
STEP = "/<code>/runs/<int:run_id>/steps/<key>"
ENTERPRISE = (
    "",
    "/<code>",
    STEP,
    f"{STEP}/draft",
    f"{STEP}/visit",
    "/<code>/runs/<int:run_id>/files/<token>",
    "/<code>/reply",
    "/<code>/rate",
    "/<code>/again",
    "/<code>/withdraw",
    "/<code>/urge",
)
"""The enterprise's own page: behind the form for code and digits everything else is not found."""


def test_a_signed_in_person_without_a_posting_reaches_no_case(
    app: Flask, client: FlaskClient, office: Office, case: Case
) -> None:
    from casework.roster.models import Posting

    db.session.query(Posting).filter_by(user_id=office.people["officer"].id).delete()
    db.session.commit()
    signed_in(client, office.people["officer"])
    assert client.get("/").status_code == 200
    for path in ("/cases", f"/cases/{case.number}", "/cases/new", "/enterprises", "/people", "/areas"):
        assert client.get(path).status_code == 403, path


# -- headers and other sites


def headers_of(response: Any) -> dict[str, str]:
    return {name: response.headers.get(name) for name in (*HEADERS, "Content-Security-Policy", "Cache-Control")}


@pytest.mark.parametrize(
    ("path", "status"),
    [("/sign-in", 200), ("/cases", 303), ("/nowhere", 404), ("/%00", 404), ("/broken", 500), ("/healthz", 200)],
)
def test_every_answer_carries_the_security_headers(settings: Any, make_app: Any, path: str, status: int) -> None:
    from dataclasses import replace

    app = make_app(replace(settings, options={"PROPAGATE_EXCEPTIONS": False}))

    def broken() -> str:
        raise ZeroDivisionError

    broken.access = "public"  # type: ignore[attr-defined]
    app.add_url_rule("/broken", view_func=broken)
    response = app.test_client().get(path)
    assert response.status_code == status
    assert headers_of(response) == {**HEADERS, "Content-Security-Policy": CSP, "Cache-Control": "no-store"}
    assert "unsafe" not in CSP


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]
)
def test_a_post_from_another_site_is_refused(
    client: FlaskClient, office: Office, case: Case, headers: dict[str, str]
) -> None:
    signed_in(client, office.people["officer"])
    note = {"text": "别处来的"}
    assert client.post(f"/cases/{case.number}/notes", data=note, headers=headers).status_code == 400
    assert client.post(f"/cases/{case.number}/notes", data=note).status_code == 303


def test_a_post_without_its_token_is_refused(client: FlaskClient, office: Office, case: Case) -> None:
    signed_in(client, office.people["officer"])
    client.sends_csrf = False  # type: ignore[attr-defined]
    before = db.session.get_one(Case, case.id).last_at
    assert client.post(f"/cases/{case.number}/notes", data={"text": "没有令牌"}).status_code == 400
    assert db.session.get_one(Case, case.id).last_at == before


def test_it_prints_the_table(app: Flask, client: FlaskClient, office: Office, request: pytest.FixtureRequest) -> None:
    if request.config.option.capture != "no":
        pytest.skip("asked for with -s")
    columns = {}
    for role in COLUMNS:
        db.session.query(Attempt).delete()
        firm_case = a_case(
            office, State.IN_PROGRESS, joint=True, enterprise_id=a_firm(office, name=role).id, now=utcnow()
        )
        columns[role] = statuses(app, office, firm_case, role)
    width = max(len(rule) for _, rule in routes(app)) + 2
    lines = [f"{'':6}{'.':{width}}" + "  ".join(COLUMNS)]
    lines[0] = f"{'method':6} {'rule':{width}}" + "  ".join(COLUMNS)
    for method, rule in routes(app):
        cells = "  ".join(f"{columns[role][method, rule]:{len(role)}}" for role in COLUMNS)
        lines.append(f"{method:6} {rule:{width}}{cells}".rstrip())
    TABLE.write_text("\n".join(lines) + "\n")
    print(TABLE.read_text())
