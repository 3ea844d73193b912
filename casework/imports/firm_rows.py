"""A row of enterprises: what it says of a firm, and what is known and will be written of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from casework.areas.models import Area, Level
from casework.enterprises import service
from casework.enterprises.models import Enterprise
from casework.enterprises.rules import compact, uscc_fault
from casework.imports.importing import RowRefused, Said
from casework.kernel.errors import N_, Reason, because
from casework.sheets.cells import split_contacts

NO_NAME = N_("The name of the enterprise is missing.")
TOO_LONG = N_("“%(start)s…” is longer than %(limit)s characters.")
SHORTEN = N_("Shorten it in the file and import the file again.")
PLAIN = ("uscc", "address", "size", "industry")


@dataclass(slots=True)
class Known:
    """A firm as the import needs it, from the database or from an earlier row (then without an id until it is written).

    ``undone``: it was closed when the import that made it was taken back.
    """

    name: str
    district_id: int | None
    area_id: int | None
    values: dict[str, str]
    id: int | None = None
    row: Enterprise | None = None
    contacts: set[tuple[str, str]] = field(default_factory=set)
    undone: bool = False


@dataclass(slots=True)
class Work:
    """What a row will write: a new firm, or what changes of one; and whom to call."""

    known: Known
    number: int
    draft: service.Draft | None = None
    values: dict[str, Any] = field(default_factory=dict)
    area: Area | None = None
    contacts: Sequence[tuple[str, str]] = ()
    legal: str = ""


def known_firm(one: Enterprise) -> Known:
    """A firm that is there."""
    values = {name: getattr(one, name) or "" for name in PLAIN}
    return Known(one.name, one.district_id, one.area_id, values, id=one.id)


def district_of(area: Area | None) -> int | None:
    """The district that a place is, or lies in."""
    if area is None:
        return None
    return area.id if area.level == Level.DISTRICT else area.district_id


def values_of(row: Said) -> dict[str, str]:
    """The plain fields of a row, checked.

    Raises:
        RowRefused: it has no name, something is too long, or the credit code cannot be one.
    """
    if not row["name"]:
        raise RowRefused("name", Reason(NO_NAME))
    for name, limit in (("name", 200), ("address", 300), ("size", 20), ("industry", 60)):
        if len(row[name]) > limit:
            reason = because(TOO_LONG, start=row[name][:20], limit=limit)
            raise RowRefused(name, reason, Reason(SHORTEN))
    code = compact(row["uscc"])
    if code and (fault := uscc_fault(code)):
        raise RowRefused("uscc", fault)
    return {"uscc": code, "address": row["address"], "size": row["size"], "industry": row["industry"]}


def contacts_of(row: Said) -> list[tuple[str, str]]:
    """Whom the row names, as (name, phone); the legal representative without a number, if given."""
    name, phone = row["contact_name"], row["contact_phone"]
    if not (name or phone):
        pairs: list[tuple[str, str]] = []
    elif name == phone or not phone:
        pairs = split_contacts(name)
    else:
        pairs = split_contacts(phone) if not name else [(name, phone)]
    if any(number and sum(sign.isdigit() or sign == "*" for sign in number) < 7 for _, number in pairs):
        raise RowRefused("contact_phone", Reason(service.NO_PHONE))
    nobody = row["legal_person"][:60] or "—"
    pairs = [(who[:60] or nobody, number[:30]) for who, number in pairs]
    if row["legal_person"] and all(who != row["legal_person"] for who, _ in pairs):
        pairs.append((row["legal_person"][:60], ""))
    return list(dict.fromkeys(pairs))
