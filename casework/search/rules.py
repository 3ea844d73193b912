"""What was typed, and how a find is shown: codes known by their form, hits marked, numbers of people hidden."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from casework.kernel import pinyin
from casework.kernel.masking import masked
from casework.kernel.pinyin import SHORTEST
from casework.kernel.words import IS_HAN, MARK, PLACE, Phrase, phrases, runs

LONGEST = 100
WORDS = 8  # of one question; more are left out
AROUND = 90  # characters of a snippet
BEFORE = 24  # of them before the first hit
BEGINS = 60  # words: what stands there is the number, the title or the name
_CODE = re.compile(r"[0-9A-Za-z]{12}")
_NUMBER = re.compile(r"\d[\d-]*")
_BETWEEN = re.compile(r"[,、;。]+(?!\d)|(?<!\d)[,、;。]+")
"""What divides words, and not a number: 南贤, 1234 but 2,000."""
_TAIL_SAID = re.compile(
    r"(?:(?:联系)?(?:手机|电话)号?(?:码)?)?(?:尾号|[末后][四4]位)[是为:]?\s*(?=\*{0,7}\d{4}(?!\d))"
    r"|(?:联系)?(?:手机|电话)(?=\d{4}(?!\d))"
)
_MASKED = re.compile(r"(?<!\d)(?:1\d{2})?\*{2,}(?=\d{4}(?!\d))")
_GLUED = re.compile(rf"(?<={IS_HAN.pattern})(?=\d{{4}}(?!\S))")
# Numbers of people: mobile phones and identity cards. They stay hidden wherever a text is shown in part.
_PERSONAL = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|1[3-9]\d{9}|0\d{2,3}-?\d{7,8})(?![\dXx])")

Piece = tuple[str, bool]
"""A piece of a text, and whether it is a hit."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody typed, ready to be looked for."""

    text: str

    @property
    def words(self) -> tuple[str, ...]:
        """The words, each once; all of them must be held."""
        return tuple(dict.fromkeys(word for word in self.text.split() if runs(word)))[:WORDS]

    @property
    def compact(self) -> str:
        """Without blanks, in one width: how numbers and codes are compared."""
        return "".join(self.text.split())

    @property
    def tail(self) -> str:
        """The four digits that may end a phone number."""
        return self.compact if len(self.compact) == 4 and self.compact.isdigit() else ""

    @property
    def phone(self) -> str:
        """A whole phone number."""
        plain = self.compact.replace("-", "")
        return plain if plain.isdigit() and 7 <= len(plain) <= 12 else ""

    @property
    def code(self) -> str:
        """What may be the code by which a requester follows a case."""
        plain = self.compact.replace("-", "").upper()
        return plain if _CODE.fullmatch(plain) else ""

    @property
    def number(self) -> str:
        """Digits and dashes: a case number or part of one."""
        return self.compact if _NUMBER.fullmatch(self.compact) else ""

    @property
    def is_single(self) -> bool:
        """Whether no more than single signs were typed."""
        return all(phrase.is_single for phrase in phrases(" ".join(self.words)))


def read(text: str) -> Asked:
    """What was typed, in one width and without signs that nobody sees.

    The end of a phone is four digits however it is said: 尾号1234, 138****1234 as the pages show it, 南贤1234.
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(" " if sign.isspace() else sign for sign in plain if sign.isspace() or sign.isprintable())
    plain = _MASKED.sub(" ", _TAIL_SAID.sub(" ", _BETWEEN.sub(" ", plain)))
    return Asked(" ".join(_GLUED.sub(" ", plain).split())[:LONGEST])


def numbers_ending(part: str, districts: Iterable[str], years: Sequence[int]) -> list[str]:
    """The case numbers that a part of one may mean: ``42`` and ``2026-42`` in each of the districts and years."""
    *front, last = part.split("-")
    if len(front) > 1 or not last.isdigit() or len(last) > 6 or (front and front[0] not in map(str, years)):
        return []
    wanted = [int(front[0])] if front else years
    return [f"{district}-{year}-{int(last):06d}" for district in districts for year in wanted]


def hidden(text: str) -> str:
    """A text with the phone and identity numbers in it masked; its length may change."""
    return _PERSONAL.sub(lambda found: masked(found.group()), text)


def marked(text: str, words: Iterable[str]) -> list[Piece]:
    """A text in pieces, the hits apart: width and case do not count, letters are found from the beginning of a run."""
    return _pieces(text, _hits(text, words))


def _pieces(text: str, found: list[tuple[int, int]]) -> list[Piece]:
    spans = _joined(found)
    pieces: list[Piece] = []
    at = 0
    for start, end in spans:
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    pieces.append((text[at:], False))
    return [piece for piece in pieces if piece[0]]


def named(name: str, words: Iterable[str]) -> list[Piece]:
    """A name in pieces: marked also where it is spelled so, by its initials or its pinyin."""
    asked = list(words)
    return _pieces(name, [*_hits(name, asked), *(span for word in asked for span in _spelled(name, word))])


def is_named(name: str, word: str) -> bool:
    """Whether a name holds a word, or is spelled so from one of its characters on."""
    return holds(name, word) or bool(_spelled(name, word))


def _spelled(name: str, word: str) -> list[tuple[int, int]]:
    """The first place from which a name is spelled so; nothing for what cannot be pinyin."""
    typed = pinyin.typed(word) if pinyin.is_typed(word) else ""
    if len(typed) < SHORTEST or name.isascii():
        return []
    read = pinyin.name_syllables(name)
    for start, syllable in enumerate(read):
        if not syllable or name[start].isascii():
            continue
        if pinyin.initials(read[start : start + len(typed)]) == typed:
            return [(start, start + len(typed))]
        for end in range(start + 1, len(read) + 1):
            letters = "".join(read[start:end])
            if letters.startswith(typed):
                return [(start, end)]
            if not typed.startswith(letters):
                break
    return []


def holds(text: str, word: str) -> bool:
    """Whether a text holds a word as a reader sees it."""
    return bool(_hits(text, [word]))


def snippet(text: str, words: Sequence[str], around: int = AROUND) -> list[Piece]:
    """The part of a text where the first of the words stands, marked; its beginning if none does."""
    plain = hidden(" ".join(text.split()))
    first = min((start for start, _ in _hits(plain, words)), default=0)
    start = max(0, first - BEFORE) if first > around - BEFORE else 0
    end = start + around
    part = marked(plain[start:end], words)
    return [*([("…", False)] if start else []), *part, *([("…", False)] if end < len(plain) else [])]


def _hits(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    signs = [(sign, at) for at, one in enumerate(text) for sign in unicodedata.normalize("NFKC", one).lower()]
    plain = "".join(sign for sign, _ in signs)
    return [
        (signs[found.start()][1], signs[found.end() - 1][1] + 1)
        for word in words
        if (pattern := _pattern(word))
        for found in pattern.finditer(plain)
    ]


def _pattern(word: str) -> re.Pattern[str] | None:
    """The runs of a word with nothing but signs between; a run of letters begins where it is found."""
    found = runs(word)
    if not found:
        return None
    begins = "" if IS_HAN.match(found[0]) else r"(?<![^\W_])" if found[0].isascii() else ""
    return re.compile(begins + r"[\W_]*".join(re.escape(run) for run in found))


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def spoken(tokens: str) -> str:
    """A text again from its words in the index, as far as they tell it: without its signs, in small letters."""
    said: list[str] = []
    run = ""
    for word in tokens.split():
        if word[0] in (MARK, PLACE):
            continue
        if not IS_HAN.match(word):
            said.append(word)
        elif len(word) > 1:
            run += word[0]
        else:
            said.append(run + word)
            run = ""
    return " ".join([*said, run] if run else said)


def worth(tokens: str, phrases: Sequence[Phrase]) -> float:
    """How well a text answers: words in its title before words in the text, often before once, short before long."""
    length = max(tokens.count(" "), 1)
    value = 0.0
    for phrase in phrases:
        stands = phrase.stands_in(tokens)
        early = 3.0 if stands >= 0 and tokens.count(" ", 0, stands) < BEGINS else 0.0
        times = phrase.times_in(tokens)
        value += early + 2.0 * times / (times + 1.5) + 20.0 * times / (length + 200)
    return value
