"""Tell people: ``notify`` writes the inbox rows and the outbox rows in the transaction of the change."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.accounts.models import User
from casework.kernel.db import db, insert_into, one
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import SUBJECTS, Actor, Known
from casework.kernel.time import local_day
from casework.notifications import channels, queries, rules
from casework.notifications.events import CalendarLinkEnded, CalendarLinkMade, NoticeAddressSet
from casework.notifications.kinds import KINDS
from casework.notifications.models import Channel, Delivery, Notice, NoticeChoice, NoticePrefs, Robot, Stage, Webhook
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
    return notify_all([news], now=now)


def notify_all(listed: Sequence[News], *, now: datetime) -> int:
    """``notify`` for many at once, as a sweep does: as many statements as for one."""
    people = _people(listed, now)
    fresh = _into_inboxes(zip(listed, people, strict=True), now)
    messages = [_message(news, Channel.EMAIL, user_id, now) for news, user_id in _mailed(listed, fresh)]
    messages += [_message(news, channel, target, now) for news, channel, target in _systems(listed)]
    if messages:
        _insert(Delivery, messages, Delivery.id)
    return len(fresh)


def _people(listed: Sequence[News], now: datetime) -> list[dict[int, int | None]]:
    """Whom to tell of each, with the person away for whom a deputy is told."""
    today = local_day(now)
    told: list[dict[int, int | None]] = [
        {user_id: None for user_id in news.to if user_id and user_id != news.by_id} for news in listed
    ]
    gone = away({user_id for people in told for user_id in people}, today)
    actors = {key: actor_for(key, today) for key in {row.deputy_id for row in gone.values() if row.deputy_id}}
    for news, people in zip(listed, told, strict=True):
        for user_id in [key for key in people if key in gone]:
            deputy_id = gone[user_id].deputy_id
            if deputy_id is None or deputy_id in people or deputy_id == news.by_id:
                continue
            deputy = actors[deputy_id]
            if deputy is not None and SUBJECTS[news.subject](deputy, [news.subject_id]):
                people[deputy_id] = user_id
    return told


def _into_inboxes(told: Iterable[tuple[News, Mapping[int, int | None]]], now: datetime) -> set[tuple[int, str, str]]:
    """What is new to whom, as (user, kind, key)."""
    rows = [
        {**news.row(now), "user_id": user_id, "for_id": away_id, "is_read": 0}
        for news, people in told
        for user_id, away_id in people.items()
    ]
    return {tuple(row) for row in _insert(Notice, rows, Notice.user_id, Notice.kind, Notice.key)} if rows else set()


def _insert(table: Any, rows: list[dict[str, Any]], *back: Any) -> list[Any]:
    """Insert what is not there yet; returns the columns ``back`` of the new rows."""
    return list(db.session.execute(insert_into(table.__table__).on_conflict_do_nothing().returning(*back), rows))


def _mailed(listed: Sequence[News], fresh: Collection[tuple[int, str, str]]) -> list[tuple[News, int]]:
    """Those of the newly told who want the kind by mail and gave an address."""
    if not fresh or channels.mail_server() is None:
        return []
    choice = sa.and_(NoticeChoice.user_id == NoticePrefs.user_id, NoticeChoice.channel == Channel.EMAIL)
    query = (
        sa.select(NoticePrefs.user_id, NoticeChoice.kind, NoticeChoice.wanted)
        .join(User, User.id == NoticePrefs.user_id)
        .outerjoin(NoticeChoice, choice)
        .where(
            NoticePrefs.user_id.in_(sorted({user_id for user_id, _, _ in fresh})),
            User.disabled_at.is_(None),
            NoticePrefs.email != "",
        )
    )
    wishes: dict[int, dict[str | None, bool | None]] = {}
    for user_id, kind, wanted in db.session.execute(query):
        wishes.setdefault(user_id, {})[kind] = wanted
    by_event = {(news.kind, news.key): news for news in listed}
    return [
        (by_event[kind, key], user_id)
        for user_id, kind, key in sorted(fresh)
        if user_id in wishes and wishes[user_id].get(kind, KINDS[kind].mail)
    ]


def _systems(listed: Sequence[News]) -> list[tuple[News, Channel, int]]:
    """The robots of the units that each is about and the webhooks of its district that tell its kind."""
    found: list[tuple[News, Channel, int]] = []
    robots: dict[frozenset[int], list[Robot]] = {}
    hooks: dict[frozenset[int], list[Webhook]] = {}
    for news in listed:
        if news.known is None:
            continue
        units, places = frozenset(news.known.unit_ids), frozenset(news.known.area_ids)
        if units not in robots:
            robots[units] = queries.robots_of(units)
        if places not in hooks:
            hooks[places] = queries.webhooks_in(places)
        found += [(news, Channel.ROBOT, one.id) for one in robots[units] if news.kind in one.kinds]
        found += [(news, Channel.WEBHOOK, one.id) for one in hooks[places] if not one.kinds or news.kind in one.kinds]
    return found


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
    found = one(sa.select(Notice).where(Notice.id == notice_id, Notice.user_id == actor.user_id), "notice")
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
