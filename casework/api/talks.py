"""The rounds of talks of a case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from marshmallow import fields

from casework.api.answering import Answer, Order, chosen
from casework.api.asking import Asked
from casework.api.fields import Day, Many, Moment, OneOf, RowId, Shape, Text, Whole
from casework.api.operations import operation
from casework.api.shapes import Paged
from casework.cases.models import Case
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, because
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor
from casework.negotiations import queries, rounds, talks
from casework.negotiations.edge import case_for
from casework.negotiations.models import Counterparty, Negotiation, NegotiationCase, Position, Round
from casework.negotiations.rules import MOST_FEN, MOST_MONTHS_TENTHS, PositionDraft, RoundDraft
from casework.negotiations.talks import PartyDraft
from casework.negotiations.words import (
    KINDS,
    METHODS,
    STANCES,
    WAYS,
    CounterpartyKind,
    Method,
    PositionKind,
    Side,
    Stance,
    Way,
)

GROUP = N_("Talks")
_ROUNDS = Order("rounds", (paging.Key(Round.at, datetime), paging.Key(Round.id, int)))


class Stated(Shape):
    """An ask or an offer."""

    side = OneOf(tuple(Side), required=True)
    kind = OneOf(tuple(PositionKind), required=True)
    method = OneOf(METHODS, required=True)
    amount_fen = Whole(most=MOST_FEN, metadata={"description": N_("A sum in fen")})
    percent_bp = Whole(most=10_000, metadata={"description": N_("Hundredths of a per cent of the rent")})
    months_tenths = Whole(most=MOST_MONTHS_TENTHS, metadata={"description": N_("Tenths of a month")})
    conditions = Text(most=500)
    expires_on = Day()


class Party(Shape):
    """The other side, when it is met for the first time."""

    name = Text(required=True, least=1, metadata={"example": "临江物业管理公司"})
    kind = OneOf(KINDS, load_default=CounterpartyKind.OWNER.value)


class RoundNew(Shape):
    """A visit, call, meeting or message with the other side."""

    talks = RowId(metadata={"description": N_("Id of talks that go on; else name the other side")})
    counterparty = fields.Nested(Party)
    way = OneOf(WAYS, required=True)
    at = Moment(required=True, metadata={"example": "2020-03-16T10:00:00+08:00"})
    until = Moment()
    stance = OneOf(STANCES, required=True)
    said = Text(most=5000)
    place = Text()
    ours = Many(Text(most=100, least=1), most=50)
    theirs = Many(Text(most=100, least=1), most=50)
    objections = Text(most=5000)
    next_step = Text(most=300)
    next_on = Day()
    positions = Many(fields.Nested(Stated), most=10)


class RoundLine(Shape):
    """A round as it stands."""

    id = RowId(required=True)
    talks = RowId(required=True)
    counterparty = Text(required=True)
    way = OneOf(WAYS, required=True)
    at = Moment(required=True)
    stance = OneOf(STANCES, required=True)
    said = Text(required=True, most=5000)
    objections = Text(required=True, most=5000)
    next_step = Text(required=True, most=300)
    next_on = Day(required=True, allow_none=True)
    corrects = RowId(required=True, allow_none=True)
    positions = Many(fields.Nested(Stated), required=True)


def _round(row: Round, name: str, positions: list[Position]) -> dict[str, Any]:
    return {
        **{key: getattr(row, key) for key in ("id", "way", "stance", "said", "objections", "next_step")},
        "talks": row.negotiation_id,
        "counterparty": name,
        "at": row.at.isoformat(),
        "next_on": row.next_on.isoformat() if row.next_on else None,
        "corrects": row.corrects_id,
        "positions": [_stated(one) for one in positions],
    }


def _stated(one: Position) -> dict[str, Any]:
    said = {name: getattr(one, name) for name in Stated().fields}
    said["expires_on"] = one.expires_on.isoformat() if one.expires_on else None
    return {name: value for name, value in said.items() if value is not None}


@operation(
    name="listRounds",
    method="GET",
    path="/cases/{number}/rounds",
    permission="negotiation.read",
    group=GROUP,
    summary=N_("The rounds of talks of a case, oldest first"),
    query=Paged,
    answer=RoundLine,
    paged=True,
)
def list_rounds(asked: Asked, number: str) -> Answer:
    """The rounds of all talks that serve a case."""
    case, keep = case_for(number, "negotiation.read"), chosen(asked.query.get("fields_"), RoundLine)
    query = (
        sa.select(Round)
        .join(NegotiationCase, NegotiationCase.negotiation_id == Round.negotiation_id)
        .where(NegotiationCase.case_id == case.id)
    )
    at, size = _ROUNDS.at(asked.query.get("cursor")), asked.query["limit"]
    found = paging.page_of(query, _ROUNDS.keys, at, size, values=lambda row: [row.at, row.id], whole=True)
    said = _positions([row.id for row in found.rows])
    names = {negotiation.id: party.name for negotiation, party in queries.negotiations_of(case.id)}
    rows = [keep(_round(row, names.get(row.negotiation_id, ""), said[row.id])) for row in found.rows]
    return Answer(body=_ROUNDS.listed(found, rows))


def _positions(rounds: list[int]) -> Mapping[int, list[Position]]:
    found: Mapping[int, list[Position]] = defaultdict(list)
    query = sa.select(Position).where(Position.round_id.in_(rounds)).order_by(Position.id)
    for one in db.session.scalars(query) if rounds else ():
        found[one.round_id].append(one)
    return found


@operation(
    name="addRound",
    method="POST",
    path="/cases/{number}/rounds",
    permission="negotiation.log",
    group=GROUP,
    summary=N_("Log a round of talks"),
    text=N_("Name the talks it belongs to, or the other side; neither is needed where the case has one."),
    body=RoundNew,
    takes={
        "counterparty": {"name": "临江物业管理公司", "kind": "owner"},
        "way": "visit",
        "at": "2020-03-16T10:00:00+08:00",
        "stance": "hesitates",
        "said": "愿意考虑减免两个月租金。",
        "positions": [{"side": "us", "kind": "ask", "method": "waive", "months_tenths": 20}],
    },
    answer=RoundLine,
    status=201,
    keyed=True,
)
def add_round(asked: Asked, number: str) -> Answer:
    """A round; it conflicts with nobody."""
    case = case_for(number, "negotiation.log")
    negotiation = _chosen(case, asked.body)
    logged = rounds.log_round(case, negotiation, _drafted(asked.body), actor=current_actor(), now=utcnow())
    name = db.session.get_one(Counterparty, negotiation.counterparty_id).name
    return Answer(body=_round(logged, name, queries.positions_in(logged.id)), status=201)


def _chosen(case: Case, body: Mapping[str, Any]) -> Negotiation:
    if "talks" in body:
        return queries.negotiation_of(case.id, body["talks"])[0]
    if "counterparty" in body:
        party = PartyDraft(name=body["counterparty"]["name"], kind=CounterpartyKind(body["counterparty"]["kind"]))
        return talks.open_talks(case, party, actor=current_actor(), now=utcnow())
    known = queries.negotiations_of(case.id)
    if len(known) != 1:
        raise Refused(because(N_("With whom: write the name of the counterparty."), "counterparty"))
    return known[0][0]


def _drafted(body: Mapping[str, Any]) -> RoundDraft:
    plain = ("said", "place", "ours", "theirs", "objections", "next_step", "next_on", "until")
    return RoundDraft(
        way=Way(body["way"]),
        at=body["at"],
        stance=Stance(body["stance"]),
        positions=[_position(index, one) for index, one in enumerate(body.get("positions", ()))],
        **{name: body[name] for name in plain if name in body},
    )


def _position(index: int, one: Mapping[str, Any]) -> PositionDraft:
    rest = {name: value for name, value in one.items() if name not in ("side", "kind", "method")}
    return PositionDraft(
        side=Side(one["side"]),
        kind=PositionKind(one["kind"]),
        method=Method(one["method"]),
        field=f"positions.{index}",
        **rest,
    )
