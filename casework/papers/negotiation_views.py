"""Documents and spreadsheets of an agreement: the allocation and the text going out, shares by hand coming in."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from typing import IO

import sqlalchemy as sa
from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework import audit
from casework.cases.models import Case
from casework.files.views import disposition
from casework.imports import shares_in
from casework.imports.joining import RowRefused
from casework.kernel.attempts import carry_out
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, NotFound, Refused, because
from casework.kernel.forms import row_id
from casework.kernel.money import yuan
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page, principal, takes_files
from casework.negotiations import agreements, ledger, queries
from casework.negotiations.edge import case_for
from casework.negotiations.models import Agreement, Allocation, Counterparty, Negotiation, Share
from casework.negotiations.shares import Firm
from casework.negotiations.words import Basis
from casework.papers import agreement_docx, allocation_sheet
from casework.papers.events import AgreementExported
from casework.papers.forms import SharesForm
from casework.sheets import limits
from casework.sheets.workbook import XLSX_TYPE

blueprint = Blueprint("negotiation_sheets", __name__)
MOST_BYTES = 12 * 1024 * 1024
MOST_INPUTS = 200


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
    asked = request.args.get("no") or (str(versions[0].no) if versions else "")
    version = next((one for one in versions if str(one.no) == asked), None)
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
    form, given, refused = SharesForm(), dict[int, int](), list[RowRefused]()
    listed = firms if len(firms) <= MOST_INPUTS else []
    if request.method == "GET":
        form.after.data = str(last.no if last else 0)
        typed = _present(last)
    else:
        typed = {firm.id: request.form.get(f"share_{firm.id}", "") for firm in listed}

        def read() -> None:
            found, faults = _read(form, firms, typed if listed else {})
            given.update(found)
            refused.extend(faults)
            if refused:
                raise Refused(because(N_("%(n)s rows need mending; nothing was shared out."), n=len(refused)))

        work = partial(_share, case, agreement, form, given)
        if location := carry_out(form, work, principal=principal(), prepare=read):
            flash(gettext("Shared out to the fen."))
            return redirect(location, 303)
        if form.http_status == 409:  # what is sent next is sent in knowledge of the other version
            form.after.data = str(last.no if last else 0)
    return page(
        "papers/shares.html",
        case=case,
        agreement=agreement,
        form=form,
        firms=firms,
        listed=listed,
        typed=typed,
        last=last,
        refused=refused,
        wrong=set() if _is_sheet(form) else {row.row for row in refused},
        status=form.http_status,
    )


def _present(last: Allocation | None) -> dict[int, str]:
    """What each firm has now, to be changed."""
    if last is None:
        return {}
    query = sa.select(Share.beneficiary_id, Share.share_fen).where(Share.allocation_id == last.id)
    return {firm: yuan(share) for firm, share in db.session.execute(query)}


def _is_sheet(form: SharesForm) -> bool:
    return bool(form.file.data or form.pasted.data)


def _read(form: SharesForm, firms: list[Firm], typed: dict[int, str]) -> tuple[dict[int, int], list[RowRefused]]:
    """The shares from the file when there is one, else what was pasted, else what was typed beside the firms."""
    if form.file.data:
        with limits.reading(current_actor().user_id, now=utcnow()):
            return shares_in.shares(shares_in.table_of(form.file.data, ""), firms)
    if form.pasted.data or not typed:
        return shares_in.shares(shares_in.table_of(None, form.pasted.data or ""), firms)
    return shares_in.typed(firms, typed)


def _share(case: Case, agreement: Agreement, form: SharesForm, given: dict[int, int]) -> str:
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
