"""Leave a case out of figures, and take it back in: by a reviewer from outside, with a reason, for all to see."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from casework import audit
from casework.cases.models import Case
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.kpis.events import LeftOutOfFigures, TakenBackIn
from casework.kpis.figures import GROUPS
from casework.kpis.models import KpiExclusion
from casework.kpis.policy import EXCLUDE

LONGEST = 500
ALL = "all"


def leave_out(case: Case, *, what: str, reason: str, actor: Actor, now: datetime) -> KpiExclusion:
    """Leave a case out of a group of figures, or of all.

    Raises:
        NotPermitted: the actor may not, or serves in a unit that handles the case, or handled it.
        Refused: nothing of the kind is counted, no reason is given, or it is left out already.
    """
    authorise(actor, EXCLUDE, case)
    reasons = _reason(reason)
    if what != ALL and what not in GROUPS:
        reasons.append(because(N_("Figures: pick what the case is left out of."), "what"))
    elif {ALL, what} & {one.what for one in exclusions(case.id) if one.ended_at is None}:
        reasons.append(because(N_("It is left out of these figures already."), "what"))
    if reasons:
        raise Refused(reasons)
    row = KpiExclusion(case_id=case.id, what=what, reason=reason, by_id=actor.user_id, at=now, ended_why="")
    db.session.add(row)
    audit.record(LeftOutOfFigures(what=what, reason=reason), by=actor, at=now, case_id=case.id)
    return row


def take_back_in(case: Case, exclusion_id: int, *, reason: str, actor: Actor, now: datetime) -> None:
    """Let a case count again.

    Raises:
        NotPermitted: as for leaving it out.
        Refused: no reason is given, or it counts already.
    """
    authorise(actor, EXCLUDE, case)
    row = next((one for one in exclusions(case.id) if one.id == exclusion_id), None)
    reasons = _reason(reason)
    if row is None or row.ended_at is not None:
        reasons.append(Reason(N_("It counts for these figures already.")))
    if reasons or row is None:
        raise Refused(reasons)
    row.ended_at, row.ended_by_id, row.ended_why = now, actor.user_id, reason
    audit.record(TakenBackIn(what=row.what, reason=reason), by=actor, at=now, case_id=case.id)


def _reason(text: str) -> list[Reason]:
    if text.strip() and len(text) <= LONGEST:
        return []
    return [
        because(N_("Reason: say in at most %(most)s characters why; everybody can read it."), "reason", most=LONGEST)
    ]


def exclusions(case_id: int) -> list[KpiExclusion]:
    """Everything that was ever left out of account of a case, oldest first."""
    query = sa.select(KpiExclusion).where(KpiExclusion.case_id == case_id).order_by(KpiExclusion.id)
    return list(db.session.scalars(query))
