"""A table that somebody sends on a page: how large it may be, and its bytes."""

from __future__ import annotations

from typing import Any

from casework.kernel.errors import N_, Reason, Refused

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
