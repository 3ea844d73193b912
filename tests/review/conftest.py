"""An office to work in, and people who are signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import Office, an_office, signed_in


@pytest.fixture
def office(app: Flask) -> Office:
    """One person a role, two teams, two authorities, two districts."""
    return an_office()


@pytest.fixture
def as_(office: Office, client: FlaskClient) -> Callable[..., FlaskClient]:
    """``as_("officer")``: a client of its own with that person's session."""

    def sign_in(name: str, *, locale: str | None = None) -> FlaskClient:
        return signed_in(client.application.test_client(), office.people[name], locale=locale)

    return sign_in
