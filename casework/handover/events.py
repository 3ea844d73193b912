"""What a hand-over leaves on a case: one entry when what is held of it changes hands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from casework.audit.vocabulary import Fact


@dataclass(frozen=True, slots=True)
class HandedOver(Fact):
    """A successor took over what somebody held of a case: ``parts`` are kinds of things, ``promises`` their words.

    ``unit`` and ``phone`` are what the requester is told.
    """

    kind: ClassVar[str] = "move"
    handover: int
    leaver: str
    successor: str
    parts: list[str]
    unit: str = ""
    phone: str = ""
    promises: list[str] = field(default_factory=list)
