"""What happens to accounts: the facts of the security chain. ``sentence`` says one to a reader of the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class SignedIn(Fact):
    """Somebody signed in, from this network address."""

    sentence: ClassVar[str] = N_("Signed in from %(address)s")
    user_id: int
    address: str


@dataclass(frozen=True, slots=True)
class SignInRefused(Fact):
    """A sign-in was refused. An unknown name is not kept: it may be a password typed into the wrong box."""

    sentence: ClassVar[str] = N_("Sign-in refused: account %(username)s from %(address)s")
    username: str
    address: str
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class SignedOut(Fact):
    """Somebody signed out."""

    sentence: ClassVar[str] = N_("Signed out")
    user_id: int


@dataclass(frozen=True, slots=True)
class SessionEnded(Fact):
    """A sign-in was ended from another device, or with a new password."""

    sentence: ClassVar[str] = N_("Ended %(count)s sign-ins of account %(user_id)s")
    user_id: int
    count: int


@dataclass(frozen=True, slots=True)
class PasswordChanged(Fact):
    """A password was set, by its owner or by an administrator."""

    sentence: ClassVar[str] = N_("New password for %(username)s")
    user_id: int
    username: str


@dataclass(frozen=True, slots=True)
class FirstPasswordGiven(Fact):
    """Somebody was handed a first password, good until a moment and for one change."""

    sentence: ClassVar[str] = N_("First password for %(username)s until %(until)s")
    user_id: int
    username: str
    until: datetime


@dataclass(frozen=True, slots=True)
class TokenMade(Fact):
    """A token for a machine was made."""

    sentence: ClassVar[str] = N_("Made token %(hint)s… for %(scopes)s until %(until)s")
    user_id: int
    hint: str
    scopes: tuple[str, ...]
    until: datetime
    name: str = ""


@dataclass(frozen=True, slots=True)
class TokenRevoked(Fact):
    """A token was revoked."""

    sentence: ClassVar[str] = N_("Revoked token %(hint)s…")
    user_id: int
    hint: str


@dataclass(frozen=True, slots=True)
class AccountMade(Fact):
    """A person got an account."""

    sentence: ClassVar[str] = N_("Made the account %(username)s")
    user_id: int
    username: str


@dataclass(frozen=True, slots=True)
class AccountEdited(Fact):
    """Name or phone of a person changed; only the names of the fields are kept."""

    sentence: ClassVar[str] = N_("Changed %(fields)s of %(username)s")
    user_id: int
    username: str
    fields: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AccountDisabled(Fact):
    """An account can no longer sign in."""

    sentence: ClassVar[str] = N_("Disabled the account %(username)s")
    user_id: int
    username: str


@dataclass(frozen=True, slots=True)
class AccountEnabled(Fact):
    """A disabled account can sign in again."""

    sentence: ClassVar[str] = N_("Enabled the account %(username)s")
    user_id: int
    username: str
