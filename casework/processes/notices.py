"""Who is told that a step of a process is theirs, and that a visit is set."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from casework.cases import notices
from casework.cases.models import Case
from casework.cases.notices import TELLS, Happening, Told
from casework.enterprises.models import Enterprise
from casework.kernel.db import db
from casework.kernel.permissions import Actor, Known
from casework.notifications.service import News, notify
from casework.processes import running
from casework.processes.models import ProcessRun, StepRun
from casework.processes.words import AUTHORITY, LEAD, OFFICER


def steps_opened(opened: Collection[StepRun], *, now: datetime) -> None:
    """Tell those whose turn it is, in the transaction that opens the steps. The enterprise sees it on its page."""
    for step in opened:
        if step.actor not in (OFFICER, LEAD, AUTHORITY):
            continue
        case = db.session.get_one(Case, step.case_id)
        news = News(
            kind="step",
            subject="run",
            subject_id=step.run_id,
            to=whose(case, step, now),
            key=f"step{step.id}",
            path=f"/runs/{step.run_id}/steps/{step.step}",
            due_at=step.due_at,
            urgent=case.urgent,
            known=Known(case.number, "", unit_ids=case.unit_ids, area_ids=case.area_ids),
        )
        notify(news, now=now)


def whose(case: Case, step: StepRun, now: datetime) -> list[int]:
    """Whose turn an open step is; the enterprise is none of ours."""
    if step.actor == OFFICER:
        return list(case.holder_ids)
    if step.actor == LEAD:
        return notices.leads_of(case, now)
    return notices.regulators_of(case.area_ids, step.domain, now)


def known_runs(actor: Actor | None, ids: Collection[int]) -> Mapping[int, Known]:
    """The runs among the ids that exist for a person: an authority sees its runs without the case."""
    query = (
        sa.select(ProcessRun.id, Case, Enterprise.name)
        .join(Case, Case.id == ProcessRun.case_id)
        .outerjoin(Enterprise, Enterprise.id == Case.enterprise_id)
        .where(ProcessRun.id.in_(ids))
    )
    if actor is not None:
        query = query.where(running.known_to(actor))
    return {run_id: notices.known(case, firm) for run_id, case, firm in db.session.execute(query)}


def _visit_set(happening: Happening) -> Iterable[Told]:
    return [Told("visit", happening.case.handler_ids or [])]


def install() -> None:
    """Let the notices tell of visits that the enterprise chose."""
    TELLS["SlotChosen"] = _visit_set
