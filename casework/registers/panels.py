"""What registers add to the case page: the way to who looked, for those who supervise it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext

from casework.cases.models import Case
from casework.cases.presenting import Button, Part
from casework.kernel.permissions import Actor, can
from casework.registers.policy import OF_CASE


def of_case(case: Case, view: Any, actor: Actor, now: datetime) -> Part:
    """One line of the menu."""
    if not can(actor, OF_CASE, case):
        return Part()
    return Part(menu=(Button(gettext("Who looked and took out"), f"/audit/cases/{case.number}", "eye"),))
