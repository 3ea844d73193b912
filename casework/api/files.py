"""Files of a case: what is attached, one file byte for byte, and attaching more."""

from __future__ import annotations

from typing import Any

from flask import Response

from casework.api.answering import Answer, chosen
from casework.api.asking import Asked
from casework.api.fields import Moment, RowId, Shape, Text, Whole
from casework.api.operations import operation
from casework.api.shapes import Chosen
from casework.cases import queries
from casework.cases.views import attach_evidence
from casework.files.models import Attachment
from casework.files.views import serve
from casework.kernel.errors import N_, NotFound, Unfit, because
from casework.kernel.web import current_actor
from casework.negotiations.edge import case_for

GROUP = N_("Photos and files")


class FileLine(Shape):
    """A file that is sealed into a case."""

    id = RowId(required=True)
    name = Text(required=True)
    kind = Text(required=True, metadata={"description": N_("What it proves: a key of the type's evidence, or empty")})
    content_type = Text(required=True)
    size = Whole(required=True, metadata={"description": N_("Bytes")})
    sha256 = Text(required=True)
    uploaded_at = Moment(required=True)


class FileFields(Shape):
    """What is said of the files that are sent."""

    kind = Text(most=30, load_default="", metadata={"description": N_("What it proves: a key of the type's evidence")})


def _line(file: Attachment) -> dict[str, Any]:
    return {
        "id": file.id,
        "name": file.name,
        "kind": file.kind,
        "content_type": file.content_type,
        "size": file.size,
        "sha256": file.sha256,
        "uploaded_at": file.uploaded_at.isoformat(),
    }


@operation(
    name="listFiles",
    method="GET",
    path="/cases/{number}/attachments",
    permission="case.story",
    group=GROUP,
    summary=N_("The files of a case, newest first"),
    query=Chosen,
    answer=FileLine,
    paged=True,
)
def list_files(asked: Asked, number: str) -> Answer:
    """What is attached; a case has few files, so that they stand on one page."""
    case, keep = case_for(number, "case.story"), chosen(asked.query.get("fields_"), FileLine)
    return Answer(body={"items": [keep(_line(file)) for file in queries.attachments(case.id)], "next": None})


@operation(
    name="readFile",
    method="GET",
    path="/cases/{number}/attachments/{id}",
    permission="case.story",
    group=GROUP,
    summary=N_("One file, byte for byte"),
    binary=True,
)
def read_file(asked: Asked, number: str, id: int) -> Response:  # noqa: A002 - named as in the address
    """The bytes, checked against their seal."""
    case = case_for(number, "case.story")
    for file in queries.attachments(case.id):
        if file.id == id:
            return serve(file)
    raise NotFound("attachment")


@operation(
    name="attachFiles",
    method="POST",
    path="/cases/{number}/attachments",
    permission="case.attach",
    group=GROUP,
    summary=N_("Attach photos and files"),
    text=N_("As multipart/form-data with one or more parts “files”: jpg, png, webp, pdf, docx or xlsx, 20 MB each."),
    body=FileFields,
    answer=FileLine,
    paged=True,
    status=201,
    files=True,
    keyed=True,
)
def attach_files(asked: Asked, number: str) -> Answer:
    """Seal files into the case: all of them, or none."""
    case, kind = queries.visible_case(number, to=current_actor()), asked.body["kind"]
    if kind and kind not in {item["key"] for item in queries.type_of(case).evidence}:
        raise Unfit(422, because(N_("This case type knows no such evidence: see /case-types."), "kind"), kind="body")
    made = attach_evidence(case, asked.upload, kind) if asked.upload is not None else []
    return Answer(body={"items": [_line(file) for file in made], "next": None}, status=201)
