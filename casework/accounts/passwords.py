"""Argon2id: hash, verify, and as much work for an account that does not exist."""

from __future__ import annotations

import secrets
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def hashed(password: str) -> str:
    """The hash to store."""
    return _HASHER.hash(unicodedata.normalize("NFC", password))


def verifies(stored: str, password: str) -> bool:
    """Whether the password fits; an empty or unknown hash costs the same and never fits."""
    try:
        fits = _HASHER.verify(stored or _nobody(), unicodedata.normalize("NFC", password))
    except (VerificationError, InvalidHashError):
        return False
    return fits and bool(stored)


def initial() -> str:
    """A first password to hand over: 16 letters and digits without look-alikes, in fours."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(16))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _HASHER.hash(secrets.token_urlsafe(32))
