"""One landlord, several cases: who may join talks, what each case is told, and how the chain above is put right."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from casework.audit.queries import timeline, verify
from casework.cases import joint, service
from casework.cases.models import Beneficiary, Case
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.errors import NotFound, NotPermitted, Refused
from casework.negotiations import agreements, ledger, parties, queries, rounds, talks
from casework.negotiations.models import Counterparty, Negotiation
from casework.negotiations.talks import PartyDraft
from casework.negotiations.words import Basis, CounterpartyKind
from tests.factories import NOW, Office, a_case, a_posting, take
from tests.factories import a_draft as a_report
from tests.negotiations.deal import TOTAL, Deal, a_draft, a_position, a_round, agreed, some_terms


def join(deal: Deal, case: Case, *, by: str = "officer", with_case: Case | None = None) -> None:
    talks.join(case, deal.negotiation, with_case=with_case or deal.case, actor=deal.office.actor(by), now=NOW)


def a_neighbour(office: Office, **changes: object) -> Case:
    return a_case(office, State.IN_PROGRESS, kind="rent", **changes)  # type: ignore[arg-type]


def of_the_second_team(office: Office) -> Case:
    """A case that another officer of another team works on."""
    case = a_neighbour(office)
    take(office, case, "transfer")
    take(office, case, "acknowledge", by="officer3")
    db.session.commit()
    return case


def verbs(case: Case) -> list[str]:
    return [entry.verb for entry in timeline(case.id)]


def test_joined_talks_are_told_and_counted_on_both_cases(office: Office, deal: Deal) -> None:
    other = a_neighbour(office)
    assert other.negotiated is False
    join(deal, other)
    db.session.refresh(other)
    assert queries.cases_of(deal.negotiation.id) == [deal.case.id, other.id]
    opened = timeline(other.id)[0]
    assert (opened.verb, opened.data["with_case"]) == ("NegotiationOpened", deal.case.number)
    assert verbs(deal.case).count("NegotiationOpened") == 1, "the first case was told when they began"
    logged = a_round(deal)
    for case in (deal.case, other):
        entry = timeline(case.id)[0]
        assert (entry.verb, entry.data["round"], entry.data["case"]) == ("RoundLogged", logged.id, deal.case.number)
    later = rounds.log_round(other, deal.negotiation, a_draft(), actor=office.actor("officer"), now=NOW)
    assert timeline(deal.case.id)[0].data["case"] == other.number
    assert [row.round.id for row in queries.rounds_of(deal.negotiation.id)] == [logged.id, later.id]
    assert verify(deal.case.id).ok
    assert verify(other.id).ok


def test_who_works_on_one_of_the_cases_only_may_not_join_them(office: Office, deal: Deal) -> None:
    other = of_the_second_team(office)
    for name in ("officer", "officer3"):
        with pytest.raises(NotPermitted):
            join(deal, other, by=name)
    assert queries.cases_of(deal.negotiation.id) == [deal.case.id]
    a_posting(office, "officer3", unit="team", role="lead", area="8801001")
    join(deal, other, by="officer3")


def test_cases_of_two_districts_do_not_negotiate_together(office: Office, deal: Deal) -> None:
    there = service.submit(draft=a_report(office, area="8802001", kind="rent"), actor=office.actor("desk_b"), now=NOW)
    there.handler_ids, there.unit_id = [office.people["officer"].id], office.units["team"].id
    db.session.flush()
    with pytest.raises(Refused, match="one district"):
        join(deal, there)
    assert queries.cases_of(deal.negotiation.id) == [deal.case.id]


def test_talks_of_another_case_cannot_be_passed_off(office: Office, deal: Deal) -> None:
    other, third = a_neighbour(office), a_neighbour(office)
    with pytest.raises(NotFound):
        join(deal, other, with_case=third)


def test_a_case_joins_once_and_not_after_the_agreement_is_confirmed(office: Office, deal: Deal) -> None:
    other, late = a_neighbour(office), a_neighbour(office)
    join(deal, other)
    with pytest.raises(Refused, match="serve it already"):
        join(deal, other)
    agreed(deal)
    with pytest.raises(Refused, match="led to an agreement already"):
        join(deal, late)
    agreements.end(deal.case, deal.terms(), "业主反悔", actor=office.actor("officer"), now=NOW)
    join(deal, late)


def test_the_same_landlord_has_talks_of_its_own_for_each_case_until_they_are_joined(office: Office, deal: Deal) -> None:
    other = a_neighbour(office)
    party = PartyDraft(name=" 南贤商业管理有限公司 ", kind=CounterpartyKind.AGENT)
    talk = talks.open_talks(other, party, actor=office.actor("officer"), now=NOW)
    assert talk.id != deal.negotiation.id
    assert talk.counterparty_id == deal.negotiation.counterparty_id
    party_row = db.session.get_one(Counterparty, talk.counterparty_id)
    assert party_row.kind == "owner", "what is known of it is put right on its own page, not by a second naming"
    served = {case.id for _, case in parties.talks_with(party_row.id, office.actor("officer"))}
    assert served == {deal.case.id, other.id}


def test_the_same_name_in_another_district_is_somebody_else(office: Office, deal: Deal) -> None:
    there = service.submit(draft=a_report(office, area="8802001", kind="rent"), actor=office.actor("desk_b"), now=NOW)
    office.units["team-b"] = type(office.units["team"])(
        code="team-b", name="望山小组", kind="team", area_id=office.areas["8802001"].id, domains=[]
    )
    db.session.add(office.units["team-b"])
    db.session.flush()
    a_posting(office, "desk_b", unit="team-b", role="lead", area="8802001")
    there.unit_id, there.unit_area_id = office.units["team-b"].id, office.areas["8802001"].id
    db.session.flush()
    draft = PartyDraft(name="南贤商业管理有限公司", kind=CounterpartyKind.OWNER)
    talk = talks.open_talks(there, draft, actor=office.actor("desk_b"), now=NOW)
    assert talk.counterparty_id != deal.negotiation.counterparty_id
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Counterparty)) == 2


def test_the_sum_of_joint_talks_is_shared_by_the_firms_of_both_cases(office: Office, deal: Deal) -> None:
    other = a_neighbour(office, joint=True)
    actor = office.actor("officer")
    joint.add(other, [joint.Joining(name="隔壁书屋", monthly_rent_fen=600_000)], actor=actor, now=NOW)
    join(deal, other)
    asked = a_round(deal, positions=[a_position(fen=None, months_tenths=10)])
    assert queries.positions_in(asked.id)[0].worth_fen == 1_200_000, "a month of the rent of all"
    agreed(deal)
    agreements.allocate(other, deal.terms(), Basis.RENT, actor=actor, now=NOW)
    allocation = ledger.current_allocation(deal.terms().id)
    assert ledger.sums(deal.terms(), allocation, deal.case.id).shared_fen == sum(deal.shares())
    theirs = ledger.sums(deal.terms(), allocation, other.id)
    assert (theirs.shared_fen, theirs.firms) == (TOTAL - sum(deal.shares()), 1)
    for case in (deal.case, other):
        assert verbs(case)[:4] == ["AllocationMade", "AgreementConfirmed", "AgreementConfirmed", "AgreementMade"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Beneficiary)) == 4


# -- counterparties


@pytest.mark.parametrize("name", ["", "  ", "字" * 201])
def test_a_counterparty_has_a_name(deal: Deal, name: str) -> None:
    party = PartyDraft(name=name, kind=CounterpartyKind.OWNER)
    with pytest.raises(Refused) as refusal:
        talks.open_talks(deal.case, party, actor=deal.office.actor("officer"), now=NOW)
    assert [reason.field for reason in refusal.value.reasons] == ["name"]


def a_chain(deal: Deal) -> tuple[Counterparty, Counterparty]:
    """The owner of the deal and a sub-lessor under it, with whom there are talks too."""
    owner = db.session.get_one(Counterparty, deal.negotiation.counterparty_id)
    draft = PartyDraft(name="鸿聚物业", kind=CounterpartyKind.SUB_LESSOR, above_id=owner.id)
    talk = talks.open_talks(deal.case, draft, actor=deal.office.actor("officer"), now=NOW)
    return owner, db.session.get_one(Counterparty, talk.counterparty_id)


def correct(deal: Deal, party: Counterparty, **changes: object) -> None:
    draft = {"name": party.name, "kind": CounterpartyKind(party.kind), "contact": party.contact,
             "phone": party.phone, "above_id": party.above_id, **changes}  # fmt: skip
    talks.correct_party(deal.case, party, PartyDraft(**draft), actor=deal.office.actor("officer"), now=NOW)  # type: ignore[arg-type]


def test_a_chain_reads_from_the_owner_down_and_never_runs_in_a_circle(deal: Deal) -> None:
    owner, below = a_chain(deal)
    assert [party.id for party in parties.chain_of(below)] == [owner.id, below.id]
    assert [party.id for party in parties.below(owner.id)] == [below.id]
    for above in (below.id, owner.id):
        with pytest.raises(Refused, match="circle"):
            correct(deal, owner, above_id=above)
    with pytest.raises(Refused, match="pick one"):
        correct(deal, owner, above_id=999)


def test_a_correction_of_a_counterparty_shows_old_and_new_but_no_phone(deal: Deal) -> None:
    owner, below = a_chain(deal)
    before = len(timeline(deal.case.id))
    correct(deal, below)
    assert len(timeline(deal.case.id)) == before, "nothing changed, nothing is told"
    correct(deal, below, contact="罗先生", phone="13900001111", above_id=None, kind=CounterpartyKind.AGENT)
    entry = timeline(deal.case.id)[0]
    assert entry.data["changes"] == {
        "kind": ["sub_lessor", "agent"],
        "contact": ["", "罗先生"],
        "phone": ["***", "***"],
        "above_id": [owner.name, ""],
    }
    assert "13900001111" not in str(entry.data)


def test_talks_that_lead_nowhere_are_refused_by_the_case_they_do_not_serve(office: Office, deal: Deal) -> None:
    stranger = a_neighbour(office)
    with pytest.raises(NotFound):
        agreements.agree(stranger, deal.negotiation, some_terms(), actor=office.actor("officer"), now=NOW)
    with pytest.raises(NotFound):
        rounds.log_round(stranger, deal.negotiation, a_draft(), actor=office.actor("officer"), now=NOW)
    assert db.session.get_one(Negotiation, deal.negotiation.id).rounds == 0
