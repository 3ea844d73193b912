"""Every write to accounts, sessions and tokens; each leaves a fact on the security chain."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from casework import audit
from casework.accounts import events, passwords, queries, rules
from casework.accounts.models import ApiToken, AuthSession, User
from casework.kernel import throttle
from casework.kernel.db import db, one
from casework.kernel.errors import N_, NotFound, Refused, because
from casework.kernel.masking import tail
from casework.kernel.named import letters_of
from casework.kernel.permissions import Actor, authorise


def count_try(username: str, address: str | None, *, now: datetime) -> int:
    """Count a try before the password is looked at, so that parallel tries cannot outrun the limit.

    Returns how many wrong tries remain after this one; negative when the limit is already used up.
    """
    here, anywhere, rest = queries.buckets(username, address)
    tries = throttle.count(here, window=rules.WINDOW, now=now)
    if pause := rules.delay(throttle.count(anywhere, window=rules.WINDOW, now=now)):
        throttle.count(rest, window=pause, now=now)
    return rules.FAILURES - tries


def refuse_sign_in(user: User | None, address: str | None, *, now: datetime) -> None:
    """Write down a refused sign-in."""
    fact = events.SignInRefused(user.username if user else "?", address or "", user.id if user else None)
    audit.record(fact, by=None, at=now)


def sign_in(user: User, *, actor: Actor, admin: bool, address: str | None, agent: str, now: datetime) -> str:
    """A new session; returns the token for the cookie, which is kept nowhere else."""
    here, anywhere, rest = queries.buckets(user.username, address)
    for bucket in (here, anywhere, rest):
        throttle.clear(bucket)
    token = secrets.token_urlsafe(32)
    idle, absolute = rules.limits(admin=admin)
    db.session.add(
        AuthSession(
            token_hash=queries.digest(token),
            user_id=user.id,
            created_at=now,
            seen_at=now,
            expires_at=now + absolute,
            idle_minutes=int(idle.total_seconds() // 60),
            agent=agent[:200],
            address=(address or "")[:60],
        )
    )
    audit.record(events.SignedIn(user.id, address or ""), by=actor, at=now)
    return token


def seen(session_id: int, *, now: datetime) -> None:
    """Note that a session is in use."""
    db.session.execute(sa.update(AuthSession).where(AuthSession.id == session_id).values(seen_at=now))


def sign_out(session_id: int, *, actor: Actor, now: datetime) -> None:
    """End one's present session."""
    _end(AuthSession.id == session_id, now=now)
    audit.record(events.SignedOut(actor.user_id), by=actor, at=now)


def end_session(session_id: int, *, actor: Actor, now: datetime) -> None:
    """End one of one's own sessions, as of a lost phone.

    Raises:
        NotFound: it is not one of theirs, or already over.
    """
    if not _end(AuthSession.id == session_id, AuthSession.user_id == actor.user_id, now=now):
        raise NotFound
    audit.record(events.SessionEnded(actor.user_id, 1), by=actor, at=now)


def end_sessions(user_id: int, *, actor: Actor | None, now: datetime, but: int | None = None) -> None:
    """End the sessions of an account, all or all but one."""
    others = [AuthSession.user_id == user_id] + ([AuthSession.id != but] if but else [])
    if count := _end(*others, now=now):
        audit.record(events.SessionEnded(user_id, count), by=actor, at=now)


def _end(*conditions: sa.ColumnElement[bool], now: datetime) -> int:
    statement = sa.update(AuthSession).where(AuthSession.ended_at.is_(None), *conditions).values(ended_at=now)
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def make_user(*, username: str, name: str, phone: str = "", password: str, actor: Actor | None, now: datetime) -> User:
    """A person with an account and no posting yet. Who may is asked where postings are known: in roster.

    Raises:
        Refused: the user name is taken or malformed, the name is missing, or the password is weak.
    """
    username = queries.folded(username)
    reasons = rules.username_objections(username)
    if not name.strip():
        reasons.append(because(N_("Write the person's name."), "name"))
    if queries.by_username(username):
        reasons.append(
            because(N_("The user name %(username)s is taken: choose another."), "username", username=username)
        )
    reasons += rules.password_objections(password, username=username, name=name)
    if reasons:
        raise Refused(reasons)
    user = User(
        username=username,
        name=name.strip(),
        phone=phone.strip(),
        password_hash=passwords.hashed(password),
        created_at=now,
    )
    db.session.add(user)
    db.session.flush()  # the log names its id
    audit.record(events.AccountMade(user.id, username), by=actor, at=now)
    return user


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be made with many others; it has no password, so nobody signs in until one is handed out."""

    username: str
    name: str
    phone: str = ""


def make_accounts(wanted: Sequence[NewAccount], *, actor: Actor | None, now: datetime) -> dict[str, int]:
    """Make many accounts at once, whose names the caller has checked; their ids by user name.

    A user name that was taken meanwhile is a ``Conflict`` at the edge, and nothing of the batch is kept.
    """
    if not wanted:
        return {}
    rows = [
        {"username": one.username, "name": one.name, "phone": one.phone, "phone_tail": tail(one.phone)}
        | {"password_hash": "", "theme": "", "created_at": now, "version": 1, **letters_of(one.name)}
        for one in wanted
    ]
    made = db.session.execute(sa.insert(User).returning(User.username, User.id), rows)
    ids = {username: key for username, key in made}  # noqa: C416 - rows are no pairs to mypy
    audit.record_all([events.AccountMade(ids[one.username], one.username) for one in wanted], by=actor, at=now)
    return ids


def edit_user(user: User, *, name: str, phone: str, reason: str = "", actor: Actor, now: datetime) -> None:
    """Another name or phone.

    Raises:
        Refused: the name is missing.
    """
    if not name.strip():
        raise Refused(because(N_("Write the person's name."), "name"))
    wanted = {"name": name.strip(), "phone": phone.strip()}
    changed = tuple(field for field, value in wanted.items() if getattr(user, field) != value)
    for field in changed:
        setattr(user, field, wanted[field])
    if changed:
        audit.record(events.AccountEdited(user.id, user.username, changed, reason), by=actor, at=now)


def disable(user: User, *, actor: Actor | None, now: datetime) -> None:
    """Shut an account at once; what it did stays.

    Raises:
        Refused: it is one's own, or shut already.
    """
    if actor and actor.user_id == user.id:
        raise Refused(because(N_("Nobody disables their own account: ask another administrator.")))
    if user.disabled_at:
        raise Refused(because(N_("The account %(username)s is disabled already."), username=user.username))
    user.disabled_at = now
    end_sessions(user.id, actor=actor, now=now)
    audit.record(events.AccountDisabled(user.id, user.username), by=actor, at=now)


def enable(user: User, *, actor: Actor | None, now: datetime) -> None:
    """Open a disabled account again.

    Raises:
        Refused: it is not disabled.
    """
    if not user.disabled_at:
        raise Refused(because(N_("The account %(username)s is not disabled."), username=user.username))
    user.disabled_at = None
    audit.record(events.AccountEnabled(user.id, user.username), by=actor, at=now)


def set_password(
    user: User, password: str, *, actor: Actor | None, now: datetime, keep_session: int | None = None
) -> None:
    """A new password; every other session of the account ends.

    Raises:
        Refused: it is too weak.
    """
    if reasons := rules.password_objections(password, username=user.username, name=user.name):
        raise Refused(reasons)
    user.password_hash, user.first_until = passwords.hashed(password), None
    end_sessions(user.id, actor=actor, now=now, but=keep_session)
    audit.record(events.PasswordChanged(user.id, user.username), by=actor, at=now)


@dataclass(frozen=True, slots=True)
class Secret:
    """A first password with its hash, made before the transaction as hashing is slow on purpose."""

    plain: str
    hash: str


def new_secret() -> Secret:
    """A random first password."""
    plain = passwords.initial()
    return Secret(plain, passwords.hashed(plain))


def give_first_password(user: User, secret: Secret, *, actor: Actor | None, now: datetime) -> None:
    """A password that signs in for seven days, and is changed before anything else; every sign-in ends."""
    user.password_hash, user.first_until = secret.hash, now + rules.FIRST_PASSWORD
    end_sessions(user.id, actor=actor, now=now)
    audit.record(events.FirstPasswordGiven(user.id, user.username, user.first_until), by=actor, at=now)


def renew_token(session_id: int) -> str:
    """Give a session a new token, as after a new password; returns it for the cookie."""
    token = secrets.token_urlsafe(32)
    statement = sa.update(AuthSession).where(AuthSession.id == session_id).values(token_hash=queries.digest(token))
    db.session.execute(statement)
    return token


def choose(user_id: int, *, locale: str | None = None, theme: str | None = None) -> None:
    """Keep a person's language or theme; it conflicts with nobody, so the row's version stays."""
    values = {key: value for key, value in (("locale", locale), ("theme", theme)) if value is not None}
    db.session.execute(sa.update(User).where(User.id == user_id).values(values))


def make_token(
    user: User,
    *,
    scopes: list[str],
    days: int,
    actor: Actor,
    now: datetime,
    networks: Sequence[str] = (),
    name: str = "",
) -> str:
    """A token for a machine: its owner's rights ∩ its scopes. Returned once, stored as a hash.

    Raises:
        NotPermitted: the actor holds none of the roles that make tokens.
        Refused: unknown scopes, a life of more than 90 days, networks that are none, or too long a name.
    """
    authorise(actor, "token.make")
    return issue_token(user, scopes=scopes, days=days, networks=networks, name=name, actor=actor, now=now)


def issue_token(
    user: User,
    *,
    scopes: list[str],
    days: int,
    actor: Actor | None,
    now: datetime,
    networks: Sequence[str] = (),
    name: str = "",
) -> str:
    """The same, without asking who may: for an operator at the command line.

    Raises:
        Refused: as ``make_token``.
    """
    if reasons := rules.token_objections(scopes, days, networks, name):
        raise Refused(reasons)
    token = f"cw_{secrets.token_urlsafe(32)}"
    until = now + timedelta(days=days)
    db.session.add(
        ApiToken(
            token_hash=queries.digest(token),
            hint=token[:8],
            name=name,
            user_id=user.id,
            scopes=sorted(set(scopes)),
            networks=list(networks),
            created_at=now,
            expires_at=until,
        )
    )
    audit.record(events.TokenMade(user.id, token[:8], tuple(sorted(set(scopes))), until, name), by=actor, at=now)
    return token


def token_used(token_id: int, *, now: datetime) -> None:
    """Note that a token is in use."""
    db.session.execute(sa.update(ApiToken).where(ApiToken.id == token_id).values(used_at=now))


def revoke_token(token_id: int, *, actor: Actor, now: datetime) -> None:
    """End one of one's own tokens.

    Raises:
        NotFound: it is not one of theirs, or already revoked.
    """
    query = sa.select(ApiToken).where(
        ApiToken.id == token_id, ApiToken.user_id == actor.user_id, ApiToken.revoked_at.is_(None)
    )
    token = one(query, "token")
    token.revoked_at = now
    audit.record(events.TokenRevoked(token.user_id, token.hint), by=actor, at=now)
