"""Every read of common issues, from ``visible_to(actor)``: who may know of one of its cases may know of the issue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas import queries as areas
from casework.areas.models import Area, Level
from casework.cases import lists
from casework.cases import queries as case_queries
from casework.cases.custody import LEADING
from casework.cases.models import Case, CaseType
from casework.cases.rules import CaseFacts
from casework.cases.workflow import Action
from casework.commons import rules
from casework.commons.models import CommonIssue, IssueState, Membership
from casework.commons.policy import READERS
from casework.files.models import Attachment
from casework.kernel import paging
from casework.kernel.db import db, grouped, one
from casework.kernel.errors import N_, Reason
from casework.kernel.i18n import language
from casework.kernel.permissions import Actor, Duty, Scope, can
from casework.roster.models import Posting, Unit, UnitKind
from casework.roster.queries import valid_on
from casework.supervision import queries as urging
from casework.supervision.rules import urge_faults

PAGE = 50


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition under which an issue exists for this person: the table as SQL, or one of its cases is visible."""
    conditions = [
        condition
        for duty in actor.duties
        for letter in READERS.get(duty.role, "")
        if (condition := _reached(Scope(letter), actor, duty)) is not None
    ]
    one_case = (
        sa.select(Membership.id)
        .join(Case, Case.id == Membership.case_id)
        .where(Membership.issue_id == CommonIssue.id, Membership.to_at.is_(None), case_queries.visible_to(actor))
    )
    return sa.or_(*conditions, one_case.exists())


def _reached(scope: Scope, actor: Actor, duty: Duty) -> sa.ColumnElement[bool] | None:
    if scope is Scope.OWN:
        return CommonIssue.lead_id == actor.user_id
    if scope is Scope.TEAM:
        return CommonIssue.unit_id == duty.unit_id
    column = {Level.CITY.value: CommonIssue.city_id, Level.DISTRICT.value: CommonIssue.district_id}.get(duty.area_level)
    if column is None:
        return None  # who serves a part of the district reads an issue by its cases
    inside = column == duty.area_id
    return sa.and_(inside, CommonIssue.domain.in_(sorted(duty.domains))) if scope is Scope.AUTHORITY else inside


def visible_issue(issue_id: int, *, to: Actor) -> CommonIssue:
    """One issue.

    Raises:
        NotFound: there is none, or nothing of it is theirs to see.
    """
    return one(sa.select(CommonIssue).where(CommonIssue.id == issue_id, visible_to(to)), "common issue")


def issues(actor: Actor, state: str, at: paging.At) -> paging.Page[CommonIssue]:
    """Those one may see, newest first, fifty a page."""
    query = sa.select(CommonIssue).where(visible_to(actor), CommonIssue.state == state)
    keys = (paging.Key(CommonIssue.id, int, down=True),)
    return paging.page_of(query, keys, at, PAGE, values=lambda issue: [issue.id], whole=True)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases an issue has, and how many of them are still open."""

    cases: int = 0
    open: int = 0


def counts(issue_ids: Iterable[int]) -> dict[int, Counts]:
    """The present cases of some issues, whoever may see them: sums, no names."""
    query = (
        sa.select(Membership.issue_id, sa.func.count(), sa.func.count(sa.case((Case.is_open.is_(True), 1))))
        .join(Case, Case.id == Membership.case_id)
        .where(Membership.issue_id.in_(list(issue_ids)), Membership.to_at.is_(None))
        .group_by(Membership.issue_id)
    )
    return {issue_id: Counts(cases, still) for issue_id, cases, still in db.session.execute(query)}


def inside(issue_id: int) -> sa.ColumnElement[bool]:
    """The condition that a case belongs to the issue now."""
    members = sa.select(Membership.case_id).where(Membership.issue_id == issue_id, Membership.to_at.is_(None))
    return Case.id.in_(members)


def by_state(issue: CommonIssue, actor: Actor) -> dict[str, int]:
    """How many of its cases that one may see stand in which state."""
    query = sa.select(Case.state, sa.func.count()).where(inside(issue.id), case_queries.visible_to(actor))
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Case.state))}


def page_of_cases(issue: CommonIssue, actor: Actor, state: str, at: paging.At, now: datetime) -> paging.Page[Any]:
    """Its cases that one may see, newest first."""
    filters = lists.Filters(scope="all", state=state)
    return lists.cases(actor, filters, at.after, before=at.before, now=now, only=inside(issue.id))


def cases_of(issue: CommonIssue, actor: Actor) -> list[Case]:
    """All its cases that one may see, by number; an issue holds a thousand at most."""
    query = sa.select(Case).where(inside(issue.id), case_queries.visible_to(actor)).order_by(Case.id)
    return list(db.session.scalars(query.limit(rules.MOST_CASES)))


def issue_of(case_id: int) -> tuple[CommonIssue, Membership] | None:
    """The issue that a case belongs to now, with since when and why."""
    query = (
        sa.select(CommonIssue, Membership)
        .join(Membership, Membership.issue_id == CommonIssue.id)
        .where(Membership.case_id == case_id, Membership.to_at.is_(None))
    )
    row = db.session.execute(query).first()
    return (row[0], row[1]) if row else None


@dataclass(frozen=True, slots=True)
class Gone:
    """A case that was taken out: which, when, by whom and why."""

    number: str
    title: str
    at: datetime | None
    by: str
    why: str


def taken_out(issue: CommonIssue, actor: Actor) -> list[Gone]:
    """The last fifty that went their own way, as far as one may see them."""
    query = (
        sa.select(Case.number, Case.title, Membership.to_at, User.name, Membership.removed_why)
        .join(Case, Case.id == Membership.case_id)
        .outerjoin(User, User.id == Membership.removed_by_id)
        .where(Membership.issue_id == issue.id, Membership.to_at.is_not(None), case_queries.visible_to(actor))
        .order_by(Membership.to_at.desc(), Membership.id.desc())
        .limit(50)
    )
    return [Gone(*row) for row in db.session.execute(query)]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One case before a move: whether it can go, or why not; ``lacks`` is evidence that may come with the move."""

    case: Case
    why: tuple[Reason, ...] = ()
    lacks: tuple[str, ...] = ()


def preview(issue: CommonIssue, action: Action, actor: Actor, now: datetime) -> list[Waiting]:
    """For each case whether it can take the action now; those that can come first."""
    return waiting_of(cases_of(issue, actor), action, actor, now)


def waiting_of(found: Sequence[Case], action: Action, actor: Actor, now: datetime) -> list[Waiting]:
    """For each of the cases whether it can take the action now; those that can come first."""
    again = urging.urges_again(found, now) if action is rules.URGE else {}
    files = _files_of([case.id for case in found if case.state in action.sources]) if action.guards else {}
    held = types_of(found)  # the session forgets what nobody holds, and would ask for each case's type anew
    lines = [_waiting(case, action, actor, now, files.get(case.id, []), again) for case in found if held]
    return sorted(lines, key=lambda one: bool(one.why))


def _waiting(
    case: Case,
    action: Action,
    actor: Actor,
    now: datetime,
    files: Sequence[Attachment],
    again: Mapping[int, datetime],
) -> Waiting:
    deep = bool(action.guards) and case.state in action.sources
    facts: CaseFacts = case_queries.facts(case, actor, now=now, files=files, deep=deep)
    why = rules.hindrances(action, facts)
    if not why and not can(actor, action.permission, case):
        why = [Reason(N_("it is not yours to do there"))]
    if not why and case.id in again:
        why = urge_faults("—", again[case.id], is_open=True)
    return Waiting(case, tuple(why), tuple(facts.missing_evidence))


def _files_of(case_ids: Sequence[int]) -> dict[int, list[Attachment]]:
    return grouped(sa.select(Attachment.case_id, Attachment).where(Attachment.case_id.in_(case_ids)))


def types_of(cases: Iterable[Case]) -> list[CaseType]:
    """The types of some cases, each once."""
    wanted = {case.type_id for case in cases}
    return [kind for kind in case_queries.case_types(active=False) if kind.id in wanted]


def evidence_of(kinds: Iterable[CaseType]) -> dict[str, str]:
    """What files may prove for cases of these types: key to words."""
    label = "en" if language() == "en" else "zh"
    return {item["key"]: item[label] for kind in kinds for item in kind.evidence}


def who_may_lead(district: Area, today: date) -> dict[str, list[tuple[str, str]]]:
    """Officers and leads of the district's teams today, by the name of the team: (``unit-person``, name)."""
    query = (
        sa.select(Unit.id, Unit.name, User.id, User.name)
        .join(Posting, Posting.unit_id == Unit.id)
        .join(User, User.id == Posting.user_id)
        .join(Area, Area.id == Unit.area_id)
        .where(
            Unit.kind == UnitKind.TEAM,
            Unit.closed_on.is_(None),
            areas.within(district.id, district.level),
            Posting.role.in_(LEADING),
            valid_on(today),
            User.disabled_at.is_(None),
        )
        .distinct()
        .order_by(Unit.name, Unit.id, User.name, User.id)
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for unit_id, unit, user_id, name in db.session.execute(query):
        found.setdefault(unit, []).append((f"{unit_id}-{user_id}", name))
    return found


def by_numbers(numbers: Sequence[str], actor: Actor) -> tuple[list[int], list[str]]:
    """The ids of the cases with these numbers that one may see, and the numbers that name none."""
    query = sa.select(Case.number, Case.id).where(Case.number.in_(numbers), case_queries.visible_to(actor))
    found = {row[0]: row[1] for row in db.session.execute(query)}
    return list(found.values()), [number for number in numbers if number not in found]


def lines_of(case_ids: Sequence[int], actor: Actor) -> list[Any]:
    """What a list to tick shows of some cases, as far as one may see them."""
    query = sa.select(Case.id, Case.number, Case.title, Case.text, Case.requester, Case.state, Case.district_id).where(
        Case.id.in_(case_ids), case_queries.visible_to(actor)
    )
    return list(db.session.execute(query.order_by(Case.id.desc())))


def in_another(case_ids: Sequence[int], issue_id: int) -> dict[int, CommonIssue]:
    """Which of the cases belong to an open issue, other than this one, by case."""
    query = (
        sa.select(Membership.case_id, CommonIssue)
        .join(CommonIssue, CommonIssue.id == Membership.issue_id)
        .where(
            Membership.case_id.in_(case_ids),
            Membership.to_at.is_(None),
            CommonIssue.state == IssueState.OPEN,
            CommonIssue.id != issue_id,
        )
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def still_open(issue: CommonIssue) -> int:
    """How many of its cases have not ended, whoever may see them."""
    return counts([issue.id]).get(issue.id, Counts()).open
