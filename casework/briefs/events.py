"""What is said of briefs on the security chain: written and sealed, taken out, planned and stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class BriefWritten(Fact):
    """A brief was written: of what, when, and the seals of its figures and files."""

    sentence: ClassVar[str] = N_("Wrote the brief %(brief)s (%(what)s, %(area)s, %(first)s to %(last)s)")
    brief: int
    what: str
    area: str
    first: date
    last: date
    edition: int
    sha256: str
    pdf: str
    docx: str
    xlsx: str
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class BriefExported(Fact):
    """Somebody took a file of a brief out."""

    sentence: ClassVar[str] = N_("Took out the brief %(brief)s as %(form)s")
    brief: int
    form: str
    sha256: str


@dataclass(frozen=True, slots=True)
class BriefScheduled(Fact):
    """From now on a brief is written by itself."""

    sentence: ClassVar[str] = N_("Planned a brief (%(what)s, %(area)s), the first one at %(first)s")
    schedule: int
    what: str
    area: str
    first: datetime
    tell: list[int]


@dataclass(frozen=True, slots=True)
class BriefScheduleStopped(Fact):
    """No brief is written by itself any more; ``by_itself`` when whoever made the plan may no longer."""

    sentence: ClassVar[str] = N_("Stopped a planned brief (%(what)s, %(area)s)")
    schedule: int
    what: str
    area: str
    by_itself: bool = False
