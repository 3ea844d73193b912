"""Many cases that one obstacle holds up: put together, let go one by one, settled when all have ended."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from casework.audit.models import Event
from casework.cases import service as cases_service
from casework.cases.workflow import State
from casework.commons import queries, service
from casework.commons.models import CommonIssue, IssueState, Membership
from casework.commons.queries import Counts
from casework.kernel.db import db
from casework.kernel.errors import NotFound, NotPermitted, Refused
from tests.commons.office import an_issue, some_cases
from tests.factories import NOW, Office, a_case, a_draft, take


def verbs(case_id: int) -> list[str]:
    return list(db.session.scalars(sa.select(Event.verb).where(Event.case_id == case_id).order_by(Event.id)))


def test_cases_are_put_together_and_each_story_says_so(office: Office) -> None:
    cases = some_cases(office)
    issue = an_issue(office, cases)
    assert issue.number == f"G2020-{issue.id:04d}"
    assert queries.counts([issue.id]) == {issue.id: Counts(3, 3)}
    assert all(verbs(case.id)[-1] == "CommonIssueJoined" for case in cases)
    assert issue.domain == cases[0].domain


def test_a_case_is_in_one_open_issue_at_a_time(office: Office) -> None:
    cases = some_cases(office)
    issue = an_issue(office, cases)
    other = an_issue(office, some_cases(office, 1))
    with pytest.raises(Refused, match="belongs to"):
        service.add_cases(other, [cases[0].id], why="", actor=office.actor("desk"), now=NOW)
    assert service.add_cases(issue, [cases[0].id], why="", actor=office.actor("desk"), now=NOW) == 0, "it is in"


def test_two_at_once_cannot_put_one_case_into_two_issues(office: Office) -> None:
    cases = some_cases(office, 1)
    an_issue(office, cases)
    other = an_issue(office, some_cases(office, 1))
    db.session.add(Membership(issue_id=other.id, case_id=cases[0].id, from_at=NOW, added_why="", removed_why=""))
    with pytest.raises(sa.exc.IntegrityError):
        db.session.flush()


def test_a_case_of_another_district_or_out_of_sight_stays_out(office: Office) -> None:
    cases = some_cases(office)
    issue = an_issue(office, cases)
    draft = a_draft(office, area="8802001")
    other = cases_service.submit(draft=draft, actor=office.actor("desk_b"), now=NOW)
    db.session.flush()
    with pytest.raises(Refused, match="Tick"):
        service.add_cases(issue, [other.id], why="", actor=office.actor("desk"), now=NOW)
    assert service._visible([other.id], office.actor("desk_b")) == [other]
    with pytest.raises(Refused, match="another district"):
        service._let_in(issue, [other], "", office.actor("desk"), NOW)


def test_one_case_goes_its_own_way_with_a_reason_and_the_history_stays(office: Office) -> None:
    cases = some_cases(office)
    issue = an_issue(office, cases)
    with pytest.raises(Refused, match="Reason"):
        service.remove_cases(issue, [cases[0].id], why=" ", actor=office.actor("desk"), now=NOW)
    assert service.remove_cases(issue, [cases[0].id], why="另有供货商", actor=office.actor("desk"), now=NOW) == 1
    db.session.flush()
    assert queries.counts([issue.id])[issue.id].cases == 2
    [gone] = queries.taken_out(issue, office.actor("desk"))
    assert (gone.number, gone.why, gone.by) == (cases[0].number, "另有供货商", "周文静")
    assert verbs(cases[0].id)[-1] == "CommonIssueLeft"
    take(office, cases[0], "accept")  # it goes on by itself


def test_an_issue_is_settled_only_when_each_case_has_ended_or_was_taken_out(office: Office) -> None:
    cases = some_cases(office, 2)
    issue = an_issue(office, cases)
    done = {"outcome": "solved", "text": "供货商恢复供货", "actor": office.actor("desk"), "now": NOW}
    with pytest.raises(Refused) as refusal:
        service.settle(issue, **done)
    assert refusal.value.reasons[0].values == {"n": 2}
    take(office, cases[0], "withdraw")
    db.session.flush()
    service.remove_cases(issue, [cases[1].id], why="另办", actor=office.actor("desk"), now=NOW)
    db.session.flush()
    with pytest.raises(Refused, match="Outcome"):
        service.settle(issue, **{**done, "outcome": "magic"})
    service.settle(issue, **done)
    assert (issue.state, issue.outcome) == (IssueState.SETTLED, "solved")
    with pytest.raises(Refused, match="settled"):
        service.add_cases(issue, [cases[1].id], why="", actor=office.actor("desk"), now=NOW)


def test_a_settled_issue_is_taken_up_again_with_a_reason(office: Office) -> None:
    cases = some_cases(office, 1)
    issue = an_issue(office, cases)
    take(office, cases[0], "withdraw")
    db.session.flush()
    service.settle(issue, outcome="solved", text="好了", actor=office.actor("desk"), now=NOW)
    with pytest.raises(Refused, match="Reason"):
        service.reopen(issue, reason="", actor=office.actor("desk"), now=NOW)
    service.reopen(issue, reason="又断供了", actor=office.actor("desk"), now=NOW)
    assert (issue.state, issue.settled_at, issue.outcome) == (IssueState.OPEN, None, None)


def test_a_case_of_a_settled_issue_that_was_reopened_may_join_another(office: Office) -> None:
    case = a_case(office, State.CLOSED)
    issue = an_issue(office, [case])
    service.settle(issue, outcome="solved", text="好了", actor=office.actor("desk"), now=NOW)
    db.session.flush()
    take(office, case, "reopen")
    db.session.flush()
    other = an_issue(office, some_cases(office, 1))
    assert service.add_cases(other, [case.id], why="又来了", actor=office.actor("desk"), now=NOW) == 1
    found = queries.issue_of(case.id)
    assert found is not None
    assert found[0] is other


def test_who_may_keep_an_issue(office: Office) -> None:
    cases = some_cases(office, 2, State.IN_PROGRESS)
    leader = f"{office.units['team'].id}-{office.people['lead'].id}"
    issue = an_issue(office, cases, leader=leader)
    for name in ("lead", "district_admin"):
        service.edit_issue(issue, service.Draft(title=f"{name} 改", leader=leader), actor=office.actor(name), now=NOW)
    for name in ("officer", "lead2", "area_leader", "regulator", "desk_b"):
        with pytest.raises(NotPermitted):
            service.remove_cases(issue, [cases[0].id], why="不行", actor=office.actor(name), now=NOW)


def test_who_reads_one_of_its_cases_reads_the_issue_and_nobody_else(office: Office) -> None:
    issue = an_issue(office, some_cases(office, 2, State.IN_PROGRESS))
    for name in ("officer", "helper", "lead", "area_leader", "desk", "district_admin"):
        found = db.session.scalar(sa.select(CommonIssue).where(queries.visible_to(office.actor(name))))
        # a helper has none of the roles, but reads what is theirs; here nothing is
        assert (found is issue) is (name != "helper"), name
    for name in ("officer3", "lead2", "regulator2", "desk_b", "secadmin"):
        with pytest.raises(NotFound):
            queries.visible_issue(issue.id, to=office.actor(name))


def test_a_leader_serves_in_a_team_of_the_district(office: Office) -> None:
    cases = some_cases(office, 1)
    with pytest.raises(Refused, match="serves in a team"):
        an_issue(office, cases, leader=f"{office.units['desk'].id}-{office.people['desk'].id}")
    with pytest.raises(Refused, match="few words"):
        an_issue(office, cases, title="")
