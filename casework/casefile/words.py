"""How times and days stand on paper: whole, with the year, whatever day it is read."""

from __future__ import annotations

from datetime import date, datetime

from casework.casefile.models import FileState
from casework.kernel.errors import N_
from casework.kernel.time import local

STATES: dict[str, str] = {
    FileState.WAITING: N_("It is being made"),
    FileState.RUNNING: N_("It is being made"),
    FileState.DONE: N_("Ready"),
    FileState.STOPPED: N_("It was not made"),
}


def moment(when: datetime | None) -> str:
    """A moment in Asia/Shanghai: 2020-02-12 17:00; None is empty."""
    return f"{local(when):%Y-%m-%d %H:%M}" if when else ""


def day(on: date | None) -> str:
    """A day: 2020-02-12; None is empty."""
    return on.isoformat() if on else ""
