"""What the portal looks up: types, places, firms, and what was said between requester and office."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.areas.models import Area, Level
from casework.areas.places import stem
from casework.audit.models import Event, EventPayload
from casework.cases import queries as cases
from casework.cases.models import Case, CaseType
from casework.enterprises import queries as enterprises
from casework.enterprises.models import Enterprise
from casework.enterprises.rules import compact, name_key
from casework.intake import rules
from casework.intake.likeness import Report, likely
from casework.intake.models import PortalReport
from casework.intake.rules import Spot
from casework.kernel.db import db
from casework.kernel.keep import keep

LEVELS = {Level.DISTRICT: 1, Level.SUBDISTRICT: 2, Level.COMMUNITY: 3, Level.SITE: 4}
FIRMS = 6
SAME, TOLD_WITHIN = timedelta(hours=24), timedelta(days=30)
SHORTEST = 2


def report_of(token: str) -> PortalReport | None:
    """The report whose token this browser holds."""
    key = hashlib.sha256(token.encode()).hexdigest()
    return db.session.scalar(sa.select(PortalReport).where(PortalReport.token_sha256 == key))


def sent_since(digest: str, moment: datetime) -> PortalReport | None:
    """The same report, sent since a moment."""
    query = sa.select(PortalReport).where(
        PortalReport.digest == digest, PortalReport.case_id.is_not(None), PortalReport.updated_at >= moment
    )
    return db.session.scalar(query.order_by(PortalReport.id).limit(1))


def told_before(answers: Mapping[str, Any], now: datetime) -> Case | None:
    """An open case that the same phone reported for the same firm in much the same words; not the same report again."""
    phone, firm = rules.phone_of(str(answers.get("phone", ""))), name_key(str(answers.get("firm", "")))
    if sent_since(rules.digest_of(answers), now - SAME):
        return None
    recent = sa.select(Case).where(
        Case.contact_phone == phone, Case.is_open.is_(True), Case.submitted_at >= now - TOLD_WITHIN
    )
    cases = {case.id: case for case in db.session.scalars(recent.order_by(Case.id.desc()).limit(20))}
    text = str(answers.get("text", ""))
    mine = Report(0, rules.title_of(text), text)
    theirs = [Report(one.id, one.title, one.text) for one in cases.values() if name_key(one.requester) == firm]
    found = likely(mine, theirs, 1)
    return cases[found[0].key] if found else None


def types() -> Sequence[CaseType]:
    """The types that are offered, in their order."""
    return cases.case_types()


def suggested(text: str) -> list[str]:
    """Codes of the types that a text speaks of, best first."""
    return rules.suggested(text, [(kind.code, kind.words) for kind in types()])


def spots() -> list[Spot]:
    """The places that addresses name, from the district down."""
    return keep(_spots, "spots of the portal")


def _spots() -> list[Spot]:
    query = sa.select(Area).where(Area.level.in_(list(LEVELS))).order_by(Area.code)
    return [
        Spot(area.id, stem(area.name, area.level), LEVELS[Level(area.level)], area.area_ids - {area.id}, area.path)
        for area in db.session.scalars(query)
    ]


def places_in(address: str) -> list[Spot]:
    """The finest places that an address names."""
    return rules.places_in(address, spots())


def place(area_id: int) -> Area | None:
    """A place that a report can lie in: a district or something inside one."""
    found = db.session.get(Area, area_id)
    return found if found and found.level in LEVELS else None


def posted(code: str) -> Area | None:
    """The place whose poster has this code."""
    found = db.session.scalar(sa.select(Area).where(Area.code == code))
    return found if found and found.level in LEVELS else None


def districts() -> list[Area]:
    """The districts, for who reads no poster."""
    return list(db.session.scalars(sa.select(Area).where(Area.level == Level.DISTRICT).order_by(Area.code)))


def below(area_id: int) -> list[Area]:
    """What lies directly below a place."""
    return list(db.session.scalars(sa.select(Area).where(Area.parent_id == area_id).order_by(Area.code).limit(500)))


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm as the portal may show it: what stands on its sign, never who answers for it or its phone."""

    id: int
    name: str
    place: str


def firms_like(text: str) -> list[Firm]:
    """Firms whose name begins so, with or without their city before it, in characters, pinyin or initials; or that
    have exactly this credit code.
    """
    code, active = compact(text), Enterprise.active.is_(True)
    if len(name_key(text)) < SHORTEST:
        return []
    if len(code) == 18 and code.isascii():
        ids = list(db.session.scalars(sa.select(Enterprise.id).where(Enterprise.uscc == code, active)))
    else:
        ids = enterprises.beginning_with(text, active, most=FIRMS)
    place = Area.id == sa.func.coalesce(Enterprise.community_id, Enterprise.area_id)
    rows = db.session.execute(
        sa.select(Enterprise.id, Enterprise.name, Area.name).join(Area, place).where(Enterprise.id.in_(ids))
    )
    found = {row[0]: Firm(*row) for row in rows}
    return [found[key] for key in ids if key in found]


def declined(case: Case) -> dict[str, str]:
    """What the requester was told when the case was not accepted: ``reason`` and ``route``."""
    query = (
        sa.select(EventPayload.payload)
        .join(Event, Event.id == EventPayload.event_id)
        .where(Event.case_id == case.id, Event.verb == "CaseMoved")
        .order_by(Event.id.desc())
        .limit(5)
    )
    moves = db.session.scalars(query).all()
    answer: dict[str, object] = next((one.get("answer", {}) for one in moves if one.get("action") == "decline"), {})
    return {name: str(answer.get(name, "")) for name in ("reason", "route")}


@dataclass(frozen=True, slots=True)
class Line:
    """One message between requester and office."""

    at: datetime
    mine: bool
    text: str
    files: tuple[str, ...] = ()


# What higher packages tell the requester: verb → its words in the reader's language, empty where there are none.
TELLING: dict[str, Callable[[Mapping[str, Any]], str]] = {}


def talk(case: Case) -> list[Line]:
    """What was said on the page of the case, oldest first."""
    verbs = {"RequesterWrote": True, "RequesterTold": False, **dict.fromkeys(TELLING, False)}
    rows = db.session.execute(
        sa.select(Event.at, Event.verb, EventPayload.payload)
        .join(EventPayload, EventPayload.event_id == Event.id)
        .where(Event.case_id == case.id, Event.verb.in_(verbs))
        .order_by(Event.id.desc())
        .limit(100)
    ).all()
    lines = [
        Line(at, verbs[verb], _words(verb, said), tuple(one.get("name", "") for one in said.get("files", ())))
        for at, verb, said in reversed(rows)
    ]
    return [line for line in lines if line.text or line.files]


def _words(verb: str, said: Mapping[str, Any]) -> str:
    telling = TELLING.get(verb)
    return telling(said) if telling else str(said.get("text", ""))
