"""What an entry, a request or a delivery must be, and what counts as short. Facts in, reasons or values out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from casework.kernel.errors import N_, Reason, because
from casework.supplies.words import NEVER, SOON_DAYS

MOST = 1_000_000
"""The most that one entry may say: more is a slip of the finger."""
LATEST = date(2100, 1, 1)
Place = tuple[int, int | None]
"""An item and the unit: None is the unit of a case that has none yet."""


@dataclass(frozen=True, slots=True)
class Short:
    """What a unit's cases still need beyond what it has and what is on the way: all in the item's measure.

    ``elsewhere`` is what others have beyond their own needs, so that a transfer could help.
    """

    item_id: int
    unit_id: int | None
    needed: int
    has: int
    coming: int
    elsewhere: int = 0

    @property
    def short(self) -> int:
        """What is missing: what is under way is not there yet."""
        return max(self.needed - self.has, 0)


def is_expired(expires_on: date, today: date) -> bool:
    """Its expiry day is the last on which it may be given out."""
    return expires_on < today


def is_expiring(expires_on: date, today: date) -> bool:
    """Whether it expires within ``SOON_DAYS`` and has not yet."""
    return today <= expires_on <= soon(today)


def soon(today: date) -> date:
    """The last day that counts as soon."""
    return today + timedelta(days=SOON_DAYS)


def quantity_faults(quantity: int | None, *, name: str = "quantity", zero: bool = False) -> list[Reason]:
    """A whole number from 1, or 0 where ``zero``, to ``MOST``."""
    least = 0 if zero else 1
    if quantity is None or not least <= quantity <= MOST:
        told = because(
            N_("Quantity: write a whole number from %(least)s to %(most)s."), name, least=least, most=f"{MOST:,}"
        )
        return [told]
    return []


def text_faults(text: str, name: str, most: int, missing: str = "") -> list[Reason]:
    """Not too long, and not empty where ``missing`` says what to write."""
    if missing and not text.strip():
        return [Reason(missing, {}, name)]
    if len(text) > most:
        return [because(N_("Shorten this to %(limit)s characters."), name, limit=most)]
    return []


def expiry_faults(expires_on: date, today: date) -> list[Reason]:
    """What comes in has not expired; a day beyond this century is a slip."""
    if expires_on == NEVER:
        return []
    if is_expired(expires_on, today):
        return [because(N_("Expires on: this day is past, and what has expired is not taken in."), "expires_on")]
    if expires_on > LATEST:
        return [because(N_("Expires on: check the year."), "expires_on")]
    return []


def issue_faults(quantity: int | None, has: int, expires_on: date, today: date, measure: str) -> list[Reason]:
    """Why so much of a batch cannot leave the stock for use: it has expired, or there is less."""
    if faults := quantity_faults(quantity):
        return faults
    if is_expired(expires_on, today):
        return [because(N_("This batch has expired: write it off, and give out another one."))]
    return [too_much(has, measure)] if (quantity or 0) > has else []


def too_much(has: int, measure: str, name: str = "quantity") -> Reason:
    """There is less than that."""
    return because(N_("Quantity: there are %(has)s %(measure)s of this batch."), name, has=f"{has:,}", measure=measure)


def needed_faults(needed_on: date | None, today: date, name: str) -> list[Reason]:
    """By when it is needed: today or later, within a year."""
    if needed_on is None or needed_on < today:
        return [because(N_("Needed by: pick today or a later day."), name)]
    if needed_on > today + timedelta(days=366):
        return [because(N_("Needed by: check the year."), name)]
    return []


def shortages(needed: Mapping[Place, int], usable: Mapping[Place, int], coming: Mapping[Place, int]) -> list[Short]:
    """Where open requests ask for more than the unit has, the largest gap first."""
    places = {place for place, count in needed.items() if count > usable.get(place, 0)}
    spare = {place: max(has - needed.get(place, 0), 0) for place, has in usable.items()}
    found = [
        Short(
            item_id,
            unit_id,
            needed[item_id, unit_id],
            usable.get((item_id, unit_id), 0),
            coming.get((item_id, unit_id), 0),
            sum(count for (item, unit), count in spare.items() if item == item_id and unit != unit_id),
        )
        for item_id, unit_id in places
    ]
    return sorted(found, key=lambda one: (-one.short, one.item_id, one.unit_id or 0))


def below_least(usable: Mapping[Place, int], least: Mapping[int, int]) -> list[tuple[Place, int]]:
    """The units that keep an item and have less than they should: (place, what it has), emptiest first."""
    found = [(place, has) for place, has in usable.items() if has < least.get(place[0], 0)]
    return sorted(found, key=lambda one: (one[1] / least[one[0][0]], one[0]))


def total_by_item(counts: Mapping[Place, int]) -> dict[int, int]:
    """The counts of all units together, by item."""
    totals: dict[int, int] = {}
    for (item_id, _), count in counts.items():
        totals[item_id] = totals.get(item_id, 0) + count
    return totals
