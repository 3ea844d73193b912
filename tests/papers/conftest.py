"""A deal to make documents of, and people who ask for them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import an_office, signed_in
from tests.papers.deals import Deal, a_deal


@pytest.fixture
def deal(app: Flask) -> Deal:
    """10,000.00 yuan for three firms that pay the same rent; nothing is shared out yet."""
    return a_deal(an_office())


@pytest.fixture
def as_(deal: Deal, client: FlaskClient) -> Callable[..., FlaskClient]:
    """``as_("officer")``: a client of its own with that person's session."""

    def sign_in(name: str, *, locale: str | None = None) -> FlaskClient:
        return signed_in(client.application.test_client(), deal.office.people[name], locale=locale)

    return sign_in
