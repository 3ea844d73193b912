"""How a firm is known again: its credit code and its name, however they were typed."""

from __future__ import annotations

import re
import unicodedata

from stdnum.cn import uscc

from casework.kernel.errors import N_, Reason, because

LENGTH = 18
LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_LOOKALIKES = {"I": "1", "O": "0", "Z": "2", "S": "5", "V": "U"}
_BLANKS = re.compile(r"[\s\u200b\u200c\u200d\ufeff]+")
_DASHES = str.maketrans("‐‑‒–—−", "------")

WRONG_LENGTH = N_("The credit code has %(count)s characters: write all 18.")
WRONG_DIGIT = N_("Character %(place)s of the credit code is “%(found)s”: the first eight are digits.")
WRONG_LETTER = N_("Character %(place)s of the credit code is “%(found)s”, which no credit code has: check it.")
LOOKALIKE = N_(
    "Character %(place)s of the credit code is “%(found)s”, which no credit code has: it may be “%(meant)s”."
)
WRONG_CHECK = N_(
    "The credit code ends in “%(found)s”, by its other characters it would end in “%(meant)s”: "
    "compare it with the licence."
)


def name_key(name: str) -> str:
    """What two spellings of one firm's name share: one width of brackets, no blanks, one case."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", name).translate(_DASHES)).casefold()[:200]


def compact(code: str) -> str:
    """A credit code without blanks and dashes, in capitals, of one width."""
    plain = _BLANKS.sub("", unicodedata.normalize("NFKC", code)).translate(_DASHES)
    return plain.replace("-", "").strip("'’").upper()


def uscc_fault(code: str, field: str = "uscc") -> Reason | None:
    """What is wrong with a credit code (GB 32100), in one sentence with the place; None when it is right."""
    plain = compact(code)
    if len(plain) != LENGTH:
        return because(WRONG_LENGTH, field, count=len(plain))
    for place, found in enumerate(plain, start=1):
        if place <= 8 and found not in "0123456789":
            return because(WRONG_DIGIT, field, place=place, found=found)
        if found not in LETTERS:
            if meant := _LOOKALIKES.get(found):
                return because(LOOKALIKE, field, place=place, found=found, meant=meant)
            return because(WRONG_LETTER, field, place=place, found=found)
    meant = uscc.calc_check_digit(plain[:-1])
    return None if plain[-1] == meant else because(WRONG_CHECK, field, found=plain[-1], meant=meant)
