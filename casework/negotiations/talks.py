"""Writes: counterparties, talks with them, and the rounds of the talks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.cases.models import Case
from casework.enterprises.rules import name_key
from casework.files.models import Attachment
from casework.kernel.db import db
from casework.kernel.errors import N_, Conflict, NotFound, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.negotiations import ledger, parties, queries, rules
from casework.negotiations.chronicle import mark, tell
from casework.negotiations.events import CounterpartyCorrected, NegotiationOpened, RoundLogged
from casework.negotiations.findable import make_findable
from casework.negotiations.models import Counterparty, Negotiation, NegotiationCase, Position, Round
from casework.negotiations.rules import PositionDraft, RoundDraft
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


def log_round(
    case: Case,
    negotiation: Negotiation,
    draft: RoundDraft,
    *,
    actor: Actor,
    now: datetime,
    files: Sequence[Attachment] = (),
    corrects: Round | None = None,
) -> Round:
    """Enter a round, or the correction of one; both stay. It conflicts with nobody, and is told on every case served.

    Raises:
        NotPermitted: the actor may not negotiate for this case.
        NotFound: the talks do not serve this case.
        Refused: the draft's faults, all at once.
        Conflict: somebody else has corrected the same round.
    """
    authorise(actor, "negotiation.log", case)
    # Locked, so that of two rounds entered at once the later one is what the lists show.
    db.session.execute(sa.select(Negotiation.id).where(Negotiation.id == negotiation.id).with_for_update())
    case_ids = queries.cases_of(negotiation.id)
    if case.id not in case_ids:
        raise NotFound("negotiation")
    agreement = ledger.in_force(negotiation.id)
    confirmed = agreement is not None and agreement.state == Standing.CONFIRMED
    agreed_on = agreement.agreed_on if agreement is not None and confirmed else None
    if faults := rules.round_faults(draft, now=now, agreed_on=agreed_on):
        raise Refused(faults)
    round_ = _entered(case, negotiation, draft, files, corrects, actor, now)
    positions = _positions(round_, draft.positions, ledger.monthly_rent(case_ids) if draft.positions else 0)
    _show_latest(negotiation)
    name = db.session.get_one(Counterparty, negotiation.counterparty_id).name
    fact = _fact(round_, positions, files, name, case.number if len(case_ids) > 1 else "")
    words = "\n".join((name, round_.place, round_.said, round_.objections, *round_.theirs))
    tell(case_ids, fact, by=actor, at=now, verb="round", words=words)
    return round_


def _entered(
    case: Case,
    negotiation: Negotiation,
    draft: RoundDraft,
    files: Sequence[Attachment],
    corrects: Round | None,
    actor: Actor,
    now: datetime,
) -> Round:
    if corrects is not None and corrects.negotiation_id != negotiation.id:
        raise NotFound("round")
    if corrects is not None and db.session.scalar(sa.select(Round.id).where(Round.corrects_id == corrects.id)):
        raise Conflict("corrected meanwhile")
    round_ = Round(
        negotiation_id=negotiation.id,
        case_id=case.id,
        way=draft.way,
        at=draft.at,
        until_at=draft.until,
        place=draft.place,
        latitude=draft.latitude,
        longitude=draft.longitude,
        ours=list(draft.ours),
        theirs=list(draft.theirs),
        stance=draft.stance,
        objections=draft.objections,
        said=draft.said,
        next_step=draft.next_step,
        next_on=draft.next_on,
        files=[file.id for file in files] + (list(corrects.files) if corrects else []),
        corrects_id=corrects.id if corrects else None,
        by_id=actor.user_id,
        logged_at=now,
    )
    db.session.add(round_)
    db.session.flush()  # its positions need the id
    return round_


def _positions(round_: Round, drafts: Sequence[PositionDraft], rent_fen: int) -> list[Position]:
    positions = [
        Position(
            round_id=round_.id,
            side=draft.side,
            kind=draft.kind,
            method=draft.method,
            amount_fen=draft.amount_fen,
            percent_bp=draft.percent_bp,
            months_tenths=draft.months_tenths,
            worth_fen=rules.worth(draft, rent_fen),
            conditions=draft.conditions,
            expires_on=draft.expires_on,
        )
        for draft in drafts
    ]
    db.session.add_all(positions)
    db.session.flush()  # read again on the ladder of the same request
    return positions


# Put together once: every round asks them.
_LATER, _ALSO, _ITS_LATER = (sa.orm.aliased(Round) for _ in range(3))
_COUNTED = (
    sa.select(sa.func.count())
    .select_from(_ALSO)
    .where(_ALSO.negotiation_id == sa.bindparam("talks"), ~sa.exists().where(_ITS_LATER.corrects_id == _ALSO.id))
    .scalar_subquery()
)
_LATEST = (
    sa.select(Round.at, Round.stance, Round.next_step, Round.next_on, _COUNTED)
    .where(Round.negotiation_id == sa.bindparam("talks"), ~sa.exists().where(_LATER.corrects_id == Round.id))
    .order_by(Round.at.desc(), Round.id.desc())
    .limit(1)
)
_SHOWN = (
    sa.update(Negotiation)
    .where(Negotiation.id == sa.bindparam("talks"))
    .values({name: sa.bindparam(f"new_{name}") for name in ("last_at", "stance", "next_step", "next_on", "rounds")})
    .execution_options(synchronize_session=False)
)


def _show_latest(negotiation: Negotiation) -> None:
    """Repeat the latest round in force on the talks, for lists and the desk."""
    at, stance, step, on, rounds = db.session.execute(_LATEST, {"talks": negotiation.id}).one()
    shown = {"new_last_at": at, "new_stance": stance, "new_next_step": step, "new_next_on": on, "new_rounds": rounds}
    db.session.execute(_SHOWN, {"talks": negotiation.id, **shown})


def _fact(
    round_: Round, positions: Sequence[Position], files: Sequence[Attachment], name: str, number: str
) -> RoundLogged:
    return RoundLogged(
        round=round_.id,
        negotiation=round_.negotiation_id,
        name=name,
        way=round_.way,
        at=round_.at,
        until=round_.until_at,
        place=round_.place,
        ours=list(round_.ours),
        theirs=list(round_.theirs),
        stance=round_.stance,
        objections=round_.objections,
        said=round_.said,
        next_step=round_.next_step,
        next_on=round_.next_on,
        positions=[_told(position) for position in positions],
        files=[{"id": file.id, "name": file.name, "sha256": file.sha256} for file in files],
        corrects=round_.corrects_id,
        case=number,
    )


def _told(position: Position) -> dict[str, Any]:
    told = asdict(
        PositionDraft(
            side=position.side,  # type: ignore[arg-type]  # stored by value
            kind=position.kind,  # type: ignore[arg-type]
            method=position.method,  # type: ignore[arg-type]
            amount_fen=position.amount_fen,
            percent_bp=position.percent_bp,
            months_tenths=position.months_tenths,
            conditions=position.conditions,
            expires_on=position.expires_on,
        )
    )
    told["worth_fen"] = position.worth_fen
    return {key: value for key, value in told.items() if value not in (None, "") and key != "field"}
