"""A program at the door: its token, its owner's rights without those of an administrator, its share of a minute."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from flask import current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from casework.accounts import queries, rules, service
from casework.accounts.policy import APART
from casework.kernel import i18n, throttle
from casework.kernel.db import transaction
from casework.kernel.errors import N_, TooMany, Unavailable, Unfit, because
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day

KEY = "machines"
MINUTE = timedelta(minutes=1)
LEASE = 20
"""Requests that a process takes out of a minute at once, so that not each of them writes a row."""


def speak() -> None:
    """Say things in the language that the program asks for; Chinese where it asks for none of ours."""
    chosen = request.accept_languages.best_match(["zh-CN", "zh", "en"], default=i18n.DEFAULT)
    i18n.speak("en" if chosen == "en" else i18n.DEFAULT)


def owner(actor_for: Callable[[int, date], Actor | None], now: datetime, scope: str) -> Actor:
    """Whose rights count in this request.

    Raises:
        Unauthorized: no token, or one that is not good (any more) or not from here.
        Unfit: the token lacks the scope (403).
        TooMany: its minute is used up.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = queries.machine(token.strip(), now=now) if scheme.lower() == "bearer" and token.strip() else None
    if found is None or not rules.is_inside(request.remote_addr, found.networks):
        raise _unauthorised(sent=bool(token))
    if scope not in found.scopes:
        raise Unfit(
            403, because(N_("The token lacks the scope “%(scope)s”: make one with it."), scope=scope), kind="scope"
        )
    _leases().take(found.token_id, now)
    actor = actor_for(found.user_id, local_day(now))
    if actor is None:
        raise _unauthorised(sent=True)
    g.token_id = found.token_id
    return replace(actor, duties=tuple(duty for duty in actor.duties if duty.role not in APART))


def _unauthorised(*, sent: bool) -> Unauthorized:
    said: dict[str, str | None] = {"realm": "casework"}
    if sent:
        said["error"] = "invalid_token"
    return Unauthorized(www_authenticate=WWWAuthenticate("bearer", said))


@dataclass(frozen=True, slots=True)
class Share:
    """What a process has left of a token's minute."""

    left: int
    until: datetime


class Leases:
    """The shares of one process; the sum of all is counted in the database, so that nodes do not multiply it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._shares: dict[int, Share] = {}

    def take(self, token_id: int, now: datetime) -> None:
        """Count one request.

        Raises:
            TooMany: the minute is used up.
        """
        with self._lock:
            share = self._shares.get(token_id)
            if share is not None and share.left > 0 and now < share.until:
                self._shares[token_id] = Share(share.left - 1, share.until)
                return
        try:
            fresh = self._fetch(token_id, now)
        except Unavailable:  # being busy must not keep anybody out
            return
        with self._lock:
            self._shares = {key: kept for key, kept in self._shares.items() if kept.until > now}
            self._shares[token_id] = fresh

    def _fetch(self, token_id: int, now: datetime) -> Share:
        bucket = f"token:{token_id}"
        with transaction():
            counted = throttle.count(bucket, window=MINUTE, now=now, times=LEASE)
            service.token_used(token_id, now=now)
            until = throttle.attempts(bucket, now=now)[1] or now + MINUTE
        if counted > self._most:
            raise TooMany(max(1, int((until - now).total_seconds()) + 1))
        return Share(LEASE - 1, until)


def _leases() -> Leases:
    if KEY not in current_app.extensions:
        most = int(current_app.config.get("TOKEN_MINUTE", rules.TOKEN_MINUTE))
        current_app.extensions.setdefault(KEY, Leases(most))
    kept: Leases = current_app.extensions[KEY]
    return kept
