"""Writes: counterparties and the talks with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.cases.models import Case
from casework.enterprises.rules import name_key
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.negotiations import ledger, parties, queries
from casework.negotiations.chronicle import mark, tell
from casework.negotiations.events import CounterpartyCorrected, NegotiationOpened
from casework.negotiations.findable import make_findable
from casework.negotiations.models import Counterparty, Negotiation, NegotiationCase
from casework.negotiations.words import CounterpartyKind, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyDraft:
    """A counterparty as the officer names it."""

    name: str
    kind: CounterpartyKind
    contact: str = ""
    phone: str = ""
    above_id: int | None = None


def open_talks(case: Case, party: PartyDraft, *, actor: Actor, now: datetime) -> Negotiation:
    """Begin talks with a counterparty for a case; those that are open already go on.

    A name that the district knows is the same counterparty, so that its other cases and promises are seen.

    Raises:
        NotPermitted: the actor may not negotiate for this case.
        Refused: the name is missing, or the counterparty above lies elsewhere.
    """
    authorise(actor, "negotiation.log", case)
    counterparty = _known_or_new(case, party, now)
    for negotiation, other in queries.negotiations_of(case.id):
        if other.id == counterparty.id:
            return negotiation
    negotiation = Negotiation(counterparty_id=counterparty.id, opened_at=now, opened_by_id=actor.user_id, rounds=0)
    db.session.add(negotiation)
    db.session.flush()  # the link to the case needs the id
    _serve(negotiation, counterparty, case, actor=actor, now=now)
    return negotiation


def _known_or_new(case: Case, party: PartyDraft, now: datetime) -> Counterparty:
    _check_party(party)
    district = queries.district_of(case)
    chosen = sa.select(Counterparty).where(
        Counterparty.district_id == district, Counterparty.name_key == name_key(party.name)
    )
    if found := db.session.scalar(chosen):
        return found
    if party.above_id is not None:
        _above(district, party.above_id)
    made = Counterparty(
        district_id=district,
        name=party.name.strip(),
        name_key=name_key(party.name),
        kind=party.kind,
        contact=party.contact,
        phone=party.phone,
        above_id=party.above_id,
        added_at=now,
    )
    db.session.add(made)
    db.session.flush()  # the talks need the id
    make_findable(made)
    return made


def _check_party(party: PartyDraft) -> None:
    if not name_key(party.name):
        raise Refused(because(N_("With whom: write the name of the counterparty."), "name"))
    if len(party.name) > 200:
        raise Refused(because(N_("Shorten this to %(limit)s characters."), "name", limit=200))


def _above(district_id: int, above_id: int) -> Counterparty:
    found = db.session.get(Counterparty, above_id)
    if found is None or found.district_id != district_id:
        raise Refused(because(N_("Rents from: pick one of the counterparties offered."), "above"))
    return found


def join(case: Case, negotiation: Negotiation, *, with_case: Case, actor: Actor, now: datetime) -> None:
    """Let talks that serve one case serve another too: one visit then counts for both.

    Raises:
        NotPermitted: the actor may not negotiate for both cases.
        Refused: the cases lie in different districts, it serves the case already, or it is agreed already.
    """
    authorise(actor, "negotiation.log", case)
    authorise(actor, "negotiation.log", with_case)
    if queries.district_of(case) != queries.district_of(with_case):
        raise Refused(because(N_("Case: only cases of one district can negotiate together."), "case"))
    serves = queries.cases_of(negotiation.id)
    if with_case.id not in serves:
        raise NotFound("negotiation")
    if case.id in serves:
        raise Refused(because(N_("Case: these talks serve it already."), "case"))
    agreement = ledger.in_force(negotiation.id)
    if agreement is not None and agreement.state == Standing.CONFIRMED:
        raise Refused(because(N_("Case: these talks have led to an agreement already; open talks of its own."), "case"))
    counterparty = db.session.get_one(Counterparty, negotiation.counterparty_id)
    _serve(negotiation, counterparty, case, actor=actor, now=now, with_case=with_case.number)


def _serve(
    negotiation: Negotiation,
    counterparty: Counterparty,
    case: Case,
    *,
    actor: Actor,
    now: datetime,
    with_case: str = "",
) -> None:
    db.session.add(NegotiationCase(negotiation_id=negotiation.id, case_id=case.id, joined_at=now))
    db.session.flush()  # before the entry, so that nothing is told of talks that could not be joined
    fact = NegotiationOpened(
        negotiation=negotiation.id,
        counterparty=counterparty.id,
        name=counterparty.name,
        party=counterparty.kind,
        with_case=with_case,
    )
    mark(case.id)
    tell([case.id], fact, by=actor, at=now, verb="round", words=counterparty.name)


def correct_party(case: Case, counterparty: Counterparty, party: PartyDraft, *, actor: Actor, now: datetime) -> None:
    """Put right the kind, chain or contact of a counterparty that the case negotiates with. Its name stays.

    Raises:
        NotPermitted: the actor may not negotiate for this case.
        Refused: the chain would run in a circle or leave the district.
    """
    authorise(actor, "negotiation.log", case)
    if party.above_id is not None:
        above = _above(counterparty.district_id, party.above_id)
        if counterparty.id in {link.id for link in parties.chain_of(above)}:
            raise Refused(because(N_("Rents from: this would be a circle. Pick who stands above it."), "above"))
    changes: dict[str, list[Any]] = {}
    for name in ("kind", "contact", "phone", "above_id"):
        old, new = getattr(counterparty, name), getattr(party, name)
        if old != new:
            changes[name] = ["***", "***"] if name == "phone" else [_shown(name, old), _shown(name, new)]
            setattr(counterparty, name, new)
    if not changes:
        return
    db.session.flush()  # the version check before the entry
    make_findable(counterparty)
    fact = CounterpartyCorrected(counterparty=counterparty.id, name=counterparty.name, changes=changes)
    tell([case.id], fact, by=actor, at=now, verb="round")


def _shown(name: str, value: Any) -> Any:
    if name != "above_id":
        return str(value)
    above = db.session.get(Counterparty, value) if value else None
    return above.name if above else ""
