"""What may be attached, as a table of facts."""

from __future__ import annotations

import unicodedata

import pytest

from casework.files import rules
from casework.kernel.errors import Refused


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("采购合同.pdf", "采购合同.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\张三\\照片.JPG", "照片.JPG"),
        ("收据\u202egpj.pdf", "收据gpj.pdf"),
        ("合\u200b同\ufeff.docx", "合同.docx"),
        ("a\r\nSet-Cookie: x=1.pdf", "a Set-Cookie_ x=1.pdf"),
        ("租金\u3000 明细.xlsx", "租金 明细.xlsx"),
        (unicodedata.normalize("NFD", "é.pdf"), "é.pdf"),
        ('a"b<c>.pdf', "a_b_c_.pdf"),
        ("..pdf.. ", "pdf"),
    ],
)
def test_a_name_is_only_data(raw: str, shown: str) -> None:
    assert rules.clean_name(raw) == shown


def test_a_long_name_keeps_its_extension() -> None:
    name = rules.clean_name("长" * 500 + ".docx")
    assert len(name) == 200
    assert name.endswith("长.docx")


@pytest.mark.parametrize("raw", ["", "   ", "/", "\u200b\u202e", ".."])
def test_a_file_without_a_name_is_refused(raw: str) -> None:
    with pytest.raises(Refused, match="no name"):
        rules.clean_name(raw)


@pytest.mark.parametrize(
    "name", ["a.svg", "a.html", "a.zip", "a.exe", "a.pdf.exe", "a.jpg.html", "a", "pdf", "a.txt", "a.heic"]
)
def test_only_the_listed_extensions_are_taken(name: str) -> None:
    with pytest.raises(Refused) as caught:
        rules.kind_by_name(name)
    assert caught.value.reasons[0].text == rules.TAKEN


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.xlsm", rules.MACROS),
        ("a.DOCM", rules.MACROS),
        ("a.doc", rules.OLD_OFFICE),
        ("a.xls", rules.OLD_OFFICE),
    ],
)
def test_office_files_that_are_not_taken_get_their_own_remedy(name: str, text: str) -> None:
    with pytest.raises(Refused) as caught:
        rules.kind_by_name(name)
    assert caught.value.reasons[0].text == text


def test_an_encrypted_pdf_is_told_from_one_that_speaks_of_encryption() -> None:
    rules.check_pdf(b"%PDF-1.4\n(the word /Encryption)\n%%EOF", "a.pdf")
    with pytest.raises(Refused, match="password"):
        rules.check_pdf(b"%PDF-1.4\ntrailer << /Encrypt 5 0 R >>\n%%EOF", "a.pdf")
