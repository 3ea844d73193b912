"""Accounts, live sessions, tokens, and how often somebody tried."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from casework.accounts.models import ApiToken, AuthSession, User
from casework.accounts.rules import FAILURES, network
from casework.kernel import throttle
from casework.kernel.db import db
from casework.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Signed:
    """A live sign-in as the request needs it."""

    session_id: int
    user_id: int
    created_at: datetime
    seen_at: datetime
    theme: str
    must_change: bool = False
    """The password was made by somebody else: it is changed before anything else."""


# Put together once: every request asks it.
_SIGNED = (
    sa.select(
        AuthSession.id,
        AuthSession.user_id,
        AuthSession.created_at,
        AuthSession.seen_at,
        User.theme,
        User.first_until.is_not(None),
    )
    .join(User, User.id == AuthSession.user_id)
    .where(
        AuthSession.token_hash == sa.bindparam("hash"),
        AuthSession.ended_at.is_(None),
        AuthSession.expires_at > sa.bindparam("now"),
        User.disabled_at.is_(None),
    )
)


def digest(token: str) -> str:
    """How a token is stored and looked up."""
    return hashlib.sha256(token.encode()).hexdigest()


def signed(token: str, *, now: datetime) -> Signed | None:
    """The live session of a cookie's token, of an account that is not disabled."""
    row = db.session.execute(_SIGNED, {"hash": digest(token), "now": now}).first()
    return Signed(*row) if row else None


@dataclass(frozen=True, slots=True)
class Machine:
    """A token that is still good: whose, for what, and from which networks; from everywhere where it names none."""

    token_id: int
    user_id: int
    scopes: Sequence[str]
    networks: Sequence[str]


def machine(token: str, *, now: datetime) -> Machine | None:
    """What a program's token is good for; None when it is not, or no longer."""
    row = db.session.execute(
        sa.select(ApiToken.id, ApiToken.user_id, ApiToken.scopes, ApiToken.networks)
        .join(User, User.id == ApiToken.user_id)
        .where(
            ApiToken.token_hash == digest(token),
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > now,
            User.disabled_at.is_(None),
        )
    ).first()
    return Machine(*row) if row else None


def user(user_id: int) -> User:
    """The account with this id.

    Raises:
        NotFound: there is none.
    """
    found = db.session.get(User, user_id)
    if found is None:
        raise NotFound
    return found


def by_username(username: str) -> User | None:
    """The account with this user name; upper and lower case are the same."""
    return db.session.scalar(sa.select(User).where(User.username == folded(username)))


def folded(username: str) -> str:
    """A user name as it is stored."""
    return username.strip().casefold()[:60]


def sessions_of(user_id: int, *, now: datetime) -> list[AuthSession]:
    """The sign-ins of a person that are not over, the last used first."""
    query = sa.select(AuthSession).where(
        AuthSession.user_id == user_id, AuthSession.ended_at.is_(None), AuthSession.expires_at > now
    )
    return list(db.session.scalars(query.order_by(AuthSession.seen_at.desc()).limit(50)))


def tokens_of(user_id: int, *, now: datetime) -> list[ApiToken]:
    """The tokens of a person that still work."""
    query = sa.select(ApiToken).where(
        ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > now
    )
    return list(db.session.scalars(query.order_by(ApiToken.id.desc()).limit(50)))


def buckets(username: str, address: str | None) -> tuple[str, str, str]:
    """Where tries are counted: account with network, account anywhere, and the account's present rest."""
    account = digest(folded(username))[:32]
    return f"signin:{account}:{network(address)}", f"signin-any:{account}", f"signin-rest:{account}"


def shut_until(username: str, address: str | None, *, now: datetime) -> datetime | None:
    """When this account can be tried again from this network; None when it can be now."""
    here, _anywhere, rest = buckets(username, address)
    tries, until = throttle.attempts(here, now=now)
    if tries >= FAILURES:
        return until
    return throttle.attempts(rest, now=now)[1]


def usernames(user_ids: set[int]) -> dict[int, str]:
    """User names by id, for the security log."""
    rows = db.session.execute(sa.select(User.id, User.username).where(User.id.in_(user_ids)))
    return {row[0]: row[1] for row in rows}
