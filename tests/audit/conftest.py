"""An office whose cases have chains to bend."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories import Office, an_office


@pytest.fixture
def office(app: Flask) -> Office:
    """One person a role."""
    return an_office()
