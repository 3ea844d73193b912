"""Counterparties: who they are, the chain they stand in, their talks, and how they keep their word."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from casework.cases.models import Case
from casework.kernel.attempts import carry_out
from casework.kernel.masking import masked
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.negotiations import drafts, forms, parties, talks
from casework.negotiations.edge import case_for
from casework.negotiations.models import Counterparty

blueprint = Blueprint("parties", __name__)
PAGE = 50


@blueprint.get("/counterparties")
@needs("negotiation.read")
def index() -> ResponseReturnValue:
    """The counterparties of one's districts, with the promises they kept and broke."""
    text = request.args.get("q", "").strip()[:60]
    rows, after = parties.counterparties_page(current_actor(), text, request.args.get("after"), size=PAGE)
    return page(
        "negotiations/counterparties.html",
        rows=rows,
        records=parties.records_of([party.id for party in rows], local_day(utcnow())),
        q=text,
        after=after,
        first=not request.args.get("after"),
    )


@blueprint.get("/counterparties/<int:key>")
@needs("negotiation.read")
def show(key: int) -> ResponseReturnValue:
    """One counterparty: its chain, the cases that one may see, its promises."""
    actor = current_actor()
    party = parties.visible_counterparty(key, to=actor)
    return page(
        "negotiations/counterparty.html",
        party=party,
        phone=masked(party.phone),
        chain=parties.chain_of(party),
        below=parties.below(party.id),
        talks=parties.talks_with(party.id, actor),
        promises=parties.promises_by(party.id, actor),
        record=parties.records_of([party.id], local_day(utcnow()))[party.id],
        today=local_day(utcnow()),
    )


@blueprint.route("/cases/<number>/counterparties/<int:key>", methods=["GET", "POST"])
@needs("negotiation.log")
def edit(number: str, key: int) -> ResponseReturnValue:
    """Put right what a counterparty of the case is: kind, contact, whom it rents from."""
    case = case_for(number, "negotiation.log")
    party = parties.party_of_case(case.id, key)
    form = forms.PartyForm()
    form.above.choices = [("", "—"), *((str(row.id), row.name) for row in parties.possible_above(party))]
    if request.method == "GET":
        form.carry(party)
        form.party.data, form.contact.data, form.phone.data = party.kind, party.contact, party.phone
        form.above.data = str(party.above_id or "")
    elif location := carry_out(form, lambda: _edit(case, party, form), principal=principal(), row=party):
        return redirect(location, 303)
    return page("negotiations/counterparty_edit.html", case=case, party=party, form=form, status=form.http_status)


def _edit(case: Case, party: Counterparty, form: forms.PartyForm) -> str:
    talks.correct_party(case, party, drafts.party_changes(form, party.name), actor=current_actor(), now=utcnow())
    return url_for("parties.show", key=party.id)
