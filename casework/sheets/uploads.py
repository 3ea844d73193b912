"""A table that somebody sends on a page: how large it may be, its bytes, and what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from casework.kernel import scratch
from casework.kernel.errors import N_, Reason, Refused
from casework.sheets.reading import Table, read_table

MOST_BYTES = 20 * 1024 * 1024
FORM_BYTES = MOST_BYTES + 1024 * 1024
"""Of the whole form, with what is typed beside the file."""
TOO_LARGE = N_("The file is larger than 20 MB: split it and send the parts.")


def content_of(upload: Any, missing: str) -> bytes:
    """The bytes of the file that was sent; ``missing`` says what to do when none was.

    Raises:
        Refused: there is none, or it is too large.
    """
    if not upload or not getattr(upload, "filename", ""):
        raise Refused(Reason(missing, {}, "file"))
    content: bytes = upload.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Refused(Reason(TOO_LARGE, {}, "file"))
    return content


def table(content: bytes, filename: str, options: Mapping[str, Any]) -> Table:
    """The table in these bytes, whatever it holds.

    Raises:
        Refused: it is no table.
    """
    with kept(content) as path:
        return read_table(path, filename, **place_of(options))


def place_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """The sheet and the rows of the header where somebody chose them."""
    header = options.get("header")
    return {"sheet": options.get("sheet") or None, "header": (header[0], header[1]) if header else None}


def kept(content: bytes) -> AbstractContextManager[Path]:
    """The bytes as a file, for as long as they are read."""
    return scratch.holding(content, ".upload")
