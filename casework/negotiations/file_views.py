"""The negotiation on one page: all that a regulator needs to judge the case, to be read or printed."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from casework.accounts.models import User
from casework.areas.models import Area
from casework.cases import queries as case_queries
from casework.kernel.db import db
from casework.kernel.i18n import language
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page
from casework.negotiations import ledger, presenting, queries
from casework.negotiations.edge import case_for
from casework.roster.queries import names as names_of

blueprint = Blueprint("negotiation_file", __name__)


@blueprint.get("/cases/<number>/negotiation")
@needs("negotiation.read")
def show(number: str) -> ResponseReturnValue:
    """Rounds, ladder, terms, allocation, receipts: whole, whatever their number, as a file is."""
    case = case_for(number, "negotiation.read")
    now = utcnow()
    agreements = presenting.agreement_views(case)
    talks = presenting.talks_views(case, agreements, now=now)
    rounds = {view.negotiation.id: queries.rounds_of(view.negotiation.id) for view in talks}
    current = next((view for view in agreements if view.agreement.state != "ended"), None)
    firms = case_queries.beneficiaries(case.id) if case.joint else []
    area = db.session.get(Area, case.area_id)
    kind = case_queries.type_of(case)
    return page(
        "negotiations/file.html",
        case=case,
        area=area.path if area else "",
        kind=kind.label(language()),
        talks=talks,
        rounds=rounds,
        promises=presenting.promise_views(case, current_actor(), now=now),
        agreements=agreements,
        current=current,
        firms=ledger.beside(firms, current.allocation if current else None),
        counts=case_queries.firm_counts(case.id),
        names=names_of({row.round.by_id for rows in rounds.values() for row in rows}),
        printed_at=now,
        printed_by=current_actor().name,
        lead=db.session.get(User, case.lead_id) if case.lead_id else None,
    )
