"""The sweep: each level once, to those whom it concerns, and nothing of what stopped, paused or moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from casework.audit.models import Event
from casework.cases import timing
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.clocks import service as clocks
from casework.clocks.kinds import Clock
from casework.clocks.models import Deadline
from casework.config import Settings
from casework.kernel.db import db, transaction
from casework.kernel.time import at_local, local_day
from casework.notifications.models import Notice
from casework.supervision import jobs, queries, service
from casework.supervision.models import Escalation
from casework.supervision.rules import Gap, Ladder
from casework.supervision.words import RUNGS, Level
from tests.factories import NOW, Office, a_case, signed_in, take
from tests.harness.threads import at_once
from tests.orders.office import an_order
from tests.supervision.conftest import levels, only_clock

Sweep = Callable[[datetime], set[tuple[str, str]]]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUE = NOW + 9 * HOUR  # a limit of one working day from nine o'clock


def test_yellow_before_and_red_after_and_then_rung_by_rung(office: Office, swept: Sweep) -> None:
    case = a_case(office, State.IN_PROGRESS)
    clock = only_clock(case, start=NOW)
    assert swept(NOW + 5 * HOUR) == set()
    assert swept(NOW + 8 * HOUR) == {("officer", "soon")}
    assert swept(DUE) == set()
    assert swept(DUE + HOUR) == {("officer", "late"), ("lead", "escalated")}
    assert swept(DUE + DAY) == set()
    assert swept(DUE + DAY + HOUR) == {("area_leader", "escalated")}
    assert swept(DUE + 2 * DAY + HOUR) == {("regulator", "escalated")}
    assert levels(clock) == ["yellow", "red", "lead", "area_leader", "regulator"]
    assert db.session.get_one(Deadline, clock.id).look_at is None
    assert swept(DUE + 90 * DAY) == set()


def test_the_story_tells_each_level(office: Office, client: FlaskClient, swept: Sweep) -> None:
    case = a_case(office, State.IN_PROGRESS)
    only_clock(case, start=NOW)
    swept(NOW + 8 * HOUR)
    swept(DUE + DAY + HOUR)
    verbs = db.session.scalars(sa.select(Event.verb).where(Event.case_id == case.id).order_by(Event.seq)).all()
    assert verbs[-4:] == ["DeadlineWarned", "DeadlineWarned", "DeadlineEscalated", "DeadlineEscalated"]
    page = signed_in(client, office.people["officer"]).get(f"/cases/{case.number}").text
    for words in ("黄牌提醒", "红牌超期", "提请包点领导", "顾长青"):
        assert words in page


def test_after_an_outage_a_late_clock_is_red_and_not_yellow_too(office: Office, swept: Sweep) -> None:
    clock = only_clock(a_case(office, State.IN_PROGRESS), start=NOW)
    swept(DUE + HOUR)
    assert levels(clock) == ["red", "lead"]


def test_what_was_done_in_time_is_never_told(office: Office, swept: Sweep) -> None:
    case = a_case(office, State.IN_PROGRESS)
    clock = only_clock(case, start=NOW)
    clocks.stop(case_id=case.id, clock=Clock.RESOLVE, now=NOW + HOUR)
    db.session.commit()
    assert swept(DUE + 9 * DAY) == set()
    assert levels(clock) == []


def test_a_paused_clock_is_never_yellow_and_resuming_it_breaches_nothing(office: Office, swept: Sweep) -> None:
    case = a_case(office, State.IN_PROGRESS)
    clock = only_clock(case, start=NOW)
    clocks.pause(case_id=case.id, clocks=[Clock.RESOLVE], reason="", now=NOW + HOUR)
    db.session.commit()
    assert swept(DUE + 9 * DAY) == set()
    clocks.resume(case_id=case.id, now=DUE + 9 * DAY)
    db.session.commit()
    assert swept(DUE + 9 * DAY + timedelta(minutes=1)) == set()
    assert levels(clock) == []


def test_levels_of_an_old_due_time_no_longer_count(office: Office, swept: Sweep) -> None:
    case = a_case(office, State.IN_PROGRESS)
    clock = only_clock(case, start=NOW)
    swept(DUE + HOUR)
    clocks.extend(case_id=case.id, clock=Clock.RESOLVE, minutes=2 * 420, now=DUE + HOUR)
    db.session.commit()
    assert swept(DUE + DAY + HOUR) == set()
    assert swept(DUE + 2 * DAY + HOUR) == {("officer", "late"), ("lead", "escalated")}
    assert levels(clock) == ["red", "lead", "red", "lead"]


def test_a_sweep_that_saw_the_old_due_time_cannot_put_the_new_one_to_sleep(office: Office) -> None:
    """The extension was read before the sweep and is written after it: it must be looked at all the same."""
    case = a_case(office, State.IN_PROGRESS)
    clock = only_clock(case, start=NOW)
    db.session.get_one(Deadline, clock.id)  # read, at its start
    moved = (
        sa.update(Deadline).where(Deadline.id == clock.id).values(look_at=DUE + 90 * DAY)
    )  # a sweep of another process
    db.session.execute(moved.execution_options(synchronize_session=False))
    clocks.extend(case_id=case.id, clock=Clock.RESOLVE, minutes=60, now=NOW + HOUR)
    db.session.commit()
    db.session.expire_all()
    assert db.session.get_one(Deadline, clock.id).look_at == NOW


def test_an_urgent_case_climbs_faster_from_the_moment_that_it_is_urgent(office: Office, swept: Sweep) -> None:
    case = a_case(office, State.IN_PROGRESS)
    only_clock(case, start=NOW)
    swept(DUE + HOUR)
    before = timing.limits_of(case)
    case.urgent = True
    timing.retime(case, before)
    db.session.commit()
    assert swept(DUE + 3 * HOUR) == {("area_leader", "escalated")}


def test_where_nobody_serves_on_a_rung_the_district_is_told(office: Office, swept: Sweep) -> None:
    case = a_case(office, State.IN_PROGRESS, area="8801002001")
    only_clock(case, start=NOW)
    swept(DUE + HOUR)
    assert swept(DUE + DAY + HOUR) == {("district_admin", "escalated")}


def test_a_bad_case_stops_no_other(office: Office, swept: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = (a_case(office, State.IN_PROGRESS) for _ in range(2))
    clocks_of = [only_clock(case, start=NOW) for case in (bad, good)]
    # A level that stands already, of a due time that the row has not: what a bug would leave behind.
    db.session.execute(sa.update(Deadline).where(Deadline.id == clocks_of[0].id).values(calendar_id=None, clock="step"))
    db.session.execute(sa.update(Deadline).where(Deadline.id == clocks_of[0].id).values(limit_minutes=10**9))
    db.session.commit()
    swept(DUE + HOUR)
    assert (levels(clocks_of[0]), levels(clocks_of[1])) == ([], ["red", "lead"])


def test_two_sweeps_at_once_tell_each_level_once(
    office: Office, app: Flask, settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    made = [only_clock(a_case(office, State.IN_PROGRESS), start=NOW).id for _ in range(12)]

    def work(one: Flask) -> None:
        with one.app_context():
            for _ in range(4):
                jobs.sweep(DUE + HOUR)
            db.session.remove()

    at_once(app, [partial(work, one) for one in (app, make_app(settings), make_app(settings))])
    jobs.sweep(DUE + HOUR)
    db.session.rollback()
    rows = db.session.execute(sa.select(Escalation.deadline_id, Escalation.level)).all()
    assert sorted(rows) == sorted((key, level) for key in made for level in ("red", "lead"))
    keys = db.session.scalars(sa.select(Notice.key).where(Notice.kind.in_(("late", "escalated")))).all()
    assert len(keys) == 24


def test_a_sweep_costs_what_is_due_and_not_what_is_open(office: Office, query_count: Callable[[], object]) -> None:
    for _ in range(3):
        only_clock(a_case(office, State.IN_PROGRESS), start=NOW)
    jobs.sweep(NOW + HOUR)  # now each is known to be looked at later
    with query_count() as sent:  # type: ignore[attr-defined]
        assert jobs.sweep(NOW + 2 * HOUR) == 0
    assert len(sent) == 1


def test_another_ladder_tells_what_is_due_by_it_and_nothing_twice(office: Office, swept: Sweep) -> None:
    case = a_case(office, State.IN_PROGRESS)
    only_clock(case, start=NOW)
    swept(DUE + HOUR)
    ladder = Ladder(gaps={Level.LEAD: Gap(0), Level.AREA_LEADER: Gap(1, "hours"), Level.REGULATOR: Gap(9)})
    district = office.areas["8801"]
    later = DUE + DAY - 6 * HOUR
    assert queries.preview(district, ladder, now=later).levels["area_leader"] == 1
    with transaction():
        service.set_ladder(district, ladder, actor=office.actor("district_admin"), now=later)
    assert swept(later) == {("area_leader", "escalated")}


def test_a_deputy_is_told_while_the_officer_is_away(office: Office, swept: Sweep) -> None:
    from casework.roster.models import Absence

    case = a_case(office, State.IN_PROGRESS)
    only_clock(case, start=NOW)
    take(office, case, "assign", now=NOW)
    today, people = local_day(NOW), office.people
    db.session.add(
        Absence(user_id=people["officer"].id, kind="leave", from_on=today, to_on=today, deputy_id=people["officer2"].id)
    )
    db.session.commit()
    assert swept(NOW + 8 * HOUR) == {("officer", "soon"), ("officer2", "soon")}


def test_a_promise_is_told_the_day_before_and_again_when_its_day_is_over(office: Office, swept: Sweep) -> None:
    from casework.negotiations import promises
    from casework.negotiations.words import Debtor
    from tests.negotiations.deal import a_promise_draft

    case = a_case(office, State.IN_PROGRESS)
    clocks.cancel(case_id=case.id, now=NOW)
    draft = a_promise_draft(debtor=Debtor.US, who="沈砚秋")
    promise = promises.promise(case, draft, actor=office.actor("officer"), now=NOW)
    db.session.commit()
    over = at_local(promise.due_on + DAY)
    assert swept(over - DAY - 20 * HOUR) == set()
    assert swept(over - DAY) == {("officer", "promise_due")}
    assert swept(over + HOUR) == set()  # at night
    assert ("officer", "late") in swept(at_local(promise.due_on + DAY, 9, 1))
    paths = db.session.scalars(sa.select(Notice.path).where(Notice.kind == "promise_due")).all()
    assert [path.endswith(f"/commitments/{promise.id}") for path in paths] == [True]


def test_a_promise_that_was_proven_is_no_longer_told_of(office: Office, swept: Sweep) -> None:
    from casework.negotiations import promises
    from casework.negotiations.words import Debtor
    from tests.negotiations.deal import a_promise_draft

    case = a_case(office, State.IN_PROGRESS)
    clocks.cancel(case_id=case.id, now=NOW)
    draft = a_promise_draft(debtor=Debtor.US, who="沈砚秋")
    promise = promises.promise(case, draft, actor=office.actor("officer"), now=NOW)
    promises.prove(case, promise, "清单已签收", actor=office.actor("officer"), now=NOW + HOUR)
    db.session.commit()
    assert swept(at_local(promise.due_on) + 9 * DAY) == set()


def test_what_is_brought_before_somebody_goes_from_their_desk_alone_when_seen(
    office: Office, client: FlaskClient, swept: Sweep
) -> None:
    case = a_case(office, State.IN_PROGRESS)
    only_clock(case, start=NOW)
    swept(DUE + DAY + HOUR)
    leader, lead = (office.actor(name) for name in ("area_leader", "lead"))
    [mine], [leads] = queries.brought_before(leader, limit=9), queries.brought_before(lead, limit=9)
    assert (mine.level, leads.level) == (RUNGS[1], RUNGS[0])
    page = signed_in(client, office.people["area_leader"]).get("/").text
    assert "提请您关注" in page
    assert client.post(f"/escalations/{leads.id}/seen").status_code == 404
    assert client.post(f"/escalations/{mine.id}/seen").status_code == 303
    db.session.rollback()
    assert (queries.brought_before(leader, limit=9), len(queries.brought_before(lead, limit=9))) == ([], 1)


def test_the_desk_asks_as_often_for_many_late_cases_as_for_one(
    office: Office, client: FlaskClient, swept: Sweep, query_count: Callable[[], object]
) -> None:
    asked = []
    signed_in(client, office.people["area_leader"])
    for number in (1, 7):
        for _ in range(number):
            only_clock(a_case(office, State.IN_PROGRESS), start=NOW)
        swept(DUE + DAY + HOUR)
        client.get("/")
        with query_count() as sent:  # type: ignore[attr-defined]
            page = client.get("/").text
        assert page.count("/seen") == len(queries.brought_before(office.actor("area_leader"), limit=20))
        asked.append(len(sent))
    assert asked[0] == asked[1]


def test_a_case_asks_as_often_with_a_long_history_as_with_a_short_one(
    office: Office, client: FlaskClient, swept: Sweep, query_count: Callable[[], object]
) -> None:
    case = a_case(office, State.IN_PROGRESS)
    only_clock(case, start=NOW)
    asked = []
    signed_in(client, office.people["lead"])
    for now in (NOW + 8 * HOUR, DUE + 9 * DAY):
        swept(now)
        with transaction():
            service.urge(case, "快些", actor=office.actor("lead"), now=now)
        client.get(f"/cases/{case.number}")
        with query_count() as sent:  # type: ignore[attr-defined]
            client.get(f"/cases/{case.number}")
        asked.append(len(sent))
    assert asked[0] == asked[1]


def test_what_no_longer_stands_is_dropped_and_what_stands_is_kept(office: Office, swept: Sweep) -> None:
    settled, stands = (a_case(office, State.IN_PROGRESS) for _ in range(2))
    for case in (settled, stands):
        only_clock(case, start=NOW)
    swept(DUE + HOUR)
    clocks.stop(case_id=settled.id, clock=Clock.RESOLVE, now=DUE + 2 * HOUR)
    db.session.commit()
    assert (jobs.tidy(DUE + 3 * HOUR), jobs.tidy(DUE + 3 * HOUR)) == (1, 0)
    [left] = queries.brought_before(office.actor("lead"), limit=9)
    assert left.number == stands.number


def test_what_was_settled_is_no_longer_before_anybody(office: Office, swept: Sweep) -> None:
    case = a_case(office, State.IN_PROGRESS)
    only_clock(case, start=NOW)
    swept(DUE + HOUR)
    clocks.stop(case_id=case.id, clock=Clock.RESOLVE, now=DUE + 2 * HOUR)
    db.session.commit()
    assert queries.brought_before(office.actor("lead"), limit=9) == []


def test_a_late_order_on_many_cases_is_told_once_a_person_and_leads_to_the_order(office: Office, swept: Sweep) -> None:
    order = an_order(office, [a_case(office, State.IN_PROGRESS) for _ in range(3)])
    others = sa.update(Deadline).where(Deadline.clock != Clock.ORDER)
    db.session.execute(others.values(done_at=NOW, cancelled=True, look_at=None))
    db.session.commit()
    due = order.due_at
    assert due is not None
    db.session.execute(sa.update(Case).values(unit_id=office.units["team2"].id))
    db.session.commit()
    assert ("lead", "late") in swept(due + timedelta(minutes=1)), "it is told to the unit it is addressed to"
    late = db.session.scalars(sa.select(Notice).where(Notice.kind == "late")).all()
    assert [(row.user_id, row.path) for row in late] == [(office.people["lead"].id, f"/orders/{order.id}")]
    assert not queries.brought_before(office.actor("lead", due.date()), limit=10), "it stands on the desk as an order"
