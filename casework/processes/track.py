"""The enterprise's own page: opened by the case code with the last four digits of the phone. Guessing gets nowhere."""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from datetime import datetime, timedelta

import sqlalchemy as sa

from casework.cases.models import Case
from casework.kernel import throttle
from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, TooMany, because

TRIES, WINDOW = 5, timedelta(hours=1)
TRIES_BY_ADDRESS = 30
OPEN_FOR = timedelta(hours=12)
SHORTEST = 7
"""Digits of a phone that tells anything: a case with a shorter one has no page."""
WRONG = N_("Code and digits do not fit together. Compare them with the message that you were sent.")


def normal(code: str) -> str:
    """A code as it is kept, however it was written down."""
    return "".join(letter for letter in code.upper() if letter.isalnum())[:20]


def count_try(code: str, address: str, *, now: datetime) -> None:
    """Count one try, in a transaction of its own: for codes that exist and for others alike.

    Raises:
        TooMany: five tries an hour for a code, thirty from an address.
    """
    of_code = throttle.count(f"track:{normal(code)}", window=WINDOW, now=now)
    of_address = throttle.count(f"track@{address}", window=WINDOW, now=now)
    if of_code > TRIES or of_address > TRIES_BY_ADDRESS:
        raise TooMany(int(WINDOW.total_seconds()))


def forget_tries(code: str) -> None:
    """The right digits: what was mistyped before counts no more."""
    throttle.clear(f"track:{normal(code)}")


def opened_by(code: str, digits: str) -> Case:
    """The case that a code and the last four digits of its phone open.

    Raises:
        Refused: they do not fit together; the same sentence whatever is wrong.
    """
    case = by_code(code)
    phone = _digits(case.contact_phone) if case else ""
    expected = phone[-4:] if len(phone) >= SHORTEST else secrets.token_hex(4)
    given = _digits(digits)
    if not hmac.compare_digest(expected, given) or case is None:
        raise Refused(because(WRONG, "digits"))
    return case


def _digits(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKC", text) if letter in "0123456789")


def by_code(code: str) -> Case | None:
    """The case with this code."""
    return db.session.scalar(sa.select(Case).where(Case.code == normal(code)))
