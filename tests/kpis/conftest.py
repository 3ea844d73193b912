"""The office of the factories, and people who are signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import Office, an_office, signed_in


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


@pytest.fixture
def as_(office: Office, client: FlaskClient) -> Callable[..., FlaskClient]:
    def sign_in(name: str, *, locale: str | None = None) -> FlaskClient:
        return signed_in(client.application.test_client(), office.people[name], locale=locale)

    return sign_in
