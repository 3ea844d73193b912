"""Reads: the inbox of a person, what each set, the robots and webhooks, and the state of the outbox."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from casework.accounts.models import User
from casework.areas.models import Area
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.permissions import SUBJECTS, Actor, Known, can
from casework.notifications.kinds import KINDS
from casework.notifications.models import (
    Channel,
    Delivery,
    Notice,
    NoticeChoice,
    NoticePrefs,
    Robot,
    Stage,
    Webhook,
    WebhookHost,
)
from casework.notifications.policy import ROBOTS
from casework.roster.models import Unit
from casework.roster.queries import visible_units

MOST_COUNTED = 99
PAGE = 30
_UNREAD = sa.select(sa.func.count()).select_from(
    sa.select(Notice.id)
    .where(Notice.user_id == sa.bindparam("user_id"), Notice.is_read == 0)
    .limit(MOST_COUNTED + 1)
    .subquery()
)


def sealed(token: str) -> str:
    """What is kept of a secret link."""
    return hashlib.sha256(token.encode()).hexdigest()


def unread(actor: Actor) -> int:
    """How many notices a person has not read, counted no further than a hundred: every page asks it."""
    return int(db.session.scalar(_UNREAD, {"user_id": actor.user_id}) or 0)


@dataclass(frozen=True, slots=True)
class Line:
    """A notice as the inbox shows it; ``known`` is None when its subject is no longer the reader's to see."""

    notice: Notice
    known: Known | None
    instead_of: str


def inbox(actor: Actor, at: paging.At, *, show: str = "", kind: str = "") -> paging.Page[Line]:
    """A page of the inbox, unread ones first, newest first; ``show`` is ``unread`` or nothing for all."""
    query = sa.select(Notice).where(Notice.user_id == actor.user_id)
    if show == "unread":
        query = query.where(Notice.is_read == 0)
    if kind:
        query = query.where(Notice.kind == kind)
    keys = (paging.Key(Notice.is_read, int), paging.Key(Notice.id, int, down=True))
    found = paging.page_of(query, keys, at, PAGE, values=lambda row: [row.is_read, row.id], whole=True)
    return paging.Page(_lines(actor, found.rows), found.after, found.before, found.first)


def _lines(actor: Actor, notices: Sequence[Notice]) -> list[Line]:
    asked: dict[str, set[int]] = defaultdict(set)
    for notice in notices:
        asked[notice.subject].add(notice.subject_id)
    known = {kind: SUBJECTS[kind](actor, ids) for kind, ids in asked.items()}
    away = {notice.for_id for notice in notices if notice.for_id}
    names = _names(away)
    return [
        Line(notice, known[notice.subject].get(notice.subject_id), names.get(notice.for_id or 0, ""))
        for notice in notices
    ]


def _names(user_ids: Collection[int]) -> dict[int, str]:
    if not user_ids:
        return {}
    rows = db.session.execute(sa.select(User.id, User.name).where(User.id.in_(user_ids)))
    return {row[0]: row[1] for row in rows}


def prefs(user_id: int) -> NoticePrefs | None:
    """What a person set, if anything."""
    return db.session.get(NoticePrefs, user_id)


def mailed_kinds(user_id: int) -> set[str]:
    """The kinds that come to a person by mail."""
    query = sa.select(NoticeChoice.kind, NoticeChoice.wanted).where(
        NoticeChoice.user_id == user_id, NoticeChoice.channel == Channel.EMAIL
    )
    chosen = {kind: wanted for kind, wanted in db.session.execute(query)}  # noqa: C416 - rows are no pairs to mypy
    return {name for name, kind in KINDS.items() if chosen.get(name, kind.mail)}


def feed_owner(token: str) -> int | None:
    """Whose private calendar link a token is."""
    if not token or len(token) > 100:
        return None
    return db.session.scalar(sa.select(NoticePrefs.user_id).where(NoticePrefs.feed_hash == sealed(token)))


# -- robots and webhooks


def robots_of(unit_ids: Iterable[int]) -> list[Robot]:
    """The robots of some units that are switched on."""
    wanted = sorted(set(unit_ids))
    if not wanted:
        return []
    return list(db.session.scalars(sa.select(Robot).where(Robot.unit_id.in_(wanted), Robot.active.is_(True))))


def units_with_robots(actor: Actor) -> list[Unit]:
    """The open units whose robots this person sets, by name."""
    query = visible_units(actor).options(orm.joinedload(Unit.area)).where(Unit.closed_on.is_(None)).order_by(Unit.name)
    return [unit for unit in db.session.scalars(query.limit(500)) if can(actor, ROBOTS, unit)]


def visible_robots(actor: Actor) -> list[Robot]:
    """The robots that this person sets."""
    units = [unit.id for unit in units_with_robots(actor)]
    query = sa.select(Robot).options(orm.joinedload(Robot.unit)).where(Robot.unit_id.in_(units))
    return list(db.session.scalars(query.order_by(Robot.unit_id, Robot.id)))


def visible_robot(robot_id: int, *, to: Actor) -> Robot:
    """A robot that this person sets.

    Raises:
        NotFound: there is none, or it is another unit's.
    """
    found = db.session.get(Robot, robot_id)
    if found is None or not can(to, ROBOTS, found.unit):
        raise NotFound("robot")
    return found


def webhooks_in(area_ids: Iterable[int]) -> list[Webhook]:
    """The webhooks of the places that are switched on."""
    wanted = sorted(set(area_ids))
    if not wanted:
        return []
    return list(db.session.scalars(sa.select(Webhook).where(Webhook.area_id.in_(wanted), Webhook.active.is_(True))))


def webhooks() -> list[tuple[Webhook, str]]:
    """All webhooks with the name of their place, by name."""
    query = sa.select(Webhook, Area.name).join(Area, Area.id == Webhook.area_id).order_by(Webhook.name, Webhook.id)
    return [(hook, name) for hook, name in db.session.execute(query.limit(500))]


def webhook(webhook_id: int) -> Webhook:
    """A webhook.

    Raises:
        NotFound: there is none.
    """
    found = db.session.get(Webhook, webhook_id)
    if found is None:
        raise NotFound("webhook")
    return found


def hosts() -> list[WebhookHost]:
    """The hosts that webhooks may go to."""
    return list(db.session.scalars(sa.select(WebhookHost).order_by(WebhookHost.host).limit(500)))


def host_names() -> set[str]:
    """The names alone."""
    return set(db.session.scalars(sa.select(WebhookHost.host)))


# -- the outbox


def targets_due(now: datetime, *, limit: int = 200) -> list[tuple[str, int]]:
    """Channels and targets that a message is due for, the longest waiting first."""
    free = sa.or_(Delivery.claimed_until.is_(None), Delivery.claimed_until < now)
    query = (
        sa.select(Delivery.channel, Delivery.target_id)
        .where(Delivery.state == Stage.WAITING, Delivery.next_at <= now, free)
        .group_by(Delivery.channel, Delivery.target_id)
        .order_by(sa.func.min(Delivery.next_at))
        .limit(limit)
    )
    return [(channel, target) for channel, target in db.session.execute(query)]


def depth() -> dict[str, tuple[int, datetime | None]]:
    """How many messages wait on each channel, counted no further than 1,000, and since when the oldest does."""
    found = {}
    for channel in Channel:
        waiting = sa.select(Delivery.id).where(Delivery.channel == channel, Delivery.state == Stage.WAITING)
        oldest = db.session.scalar(
            sa.select(sa.func.min(Delivery.created_at)).where(
                Delivery.channel == channel, Delivery.state == Stage.WAITING
            )
        )
        found[channel.value] = (paging.capped_count(waiting), oldest)
    return found


def dead_letters(at: paging.At) -> paging.Page[Delivery]:
    """The messages that could not be delivered, newest first."""
    keys = (paging.Key(Delivery.id, int, down=True),)
    query = sa.select(Delivery).where(Delivery.state == Stage.DEAD)
    return paging.page_of(query, keys, at, PAGE, values=lambda row: [row.id], whole=True)


def failing(*, limit: int = 10) -> list[Delivery]:
    """What was tried and waits for another try, those tried most often first."""
    query = sa.select(Delivery).where(Delivery.state == Stage.WAITING, Delivery.attempts > 0)
    return list(db.session.scalars(query.order_by(Delivery.attempts.desc(), Delivery.id).limit(limit)))


def target_names(rows: Iterable[Delivery]) -> dict[tuple[str, int], str]:
    """What the targets of some messages are called: people, robots with their unit, webhooks."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        wanted[row.channel].add(row.target_id)
    sources: dict[str, Any] = {
        Channel.EMAIL: sa.select(User.id, User.name).where(User.id.in_(wanted[Channel.EMAIL])),
        Channel.ROBOT: sa.select(Robot.id, Robot.name).where(Robot.id.in_(wanted[Channel.ROBOT])),
        Channel.WEBHOOK: sa.select(Webhook.id, Webhook.name).where(Webhook.id.in_(wanted[Channel.WEBHOOK])),
    }
    return {
        (channel, key): name
        for channel, query in sources.items()
        if wanted[channel]
        for key, name in db.session.execute(query)
    }
