"""A claimed message on its way: who it is for is asked again, its text is made, and it is handed to its channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from casework.kernel.db import db
from casework.kernel.permissions import SUBJECTS, Actor, Known
from casework.kernel.time import local_day
from casework.notifications import channels, mail, queries, robots, rules, texts, webhooks
from casework.notifications.kinds import TEST
from casework.notifications.models import Channel, Robot, Webhook
from casework.notifications.outbox import Batch, Message, Outcome
from casework.roster.queries import actor_for


@dataclass(frozen=True, slots=True)
class Ready:
    """What leaves, and what becomes of the rows that do not: dropped with a reason, or left for the next message."""

    rows: tuple[Message, ...] = ()
    send: Callable[[mail.Postman | None], Outcome] | None = None
    dropped: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    later: tuple[int, ...] = ()


def ready(batch: Batch, *, base: str, now: datetime) -> Ready:
    """Prepare a message: reads only, and every right is asked as it is today."""
    prepare = {Channel.EMAIL: _mail, Channel.ROBOT: _robot, Channel.WEBHOOK: _webhook}[Channel(batch.channel)]
    return prepare(batch, base, now)


def _none(batch: Batch, error: str) -> Ready:
    return Ready(dropped={error: tuple(row.id for row in batch.rows)})


def _known(actor: Actor | None, rows: Collection[Message]) -> dict[tuple[str, int], Known]:
    asked: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        if row.kind != TEST:
            asked[row.subject].add(row.subject_id)
    return {(kind, key): known for kind, ids in asked.items() for key, known in SUBJECTS[kind](actor, ids).items()}


def _split(
    rows: Sequence[Message], keeps: Callable[[Message], bool]
) -> tuple[tuple[Message, ...], dict[str, tuple[int, ...]]]:
    """The rows that may leave, and those that may not any more."""
    kept = tuple(row for row in rows if row.kind == TEST or keeps(row))
    lost = tuple(row.id for row in rows if row not in kept)
    return kept, {"lost_right": lost} if lost else {}


# -- mail


def _mail(batch: Batch, base: str, now: datetime) -> Ready:
    server, prefs = channels.mail_server(), queries.prefs(batch.target_id)
    actor = actor_for(batch.target_id, local_day(now))
    if actor is None:
        return _none(batch, "no_account")
    if prefs is None or not prefs.email:
        return _none(batch, "no_address")
    known = _known(actor, batch.rows)
    rows, dropped = _split(batch.rows, lambda row: (row.subject, row.subject_id) in known)
    if not rows:
        return Ready(dropped=dropped)
    if server is None:
        return Ready(rows, lambda _: Outcome("mail_off"), dropped)
    made = mail.letter(
        _as_text(rows, known, actor.locale, base),
        to=prefs.email,
        name=actor.name,
        sender=server.sender,
        message_id=batch.message_id,
        base=base,
        now=now,
    )

    def send(postman: mail.Postman | None) -> Outcome:
        return postman.deliver(made) if postman else Outcome("mail_off")

    return Ready(rows, send, dropped)


def _as_text(
    rows: Sequence[Message], known: Mapping[tuple[str, int], Known], locale: str | None, base: str
) -> texts.Text:
    single = [_said(row, known, locale, base) for row in rows]
    if len(rows) == 1:
        return single[0]
    items = [(text.subject, f"{base}{row.path}") for text, row in zip(single, rows, strict=True)]
    return texts.digest(items, locale=locale, base=base)


def _said(row: Message, known: Mapping[tuple[str, int], Known], locale: str | None, base: str) -> texts.Text:
    if row.kind == TEST:
        return texts.trial(locale=locale, base=base)
    about = known[row.subject, row.subject_id]
    return texts.said(row.kind, about, locale=locale, link=f"{base}{row.path}", due_at=row.due_at, base=base)


# -- robots


def _robot(batch: Batch, base: str, now: datetime) -> Ready:
    robot = db.session.get(Robot, batch.target_id)
    if robot is None or not robot.active:
        return _none(batch, "gone")
    known, unit_id = _known(None, batch.rows), robot.unit_id
    rows, dropped = _split(
        batch.rows,
        lambda row: (about := known.get((row.subject, row.subject_id))) is not None and unit_id in about.unit_ids,
    )
    if not rows:
        return Ready(dropped=dropped)
    lines = [f"{_said(row, known, robot.locale, base).subject}\n{base}{row.path}" for row in rows]
    count = rules.fitting(lines)
    kind, token, secret, text = robot.kind, robot.token, robot.secret, "\n".join(lines[:count])
    later = tuple(row.id for row in rows[count:])
    return Ready(rows[:count], lambda _: robots.deliver(kind, token, secret, text), dropped, later)


# -- webhooks


def _webhook(batch: Batch, base: str, now: datetime) -> Ready:
    hook = db.session.get(Webhook, batch.target_id)
    if hook is None or not hook.active:
        return _none(batch, "gone")
    known, area_id = _known(None, batch.rows), hook.area_id
    rows, dropped = _split(
        batch.rows,
        lambda row: (about := known.get((row.subject, row.subject_id))) is not None and area_id in about.area_ids,
    )
    if not rows:
        return Ready(dropped=dropped)
    about = known.get((rows[0].subject, rows[0].subject_id))
    body = webhooks.body_of(rows[0], about.number if about else "")
    secrets = [hook.secret, *([hook.old_secret] if hook.old_until and hook.old_until > now else [])]
    url, hosts = hook.url, queries.host_names()
    return Ready(rows, lambda _: webhooks.deliver(url, secrets, batch.message_id, body, hosts=hosts, now=now), dropped)
