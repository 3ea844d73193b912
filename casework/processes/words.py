"""The closed sets of temporary processes: who acts, what is asked, how answers compare, where a step stands."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from casework.kernel.errors import N_


class FieldKind(StrEnum):
    """What a field asks for, and so how its answer is checked and kept."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    TIME = "time"
    CHOICE = "choice"
    CHOICES = "choices"
    PHONE = "phone"
    PLATE = "plate"
    USCC = "uscc"
    PEOPLE = "people"
    FILE = "file"
    PHOTO = "photo"
    DECLARATION = "declaration"


K = FieldKind
FIELD_KINDS: Mapping[str, str] = {
    K.TEXT: N_("Text"),
    K.LONG_TEXT: N_("Long text"),
    K.NUMBER: N_("Number"),
    K.MONEY: N_("Money"),
    K.DATE: N_("Date"),
    K.TIME: N_("Time of day"),
    K.CHOICE: N_("One choice"),
    K.CHOICES: N_("Several choices"),
    K.PHONE: N_("Phone"),
    K.PLATE: N_("Number plate"),
    K.USCC: N_("Credit code"),
    K.PEOPLE: N_("List of people"),
    K.FILE: N_("File"),
    K.PHOTO: N_("Photo"),
    K.DECLARATION: N_("Declaration"),
}
ORDERED = frozenset({K.NUMBER, K.MONEY, K.DATE, K.TIME})
"""Kinds whose answers can be less or more."""
RANGED = frozenset({K.NUMBER, K.MONEY, K.CHOICES, K.PEOPLE, K.FILE, K.PHOTO, K.TEXT, K.LONG_TEXT})
"""Kinds that take ``min`` and ``max``: of the value, of how many, or of the length."""
PICKED = frozenset({K.CHOICE, K.CHOICES})
PRIVATE = frozenset({K.PHONE, K.PEOPLE, K.FILE, K.PHOTO})
"""Kinds whose answers a public page never shows."""


class Op(StrEnum):
    """How a condition compares an answer."""

    EQUALS = "="
    DIFFERS = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    IN = "in"
    EMPTY = "empty"


COMPARING = frozenset({Op.LESS, Op.AT_MOST, Op.MORE, Op.AT_LEAST})


class Result(StrEnum):
    """What came of a step: it was filled, approved, returned to an earlier one, or ended the run."""

    DONE = "done"
    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"


class Stand(StrEnum):
    """Where a step of a run stands."""

    WAITING = "waiting"
    """A step before it is not through yet."""
    READY = "ready"
    """Its actor may act."""
    DONE = "done"
    HELD = "held"
    """Done, but a step before it was returned: it stands if what it relied on does not change."""
    SKIPPED = "skipped"
    """Its condition does not hold."""


ENTERPRISE, OFFICER, LEAD, AUTHORITY = "enterprise", "officer", "lead", "authority"
ACTORS: Mapping[str, str] = {
    ENTERPRISE: N_("Enterprise"),
    OFFICER: N_("Liaison officer"),
    LEAD: N_("Team lead"),
    AUTHORITY: N_("Authority"),
}


class VersionState(StrEnum):
    """The life of a version of a template: draft ▸ in review ▸ published ▸ retired; a return makes it a draft again."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    RETIRED = "retired"


VERSION_STATES: Mapping[str, str] = {
    VersionState.DRAFT: N_("Draft"),
    VersionState.IN_REVIEW: N_("In review"),
    VersionState.PUBLISHED: N_("Published"),
    VersionState.RETIRED: N_("Retired"),
}


class RunState(StrEnum):
    """How a run of a process stands."""

    RUNNING = "running"
    DONE = "done"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


RUN_STATES: Mapping[str, str] = {
    RunState.RUNNING: N_("Under way"),
    RunState.DONE: N_("Run through"),
    RunState.REJECTED: N_("Rejected"),
    RunState.CANCELLED: N_("Cancelled"),
}
STANDS: Mapping[str, str] = {
    Stand.WAITING: N_("not its turn yet"),
    Stand.READY: N_("open now"),
    Stand.DONE: N_("done"),
    Stand.HELD: N_("held until it is known what changed"),
    Stand.SKIPPED: N_("not needed"),
}
RESULTS: Mapping[str, str] = {
    Result.DONE: N_("filled in"),
    Result.APPROVE: N_("approved"),
    Result.RETURN: N_("returned"),
    Result.REJECT: N_("rejected"),
}


class Fate(StrEnum):
    """What becomes of a template whose sunset comes: it goes on for a time, for good, or not at all."""

    RENEW = "renew"
    PERMANENT = "permanent"
    RETIRE = "retire"


FATES: Mapping[str, str] = {
    Fate.RENEW: N_("Renew until another day"),
    Fate.PERMANENT: N_("Make it permanent"),
    Fate.RETIRE: N_("Retire it"),
}
