"""Which case type the words of a row mean."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from casework.cases.models import CaseType
from casework.imports.case_rows import TYPE_WORDS
from casework.imports.importing import RowRefused
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, because

NO_TYPE = N_("“%(type)s” is no case type here: taken as “%(taken)s”.")
NO_TYPES = N_("No case type is set up yet: run the migrations and the seed first.")
PARTS = str.maketrans("；,|", ";;;")


class Named(NamedTuple):
    """A case type, and what it is called."""

    id: int
    zh: str


class CaseTypes:
    """The types in use, by code and by the words that mean them."""

    def __init__(self) -> None:
        types = db.session.scalars(sa.select(CaseType).where(CaseType.active).order_by(CaseType.position)).all()
        self.by_code = {kind.code: Named(kind.id, kind.zh) for kind in types}
        self.words = {word.casefold(): kind.code for kind in types for word in (kind.code, kind.zh, kind.en)}

    def meant(self, said: str) -> tuple[int, list[Reason]]:
        """The type that the words name; what nobody knows is the last resort “other”, and is said.

        Raises:
            RowRefused: there are no types yet.
        """
        if not self.by_code:
            raise RowRefused("type", Reason(NO_TYPES))
        other = self.by_code.get("other") or next(reversed(self.by_code.values()))
        said = said.strip()
        if not said:
            return other.id, []
        for part in (said, *said.translate(PARTS).split(";")):
            if named := self.named(part):
                return named.id, []
        return other.id, [because(NO_TYPE, type=said[:40], taken=other.zh)]

    def named(self, said: str) -> Named | None:
        """The type of this name, code, or word for it."""
        word = said.strip().casefold()
        if code := self.words.get(word):
            return self.by_code[code]
        for code, words in TYPE_WORDS.items() if word else ():
            if code in self.by_code and any(one == word or (one in word and not one.isascii()) for one in words):
                return self.by_code[code]
        return None
