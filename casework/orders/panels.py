"""The supervision orders of a case, beside its story."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import render_template
from flask_babel import gettext
from markupsafe import Markup

from casework.cases.models import Case
from casework.cases.presenting import Button, Part
from casework.kernel.permissions import Actor, can
from casework.orders import queries, timing
from casework.orders.policy import ISSUE
from casework.orders.service import case_fault
from casework.orders.workflow import RINGS, WITH_UNIT


def of_case(case: Case, view: Any, actor: Actor, now: datetime) -> Part:
    """The orders about the case with their clocks, and the way to issue one."""
    menu = []
    if can(actor, ISSUE, case) and case_fault(case) is None:
        menu.append(Button(gettext("Issue a supervision order"), f"/orders/new?case={case.number}", "order"))
    found = queries.of_case(case.id)
    if not found:
        return Part(menu=menu)
    shown = [
        (line, timing.clock_of(line.round, gettext("Report by"), now=now, whole=line.order.state in WITH_UNIT))
        for line in found
    ]
    aside = render_template("orders/_case.html", orders=shown, rings=RINGS, running=WITH_UNIT)
    return Part(aside=Markup(aside), menu=menu)  # noqa: S704 - a template's own output
