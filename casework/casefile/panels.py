"""What this package adds to the case page: the way to its whole file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext

from casework.casefile.policy import MAKE
from casework.cases.models import Case
from casework.cases.presenting import Button, Part
from casework.kernel.permissions import Actor, can


def of_case(case: Case, view: Any, actor: Actor, now: datetime) -> Part:
    """One line of the menu."""
    if not can(actor, MAKE, case):
        return Part()
    return Part(menu=(Button(gettext("Print the whole file"), f"/cases/{case.number}/file", "file"),))
