"""Every write to a common issue: open it, let cases in and out, change it, settle it. Moves are made in ``moving``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.areas.models import Area
from casework.cases import queries as case_queries
from casework.cases import service as cases
from casework.cases.models import Case
from casework.cases.workflow import OUTCOME_LABELS
from casework.commons import queries, rules
from casework.commons.events import CommonIssueJoined, CommonIssueLeft
from casework.commons.issue_events import (
    CommonIssueEdited,
    CommonIssueOpened,
    CommonIssueReopened,
    CommonIssueSettled,
)
from casework.commons.models import CommonIssue, IssueState, Membership
from casework.commons.policy import EDIT
from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day

WHY, TEXT = 300, 5000
NOT_OPEN = N_("This common issue is settled: take it up again first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an issue is about, and who leads it as ``unit-person`` (empty: nobody yet); texts already trimmed."""

    title: str
    text: str = ""
    leader: str = ""


def open_issue(*, draft: Draft, case_ids: Sequence[int], why: str, actor: Actor, now: datetime) -> CommonIssue:
    """Make a common issue of some cases of one district.

    Raises:
        NotPermitted: neither the district nor the unit that leads is the actor's.
        Refused: a word is missing, no case is ticked, they lie in two districts, or one is in another issue.
    """
    found = _visible(case_ids, actor)
    if not found:
        raise Refused(because(N_("Tick the cases that belong together."), "cases"))
    district = db.session.get_one(Area, found[0].district_id)
    issue = CommonIssue(
        district_id=district.id,
        city_id=district.city_id,
        domain=found[0].domain,
        state=IssueState.OPEN,
        opened_at=now,
        opened_by_id=actor.user_id,
    )
    _fill(issue, draft, district, now)
    authorise(actor, EDIT, issue)
    db.session.add(issue)
    db.session.flush()  # its number is its id
    audit.record(CommonIssueOpened(issue.id, issue.number, issue.title), by=actor, at=now)
    _let_in(issue, found, why, actor, now)
    return issue


def edit_issue(issue: CommonIssue, draft: Draft, *, actor: Actor, now: datetime) -> None:
    """Change what it says or who leads it.

    Raises:
        NotPermitted: it is not the actor's, or would not be afterwards.
        Refused: a word is missing, or the leader serves in no team of the district.
    """
    authorise(actor, EDIT, issue)
    before = _shown(issue)
    _fill(issue, draft, db.session.get_one(Area, issue.district_id), now)
    authorise(actor, EDIT, issue)
    after = _shown(issue)
    if changes := {name: [before[name], after[name]] for name in before if before[name] != after[name]}:
        db.session.flush()  # a stale row must refuse before the fact is written
        audit.record(CommonIssueEdited(issue.id, issue.number, changes), by=actor, at=now)


def add_cases(issue: CommonIssue, case_ids: Sequence[int], *, why: str, actor: Actor, now: datetime) -> int:
    """Let cases in; returns how many came. Those that are in already are passed over.

    Raises:
        NotPermitted: the issue is not the actor's.
        Refused: no case is chosen, one lies in another district or issue, or the issue is settled.
    """
    authorise(actor, EDIT, issue)
    _hold(issue)
    found = _visible(case_ids, actor)
    if not found:
        raise Refused(because(N_("Tick the cases that belong together."), "cases"))
    return _let_in(issue, found, why, actor, now)


def remove_cases(issue: CommonIssue, case_ids: Sequence[int], *, why: str, actor: Actor, now: datetime) -> int:
    """Let cases go on by themselves; returns how many went.

    Raises:
        NotPermitted: the issue is not the actor's.
        Refused: no case is ticked, no reason is given, or the issue is settled.
    """
    authorise(actor, EDIT, issue)
    _hold(issue)
    reasons = [] if case_ids else [because(N_("Tick the cases that go on by themselves."), "cases")]
    if not why.strip():
        reasons.append(because(N_("Reason: write why they no longer belong here."), "why"))
    if reasons:
        raise Refused(reasons)
    found = {case.id: case for case in _visible(case_ids, actor)}
    listed = db.session.scalars(
        sa.select(Membership).where(
            Membership.issue_id == issue.id, Membership.case_id.in_(list(found)), Membership.to_at.is_(None)
        )
    ).all()
    for member in listed:
        member.to_at, member.removed_by_id, member.removed_why = now, actor.user_id, why[:WHY]
        fact = CommonIssueLeft(issue.id, issue.number, issue.title, why[:WHY])
        _tell(found[member.case_id], fact, "leave_common", actor, now)
    return len(listed)


def settle(issue: CommonIssue, *, outcome: str, text: str, actor: Actor, now: datetime) -> None:
    """End the issue, once each of its cases has ended or was taken out.

    Raises:
        NotPermitted: it is not the actor's.
        Refused: cases are open, or it is not said how it ended.
    """
    authorise(actor, EDIT, issue)
    _hold(issue)
    reasons = []
    if outcome not in OUTCOME_LABELS:
        reasons.append(because(N_("Outcome: pick one."), "outcome"))
    if not text.strip():
        reasons.append(because(N_("What was done: write at least one sentence."), "text"))
    if still := queries.still_open(issue):
        said = N_("%(n)s of its cases are still open: end them, or take them out with a reason.")
        reasons.append(because(said, n=still))
    if reasons:
        raise Refused(reasons)
    issue.state, issue.outcome, issue.outcome_text = IssueState.SETTLED, outcome, text[:TEXT]
    issue.settled_at, issue.settled_by_id = now, actor.user_id
    db.session.flush()  # a stale row must refuse before the fact is written
    fact = CommonIssueSettled(issue.id, issue.number, issue.title, outcome, text[:TEXT])
    audit.record(fact, by=actor, at=now)


def reopen(issue: CommonIssue, *, reason: str, actor: Actor, now: datetime) -> None:
    """Take a settled issue up again.

    Raises:
        NotPermitted: it is not the actor's.
        Refused: it is not settled, or no reason is given.
    """
    authorise(actor, EDIT, issue)
    if issue.is_open:
        raise Refused(because(N_("This common issue is open.")))
    if not reason.strip():
        raise Refused(because(N_("Reason: write why it is taken up again."), "why"))
    issue.state, issue.outcome, issue.settled_at, issue.settled_by_id = IssueState.OPEN, None, None, None
    db.session.flush()  # a stale row must refuse before the fact is written
    audit.record(CommonIssueReopened(issue.id, issue.number, issue.title, reason[:WHY]), by=actor, at=now)


def _visible(case_ids: Sequence[int], actor: Actor) -> list[Case]:
    """Those of the cases that the actor may know of, by id; others are passed over, as they are not shown."""
    query = sa.select(Case).where(Case.id.in_(list(case_ids)[: rules.MOST_CASES]), case_queries.visible_to(actor))
    return list(db.session.scalars(query.order_by(Case.id)))


def _hold(issue: CommonIssue) -> None:
    """Hold the issue until the transaction ends, so that none comes in while it is settled."""
    query = sa.select(CommonIssue.state).where(CommonIssue.id == issue.id).with_for_update()
    if db.session.scalar(query) != IssueState.OPEN:
        raise Refused(because(NOT_OPEN))


def _let_in(issue: CommonIssue, found: Sequence[Case], why: str, actor: Actor, now: datetime) -> int:
    ids = [case.id for case in found]
    current = {
        member.case_id: member
        for member in db.session.scalars(
            sa.select(Membership).where(Membership.case_id.in_(ids), Membership.to_at.is_(None))
        )
    }
    fresh = [case for case in found if case.id not in current or current[case.id].issue_id != issue.id]
    _refuse_others(issue, fresh)
    for case in fresh:
        if case.id in current:  # of an issue that is settled: the case was taken up again since
            current[case.id].to_at, current[case.id].removed_by_id = now, actor.user_id
    db.session.flush()  # the old ones end before the new ones begin: a case is in one issue at a time
    for case in fresh:
        db.session.add(
            Membership(issue_id=issue.id, case_id=case.id, from_at=now, added_by_id=actor.user_id, added_why=why[:WHY])
        )
        fact = CommonIssueJoined(issue.id, issue.number, issue.title, why[:WHY])
        _tell(case, fact, "join_common", actor, now)
    return len(fresh)


def _refuse_others(issue: CommonIssue, fresh: Sequence[Case]) -> None:
    reasons = [
        because(N_("%(number)s lies in another district: leave it out."), "cases", number=case.number)
        for case in fresh
        if case.district_id != issue.district_id
    ]
    busy = queries.in_another([case.id for case in fresh], issue.id)
    reasons += [
        because(
            N_("%(number)s belongs to %(other)s already: take it out there first."),
            "cases",
            number=case.number,
            other=busy[case.id].number,
        )
        for case in fresh
        if case.id in busy
    ]
    have = queries.counts([issue.id]).get(issue.id, queries.Counts()).cases
    if have + len(fresh) > rules.MOST_CASES:
        reasons.append(because(N_("A common issue holds at most %(most)s cases."), "cases", most=rules.MOST_CASES))
    if reasons:
        raise Refused(reasons)


def _tell(case: Case, fact: audit.Fact, verb: str, actor: Actor, now: datetime) -> None:
    audit.record(fact, by=actor, at=now, case_id=case.id)
    cases.touch(case, verb, now)


def _fill(issue: CommonIssue, draft: Draft, district: Area, now: datetime) -> None:
    reasons = []
    if not draft.title:
        reasons.append(because(N_("What holds them up: write it in a few words."), "title"))
    if len(draft.title) > 120:
        reasons.append(because(N_("What holds them up: shorten it to 120 characters."), "title"))
    if len(draft.text) > TEXT:
        reasons.append(because(N_("More about it: shorten it to 5,000 characters."), "text"))
    unit_id, lead_id = rules.leader_of(draft.leader)
    offered = queries.who_may_lead(district, local_day(now))
    same = (unit_id, lead_id) == (issue.unit_id, issue.lead_id)
    if draft.leader and not same and not any(draft.leader == key for listed in offered.values() for key, _ in listed):
        reasons.append(because(N_("Who leads it: pick someone who serves in a team of the district today."), "leader"))
    if reasons:
        raise Refused(reasons)
    issue.title, issue.text, issue.unit_id, issue.lead_id = draft.title, draft.text, unit_id, lead_id


def _shown(issue: CommonIssue) -> dict[str, Any]:
    return {name: getattr(issue, name) for name in ("title", "text", "unit_id", "lead_id")}
