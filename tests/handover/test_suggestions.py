"""Who should hand over is said by itself, to the person and to who leads them, and to nobody else."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from casework.handover.suggesting import suggested
from casework.handover.words import Why
from casework.kernel.db import db
from casework.roster import duty
from casework.roster.models import Posting
from tests.factories import NOW, Office, a_posting
from tests.handover.conftest import TODAY, begun, some_firms


def ends_in(office: Office, days: int, who: str = "officer") -> Posting:
    posting = db.session.scalars(sa.select(Posting).where(Posting.user_id == office.people[who].id)).one()
    posting.to_on = TODAY + timedelta(days=days)
    db.session.flush()
    return posting


def who_sees(office: Office, name: str = "沈砚秋") -> set[str]:
    return {
        actor
        for actor in ("officer", "officer2", "lead", "lead2", "district_admin", "desk")
        if name in {one.name for one in suggested(office.actor(actor), TODAY)}
    }


def test_a_posting_that_ends_within_a_fortnight_is_said_to_the_person_and_their_leads(office: Office) -> None:
    some_firms(office)
    ends_in(office, 14)
    assert who_sees(office) == {"officer", "lead", "district_admin"}
    [one] = suggested(office.actor("lead"), TODAY)
    assert (one.why, one.day, one.over) == (Why.POSTING, TODAY + timedelta(days=14), False)


def test_one_that_ends_later_or_goes_on_elsewhere_is_not(office: Office) -> None:
    some_firms(office)
    ends_in(office, 15)
    assert who_sees(office) == set()
    ends_in(office, 3)
    a_posting(office, "officer", unit="team2", role="officer", area="8801002")
    assert who_sees(office) == set()


def test_who_holds_nothing_or_hands_over_already_is_not(office: Office) -> None:
    ends_in(office, 3)
    assert who_sees(office) == set()
    some_firms(office, 1)
    assert who_sees(office) == {"officer", "lead", "district_admin"}
    begun(office)
    assert who_sees(office) == set()


def test_who_left_with_something_still_held_is_overdue(office: Office) -> None:
    some_firms(office)
    ends_in(office, -2)
    [one] = suggested(office.actor("lead"), TODAY)
    assert one.over


def test_who_is_ill_or_away_for_a_week_is_suggested_and_for_less_is_not(office: Office) -> None:
    some_firms(office)
    absence = duty.note_absence(
        office.people["officer"],
        kind="ill",
        from_on=TODAY,
        to_on=TODAY + timedelta(days=5),
        deputy_id=None,
        actor=office.actor("officer"),
        now=NOW,
    )
    db.session.flush()
    assert who_sees(office) == set()
    absence.to_on = TODAY + timedelta(days=6)
    db.session.flush()
    assert who_sees(office) == {"officer", "lead", "district_admin"}
    [one] = suggested(office.actor("lead"), TODAY)
    assert one.why is Why.ILL


def test_a_deputy_only_is_suggested_too(office: Office) -> None:
    some_firms(office, 1, officer="officer2", deputy="officer")
    ends_in(office, 3)
    assert who_sees(office) == {"officer", "lead", "district_admin"}
