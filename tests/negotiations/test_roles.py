"""Who may do what in a negotiation: a table by role, and nobody once the case has ended."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from casework.cases.models import Case
from casework.kernel.db import db
from casework.kernel.errors import NotPermitted
from casework.kernel.permissions import can
from casework.kernel.time import local_day
from casework.negotiations import agreements, links, promises, receipts, rounds, talks
from casework.negotiations.talks import PartyDraft
from casework.negotiations.words import Basis, CounterpartyKind, Promise
from tests.factories import NOW, Office, a_case, a_file
from tests.negotiations.deal import KEY, Deal, a_draft, a_promise_draft, shared_out, some_terms

READ, LOG, AGREE, RECEIVE = (f"negotiation.{name}" for name in ("read", "log", "agree", "receive"))
WORKERS = {"officer", "lead"}
MAY = {
    READ: WORKERS | {"officer2", "lead", "desk", "desk2", "area_leader", "regulator", "district_admin"},
    LOG: WORKERS,
    AGREE: WORKERS,
    RECEIVE: WORKERS | {"desk", "desk2"},
}
PARTY = PartyDraft(name="鸿聚物业", kind=CounterpartyKind.SUB_LESSOR)


@pytest.mark.parametrize("permission", [READ, LOG, AGREE, RECEIVE])
def test_each_part_of_the_log_is_open_to_these_people_only(office: Office, deal: Deal, permission: str) -> None:
    allowed = {name for name in office.people if can(office.actor(name), permission, deal.case)}
    assert allowed == MAY[permission]


def every_command(deal: Deal, name: str) -> list[Callable[[], object]]:
    """All that can be done to talks, promises, agreements, links and receipts, each asked of that person."""
    case, talk, terms, firms = deal.case, deal.negotiation, deal.terms(), deal.firms()
    actor, day = deal.office.actor(name), local_day(NOW)
    by_officer = deal.office.actor("officer")
    theirs = promises.promise(case, a_promise_draft(), actor=by_officer, now=NOW, negotiation=talk)
    party = talks.parties.party_of_case(case.id, talk.counterparty_id)
    other = a_case(deal.office)
    file = a_file(case)
    do: dict[str, object] = {"actor": actor, "now": NOW}
    return [
        lambda: talks.open_talks(case, PARTY, **do),
        lambda: talks.join(case, talk, with_case=other, **do),
        lambda: talks.join(other, talk, with_case=case, **do),
        lambda: talks.correct_party(case, party, PARTY, **do),
        lambda: rounds.log_round(case, talk, a_draft(), **do),
        lambda: promises.promise(case, a_promise_draft(), negotiation=talk, **do),
        lambda: promises.prove(case, theirs, "看过", **do),
        lambda: promises.settle(case, theirs, Promise.BROKEN, "没做", **do),
        lambda: agreements.agree(case, talk, some_terms(), **do),
        lambda: agreements.confirm_ours(case, terms, "何秀芝", **do),
        lambda: agreements.confirm_theirs_on_paper(case, terms, "罗启元", file, **do),
        lambda: agreements.end(case, terms, "反悔", **do),
        lambda: agreements.allocate(case, terms, Basis.EQUAL, after=1, reason="平均", **do),
        lambda: links.send_to_counterparty(case, terms, key=KEY, **do),
        lambda: links.send_to_firms(case, terms, firms, key=KEY, **do),
        lambda: receipts.confirm_by_officer(case, terms, firms[0], 1, day, "凭证", **do),
    ]


@pytest.mark.parametrize("name", ["helper", "officer2", "officer3", "lead2", "regulator", "district_admin",
                                  "area_leader", "sysadmin", "secadmin", "auditor", "desk_b"])  # fmt: skip
def test_who_does_not_work_on_the_case_can_do_nothing_at_all(deal: Deal, name: str) -> None:
    shared_out(deal)
    for command in every_command(deal, name):
        with pytest.raises(NotPermitted):
            command()


def test_a_case_that_has_ended_takes_nothing_more(deal: Deal) -> None:
    shared_out(deal)
    commands = every_command(deal, "officer")
    case = db.session.get_one(Case, deal.case.id)
    case.state, case.is_open = "withdrawn", False
    db.session.flush()
    for command in commands:
        with pytest.raises(NotPermitted):
            command()
    assert can(deal.office.actor("officer"), READ, case)
