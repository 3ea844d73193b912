"""The closed sets of supplies and their words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from casework.kernel.errors import N_

NEVER = date(9999, 12, 31)
"""The expiry day of what does not expire: it comes last where the first to expire goes out first."""
SOON_DAYS = 30
"""So many days before its expiry a batch is shown as about to expire."""


class Category(StrEnum):
    """What an item is for."""

    PROTECTION = "protection"
    DISINFECTION = "disinfection"
    MEASURING = "measuring"
    MEDICINE = "medicine"
    DAILY = "daily"
    OTHER = "other"


class Kind(StrEnum):
    """What changed a stock. What is sent leaves at once and arrives when the receiver confirms it."""

    IN = "in"
    OUT = "out"
    SENT = "sent"
    RECEIVED = "received"
    RETURNED = "returned"
    COUNT = "count"
    WRITE_OFF = "write_off"
    REVERSAL = "reversal"


class Transfer(StrEnum):
    """How a transfer stands: under way, or how it ended."""

    SENT = "sent"
    RECEIVED = "received"
    REFUSED = "refused"
    RECALLED = "recalled"


class Standing(StrEnum):
    """How a requested line stands: a fold of what was delivered and of its cancellation."""

    OPEN = "open"
    PARTLY = "partly"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"


CATEGORIES: Mapping[str, str] = {
    Category.PROTECTION: N_("Protection"),
    Category.DISINFECTION: N_("Disinfection"),
    Category.MEASURING: N_("Taking temperatures"),
    Category.MEDICINE: N_("Medicine"),
    Category.DAILY: N_("Daily goods"),
    Category.OTHER: N_("Other supplies"),
}
KINDS: Mapping[str, str] = {
    Kind.IN: N_("Taken in"),
    Kind.OUT: N_("Given out"),
    Kind.SENT: N_("Transfer out"),
    Kind.RECEIVED: N_("Transfer in"),
    Kind.RETURNED: N_("Transfer came back"),
    Kind.COUNT: N_("Stock count"),
    Kind.WRITE_OFF: N_("Written off"),
    Kind.REVERSAL: N_("Reversal"),
}
TRANSFERS: Mapping[str, str] = {
    Transfer.SENT: N_("under way"),
    Transfer.RECEIVED: N_("arrived"),
    Transfer.REFUSED: N_("turned away"),
    Transfer.RECALLED: N_("recalled"),
}
STANDINGS: Mapping[str, str] = {
    Standing.OPEN: N_("not delivered yet"),
    Standing.PARTLY: N_("partly delivered"),
    Standing.FULFILLED: N_("delivered"),
    Standing.CANCELLED: N_("request cancelled"),
}
