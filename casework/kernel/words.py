"""Words as people list them in one box, and the runs of Chinese and of letters in a text."""

from __future__ import annotations

import re
import unicodedata

MARKS = str.maketrans(dict.fromkeys(",，、;；\n\t\u3000", " "))


def listed(text: str) -> list[str]:
    """The words with commas, marks, blanks or lines between; each once, in their order."""
    return list(dict.fromkeys(text.translate(MARKS).split()))


LONGEST = 60  # characters of a run of letters or digits that count
_HAN = (
    "\u2e80-\u2fff\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3040-\u30ff\u3100-\u318f\u31a0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUN = re.compile(f"[{_HAN}]+|[^\\W_{_HAN}]+")
IS_HAN = re.compile(f"[{_HAN}]")


def runs(text: str) -> list[str]:
    """The runs of a text in their one form: width and case do not count, nor does what lies between."""
    found = _RUN.findall(unicodedata.normalize("NFKC", text).lower())
    return [run if IS_HAN.match(run) else run[:LONGEST] for run in found]
