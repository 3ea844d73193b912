"""What leaves as a list and what comes back of it, as facts on the security chain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class ListExported(Fact):
    """Somebody took a list out: which (``about``: of what), how, which columns, by which filters, how many rows.

    ``sha256`` is the file's; ``purpose`` and ``second`` stand where a second person had to agree.
    """

    sentence: ClassVar[str] = N_("Took out the list “%(name)s” %(about)s as %(form)s, rows: %(rows)s. %(purpose)s")
    words: ClassVar[dict[str, dict[str, str]]] = {"name": {}}
    name: str
    form: str
    rows: int
    sha256: str
    columns: list[str]
    about: str = ""
    filters: dict[str, str] = field(default_factory=dict)
    purpose: str = ""
    second: str = ""


@dataclass(frozen=True, slots=True)
class FullListExported(ListExported):
    """The same, with phone numbers in full."""

    sentence: ClassVar[str] = N_(
        "Took out the list “%(name)s” %(about)s as %(form)s with phone numbers in full, rows: %(rows)s. %(purpose)s"
    )


@dataclass(frozen=True, slots=True)
class ListRefused(Fact):
    """A list did not leave: who agreed would have been who asked, another person's link, one that had expired, a no."""

    sentence: ClassVar[str] = N_("The list “%(name)s” of %(who)s was not handed out: %(why)s")
    words: ClassVar[dict[str, dict[str, str]]] = {"name": {}, "why": {}}
    name: str
    who: str
    why: str
    key: int = 0


@dataclass(frozen=True, slots=True)
class LedgerTakenBack(Fact):
    """An edited ledger came back: how many of its rows were changed, kept as they stand, or refused.

    ``cells``: how many single cells of the changed rows stayed as they were.
    """

    sentence: ClassVar[str] = N_(
        "Took an edited ledger back in: %(filename)s, changed %(changed)s, kept %(kept)s, refused %(refused)s; "
        "single cells left: %(cells)s"
    )
    filename: str
    sha256: str
    rows: int
    unchanged: int
    changed: int
    kept: int
    refused: int
    list: str = ""
    cells: int = 0


# -- what entries of before are read by: every list has said the same words since


@dataclass(frozen=True, slots=True)
class LedgerExported(Fact):
    """Somebody took a ledger out: which filter, how many rows."""

    sentence: ClassVar[str] = N_("Took out the ledger of cases, rows: %(rows)s")
    filters: dict[str, str]
    rows: int


@dataclass(frozen=True, slots=True)
class RosterExported(Fact):
    """Somebody took the roster out: which filter, how many rows."""

    sentence: ClassVar[str] = N_("Took out the roster of people, rows: %(rows)s")
    filters: dict[str, str]
    rows: int


@dataclass(frozen=True, slots=True)
class SupplyLedgerExported(Fact):
    """Somebody took the ledger of a unit's supplies out: how many rows."""

    sentence: ClassVar[str] = N_("Took out the supplies ledger of %(unit)s, rows: %(rows)s")
    unit_id: int
    unit: str
    rows: int


@dataclass(frozen=True, slots=True)
class OrdersExported(Fact):
    """Somebody took the register of supervision orders out: how many rows, by which filters."""

    sentence: ClassVar[str] = N_("Took out the register of supervision orders, rows: %(rows)s")
    rows: int
    filters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RegisterExported(Fact):
    """Somebody took a register out: which, by which filter, how many rows."""

    sentence: ClassVar[str] = N_("Took out the register “%(register)s”, rows: %(rows)s")
    register: str
    rows: int
    filters: dict[str, str] = field(default_factory=dict)
