"""What supervision adds to the case page: cards, rungs and urges, and the way to urge."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import render_template
from flask_babel import gettext
from markupsafe import Markup

from casework.cases.clockwork import CLOCK_LABELS
from casework.cases.models import Case
from casework.cases.presenting import Button, Part
from casework.kernel.permissions import Actor, can
from casework.roster.queries import names
from casework.supervision import queries
from casework.supervision.policy import URGE
from casework.supervision.words import LEVEL_LABELS


def of_case(case: Case, view: Any, actor: Actor, now: datetime) -> Part:
    """What was told and urged, where anything was; and the button."""
    given = told_of(case)
    html = render_template("supervision/_case.html", case=case, **given) if given["history"].lines else ""
    menu = [Button(gettext("Urge"), f"/cases/{case.number}/urge", "bell")]
    may = case.is_open and can(actor, URGE, case)
    return Part(aside=Markup(html), menu=menu if may else ())  # noqa: S704 - a template's own output


def told_of(case: Case) -> dict[str, Any]:
    """The history of a case with the words for it."""
    history = queries.history(case.id)
    known = names({line.by_id for line in history.lines if line.by_id})
    return {"history": history, "names": known, "levels": LEVEL_LABELS, "clocks": CLOCK_LABELS}
