"""What looks like a common issue among the newest open cases; people decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.cases import queries as case_queries
from casework.cases.models import Case
from casework.commons import rules
from casework.commons.models import CommonIssue, IssueState, Membership
from casework.commons.rules import Cluster
from casework.intake.likeness import Report, likely
from casework.kernel.db import db
from casework.kernel.permissions import Actor

LOOKED_AT, WITHIN = 500, timedelta(days=30)
SUGGESTED = 20


def loose(actor: Actor, district_id: int, now: datetime) -> list[Any]:
    """The newest 500 open cases of the district of the last 30 days that one may see and that are in no open issue."""
    busy = (
        sa.select(Membership.id)
        .join(CommonIssue, CommonIssue.id == Membership.issue_id)
        .where(Membership.case_id == Case.id, Membership.to_at.is_(None), CommonIssue.state == IssueState.OPEN)
        .exists()
    )
    query = sa.select(
        Case.id, Case.number, Case.title, Case.text, Case.requester, Case.enterprise_id, Case.community_id, Case.state
    ).where(
        Case.district_id == district_id,
        Case.is_open.is_(True),
        Case.submitted_at >= now - WITHIN,
        ~busy,
        case_queries.visible_to(actor),
    )
    return list(db.session.execute(query.order_by(Case.id.desc()).limit(LOOKED_AT)))


def _report(row: Any) -> Report:
    firm = str(row.enterprise_id or "".join(row.requester.split()))
    return Report(row.id, row.title, row.text, firm, "", row.community_id or 0)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Cases that look like one common issue, the middle one first."""

    cluster: Cluster
    rows: Sequence[Any]


def suggestions(actor: Actor, district_id: int, now: datetime) -> list[Suggestion]:
    """Groups of open cases that are alike, largest first."""
    rows: Mapping[int, Any] = {row.id: row for row in loose(actor, district_id, now)}
    found = rules.clusters([_report(row) for row in rows.values()])[:SUGGESTED]
    return [Suggestion(one, [rows[key] for key in one.keys]) for one in found]


def alike(title: str, text: str, actor: Actor, district_id: int, now: datetime, most: int = 20) -> list[Any]:
    """The open cases in no issue that are most like these words."""
    rows = {row.id: row for row in loose(actor, district_id, now)}
    found = likely(Report(0, title, text), [_report(row) for row in rows.values()], most)
    return [rows[one.key] for one in found]
