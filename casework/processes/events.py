"""What can happen to a run, in past tense. Answers stay with the submission; entries seal their hash."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from casework.audit.vocabulary import Fact


@dataclass(frozen=True, slots=True)
class ProcessStarted(Fact):
    """A process began on the case, under one version of its template."""

    kind: ClassVar[str] = "process"
    run: int
    template: str
    name: str
    no: int
    by_requester: bool = False


@dataclass(frozen=True, slots=True)
class StepSubmitted(Fact):
    """A step was filled in or decided. ``sha256`` is of the submission's answers."""

    kind: ClassVar[str] = "process"
    run: int
    step: str
    title: str
    result: str
    actor: str
    sha256: str
    minutes: int | None = None
    limit: int | None = None
    to_title: str = ""
    note: str = ""
    on_behalf: bool = False
    void: list[str] = field(default_factory=list)
    files: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ProcessEnded(Fact):
    """A run came to its end: all steps passed, one rejected it, or it was cancelled."""

    kind: ClassVar[str] = "process"
    run: int
    name: str
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ProcessMigrated(Fact):
    """A run was moved to a newer version; ``lost`` are titles of finished steps that the newer one does not have."""

    kind: ClassVar[str] = "process"
    run: int
    name: str
    from_no: int
    to_no: int
    lost: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SlotsOffered(Fact):
    """Times for a visit on site were offered to the enterprise."""

    kind: ClassVar[str] = "process"
    run: int
    step: str
    title: str
    slots: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SlotChosen(Fact):
    """The enterprise chose a time: a visit is set."""

    kind: ClassVar[str] = "process"
    run: int
    step: str
    title: str
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class DocumentIssued(Fact):
    """A numbered document was issued. ``sha256`` is of the facts that anyone may verify."""

    kind: ClassVar[str] = "process"
    document: int
    run: int
    title: str
    number: str
    valid_until: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class DocumentRevoked(Fact):
    """A document no longer counts, and why."""

    kind: ClassVar[str] = "process"
    document: int
    title: str
    number: str
    reason: str
