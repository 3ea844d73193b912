"""Promises: who may promise, and that nobody ends a promise of their own."""

from __future__ import annotations

import pytest

from casework.kernel.db import db
from casework.kernel.errors import Refused
from casework.kernel.time import local_day
from casework.negotiations import parties, promises
from casework.negotiations.models import Commitment
from casework.negotiations.words import Debtor, Promise
from tests.factories import NOW
from tests.negotiations.deal import Deal, a_promise_draft, tomorrow


def promised(deal: Deal, *, by: str = "officer", talks: bool = True, **changes: object) -> Commitment:
    made = promises.promise(
        deal.case,
        a_promise_draft(**changes),
        actor=deal.office.actor(by),
        now=NOW,
        negotiation=deal.negotiation if talks else None,
    )
    db.session.commit()
    return made


def settle(deal: Deal, promise: Commitment, target: Promise, by: str) -> None:
    promises.settle(deal.case, promise, target, "说明", actor=deal.office.actor(by), now=NOW)


def test_a_counterparty_is_named_before_it_promises(deal: Deal) -> None:
    with pytest.raises(Refused, match="in a round first"):
        promised(deal, talks=False)


@pytest.mark.parametrize("target", [Promise.KEPT, Promise.BROKEN, Promise.RELEASED])
def test_who_promised_for_our_side_does_not_end_it_whether_named_by_account_or_not(deal: Deal, target: Promise) -> None:
    officer = deal.office.people["officer"].id
    for named in (officer, None):
        mine = promised(deal, debtor=Debtor.US, promiser_id=named, who="沈砚秋", talks=False)
        promises.prove(deal.case, mine, "批复已出", actor=deal.office.actor("officer"), now=NOW)
        db.session.commit()
        assert not promises.may_settle(deal.office.actor("officer"), deal.case, mine)
        with pytest.raises(Refused, match="yourself"):
            settle(deal, mine, target, "officer")
        db.session.rollback()
        assert promises.may_settle(deal.office.actor("lead"), deal.case, mine)
        settle(deal, mine, target, "lead")
        assert mine.state == target


@pytest.mark.parametrize("debtor", [Debtor.THEM, Debtor.FIRMS])
def test_what_others_promised_is_ended_by_who_works_on_the_case(deal: Deal, debtor: Debtor) -> None:
    theirs = promised(deal, debtor=debtor)
    settle(deal, theirs, Promise.RELEASED, "officer")
    assert theirs.state == "released"


def test_a_promise_of_the_firms_counts_for_no_counterparty(deal: Deal) -> None:
    settle(deal, promised(deal, debtor=Debtor.FIRMS), Promise.BROKEN, "officer")
    assert (
        parties.records_of([deal.negotiation.counterparty_id], tomorrow())[deal.negotiation.counterparty_id]["broken"]
        == 0
    )


def test_a_promise_past_its_day_is_counted_late_until_it_ends(deal: Deal) -> None:
    promise, party = promised(deal, due_on=local_day(NOW)), deal.negotiation.counterparty_id
    assert parties.records_of([party], local_day(NOW))[party]["late"] == 0
    assert parties.records_of([party], tomorrow())[party]["late"] == 1
    settle(deal, promise, Promise.BROKEN, "officer")
    assert parties.records_of([party], tomorrow())[party] == {
        "open": 0, "proven": 0, "kept": 0, "broken": 1, "released": 0, "late": 0,
    }  # fmt: skip
