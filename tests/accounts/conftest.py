"""The office, for tests of accounts."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.accounts import office as offices


@pytest.fixture
def office(app: Flask) -> offices.Office:
    """Two districts, four units, nobody yet."""
    return offices.build()
