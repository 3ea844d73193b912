"""Writes to the outbox: claim the next message of a target, settle it, and look after what could not be delivered.

A claim is a row update that two schedulers cannot both make; what comes back under an older claim changes nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from casework import audit
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.permissions import Actor, authorise
from casework.notifications import rules
from casework.notifications.events import DeadLetterDropped, DeadLetterSentAgain
from casework.notifications.kinds import TEST
from casework.notifications.models import Channel, Delivery, NoticePrefs, Robot, Stage
from casework.notifications.policy import DELIVERIES
from casework.notifications.rules import Due, Plan

log = structlog.get_logger()
HELD_FOR = timedelta(minutes=3)
"""Longer than sending one message can take; a message whose sender died is free again after it."""
KEPT_FOR = timedelta(days=90)
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Message:
    """A row of the outbox as it was claimed, free of the session: sending takes place outside of any transaction."""

    id: int
    token: str
    bundle: str | None
    channel: str
    kind: str
    key: str
    subject: str
    subject_id: int
    path: str
    due_at: datetime | None
    attempts: int
    created_at: datetime


_COLUMNS = tuple(getattr(Delivery, name) for name in Message.__slots__)


@dataclass(frozen=True, slots=True)
class Batch:
    """One message to be sent now: its rows (several are a digest), and the claim under which it is settled."""

    claim: str
    channel: str
    target_id: int
    rows: tuple[Message, ...]

    @property
    def message_id(self) -> str:
        """The same at every try, so that a receiver can tell a second copy."""
        return self.rows[0].bundle or self.rows[0].token


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message. ``error`` is a key of ``words.ERRORS``; ``final``: another try would not help."""

    error: str = ""
    said: str = ""
    final: bool = False
    dropped: bool = False


SENT = Outcome()


def claim(channel: str, target_id: int, *, now: datetime) -> Batch | None:
    """Take the next message for a target; None when nothing (more) is due for it now."""
    due = _due(channel, target_id, now)
    if not due:
        return None
    plan = _planned(channel, target_id, due, now)
    for row_id, until in plan.wait:
        _change(row_id, next_at=until, bundle=None)
    if not plan.send:
        return None
    token = secrets.token_hex(16)
    chosen = {row.id: row for row in due}
    bundle = chosen[plan.send[0]].bundle or (chosen[plan.send[0]].token if len(plan.send) > 1 else None)
    values = {"claim": token, "claimed_until": now + HELD_FOR, "tried_at": now, "bundle": bundle}
    taken = sa.update(Delivery).where(Delivery.id.in_(plan.send), Delivery.state == Stage.WAITING, _free(now))
    taken = taken.values(attempts=Delivery.attempts + 1, **values).execution_options(synchronize_session=False)
    db.session.execute(taken)
    query = sa.select(*_COLUMNS).where(Delivery.claim == token).order_by(Delivery.id)
    rows = tuple(Message(*row) for row in db.session.execute(query))
    return Batch(token, channel, target_id, rows) if rows else None


def _free(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(Delivery.claimed_until.is_(None), Delivery.claimed_until < now)


def _due(channel: str, target_id: int, now: datetime) -> list[Delivery]:
    """What waits for this target and is due; of a digest that was tried before: the whole of it and no more."""
    mine = sa.and_(Delivery.channel == channel, Delivery.target_id == target_id, Delivery.state == Stage.WAITING)
    query = sa.select(Delivery).where(mine, Delivery.next_at <= now, _free(now)).order_by(Delivery.next_at, Delivery.id)
    due = list(db.session.scalars(query.limit(AT_ONCE)))
    if due and due[0].bundle:
        return [row for row in due if row.bundle == due[0].bundle]
    return [row for row in due if row.bundle is None]


def _planned(channel: str, target_id: int, due: Sequence[Delivery], now: datetime) -> Plan:
    facts = [Due(row.id, (row.subject, row.subject_id), row.urgent or row.kind == TEST) for row in due]
    if channel == Channel.EMAIL:
        prefs = db.session.get(NoticePrefs, target_id)
        quiet = rules.quiet_until(prefs.quiet_from, prefs.quiet_to, now) if prefs else None
        plan = rules.plan_mail(facts, _mails_of_the_hour(target_id, now), quiet, now)
    elif channel == Channel.ROBOT:
        plan = _planned_robot(target_id, facts, now)
    else:
        return Plan((facts[0].id,))
    again = due[0].bundle and len(plan.send) and not plan.wait
    return Plan(tuple(row.id for row in due)) if again else plan


def _mails_of_the_hour(user_id: int, now: datetime) -> dict[tuple[str, int], list[datetime]]:
    """When mails were sent to a person in the last hour, by what they were about; a digest counts for each."""
    query = (
        sa.select(Delivery.subject, Delivery.subject_id, sa.func.max(Delivery.tried_at))
        .where(Delivery.channel == Channel.EMAIL, Delivery.target_id == user_id, Delivery.tried_at > now - rules.HOUR)
        .group_by(Delivery.subject, Delivery.subject_id, sa.func.coalesce(Delivery.bundle, Delivery.token))
    )
    found: dict[tuple[str, int], list[datetime]] = {}
    for subject, subject_id, at in db.session.execute(query):
        if at is not None:  # the condition above asks for it, the type does not know
            found.setdefault((subject, subject_id), []).append(at)
    return found


def _planned_robot(robot_id: int, due: Sequence[Due], now: datetime) -> Plan:
    robot = db.session.scalar(
        sa.select(Robot).where(Robot.id == robot_id).with_for_update(), execution_options={"populate_existing": True}
    )
    if robot is None:
        return Plan((due[0].id,))
    sent = [datetime.fromisoformat(moment) for moment in robot.sent]
    if free_at := rules.robot_free_at(sent, now):
        return Plan(wait=tuple((row.id, free_at) for row in due))
    counted = [moment.isoformat() for moment in (*sent, now)[-rules.MOST_ROBOT :]]
    # Past the version of the row, which is for people who edit it: the lock is enough.
    counting = sa.update(Robot).where(Robot.id == robot_id).values(sent=counted)
    db.session.execute(counting.execution_options(synchronize_session=False))
    together = len(due) > rules.ROBOT_TOGETHER
    return Plan(tuple(row.id for row in due[: rules.MOST_LINES if together else 1]))


def _change(row_id: int, **values: Any) -> None:
    statement = sa.update(Delivery).where(Delivery.id == row_id).values(**values)
    db.session.execute(statement.execution_options(synchronize_session=False))


def leave_for_later(batch: Batch, row_ids: Sequence[int]) -> None:
    """Give back those of a claim that do not fit into this message; they come with the next one."""
    mine = sa.update(Delivery).where(Delivery.claim == batch.claim, Delivery.id.in_(row_ids))
    values = {"claim": None, "claimed_until": None, "bundle": None, "attempts": Delivery.attempts - 1}
    db.session.execute(mine.values(tried_at=None, **values).execution_options(synchronize_session=False))


def settle(batch: Batch, row_ids: Sequence[int], outcome: Outcome, *, now: datetime) -> int:
    """Note what became of a message; nothing is written under a claim that was lost. Returns how many are dead now."""
    rows = [row for row in batch.rows if row.id in set(row_ids)]
    dead = 0
    for row in rows:
        values = _settled(row, outcome, now)
        mine = sa.update(Delivery).where(Delivery.id == row.id, Delivery.claim == batch.claim)
        done: Any = db.session.execute(mine.values(**values).execution_options(synchronize_session=False))
        if done.rowcount and values["state"] == Stage.DEAD:
            dead += 1
            log.error("a message could not be delivered", delivery=row.id, channel=row.channel, error=outcome.error)
    return dead


def _settled(row: Message, outcome: Outcome, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"claim": None, "claimed_until": None, "error": outcome.error, "said": outcome.said[:300]}
    if outcome.dropped:
        return values | {"state": Stage.DROPPED}
    if not outcome.error:
        return values | {"state": Stage.SENT, "sent_at": now}
    if outcome.final or row.attempts >= rules.TRIES:
        return values | {"state": Stage.DEAD}
    return values | {"state": Stage.WAITING, "next_at": now + rules.wait_after(row.attempts)}


def test_message(channel: Channel, target_id: int, *, now: datetime) -> Delivery:
    """Put a message that tries a channel into the outbox; who may is asked by the caller's command."""
    made = Delivery(
        token=secrets.token_hex(20),
        channel=channel,
        target_id=target_id,
        kind=TEST,
        key="",
        subject="",
        subject_id=0,
        path="/inbox",
        state=Stage.WAITING,
        attempts=0,
        created_at=now,
        next_at=now,
    )
    db.session.add(made)
    return made


def _dead(delivery_id: int, actor: Actor) -> Delivery:
    authorise(actor, DELIVERIES)
    found = db.session.get(Delivery, delivery_id)
    if found is None or found.state != Stage.DEAD:
        raise NotFound("dead letter")
    return found


def send_again(delivery_id: int, *, actor: Actor, now: datetime) -> None:
    """Try a message anew that could not be delivered.

    Raises:
        NotFound: it is not dead (any more).
        NotPermitted: the outbox is not the actor's.
    """
    found = _dead(delivery_id, actor)
    found.state, found.attempts, found.next_at, found.bundle = Stage.WAITING, 0, now, None
    audit.record(DeadLetterSentAgain(found.id), by=actor, at=now)


def drop(delivery_id: int, *, actor: Actor, now: datetime) -> None:
    """Give a message up that could not be delivered.

    Raises:
        NotFound: it is not dead (any more).
        NotPermitted: the outbox is not the actor's.
    """
    found = _dead(delivery_id, actor)
    found.state = Stage.DROPPED
    audit.record(DeadLetterDropped(found.id), by=actor, at=now)


def forget_old(now: datetime) -> int:
    """Drop what was settled ninety days ago; returns how many. Dead letters stay until somebody decides."""
    settled = sa.and_(Delivery.state.in_((Stage.SENT, Stage.DROPPED)), Delivery.created_at < now - KEPT_FOR)
    gone: Any = db.session.execute(sa.delete(Delivery).where(settled))
    return int(gone.rowcount)
