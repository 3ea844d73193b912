"""Several at once, with real commits: of two that cannot both be, one wins and the other is told; nothing is lost."""

from __future__ import annotations

import threading
from collections import Counter
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from casework.audit.queries import verify
from casework.cases.models import Beneficiary, Case
from casework.kernel.db import db, transaction
from casework.kernel.errors import CaseworkError
from casework.kernel.time import local_day
from casework.negotiations import agreements, ledger, links, queries, receipts, rounds, talks
from casework.negotiations.models import Agreement, Allocation, ConfirmLink, Counterparty, Negotiation, Round
from casework.negotiations.talks import PartyDraft
from casework.negotiations.words import Basis, CounterpartyKind
from tests.factories import NOW
from tests.harness.threads import Job, at_once
from tests.negotiations.deal import KEY, TOTAL, Deal, a_draft, a_round, agreed, shared_out, some_terms


def outcome(job: Job) -> str:
    """Do it in a transaction of its own: ``done``, or the kind of the refusal."""
    try:
        with transaction():
            job()
        return "done"
    except CaseworkError as error:
        return type(error).__name__
    except Exception as error:  # a fault that no page would answer
        return repr(error)
    finally:
        db.session.remove()


def together(app: Flask, jobs: list[Job]) -> Counter[str]:
    """Each job in a thread and transaction of its own, all let go at once: how they ended, by kind."""
    ended = Counter(at_once(app, [partial(outcome, job) for job in jobs]))
    assert verify().ok
    return ended


def test_of_two_who_correct_one_round_the_second_is_told(app: Flask, deal: Deal) -> None:
    first = a_round(deal)
    case_id, talk_id, round_id = deal.case.id, deal.negotiation.id, first.id
    actors = [deal.office.actor(name) for name in ("officer", "lead")]

    def correct(place: int) -> Job:
        def work() -> object:
            case, talk = db.session.get_one(Case, case_id), db.session.get_one(Negotiation, talk_id)
            found = db.session.get_one(Round, round_id)
            return rounds.log_round(case, talk, a_draft(), actor=actors[place], now=NOW, corrects=found)

        return work

    assert together(app, [correct(0), correct(1)]) == {"done": 1, "Conflict": 1}
    assert [row.corrected for row in queries.rounds_of(talk_id)] == [True, False]
    assert db.session.get_one(Negotiation, talk_id).rounds == 1


def test_a_new_landlord_named_by_two_at_once_is_one_counterparty(app: Flask, deal: Deal) -> None:
    case_id = deal.case.id
    actors = [deal.office.actor(name) for name in ("officer", "lead")]

    def name_it(place: int) -> Job:
        party = PartyDraft(name="鸿聚物业", kind=CounterpartyKind.SUB_LESSOR)
        return lambda: talks.open_talks(db.session.get_one(Case, case_id), party, actor=actors[place], now=NOW)

    ended = together(app, [name_it(0), name_it(1)])
    assert ended["done"] + ended["Conflict"] == 2
    assert ended["done"] >= 1
    count = sa.select(sa.func.count()).select_from(Counterparty).where(Counterparty.name == "鸿聚物业")
    assert db.session.scalar(count) == 1


def test_of_two_agreements_at_once_one_is_in_force(app: Flask, deal: Deal) -> None:
    case_id, talk_id = deal.case.id, deal.negotiation.id
    actors = [deal.office.actor(name) for name in ("officer", "lead")]

    def write_down(place: int) -> Job:
        return lambda: agreements.agree(
            db.session.get_one(Case, case_id),
            db.session.get_one(Negotiation, talk_id),
            some_terms(),
            actor=actors[place],
            now=NOW,
        )

    ended = together(app, [write_down(0), write_down(1)])
    assert ended["done"] == 1
    assert ended["Refused"] + ended["Conflict"] == 1
    assert len(ledger.agreements_of(case_id)) == 1


def test_of_two_versions_at_once_one_stands(app: Flask, deal: Deal) -> None:
    agreed(deal)
    case_id, terms_id = deal.case.id, deal.terms().id
    actors = [deal.office.actor(name) for name in ("officer", "lead")]

    def share(place: int, basis: Basis) -> Job:
        return lambda: agreements.allocate(
            db.session.get_one(Case, case_id),
            db.session.get_one(Agreement, terms_id),
            basis,
            actor=actors[place],
            now=NOW,
        )

    assert together(app, [share(0, Basis.RENT), share(1, Basis.EQUAL)]) == {"done": 1, "Conflict": 1}
    assert [version.no for version in db.session.scalars(sa.select(Allocation))] == [1]
    assert sum(deal.shares()) == TOTAL


def test_a_link_clicked_twice_at_once_confirms_once(app: Flask, deal: Deal) -> None:
    shared_out(deal)
    firm = deal.firms()[0]
    made = links.send_to_firms(deal.case, deal.terms(), [firm], key=KEY, actor=deal.office.actor("officer"), now=NOW)
    link_id, terms_id, firm_id = made[0].id, deal.terms().id, firm.id

    def confirm() -> object:
        links.spend(db.session.get_one(ConfirmLink, link_id), now=NOW)
        terms, mine = db.session.get_one(Agreement, terms_id), db.session.get_one(Beneficiary, firm_id)
        return receipts.confirm_by_link(terms, mine, now=NOW)

    assert together(app, [confirm] * 3) == {"done": 1, "Refused": 2}
    assert ledger.received_by(terms_id) == {firm_id: 50_000}


def test_two_officers_cannot_both_take_the_last_of_a_share(app: Flask, deal: Deal) -> None:
    shared_out(deal)
    case_id, terms_id, firm_id = deal.case.id, deal.terms().id, deal.firms()[0].id
    actors = [deal.office.actor(name) for name in ("officer", "lead")]

    def take(place: int) -> Job:
        return lambda: receipts.confirm_by_officer(
            db.session.get_one(Case, case_id),
            db.session.get_one(Agreement, terms_id),
            db.session.get_one(Beneficiary, firm_id),
            30_000,
            local_day(NOW),
            "看过租金单",
            actor=actors[place],
            now=NOW,
        )

    ended = together(app, [take(0), take(1)])
    assert ended["done"] == 1
    assert ended["Refused"] + ended["Conflict"] == 1
    assert ledger.received_by(terms_id) == {firm_id: 30_000}


def waits_for_a_lock() -> bool:
    """Whether somebody stands before a row that another holds; SQLite lets in one writer and so cannot be asked."""
    if db.engine.dialect.name == "sqlite":
        return True
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with db.engine.connect() as connection:
        return bool(connection.scalar(sa.text(waiting)))


def overtaken(app: Flask, first: Job, second: Job) -> Counter[str]:
    """The second begins once the first has done its work; the first commits once the second waits for it or is done."""
    worked, over, ended = threading.Event(), threading.Event(), Counter[str]()

    def slowly() -> None:
        first()
        worked.set()
        with app.app_context():  # another connection, to look at the second from outside
            while not (over.is_set() or waits_for_a_lock()):
                pass
            db.session.remove()

    def run(job: Job, after: threading.Event | None, then: threading.Event) -> None:
        with app.app_context():
            if after:
                after.wait()
            ended[outcome(job)] += 1
            then.set()

    db.session.commit()
    threads = [
        threading.Thread(target=run, args=(slowly, None, worked)),
        threading.Thread(target=run, args=(second, worked, over)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.expire_all()
    assert verify().ok
    return ended


@pytest.mark.parametrize("order", ["receipt first", "other first"])
@pytest.mark.parametrize("other", ["version", "end"])
def test_nothing_arrives_under_terms_that_change_at_the_same_moment(
    app: Flask, deal: Deal, other: str, order: str
) -> None:
    shared_out(deal)
    case_id, terms_id, firm_id = deal.case.id, deal.terms().id, deal.firms()[0].id
    actors = [deal.office.actor(name) for name in ("officer", "lead")]

    def found() -> tuple[Case, Agreement, Beneficiary]:
        case, terms = db.session.get_one(Case, case_id), db.session.get_one(Agreement, terms_id)
        return case, terms, db.session.get_one(Beneficiary, firm_id)

    def receive() -> object:
        return receipts.confirm_by_officer(*found(), 50_000, local_day(NOW), "看过租金单", actor=actors[0], now=NOW)

    def share_anew() -> object:
        case, terms, _ = found()
        return agreements.allocate(case, terms, Basis.EQUAL, actor=actors[1], now=NOW, after=1, reason="平均")

    def end() -> object:
        case, terms, _ = found()
        return agreements.end(case, terms, "业主反悔", actor=actors[1], now=NOW)

    jobs = [receive, share_anew if other == "version" else end]
    ended = overtaken(app, *(jobs if order == "receipt first" else reversed(jobs)))
    assert ended == {"done": 1, "Refused": 1}, "the one that comes second sees what the first did"
    version = ledger.current_allocation(terms_id)
    assert version is not None
    assert ledger.received_by(terms_id).get(firm_id, 0) <= ledger.share_of(version.id, firm_id)
