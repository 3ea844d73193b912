"""Issued documents as files: from data, never from code, sealed once."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from docx import Document
from flask import Flask
from flask.testing import FlaskClient

from casework.files.models import Attachment
from casework.kernel.db import db
from casework.kernel.time import at_local
from casework.papers import jobs, slip_docx, slip_pdf, slip_views
from casework.papers.slip import Slip, texts
from casework.processes import running
from tests.factories import NOW, an_office
from tests.processes.shipment import Shipment, a_shipment

AT = at_local(date(2020, 2, 12), 17)
SLIP = Slip(
    number="临发〔2020〕1号",
    title="企业临时发货报备单",
    issuer="交通运输局",
    facts=(("车牌号", "粤B12345"), ("货物名称", "冷冻水产")),
    issued_at=AT,
    valid_until=AT + timedelta(hours=24),
    url="https://casework.example/verify/ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    code="ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    issued_by="蒋一鸣",
    basis="通告第四条",
)
HOSTILE = ("{{ 7*7 }}", "<w:p/>", '#import "x"', "a\x00b\x07", "\u202egnp.exe", "$x^2$", "*b* _i_ @cite", "x" * 3000)


def words_of(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def a_layout(*lines: str, header: str = "") -> bytes:
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def test_the_document_says_number_facts_and_validity_with_its_qr_picture() -> None:
    content = slip_docx.write(SLIP)
    said = words_of(content)
    for shown in (
        "临发〔2020〕1号",
        "企业临时发货报备单",
        "粤B12345",
        "2020年2月12日 17:00",
        "2020年2月13日 17:00",
        "蒋一鸣",
    ):
        assert shown in said
    assert any(name.endswith(".png") for name in zipfile.ZipFile(io.BytesIO(content)).namelist())


def test_the_pdf_is_one_page_and_the_same_for_the_same_slip() -> None:
    first = slip_pdf.write(SLIP)
    assert first.startswith(b"%PDF")
    assert first == slip_pdf.write(SLIP)
    assert first != slip_pdf.write(replace(SLIP, number="临发〔2020〕2号"))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words_in_both_files(text: str) -> None:
    slip = replace(SLIP, title=text, facts=((text, text),), issued_by=text, basis=text)
    said = words_of(slip_docx.write(slip))
    assert texts(slip)["title"] in said
    assert "49" not in said
    assert "\u202e" not in said
    assert slip_pdf.write(slip).startswith(b"%PDF")


def test_a_layout_of_ones_own_is_filled() -> None:
    layout = a_layout(
        "号：{{ number }}", "{% for fact in facts %}{{ fact.label }}＝{{ fact.value }}；{% endfor %}", "{{ qr }}"
    )
    assert slip_docx.layout_faults(layout) == []
    assert "车牌号＝粤B12345" in words_of(slip_docx.write(SLIP, layout))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{{ number.__class__ }}", "holds code"),
        ("{{ ''.__class__.__mro__ }}", "holds code"),
        ("{{ 7*7 }}", "holds code"),
        ("{{ number|upper }}", "holds code"),
        ("{{ number() }}", "holds code"),
        ("{% set x = number %}", "holds code"),
        ("{% include 'x' %}", "holds code"),
        ("{% for x in number %}{% endfor %}", "holds code"),
        ("{{ fact.__init__ }}", "holds code"),
        ("{{ phone }}", "no placeholder"),
        ("{{ number", "cannot be read"),
    ],
)
def test_a_layout_with_code_or_unknown_placeholders_is_refused_and_never_run(line: str, said: str) -> None:
    faults = slip_docx.layout_faults(a_layout("{{ number }}", "{{ qr }}", line))
    assert any(said in fault.text for fault in faults)


def test_code_in_a_header_is_found_too() -> None:
    layout = a_layout("{{ number }}", "{{ qr }}", header="{{ cycler.__init__ }}")
    assert any("holds code" in fault.text for fault in slip_docx.layout_faults(layout))


def test_what_a_slip_cannot_do_without_is_named_and_other_files_are_refused() -> None:
    missing = [fault.values["name"] for fault in slip_docx.layout_faults(a_layout("{{ title }}"))]
    assert missing == ["number", "qr"]
    for content in (b"", b"PK\x03\x04nonsense", b"%PDF-1.4", b"x" * (3 * 1024 * 1024)):
        assert slip_docx.layout_faults(content)


@pytest.fixture
def shipment(app: Flask) -> Shipment:
    made = a_shipment(an_office()).go_to("issue")
    made.send("issue", "regulator2")
    return made


def test_both_files_are_written_once_and_their_hash_stands_on_the_page(shipment: Shipment, client: FlaskClient) -> None:
    slip = running.documents_of([shipment.run.id])[0]
    pdf = client.get(f"/verify/{slip.code}/slip.pdf")
    assert pdf.data.startswith(b"%PDF")
    docx = client.get(f"/verify/{slip.code}/slip.docx")
    assert "临发〔2020〕1号" in words_of(docx.data)
    assert db.session.query(Attachment).filter_by(kind="slip").count() == 2
    sealed = db.session.get_one(Attachment, slip.pdf_id)
    assert sealed.sha256 in client.get(f"/verify/{slip.code}").text
    slip_views.seal(slip.id, now=NOW)
    assert db.session.query(Attachment).filter_by(kind="slip").count() == 2


def test_a_document_whose_writing_was_cut_off_is_written_by_the_job(shipment: Shipment) -> None:
    slip = running.documents_of([shipment.run.id])[0]
    assert slip.pdf_id is None
    db.session.rollback()
    assert jobs.seal_documents(NOW) == 1
    assert jobs.seal_documents(NOW) == 0
    db.session.expire_all()
    assert slip.pdf_id is not None


@pytest.mark.parametrize("path", ["A" * 26 + "/slip.pdf", "x/slip.docx"])
def test_who_does_not_hold_the_code_gets_no_file(client: FlaskClient, path: str) -> None:
    assert client.get(f"/verify/{path}").status_code == 404


def test_no_other_kind_of_file_is_made(shipment: Shipment, client: FlaskClient) -> None:
    slip: Any = running.documents_of([shipment.run.id])[0]
    assert client.get(f"/verify/{slip.code}/slip.html").status_code == 404
