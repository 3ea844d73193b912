"""How this package says no to a file: one sentence, about the field ``file``."""

from __future__ import annotations

from casework.kernel.errors import Reason, Refused


def refused(text: str, **values: object) -> Refused:
    """A refusal of the file."""
    return Refused(Reason(text, values, "file"))
