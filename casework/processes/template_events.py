"""What can happen to a template: facts on the security chain, as no case is touched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from casework.audit.vocabulary import Fact


@dataclass(frozen=True, slots=True)
class TemplateDrafted(Fact):
    """A version of a template was begun; ``source`` says from what: empty, copy, harvest, import or newer."""

    template: int
    code: str
    name: str
    no: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class TemplateSubmitted(Fact):
    """A version was sent to the authority that owns it."""

    template: int
    code: str
    name: str
    no: int
    sha256: str


@dataclass(frozen=True, slots=True)
class TemplateReturned(Fact):
    """A version came back to its author with what to change."""

    template: int
    code: str
    name: str
    no: int
    note: str


@dataclass(frozen=True, slots=True)
class TemplatePublished(Fact):
    """A version was published: from when until when runs begin under it. ``sha256`` is of its definition."""

    template: int
    code: str
    name: str
    no: int
    sha256: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class TemplateDecided(Fact):
    """What becomes of a template at its sunset: renewed until a day, made permanent, or retired."""

    template: int
    code: str
    name: str
    fate: str
    reason: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class TemplateOffered(Fact):
    """Whether the portal offers a template, so that an enterprise may begin it for itself."""

    template: int
    code: str
    name: str
    offered: bool
