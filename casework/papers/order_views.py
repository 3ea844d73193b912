"""The papers of supervision orders, written once and sealed."""

from __future__ import annotations

import io
import json
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from casework.files import service as files
from casework.files.models import Attachment
from casework.files.views import serve
from casework.kernel.db import db, transaction
from casework.kernel.errors import NotFound
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs
from casework.orders import queries
from casework.orders.models import Interview, SupervisionOrder
from casework.orders.policy import READ
from casework.papers import order_docx, order_papers, slip_pdf
from casework.papers.order_papers import Paper

blueprint = Blueprint("order_papers", __name__, url_prefix="/orders")


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
