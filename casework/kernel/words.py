"""Words as people list them in one box, and the runs of Chinese and of letters in a text, as the index knows them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

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


MARK, PLACE, SLICE = "ｋ", "ｄ", "ｓ"
SLICE_OF = 1024
"""So many texts, by their ids, bear the mark of one slice; PostgreSQL adds it itself, see migration 0031."""


def marked(kind: str, words: str, place: int | None = None) -> str:
    """The words of a text with marks behind them, so that the index itself knows files from notes, and where they lie.

    ``place`` is the id of a district: nothing ever leaves it. No text can hold a mark: a full-width letter never comes
    out of ``runs``.
    """
    return f"{words} {MARK}{kind}" if place is None else f"{words} {MARK}{kind} {PLACE}{place}"


def place_in(tokens: str) -> int | None:
    """The place that the marks of a text name."""
    last = tokens.rpartition(" ")[2]
    return int(last[1:]) if last.startswith(PLACE) else None


def tokens(text: str) -> str:
    """The words of a text that go into the index, with blanks between."""
    return " ".join(word for run in runs(text) for word in _words(run))


def _words(run: str) -> list[str]:
    """The word of a run of letters; of Chinese each character with the next one, and the last by itself."""
    return [run[at : at + 2] for at in range(len(run))] if IS_HAN.match(run) else [run]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A word that somebody typed, as the words it stands in the index by; the last one may go on."""

    words: tuple[str, ...]
    goes_on: bool

    @property
    def is_single(self) -> bool:
        """Whether it is one sign, with which many words begin."""
        return self.goes_on and len(self.words) == 1 and len(self.words[0]) == 1

    def stands_in(self, tokens: str) -> int:
        """Where it stands in the words of a text; -1 if it does not."""
        return f" {tokens} ".find(f" {' '.join(self.words)}{'' if self.goes_on else ' '}")

    def times_in(self, tokens: str) -> int:
        """How often."""
        return f" {tokens} ".replace(" ", "  ").count(f" {'  '.join(self.words)}{'' if self.goes_on else ' '}")


def phrases(text: str) -> list[Phrase]:
    """What a text asks for, word by word; words without a letter or digit ask for nothing."""
    return [phrase for word in text.split() if (phrase := _phrase(word))]


def _phrase(word: str) -> Phrase | None:
    found = runs(word)
    if not found:
        return None
    words = [part for run in found[:-1] for part in _words(run)]
    last = found[-1]
    if IS_HAN.match(last) and len(last) > 1:
        return Phrase((*words, *(a + b for a, b in pairwise(last))), goes_on=False)
    return Phrase((*words, last), goes_on=True)
