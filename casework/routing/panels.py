"""What the rules suggest, beside the story of a case that still has to be dispatched."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import render_template
from markupsafe import Markup

from casework.cases.models import Case
from casework.cases.presenting import Part
from casework.cases.workflow import State
from casework.kernel.forms import Form
from casework.kernel.permissions import Actor, can
from casework.routing import service
from casework.routing.rules import WAYS
from casework.routing.story import passed_over


def of_case(case: Case, view: Any, actor: Actor, now: datetime) -> Part:
    """The suggestion with one button; nothing once the case is dispatched."""
    if case.state not in (State.SUBMITTED, State.ACCEPTED) or not can(actor, "case.dispatch", case):
        return Part()
    decision = service.decide(case, now=now)
    passed = passed_over(decision.fact.passed) if decision else []
    aside = render_template(
        "routing/_case.html", case=case, decision=decision, ways=WAYS, passed=passed, form=Form(formdata=None)
    )
    return Part(aside=Markup(aside))  # noqa: S704 - a template's own output
