"""A move of many cases: asked for once, then each case in a transaction of its own. The edge, for views and job.

What a move did with a case is kept in the transaction that moved it. A move that was cut off goes on where it stopped,
told to go again it tries those that were left, and two processes at once move no case twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.cases import rules as case_rules
from casework.cases import tags
from casework.cases.models import Case
from casework.cases.workflow import Action
from casework.commons import acting, move_queries, queries, rules
from casework.commons import chosen as choice
from casework.commons.events import DoneTogether, MovedTogether
from casework.commons.models import CommonIssue, CommonMove, CommonStep, Membership, MoveState, StepState
from casework.commons.policy import MOVE
from casework.files import service as files
from casework.files import storage
from casework.files.service import Sealed
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, Conflict, NotFound, NotPermitted, Reason, Refused, because
from casework.kernel.permissions import Actor, authorise, can
from casework.kernel.time import local_day, utcnow
from casework.roster.queries import actor_for

TRIES = 3
GONE = Reason(N_("It was taken out of the common issue meanwhile."))
NOT_THEIRS = Reason(N_("It is not yours to do there."))
CHANGED = Reason(N_("Somebody else was changing it: run it again."))
NO_FILE = Reason(N_("The attached file is no longer kept: attach it anew."))


def ask(
    issue: CommonIssue | None,
    action: Action,
    answer: Mapping[str, Any],
    case_ids: Sequence[int],
    *,
    sealed: Sequence[Sealed] = (),
    proves: str = "",
    filters: Mapping[str, str] | None = None,
    actor: Actor,
    now: datetime,
) -> CommonMove:
    """Enter a move of these cases, in the caller's transaction; ``carry_on`` makes it.

    They are members of an issue, or were chosen from the list, by the words of its address in ``filters``.

    Raises:
        NotPermitted: the issue is not the actor's to move, or nobody with their roles takes this action.
        Refused: nothing is ticked, the issue is settled, or the answer is not whole.
    """
    chosen = _chosen(issue, action, answer, case_ids, actor)
    if reasons := _faults(issue, action, answer, chosen, sealed, local_day(now)):
        raise Refused(reasons)
    kept = [files.attach(sealed=one, case_id=None, actor_id=actor.user_id, now=now).id for one in sealed]
    move = CommonMove(
        issue_id=issue.id if issue else None,
        filters=None if filters is None else dict(filters),
        action=action.name,
        answer=rules.packed(answer),
        files={"ids": kept, "proves": proves} if kept else {},
        by_id=actor.user_id,
        at=now,
        beat_at=now,
    )
    return _entered(move, [CommonStep(case_id=case_id) for case_id in chosen])


def _faults(
    issue: CommonIssue | None,
    action: Action,
    answer: Mapping[str, Any],
    chosen: Sequence[int],
    sealed: Sequence[Sealed],
    today: date,
) -> list[Reason]:
    """Why these cases cannot be moved together: what is wrong with the answer, with the issue, with the choice."""
    reasons = case_rules.answer_faults(action, answer, today)
    if not reasons and action in (rules.TAG, rules.UNTAG):
        reasons += tags.faults(tags.cleaned(str(answer.get("word", ""))))
    if issue is not None and not issue.is_open:
        reasons.append(because(N_("This common issue is settled: take it up again first.")))
    if not chosen:
        reasons.append(because(N_("Tick the cases that are meant."), "cases"))
    if action is rules.ATTACH and not sealed:
        reasons.append(because(N_("Photos and files: choose at least one."), "files"))
    return reasons


def _entered(move: CommonMove, steps: Sequence[CommonStep]) -> CommonMove:
    """A move with what is to be done for each case; a few at once, many by the job."""
    move.status = MoveState.RUNNING if len(steps) <= rules.AT_ONCE else MoveState.WAITING
    db.session.add(move)
    db.session.flush()  # the steps name the id
    for step in steps:
        step.move_id, step.status, step.reasons = move.id, StepState.WAITING, []
    db.session.add_all(steps)
    return move


def _chosen(
    issue: CommonIssue | None, action: Action, answer: Mapping[str, Any], case_ids: Sequence[int], actor: Actor
) -> list[int]:
    """Those of the cases that can be meant: the members of the issue, or what the actor may see; not the one that stays
    when the others are merged into it.
    """
    if issue is not None:
        authorise(actor, MOVE, issue)
        members = {case.id for case in queries.cases_of(issue, actor)}
        return [case_id for case_id in dict.fromkeys(case_ids) if case_id in members]
    if not can(actor, action.permission):
        raise NotPermitted(action.permission)
    stays = str(answer.get("other", "")) if action is rules.MERGE else ""
    return [case.id for case in choice.cases_of(case_ids[: rules.MOST_CASES], actor) if case.number != stays]


def undo(move: CommonMove, *, actor: Actor, now: datetime) -> CommonMove:
    """Enter the move that takes this one back, for each case that went through; ``carry_on`` makes it.

    What was changed again since is left, and named.

    Raises:
        NotPermitted: somebody else made it.
        Refused: it cannot be taken back, was taken back already, is not through yet, or nothing went through.
    """
    if move.by_id != actor.user_id or move.issue_id is not None:
        raise NotPermitted(move.action)
    name, steps = rules.UNDOES.get(move.action), choice.done_steps(move)
    if name is None or move.undoes_id is not None:
        raise Refused(because(N_("This cannot be taken back.")))
    if move.status != MoveState.DONE or not steps or choice.undone_by(move) is not None:
        raise Refused(because(N_("There is nothing to take back.")))
    back = CommonMove(
        action=name,
        answer=move.answer,
        files={},
        undoes_id=move.id,
        by_id=actor.user_id,
        at=now,
        beat_at=now,
    )
    return _entered(back, [CommonStep(case_id=one.case_id, before=one.before) for one in steps])


def again(issue: CommonIssue | None, move: CommonMove, *, actor: Actor, now: datetime) -> int:
    """Let the cases that were left be tried again, in this person's name; returns how many.

    Raises:
        NotPermitted: the issue is not the actor's to move, or somebody else chose the cases.
        Refused: nothing is left.
    """
    if issue is not None:
        authorise(actor, MOVE, issue)
    elif move.by_id != actor.user_id:
        raise NotPermitted(move.action)
    left: Any = db.session.execute(
        sa.update(CommonStep)
        .where(CommonStep.move_id == move.id, CommonStep.status == StepState.REFUSED)
        .values(status=StepState.WAITING, reasons=[])
        .execution_options(synchronize_session=False)
    )
    count = int(left.rowcount)
    if not count:
        raise Refused(because(N_("Nothing is left to do.")))
    move.status = MoveState.RUNNING if count <= rules.AT_ONCE else MoveState.WAITING
    move.by_id, move.beat_at, move.finished_at = actor.user_id, now, None
    return count


def carry_on(move_id: int, *, now: datetime) -> bool:
    """Try each case that was not tried yet, one transaction a case; whether the move came to its end here."""
    with transaction():
        move = db.session.get(CommonMove, move_id)
        if move is None or move.status == MoveState.DONE:
            return False
        move.status, move.beat_at = MoveState.RUNNING, now
        actor = actor_for(move.by_id, local_day(now))
        of_all = sum(move_queries.tally([move_id]).get(move_id, {}).values())
    after = 0
    while (case_id := move_queries.next_step(move_id, after)) is not None:
        _step(move_id, case_id, actor, of_all, now)
        after = case_id
    with transaction():
        move = db.session.get_one(CommonMove, move_id)
        move.status, move.finished_at = MoveState.DONE, utcnow()
    return True


def _step(move_id: int, case_id: int, actor: Actor | None, of_all: int, now: datetime) -> None:
    reasons = [NOT_THEIRS]
    for _ in range(TRIES if actor else 0):
        try:
            move = db.session.get_one(CommonMove, move_id)
            copies = acting.copies(move.files)
            with transaction():
                if _claim(move_id, case_id) and actor is not None:
                    _move_one(move, case_id, copies, actor, of_all, now)
            return
        except Conflict:
            reasons = [CHANGED]
            continue
        except storage.Missing:
            reasons = [NO_FILE]
        except Refused as refusal:
            reasons = refusal.reasons
        except (NotPermitted, NotFound):
            reasons = [NOT_THEIRS]
        break
    with transaction():
        _keep(move_id, case_id, StepState.REFUSED, [reason.kept() for reason in reasons], now)


def _claim(move_id: int, case_id: int) -> bool:
    """Mark the case as moved before moving it: whoever comes second waits for this and then finds nothing to do."""
    return _keep(move_id, case_id, StepState.DONE, [], utcnow())


def _keep(move_id: int, case_id: int, status: StepState, reasons: list[Any], now: datetime) -> bool:
    kept: Any = db.session.execute(
        sa.update(CommonStep)
        .where(CommonStep.move_id == move_id, CommonStep.case_id == case_id, CommonStep.status == StepState.WAITING)
        .values(status=status, reasons=reasons, at=now)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        sa.update(CommonMove)
        .where(CommonMove.id == move_id)
        .values(beat_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(kept.rowcount)


def _move_one(
    move: CommonMove, case_id: int, copies: Sequence[Sealed], actor: Actor, of_all: int, now: datetime
) -> None:
    """One case: its files, the action, and the entry that names the common issue."""
    case = _case_of(move, case_id, actor)
    action = rules.of_move(move.action)
    if action is None:
        raise NotFound(move.action)
    if copies:
        acting.attach(case, copies, str(move.files.get("proves", "")), actor, now)
    answer = rules.unpacked(action, move.answer)
    if move.issue_id is None:
        acting.on_chosen(move, case, action, answer, actor, now)
        fact: audit.Fact = DoneTogether(action.name, of_all, move.id, move.undoes_id)
    else:
        acting.on_member(case, action, answer, actor, now)
        issue = db.session.get_one(CommonIssue, move.issue_id)
        fact = MovedTogether(issue.id, issue.number, issue.title, action.name, of_all, move.id)
    audit.record(fact, by=actor, at=now, case_id=case.id)


def _case_of(move: CommonMove, case_id: int, actor: Actor) -> Case:
    """The case, if it still belongs to the issue, or may still be seen by who chose it."""
    if move.issue_id is None:
        found = choice.cases_of([case_id], actor)
        if not found:
            raise NotFound("case")
        return found[0]
    member = sa.select(Membership.id).where(
        Membership.issue_id == move.issue_id, Membership.case_id == case_id, Membership.to_at.is_(None)
    )
    if db.session.scalar(member) is None:
        raise Refused(GONE)
    return db.session.get_one(Case, case_id)
