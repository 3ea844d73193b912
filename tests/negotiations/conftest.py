"""A deal: talks that wait for what they come to."""

from __future__ import annotations

import pytest

from tests.factories import Office
from tests.negotiations.deal import Deal, a_deal


@pytest.fixture
def deal(office: Office) -> Deal:
    return a_deal(office)
