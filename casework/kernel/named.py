"""A name that people type in letters: its initials and its pinyin are kept beside it, whoever sets it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel import pinyin
from casework.kernel.pinyin import SHORTEST

PLACES, INITIALS, SPELLED = 12, 8, 30
"""Of a name inside a text: from so many of its first characters on, so many initials and letters are findable."""
LAST = "\uffff"  # ends a range of beginnings: a range, so that an index serves it on both databases


def letters() -> Any:
    """A key that is compared sign by sign on both databases: a range of beginnings is a range of its index."""
    plain = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
    return mapped_column(plain, default="", server_default="")


def begins(column: Any, start: str) -> sa.ColumnElement[bool]:
    """The condition that a key begins so."""
    return sa.and_(column >= start, column < start + LAST)


def letters_of(name: str) -> dict[str, str]:
    """The keys of a name; a surname at its beginning is read as one."""
    read = pinyin.name_syllables(name)
    return {"initials": pinyin.initials(read)[:200], "pinyin": "".join(read)[:200]}


def spelled(name: str) -> str:
    """The letters of a name that stands in a text, from each of its characters on: words for the index.

    So 南贤广场 is found by ``nxgc`` and ``nanxian``, and by ``gc`` too; Latin names need none.
    """
    if name.isascii():
        return ""
    read = [one for one in pinyin.name_syllables(name) if one]
    initials, whole, begins = pinyin.initials(read), "".join(read), 0
    words: dict[str, None] = {}
    for at in range(min(PLACES, len(read) - 1)):
        words[initials[at : at + INITIALS]] = words[whole[begins : begins + SPELLED]] = None
        begins += len(read[at])
    return " ".join(words)


class Named:
    """Mixin for what has a ``name``: found by the beginning of its initials or of its pinyin."""

    initials: Mapped[str] = letters()
    pinyin: Mapped[str] = letters()

    @orm.validates("name")
    def _keeps_its_letters(self, _key: str, name: str) -> str:
        for column, value in letters_of(name).items():
            setattr(self, column, value)
        return name


def called(model: Any, text: str) -> list[sa.ColumnElement[bool]]:
    """The ways in which a text may name a row: part of the name, or the beginning of its initials or pinyin."""
    ways = [model.name.icontains(text, autoescape=True)]
    if pinyin.is_typed(text) and len(typed := pinyin.typed(text)) >= SHORTEST:
        ways += [begins(model.initials, typed), begins(model.pinyin, typed)]
    return ways
