"""The first page after signing in."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from casework.cases.listing import list_labels
from casework.clocks.explain import dated
from casework.handover import queries as handovers
from casework.handover.policy import READ as HANDS_OVER
from casework.handover.presenting import summed_up
from casework.handover.suggesting import suggested
from casework.handover.words import WHY_LABELS
from casework.kernel.i18n import language
from casework.kernel.permissions import Actor, Role, can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, page, signed_in
from casework.negotiations import due
from casework.orders import queries as orders
from casework.orders.policy import READ as SEES_ORDERS
from casework.processes import queries as templates
from casework.processes.rules import NOTICE
from casework.processes.turns import turns
from casework.reporting import queries
from casework.roster import duty
from casework.roster.models import Unit
from casework.roster.rules import Stretch
from casework.supervision import queries as supervision
from casework.supervision.policy import URGE
from casework.supervision.words import LEVEL_LABELS
from casework.visits import route
from casework.visits.rules import Part

blueprint = Blueprint("desk", __name__)
AHEAD, SOON = timedelta(days=2), timedelta(days=1)
SHOWN = 12


@blueprint.get("/")
@signed_in
def home() -> ResponseReturnValue:
    """My desk: what is mine, most pressing first."""
    actor, now = current_actor(), utcnow()
    groups = queries.groups(actor, now=now)
    fills = can(actor, "process.read")
    steps = turns(actor, limit=SHOWN, locale=language()) if fills else []
    ordered = orders.turns(actor, limit=SHOWN) if can(actor, SEES_ORDERS) else []
    pressing = sum(len(group.items) for group in groups if group.key in ("late", "soon"))
    due_times = [step.due_at for step in steps] + [line.order.due_at for line in ordered]
    pressing += sum(at is not None and at < now + SOON for at in due_times)
    soon = local_day(now) + AHEAD
    handles = can(actor, "negotiation.log")
    hands_over = can(actor, HANDS_OVER)
    return page(
        "reporting/desk.html",
        title=_title(local_day(now), pressing),
        groups=groups,
        labels=list_labels(),
        gaps=_gaps(actor, now),
        promises=due.promises_due(actor, soon, limit=SHOWN) if handles else [],
        visits=due.visits_due(actor, soon, limit=SHOWN) if handles else [],
        turns=steps,
        orders=ordered,
        route=route.on_desk(actor, local_day(now)) if can(actor, "visit.read") else None,
        parts=Part,
        brought=supervision.brought_before(actor, limit=SHOWN) if can(actor, URGE) else [],
        levels=LEVEL_LABELS,
        reviews=templates.waiting_for(actor, limit=SHOWN) if can(actor, "template.approve") else [],
        sunsets=templates.setting(actor, local_day(now) + NOTICE, limit=SHOWN)
        if can(actor, "template.approve")
        else [],
        offers=handovers.offers_to(actor) if hands_over else [],
        refused=handovers.refused_to(actor) if hands_over else [],
        leaving=suggested(actor, local_day(now))[:SHOWN] if hands_over else [],
        whys=WHY_LABELS,
        summed_up=summed_up,
        now=now,
        today=local_day(now),
    )


def _title(day: date, pressing: int) -> str:
    said = str(dated(day))
    if pressing:
        return str(gettext("%(day)s: %(n)s to do today", day=said, n=pressing))
    return str(gettext("%(day)s: nothing is due today", day=said))


def _gaps(actor: Actor, now: datetime) -> list[tuple[Unit, list[Stretch]]]:
    """The desks of one's district that nobody has at some time of the coming week, for who plans them."""
    if not actor.has(Role.DISTRICT_ADMIN):
        return []
    desks = duty.desks_planned_by(actor)
    found = duty.gaps([unit.id for unit in desks], now, now + timedelta(days=7))
    return [(unit, found[unit.id]) for unit in desks if found[unit.id]]
