"""Agreements: written down, confirmed by both sides, shared out, ended."""

from __future__ import annotations

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.cases.models import Case
from casework.files.upload import MAX_UPLOAD, Upload
from casework.kernel.attempts import carry_out
from casework.kernel.db import db
from casework.kernel.forms import Form, row_id
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal, takes_files
from casework.negotiations import agreements, drafts, forms, ledger, links, parties, presenting, queries
from casework.negotiations.edge import case_for, link_key, link_url
from casework.negotiations.models import Agreement, Counterparty, Negotiation
from casework.negotiations.shares import allocation_faults, shares_of
from casework.negotiations.words import Basis

blueprint = Blueprint("agreements", __name__)
PREVIEWED = 10


@blueprint.route("/cases/<number>/agreements/new", methods=["GET", "POST"])
@needs("negotiation.agree")
def new(number: str) -> ResponseReturnValue:
    """Write down what was agreed in the talks with one counterparty."""
    case = case_for(number, "negotiation.agree")
    negotiation, party = queries.negotiation_of(case.id, row_id(request.values.get("talks")))
    form = forms.AgreementForm()
    if request.method == "GET":
        form.agreed_on.data = local_day(utcnow())
        form.chain.data = " ▸ ".join([link.name for link in parties.chain_of(party)] + [gettext("tenants")])
    elif location := carry_out(form, lambda: _agree(case, negotiation, form), principal=principal()):
        return redirect(location, 303)
    rungs = [rung for rung in queries.rungs_of(negotiation.id) if rung.positions]
    return page(
        "negotiations/agreement_new.html",
        case=case,
        form=form,
        negotiation=negotiation,
        party=party,
        last=rungs[-1] if rungs else None,
        status=form.http_status,
    )


def _agree(case: Case, negotiation: Negotiation, form: forms.AgreementForm) -> str:
    made = agreements.agree(case, negotiation, drafts.agreement_of(form), actor=current_actor(), now=utcnow())
    return _address(case, made)


def _address(case: Case, agreement: Agreement) -> str:
    return url_for("agreements.show", number=case.number, agreement_id=agreement.id)


@blueprint.get("/cases/<number>/agreements/<int:agreement_id>")
@needs("negotiation.read")
def show(number: str, agreement_id: int) -> ResponseReturnValue:
    """The agreement: terms, who has confirmed, how the sum is shared, what arrived."""
    case = case_for(number, "negotiation.read")
    return _show(case, ledger.agreement_in(case.id, agreement_id))


def _show(case: Case, agreement: Agreement, **posted: Form) -> ResponseReturnValue:
    """The page with its three small forms; the one that was refused keeps what was typed."""
    now = utcnow()
    view = next(view for view in presenting.agreement_views(case) if view.agreement.id == agreement.id)
    negotiation = db.session.get_one(Negotiation, agreement.negotiation_id)
    link = links.live_links(agreement.id, None, now=now).get(0)
    signed = queries.files_named(queries.cases_of(negotiation.id), filter(None, [agreement.signed_file_id]))
    shown = {
        "ours": forms.ConfirmForm(formdata=None, prefix=""),
        "theirs": forms.ConfirmForm(formdata=None),
        "end": forms.EndForm(formdata=None),
        **posted,
    }
    for form in shown.values():
        if form not in posted.values():
            form.carry(agreement)
    return page(
        "negotiations/agreement.html",
        case=case,
        view=view,
        agreement=agreement,
        party=db.session.get_one(Counterparty, negotiation.counterparty_id),
        versions=ledger.allocations_of(agreement.id),
        link=link,
        link_url=link_url(links.token_of(link, link_key())) if link else "",
        signed=next(iter(signed.values()), None),
        forms=shown,
        status=max(form.http_status for form in shown.values()),
    )


@blueprint.post("/cases/<number>/agreements/<int:agreement_id>/ours")
@needs("negotiation.agree")
def confirm_ours(number: str, agreement_id: int) -> ResponseReturnValue:
    """Our side confirms."""
    case = case_for(number, "negotiation.agree")
    agreement, form = ledger.agreement_in(case.id, agreement_id), forms.ConfirmForm()

    def work() -> str:
        agreements.confirm_ours(case, agreement, form.name.data or "", actor=current_actor(), now=utcnow())
        return _address(case, agreement)

    if location := carry_out(form, work, principal=principal(), row=agreement):
        return redirect(location, 303)
    return _show(case, agreement, ours=form)


@blueprint.post("/cases/<number>/agreements/<int:agreement_id>/signed")
@needs("negotiation.agree")
@takes_files(MAX_UPLOAD)
def confirm_theirs(number: str, agreement_id: int) -> ResponseReturnValue:
    """The counterparty signed on paper; the scan is sealed into the case."""
    case = case_for(number, "negotiation.agree")
    agreement, form = ledger.agreement_in(case.id, agreement_id), forms.ConfirmForm()
    upload = Upload(form.files.data)

    def work() -> str:
        signed = upload.attach(case.id, kind="agreement")
        agreements.confirm_theirs_on_paper(
            case, agreement, form.name.data or "", signed[0] if signed else None, actor=current_actor(), now=utcnow()
        )
        return _address(case, agreement)

    if location := carry_out(form, work, principal=principal(), prepare=upload.take_in, row=agreement):
        return redirect(location, 303)
    return _show(case, agreement, theirs=form)


@blueprint.post("/cases/<number>/agreements/<int:agreement_id>/end")
@needs("negotiation.agree")
def end(number: str, agreement_id: int) -> ResponseReturnValue:
    """The agreement no longer holds."""
    case = case_for(number, "negotiation.agree")
    agreement, form = ledger.agreement_in(case.id, agreement_id), forms.EndForm()

    def work() -> str:
        agreements.end(case, agreement, form.reason.data or "", actor=current_actor(), now=utcnow())
        return _address(case, agreement)

    if location := carry_out(form, work, principal=principal(), row=agreement):
        return redirect(location, 303)
    return _show(case, agreement, end=form)


@blueprint.post("/cases/<number>/agreements/<int:agreement_id>/link")
@needs("negotiation.agree")
def send(number: str, agreement_id: int) -> ResponseReturnValue:
    """Make the counterparty's one-time link; an earlier one goes dead."""
    case = case_for(number, "negotiation.agree")
    agreement, form = ledger.agreement_in(case.id, agreement_id), forms.LinksForm()

    def work() -> str:
        links.send_to_counterparty(case, agreement, key=link_key(), actor=current_actor(), now=utcnow())
        return f"{_address(case, agreement)}#link"

    if location := carry_out(form, work, principal=principal()):
        return redirect(location, 303)
    for reason in form.reasons:
        flash(str(reason))
    return redirect(_address(case, agreement), 303)


@blueprint.route("/cases/<number>/agreements/<int:agreement_id>/allocate", methods=["GET", "POST"])
@needs("negotiation.agree")
def allocate(number: str, agreement_id: int) -> ResponseReturnValue:
    """Share the sum out: what each way gives is shown before it is done, and every version stays."""
    case = case_for(number, "negotiation.agree")
    agreement, form = ledger.agreement_in(case.id, agreement_id), forms.AllocateForm()
    last = ledger.current_allocation(agreement.id)
    form.without_hand()
    if request.method == "GET":
        form.basis.data = request.args.get("basis") or (last.basis if last else Basis.RENT.value)
        form.after.data = str(last.no if last else 0)
    elif "preview" not in request.form and (
        location := carry_out(form, lambda: _allocate(case, agreement, form), principal=principal())
    ):
        flash(gettext("Shared out to the fen."))
        return redirect(location, 303)
    if form.http_status == 409:  # what is sent next is sent in knowledge of the version that stands now
        form.after.data = str(last.no if last else 0)
    return page(
        "negotiations/allocate.html",
        case=case,
        agreement=agreement,
        form=form,
        last=last,
        preview=_preview(agreement, form.basis.data),
        status=form.http_status,
    )


def _allocate(case: Case, agreement: Agreement, form: forms.AllocateForm) -> str:
    agreements.allocate(
        case,
        agreement,
        Basis(form.basis.data),
        actor=current_actor(),
        now=utcnow(),
        reason=form.reason.data or "",
        after=row_id(form.after.data) or 0,
    )
    return _address(case, agreement)


def _preview(agreement: Agreement, chosen: str | None) -> dict[str, object]:
    """The first shares that a way would give, the sum of all, and what stands against it."""
    basis = Basis(chosen) if chosen in (Basis.RENT, Basis.AREA, Basis.EQUAL) else Basis.RENT
    firms = ledger.sharing_firms(queries.cases_of(agreement.negotiation_id))
    faults = allocation_faults(basis, agreement.total_fen, firms)
    shares = [] if faults else shares_of(basis, agreement.total_fen, firms)
    rows = [(firm, weight, share) for firm, (weight, share) in zip(firms, shares, strict=bool(shares))]
    return {
        "basis": basis,
        "faults": faults,
        "rows": rows[:PREVIEWED],
        "firms": len(firms),
        "weight": sum(weight for weight, _ in shares),
        "sum": sum(share for _, share in shares),
    }
