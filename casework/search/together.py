"""Cases that hold the words together, each in another of their parts; and the tags that hold them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from casework.areas.models import Area
from casework.cases import searching, tags
from casework.cases.models import Case, CaseType
from casework.cases.tag_models import CaseTag
from casework.enterprises.models import Contact, Enterprise
from casework.kernel.db import db, grouped
from casework.kernel.errors import N_, because
from casework.kernel.i18n import language
from casework.kernel.masking import masked
from casework.kernel.permissions import Actor, can
from casework.search.groups import MOST, Group, Line
from casework.search.rules import Asked, is_named, marked, named
from casework.search.texts import Reader, case_lines


def cases(actor: Actor, asked: Asked, *, shown: int, but: Collection[int] = (), quick: bool = False) -> Group | None:
    """Cases whose parts hold all the words; asked only where there are several words.

    ``but`` are cases that stand on the page already. ``quick`` asks only where a word is the end of a phone, and of
    the cases that this names: it may come with each letter typed.
    """
    if len(asked.words) < 2 or not can(actor, "case.read"):
        return None
    words, most = " ".join(asked.words), (shown if quick else MOST) + len(but)
    found = searching.ringing(actor, words, most=most) if quick else searching.holding(actor, words, most=most)
    ids = [key for key in found if key not in but]
    if not ids:
        return None
    every = f"/cases?{urlencode({'q': asked.text[:60], 'scope': 'all'})}"
    return Group(
        kind="spread",
        label=N_("Cases that hold the words together"),
        lines=_lines(ids[:shown], asked, actor),
        count=min(len(ids), MOST),
        every=every if len(ids) > shown else "",
    )


def _lines(ids: Sequence[int], asked: Asked, actor: Actor) -> list[Line]:
    """Cases with those of their parts that hold a word, so that one sees why each was found."""
    parts = _parts(ids, asked, actor)
    return [replace(line, about=(*line.about, *parts.get(line.key, ()))) for line in case_lines(ids, asked)]


def _parts(ids: Sequence[int], asked: Asked, actor: Actor) -> dict[int, list[Any]]:
    own = (Case.id, Case.enterprise_id, Case.requester, Case.contact_name, Case.contact_phone, Case.phone_tail)
    query = sa.select(*own, CaseType.zh, CaseType.en, Area.path, Enterprise.name.label("firm"))
    query = query.join(CaseType, CaseType.id == Case.type_id).join(Area, Area.id == Case.area_id)
    query = query.outerjoin(Enterprise, Enterprise.id == Case.enterprise_id).where(Case.id.in_(ids))
    tails = [word for word in asked.words if searching.is_tail(word)]
    rows = db.session.execute(query).all()
    ringing = contacts([row.enterprise_id for row in rows], tails) if can(actor, "enterprise.read") else {}
    words = _tags(ids)
    found: dict[int, list[Any]] = {}
    for row in rows:
        kind = row.en if language() == "en" else row.zh
        said = [row.firm if row.firm != row.requester else "", kind, row.path, *words.get(row.id, ())]
        parts = [named(text, asked.words) for text in said if text and _says(text, asked.words)]
        calls = [(row.contact_name, row.contact_phone)] if row.phone_tail in tails else []
        calls += ringing.get(row.enterprise_id, ())
        lines = dict.fromkeys(f"{name} {masked(phone)}".strip() for name, phone in calls)
        found[row.id] = [*parts, *(marked(line, tails) for line in lines)]
    return found


def _says(text: str, words: Iterable[str]) -> bool:
    return any(is_named(text, word) for word in words)


def contacts(firms: Iterable[int | None], tails: Sequence[str]) -> dict[int, list[tuple[str, str]]]:
    """Whom one calls at these firms under a phone that ends so."""
    wanted = sorted({key for key in firms if key})
    if not wanted or not tails:
        return {}
    query = sa.select(Contact.enterprise_id, Contact.name, Contact.phone).where(
        Contact.enterprise_id.in_(wanted), Contact.phone_tail.in_(tails), Contact.left_at.is_(None)
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for firm, name, phone in db.session.execute(query.order_by(Contact.id)):
        found.setdefault(firm, []).append((name, phone))
    return found


def _tags(ids: Sequence[int]) -> dict[int, list[str]]:
    return grouped(sa.select(CaseTag.case_id, CaseTag.word).where(CaseTag.case_id.in_(ids)).order_by(CaseTag.word))


def tagged(reader: Reader, asked: Asked, *, shown: int, quick: bool = False) -> Group | None:
    """Tags that hold what was typed, on cases that somebody may see; each leads to its cases.

    ``quick`` offers none to whom a whole city is open: tags are words of a district, and to read those of all districts
    with each letter typed would cost too much.
    """
    if not asked.words or not can(reader.actor, "case.read"):
        return None
    reach = reader.reach("case.read")
    if quick and reach.few is None and reach.places is None:
        return None
    rows = tags.used(asked.text, reach.condition, most=MOST, few=reach.few, places=reach.places)
    lines = [
        Line(
            href=f"/cases?{urlencode({'tag': word, 'scope': 'all'})}",
            title=marked(word, asked.words),
            about=(because(N_("Cases: %(count)s"), count=count),),
        )
        for word, count in rows[:shown]
    ]
    return Group(kind="tag", label=N_("Tags"), lines=lines, count=len(rows)) if rows else None
