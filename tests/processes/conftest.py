"""A temporary process with a case that runs through it."""

from __future__ import annotations

import pytest

from tests.factories import Office
from tests.processes.shipment import Shipment, a_shipment


@pytest.fixture
def shipment(office: Office) -> Shipment:
    return a_shipment(office)
