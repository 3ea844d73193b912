"""The papers of supervision orders, written once and sealed; and the register as a spreadsheet."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from casework import audit
from casework.exchange import order_docx, order_papers, slip_pdf
from casework.exchange.events import OrdersExported
from casework.exchange.ledger import MOST_ROWS
from casework.exchange.order_papers import Paper
from casework.exchange.workbook import XLSX_TYPE, Column, write_workbook
from casework.files import service as files
from casework.files.models import Attachment
from casework.files.views import disposition, serve
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, NotFound
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs
from casework.orders import queries
from casework.orders.models import Interview, SupervisionOrder
from casework.orders.policy import EXPORT, READ
from casework.orders.register import Filters, read_filters

blueprint = Blueprint("order_papers", __name__, url_prefix="/orders")
TITLES = (
    (N_("Number"), "text", 20),
    (N_("Matter"), "text", 40),
    (N_("Unit ordered"), "text", 20),
    (N_("Issued by"), "text", 20),
    (N_("Issued"), "datetime", 17),
    (N_("State"), "text", 14),
    (N_("Round"), "number", 8),
    (N_("Report by"), "datetime", 17),
    (N_("Reported"), "datetime", 17),
    (N_("In time"), "text", 10),
    (N_("Cases"), "number", 8),
    (N_("Listed"), "datetime", 17),
    (N_("Taken off the list"), "datetime", 17),
    (N_("Ended"), "datetime", 17),
)


@blueprint.get("/<int:order_id>/paper.<kind>")
@needs(READ)
def order_paper(order_id: int, kind: str) -> ResponseReturnValue:
    """The order as PDF or .docx, as it was issued."""
    order = queries.visible_order(order_id, to=current_actor())
    if order.pdf_id is None:
        seal(SupervisionOrder, order.id, order_papers.of_order(order), by_id=order.issued_by_id, now=utcnow())
    return _served(db.session.get_one(SupervisionOrder, order_id), kind)


@blueprint.get("/interviews/<int:interview_id>.<kind>")
@needs(READ)
def interview_paper(interview_id: int, kind: str) -> ResponseReturnValue:
    """The interview notice as PDF or .docx."""
    interview = db.session.get(Interview, interview_id)
    if interview is None:
        raise NotFound("interview")
    order = queries.visible_order(interview.order_id, to=current_actor())
    if interview.pdf_id is None:
        paper = order_papers.of_interview(interview, order)
        seal(Interview, interview.id, paper, by_id=interview.called_by_id, now=utcnow())
    return _served(db.session.get_one(Interview, interview_id), kind)


def _served(row: Any, kind: str) -> ResponseReturnValue:
    if kind not in ("pdf", "docx"):
        raise NotFound("kind")
    return serve(db.session.get_one(Attachment, row.pdf_id if kind == "pdf" else row.docx_id))


def seal(table: type[Any], row_id: int, paper: Paper, *, by_id: int, now: datetime) -> None:
    """Write both files of a paper and seal them; once, whoever asks first. The bytes come before the row."""
    name = f"{paper.number} {paper.title}"
    inputs = {"paper": json.dumps(paper.as_data(), ensure_ascii=False)}
    pdf = slip_pdf.printed("order.typ", inputs, fonts=current_app.config["SETTINGS"].fonts)
    made = {
        "pdf_id": files.take_in(io.BytesIO(pdf), f"{name}.pdf"),
        "docx_id": files.take_in(io.BytesIO(order_docx.write(paper)), f"{name}.docx"),
    }
    with transaction():
        row = db.session.get_one(table, row_id, with_for_update=True, populate_existing=True)
        if row.pdf_id is not None:
            return  # somebody was faster: what was written now is swept away
        for column, sealed in made.items():
            kept = files.attach(sealed=sealed, case_id=None, kind="order", actor_id=by_id, now=now)
            setattr(row, column, kept.id)
        db.session.flush()


@blueprint.get("/register.xlsx")
@needs(EXPORT)
def register() -> ResponseReturnValue:
    """The register with its present filters, newest first, no more rows than may be taken out at once."""
    actor, now = current_actor(), utcnow()
    filters = read_filters(request.args)
    columns = [Column(gettext(title), form, width) for title, form, width in TITLES]  # type: ignore[arg-type]
    with tempfile.TemporaryFile() as file:
        rows = write_workbook(file, gettext("Supervision orders"), columns, _rows(actor, filters, now))
        file.seek(0)
        content = file.read()
    name = gettext("Supervision orders %(day)s", day=local_day(now).isoformat())
    with transaction():
        audit.record(OrdersExported(rows=rows, filters=filters.as_query()), by=actor, at=now)
    return Response(content, content_type=XLSX_TYPE, headers={"Content-Disposition": disposition(f"{name}.xlsx")})


def _rows(actor: Actor, filters: Filters, now: datetime) -> Iterator[tuple[Any, ...]]:
    for line in queries.all_lines(actor, filters, now=now, most=MOST_ROWS):
        order, present = line.order, line.round
        yield (
            order.number,
            order.title,
            line.unit,
            line.issuer,
            order.issued_at,
            gettext(order.state_label),
            order.round,
            present.due_at,
            present.replied_at,
            "" if present.met is None else gettext("yes") if present.met else gettext("no"),
            order.case_count,
            order.listed_at,
            order.delisted_at,
            order.ended_at,
        )
