"""Changed definitions and exported logs: facts on the security chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class DefinitionChanged(Fact):
    """A setting of the figures holds from a day on."""

    kind: ClassVar[str] = "settings"
    sentence: ClassVar[str] = N_("Set %(name)s of the figures to %(value)s from %(from_on)s")
    name: str
    value: int
    from_on: date
    why: str
    district: int | None = None


@dataclass(frozen=True, slots=True)
class EventLogExported(Fact):
    """Somebody took out the event log: in which format, of what, how many cases."""

    sentence: ClassVar[str] = N_("Took out the event log as %(format)s, cases: %(cases)s")
    format: str
    cases: int
    filters: dict[str, str]
