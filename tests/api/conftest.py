"""An office, and programs that speak for its people."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from casework.accounts import service as accounts
from casework.kernel.db import db
from casework.kernel.time import utcnow
from tests.factories import Office, an_office


class Program:
    """Another system with a token: sends JSON, a fresh key with every POST, and English where nothing else is said."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client, self.token = client, token

    def send(self, method: str, path: str, body: Any = None, **headers: str | None) -> TestResponse:
        said: dict[str, Any] = {
            "Authorization": f"Bearer {self.token}",
            "Accept-Language": "en",
            "Content-Type": "application/json" if body is not None else None,
            "Idempotency-Key": secrets.token_hex(12) if method == "POST" else None,
        }
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = body if isinstance(body, bytes | str | dict) and not isinstance(body, dict) else None
        if isinstance(body, dict):
            sent = json.dumps(body)
        kept = {name: value for name, value in said.items() if value is not None}
        return self.client.open(f"/api/v1{path}", method=method, data=sent, headers=kept)

    def get(self, path: str, **headers: str | None) -> TestResponse:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str | None) -> TestResponse:
        return self.send("POST", path, body, **headers)


def a_token(office: Office, name: str, *, scopes: tuple[str, ...] = ("read", "write"), **changes: Any) -> str:
    given: dict[str, Any] = {"days": 30, "now": utcnow(), **changes}
    made = accounts.issue_token(office.people[name], scopes=list(scopes), actor=None, **given)
    db.session.commit()
    return made


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


@pytest.fixture
def program(office: Office, client: FlaskClient) -> Callable[..., Program]:
    """``program("desk")``: what a token of that person can do."""

    def speaks_for(name: str, **token: Any) -> Program:
        return Program(client.application.test_client(), a_token(office, name, **token))

    return speaks_for


@pytest.fixture
def report(office: Office) -> dict[str, Any]:
    """A difficulty as another system reports it."""
    return {
        "title": "口罩没有到货",
        "text": "订的口罩一直没到。",
        "type": "other",
        "area": office.areas["8801001001"].id,
        "requester": "阿芝热干面馆",
        "contact_phone": "13900002206",
    }
