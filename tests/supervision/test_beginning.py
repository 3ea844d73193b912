"""How the ladder begins where cases run already: nothing is lost, and what is late is not told all at once."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade

from casework.cases.workflow import State
from casework.clocks import service as clocks
from casework.clocks.kinds import Clock
from casework.clocks.models import Deadline
from casework.config import ROOT
from casework.kernel.db import db
from casework.kernel.time import utcnow
from casework.negotiations import promises
from casework.negotiations.words import Debtor
from casework.seeding import seed
from casework.supervision import jobs, queries
from casework.supervision.models import Escalation
from tests.factories import NOW, Office, a_case
from tests.negotiations.deal import a_promise_draft
from tests.supervision.conftest import levels, only_clock

FOLDER = str(ROOT / "migrations")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def migrated_down_and_up() -> None:
    db.session.remove()
    db.engine.dispose()
    downgrade(directory=FOLDER, revision="0014")
    upgrade(directory=FOLDER)


def test_what_is_late_when_the_ladder_comes_is_told_only_when_it_is_late_anew(office: Office, app: Flask) -> None:
    now = utcnow()
    late, running = (a_case(office, State.IN_PROGRESS, now=now - 30 * DAY) for _ in range(2))
    old, new = (only_clock(case, start=start) for case, start in ((late, now - 30 * DAY), (running, now)))
    old_id, new_id, case_id = old.id, new.id, late.id
    migrated_down_and_up()
    assert jobs.sweep(now + HOUR / 60) == 0
    assert db.session.get_one(Deadline, new_id).look_at is not None
    assert queries.history(case_id).lines == ()
    db.session.rollback()
    clocks.extend(case_id=case_id, clock=Clock.RESOLVE, minutes=60 * 420, now=now)
    db.session.commit()
    jobs.sweep(now + 200 * DAY)
    told = db.session.scalars(sa.select(Escalation.level).where(Escalation.told_at.is_not(None)))
    assert sorted(told) == sorted(2 * ["red", "lead", "area_leader", "regulator"])
    assert levels(db.session.get_one(Deadline, old_id))[5:] == ["red", "lead", "area_leader", "regulator"]


def test_the_next_edit_of_the_ladder_does_not_tell_it_either(office: Office, app: Flask) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow() - 30 * DAY)
    old = only_clock(case, start=utcnow() - 30 * DAY)
    old_id = old.id
    migrated_down_and_up()
    clocks.look_again(db.session.get_one(Deadline, old_id))
    db.session.commit()
    assert jobs.sweep(utcnow()) == 0


def test_a_promise_made_before_the_ladder_came_has_a_clock_after_it(office: Office, app: Flask) -> None:
    now = utcnow()
    case = a_case(office, State.IN_PROGRESS, now=now)
    today = now.date()
    draft = a_promise_draft(debtor=Debtor.US, who="沈砚秋", promised_on=today, due_on=today + 9 * DAY)
    made = promises.promise(case, draft, actor=office.actor("officer", day=today), now=now)
    db.session.commit()
    query = sa.select(Deadline.case_id, Deadline.started_at, Deadline.due_at, Deadline.limit_minutes)
    query = query.where(Deadline.clock == Clock.PROMISE, Deadline.subject_id == made.id)
    before = db.session.execute(query).all()
    migrated_down_and_up()
    assert db.session.execute(query).all() == before
    assert len(before) == 1


def test_seeded_cases_are_swept_like_others_and_begin_without_a_flood(office: Office) -> None:
    seed(60, now=NOW)
    assert db.session.scalar(sa.select(sa.func.count()).where(Deadline.look_at.is_not(None)))
    late = sa.select(Deadline.id).where(Deadline.due_at < NOW, Deadline.done_at.is_(None))
    late_ids = set(db.session.scalars(late))
    jobs.sweep(NOW)
    assert not late_ids & set(db.session.scalars(sa.select(Escalation.deadline_id)))
    assert jobs.sweep(NOW + 90 * DAY) > 0
