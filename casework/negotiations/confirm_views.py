"""What a one-time link opens, for people without an account. Looking spends nothing; only the answer does."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from casework.cases.models import Beneficiary, Case
from casework.kernel import throttle
from casework.kernel.attempts import carry_out
from casework.kernel.db import db, transaction
from casework.kernel.errors import NotFound, TooMany
from casework.kernel.time import utcnow
from casework.kernel.web import page, public
from casework.negotiations import agreements, forms, ledger, links, queries, receipts
from casework.negotiations.models import Agreement, ConfirmLink, Counterparty, Negotiation
from casework.negotiations.words import Purpose

blueprint = Blueprint("confirm", __name__)
GUESSES, WINDOW = 30, timedelta(minutes=15)


@blueprint.route("/confirm/<token>", methods=["GET", "POST"])
@public
def confirm(token: str) -> ResponseReturnValue:
    """The counterparty confirms the terms, or a firm that its share arrived; each sees only its own."""
    link = _link(token)
    form, now = forms.ByLinkForm(), utcnow()
    if request.method == "POST" and carry_out(form, lambda: _answer(link, form), principal=f"link{link.id}"):
        return redirect(request.path, 303)
    agreement = db.session.get_one(Agreement, link.agreement_id)
    firm = db.session.get(Beneficiary, link.beneficiary_id) if link.beneficiary_id else None
    negotiation = db.session.get_one(Negotiation, agreement.negotiation_id)
    allocation = ledger.current_allocation(agreement.id)
    live = links.is_live(link, now) and agreement.state != "ended"
    return page(
        "negotiations/confirm.html",
        link=link,
        live=live,
        agreement=agreement,
        party=db.session.get_one(Counterparty, negotiation.counterparty_id),
        case=db.session.get_one(Case, firm.case_id if firm else agreement.case_id),
        share=ledger.beside([firm], allocation)[0] if firm else None,
        firms=len(ledger.sharing_firms(queries.cases_of(negotiation.id))),
        form=form,
        status=form.http_status if form.http_status != 200 else 200 if live or link.used_at else 410,
    )


def _link(token: str) -> ConfirmLink:
    """The link with this token; who guesses is slowed down, and told the same each time."""
    try:
        return links.link_for(token)
    except NotFound:
        with transaction():
            guesses = throttle.count(f"confirm:{request.remote_addr}", window=WINDOW, now=utcnow())
        if guesses > GUESSES:
            raise TooMany(int(WINDOW.total_seconds())) from None
        raise


def _answer(link: ConfirmLink, form: forms.ByLinkForm) -> str:
    now = utcnow()
    agreement = db.session.get_one(Agreement, link.agreement_id)
    if link.purpose == Purpose.AGREEMENT:
        agreements.confirm_theirs_by_link(agreement, form.name.data or "", now=now)
        links.spend(link, now=now)
        return request.path
    firm = db.session.get_one(Beneficiary, link.beneficiary_id)
    if form.answer.data == "no":
        links.check(link, now)
        receipts.dispute(agreement, firm, form.note.data or "", now=now)
        return request.path
    links.spend(link, now=now)
    receipts.confirm_by_link(agreement, firm, now=now)
    return request.path
