"""Notices as they stand in the inbox, the outbox of what leaves the house, and what each person and unit set.

Secrets of robots and webhooks stay readable here, as messages are signed with them; they are shown nowhere.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.kernel.db import Id, Model, Versioned, closed_set, key, ref
from casework.roster.models import Unit

_UNREAD = sa.text("is_read = 0")
_WAITING = sa.text("state = 'waiting'")
_DEAD = sa.text("state = 'dead'")


class Channel(StrEnum):
    """How a message leaves the house."""

    EMAIL = "email"
    ROBOT = "robot"
    WEBHOOK = "webhook"


class Stage(StrEnum):
    """Where a message stands. ``dropped``: it was not to be sent after all, ``error`` says why."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    DROPPED = "dropped"


class RobotKind(StrEnum):
    """Whose group the robot sits in."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


class Notice(Model):
    """One line of an inbox. ``key`` names the event: a person is told of it once. ``path`` is where the act is.

    ``for_id`` is the person away for whom a deputy is told.
    """

    __tablename__ = "notices"
    __table_args__ = (
        sa.UniqueConstraint("user_id", "kind", "key"),
        sa.Index("ix_notices_inbox", "user_id", "is_read", "id"),
        sa.Index("ix_notices_unread", "user_id", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
    )

    id: Mapped[int] = key()
    user_id: Mapped[int] = ref("users.id")
    kind: Mapped[str] = mapped_column(sa.String(20))
    key: Mapped[str] = mapped_column(sa.String(80))
    subject: Mapped[str] = mapped_column(sa.String(12))
    subject_id: Mapped[int] = mapped_column(Id)
    path: Mapped[str] = mapped_column(sa.String(300))
    due_at: Mapped[datetime | None]
    urgent: Mapped[bool] = mapped_column(default=False)
    for_id: Mapped[int | None] = ref("users.id", null=True)
    created_at: Mapped[datetime]
    is_read: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    """0 or 1: the inbox is sorted and paged by it."""
    read_at: Mapped[datetime | None]


class Delivery(Model):
    """One message of the outbox. ``token`` is its stable id; those of one ``bundle`` leave as one digest.

    ``claim`` is whoever sends it now: what comes back later with another claim changes nothing.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        closed_set(Channel, "channel"),
        closed_set(Stage, "state"),
        sa.UniqueConstraint("token"),
        sa.Index(
            "ix_deliveries_due",
            "channel",
            "target_id",
            "next_at",
            "id",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        sa.Index("ix_deliveries_dead", "id", sqlite_where=_DEAD, postgresql_where=_DEAD),
        sa.Index("ix_deliveries_sent", "channel", "target_id", "tried_at"),
        sa.Index("ix_deliveries_claim", "claim"),
        sa.Index("ix_deliveries_created_at", "created_at"),
    )

    id: Mapped[int] = key()
    token: Mapped[str] = mapped_column(sa.String(40))
    channel: Mapped[str] = mapped_column(sa.String(8))
    target_id: Mapped[int] = mapped_column(Id)
    """The person, robot or webhook it goes to."""
    kind: Mapped[str] = mapped_column(sa.String(20))
    key: Mapped[str] = mapped_column(sa.String(80))
    subject: Mapped[str] = mapped_column(sa.String(12))
    subject_id: Mapped[int] = mapped_column(Id)
    path: Mapped[str] = mapped_column(sa.String(300))
    due_at: Mapped[datetime | None]
    urgent: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(sa.String(8), default=Stage.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    bundle: Mapped[str | None] = mapped_column(sa.String(40))
    claim: Mapped[str | None] = mapped_column(sa.String(32))
    claimed_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(sa.String(30), default="")
    said: Mapped[str] = mapped_column(sa.String(300), default="")


class NoticePrefs(Versioned, Model):
    """What a person set: address, quiet hours in minutes of the day, and the seal of the private calendar link."""

    __tablename__ = "notice_prefs"
    __table_args__ = (sa.UniqueConstraint("feed_hash"),)

    user_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("users.id"), primary_key=True, autoincrement=False)
    email: Mapped[str] = mapped_column(sa.String(200), default="")
    quiet_from: Mapped[int | None]
    quiet_to: Mapped[int | None]
    feed_hash: Mapped[str | None] = mapped_column(sa.String(64))
    feed_made_at: Mapped[datetime | None]


class NoticeChoice(Model):
    """A kind and channel that a person set otherwise than the preset."""

    __tablename__ = "notice_choices"

    user_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("users.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    channel: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    wanted: Mapped[bool]


class Robot(Versioned, Model):
    """A robot in a unit's group. ``sent`` holds when its last twenty messages left: it takes twenty a minute."""

    __tablename__ = "robots"
    __table_args__ = (closed_set(RobotKind, "kind"), sa.Index("ix_robots_unit_id", "unit_id"))

    id: Mapped[int] = key()
    unit_id: Mapped[int] = ref("units.id")
    kind: Mapped[str] = mapped_column(sa.String(10))
    name: Mapped[str] = mapped_column(sa.String(60))
    token: Mapped[str] = mapped_column(sa.String(100))
    secret: Mapped[str] = mapped_column(sa.String(100), default="")
    locale: Mapped[str] = mapped_column(sa.String(10), default="zh-CN")
    kinds: Mapped[list[Any]] = mapped_column(default=list)
    active: Mapped[bool] = mapped_column(default=True)
    sent: Mapped[list[Any]] = mapped_column(default=list)
    unit: Mapped[Unit] = relationship()


class Webhook(Versioned, Model):
    """Another system that is told what happens in a district: ids only, signed. The old secret counts for a day."""

    __tablename__ = "webhooks"
    __table_args__ = (sa.Index("ix_webhooks_area_id", "area_id"),)

    id: Mapped[int] = key()
    area_id: Mapped[int] = ref("areas.id")
    name: Mapped[str] = mapped_column(sa.String(60))
    url: Mapped[str] = mapped_column(sa.String(300))
    secret: Mapped[str] = mapped_column(sa.String(80))
    old_secret: Mapped[str] = mapped_column(sa.String(80), default="")
    old_until: Mapped[datetime | None]
    kinds: Mapped[list[Any]] = mapped_column(default=list)
    active: Mapped[bool] = mapped_column(default=True)


class WebhookHost(Model):
    """A host that the security administrator lets webhooks go to."""

    __tablename__ = "webhook_hosts"

    host: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    added_by_id: Mapped[int] = ref("users.id")
    added_at: Mapped[datetime]
