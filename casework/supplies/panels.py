"""What supplies add elsewhere: the requests of a case beside its story, and the shortages beside the coverage board."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import render_template
from flask_babel import gettext
from markupsafe import Markup

from casework.areas.models import Area
from casework.cases.models import Case
from casework.cases.presenting import Button, Part
from casework.kernel.permissions import Actor, can
from casework.kernel.time import local_day, utcnow
from casework.supplies import demand
from casework.supplies.policy import READ, REQUEST
from casework.supplies.words import STANDINGS

SHOWN = 6


def of_case(case: Case, view: Any, actor: Actor, now: datetime) -> Part:
    """What the case asks for and how far it is delivered; the way to ask for more."""
    if not can(actor, READ):
        return Part()
    asks = can(actor, REQUEST, case)
    lines = demand.lines_of(case.id) if case.supplied else []
    menu = (Button(gettext("Ask for supplies"), f"/cases/{case.number}/supplies/new", "box"),) if asks else ()
    if not lines:
        return Part(menu=menu)
    aside = render_template(
        "supplies/_case.html",
        case=case,
        lines=lines,
        asks=asks,
        handed=demand.deliveries_of(line.id for line, _ in lines),
        standings=STANDINGS,
        today=local_day(now),
    )
    return Part(aside=Markup(aside), menu=menu)  # noqa: S704 - a template's own output


def beside_board(district: Area, actor: Actor) -> str:
    """The largest shortages of a district that the actor may see; nothing where nothing is short or not theirs."""
    if not can(actor, READ):
        return ""
    seen = demand.overview(actor, district.id, local_day(utcnow()))
    shown = render_template(
        "supplies/_board.html",
        district=district,
        seen=seen,
        shortages=seen.shortages[:SHOWN],
        more=len(seen.shortages) - SHOWN,
    )
    return Markup(shown)  # noqa: S704 - a template's own output
