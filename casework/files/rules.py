"""What may be attached: an allow-list by extension and by content, and a name that is only data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from casework.kernel.errors import N_, Reason, Refused

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 40_000_000
NAME_LENGTH = 200

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken: its extension, the content type it is served with, and what it is."""

    extension: str
    content_type: str
    is_image: bool = False


JPG = Kind("jpg", "image/jpeg", is_image=True)
PNG = Kind("png", "image/png", is_image=True)
WEBP = Kind("webp", "image/webp", is_image=True)
PDF = Kind("pdf", "application/pdf")
DOCX = Kind("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
XLSX = Kind("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
KINDS = {kind.extension: kind for kind in (JPG, PNG, WEBP, PDF, DOCX, XLSX)} | {"jpeg": JPG}
WITH_TEXT = {kind.content_type: kind.extension for kind in (PDF, DOCX, XLSX)}
IMAGES = {"JPEG": JPG, "MPO": JPG, "PNG": PNG, "WEBP": WEBP}
"""Pillow's format names. MPO is what some phones write into a .jpg."""

TAKEN = N_("Attach a photo (jpg, png, webp), a PDF, a Word file (docx) or an Excel file (xlsx).")
TOO_LARGE = N_("%(name)s is larger than 20 MB. Make it smaller or split it, and attach it again.")
EMPTY = N_("%(name)s is empty. Choose the file again.")
OLD_OFFICE = N_("%(name)s is an old Office file. Save it as docx, xlsx or PDF and attach that.")
MACROS = N_("%(name)s holds macros. Save it without macros, as docx or xlsx, and attach that.")
ENCRYPTED = N_("%(name)s is protected by a password. Save it without the password and attach that.")
OTHER_CONTENT = N_("%(name)s is not what its name says. Export it as PDF or photograph it, and attach that.")
DAMAGED = N_("%(name)s is damaged or did not arrive whole. Choose the file again.")
TOO_MANY_PIXELS = N_("%(name)s has more than 40 million pixels. Save it smaller and attach that.")
NO_NAME = N_("The file has no name. Give it one, like receipt.jpg, and attach it again.")

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_ENCRYPTED_PDF = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")
_CODE = re.compile(r"vbaproject\.bin$|/activex/|/macrosheets/", re.IGNORECASE)
_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<", re.IGNORECASE)


def refuse(text: str, name: str) -> Refused:
    """A refusal about the file of that name."""
    return Refused(Reason(text, {"name": name}, "file"))


def clean_name(raw: str) -> str:
    """A file's name fit to be shown: the last part of any path, without controls, bidi marks or zero width.

    Chinese is kept; at most 200 characters, the extension among them.

    Raises:
        Refused: nothing is left.
    """
    name = unicodedata.normalize("NFC", raw).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(
        " " if char.isspace() else char
        for char in name
        if char.isspace() or unicodedata.category(char) not in _INVISIBLE
    )
    name = re.sub(r'[<>:"|?*]', "_", name)
    name = re.sub(r" +", " ", name).strip(" .")
    stem, dot, extension = name.rpartition(".")
    if not (stem.strip(" .") if dot else extension):
        raise Refused(Reason(NO_NAME, {}, "file"))
    if not dot:
        return name[:NAME_LENGTH]
    extension = extension[:20]
    return f"{stem.strip(' .')[: NAME_LENGTH - len(extension) - 1]}.{extension}"


def kind_by_name(name: str) -> Kind:
    """The kind that a cleaned name promises.

    Raises:
        Refused: no kind that is taken, with the remedy.
    """
    stem, _, extension = name.lower().rpartition(".")
    if stem and (kind := KINDS.get(extension)):
        return kind
    if extension in {"docm", "xlsm", "dotm", "xltm", "xlsb", "pptm"}:
        raise refuse(MACROS, name)
    if extension in {"doc", "xls", "wps", "et", "ppt"}:
        raise refuse(OLD_OFFICE, name)
    raise Refused(Reason(TAKEN, {}, "file"))


def check_head(head: bytes, name: str) -> None:
    """Refuse by the first bytes what no kind can be, with its own remedy.

    Raises:
        Refused: empty, an old or encrypted Office file, markup.
    """
    if not head:
        raise refuse(EMPTY, name)
    if head.startswith(OLE):
        # A password turns docx and xlsx into an OLE file; every other OLE file is of an old kind.
        raise refuse(ENCRYPTED if name.lower().endswith((".docx", ".xlsx")) else OLD_OFFICE, name)
    if _MARKUP.match(head):
        raise refuse(OTHER_CONTENT, name)


def check_pdf(content: bytes, name: str) -> None:
    """A PDF that begins as one, ends as one and opens without a password.

    Raises:
        Refused: it does not.
    """
    if not content.startswith(b"%PDF-"):
        raise refuse(OTHER_CONTENT, name)
    if b"%%EOF" not in content[-2048:]:
        raise refuse(DAMAGED, name)
    if _ENCRYPTED_PDF.search(content):
        raise refuse(ENCRYPTED, name)


def office_kind(types: str, names: Iterable[str], name: str) -> Kind:
    """Which Office file an archive is, by its list of content types and the names of its entries.

    Raises:
        Refused: macros, or neither docx nor xlsx.
    """
    if has_macros(types, names):
        raise refuse(MACROS, name)
    if "wordprocessingml.document.main+xml" in types:
        return DOCX
    if "spreadsheetml.sheet.main+xml" in types:
        return XLSX
    raise refuse(OTHER_CONTENT, name)


def has_macros(types: str, entries: Iterable[str]) -> bool:
    """Whether an Office archive carries code: VBA, ActiveX or Excel 4 macro sheets."""
    return "macroenabled" in types.lower() or any(_CODE.search(entry) for entry in entries)


def agreed_name(name: str, promised: Kind, found: Kind) -> str:
    """The shown name, its extension following the content where chat programs rename photos.

    Raises:
        Refused: the content is of a kind that the name does not promise.
    """
    if promised == found:
        return name
    if promised.is_image and found.is_image:
        return f"{name.rpartition('.')[0]}.{found.extension}"
    raise refuse(OTHER_CONTENT, name)
