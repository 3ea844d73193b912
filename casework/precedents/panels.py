"""What precedents add to the case page: a panel that fetches them once the page stands, so that it costs nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import render_template
from markupsafe import Markup

from casework.cases.models import Case
from casework.cases.presenting import Part
from casework.kernel.permissions import Actor


def of_case(case: Case, view: Any, actor: Actor, now: datetime) -> Part:
    """The way to the precedents; with script they come into the panel by themselves."""
    aside = render_template("precedents/_panel.html", case=case)
    return Part(aside=Markup(aside))  # noqa: S704 - a template's own output
