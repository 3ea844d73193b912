"""The palette: the pages one may open, the acts of the case one stands on, and the cases one had to do with last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from casework.cases.models import Assignment, Case
from casework.cases.presenting import case_view
from casework.cases.queries import visible_to
from casework.kernel import pinyin
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.i18n import catalogue, translate
from casework.kernel.permissions import Actor, can
from casework.kernel.web import PANELS, open_to
from casework.registers.models import CaseRead

RECENT = 8


@dataclass(frozen=True, slots=True)
class Way:
    """A line of the palette. ``found_by`` holds what may be typed: Chinese, English, initials and pinyin."""

    label: str
    href: str
    icon: str
    found_by: str
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under one heading."""

    key: str
    label: str
    ways: Sequence[Way]


@lru_cache(maxsize=2000)
def letters(text: str) -> str:
    """What may be typed for a text beside itself: its initials and its pinyin."""
    read = pinyin.syllables(text)
    return f"{pinyin.initials(read)} {''.join(read)}"


def sections(actor: Actor, case: Case | None, *, now: datetime) -> list[Section]:
    """Everything that can be gone to from here, without searching."""
    found = [Section("acts", N_("On this case"), _acts(case, actor, now))] if case is not None else []
    if can(actor, "case.read"):
        found.append(Section("recent", N_("Cases of late"), _recent(actor)))
    found.append(Section("pages", N_("All pages"), _pages(actor)))
    return [one for one in found if one.ways]


def _pages(actor: Actor) -> list[Way]:
    own = [_way(item.label, item.href, item.icon) for item in open_to(actor)]
    return [*own, _way(N_("My account"), "/me", "person"), _way(N_("Search"), "/search", "find")]


def _way(label: str, href: str, icon: str) -> Way:
    """A line whose label is a message id: found in both languages."""
    chinese = catalogue().get(label, label)
    return Way(translate(label), href, icon, f"{chinese} {label} {letters(chinese)}".lower())


def _acts(case: Case, actor: Actor, now: datetime) -> list[Way]:
    """What may be done on the case: the actions of its life cycle, and what every package adds to its page."""
    view, at = case_view(case, actor, now=now), f"/cases/{case.number}"
    found = [_way(action.label, f"{at}/actions/{action.name}", "forward") for action in view.actions]
    for part in [panel(case, view, actor, now) for panel in PANELS["case"]]:
        buttons = [*([part.main] if part.main else []), *part.buttons, *part.menu]
        found += [
            Way(one.label, one.href, one.icon or "forward", f"{one.label} {letters(one.label)}".lower())
            for one in buttons
        ]
    if can(actor, "case.edit", case):
        found.append(_way(N_("Correct the case"), f"{at}/edit", "fix"))
    return list({way.href: way for way in reversed(found)}.values())[::-1]


def _recent(actor: Actor) -> list[Way]:
    """The cases that one holds, by what happened last, and those that one looked into lately."""
    held = sa.select(Assignment.case_id).where(Assignment.user_id == actor.user_id, Assignment.to_at.is_(None))
    mine = _lines(sa.select(Case).where(Case.id.in_(held)).order_by(Case.last_at.desc()).limit(RECENT), actor)
    read = sa.select(CaseRead.case_id).where(CaseRead.user_id == actor.user_id)
    keys = list(db.session.scalars(read.order_by(CaseRead.day.desc(), CaseRead.first_at.desc()).limit(RECENT)))
    seen = {case.id: case for case in _lines(sa.select(Case).where(Case.id.in_(keys)), actor)}
    cases = {case.id: case for case in [*(seen[key] for key in keys if key in seen), *mine]}
    return [
        Way(case.title, f"/cases/{case.number}", "list", _found_by(case), f"{case.number} · {case.requester}")
        for case in list(cases.values())[:RECENT]
    ]


def _lines(query: sa.Select[Case], actor: Actor) -> Sequence[Case]:
    return db.session.scalars(query.where(visible_to(actor))).all()


def _found_by(case: Case) -> str:
    return f"{case.number} {case.title} {case.requester} {letters(case.title)} {letters(case.requester)}".lower()
