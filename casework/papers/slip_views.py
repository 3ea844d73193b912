"""The files of an issued document: written once, sealed, and given to whoever holds its code."""

from __future__ import annotations

import io
from datetime import datetime

import structlog
from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from casework.cases.models import Case
from casework.files import service as files
from casework.files.models import Attachment
from casework.files.views import serve
from casework.kernel.db import db, transaction
from casework.kernel.errors import CaseworkError, NotFound
from casework.kernel.time import utcnow
from casework.kernel.web import public, site_address
from casework.papers import slip_docx, slip_pdf
from casework.papers.slip import Slip
from casework.processes import issuing, queries
from casework.processes.models import IssuedDocument, TemplateVersion
from casework.roster.queries import names as names_of

blueprint = Blueprint("slips", __name__)
log = structlog.get_logger()


@blueprint.get("/verify/<code>/slip.<kind>")
@public
def download(code: str, kind: str) -> ResponseReturnValue:
    """The PDF or the .docx of a document. Its address is its secret, and it shows what the address shows."""
    if kind not in ("pdf", "docx"):
        raise NotFound("kind")
    document = issuing.document_by(code)
    if document.pdf_id is None:
        seal(document.id, now=utcnow())
    file_id = document.pdf_id if kind == "pdf" else document.docx_id
    return serve(db.session.get_one(Attachment, file_id))


def seal(document_id: int, *, now: datetime) -> None:
    """Write both files of a document and seal them; once, whoever asks first. The bytes come before the row."""
    document = db.session.get_one(IssuedDocument, document_id)
    slip, layout = _slip(document), _layout(document)
    name = f"{document.number} {document.zh}"
    pdf = files.take_in(io.BytesIO(slip_pdf.write(slip, fonts=current_app.config["SETTINGS"].fonts)), f"{name}.pdf")
    docx = files.take_in(io.BytesIO(slip_docx.write(slip, layout)), f"{name}.docx")
    with transaction():
        document = db.session.get_one(IssuedDocument, document_id, with_for_update=True, populate_existing=True)
        if document.pdf_id is not None:
            return  # somebody was faster: what was written now is swept away
        for sealed, column in ((pdf, "pdf_id"), (docx, "docx_id")):
            kept = files.attach(
                sealed=sealed, case_id=document.case_id, kind="slip", actor_id=document.issued_by_id, now=now
            )
            setattr(document, column, kept.id)
        db.session.flush()


def _slip(document: IssuedDocument) -> Slip:
    version = db.session.get_one(TemplateVersion, document.version_id)
    return Slip(
        number=document.number,
        title=document.zh,
        issuer=document.issuer,
        facts=tuple((fact["zh"], fact["value"]) for fact in document.facts),
        issued_at=document.issued_at,
        valid_until=document.valid_until,
        url=f"{site_address()}/verify/{document.code}",
        code=document.code,
        issued_by=names_of({document.issued_by_id}).get(document.issued_by_id, ""),
        basis=queries.definition_of(version).basis,
    )


def _layout(document: IssuedDocument) -> bytes | None:
    """The layout that the version has for this document; the standard one where it has none."""
    version = db.session.get_one(TemplateVersion, document.version_id)
    step = queries.definition_of(version).by_key[document.step]
    named = next((issue.layout for issue in step.issues if issue.key == document.issue), "")
    attachment = queries.layouts(version.id).get(named) if named else None
    return files.open_bytes(db.session.get_one(Attachment, attachment)) if attachment else None


def after_issue(case: Case) -> None:
    """Write the files of what was just issued on a case, so that their hashes stand on the page.

    What cannot be written now is written by the job, or when somebody asks for it: the document itself stands.
    """
    for document_id in issuing.unsealed(case.id):
        try:
            seal(document_id, now=utcnow())
        except CaseworkError as error:
            log.warning("a document waits for its files", document=document_id, error=str(error)[:200])
