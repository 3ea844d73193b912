"""Taking files in: honest ones byte for byte, hostile ones refused and nowhere stored."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from flask import Flask
from PIL import Image

from casework.files import rules, service, storage
from casework.files.models import Attachment
from casework.files.views import disposition, serve
from casework.kernel.db import db, transaction
from casework.kernel.errors import Refused

NOW = datetime(2020, 2, 10, 8, 0, tzinfo=UTC)
PDF = b"%PDF-1.4\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"


def photo(form: str = "JPEG", size: tuple[int, int] = (1200, 800), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, form, **options)
    return out.getvalue()


def photo_with_place() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90°
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8825)[1] = "N"
    return photo(exif=exif)


def workbook() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    book.add_worksheet().write_string(0, 0, "租金")
    book.close()
    return out.getvalue()


def office(kind: str, **more: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types><Override ContentType="application/vnd.x.{kind}.main+xml"/></Types>',
        )
        for name, content in more.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


DOCX = office("wordprocessingml.document", word__document_dot_xml=b"<w/>")


def stored_files(app: Flask) -> list[Path]:
    root = Path(app.config["SETTINGS"].storage)
    return [path for path in root.rglob("*") if path.is_file()]


def take(content: bytes, name: str) -> service.Sealed:
    return service.take_in(io.BytesIO(content), name)


def attached(content: bytes, name: str, kind: str = "") -> Attachment:
    sealed = take(content, name)
    with transaction():
        return service.attach(sealed=sealed, case_id=None, kind=kind, actor_id=None, now=NOW)


@pytest.mark.parametrize(
    ("content", "name", "content_type"),
    [
        (photo(), "收据.jpg", "image/jpeg"),
        (photo("PNG"), "收据.PNG", "image/png"),
        (photo("WEBP"), "收据.webp", "image/webp"),
        (PDF, "采购合同.pdf", "application/pdf"),
        (DOCX, "协议.docx", rules.DOCX.content_type),
        (workbook(), "明细.xlsx", rules.XLSX.content_type),
    ],
)
def test_an_honest_file_is_kept_byte_for_byte(app: Flask, content: bytes, name: str, content_type: str) -> None:
    attachment = attached(content, name, kind="receipt")
    assert service.open_bytes(attachment) == content
    assert (attachment.name, attachment.content_type, attachment.size) == (name, content_type, len(content))
    assert (attachment.kind, attachment.uploaded_at) == ("receipt", NOW)
    assert len(attachment.token) >= 32
    assert name.rpartition(".")[0] not in attachment.storage_key


def test_a_photo_renamed_by_a_chat_program_gets_the_extension_of_its_content(app: Flask) -> None:
    assert take(photo("WEBP"), "微信图片.jpg").name == "微信图片.webp"


def test_the_two_pictures_that_some_phones_write_into_one_jpg_are_taken(app: Flask) -> None:
    content = photo("MPO", save_all=True, append_images=[Image.new("RGB", (1200, 800))])
    attachment = attached(content, "门面.jpg")
    assert (attachment.content_type, service.open_bytes(attachment)) == ("image/jpeg", content)


def test_the_small_copy_is_upright_and_knows_nothing_of_place_and_phone(app: Flask) -> None:
    content = photo_with_place()
    attachment = attached(content, "门面.jpg")
    small = service.open_bytes(attachment, thumbnail=True)
    with Image.open(io.BytesIO(small)) as image:
        assert (image.format, image.size) == ("WEBP", (320, 480))
        assert not image.getexif()
    assert b"SecretPhone" not in small
    assert service.open_bytes(attachment) == content


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512


def bomb_png() -> bytes:
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    return out.getvalue()


HOSTILE: dict[str, tuple[bytes, str, str]] = {
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "a.svg", rules.TAKEN),
    "svg renamed": (b"<?xml version='1.0'?><svg/>", "a.png", rules.OTHER_CONTENT),
    "html renamed": (b"<!doctype html><script>alert(1)</script>", "照片.jpg", rules.OTHER_CONTENT),
    "html renamed pdf": (b"\n  <html>%PDF-1.4 %%EOF", "a.pdf", rules.OTHER_CONTENT),
    "program renamed": (b"MZ" + b"\0" * 200, "a.jpg", rules.OTHER_CONTENT),
    "gif renamed": (b"GIF89a" + b"\0" * 200, "a.png", rules.OTHER_CONTENT),
    "pdf renamed": (PDF, "a.jpg", rules.OTHER_CONTENT),
    "photo renamed": (photo(), "a.pdf", rules.OTHER_CONTENT),
    "encrypted xlsx": (OLE, "a.xlsx", rules.ENCRYPTED),
    "encrypted docx": (OLE, "a.docx", rules.ENCRYPTED),
    "old office renamed": (OLE, "a.pdf", rules.OLD_OFFICE),
    "macros by name": (workbook(), "a.xlsm", rules.MACROS),
    "macros inside": (office("spreadsheetml.sheet", xl__vbaProject_dot_bin=b"x"), "a.xlsx", rules.MACROS),
    "macro type": (office("ms-excel.sheet.macroEnabled"), "a.xlsx", rules.MACROS),
    "active x": (office("wordprocessingml.document", word__activeX__a_dot_bin=b"x"), "a.docx", rules.MACROS),
    "docx as xlsx": (DOCX, "a.xlsx", rules.OTHER_CONTENT),
    "plain zip": (office("nothing"), "a.docx", rules.OTHER_CONTENT),
    "archive": (office("nothing"), "a.zip", rules.TAKEN),
    "encrypted pdf": (PDF.replace(b"<< >>\n%%EOF", b"<< /Encrypt 2 0 R >>\n%%EOF"), "a.pdf", rules.ENCRYPTED),
    "half a pdf": (PDF[:20], "a.pdf", rules.DAMAGED),
    "half a photo": (photo()[:-2000], "a.jpg", rules.DAMAGED),
    "too many pixels": (bomb_png(), "a.png", rules.TOO_MANY_PIXELS),
    "empty": (b"", "a.jpg", rules.EMPTY),
    "too large": (b"%PDF-" + b"x" * rules.MAX_BYTES, "a.pdf", rules.TOO_LARGE),
}


@pytest.mark.parametrize("which", HOSTILE)
def test_a_hostile_file_is_refused_at_once_and_nowhere_stored(app: Flask, which: str) -> None:
    content, name, text = HOSTILE[which]
    started = time.process_time()
    with pytest.raises(Refused) as caught:
        take(content, name)
    [reason] = caught.value.reasons
    assert (reason.text, reason.field) == (text, "file")
    assert str(reason)
    assert time.process_time() - started < 2
    assert stored_files(app) == []


@pytest.mark.parametrize("part", ["word__big_dot_xml", "__etc__passwd", "word__.._dot_xml__.."])
def test_a_document_that_is_a_bomb_or_leads_out_is_refused(app: Flask, part: str) -> None:
    content = office("wordprocessingml.document", **{part: b" " * (30_000_000 if "big" in part else 1)})
    with pytest.raises(Refused):
        take(content, "a.docx")
    assert stored_files(app) == []


def test_bytes_that_were_changed_in_storage_are_never_served(app: Flask) -> None:
    attachment = attached(PDF, "合同.pdf")
    path = Path(app.config["SETTINGS"].storage) / attachment.storage_key
    path.write_bytes(PDF.replace(b"obj", b"OBJ"))
    with pytest.raises(service.NoLongerWhole) as caught:
        service.open_bytes(attachment)
    assert caught.value.status == 410
    path.unlink()
    with pytest.raises(service.NoLongerWhole):
        service.open_bytes(attachment)


def test_a_small_copy_that_was_swapped_is_never_served(app: Flask) -> None:
    attachment = attached(photo(), "门面.jpg")
    (Path(app.config["SETTINGS"].storage) / str(attachment.thumbnail_key)).write_bytes(photo("WEBP"))
    with pytest.raises(service.NoLongerWhole):
        service.open_bytes(attachment, thumbnail=True)


def test_nothing_stored_is_ever_overwritten_and_no_half_file_stays(app: Flask) -> None:
    place = storage.current()
    keys = {place.put(io.BytesIO(b"same")) for _ in range(3)}
    assert len(keys) == 3
    assert {stored.key for stored in place.all()} == keys
    assert b"".join(place.stream(min(keys))) == b"same"


@pytest.mark.parametrize("key", ["../outside", "aa/nothing"])
def test_a_key_that_names_nothing_or_leads_out_gives_nothing(app: Flask, key: str) -> None:
    (Path(app.config["SETTINGS"].storage).parent / "outside").write_text("secret")
    with pytest.raises(storage.Missing):
        storage.current().get(key)


def test_the_sweeper_takes_what_no_row_names_after_a_day_and_nothing_else(app: Flask) -> None:
    kept = attached(photo(), "门面.jpg")
    take(photo("PNG"), "没有提交.png")
    assert len(stored_files(app)) == 4
    written = datetime.now(UTC)
    assert service.sweep_orphans(now=written + timedelta(hours=23)) == 0
    assert service.sweep_orphans(now=written + timedelta(hours=25)) == 2
    assert service.sweep_orphans(now=written + timedelta(hours=25)) == 0
    assert service.open_bytes(kept)
    assert service.open_bytes(kept, thumbnail=True)


def test_an_attachment_is_served_to_be_saved_under_its_own_name(app: Flask) -> None:
    attachment = attached(PDF, "采购 合同.pdf")
    with app.test_request_context("/x"):
        response = serve(attachment)
    assert response.data == PDF
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == (
        "attachment; filename=\"__ __.pdf\"; filename*=UTF-8''%E9%87%87%E8%B4%AD%20%E5%90%88%E5%90%8C.pdf"
    )
    assert response.headers["Content-Security-Policy"] == "sandbox"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "private, no-store"


def test_pictures_are_shown_in_place_on_demand_and_office_files_never(app: Flask) -> None:
    picture, book = attached(photo(), "门面.jpg"), attached(workbook(), "明细.xlsx")
    with app.test_request_context("/x?inline=1"):
        assert serve(picture).headers["Content-Disposition"].startswith("inline;")
        assert serve(picture).headers["Content-Security-Policy"] == "sandbox"
        assert serve(book).headers["Content-Disposition"].startswith("attachment;")
        small = serve(picture, thumbnail=True)
        assert (small.headers["Content-Type"], small.data[8:12]) == ("image/webp", b"WEBP")


def test_a_name_cannot_break_out_of_its_header() -> None:
    assert disposition('a";x=\r\n\\%41.pdf') == (
        "attachment; filename=\"a__x=____41.pdf\"; filename*=UTF-8''a%22%3Bx%3D%0D%0A%5C%2541.pdf"
    )


def test_a_row_is_found_by_its_case_and_token_only(app: Flask) -> None:
    from casework.files import queries
    from casework.kernel.errors import NotFound

    attachment = attached(PDF, "合同.pdf")
    assert db.session.get(Attachment, attachment.id) is not None
    with pytest.raises(NotFound):
        queries.attachment_of(1, attachment.token)
    assert queries.attachments_of(1) == []
