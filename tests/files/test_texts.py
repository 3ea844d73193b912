"""The text inside documents: read apart, capped, searched for by those who may open the file; what is bad is noted."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
import xlsxwriter
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from casework.cases.workflow import State
from casework.files import service, texts
from casework.files.models import FileText, Reading
from casework.kernel.db import db, transaction
from casework.kernel.models import SearchDoc
from casework.kernel.time import local_day
from casework.search import backlog, jobs, queries
from casework.search.rules import read
from tests.factories import NOW, Office, a_case, a_file

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)


def a_docx(*paragraphs: str, document: str = "") -> bytes:
    body = "".join(
        f"<w:p><w:r><w:t>{said[:3]}</w:t></w:r><w:r><w:t>{said[3:]}</w:t></w:r></w:p>" for said in paragraphs
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr(
            "word/document.xml", document or f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
        )
    return out.getvalue()


def an_xlsx(*rows: tuple[object, ...]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("租户")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        book.add_worksheet("底稿").hide()
    return out.getvalue()


def a_pdf(text: str, password: str = "") -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(300, 300)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
    )
    stream = DecodedStreamObject()
    stream.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode())
    page[NameObject("/Contents")] = writer._add_object(stream)
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "租租租租租租租租租租">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(8))
    + f']><w:document xmlns:w="{WORD}"><w:p><w:r><w:t>&i;</w:t></w:r></w:p></w:document>'
)
FETCH = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><w:document xmlns:w="{WORD}"><w:p><w:r><w:t>前&a;后</w:t></w:r></w:p></w:document>'


@pytest.mark.parametrize(
    ("kind", "content", "state", "said"),
    [
        ("docx", a_docx("南贤广场租赁合同", "乙方何秀芝"), Reading.READ, "南贤广场租赁合同"),
        (
            "xlsx",
            an_xlsx(("商户", "月租"), ("阿芝热干面馆", 3200.0), ("", "押金 2 个月")),
            Reading.READ,
            "阿芝热干面馆 3200\n",
        ),
        ("pdf", a_pdf("Lease HT-2020-018"), Reading.READ, "HT-2020-018"),
        ("pdf", a_pdf("Lease", "secret"), Reading.ENCRYPTED, ""),
        ("pdf", b"%PDF-1.4 nothing of the kind", Reading.DAMAGED, ""),
        ("docx", b"PK\x03\x04 broken", Reading.DAMAGED, ""),
        ("docx", a_docx(), Reading.EMPTY, ""),
        ("docx", a_docx(document=FETCH), Reading.READ, "前"),
        ("xlsx", a_docx("不是表格"), Reading.DAMAGED, ""),
    ],
)
def test_a_document_gives_its_text_or_the_reason_why_not(
    tmp_path: Path, kind: str, content: bytes, state: Reading, said: str
) -> None:
    path = tmp_path / f"file.{kind}"
    path.write_bytes(content)
    found, text = texts.extract(path, kind)
    assert found is state
    assert said in text
    assert "root:" not in text
    assert "底稿" not in text


def test_a_document_that_grows_without_end_is_cut_short_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.docx"
    path.write_bytes(a_docx(document=BOMB))
    _state, text = texts.extract(path, "docx")
    assert len(text) <= texts.MOST
    path.write_bytes(a_docx("租" * 3_000_000))
    state, text = texts.extract(path, "docx")
    assert (state, len(text)) == (Reading.READ, texts.MOST)


def attached(office: Office, case_id: int | None, content: bytes, name: str) -> int:
    sealed = service.take_in(io.BytesIO(content), name)
    with transaction():
        return service.attach(sealed=sealed, case_id=case_id, actor_id=office.people["officer"].id, now=NOW).id


def found(office: Office, who: str, words: str) -> list[str]:
    db.session.rollback()
    groups = queries.everything(office.actor(who), read(words), local_day(NOW))
    return ["".join(text for text, _ in line.text) for group in groups if group.kind == "file" for line in group.lines]


def test_what_stands_in_a_document_is_found_once_it_was_read_by_those_who_may_open_it(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    attached(office, case.id, a_docx("两江新城甲方转租须知"), "附件.docx")
    assert found(office, "officer", "转租须知") == []
    assert jobs.read_files(NOW) == 1
    assert found(office, "officer", "转租须知") == ["两江新城甲方转租须知"]
    assert found(office, "officer3", "转租须知") == found(office, "desk_b", "转租须知") == []
    assert jobs.read_files(NOW) == 0


def test_who_was_killed_over_a_file_reads_it_again_and_then_leaves_it_alone(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    key = attached(office, case.id, a_docx("甲方"), "附件.docx")
    for tries, read_now in ((1, True), (texts.TRIES, False)):
        with transaction():
            mark = db.session.get_one(FileText, key)
            mark.state, mark.tries = Reading.WAITING, tries  # begun so often, never ended
        assert texts.read_one(key, now=NOW) is read_now
    assert db.session.get_one(FileText, key).state == Reading.TOO_LARGE


def test_what_was_there_before_the_search_is_brought_in_portion_by_portion(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS, title="旧案子玉兰巷", contact_phone="13812349911")
    file = a_file(case)
    file.name = "玉兰巷旧图.png"
    db.session.execute(sa.update(SearchDoc).values(tokens=sa.func.replace(SearchDoc.tokens, " ｋ", " ")))
    table = type(case).__table__
    db.session.execute(sa.update(table).values(phone_tail=""))
    db.session.execute(sa.update(type(office.people["officer"])).values(initials="", pinyin=""))
    db.session.commit()
    with transaction():
        backlog.begin_again()
    assert backlog.portion("people", size=3) == 3
    while jobs.catch_up(NOW):
        pass
    assert set(backlog.left().values()) == {0}
    db.session.rollback()
    groups = {one.kind: one.count for one in queries.everything(office.actor("desk"), read("玉兰巷"), local_day(NOW))}
    assert groups == {"case": 1, "file": 1}
    assert queries.by_phone(office.actor("desk"), read("9911")) is not None
    db.session.rollback()
    assert queries.people(office.actor("district_admin"), read("syq"), local_day(NOW)) is not None
