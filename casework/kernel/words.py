"""Words as people list them in one box."""

from __future__ import annotations

MARKS = str.maketrans(dict.fromkeys(",，、;；\n\t\u3000", " "))


def listed(text: str) -> list[str]:
    """The words with commas, marks, blanks or lines between; each once, in their order."""
    return list(dict.fromkeys(text.translate(MARKS).split()))
