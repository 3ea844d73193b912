"""Tell people: ``notify`` writes the inbox rows and the outbox rows in the transaction of the change."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from casework import audit
from casework.accounts.models import User
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, Refused, because
from casework.kernel.permissions import SUBJECTS, Actor, Known
from casework.kernel.time import local_day
from casework.notifications import channels, queries, rules
from casework.notifications.events import CalendarLinkEnded, CalendarLinkMade, NoticeAddressSet
from casework.notifications.kinds import KINDS
from casework.notifications.models import Channel, Delivery, Notice, NoticeChoice, NoticePrefs, Stage
from casework.roster.duty import away
from casework.roster.queries import actor_for


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What people are told of; who did it (``by_id``) is not.

    ``subject`` is a kind of ``SUBJECTS``; ``key`` names the event, so that a person is told of it once; ``path`` leads
    to the act. ``known`` says whose robots and webhooks tell it; without it only people are told.
    """

    kind: str
    subject: str
    subject_id: int
    to: Iterable[int]
    key: str
    path: str
    due_at: datetime | None = None
    urgent: bool = False
    by_id: int | None = None
    known: Known | None = None

    @property
    def may_not_wait(self) -> bool:
        """Whether it comes in quiet hours too."""
        return self.urgent or KINDS[self.kind].urgent

    def row(self, now: datetime) -> dict[str, Any]:
        """What an inbox row and an outbox row have in common."""
        return {
            "kind": self.kind,
            "key": self.key,
            "subject": self.subject,
            "subject_id": self.subject_id,
            "path": self.path,
            "due_at": self.due_at,
            "urgent": self.may_not_wait,
            "created_at": now,
        }


def notify(news: News, *, now: datetime) -> int:
    """Tell people, their deputies while they are away, the robots of the units and the webhooks of the district.

    Twice is once: what was told under the same key is not told again. Returns how many people are newly told.
    """
    people = _people(news, now)
    fresh = _into_inboxes(news, people, now)
    messages = [_message(news, Channel.EMAIL, user_id, now) for user_id in _mailed(news, fresh)]
    messages += [_message(news, channel, target, now) for channel, target in _systems(news)]
    if messages:
        _insert(Delivery, messages, Delivery.id)
    return len(fresh)


def _people(news: News, now: datetime) -> dict[int, int | None]:
    """Whom to tell, with the person away for whom a deputy is told."""
    told: dict[int, int | None] = {user_id: None for user_id in news.to if user_id and user_id != news.by_id}
    if not told:
        return told
    today = local_day(now)
    for user_id, absence in away(told, today).items():
        deputy_id = absence.deputy_id
        if deputy_id is None or deputy_id in told or deputy_id == news.by_id:
            continue
        deputy = actor_for(deputy_id, today)
        if deputy is not None and SUBJECTS[news.subject](deputy, [news.subject_id]):
            told[deputy_id] = user_id
    return told


def _into_inboxes(news: News, people: Mapping[int, int | None], now: datetime) -> list[int]:
    if not people:
        return []
    rows = [
        {**news.row(now), "user_id": user_id, "for_id": away_id, "is_read": 0} for user_id, away_id in people.items()
    ]
    return _insert(Notice, rows, Notice.user_id)


def _insert(table: Any, rows: list[dict[str, Any]], back: Any) -> list[int]:
    """Insert what is not there yet; returns the column ``back`` of the new rows."""
    insert: Any = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table).values(rows).on_conflict_do_nothing().returning(back)
    return list(db.session.scalars(statement))


def _mailed(news: News, user_ids: list[int]) -> list[int]:
    """Those of the people who want this kind by mail and gave an address."""
    if not user_ids or channels.mail_server() is None:
        return []
    choice = sa.and_(
        NoticeChoice.user_id == User.id, NoticeChoice.kind == news.kind, NoticeChoice.channel == Channel.EMAIL
    )
    query = (
        sa.select(User.id, NoticeChoice.wanted)
        .join(NoticePrefs, NoticePrefs.user_id == User.id)
        .outerjoin(NoticeChoice, choice)
        .where(User.id.in_(user_ids), User.disabled_at.is_(None), NoticePrefs.email != "")
    )
    preset = KINDS[news.kind].mail
    return [user_id for user_id, wanted in db.session.execute(query) if (preset if wanted is None else wanted)]


def _systems(news: News) -> list[tuple[Channel, int]]:
    """The robots of the subject's units and the webhooks of its district that tell this kind."""
    if news.known is None:
        return []
    robots = [robot.id for robot in queries.robots_of(news.known.unit_ids) if news.kind in robot.kinds]
    hooks = [hook.id for hook in queries.webhooks_in(news.known.area_ids) if not hook.kinds or news.kind in hook.kinds]
    return [(Channel.ROBOT, key) for key in robots] + [(Channel.WEBHOOK, key) for key in hooks]


def _message(news: News, channel: Channel, target_id: int, now: datetime) -> dict[str, Any]:
    name = f"{channel}:{target_id}:{news.subject}:{news.subject_id}:{news.kind}:{news.key}"
    return {
        **news.row(now),
        "token": hashlib.sha256(name.encode()).hexdigest()[:40],
        "channel": channel,
        "target_id": target_id,
        "state": Stage.WAITING,
        "attempts": 0,
        "next_at": now,
        "error": "",
        "said": "",
    }


def mark_read(notice_id: int, *, actor: Actor, now: datetime) -> Notice:
    """One's own notice is read; returns it.

    Raises:
        NotFound: it is none of the actor's.
    """
    found = db.session.scalar(sa.select(Notice).where(Notice.id == notice_id, Notice.user_id == actor.user_id))
    if found is None:
        raise NotFound("notice")
    if not found.is_read:
        found.is_read, found.read_at = 1, now
    return found


def mark_all_read(*, actor: Actor, upto: int, now: datetime) -> int:
    """Everything up to the newest notice that the actor has seen is read; returns how many were not."""
    unread = sa.and_(Notice.user_id == actor.user_id, Notice.is_read == 0, Notice.id <= upto)
    done: Any = db.session.execute(
        sa.update(Notice).where(unread).values(is_read=1, read_at=now).execution_options(synchronize_session=False)
    )
    return int(done.rowcount)


def set_prefs(
    *,
    email: str,
    quiet_from: int | None,
    quiet_to: int | None,
    mailed: Iterable[str],
    actor: Actor,
    now: datetime,
) -> NoticePrefs:
    """What a person wants: address, quiet hours, and the kinds that come by mail.

    Raises:
        Refused: the address is none, or one end of the quiet hours is missing.
    """
    reasons = rules.mail_faults(email)
    if (quiet_from is None) != (quiet_to is None):
        missing = "quiet_from" if quiet_from is None else "quiet_to"
        reasons.append(because(N_("Quiet hours: write both times, or neither."), missing))
    if reasons:
        raise Refused(reasons)
    prefs = _prefs_of(actor)
    moved = prefs.email != email
    prefs.email, prefs.quiet_from, prefs.quiet_to = email, quiet_from, quiet_to
    _choose(actor.user_id, set(mailed))
    db.session.flush()  # the version check, or two first saves at once
    if moved:
        audit.record(NoticeAddressSet(actor.user_id, bool(email)), by=actor, at=now)
    return prefs


def _prefs_of(actor: Actor) -> NoticePrefs:
    prefs = db.session.get(NoticePrefs, actor.user_id)
    if prefs is None:
        prefs = NoticePrefs(user_id=actor.user_id, email="")
        db.session.add(prefs)
    return prefs


def _choose(user_id: int, mailed: set[str]) -> None:
    """Keep only what differs from the preset: a new preset then holds for whoever never chose."""
    db.session.execute(sa.delete(NoticeChoice).where(NoticeChoice.user_id == user_id))
    db.session.add_all(
        NoticeChoice(user_id=user_id, kind=name, channel=Channel.EMAIL, wanted=name in mailed)
        for name, kind in KINDS.items()
        if kind.mail != (name in mailed)
    )


def make_feed(*, actor: Actor, now: datetime) -> str:
    """A new private calendar link; the one before ends. Returns its token, which is kept only as a seal."""
    token = secrets.token_urlsafe(32)
    prefs = _prefs_of(actor)
    prefs.feed_hash, prefs.feed_made_at = queries.sealed(token), now
    db.session.flush()  # the version check
    audit.record(CalendarLinkMade(actor.user_id), by=actor, at=now)
    return token


def end_feed(*, actor: Actor, now: datetime) -> None:
    """The private calendar link no longer works."""
    prefs = _prefs_of(actor)
    if prefs.feed_hash is None:
        return
    prefs.feed_hash = prefs.feed_made_at = None
    db.session.flush()  # the version check
    audit.record(CalendarLinkEnded(actor.user_id), by=actor, at=now)
