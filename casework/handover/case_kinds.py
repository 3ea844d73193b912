"""Cases, the promises of ours on them, and what follows a case by itself: how they are listed and passed on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

import sqlalchemy as sa

from casework.cases import custody
from casework.cases.models import Assignment, Case, CaseType
from casework.handover.serving import serves
from casework.handover.things import Passing, Thing
from casework.kernel.db import db
from casework.kernel.i18n import language
from casework.kernel.permissions import Role
from casework.negotiations import promises
from casework.negotiations.models import Commitment, Counterparty, Negotiation, NegotiationCase
from casework.negotiations.words import UNSETTLED
from casework.processes.models import ProcessRun, StepRun, TemplateVersion
from casework.processes.queries import definition_of
from casework.processes.words import OFFICER

MOST = 5000


def cases(part: str, kind: str) -> Callable[[int, datetime], list[Thing]]:
    def held(user_id: int, now: datetime) -> list[Thing]:
        label = CaseType.en if language() == "en" else CaseType.zh
        query = (
            sa.select(Case.id, Case.number, Case.title, Case.requester, label)
            .join(Assignment, Assignment.case_id == Case.id)
            .join(CaseType, CaseType.id == Case.type_id)
            .where(
                Assignment.user_id == user_id,
                Assignment.to_at.is_(None),
                Assignment.part == part,
                Case.is_open.is_(True),
            )
            .order_by(CaseType.position, Case.id)
            .limit(MOST)
        )
        return [
            Thing(
                kind=kind,
                ref=key,
                title=title,
                detail=f"{number} {requester}",
                href=f"/cases/{number}",
                group=kind_of,
                case_id=key,
            )
            for key, number, title, requester, kind_of in db.session.execute(query)
        ]

    return held


def workable(roles: Sequence[Role]) -> Callable[[Sequence[Thing], int, date], set[int]]:
    def fits(things: Sequence[Thing], user_id: int, day: date) -> set[int]:
        units, areas = serves(user_id, day, roles)
        ids = {thing.case_id for thing in things}
        found = db.session.scalars(sa.select(Case).where(Case.id.in_(ids)))
        cases = {case.id for case in found if case.unit_id in units or case.area_ids & areas}
        return {thing.ref for thing in things if thing.case_id in cases}

    return fits


def move_cases(part: str) -> Callable[[Passing], set[int]]:
    def move(passing: Passing) -> set[int]:
        found = db.session.scalars(sa.select(Case).where(Case.id.in_(passing.refs)).order_by(Case.id))
        return {
            case.id
            for case in list(found)
            if custody.hand_over(case, part, passing.leaver.id, passing.successor.id, passing.now)
        }

    return move


# -- promises of ours


def ours_promised(user_id: int, now: datetime) -> list[Thing]:
    query = (
        sa.select(Commitment, Case.number, Case.title)
        .join(Case, Case.id == Commitment.case_id)
        .where(Commitment.promiser_id == user_id, Commitment.state.in_(UNSETTLED), Case.is_open.is_(True))
        .order_by(Commitment.due_on, Commitment.id)
        .limit(MOST)
    )
    return [
        Thing(
            kind="promise",
            ref=owed.id,
            title=owed.what,
            detail=f"{owed.due_on.isoformat()} {number} {title}",
            href=f"/cases/{number}/commitments/{owed.id}",
            group=number,
            case_id=owed.case_id,
        )
        for owed, number, title in db.session.execute(query)
    ]


def move_promises(passing: Passing) -> set[int]:
    """The successor owes them, and works on the case from now on."""
    moved = set()
    rows = db.session.execute(
        sa.select(Commitment, Case)
        .join(Case, Case.id == Commitment.case_id)
        .where(Commitment.id.in_(passing.refs), Case.is_open.is_(True))
        .order_by(Commitment.id)
    ).all()
    for owed, case in rows:
        if promises.hand_over(owed, passing.leaver, passing.successor):
            custody.join_as_support(case, passing.successor.id, passing.now)
            moved.add(owed.id)
    return moved


# -- what follows the case


def steps(user_id: int, now: datetime) -> list[Thing]:
    """Open steps of processes: whoever works on the case does them."""
    query = (
        sa.select(StepRun, TemplateVersion, Case.number, Case.title)
        .join(ProcessRun, ProcessRun.id == StepRun.run_id)
        .join(TemplateVersion, TemplateVersion.id == ProcessRun.version_id)
        .join(Case, Case.id == StepRun.case_id)
        .join(Assignment, Assignment.case_id == Case.id)
        .where(
            Assignment.user_id == user_id,
            Assignment.to_at.is_(None),
            StepRun.actor == OFFICER,
            StepRun.done_at.is_(None),
            Case.is_open.is_(True),
        )
        .order_by(StepRun.id)
        .limit(100)
    )
    return [
        Thing(
            kind="step",
            ref=step.id,
            title=definition_of(version).by_key[step.step].title.said(language()),
            detail=f"{number} {title}",
            href=f"/runs/{step.run_id}/steps/{step.step}",
            case_id=step.case_id,
        )
        for step, version, number, title in db.session.execute(query)
    ]


def visits(user_id: int, now: datetime) -> list[Thing]:
    """The next visits that talks have set."""
    query = (
        sa.select(Negotiation.id, Negotiation.next_on, Negotiation.next_step, Counterparty.name, Case.number, Case.id)
        .join(NegotiationCase, NegotiationCase.negotiation_id == Negotiation.id)
        .join(Case, Case.id == NegotiationCase.case_id)
        .join(Counterparty, Counterparty.id == Negotiation.counterparty_id)
        .join(Assignment, Assignment.case_id == Case.id)
        .where(
            Assignment.user_id == user_id,
            Assignment.to_at.is_(None),
            Case.is_open.is_(True),
            Negotiation.next_on.is_not(None),
        )
        .order_by(Negotiation.next_on, Negotiation.id)
        .limit(100)
    )
    return [
        Thing(
            kind="visit",
            ref=key,
            title=f"{day} {step or name}",
            detail=f"{number} {name}",
            href=f"/cases/{number}",
            case_id=case_id,
        )
        for key, day, step, name, number, case_id in db.session.execute(query)
    ]
