"""The visits that enterprises chose, for the private calendar of whoever comes."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from casework.cases.models import Assignment, Case
from casework.cases.notices import known
from casework.enterprises.models import Enterprise
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.permissions import Actor
from casework.notifications.feed import MOST, Appointment
from casework.processes import running
from casework.processes.models import ProcessRun, VisitSlot
from casework.processes.words import RunState

VISIT = N_("Visit on site")


def visits(actor: Actor, since: datetime, until: datetime) -> list[Appointment]:
    """The visits that are set on the cases that a person holds, or that they offered."""
    holding = sa.select(Assignment.case_id).where(Assignment.user_id == actor.user_id, Assignment.to_at.is_(None))
    query = (
        sa.select(VisitSlot, Case, Enterprise.name)
        .join(ProcessRun, ProcessRun.id == VisitSlot.run_id)
        .join(Case, Case.id == ProcessRun.case_id)
        .outerjoin(Enterprise, Enterprise.id == Case.enterprise_id)
        .where(
            sa.or_(VisitSlot.offered_by_id == actor.user_id, ProcessRun.case_id.in_(holding)),
            running.known_to(actor),
            ProcessRun.state == RunState.RUNNING,
            VisitSlot.chosen_at.is_not(None),
            VisitSlot.withdrawn_at.is_(None),
            VisitSlot.begins_at.between(since, until),
        )
        .order_by(VisitSlot.begins_at)
        .limit(MOST)
    )
    return [
        Appointment(
            f"visit-{slot.id}",
            VISIT,
            slot.begins_at,
            slot.ends_at,
            known(case, firm),
            f"/runs/{slot.run_id}/steps/{slot.step}",
        )
        for slot, case, firm in db.session.execute(query)
    ]
