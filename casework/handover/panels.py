"""What a hand-over adds to the pages of cases and firms: that it is under way, and who answers meanwhile."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import render_template
from markupsafe import Markup

from casework.cases.models import Case
from casework.cases.presenting import Part
from casework.enterprises.models import Enterprise
from casework.enterprises.queries import liaison_of
from casework.handover import queries, serving
from casework.handover.models import Handover, HandoverItem
from casework.handover.story import PARTS
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day, utcnow
from casework.roster.queries import names

Pending = list[tuple[Handover, HandoverItem]]


def of_case(case: Case, view: Any, actor: Actor, now: datetime) -> Part:
    """To whom the case goes, and who answers until they have accepted; also where its lead is gone or away."""
    if not case.is_open or case.lead_id is None:
        return Part()
    today = local_day(now)
    pending = queries.pending_of_case(case.id)
    if not pending and case.lead_id in serving.acting([case.lead_id], today):
        return Part()
    html = _said(pending, case.lead_id, case.unit_id, case.enterprise_id, today, actor)
    return Part(aside=Markup(html))  # noqa: S704 - a template's own output


def of_enterprise(enterprise: Enterprise, actor: Actor) -> str:
    """To whom the firm goes, and who answers until they have accepted."""
    today, pending = local_day(utcnow()), queries.pending_of_firm(enterprise.id)
    liaison = liaison_of(enterprise)
    if liaison is None or (not pending and liaison.officer_id in serving.acting([liaison.officer_id], today)):
        return ""
    posting = queries.posting_of(liaison.officer_id, today)
    return _said(pending, liaison.officer_id, posting.unit_id if posting else None, enterprise.id, today, actor)


def _said(
    pending: Pending, holder_id: int, unit_id: int | None, enterprise_id: int | None, today: date, actor: Actor
) -> str:
    left = any(one.leaver_id == holder_id and today >= one.from_on for one, _ in pending)
    answers, name = queries.meanwhile(holder_id, unit_id, enterprise_id, today, left=left)
    known = names({holder_id, *(item.successor_id for _, item in pending if item.successor_id)})
    return render_template(
        "handover/_panel.html",
        pending=pending,
        parts=PARTS,
        names=known,
        holder=known.get(holder_id, ""),
        answers=name,
        is_holder=answers == holder_id,
        led={one.id for one, _ in pending if queries.knows(actor, one)},
    )
