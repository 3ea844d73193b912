"""A store with its batches."""

from __future__ import annotations

import pytest

from tests.factories import Office
from tests.supplies.store import Store, a_store


@pytest.fixture
def store(office: Office) -> Store:
    return a_store(office)
