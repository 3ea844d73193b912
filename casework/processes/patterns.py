"""Patterns that officers write for a field: a closed grammar, matched in linear time, never Python's ``re``.

A pattern is a row of elements, each a literal character, backslash and d (digit), backslash and w (letter or
digit), ``.`` (any) or a class such as ``[A-Z0-9粤]``, and each may carry ``?``, ``{3}`` or ``{2,5}``. The whole
answer must match.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MOST_ELEMENTS, MOST_TIMES = 60, 100


class BadPattern(ValueError):
    """The pattern is not of the grammar; ``at`` is the character where reading stopped, from 1."""

    def __init__(self, at: int):
        self.at = at
        super().__init__(f"not a pattern at character {at}")


@dataclass(frozen=True, slots=True)
class Element:
    """A kind of character and how often it stands."""

    takes: Callable[[str], bool]
    least: int = 1
    most: int = 1


def read(pattern: str) -> list[Element]:
    """The elements of a pattern.

    Raises:
        BadPattern: it is not of the grammar, or is longer than sixty elements.
    """
    elements: list[Element] = []
    at = 0
    while at < len(pattern):
        if len(elements) == MOST_ELEMENTS:
            raise BadPattern(at + 1)
        takes, at = _character(pattern, at)
        least, most, at = _times(pattern, at)
        elements.append(Element(takes, least, most))
    return elements


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text is of the pattern; at most elements × length × times steps, whatever it says."""
    places = {0}
    for element in read(pattern):
        reached: set[int] = set()
        for place in places:
            end = place
            while end < len(text) and end - place < element.most and element.takes(text[end]):
                end += 1
            reached.update(range(place + element.least, end + 1))
        places = reached
    return len(text) in places


def _character(pattern: str, at: int) -> tuple[Callable[[str], bool], int]:
    sign = pattern[at]
    if sign == "[":
        return _class(pattern, at)
    if sign == "\\":
        if at + 1 == len(pattern):
            raise BadPattern(at + 1)
        return _escaped(pattern[at + 1], at), at + 2
    if sign == ".":
        return lambda char: True, at + 1
    if sign in "]{}?*+()|^$":
        raise BadPattern(at + 1)
    return sign.__eq__, at + 1


def _escaped(sign: str, at: int) -> Callable[[str], bool]:
    if sign == "d":
        return lambda char: char.isascii() and char.isdigit()
    if sign == "w":
        return str.isalnum
    if sign.isalnum():
        raise BadPattern(at + 2)
    return sign.__eq__


def _class(pattern: str, at: int) -> tuple[Callable[[str], bool], int]:
    end = pattern.find("]", at + 1)
    inside = pattern[at + 1 : end]
    if end < 0 or not inside or inside[0] == "^" or "[" in inside or "\\" in inside:
        raise BadPattern(at + 1)
    single: set[str] = set()
    ranges: list[tuple[str, str]] = []
    place = 0
    while place < len(inside):
        if inside[place + 1 : place + 2] == "-" and place + 2 < len(inside):
            low, high = inside[place], inside[place + 2]
            if low > high:
                raise BadPattern(at + place + 2)
            ranges.append((low, high))
            place += 3
        else:
            single.add(inside[place])
            place += 1
    return lambda char: char in single or any(low <= char <= high for low, high in ranges), end + 1


def _times(pattern: str, at: int) -> tuple[int, int, int]:
    if pattern[at : at + 1] == "?":
        return 0, 1, at + 1
    if pattern[at : at + 1] != "{":
        return 1, 1, at
    end = pattern.find("}", at)
    low, comma, high = pattern[at + 1 : end].partition(",")
    if end < 0 or not _is_count(low) or (comma and not _is_count(high)):
        raise BadPattern(at + 1)
    least, most = int(low), int(high) if comma else int(low)
    if least > most:
        raise BadPattern(at + 1)
    return least, most, end + 1


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= MOST_TIMES
