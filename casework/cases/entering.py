"""Cases that began and ended elsewhere: entered as closed, with the times that they had there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from casework.cases import service
from casework.cases.models import Case
from casework.cases.workflow import Outcome, State
from casework.clocks import service as clocks
from casework.clocks.kinds import Clock, Limit
from casework.clocks.models import Deadline
from casework.kernel.permissions import Actor


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
    case, _ = service.begun(
        draft, State.CLOSED, actor=actor, at=ended.submitted_at, origin=origin, external_ref=external_ref
    )
    case.outcome, case.closed_at, case.contacted_at = ended.outcome, ended.closed_at, ended.contacted_at
    case.last_at, case.last_verb = ended.closed_at, "logged"
    deadline = _deadline(case, ended)
    service.enter(case, [deadline] if deadline else [], actor=actor, now=now)
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
    deadline.done_at = ended.closed_at
    deadline.met = deadline.due_at is not None and ended.closed_at <= deadline.due_at
    return deadline
