"""What the portal asks, what may stand there, and what is suggested: pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from casework.kernel.errors import N_, Reason, because

STEPS = ("what", "kind", "firm", "place", "contact")
TITLE, TEXT = 40, 5000
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{2,3}\d{7,8}(\d{1,6})?|400\d{7}")
_SENTENCE = re.compile(r"[。！？!?\n；;]")
_ROAD = re.compile(r"路|街(?!道)|大道|巷|里")
SUGGESTED = 3

Answers = Mapping[str, Any]


def phone_of(text: str) -> str:
    """A phone as it is kept: digits alone; empty when it cannot be called."""
    plain = unicodedata.normalize("NFKC", text)
    digits = "".join(letter for letter in plain if letter in "0123456789")
    if digits.startswith("86") and len(digits) == 13:
        digits = digits[2:]
    return digits if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits) else ""


def faults(step: str, answers: Answers) -> list[Reason]:
    """What is missing or wrong at a step, each at its field with the remedy."""
    return list(_FAULTS[step](answers))


def _said(answers: Answers, name: str) -> str:
    return str(answers.get(name) or "").strip()


def _what(answers: Answers) -> Iterator[Reason]:
    if len(_said(answers, "text")) < 5:
        yield because(N_("Tell us in a sentence what is wrong."), "text")
    elif len(_said(answers, "text")) > TEXT:
        yield because(N_("Shorten it to 5,000 characters; what is longer can be attached as a file."), "text")


def _kind(answers: Answers) -> Iterator[Reason]:
    if not answers.get("kind"):
        yield because(N_("Choose the one that is nearest. It can be changed later."), "kind")


def _firm(answers: Answers) -> Iterator[Reason]:
    if len(_said(answers, "firm")) < 2:
        yield because(N_("Write the name of the enterprise or the shop."), "firm")


def _place(answers: Answers) -> Iterator[Reason]:
    if not answers.get("area_id"):
        yield because(N_("Choose where it is, so that it reaches the right desk."), "area_id")


def _contact(answers: Answers) -> Iterator[Reason]:
    if not _said(answers, "name"):
        yield because(N_("Write your name, so that we know whom to ask for."), "name")
    if not phone_of(_said(answers, "phone")):
        yield because(N_("Write a phone that we can call, such as 13800138000 or 0755-12345678."), "phone")


_FAULTS = {"what": _what, "kind": _kind, "firm": _firm, "place": _place, "contact": _contact}


def first_open(answers: Answers) -> str:
    """The first step that still lacks something; ``check`` when none does."""
    return next((step for step in STEPS if faults(step, answers)), "check")


def title_of(text: str) -> str:
    """The matter in one line: the first sentence, cut where it is long."""
    first = next((part for part in (one.strip() for one in _SENTENCE.split(text)) if part), text.strip())
    return first if len(first) <= TITLE else f"{first[: TITLE - 1]}…"


def digest_of(answers: Answers) -> str:
    """What makes two reports the same one: the phone, the firm and what is told, however it is spaced."""
    parts = (phone_of(str(answers.get("phone", ""))), str(answers.get("firm", "")), str(answers.get("text", "")))
    plain = "\n".join("".join(unicodedata.normalize("NFKC", part).split()).casefold() for part in parts)
    return hashlib.sha256(plain.encode()).hexdigest()


def suggested(text: str, words: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """The types that a text speaks of, best first, at most three. ``words``: code and words, in the order of the types.

    A longer word says more than a short one, an earlier one no more than a later one.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    scores = [(sum(len(word) for word in listed if word.casefold() in plain), code) for code, listed in words]
    best = sorted((one for one in scores if one[0]), key=lambda one: -one[0])
    return [code for _, code in best[:SUGGESTED]]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as addresses name it: ``stem`` without the ending of its level (1 district, 2 subdistrict, 3 community,
    4 site). ``above`` are the ids of what it lies in.
    """

    id: int
    stem: str
    level: int
    above: frozenset[int]
    path: str


_ENDING = {
    1: re.compile(r"新区|区|县|市"),
    2: re.compile(r"街道办事处|街道|镇|乡"),
    3: re.compile(r"社区|居委会|居民委员会|村委会|村"),
    4: re.compile(r""),
}
# What makes a bare name another thing: 黄贝岭街道, if none of ours, is not 黄贝岭社区; 前海深港合作区 is a zone.
_ANOTHER = re.compile(r"街道|社区|[\u4e00-\u9fff]{0,4}?(?:合作区|保税区|开发区|高新区|自贸区|示范区|科技园区)")
_NOTE = re.compile(r"\([^()]*\)")  # (仅限办公), (入驻…公司)
WHOLE, BARE, ROAD = 3, 2, 1


@dataclass(frozen=True, slots=True)
class _Named:
    """A place that an address names, from where to where, and how: whole (福田区), bare (福田), or as a road."""

    spot: Spot
    start: int
    end: int
    how: int


def places_in(address: str, spots: Iterable[Spot]) -> list[Spot]:
    """The finest places that an address names; several when it leaves open which.

    福田区, 福田街道 and 福田社区 are told apart by what follows the name. Where a district or subdistrict is named
    whole, only what lies in it counts; the name of a road is a hint that counts where nothing else is named.
    """
    plain = _NOTE.sub("", "".join(unicodedata.normalize("NFKC", address).split()))
    known = list(spots)
    stems = {spot.id: spot.stem for spot in known}
    found_all = [one for spot in known if spot.stem in plain for one in _named(plain, spot)]
    around = {one.spot.id for one in found_all if one.how > ROAD}
    named = _unclaimed([one for one in found_all if one.how != BARE or _tells(one.spot, stems, around)])
    inside = [one for one in named if all(_fits(one.spot, other) for other in named)]
    if any(one.how > ROAD for one in inside):
        inside = [one for one in inside if one.how > ROAD]
    found = {one.spot.id: one for one in sorted(inside, key=lambda one: one.how)}
    covered = {key for one in found.values() for key in one.spot.above}
    finest = [one for key, one in found.items() if key not in covered]
    best = max((one.how for one in finest), default=0)
    return sorted((one.spot for one in finest if one.how == best), key=lambda spot: (-spot.level, spot.path))


def _named(plain: str, spot: Spot) -> Iterator[_Named]:
    """Each mention of a place in an address."""
    at = plain.find(spot.stem) if len(spot.stem) > 1 else -1
    while at >= 0:
        end = at + len(spot.stem)
        if ending := _ENDING[spot.level].match(plain, end):
            yield _Named(spot, at, ending.end(), WHOLE if ending.group() or spot.level == 4 else BARE)
        elif not _ANOTHER.match(plain, end):
            yield _Named(spot, at, end, ROAD if _ROAD.match(plain, end) else BARE)
        at = plain.find(spot.stem, end)


def _tells(spot: Spot, stems: Mapping[int, str], around: Set[int]) -> bool:
    """Whether a bare name tells this place: the 南山 of 南山智园 may be the district, the subdistrict or nothing, and a
    community of two characters, as 中心, counts where the address also names what it lies in.
    """
    if any(stems.get(above) == spot.stem for above in spot.above):
        return False
    return spot.level < 3 or len(spot.stem) > 2 or bool(spot.above & around)


def _unclaimed(named: list[_Named]) -> list[_Named]:
    """Without mentions that lie inside another place named whole: the 福田 of 福田区 is no community."""
    whole = [one for one in named if one.how == WHOLE]
    return [
        one
        for one in named
        if not any(
            other.spot.id != one.spot.id
            and other.start <= one.start
            and one.end <= other.end
            and (other.end - other.start, other.how) > (one.end - one.start, one.how)
            for other in whole
        )
    ]


def _fits(spot: Spot, other: _Named) -> bool:
    """Whether a place agrees with a district or subdistrict that is named whole."""
    if other.how < WHOLE or other.spot.level > 2 or other.spot.level > spot.level:
        return True
    return other.spot.id == spot.id or other.spot.id in spot.above
