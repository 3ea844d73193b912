"""What tests of common issues build on."""

from __future__ import annotations

from typing import Any

from casework.cases.models import Case
from casework.cases.workflow import State
from casework.commons import moving, rules, service
from casework.commons.models import CommonIssue, CommonMove
from casework.kernel.db import db, transaction
from tests.factories import NOW, Office, a_case


def some_cases(office: Office, count: int = 3, state: State = State.SUBMITTED, **changes: Any) -> list[Case]:
    return [a_case(office, state, **{"requester": f"第 {n} 家店", **changes}) for n in range(count)]


def an_issue(office: Office, cases: list[Case], *, by: str = "desk", **changes: Any) -> CommonIssue:
    draft = service.Draft(**{"title": "区里停发口罩", "text": "三家供货商都停了", **changes})
    ids = [case.id for case in cases]
    issue = service.open_issue(draft=draft, case_ids=ids, why="同一家供货商", actor=office.actor(by), now=NOW)
    db.session.commit()
    return issue


def asked(office: Office, issue: CommonIssue, name: str, cases: list[Case], *, by: str = "desk", **answer: Any) -> int:
    """Ask for a move; returns its id."""
    action = rules.together(name)
    assert action is not None
    ids, actor = [case.id for case in cases], office.actor(by)
    with transaction():
        return moving.ask(issue, action, answer, ids, actor=actor, now=NOW).id


def moved(office: Office, issue: CommonIssue, name: str, cases: list[Case], *, by: str = "desk", **answer: Any) -> int:
    """Ask for a move and make it; returns its id."""
    key = asked(office, issue, name, cases, by=by, **answer)
    moving.carry_on(key, now=NOW)
    return key


def results(key: int) -> dict[int, tuple[str, list[str]]]:
    """Status and reasons by case."""
    import sqlalchemy as sa

    from casework.commons.models import CommonStep
    from casework.commons.move_queries import said

    db.session.rollback()
    steps = db.session.scalars(sa.select(CommonStep).where(CommonStep.move_id == key))
    return {step.case_id: (step.status, [str(one) for one in said(step.reasons)]) for step in steps}


def the_move(key: int) -> CommonMove:
    db.session.rollback()
    return db.session.get_one(CommonMove, key)
