"""Cases that began and ended elsewhere: entered as closed, with the times that they had there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from casework import audit
from casework.areas.models import Area
from casework.cases import service
from casework.cases.events import CaseSubmitted
from casework.cases.models import Case, CaseType
from casework.cases.workflow import Outcome, State
from casework.clocks import service as clocks
from casework.clocks.kinds import Clock, Limit
from casework.clocks.models import Deadline
from casework.kernel import search
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.permissions import Actor, authorise


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a case went elsewhere. It was due at ``due_at``, or by a ``limit`` of ours, or there was no limit."""

    submitted_at: datetime
    closed_at: datetime
    contacted_at: datetime | None = None
    due_at: datetime | None = None
    limit: Limit | None = None
    outcome: Outcome = Outcome.SOLVED


def enter(
    draft: service.CaseDraft,
    ended: Ended,
    *,
    actor: Actor | None,
    now: datetime,
    origin: str,
    external_ref: str,
) -> Case:
    """Enter a case as closed: a number of the year it began in, its deadline decided, one entry that says so.

    Raises:
        NotFound: the area or type does not exist.
        NotPermitted: the actor may not submit for this area.
        Refused: the area lies above a district.
    """
    area, case_type = db.session.get(Area, draft.area_id), db.session.get(CaseType, draft.type_id)
    if area is None or case_type is None:
        raise NotFound("area or case type")
    case = service.new_case(draft, area, case_type, ended.submitted_at, state=State.CLOSED)
    if actor is not None:
        authorise(actor, "case.submit", case)
        case.created_by_id = actor.user_id
    case.origin, case.external_ref = origin, external_ref
    case.outcome, case.closed_at, case.contacted_at = ended.outcome, ended.closed_at, ended.contacted_at
    case.last_at, case.last_verb = ended.closed_at, "logged"
    case.number = service.next_number(area, ended.submitted_at)
    db.session.add(case)
    db.session.flush()  # the chain and the clock need the id
    if deadline := _deadline(case, ended):
        db.session.add(deadline)
    fact = CaseSubmitted(number=case.number, title=case.title, source=case.source, origin=origin, ref=external_ref)
    audit.record(fact, by=actor, at=now, case_id=case.id, new=True)
    search.put("case", case.id, 0, case.id, f"{case.number} {case.title}\n{case.requester}\n{case.text}", new=True)
    return case


def _deadline(case: Case, ended: Ended) -> Deadline | None:
    if ended.limit is not None:
        deadline = clocks.draft(clock=Clock.RESOLVE, limit=ended.limit, areas=case.area_ids, now=ended.submitted_at)
    elif ended.due_at is not None:
        deadline = Deadline(
            clock=Clock.RESOLVE,
            subject_id=0,
            calendar_id=None,
            started_at=ended.submitted_at,
            limit_minutes=max(0, int((ended.due_at - ended.submitted_at) / timedelta(minutes=1))),
            limit_days=None,
            extension_minutes=0,
            due_at=ended.due_at,
            cancelled=False,
            pauses=[],
        )
    else:
        return None
    deadline.case_id, deadline.done_at = case.id, ended.closed_at
    deadline.met = deadline.due_at is not None and ended.closed_at <= deadline.due_at
    return deadline
