"""The closed cases most like one, among a bounded number that one may see: a fixed number of queries.

How alike is measured as for repeats (``intake.likeness``). Each range is the beginning of an index, read newest first
without a look at rights; who may see what is asked of the few hundred that come of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from casework.cases.models import Case
from casework.cases.queries import visible_to
from casework.cases.workflow import State
from casework.intake import comparing, likeness
from casework.intake.likeness import Alike, Report
from casework.kernel.db import db
from casework.kernel.permissions import Actor, can
from casework.negotiations.models import Agreement, NegotiationCase, Position, Round
from casework.negotiations.words import PositionKind, Side, Standing
from casework.processes.models import ProcessRun, ProcessTemplate
from casework.processes.words import RunState

NEWEST = {"type": 300, "district": 150, "firm": 30, "community": 60, "landlord": 60, "unit": 120}
MOST_UNITS = 5
ENOUGH = 0.3
"""Same type and the same ask are enough; the type alone is not, nor are a few common words."""
TEXT = likeness.LONGEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedent:
    """A closed case with why it is like this one, what was agreed in it, and the template that was run through."""

    case: Case
    alike: Alike
    asked: frozenset[str]
    agreement: Agreement | None
    template: ProcessTemplate | None

    @property
    def took(self) -> timedelta:
        """From its report to its closing."""
        return (self.case.closed_at or self.case.last_at) - self.case.submitted_at


def of(case: Case, actor: Actor, most: int) -> list[Precedent]:
    """The closed cases most like a case, most alike first, with what came of them."""
    told = comparing.told_by(case)
    landlords = comparing.landlords_of(told)
    rows = _candidates(case, landlords, actor)
    if not rows:
        return []
    negotiated = [row.id for row in (case, *rows) if row.negotiated]
    talked = comparing.talked_with(negotiated) if landlords else {}
    asked = _asked(negotiated)
    mine = _report(case, landlords, talked, asked)
    theirs = [_report(row, landlords, talked, asked) for row in rows]
    found = likeness.alike(mine, theirs, most, hinted=0.0, least=ENOUGH)
    return _told(found, mine, {one.key: one for one in theirs}, actor)


def _report(
    row: Any, landlords: Mapping[int, str], talked: Mapping[int, set[int]], asked: Mapping[int, set[str]]
) -> Report:
    report = comparing.report_of(comparing.told_by(row), landlords, talked)
    return replace(report, kind=row.type_id, asks=frozenset(asked.get(row.id, ())))


def _candidates(case: Case, landlords: Mapping[int, str], actor: Actor) -> Sequence[Any]:
    ended = (Case.is_open.is_(False), Case.id != case.id)
    near = [*comparing.near(comparing.told_by(case), landlords), *_own(actor)]
    ranges = [
        sa.select(sa.select(Case.id).where(nearby, *ended).order_by(Case.id.desc()).limit(NEWEST[name]).subquery().c.id)
        for name, nearby in near
        if name in NEWEST
    ]
    columns = (
        Case.id, Case.title, sa.func.substr(Case.text, 1, TEXT).label("text"), Case.district_id, Case.community_id,
        Case.type_id, Case.enterprise_id, Case.requester, Case.contact_phone, Case.negotiated,
    )  # fmt: skip
    # Closed is asked at the end: within a range it would lure the planner to an index that has to be sorted whole. And
    # the ids are fetched first: beside a union it may prefer to read every case.
    keys = list(db.session.scalars(sa.union(*ranges)))
    chosen = sa.select(*columns).where(Case.id.in_(keys), Case.state == State.CLOSED, visible_to(actor))
    return db.session.execute(chosen.order_by(Case.id.desc())).all()


def _own(actor: Actor) -> Iterable[tuple[str, Any]]:
    """Somebody who sees one team's cases finds precedents among them, however many the district has."""
    units = sorted({duty.unit_id for duty in actor.duties})
    return [("unit", Case.unit_id == unit) for unit in units[:MOST_UNITS]]


def _asked(case_ids: Collection[int]) -> Mapping[int, set[str]]:
    """What was asked of the other side for each of these cases, by method."""
    found: dict[int, set[str]] = defaultdict(set)
    if not case_ids:
        return found
    query = (
        sa.select(NegotiationCase.case_id, Position.method)
        .join(Round, Round.negotiation_id == NegotiationCase.negotiation_id)
        .join(Position, Position.round_id == Round.id)
        .where(NegotiationCase.case_id.in_(case_ids), Position.side == Side.US, Position.kind == PositionKind.ASK)
        .distinct()
    )
    for case_id, method in db.session.execute(query):
        found[case_id].add(method)
    return found


def _told(found: Sequence[Alike], mine: Report, theirs: Mapping[int, Report], actor: Actor) -> list[Precedent]:
    keys = [one.key for one in found]
    cases = {case.id: case for case in db.session.scalars(sa.select(Case).where(Case.id.in_(keys)))}
    open_to = [key for key, case in cases.items() if can(actor, "negotiation.read", case)]
    agreements, templates = _agreements(open_to), _templates(keys)
    return [
        Precedent(
            case=cases[one.key],
            alike=one,
            asked=mine.asks & theirs[one.key].asks,
            agreement=agreements.get(one.key),
            template=templates.get(one.key),
        )
        for one in found
        if one.key in cases
    ]


def _agreements(case_ids: Sequence[int]) -> dict[int, Agreement]:
    """The newest confirmed agreement of each case."""
    query = (
        sa.select(NegotiationCase.case_id, Agreement)
        .join(Agreement, Agreement.negotiation_id == NegotiationCase.negotiation_id)
        .where(NegotiationCase.case_id.in_(case_ids), Agreement.state == Standing.CONFIRMED)
        .order_by(Agreement.id)
    )
    return {case_id: agreement for case_id, agreement in db.session.execute(query)} if case_ids else {}  # noqa: C416


def _templates(case_ids: Sequence[int]) -> dict[int, ProcessTemplate]:
    """The template of the newest process that was run through on each case."""
    query = (
        sa.select(ProcessRun.case_id, ProcessTemplate)
        .join(ProcessTemplate, ProcessTemplate.id == ProcessRun.template_id)
        .where(ProcessRun.case_id.in_(case_ids), ProcessRun.state == RunState.DONE)
        .order_by(ProcessRun.id)
    )
    return {case_id: template for case_id, template in db.session.execute(query)} if case_ids else {}  # noqa: C416
