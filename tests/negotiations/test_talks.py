"""Rounds are added and never changed; talks serve one case or several; what is not so is refused in one sentence."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from casework.audit.queries import timeline, verify
from casework.cases import story
from casework.kernel.db import db, transaction
from casework.kernel.errors import Conflict, NotFound, NotPermitted, Refused
from casework.kernel.time import local_day
from casework.negotiations import blockers, parties, promises, queries, rounds, talks
from casework.negotiations.models import Counterparty, Negotiation
from casework.negotiations.rules import PromiseDraft
from casework.negotiations.talks import PartyDraft
from casework.negotiations.words import CounterpartyKind, Debtor, Method, Promise, Side, Stance
from tests.factories import NOW, Office, a_case
from tests.harness.threads import at_once
from tests.negotiations.deal import Deal, a_deal, a_draft, a_position, a_round, agreed, shared_out, tomorrow


def reasons(refusal: pytest.ExceptionInfo[Refused]) -> str:
    return " ".join(reason.text for reason in refusal.value.reasons)


def test_another_spelling_is_the_same_counterparty_and_another_district_another_one(office: Office, deal: Deal) -> None:
    officer = office.actor("officer")
    again = PartyDraft(name="南贤商业管理 有限公司", kind=CounterpartyKind.OWNER)
    assert talks.open_talks(deal.case, again, actor=officer, now=NOW).id == deal.negotiation.id
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Counterparty)) == 1
    assert parties.counterparties_page(office.actor("desk_b"), "", None, size=10) == ([], None)
    assert len(parties.counterparties_page(office.actor("officer3"), "南贤", None, size=10)[0]) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"at": NOW + timedelta(hours=2)}, "still to come"),
        ({"until": NOW - timedelta(hours=1)}, "before it began"),
        ({"said": " "}, "write a sentence"),
        ({"next_on": local_day(NOW) - timedelta(days=1)}, "before the round"),
        ({"latitude": 91_000_000, "longitude": 0}, "nowhere on earth"),
        ({"positions": [a_position(fen=-1)]}, "between 0 and"),
        ({"positions": [a_position(fen=10**13)]}, "between 0 and"),
        ({"positions": [a_position(fen=None)]}, "Write an amount"),
        ({"positions": [a_position(fen=None, percent_bp=5000)]}, "Write the months"),
        ({"positions": [a_position(expires_on=local_day(NOW) - timedelta(days=1))]}, "before the round"),
    ],
)
def test_a_round_that_cannot_be_is_refused_with_what_to_write(
    deal: Deal, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(Refused) as refusal:
        a_round(deal, **changes)
    db.session.rollback()
    assert said in reasons(refusal)
    assert queries.rounds_of(deal.negotiation.id) == []


def test_months_are_worth_the_joint_rent_and_a_deferral_nothing(deal: Deal) -> None:
    half = a_position(fen=None, months_tenths=15, percent_bp=5000)
    later = a_position(Side.THEM, fen=500_000, method=Method.DEFER)
    logged = a_round(deal, positions=[half, later])
    assert [position.worth_fen for position in queries.positions_in(logged.id)] == [450_000, 0]


def test_an_offer_after_the_agreement_is_refused_but_a_visit_is_not(deal: Deal) -> None:
    agreed(deal, agreed_on=local_day(NOW) - timedelta(days=2))
    with pytest.raises(Refused) as refusal:
        a_round(deal, positions=[a_position(Side.THEM)])
    db.session.rollback()
    assert "in force" in reasons(refusal)
    a_round(deal)
    assert len(queries.rounds_of(deal.negotiation.id)) == 1


def test_a_correction_stands_beside_what_it_corrects_and_counts_instead(deal: Deal) -> None:
    first = a_round(deal, positions=[a_position(fen=900_000)])
    second = a_round(deal, corrects=first, positions=[a_position(fen=800_000)])
    rows = queries.rounds_of(deal.negotiation.id)
    assert [(row.round.id, row.corrected, row.no) for row in rows] == [(first.id, True, 0), (second.id, False, 1)]
    (rung,) = queries.rungs_of(deal.negotiation.id)
    assert [row.worth_fen for row in rung.positions] == [800_000]
    with pytest.raises(Conflict):
        a_round(deal, corrects=first)
    db.session.rollback()
    assert db.session.get_one(Negotiation, deal.negotiation.id).rounds == 1


def test_the_latest_round_is_what_lists_show_also_when_an_older_one_is_entered_late(deal: Deal) -> None:
    a_round(deal, stance=Stance.AGREES, next_on=tomorrow())
    a_round(deal, stance=Stance.REFUSES, at=NOW - timedelta(days=3))
    db.session.expire_all()
    shown = db.session.get_one(Negotiation, deal.negotiation.id)
    assert (shown.stance, shown.next_on, shown.rounds) == ("agrees", tomorrow(), 2)


@pytest.mark.parametrize("table", ["rounds", "positions", "allocations", "shares", "receipts"])
def test_what_is_in_the_log_is_never_changed_nor_removed(deal: Deal, table: str) -> None:
    from casework.negotiations import receipts

    a_round(deal, positions=[a_position()])
    shared_out(deal)
    firm = deal.firms()[0]
    receipts.confirm_by_link(deal.terms(), firm, now=NOW)
    db.session.commit()
    column = "share_fen" if table == "shares" else "id"
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            db.session.execute(sa.text(statement))
        db.session.rollback()
    if db.engine.dialect.name == "sqlite":
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            db.session.execute(sa.text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))
        db.session.rollback()


def test_two_officers_who_log_at_once_lose_nothing(app: Flask, deal: Deal) -> None:
    case_id, talk, office = deal.case.id, deal.negotiation.id, deal.office
    actors = [office.actor("officer"), office.actor("lead")]

    def log(place: int) -> None:
        for number in range(3):
            with transaction():
                case = db.session.get_one(type(deal.case), case_id)
                draft = a_draft(said=f"第 {place} 人第 {number} 次")
                rounds.log_round(case, db.session.get_one(Negotiation, talk), draft, actor=actors[place], now=NOW)

    at_once(app, [partial(log, place) for place in range(2)])
    assert len(queries.rounds_of(talk)) == 6
    assert db.session.get_one(Negotiation, talk).rounds == 6
    assert verify().ok


def test_talks_that_serve_two_cases_tell_a_round_on_both(office: Office, deal: Deal) -> None:
    from casework.cases.workflow import State

    other = a_case(office, State.IN_PROGRESS, kind="rent")
    talks.join(other, deal.negotiation, with_case=deal.case, actor=office.actor("officer"), now=NOW)
    db.session.commit()
    a_round(deal)
    for case in (deal.case, other):
        assert "RoundLogged" in {entry.verb for entry in timeline(case.id)}
    with pytest.raises(Refused, match="already"):
        talks.join(other, deal.negotiation, with_case=deal.case, actor=office.actor("officer"), now=NOW)


def test_only_who_works_on_the_case_may_log_and_nobody_once_it_is_closed(office: Office, deal: Deal) -> None:
    for name in ("helper", "desk", "area_leader", "regulator", "district_admin", "officer3", "lead2", "auditor"):
        with pytest.raises(NotPermitted):
            a_round(deal, by=name)
        db.session.rollback()
    a_round(deal, by="lead")
    deal.case.state, deal.case.is_open = "withdrawn", False
    db.session.flush()
    with pytest.raises(NotPermitted):
        a_round(deal)


def test_the_talks_of_another_case_are_not_found(office: Office, deal: Deal) -> None:
    stranger = a_deal(office, name="别家物业")
    with pytest.raises(NotFound):
        queries.negotiation_of(deal.case.id, stranger.negotiation.id)
    with pytest.raises(NotFound):
        rounds.log_round(deal.case, stranger.negotiation, a_draft(), actor=office.actor("officer"), now=NOW)


# -- promises


def a_promise(deal: Deal, **changes: object) -> int:
    draft: dict[str, object] = {"debtor": Debtor.THEM, "who": "罗启元", "what": "签补充协议",
                                "promised_on": local_day(NOW), "due_on": tomorrow(), **changes}  # fmt: skip
    made = promises.promise(
        deal.case,
        PromiseDraft(**draft),
        actor=deal.office.actor("officer"),
        now=NOW,
        negotiation=deal.negotiation,  # type: ignore[arg-type]
    )
    db.session.commit()
    return made.id


def test_a_promise_due_before_it_was_made_is_refused(deal: Deal) -> None:
    with pytest.raises(Refused, match="before the day of the promise"):
        a_promise(deal, due_on=local_day(NOW) - timedelta(days=1))


def test_an_open_promise_holds_back_closing_until_it_is_settled(deal: Deal) -> None:
    promise = queries.commitment_in(deal.case.id, a_promise(deal))
    db.session.refresh(deal.case)
    assert "#promises" in blockers.blocking(deal.case)[0].href
    officer = deal.office.actor("officer")
    with pytest.raises(Refused, match="Proof"):
        promises.settle(deal.case, promise, Promise.KEPT, "", actor=officer, now=NOW)
    promises.prove(deal.case, promise, "复印件已收", actor=officer, now=NOW)
    assert len(blockers.blocking(deal.case)) == 1
    promises.settle(deal.case, promise, Promise.KEPT, "", actor=officer, now=NOW)
    assert blockers.blocking(deal.case) == []


def test_a_promise_is_never_settled_by_who_made_it(deal: Deal) -> None:
    officer = deal.office.actor("officer")
    mine = a_promise(deal, debtor=Debtor.US, promiser_id=officer.user_id, who="沈砚秋")
    promise = queries.commitment_in(deal.case.id, mine)
    promises.prove(deal.case, promise, "批复已出", actor=officer, now=NOW)
    with pytest.raises(Refused, match="yourself"):
        promises.settle(deal.case, promise, Promise.KEPT, "", actor=officer, now=NOW)
    promises.settle(deal.case, promise, Promise.KEPT, "", actor=deal.office.actor("lead"), now=NOW)
    assert promise.state == "kept"


def test_a_broken_promise_is_counted_against_the_counterparty(deal: Deal) -> None:
    promise = queries.commitment_in(deal.case.id, a_promise(deal))
    with pytest.raises(Refused, match="Reason"):
        promises.settle(deal.case, promise, Promise.BROKEN, " ", actor=deal.office.actor("officer"), now=NOW)
    promises.settle(deal.case, promise, Promise.BROKEN, "没有签", actor=deal.office.actor("officer"), now=NOW)
    record = parties.records_of([deal.negotiation.counterparty_id], tomorrow())[deal.negotiation.counterparty_id]
    assert (record["broken"], record["kept"], record["late"]) == (1, 0, 0)


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_whole_log_is_told_in_words(app: Flask, deal: Deal, locale: str) -> None:
    a_round(deal, positions=[a_position(fen=None, months_tenths=20), a_position(Side.THEM, fen=0)])
    a_promise(deal)
    shared_out(deal)
    with app.test_request_context("/", headers={"Cookie": f"lang={locale}"}):
        told = story.tell(timeline(deal.case.id), {})
        assert all(str(item.what) and str(item.what) != item.verb for item in told)
    assert verify(deal.case.id).ok
