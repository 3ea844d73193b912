"""The way from a case to the figures it counts for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext

from casework.cases.models import Case
from casework.cases.presenting import Button, Part
from casework.kernel.permissions import Actor, can
from casework.kpis.policy import READ


def of_case(case: Case, view: Any, actor: Actor, now: datetime) -> Part:
    """A line in the menu, for who reads figures: what it counts for stands on a page of its own."""
    if not can(actor, READ):
        return Part()
    return Part(menu=[Button(gettext("In the figures"), f"/cases/{case.number}/figures", "chart")])
