"""What somebody may find: whatever is looked for, each group starts from what exists for this person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas import queries as areas
from casework.areas.models import Area, Level
from casework.areas.words import LEVELS
from casework.cases.models import Case
from casework.cases.queries import visible_to
from casework.cases.searching import RINGING, is_tail
from casework.enterprises import queries as firms
from casework.enterprises.models import Contact, Enterprise
from casework.enterprises.rules import compact
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, because
from casework.kernel.finding import Sought, newest
from casework.kernel.i18n import language
from casework.kernel.masking import masked, tail
from casework.kernel.models import SearchDoc
from casework.kernel.named import called
from casework.kernel.permissions import Actor, can
from casework.kernel.words import phrases
from casework.processes import queries as templates
from casework.processes.models import ProcessTemplate
from casework.roster import lists as roster
from casework.roster.lists import Filters as RosterFilters
from casework.search import texts, together
from casework.search.groups import MOST, Group, Line
from casework.search.rules import Asked, is_named, marked, named, numbers_ending
from casework.search.texts import Reader

CLOSED = N_("No longer in business")
FIRST = 5
"""Finds of a group on the page of all groups."""
TEXTS = ("case", "entry", "file", "party", "order")
YEARS = 6
"""In so many years a number without its year is looked for."""
MIDDLE = 3
"""From so many signs on the middle of a number is looked for."""


def everything(actor: Actor, asked: Asked, day: date, *, best: bool = False, narrow: int = texts.NARROW) -> list[Group]:
    """The first finds of every group; the groups that hold something, what is named exactly on top."""
    reader = Reader(actor, narrow)
    found: list[Group | None] = [exact(actor, asked, day), by_phone(actor, asked), enterprises(actor, asked)]
    bodies = [texts.group(reader, asked, kind, shown=FIRST, best=best) for kind in TEXTS] if asked.words else []
    if bodies:
        found += _cases(actor, asked, bodies[0])
    found += [*bodies[1:], together.tagged(reader, asked, shown=FIRST), people(actor, asked, day)]
    found += [process_templates(actor, asked), places(actor, asked)]
    return [one for one in found if one is not None and one.lines]


def _cases(actor: Actor, asked: Asked, said: Group) -> list[Group | None]:
    """Cases by their own text, and those whose parts hold the words: on top where a word may be the end of a phone."""
    rings = any(map(is_tail, asked.words))
    if len(said.lines) >= FIRST and not rings:
        return [said]
    parts = together.cases(actor, asked, shown=FIRST, but=() if rings else {line.key for line in said.lines})
    return [parts, said] if rings else [said, parts]


def suggestions(actor: Actor, asked: Asked, day: date) -> list[Group]:
    """A few finds while somebody types; of texts those of cases, counterparties and orders only.

    A single sign brings cases, and firms whose name begins with it; in more texts it would find too much.
    """
    few, reader = 4, Reader(actor)
    found: list[Group | None] = [exact(actor, asked, day, middle=False), by_phone(actor, asked, shown=few)]
    found.append(enterprises(actor, asked, shown=few, most=few + 1))
    if asked.words:
        found.append(together.cases(actor, asked, shown=few, quick=True))
        kinds = ("case",) if asked.is_single else ("case", "party", "order")
        found += [texts.group(reader, asked, kind, shown=few, most=few + 1) for kind in kinds]
        found.append(together.tagged(reader, asked, shown=few, quick=True))
    found += [people(actor, asked, day, shown=few), process_templates(actor, asked, shown=few)]
    found.append(places(actor, asked, shown=few))
    return list(_each_once(one for one in found if one is not None))


def _each_once(groups: Iterable[Group]) -> Iterator[Group]:
    """Groups without the lines that stand further up already; none that is empty."""
    seen = set[str]()
    for group in groups:
        lines = [line for line in group.lines if line.href not in seen]
        seen.update(line.href for line in lines)
        if lines:
            yield replace(group, lines=lines)


def exact(actor: Actor, asked: Asked, day: date, *, middle: bool = True) -> Group | None:
    """What a number or code names by itself."""
    lines = _numbered(actor, asked, day, middle=middle) if can(actor, "case.read") else []
    if can(actor, "enterprise.read") and len(compact(asked.text)) == 18:
        query = firms.visible_to(actor).where(Enterprise.uscc == compact(asked.text))
        lines += _firm_lines(db.session.scalars(query).all(), asked)
    return Group(kind="exact", label=N_("By number or code"), lines=lines, count=len(lines)) if lines else None


def _numbered(actor: Actor, asked: Asked, day: date, *, middle: bool) -> list[Line]:
    visible = visible_to(actor)
    ways = [Case.code == asked.code] if asked.code else []
    if asked.number:
        meant = numbers_ending(asked.number, _districts(actor), range(day.year, day.year - YEARS, -1))
        ways.append(Case.number.in_([asked.number, *meant]))
    if not ways:
        return []
    newest_first = sa.select(Case).where(visible).order_by(Case.id.desc()).limit(FIRST)
    cases = list(db.session.scalars(newest_first.where(sa.or_(*ways))))
    if not cases and middle and len(asked.number) >= MIDDLE:
        cases = list(db.session.scalars(newest_first.where(Case.number.contains(asked.number, autoescape=True))))
    return [texts.case_line(case, asked, marked(case.number, [asked.number or asked.code])) for case in cases]


def _districts(actor: Actor) -> list[str]:
    """The codes of the districts in which the actor works: case numbers begin with them."""
    query = areas.visible_to(actor).where(Area.level == Level.DISTRICT).with_only_columns(Area.code)
    return list(db.session.scalars(query.order_by(Area.code).limit(20)))


def by_phone(actor: Actor, asked: Asked, *, shown: int = FIRST) -> Group | None:
    """Cases and firms whose contact's phone ends so, or is this: for those whose pages show it, masked as there."""
    if not asked.tail and not asked.phone:
        return None
    lines: list[Line] = []
    if can(actor, "case.read"):
        fits = _rings(Case.phone_tail, Case.contact_phone, asked)
        query = sa.select(Case).where(fits, visible_to(actor))
        found = db.session.scalars(query.order_by(Case.id.desc()).limit(shown))
        lines += [texts.case_line(case, asked, f"{case.contact_name} {masked(case.contact_phone)}") for case in found]
    if can(actor, "enterprise.read"):
        lines += _contacts(actor, asked, shown)
    label = N_("By the last four digits of the phone") if asked.tail else N_("By the phone")
    return Group(kind="phone", label=label, lines=lines, count=len(lines)) if lines else None


def _rings(end: Any, phone: Any, asked: Asked) -> sa.ColumnElement[bool]:
    """That a phone is meant; a whole one is looked for by its end, which has the index."""
    return end == asked.tail if asked.tail else sa.and_(end == tail(asked.phone), phone == asked.phone)


def _contacts(actor: Actor, asked: Asked, shown: int) -> list[Line]:
    fits = _rings(Contact.phone_tail, Contact.phone, asked)
    query = firms.visible_to(actor).join(Contact, Contact.enterprise_id == Enterprise.id)
    query = query.where(fits, Contact.left_at.is_(None)).add_columns(Contact.name, Contact.phone)
    rows: Sequence[Any] = db.session.execute(query.order_by(Contact.id.desc()).limit(shown)).all()
    return [
        Line(href=f"/enterprises/{firm.id}", title=[(firm.name, False)], about=(f"{name} {masked(phone)}",))
        for firm, name, phone in rows
    ]


def enterprises(actor: Actor, asked: Asked, *, shown: int = FIRST, most: int = MOST) -> Group | None:
    """Firms whose name or address holds the words, or whose name begins so in pinyin; the nearest first."""
    if not can(actor, "enterprise.read"):
        return None
    visible, reach = firms.visible_to(actor), firms.reach_of(actor)
    first = firms.beginning_with(asked.text, reach, most=most, least=1)
    words = [] if most < MOST and asked.is_single else phrases(" ".join(asked.words))

    def narrow(query: sa.Select[Any]) -> sa.Select[Any]:
        query = query.join(Enterprise, Enterprise.id == SearchDoc.ref_id).where(reach)
        return query if most == MOST else query.where(Enterprise.active)  # few are offered: those in business

    places = texts.districts(actor.duties, "enterprise.read")
    held = newest(Sought(words, "firm", narrow, places=places, rare=True), most=most) if words else []
    ids = list(dict.fromkeys([*first, *_ringing(actor, asked), *(row.ref_id for row in held)]))
    code = compact(asked.text)
    # The middle of a code has no index: it is looked for in a whole search only, never with each letter typed.
    if most == MOST and 6 <= len(code) < 18 and code.isascii() and code.isalnum() and any(map(str.isdigit, code)):
        found = visible.where(Enterprise.uscc.contains(code)).with_only_columns(Enterprise.id).limit(shown)
        ids = list(dict.fromkeys([*ids, *db.session.scalars(found)]))
    if not ids:
        return None
    if len(ids) > 1:  # those in business first
        shut = set(db.session.scalars(sa.select(Enterprise.id).where(Enterprise.id.in_(ids), ~Enterprise.active)))
        ids.sort(key=shut.__contains__)
    rows = {row.id: row for row in db.session.scalars(visible.where(Enterprise.id.in_(ids[:shown])))}
    lines = _firm_lines([rows[key] for key in ids[:shown] if key in rows], asked)
    every = f"/enterprises?{urlencode({'q': asked.text})}" if len(ids) > shown else ""
    return Group(kind="firm", label=N_("Enterprises"), lines=lines, count=min(len(ids), MOST), every=every)


def _ringing(actor: Actor, asked: Asked) -> list[int]:
    """Firms that one of the words names and another rings: by the end of the phone of somebody who answers there."""
    tails = [word for word in asked.words if is_tail(word)]
    others = [word for word in asked.words if word not in tails]
    if not tails or not others:
        return []
    query = firms.visible_to(actor).join(Contact, Contact.enterprise_id == Enterprise.id)
    query = query.where(Contact.phone_tail.in_(tails), Contact.left_at.is_(None)).distinct()
    rows = db.session.scalars(query.order_by(Enterprise.id.desc()).limit(RINGING))
    return [row.id for row in rows if all(is_named(f"{row.name} {row.address}", word) for word in others)]


def _firm_lines(rows: Sequence[Enterprise], asked: Asked) -> list[Line]:
    lie_in = firms.areas_by_id({row.area_id for row in rows})
    words = [*asked.words, asked.text]
    tails = [word for word in asked.words if is_tail(word)] if len(asked.words) > 1 else []
    calls = together.contacts([row.id for row in rows], tails)
    return [
        Line(
            href=f"/enterprises/{row.id}",
            title=named(row.name, words),
            about=[
                part
                for part in (
                    "" if row.active else str(Reason(CLOSED)),
                    _path(lie_in, row.area_id),
                    marked(row.uscc or "", [compact(asked.text)]),
                    *(marked(f"{name} {masked(phone)}", tails) for name, phone in calls.get(row.id, ())),
                )
                if part
            ],
            text=marked(row.address, words) if row.address else (),
            key=row.id,
        )
        for row in rows
    ]


def _path(lie_in: dict[int, Area], area_id: int) -> str:
    return lie_in[area_id].path if area_id in lie_in else ""


def people(actor: Actor, asked: Asked, day: date, *, shown: int = FIRST) -> Group | None:
    """The people of one's roster, by name, pinyin, user name or the end of their phone."""
    if not can(actor, "roster.read") or not asked.text:
        return None
    query = roster.filtered(actor, RosterFilters(q=asked.text), day)
    ids = list(db.session.scalars(query.with_only_columns(User.id).limit(MOST)))
    if not ids:
        return None
    rows = sorted(db.session.scalars(query.limit(shown)), key=lambda row: (row.name, row.id))
    duties = roster.duties([row.id for row in rows], day)
    lines = [
        Line(
            href=f"/people/{row.id}",
            title=named(row.name, asked.words),
            about=[row.username, *(duty.unit for duty in duties.get(row.id, [])[:2]), masked(row.phone)],
        )
        for row in rows
    ]
    every = f"/people?{urlencode({'q': asked.text})}" if len(ids) > shown else ""
    return Group(kind="person", label=N_("People"), lines=lines, count=len(ids), every=every)


def process_templates(actor: Actor, asked: Asked, *, shown: int = FIRST) -> Group | None:
    """Templates of temporary processes by name, purpose or code."""
    if not can(actor, "template.read") or not asked.words:
        return None
    rows: Sequence[ProcessTemplate] = templates.named_like(actor, " ".join(asked.words), most=MOST)
    if not rows:
        return None
    lines = [
        Line(
            href=f"/templates/{row.code}",
            title=marked(row.label(language()), asked.words),
            about=[marked(row.code, asked.words)],
            text=marked(row.purpose(language())[:90], asked.words),
        )
        for row in rows[:shown]
    ]
    every = f"/templates?{urlencode({'q': asked.text})}" if len(rows) > shown else ""
    return Group(kind="template", label=N_("Templates"), lines=lines, count=len(rows), every=every)


def places(actor: Actor, asked: Asked, *, shown: int = FIRST) -> Group | None:
    """Places by name or pinyin, the large ones first."""
    if not can(actor, "area.read") or not asked.text:
        return None
    query = areas.visible_to(actor).where(sa.or_(*called(Area, asked.text))).order_by(Area.code).limit(MOST)
    rows = list(db.session.scalars(query))
    lines = [
        Line(
            href=f"/areas/{row.id}",
            title=named(row.name, asked.words),
            about=[because(LEVELS[Level(row.level)]), row.path],
        )
        for row in rows[:shown]
    ]
    every = f"/areas?{urlencode({'q': asked.text})}" if len(rows) > shown else ""
    return Group(kind="area", label=N_("Places"), lines=lines, count=len(rows), every=every)
