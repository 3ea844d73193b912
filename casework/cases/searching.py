"""Cases by their texts, as far as the reader may read; of several words each may stand in another part of the case.

The parts: its texts, its firm by name and letters, the end of a phone of its own or of its firm, its type, its place,
its tags. So ``南贤 5678`` finds the case whose firm is 南贤广场某店 and whose shop manager's phone ends in 5678.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from casework.areas.models import Area
from casework.cases.models import Case, CaseType
from casework.cases.queries import AREA_COLUMNS, visible_to
from casework.cases.tags import holding as tags_holding
from casework.enterprises import queries as firms
from casework.enterprises.models import Contact, Enterprise
from casework.kernel import finding, pinyin, search
from casework.kernel.db import db, grouped
from casework.kernel.keep import keep
from casework.kernel.models import SearchDoc
from casework.kernel.named import begins, called
from casework.kernel.permissions import Actor, Role, can
from casework.kernel.pinyin import SHORTEST
from casework.kernel.words import phrases

RINGING = 200
"""The end of a phone names so many cases at most, the newest: enough to be told apart by another word."""
PLACES = 50


def is_tail(word: str) -> bool:
    """Whether a word may be the end of a phone."""
    return len(word) == 4 and word.isascii() and word.isdigit()


def holding(actor: Actor, words: str, *, most: int) -> list[int]:
    """The newest cases that hold all the words in their parts, by id."""
    query = searched(sa.select(Case.id).where(visible_to(actor)), words, actor)
    return list(db.session.scalars(query.order_by(Case.id.desc()).limit(most)))


def ringing(actor: Actor, words: str, *, most: int) -> list[int]:
    """As ``holding``, where one of the words is the end of a phone: only the cases that it names are looked at."""
    asked = words.split()
    tails = [word for word in asked if is_tail(word)]
    if not tails:
        return []
    few = _ringing([way for tail in tails for way in _rings(tail, actor)], actor)
    if not few:
        return []
    query = sa.select(Case.id).where(Case.id.in_(few), *(_held(word, actor, few) for word in asked if phrases(word)))
    return list(db.session.scalars(query.order_by(Case.id.desc()).limit(most)))


def _ringing(ways: Sequence[sa.ColumnElement[bool]], actor: Actor) -> list[int]:
    """The newest cases that a phone names. Each way by itself, so that it is the beginning of an index, not a walk."""
    newest_first = sa.select(Case.id).where(visible_to(actor)).order_by((Case.id + 0).desc()).limit(RINGING)
    each = [newest_first.where(way).subquery() for way in ways]
    return sorted(db.session.scalars(sa.union(*(sa.select(part.c.id) for part in each))), reverse=True)[:RINGING]


def searched(query: sa.Select[Any], words: str, actor: Actor) -> sa.Select[Any]:
    """A whole case number opens that case; anything else is looked for in what the reader may read of a case."""
    asked = [word for word in words.split() if phrases(word)]
    found = sa.and_(*(_held(word, actor) for word in asked)) if len(asked) > 1 else _says(words, actor)
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


def _says(words: str, actor: Actor, few: Sequence[int] | None = None) -> sa.ColumnElement[bool]:
    """That texts of a case say the words: its story only where the reader may read it, which a helper may not."""
    anywhere = Case.id.in_(_texts(words, (), few))
    if not actor.has(Role.HELPER):
        return anywhere
    told = visible_to(actor, "case.story")
    return sa.or_(Case.id.in_(_texts(words, ("case",), few)), sa.and_(told, anywhere))


def _texts(words: str, kinds: Sequence[str], few: Sequence[int] | None) -> sa.Select[Any]:
    """The cases whose texts say this; the texts of few cases are read one by one."""
    if few is None:
        return search.matching(words, kinds=kinds)
    says = finding.says(phrases(words))
    query = sa.select(SearchDoc.case_id).where(SearchDoc.case_id.in_(few), says)
    return query.where(SearchDoc.kind.in_(kinds)) if kinds else query


def _held(word: str, actor: Actor, few: Sequence[int] | None = None) -> sa.ColumnElement[bool]:
    """That some part of a case holds a word."""
    ways = [_says(word, actor, few), *_of_firm(word, few), *_of_kind(word), *_of_place(word)]
    ways.append(Case.id.in_(tags_holding(word)))
    if is_tail(word):
        ways += _rings(word, actor)
    return sa.or_(*ways)


def _rings(tail: str, actor: Actor) -> list[sa.ColumnElement[bool]]:
    """That a phone of the case ends so, or one of its firm's contacts, where the reader may know of the firm."""
    ways: list[sa.ColumnElement[bool]] = [Case.phone_tail == tail]
    if can(actor, "enterprise.read"):
        present = sa.select(Contact.enterprise_id).where(Contact.phone_tail == tail, Contact.left_at.is_(None))
        known = sa.select(Enterprise.id).where(Enterprise.id.in_(present), firms.reach_of(actor))
        ways.append(Case.enterprise_id.in_(known))
    return ways


def _of_firm(word: str, few: Sequence[int] | None) -> list[sa.ColumnElement[bool]]:
    """That its firm is named so: the page of a case names it to whoever sees the case."""
    own: list[sa.ColumnElement[bool]] = []
    named = search.naming(word, "firm")
    if few is not None:  # of few cases only their firms are read
        theirs = sa.select(Case.enterprise_id).where(Case.id.in_(few))
        own = [Enterprise.id.in_(theirs)]
        says = finding.says(phrases(word))
        named = sa.select(SearchDoc.ref_id).where(SearchDoc.kind == "firm", SearchDoc.ref_id.in_(theirs), says)
    ways: list[sa.ColumnElement[bool]] = [Case.enterprise_id.in_(named)]
    if pinyin.is_typed(word) and len(typed := pinyin.typed(word)) >= SHORTEST:
        spelled = sa.or_(*(begins(column, typed) for column in firms.BY_LETTERS))
        ways.append(Case.enterprise_id.in_(sa.select(Enterprise.id).where(spelled, *own)))
    return ways


def _of_kind(word: str) -> list[sa.ColumnElement[bool]]:
    """That it is of a type named so, in either language, or suggested by this word."""
    low = word.casefold()
    kinds = [key for key, names, words in _types() if any(low in name for name in names) or word in words]
    return [Case.type_id.in_(kinds)] if kinds else []


def _types() -> list[tuple[int, tuple[str, str], list[Any]]]:
    """The types with their names; a changed one is known a little later."""
    asked = sa.select(CaseType.id, CaseType.zh, CaseType.en, CaseType.words)
    return keep(
        lambda: [(key, (zh.casefold(), en.casefold()), words) for key, zh, en, words in db.session.execute(asked)],
        "search types",
    )


def _of_place(word: str) -> list[sa.ColumnElement[bool]]:
    """That it lies in a place of this name; its page says where it lies."""
    named = sa.select(Area.level, Area.id).where(sa.or_(*called(Area, word))).order_by(Area.id).limit(PLACES)
    return [AREA_COLUMNS[level].in_(keys) for level, keys in grouped(named).items()]
