"""Writes: a round of talks with its asks and offers, and what the talks show of the latest one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.cases.models import Case
from casework.files.models import Attachment
from casework.kernel.db import db
from casework.kernel.errors import Conflict, NotFound, Refused
from casework.kernel.permissions import Actor, authorise
from casework.negotiations import ledger, queries, rules
from casework.negotiations.chronicle import tell
from casework.negotiations.events import RoundLogged
from casework.negotiations.models import Counterparty, Negotiation, Position, Round
from casework.negotiations.rules import PositionDraft, RoundDraft
from casework.negotiations.words import Standing


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
    if corrects is not None:
        _check_correction(negotiation, corrects)
    round_ = _entered(case, negotiation, draft, files, corrects, actor, now)
    positions = _positions(round_, draft.positions, ledger.monthly_rent(case_ids) if draft.positions else 0)
    _show_latest(negotiation)
    name = db.session.get_one(Counterparty, negotiation.counterparty_id).name
    fact = _fact(round_, positions, files, name, case.number if len(case_ids) > 1 else "")
    words = "\n".join((name, round_.place, round_.said, round_.objections, *round_.theirs))
    tell(case_ids, fact, by=actor, at=now, verb="round", words=words)
    return round_


def _check_correction(negotiation: Negotiation, corrects: Round) -> None:
    if corrects.negotiation_id != negotiation.id:
        raise NotFound("round")
    if db.session.scalar(sa.select(Round.id).where(Round.corrects_id == corrects.id)):
        raise Conflict("corrected meanwhile")


def _entered(
    case: Case,
    negotiation: Negotiation,
    draft: RoundDraft,
    files: Sequence[Attachment],
    corrects: Round | None,
    actor: Actor,
    now: datetime,
) -> Round:
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
