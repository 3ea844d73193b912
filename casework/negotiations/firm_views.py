"""The firms of a case beside what they were given: the whole list, receipts by an officer, links to send."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.cases import queries as case_queries
from casework.cases.models import Beneficiary, Case
from casework.files.upload import MAX_UPLOAD, Upload
from casework.kernel import paging
from casework.kernel.attempts import carry_out
from casework.kernel.errors import N_, NotFound
from casework.kernel.forms import row_id
from casework.kernel.money import parse_yuan
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal, takes_files
from casework.negotiations import forms, ledger, links, presenting, queries, receipts
from casework.negotiations.edge import address, case_for, link_key, link_url
from casework.negotiations.ledger import RANKS, FirmShare
from casework.negotiations.models import Receipt
from casework.negotiations.presenting import AgreementView

blueprint = Blueprint("firms", __name__)
PAGE = 50
SENT_AT_ONCE = 20
STATUSES = {"pending": N_("Pending"), "settled": N_("Settled"), "excluded": N_("Excluded")}


@blueprint.get("/cases/<number>/firms")
@needs("negotiation.read")
def index(number: str) -> ResponseReturnValue:
    """Every firm of the case with rent, share, and what arrived: those that wait first."""
    case = case_for(number, "negotiation.read")
    views = presenting.agreement_views(case)
    view = _chosen(views, request.args.get("agreement"))
    status = request.args.get("status") if request.args.get("status") in STATUSES else None
    rows, after = _page_of(case, view, status, PAGE)
    return page(
        "negotiations/firms.html",
        case=case,
        view=view,
        views=views,
        rows=rows,
        after=after,
        first=not request.args.get("after"),
        chosen=status,
        statuses=STATUSES,
        counts=case_queries.firm_counts(case.id),
    )


def _chosen(views: list[AgreementView], asked: str | None) -> AgreementView | None:
    """The agreement that is asked for, else the newest one in force."""
    live = [view for view in views if view.agreement.state != "ended"]
    return next((view for view in views if str(view.agreement.id) == asked), live[0] if live else None)


def _page_of(
    case: Case, view: AgreementView | None, status: str | None, size: int
) -> tuple[list[FirmShare], str | None]:
    at = paging.decode(request.args.get("after"), [int, int])
    allocation = view.allocation if view else None
    rows = ledger.firms_page(case.id, allocation, after=(at[0], at[1]) if at else None, size=size + 1, status=status)
    if len(rows) <= size:
        return rows, None
    last = rows[size - 1].firm
    return rows[:size], paging.encode([RANKS[last.status], last.id])


@blueprint.route("/cases/<number>/firms/<int:firm_id>/receipt", methods=["GET", "POST"])
@needs("negotiation.read")
@takes_files(MAX_UPLOAD)
def receipt(number: str, firm_id: int) -> ResponseReturnValue:
    """What reached one firm: everything said of it, and an officer's receipt with proof."""
    case = case_for(number, "negotiation.read" if request.method == "GET" else "negotiation.receive")
    firm = case_queries.beneficiary_of(case.id, firm_id)
    view = _chosen(presenting.agreement_views(case), request.args.get("agreement"))
    if view is None or view.allocation is None:
        raise NotFound("allocation")
    said = ledger.receipts_of(view.agreement.id, firm.id)
    form, corrects = forms.ReceiptForm(), _corrected(said, request.values.get("corrects"))
    share = ledger.beside([firm], view.allocation)[0]
    if request.method == "GET":
        _fill(form, share, corrects)
    else:
        upload = Upload(form.files.data)
        work = lambda: _receive(case, view, firm, form, upload, corrects)  # noqa: E731 - the one command of this form
        if location := carry_out(form, work, principal=principal(), prepare=upload.take_in):
            return redirect(location, 303)
    return page(
        "negotiations/receipt.html",
        case=case,
        firm=firm,
        share=share,
        view=view,
        said=said,
        corrected={row.corrects_id for row in said},
        files=queries.files_named([case.id], (key for row in said for key in row.files)),
        corrects=corrects,
        form=form,
        status=form.http_status,
    )


def _corrected(said: list[Receipt], asked: str | None) -> Receipt | None:
    if not asked:
        return None
    found = next((row for row in said if row.id == row_id(asked)), None)
    if found is None:
        raise NotFound("receipt")
    return found


def _fill(form: forms.ReceiptForm, share: FirmShare, corrects: Receipt | None) -> None:
    form.received_on.data = corrects.received_on if corrects else local_day(utcnow())
    given = corrects.amount_fen if corrects else share.outstanding_fen
    form.amount.data = f"{given // 100}.{given % 100:02d}"
    form.note.data = corrects.note if corrects else ""
    form.corrects.data = str(corrects.id) if corrects else ""


def _receive(
    case: Case,
    view: AgreementView,
    firm: Beneficiary,
    form: forms.ReceiptForm,
    upload: Upload,
    corrects: Receipt | None,
) -> str:
    receipts.confirm_by_officer(
        case,
        view.agreement,
        firm,
        parse_yuan(form.amount.data or "", "amount"),
        form.received_on.data or local_day(utcnow()),
        form.note.data or "",
        actor=current_actor(),
        now=utcnow(),
        files=upload.attach(case.id),
        corrects=corrects,
    )
    return address(case, "money")


@blueprint.route("/cases/<number>/links", methods=["GET", "POST"])
@needs("negotiation.receive")
def send(number: str) -> ResponseReturnValue:
    """The firms that wait, each with a text to copy and a QR code, twenty at a time."""
    case = case_for(number, "negotiation.receive")
    view = _chosen(presenting.agreement_views(case), request.args.get("agreement"))
    rows, after = _page_of(case, view, "pending", SENT_AT_ONCE) if view else ([], None)
    form = forms.LinksForm()
    if request.method == "POST" and view is not None:
        firms = _without_link(view, [row.firm for row in rows])
        if carry_out(form, lambda: _send(case, view, firms), principal=principal()):
            return redirect(request.full_path.rstrip("?"), 303)
    return page(
        "negotiations/links.html",
        case=case,
        view=view,
        rows=_with_links(view, rows) if view else [],
        after=after,
        first=not request.args.get("after"),
        form=form,
        status=form.http_status,
    )


def _without_link(view: AgreementView, firms: list[Beneficiary]) -> list[Beneficiary]:
    """The firms that have no link yet; once all have one, all of them, so that the links can be made anew."""
    live = links.live_links(view.agreement.id, [firm.id for firm in firms], now=utcnow())
    return [firm for firm in firms if firm.id not in live] or firms


def _send(case: Case, view: AgreementView, firms: list[Beneficiary]) -> str:
    links.send_to_firms(case, view.agreement, firms, key=link_key(), actor=current_actor(), now=utcnow())
    flash(gettext("The links are made: send each firm its own."))
    return url_for("firms.send", number=case.number)


def _with_links(view: AgreementView, rows: list[FirmShare]) -> list[tuple[FirmShare, Any, str]]:
    """Each firm with its link that can still be used, and the link's address."""
    live = links.live_links(view.agreement.id, [row.firm.id for row in rows], now=utcnow())
    found = [(row, live.get(row.firm.id)) for row in rows]
    return [(row, link, link_url(links.token_of(link, link_key())) if link else "") for row, link in found]
