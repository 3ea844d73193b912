"""What leaves by itself: the round of the outbox, one message after the other, and the tidying of what is settled.

Claim, send, settle: two short transactions with the network between them. A target that fails is left alone until the
next round, and a mail server that is down ends the mails of this round; nothing else waits for them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import structlog

from casework.kernel.db import db, transaction
from casework.kernel.errors import CaseworkError
from casework.kernel.permissions import Actor, Known, Role, can
from casework.kernel.time import local_day
from casework.kernel.web import site_address
from casework.notifications import channels, mail, outbox, queries, sending
from casework.notifications.models import Channel
from casework.notifications.outbox import SENT, Batch, Outcome
from casework.notifications.policy import DELIVERIES
from casework.notifications.service import News, notify
from casework.roster.models import Posting
from casework.roster.queries import valid_on

log = structlog.get_logger()
DROPPED = Outcome("lost_right", dropped=True)
BUDGET = 20.0
"""Seconds that a round takes at most: other jobs wait for it."""
AT_ONCE = 20
"""Messages to one target in a round."""


def deliver(now: datetime) -> int:
    """Send what is due; returns how many messages left."""
    server, ends, left, dead = channels.mail_server(), time.monotonic() + BUDGET, 0, 0
    targets = queries.targets_due(now)
    db.session.rollback()
    mail_is_up = server is not None
    postman = mail.Postman(server) if server else None
    try:
        for channel, target_id in targets:
            if time.monotonic() > ends:
                break
            if channel == Channel.EMAIL and not mail_is_up:
                continue
            done = _all_for(channel, target_id, postman, ends, now)
            left, dead = left + done.left, dead + done.dead
            mail_is_up = mail_is_up and not done.unreachable
    finally:
        if postman:
            postman.hang_up()
    if dead:
        _tell_the_administrators(now)
    return left


@dataclass(frozen=True, slots=True)
class Done:
    """What became of some messages: how many left, how many are dead, and whether their server is out of reach."""

    left: int = 0
    dead: int = 0
    goes_on: bool = True
    unreachable: bool = False


def _all_for(channel: str, target_id: int, postman: mail.Postman | None, ends: float, now: datetime) -> Done:
    """One message after the other to a target, until one fails."""
    done = Done()
    for _ in range(AT_ONCE):
        if not done.goes_on or time.monotonic() > ends:
            break
        with transaction():
            batch = outbox.claim(channel, target_id, now=now)
        if batch is None:
            break
        one = _one(batch, postman, now)
        done = Done(done.left + one.left, done.dead + one.dead, one.goes_on, one.unreachable)
    return done


def _one(batch: Batch, postman: mail.Postman | None, now: datetime) -> Done:
    ready, unreachable = sending.Ready(batch.rows), False
    try:
        ready = sending.ready(batch, base=site_address(), now=now)
        db.session.rollback()  # nothing is held while the network takes its time
        outcome = ready.send(postman) if ready.send else DROPPED
    except mail.Unreachable as error:
        unreachable, outcome = True, error.outcome
    except Exception as error:
        db.session.rollback()
        log.error("a message broke on its way", channel=batch.channel, exc_info=error)
        outcome = Outcome("broke", type(error).__name__)
    with transaction():
        for reason, lost in ready.dropped.items():
            outbox.settle(batch, lost, Outcome(reason, dropped=True), now=now)
        outbox.leave_for_later(batch, ready.later)
        dead = outbox.settle(batch, [row.id for row in ready.rows], outcome, now=now)
    fails = bool(outcome.error) and not outcome.final and not outcome.dropped
    return Done(int(outcome is SENT), dead, not fails, unreachable)


def _tell_the_administrators(now: datetime) -> None:
    """Once a day, whoever looks after the outbox is told that something in it is dead."""
    day = local_day(now)
    query = sa.select(Posting.user_id).where(Posting.role == Role.SYSADMIN, valid_on(day))
    try:
        with transaction():
            news = News(
                kind="dead_letter",
                subject="outbox",
                subject_id=0,
                to=list(db.session.scalars(query)),
                key=day.isoformat(),
                path="/settings/deliveries#dead",
            )
            notify(news, now=now)
    except CaseworkError as error:
        log.warning("nobody was told of the dead letters", error=str(error))


def known_outbox(actor: Actor | None, ids: object) -> dict[int, Known]:
    """The outbox itself as a subject: it exists for whoever looks after it."""
    return {0: Known("", "")} if actor is None or can(actor, DELIVERIES) else {}


def tidy(now: datetime) -> int:
    """Drop settled messages after ninety days; returns how many."""
    with transaction():
        return outbox.forget_old(now)
