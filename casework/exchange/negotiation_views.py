"""Documents and spreadsheets of an agreement: the allocation and the text going out, shares by hand coming in."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework import audit
from casework.audit.vocabulary import Fact
from casework.cases.models import Case
from casework.exchange import agreement_docx, allocation_sheet, shares_in
from casework.exchange.forms import SharesForm
from casework.exchange.joining import RowRefused
from casework.exchange.workbook import XLSX_TYPE
from casework.files.views import disposition
from casework.kernel.attempts import carry_out
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, NotFound, Refused, because
from casework.kernel.forms import row_id
from casework.kernel.money import parse_yuan, yuan
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page, takes_files
from casework.negotiations import agreements, ledger, queries
from casework.negotiations.edge import case_for, principal
from casework.negotiations.models import Agreement, Counterparty, Negotiation
from casework.negotiations.rules import Firm
from casework.negotiations.words import Basis

blueprint = Blueprint("negotiation_sheets", __name__)
MOST_BYTES = 12 * 1024 * 1024
MOST_INPUTS = 200


@dataclass(frozen=True, slots=True)
class AgreementExported(Fact):
    """Somebody took an agreement or its allocation out."""

    case: str
    agreement: int
    what: str


def _party(agreement: Agreement) -> Counterparty:
    negotiation = db.session.get_one(Negotiation, agreement.negotiation_id)
    return db.session.get_one(Counterparty, negotiation.counterparty_id)


def _sent(
    case: Case, agreement: Agreement, what: str, kind: str, name: str, write: Callable[[IO[bytes]], object]
) -> Response:
    """A file made now, its leaving entered in the security log."""
    with tempfile.TemporaryFile() as file:
        write(file)
        file.seek(0)
        content = file.read()
    with transaction():
        fact = AgreementExported(case=case.number, agreement=agreement.id, what=what)
        audit.record(fact, by=current_actor(), at=utcnow())
    return Response(content, content_type=kind, headers={"Content-Disposition": disposition(name)})


@blueprint.get("/cases/<number>/agreements/<int:agreement_id>/allocation.xlsx")
@needs("negotiation.read")
def allocation(number: str, agreement_id: int) -> ResponseReturnValue:
    """A version of the allocation as XLSX: the one that counts, or the one asked for."""
    case = case_for(number, "negotiation.read")
    agreement = ledger.agreement_in(case.id, agreement_id)
    versions = ledger.allocations_of(agreement.id)
    asked = row_id(request.args.get("no", ""))
    version = next((one for one in versions if asked in (None, one.no)), None)
    if version is None:
        raise NotFound("allocation")
    name = gettext("Allocation %(number)s version %(no)s", number=case.number, no=version.no)
    party = _party(agreement).name
    return _sent(
        case, agreement, f"allocation {version.no}", XLSX_TYPE, f"{name}.xlsx",
        lambda file: allocation_sheet.write(file, case, party, agreement, version),
    )  # fmt: skip


@blueprint.get("/cases/<number>/agreements/<int:agreement_id>/agreement.docx")
@needs("negotiation.read")
def document(number: str, agreement_id: int) -> ResponseReturnValue:
    """The agreement as a document to sign."""
    case = case_for(number, "negotiation.read")
    agreement = ledger.agreement_in(case.id, agreement_id)
    name = gettext("Agreement %(number)s", number=case.number)
    return _sent(
        case, agreement, "agreement", agreement_docx.DOCX_TYPE, f"{name}.docx",
        lambda file: agreement_docx.write(file, case, _party(agreement), agreement),
    )  # fmt: skip


@blueprint.route("/cases/<number>/agreements/<int:agreement_id>/shares", methods=["GET", "POST"])
@needs("negotiation.agree")
@takes_files(MOST_BYTES)
def by_hand(number: str, agreement_id: int) -> ResponseReturnValue:
    """Share a sum out by hand: in a table, or from a spreadsheet. Rows that do not fit are named."""
    case = case_for(number, "negotiation.agree")
    agreement = ledger.agreement_in(case.id, agreement_id)
    firms = ledger.sharing_firms(queries.cases_of(agreement.negotiation_id))
    last = ledger.current_allocation(agreement.id)
    form, refused = SharesForm(), list[RowRefused]()
    typed = {firm.id: request.form.get(f"share_{firm.id}", "") for firm in firms[:MOST_INPUTS]}
    if request.method == "GET":
        form.after.data = str(last.no if last else 0)
        typed = {firm.id: yuan(ledger.share_of(last.id, firm.id)) if last else "" for firm in firms[:MOST_INPUTS]}
    elif location := carry_out(
        form, lambda: _share(case, agreement, form, firms, typed, refused), principal=principal()
    ):
        flash(gettext("Shared out to the fen."))
        return redirect(location, 303)
    return page(
        "exchange/shares.html",
        case=case,
        agreement=agreement,
        form=form,
        firms=firms,
        typed=typed,
        last=last,
        refused=refused,
        inputs=len(firms) <= MOST_INPUTS,
        status=form.http_status,
    )


def _share(
    case: Case,
    agreement: Agreement,
    form: SharesForm,
    firms: list[Firm],
    typed: dict[int, str],
    refused: list[RowRefused],
) -> str:
    sent = form.file.data
    if (sent is not None and sent.filename) or form.pasted.data:
        given, faults = shares_in.shares(shares_in.table_of(sent, form.pasted.data or ""), firms)
        refused.extend(faults)
        if refused:
            raise Refused(because(N_("%(n)s rows need mending; nothing was shared out."), n=len(refused)))
    else:
        given = {firm: parse_yuan(text, "pasted") for firm, text in typed.items() if text.strip()}
    agreements.allocate(
        case,
        agreement,
        Basis.HAND,
        actor=current_actor(),
        now=utcnow(),
        by_hand=given,
        reason=form.reason.data or "",
        after=row_id(form.after.data) or 0,
    )
    return url_for("agreements.show", number=case.number, agreement_id=agreement.id)
