"""What visits add to the page of a firm: plan, who goes, what is agreed, and the last contacts."""

from __future__ import annotations

from flask import render_template

from casework.enterprises import queries as enterprises
from casework.enterprises.models import Enterprise
from casework.kernel.permissions import Actor, can
from casework.kernel.time import local_day, utcnow
from casework.roster.queries import names
from casework.visits import policy, queries, route
from casework.visits.views import words

SHOWN = 5


def of_enterprise(enterprise: Enterprise, actor: Actor) -> str:
    """The firm's visits, for those who see its page."""
    today = local_day(utcnow())
    firm = queries.stop_of(enterprise.id, today)
    entries = enterprises.entries_of(enterprise.id, SHOWN)
    agreed = queries.appointments_of(enterprise.id)
    goer = queries.goer_of(firm, today) if firm and firm.due_on else None
    people = {entry.by_id for entry in entries} | {row.visitor_id for row in agreed} | {goer}
    return render_template(
        "visits/_of_enterprise.html",
        firm=firm,
        goer=goer,
        entries=entries,
        agreed=agreed,
        numbers=route.case_numbers([entry.case_id for entry in entries if entry.case_id], actor),
        names=names(key for key in people if key),
        may_plan=can(actor, policy.PLAN, firm) if firm else False,
        may_go=can(actor, policy.READ, firm) if firm else False,
        today=today,
        **words(),
    )
