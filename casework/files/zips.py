"""Zip archives (docx, xlsx) are looked at from outside before any parser opens them."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from typing import IO

from casework.kernel.errors import N_, Reason, Refused

MAX_ENTRIES = 2_000
MAX_UNPACKED = 100 * 1024 * 1024
MAX_RATIO = 100
RATIO_FLOOR = 10 * 1024 * 1024
"""Up to this size an entry may be packed as tightly as it likes: blank rows of a sheet pack 1:500."""
MAX_DIRECTORY = 1024 * 1024
MAX_TYPES = 512 * 1024

_END = b"PK\x05\x06"
_END64_LOCATOR = b"PK\x06\x07"
_TOO_LARGE = N_("The file holds too much when unpacked. Split it or save only what is needed.")
_BROKEN = N_("The file is damaged or not complete. Open it, save it again and send that copy.")


def check_zip(file: IO[bytes], field: str = "file") -> zipfile.ZipFile:
    """The archive, after its promises were found sane and true (every checksum is computed).

    Raises:
        Refused: too many or too large entries, an impossible ratio, paths that lead out, encryption, damage.
    """
    _check_directory(file, field)
    try:
        archive = zipfile.ZipFile(file)
        entries = archive.infolist()
        _check_entries(entries, field)
        file.seek(0, 2)
        if sum(entry.compress_size for entry in entries) > file.tell():
            raise Refused(Reason(_TOO_LARGE, {}, field))  # entries that overlap: one body unpacked many times
        if archive.testzip() is not None:
            raise Refused(Reason(_BROKEN, {}, field))
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        struct.error,
        UnicodeError,
        OSError,
        ValueError,
    ) as error:
        raise Refused(Reason(_BROKEN, {}, field)) from error
    return archive


def content_types(archive: zipfile.ZipFile) -> str:
    """The part that says what an Office file is, or an empty text."""
    try:
        info = archive.getinfo("[Content_Types].xml")
    except KeyError:
        return ""
    return archive.read(info).decode("utf-8", "replace") if info.file_size <= MAX_TYPES else ""


def _check_directory(file: IO[bytes], field: str) -> None:
    """Refuse a list of contents that is itself a bomb, before Python builds an object for each line of it."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - 65_557 - 20))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise Refused(Reason(_BROKEN, {}, field))
    count, length = struct.unpack_from("<HL", tail, at + 10)
    if at >= 20 and tail[at - 20 : at - 16] == _END64_LOCATOR:
        file.seek(min(struct.unpack_from("<Q", tail, at - 12)[0], size))
        record = file.read(56)
        if len(record) < 56:
            raise Refused(Reason(_BROKEN, {}, field))
        count, length = struct.unpack_from("<QQ", record, 32)
    if count > MAX_ENTRIES or length > MAX_DIRECTORY:
        raise Refused(Reason(_TOO_LARGE, {}, field))


def _check_entries(entries: list[zipfile.ZipInfo], field: str) -> None:
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise Refused(Reason(_TOO_LARGE, {}, field))
    for entry in entries:
        if entry.file_size > RATIO_FLOOR and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise Refused(Reason(_TOO_LARGE, {}, field))
        if entry.flag_bits & 1 or _leads_out(entry):
            raise Refused(Reason(_BROKEN, {}, field))


def _leads_out(entry: zipfile.ZipInfo) -> bool:
    name = entry.orig_filename.replace("\\", "/")
    return (
        name.startswith("/")
        or ":" in name.split("/")[0]
        or ".." in name.split("/")
        or "\0" in name
        or stat.S_ISLNK(entry.external_attr >> 16)
    )
