"""Reads of talks, rounds and promises. Each starts from a case that the caller has loaded through ``visible_case``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.cases.models import Case
from casework.files.models import Attachment
from casework.kernel.db import db, one
from casework.kernel.errors import NotFound
from casework.negotiations.models import (
    Commitment,
    Counterparty,
    Negotiation,
    NegotiationCase,
    Position,
    Round,
)
from casework.negotiations.words import UNSETTLED


def district_of(case: Case) -> int:
    """The district whose counterparties a case may meet."""
    return case.district_id or case.area_id


def negotiations_of(case_id: int) -> list[tuple[Negotiation, Counterparty]]:
    """The talks that serve a case, oldest first."""
    query = (
        sa.select(Negotiation, Counterparty)
        .join(NegotiationCase, NegotiationCase.negotiation_id == Negotiation.id)
        .join(Counterparty, Counterparty.id == Negotiation.counterparty_id)
        .where(NegotiationCase.case_id == case_id)
        .order_by(Negotiation.id)
    )
    return [(negotiation, party) for negotiation, party in db.session.execute(query)]


def negotiation_of(case_id: int, negotiation_id: int | None) -> tuple[Negotiation, Counterparty]:
    """One of the talks that serve a case.

    Raises:
        NotFound: it serves other cases, or there is none.
    """
    for negotiation, party in negotiations_of(case_id):
        if negotiation.id == negotiation_id:
            return negotiation, party
    raise NotFound("negotiation")


def cases_of(negotiation_id: int) -> list[int]:
    """The ids of the cases that talks serve."""
    query = sa.select(NegotiationCase.case_id).where(NegotiationCase.negotiation_id == negotiation_id)
    return list(db.session.scalars(query.order_by(NegotiationCase.case_id)))


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round with its positions; ``corrected`` when a later one put it right, ``no`` counts those in force."""

    round: Round
    positions: Sequence[Position]
    no: int
    corrected: bool


def rounds_of(negotiation_id: int) -> list[RoundRow]:
    """All rounds of talks in the order in which they took place, corrected ones too."""
    query = sa.select(Round).where(Round.negotiation_id == negotiation_id).order_by(Round.at, Round.id)
    rounds = list(db.session.scalars(query))
    positions: Mapping[int, list[Position]] = defaultdict(list)
    chosen = (
        sa.select(Position)
        .join(Round, Round.id == Position.round_id)
        .where(Round.negotiation_id == negotiation_id)
        .order_by(Position.id)
    )
    for position in db.session.scalars(chosen):
        positions[position.round_id].append(position)
    corrected = {round_.corrects_id for round_ in rounds}
    rows, no = [], 0
    for round_ in rounds:
        stands = round_.id not in corrected
        no += stands
        rows.append(RoundRow(round_, positions[round_.id], no if stands else 0, not stands))
    return rows


@dataclass(frozen=True, slots=True)
class Rung:
    """A round in force as the ladder needs it: light, as there may be hundreds."""

    at: datetime
    stance: str
    positions: Sequence[Any]


# Put together once: the case page asks them for each of its talks.
_LATER = sa.orm.aliased(Round)
_STANDS = sa.and_(
    Round.negotiation_id == sa.bindparam("negotiation"), ~sa.exists().where(_LATER.corrects_id == Round.id)
)
_RUNGS = sa.select(Round.id, Round.at, Round.stance).where(_STANDS).order_by(Round.at, Round.id)
_SAID = (
    sa.select(
        Position.round_id,
        Position.side,
        Position.kind,
        Position.method,
        Position.worth_fen,
        Position.months_tenths,
        Position.percent_bp,
        Position.expires_on,
    )
    .join(Round, Round.id == Position.round_id)
    .where(_STANDS)
    .order_by(Position.id)
)


def rungs_of(negotiation_id: int) -> list[Rung]:
    """The rounds in force with their positions (side, kind, method, worth, expiry), in the order of time."""
    asked = {"negotiation": negotiation_id}
    said: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(_SAID, asked):
        said[row[0]].append(row)
    return [Rung(at, stance, said.get(key, ())) for key, at, stance in db.session.execute(_RUNGS, asked)]


def round_in(case_id: int, round_id: int | None) -> Round:
    """A round of the talks that serve a case.

    Raises:
        NotFound: there is none on this case.
    """
    query = (
        sa.select(Round)
        .join(NegotiationCase, NegotiationCase.negotiation_id == Round.negotiation_id)
        .where(Round.id == round_id, NegotiationCase.case_id == case_id)
    )
    return one(query, "round")


def positions_in(round_id: int) -> list[Position]:
    """The asks and offers of a round."""
    return list(db.session.scalars(sa.select(Position).where(Position.round_id == round_id).order_by(Position.id)))


def commitments_of(case_id: int) -> list[Commitment]:
    """The promises on a case: unsettled ones first, by their day."""
    order = sa.case((Commitment.state.in_(UNSETTLED), 0), else_=1)
    query = sa.select(Commitment).where(Commitment.case_id == case_id)
    return list(db.session.scalars(query.order_by(order, Commitment.due_on, Commitment.id)))


def commitment_in(case_id: int, commitment_id: int) -> Commitment:
    """One promise on a case.

    Raises:
        NotFound: there is none.
    """
    query = sa.select(Commitment).where(Commitment.id == commitment_id, Commitment.case_id == case_id)
    return one(query, "commitment")


def unsettled(case_id: int) -> list[Commitment]:
    """The promises that still hold back closing."""
    query = sa.select(Commitment).where(Commitment.case_id == case_id, Commitment.state.in_(UNSETTLED))
    return list(db.session.scalars(query.order_by(Commitment.due_on, Commitment.id)))


def files_named(case_ids: Sequence[int], ids: Iterable[int]) -> dict[int, Attachment]:
    """Sealed files of these cases by id."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    query = sa.select(Attachment).where(Attachment.id.in_(wanted), Attachment.case_id.in_(case_ids))
    return {file.id: file for file in db.session.scalars(query)}
