"""What a hand-over leaves on the security chain: who offered what to whom, and the answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class HandoverSent(Fact):
    """What somebody holds was offered to successors."""

    kind: ClassVar[str] = "people"
    sentence: ClassVar[str] = N_("Sent the hand-over of %(leaver)s from %(start)s to successors: %(count)s things")
    handover: int
    leaver_id: int
    leaver: str
    start: date
    count: int


@dataclass(frozen=True, slots=True)
class HandoverGivenAnew(Fact):
    """What was refused or not answered was offered to somebody else."""

    kind: ClassVar[str] = "people"
    sentence: ClassVar[str] = N_("Offered %(count)s things of %(leaver)s to %(successor)s")
    handover: int
    leaver: str
    successor_id: int
    successor: str
    count: int


@dataclass(frozen=True, slots=True)
class HandoverAnswered(Fact):
    """A successor took things over, or refused them; ``reasons`` are the different ones."""

    kind: ClassVar[str] = "people"
    sentence: ClassVar[str] = N_(
        "Answered the hand-over of %(leaver)s: %(accepted)s taken over, %(refused)s refused, %(gone)s settled otherwise"
    )
    handover: int
    leaver_id: int
    leaver: str
    accepted: int
    refused: int
    gone: int
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class HandoverCalledOff(Fact):
    """What was not taken over stays where it is."""

    kind: ClassVar[str] = "people"
    sentence: ClassVar[str] = N_("Called off the hand-over of %(leaver)s")
    handover: int
    leaver_id: int
    leaver: str
    reason: str


@dataclass(frozen=True, slots=True)
class ShiftsHandedOver(Fact):
    """Shifts at a desk went to somebody else."""

    kind: ClassVar[str] = "people"
    sentence: ClassVar[str] = N_("%(successor)s took over %(count)s shifts of %(leaver)s")
    leaver: str
    successor_id: int
    successor: str
    count: int
