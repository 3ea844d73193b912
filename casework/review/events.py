"""What reviews, call-backs and samples write into the story of a case; and the setting of limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from casework.audit.vocabulary import Fact


@dataclass(frozen=True, slots=True)
class SignatureVoided(Fact):
    """What the first signature stands on has changed: ``parts`` names it by key."""

    kind: ClassVar[str] = "move"
    name: str
    parts: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ApprovedTogether(Fact):
    """The approval before it was given to several equal cases at once."""

    kind: ClassVar[str] = "move"
    count: int


@dataclass(frozen=True, slots=True)
class RatingLinkMade(Fact):
    """A link was made by which the enterprise answers the call-back itself."""

    kind: ClassVar[str] = "note"
    until: str


@dataclass(frozen=True, slots=True)
class CaseSampled(Fact):
    """The case was drawn by chance into a sample of closed cases."""

    kind: ClassVar[str] = "move"
    sample: int
    size: int
    population: int


@dataclass(frozen=True, slots=True)
class SampleJudged(Fact):
    """What the sampler found: in order, or not and why."""

    kind: ClassVar[str] = "move"
    sample: int
    verdict: str
    reason: str = ""
