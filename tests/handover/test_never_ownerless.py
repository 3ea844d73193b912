"""Whatever successors answer, in whatever order: on every day everything has somebody, and somebody who acts answers."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from casework.cases.models import Assignment, Case
from casework.enterprises.models import Enterprise, Liaison
from casework.handover import answering, queries, rules, service
from casework.handover.models import Handover
from casework.handover.rules import Hands, who_answers
from casework.handover.words import Answer, Stage
from casework.kernel.db import db
from casework.kernel.errors import Refused
from casework.kernel.time import at_local
from casework.roster import duty
from tests.factories import Office
from tests.handover.conftest import TODAY, a_whole_desk, begun, sent, some_firms

PEOPLE = ("officer2", "lead")


def _act(office: Office, handover: Handover, dice: random.Random, day: date) -> None:
    """One of the things that can happen to a hand-over on a day."""
    now, who = at_local(day, 10), dice.choice(PEOPLE)
    actor = office.actor(who, day)
    mine = [row.id for row in queries.items(handover, states=[Answer.WAITING]) if row.successor_id == actor.user_id]
    some = set(dice.sample(mine, dice.randint(0, len(mine))))
    what = dice.choice(("accept", "refuse", "name", "accept", "refuse", "off"))
    if what == "accept":
        answering.answer(handover, some, {}, actor=actor, now=now)
    elif what == "refuse":
        answering.answer(handover, (), dict.fromkeys(some, "忙不过来"), actor=actor, now=now)
    elif what == "name":
        other = office.people[dice.choice(PEOPLE)].id
        service.give(
            handover, lambda _: True, other, actor=office.actor("lead", day), now=now, named=dice.random() < 0.3
        )
    elif dice.random() < 0.2:
        service.call_off(handover, "另有安排", actor=office.actor("lead", day), now=now)


def _held_by_exactly_one(firms: list[Enterprise], cases: list[Case], first: date, last: date) -> None:
    for firm in firms:
        rows = db.session.scalars(sa.select(Liaison).where(Liaison.enterprise_id == firm.id)).all()
        for n in range((last - first).days + 1):
            day = first + timedelta(days=n)
            assert sum(row.from_on <= day and (row.to_on is None or row.to_on >= day) for row in rows) == 1
    for case in cases:
        leads = db.session.scalars(
            sa.select(Assignment).where(Assignment.case_id == case.id, Assignment.part == "lead")
        ).all()
        assert [one.user_id for one in leads if one.to_at is None] == [case.lead_id]
        ends = sorted((one.from_at, one.to_at) for one in leads if one.to_at is not None)
        assert all(end in {one.from_at for one in leads} for _, end in ends)


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_ownerless_on_any_day_whatever_is_answered(office: Office, seed: int) -> None:
    dice = random.Random(seed)
    firms, case, owed = a_whole_desk(office, firms=4)
    handover = sent(office, *PEOPLE)
    posting = queries.posting_of(handover.leaver_id, TODAY)
    assert posting is not None
    posting.to_on = TODAY + timedelta(days=2)  # leaves in the midst of it
    if seed % 2:
        duty.note_absence(
            office.people["officer2"],
            kind="ill",
            from_on=TODAY + timedelta(days=3),
            to_on=TODAY + timedelta(days=5),
            deputy_id=None,
            actor=office.actor("lead"),
            now=at_local(TODAY, 9),
        )
    db.session.commit()
    for n in range(9):
        day = TODAY + timedelta(days=n)
        try:
            _act(office, handover, dice, day)
        except Refused:
            db.session.rollback()
        db.session.commit()
        db.session.expire_all()
        _held_by_exactly_one(firms, [case], TODAY, day)
        assert owed.promiser_id is not None
        holder = case.lead_id or 0
        left = holder == handover.leaver_id and day >= handover.from_on
        answers, _ = queries.meanwhile(holder, case.unit_id, case.enterprise_id, day, left=left)
        acts = queries.serving.acting([answers], day)
        assert answers in acts
    if handover.stage == Stage.DONE:
        assert not queries.items(handover, states=[Answer.WAITING, Answer.REFUSED])


def test_the_holder_answers_until_the_day_then_the_deputy_then_the_stand_in_then_the_lead() -> None:
    hands = Hands(holder=1, deputy=2, stand_in=3, leads=[4])
    everybody = {1, 2, 3, 4}
    assert who_answers(hands, everybody, left=False) == 1
    assert who_answers(hands, everybody, left=True) == 2
    assert who_answers(hands, everybody - {1}, left=False) == 2
    assert who_answers(hands, {3, 4}, left=True) == 3
    assert who_answers(hands, {4}, left=True) == 4
    assert who_answers(hands, set(), left=True) == 4  # nobody acts: the lead is asked
    assert who_answers(Hands(1, None, None, []), set(), left=True) == 1


def test_after_the_posting_has_ended_the_deputy_of_the_firm_answers_else_the_lead(office: Office) -> None:
    [with_deputy] = some_firms(office, 1, deputy="officer2")
    leaver, unit = office.people["officer"].id, office.units["team"].id
    posting = queries.posting_of(leaver, TODAY)
    assert posting is not None
    posting.to_on = TODAY - timedelta(days=1)
    db.session.flush()
    assert queries.meanwhile(leaver, unit, with_deputy.id, TODAY, left=False)[1] == "陆景明"
    assert queries.meanwhile(leaver, unit, None, TODAY, left=False)[1] == "方志恒"


def test_a_hand_over_is_only_given_anew_as_its_stage_allows() -> None:
    assert rules.may_be_given(Stage.DRAFT, Answer.CHOSEN, named=False)
    assert rules.may_be_given(Stage.SENT, Answer.REFUSED, named=False)
    assert not rules.may_be_given(Stage.SENT, Answer.WAITING, named=False)
    assert rules.may_be_given(Stage.SENT, Answer.WAITING, named=True)
    assert not rules.may_be_given(Stage.SENT, Answer.ACCEPTED, named=True)
    assert not rules.may_be_given(Stage.SENT, Answer.GONE, named=True)


def test_what_came_in_after_sending_can_still_be_given(office: Office) -> None:
    some_firms(office, 1)
    handover = sent(office, "officer2")
    some_firms(office, 0)
    from tests.factories import a_firm, a_liaison

    a_liaison(a_firm(office, name="后来的店"), office.people["officer"])
    db.session.commit()
    now = at_local(TODAY, 11)
    given = service.give(handover, lambda _: True, office.people["lead"].id, actor=office.actor("lead"), now=now)
    assert given.count == 1
    assert answering.accept_all(handover, actor=office.actor("lead"), now=now).accepted == 1


def test_a_second_one_can_begin_once_the_first_is_over(office: Office) -> None:
    some_firms(office, 1)
    handover = begun(office)
    service.call_off(handover, "", actor=office.actor("officer"), now=at_local(TODAY, 11))
    db.session.flush()
    assert begun(office).id != handover.id
