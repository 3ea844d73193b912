"""Who is told of what happens to a case: one function for each entry, TELLS, asked in the transaction of the change.

Higher packages add theirs for their own facts in the wiring.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.audit.service import Recorded
from casework.cases.events import CaseMoved
from casework.cases.models import Assignment, Case
from casework.cases.queries import visible_to
from casework.cases.workflow import State
from casework.clocks.kinds import Clock
from casework.clocks.models import Deadline
from casework.enterprises.models import Enterprise
from casework.kernel.db import db
from casework.kernel.permissions import Actor, Known, Role
from casework.kernel.time import local_day
from casework.notifications.service import News, notify
from casework.roster.duty import on_duty
from casework.roster.models import Posting, Unit
from casework.roster.queries import valid_on

MOST = 30
"""People told of one event by their role: a whole district is never flooded."""


@dataclass(frozen=True, slots=True)
class Told:
    """Whom an entry concerns, as which kind of notice, and which clock runs for them."""

    kind: str
    to: Collection[int | None]
    clock: Clock | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """An entry of a case as those who tell of it see it."""

    case: Case
    fact: Any
    by_id: int | None
    now: datetime


Teller = Callable[[Happening], Iterable[Told]]


def tell(recorded: Sequence[Recorded], by: Actor | None, at: datetime) -> None:
    """Tell those whom new entries concern: stands in ``audit.service.AFTER_RECORD``."""
    for entry in recorded:
        teller = TELLS.get(type(entry.fact).__name__)
        if teller is None:
            continue
        case = db.session.get_one(Case, entry.case_id)
        for told in teller(Happening(case, entry.fact, by.user_id if by else None, at)):
            tell_of(case, told, key=f"e{entry.id}", path=f"/cases/{case.number}#e{entry.id}", by=by, now=at)


def tell_of(case: Case, told: Told, *, key: str, path: str, by: Actor | None, now: datetime) -> int:
    """Tell people of something about a case; ``key`` names it, so that each is told once."""
    news = News(
        kind=told.kind,
        subject="case",
        subject_id=case.id,
        to=[user_id for user_id in told.to if user_id],
        key=key,
        path=path,
        due_at=_due(case.id, told.clock) if told.clock else None,
        urgent=case.urgent,
        by_id=by.user_id if by else None,
        known=Known(case.number, "", unit_ids=case.unit_ids, area_ids=case.area_ids),
    )
    return notify(news, now=now)


def _due(case_id: int, clock: Clock) -> datetime | None:
    query = sa.select(Deadline.due_at).where(
        Deadline.case_id == case_id, Deadline.clock == clock, Deadline.done_at.is_(None)
    )
    return db.session.scalar(query)


def known_cases(actor: Actor | None, ids: Collection[int]) -> Mapping[int, Known]:
    """The cases among the ids that exist for a person, as messages may name them; stands in ``SUBJECTS``."""
    query = (
        sa.select(Case, Enterprise.name)
        .outerjoin(Enterprise, Enterprise.id == Case.enterprise_id)
        .where(Case.id.in_(ids))
    )
    if actor is not None:
        query = query.where(visible_to(actor))
    return {case.id: known(case, firm) for case, firm in db.session.execute(query)}


def known(case: Case, firm: str | None) -> Known:
    """What may be said of a case."""
    return Known(case.number, firm or case.requester, case.title, case.unit_ids, case.area_ids)


# -- who is meant by a role


def posted(role: Role, day_of: datetime, *conditions: sa.ColumnElement[bool]) -> list[int]:
    """The people with a role today, by a condition on their posting or unit."""
    query = sa.select(Posting.user_id).join(Unit, Unit.id == Posting.unit_id).distinct()
    query = query.where(Posting.role == role, valid_on(local_day(day_of)), *conditions)
    return list(db.session.scalars(query.order_by(Posting.user_id).limit(MOST)))


def leads_of(case: Case, now: datetime) -> list[int]:
    """Who leads the unit that has the case."""
    return posted(Role.LEAD, now, Posting.unit_id == case.unit_id) if case.unit_id else []


def regulators_of(area_ids: Collection[int], domain: str, now: datetime) -> list[int]:
    """Who regulates a domain in these areas."""
    query = (
        sa.select(Posting.user_id, Unit.domains)
        .join(Unit, Unit.id == Posting.unit_id)
        .where(Posting.role == Role.REGULATOR, Posting.area_id.in_(sorted(area_ids)), valid_on(local_day(now)))
        .order_by(Posting.user_id)
    )
    found = {user_id for user_id, domains in db.session.execute(query) if domain in (domains or ())}
    return sorted(found)[:MOST]


def desk_of(case: Case, now: datetime) -> list[int]:
    """Who has the desk now; when nobody is planned: everybody at the desks that answer for the place."""
    shifts = on_duty(case.area_ids, now)
    if shifts:
        return [shift.user_id for shift in shifts]
    return posted(Role.DESK, now, Posting.area_id.in_(sorted(case.area_ids)))


# -- what each action tells


def _moved(happening: Happening) -> Iterable[Told]:
    fact: CaseMoved = happening.fact
    teller = _ACTIONS.get(fact.action)
    return teller(happening) if teller else ()


def _lead(kind: str, clock: Clock | None = None) -> Teller:
    return lambda happening: [Told(kind, [happening.case.lead_id], clock)]


def _ruled(happening: Happening) -> Iterable[Told]:
    case = happening.case
    if case.state == State.DISPATCHED:
        before = sa.select(Assignment.user_id).where(Assignment.case_id == case.id, Assignment.to_at == happening.now)
        return [
            Told("dispatched", [case.lead_id], Clock.ACKNOWLEDGE),
            Told("ruled", [user_id for user_id in db.session.scalars(before) if user_id != case.lead_id]),
        ]
    return [Told("ruled", [case.lead_id])]


def _acknowledged(happening: Happening) -> Iterable[Told]:
    if not happening.fact.automatic:
        return []
    case = happening.case
    return [Told("acknowledged", {case.lead_id, *leads_of(case, happening.now)}, Clock.RESOLVE)]


def _objected(happening: Happening) -> Iterable[Told]:
    areas = sorted(happening.case.area_ids)
    return [Told("to_rule", posted(Role.DISTRICT_ADMIN, happening.now, Posting.area_id.in_(areas)))]


def _assigned(happening: Happening) -> Iterable[Told]:
    query = sa.select(Assignment.user_id, Assignment.part).where(
        Assignment.case_id == happening.case.id, Assignment.from_at == happening.now, Assignment.to_at.is_(None)
    )
    fresh = [(user_id, part) for user_id, part in db.session.execute(query)]
    return [
        Told("assigned", [user_id for user_id, part in fresh if part == "lead"], Clock.RESOLVE),
        Told("support", [user_id for user_id, part in fresh if part == "support"]),
    ]


def _extension(happening: Happening) -> Iterable[Told]:
    case, now = happening.case, happening.now
    leads = [user_id for user_id in leads_of(case, now) if user_id != happening.by_id]
    return [Told("extension_asked", leads or regulators_of(case.area_ids, case.domain, now))]


def _result(happening: Happening) -> Iterable[Told]:
    case, now = happening.case, happening.now
    by_lead = case.reviewer == "lead"
    reviewers = leads_of(case, now) if by_lead else regulators_of(case.area_ids, case.domain, now)
    return [Told("to_review", _but_handlers(case, reviewers), Clock.REVIEW)]


def second_signers(case: Case, now: datetime) -> list[int]:
    """Who may countersign: the authority's people and the leaders of the area, without who signed first."""
    leaders = posted(Role.AREA_LEADER, now, Posting.area_id.in_(sorted(case.area_ids)))
    found = {*regulators_of(case.area_ids, case.domain, now), *leaders} - {case.signed_by_id}
    return sorted(found)[:MOST]


def _but_handlers(case: Case, user_ids: Iterable[int]) -> list[int]:
    """Nobody is asked to judge their own work."""
    return [user_id for user_id in user_ids if user_id not in (case.handled_by or ())]


def _approved(happening: Happening) -> Iterable[Told]:
    case = happening.case
    if case.state == State.UNDER_REVIEW:
        return [Told("to_review", _but_handlers(case, second_signers(case, happening.now)), Clock.REVIEW)]
    return [Told("callback", _but_handlers(case, desk_of(case, happening.now)), Clock.CALLBACK)]


def _called_back(happening: Happening) -> Iterable[Told]:
    back = happening.case.state == State.IN_PROGRESS
    return [Told("reopened", [happening.case.lead_id], Clock.REWORK)] if back else []


def _resumed(happening: Happening) -> Iterable[Told]:
    case = happening.case
    over = happening.fact.automatic and case.state == State.IN_PROGRESS
    return [Told("resumed", [case.lead_id])] if over else []


_ACTIONS: Mapping[str, Teller] = {
    "dispatch": _lead("dispatched", Clock.ACKNOWLEDGE),
    "transfer": _lead("transferred", Clock.ACKNOWLEDGE),
    "level_up": _lead("transferred", Clock.ACKNOWLEDGE),
    "acknowledge": _acknowledged,
    "object": _objected,
    "rule": _ruled,
    "assign": _assigned,
    "extend": _extension,
    "grant_extension": _lead("granted", Clock.RESOLVE),
    "refuse_extension": _lead("refused", Clock.RESOLVE),
    "submit_result": _result,
    "approve": _approved,
    "countersign": _approved,
    "ask_proof": _lead("proof_asked", Clock.RESOLVE),
    "give_proof": _result,
    "return": _lead("returned", Clock.RESOLVE),
    "callback": _called_back,
    "reopen": _lead("reopened", Clock.REWORK),
    "resume": _resumed,
    "unpark": _resumed,
}
# Who is told of an entry, by its verb; higher packages add theirs in the wiring.
TELLS: dict[str, Teller] = {"CaseMoved": _moved}
