"""Accounts, their sessions and their tokens. Secrets are stored as hashes only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel.db import Model, Versioned, key, ref
from casework.kernel.masking import tail
from casework.kernel.named import Named


class User(Named, Versioned, Model):
    """A person with an account. Disabled ones keep their history and cannot sign in.

    An empty ``password_hash`` fits no password. ``first_until``: the password was made by somebody else, signs in
    until then, and is changed before anything else. ``phone_tail``: the last four digits, to be found by.
    """

    __tablename__ = "users"
    __table_args__ = (
        sa.UniqueConstraint("username"),
        sa.Index("ix_users_name", "name"),
        sa.Index("ix_users_phone_tail", "phone_tail"),
        sa.Index("ix_users_initials", "initials"),
        sa.Index("ix_users_pinyin", "pinyin"),
    )

    id: Mapped[int] = key()
    username: Mapped[str] = mapped_column(sa.String(60))
    name: Mapped[str] = mapped_column(sa.String(60))
    phone: Mapped[str] = mapped_column(sa.String(30), default="")
    phone_tail: Mapped[str] = mapped_column(sa.String(4), default="")
    password_hash: Mapped[str] = mapped_column(sa.String(200), default="")
    first_until: Mapped[datetime | None]
    locale: Mapped[str | None] = mapped_column(sa.String(10))
    theme: Mapped[str] = mapped_column(sa.String(10), default="")
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    @orm.validates("phone")
    def _keeps_its_tail(self, _key: str, phone: str) -> str:
        self.phone_tail = tail(phone)
        return phone


class AuthSession(Model):
    """A sign-in. The cookie holds a random token; the row holds its hash and can be ended."""

    __tablename__ = "auth_sessions"
    __table_args__ = (sa.UniqueConstraint("token_hash"), sa.Index("ix_auth_sessions_user_id", "user_id"))

    id: Mapped[int] = key()
    token_hash: Mapped[str] = mapped_column(sa.String(64))
    user_id: Mapped[int] = ref("users.id")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    idle_minutes: Mapped[int]
    ended_at: Mapped[datetime | None]
    agent: Mapped[str] = mapped_column(sa.String(200), default="")
    address: Mapped[str] = mapped_column(sa.String(60), default="")


class ApiToken(Model):
    """A token for a machine: its owner's rights ∩ its scopes, with an end. No ``networks``: from everywhere.

    ``name`` says which program it is for, so that its owner knows which to revoke.
    """

    __tablename__ = "api_tokens"
    __table_args__ = (sa.UniqueConstraint("token_hash"), sa.Index("ix_api_tokens_user_id", "user_id"))

    id: Mapped[int] = key()
    token_hash: Mapped[str] = mapped_column(sa.String(64))
    hint: Mapped[str] = mapped_column(sa.String(12))
    name: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    user_id: Mapped[int] = ref("users.id")
    scopes: Mapped[list[Any]]
    networks: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
