"""What was done for many cases at once: one's own acts, and those of one's unit, with what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from casework.cases.workflow import Action
from casework.commons import move_queries, queries, rules
from casework.commons.models import CommonIssue, CommonMove, MoveState, StepState
from casework.commons.policy import ACTS
from casework.kernel import paging
from casework.kernel.db import db, one
from casework.kernel.permissions import TABLE, Actor, Scope
from casework.kernel.time import at_local
from casework.roster.models import Posting
from casework.roster.queries import names, valid_on

SIZE = 30
SAID = 60


@dataclass(frozen=True, slots=True)
class Act:
    """An act with what the list says of it; ``undone`` is the move that took it back, ``back`` for how many."""

    move: CommonMove
    action: Action | None
    said: str
    by: str
    counts: Mapping[str, int]
    issue: CommonIssue | None
    undone: int | None
    back: int

    @property
    def path(self) -> str:
        """Its page."""
        if self.issue is not None:
            return f"/common-issues/{self.issue.id}/moves/{self.move.id}"
        return f"/cases/together/{self.move.id}"

    @property
    def moving(self) -> bool:
        """Whether it still goes on."""
        return self.move.status != MoveState.DONE

    @property
    def total(self) -> int:
        """For how many cases it was asked."""
        return sum(self.counts.values())

    @property
    def through(self) -> int:
        """For how many it was tried."""
        return self.total - self.counts.get(StepState.WAITING, 0)


def units_of(actor: Actor) -> list[int]:
    """The units whose people's acts this person may read: the table, not a role by name."""
    grants = TABLE[ACTS].grants
    return sorted({duty.unit_id for duty in actor.duties if Scope.TEAM in grants.get(duty.role, ())})


def visible_to(actor: Actor, today: date) -> sa.ColumnElement[bool]:
    """The acts that one may read: one's own, and of those who serve today in a unit that the table opens what they did
    since they came. What they did elsewhere before is no matter of this unit.
    """
    return sa.or_(CommonMove.by_id == actor.user_id, *_of_units(units_of(actor), today))


def _of_units(units: Sequence[int], today: date) -> list[sa.ColumnElement[bool]]:
    here = sa.select(Posting.user_id, sa.func.min(Posting.from_on)).where(Posting.unit_id.in_(units), valid_on(today))
    came: dict[date, list[int]] = {}
    for user_id, since in db.session.execute(here.group_by(Posting.user_id)) if units else ():
        came.setdefault(since, []).append(user_id)
    return [sa.and_(CommonMove.by_id.in_(ids), CommonMove.at >= at_local(since)) for since, ids in came.items()]


def visible_act(move_id: int, actor: Actor, today: date) -> CommonMove:
    """An act on cases that were chosen from the list, to be read.

    Raises:
        NotFound: there is none that one may read.
    """
    here = sa.and_(CommonMove.id == move_id, CommonMove.issue_id.is_(None), visible_to(actor, today))
    return one(sa.select(CommonMove).where(here), "move")


def acts(actor: Actor, at: paging.At, *, of_unit: bool, today: date) -> paging.Page[Act]:
    """Own acts, or those of one's units, newest first; an issue that one no longer sees takes its acts along."""
    whose = visible_to(actor, today) if of_unit else CommonMove.by_id == actor.user_id
    issue = sa.select(CommonIssue.id).where(CommonIssue.id == CommonMove.issue_id, queries.visible_to(actor))
    query = sa.select(CommonMove).where(whose, sa.or_(CommonMove.issue_id.is_(None), issue.exists()))
    keys = (paging.Key(CommonMove.id, int, down=True),)
    found = paging.page_of(query, keys, at, SIZE, values=lambda move: [move.id], whole=True)
    return paging.Page(_told(found.rows), found.after, found.before, first=found.first)


def _told(moves: Sequence[CommonMove]) -> list[Act]:
    """Each with its counts, in the same few queries however many there are."""
    ids = [move.id for move in moves]
    undone = {move.undoes_id: move.id for move in _undoing(ids)}
    counts = move_queries.tally([*ids, *undone.values()]) if ids else {}
    people = names({key for move in moves for key in (move.by_id, officer_of(move)) if key})
    wanted = {move.issue_id for move in moves if move.issue_id}
    rows = db.session.scalars(sa.select(CommonIssue).where(CommonIssue.id.in_(wanted))) if wanted else ()
    issues = {issue.id: issue for issue in rows}
    return [
        Act(
            move,
            rules.taken_back(move.action) if move.undoes_id else rules.of_move(move.action),
            said(move, people),
            people.get(move.by_id, ""),
            counts.get(move.id, {}),
            issues.get(move.issue_id or 0),
            undone.get(move.id),
            counts.get(undone.get(move.id, 0), {}).get(StepState.DONE, 0),
        )
        for move in moves
    ]


def _undoing(ids: Sequence[int]) -> Sequence[CommonMove]:
    query = sa.select(CommonMove).where(CommonMove.undoes_id.in_(ids)).order_by(CommonMove.id)
    return db.session.scalars(query).all() if ids else ()


def officer_of(move: CommonMove) -> int:
    """Whom an act gave the cases to; 0: it gave them to nobody."""
    return int(move.answer.get("officer") or 0) if move.action == rules.ASSIGN.name else 0


def said(move: CommonMove, people: Mapping[int, str]) -> str:
    """What was filled in, in a few words: the tag, whom they were given to, the case that stayed, what was written."""
    if officer := officer_of(move):
        return people.get(officer, "")
    text = str(next((move.answer[name] for name in ("word", "other", "text") if move.answer.get(name)), ""))
    return text if len(text) <= SAID else f"{text[:SAID]}…"
