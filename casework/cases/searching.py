"""Cases by their texts: all of the words somewhere in them, as far as the reader may read."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from casework.cases.models import Case
from casework.cases.queries import visible_to
from casework.kernel import search
from casework.kernel.db import db
from casework.kernel.permissions import Actor, Role


def holding(actor: Actor, words: str, *, most: int) -> list[int]:
    """The newest cases that hold all the words somewhere in their texts, by id."""
    query = searched(sa.select(Case.id).where(visible_to(actor)), words, actor)
    return list(db.session.scalars(query.order_by(Case.id.desc()).limit(most)))


def searched(query: sa.Select[Any], words: str, actor: Actor) -> sa.Select[Any]:
    """A whole case number opens that case; anything else is looked for in the texts that the reader may read."""
    found = _holds(words, actor)
    compact = words.replace(" ", "")
    if compact.isascii() and compact.replace("-", "").isdigit() and len(compact) >= 4:
        return query.where(
            sa.or_(
                Case.number == compact,
                Case.number.endswith(f"-{compact.zfill(6)}"),
                found,
            )
        )
    return query.where(found)


def _holds(words: str, actor: Actor) -> sa.ColumnElement[bool]:
    """That a case holds the words: in its story only where the reader may read it, which a helper may not."""
    anywhere = Case.id.in_(search.matching(words))
    if not actor.has(Role.HELPER):
        return anywhere
    told = visible_to(actor, "case.story")
    return sa.or_(Case.id.in_(search.matching(words, kinds=("case",))), sa.and_(told, anywhere))
