"""Who may do what: frozen actors, tiny scope predicates, and one table that each package's policy adds to.

Three questions, three places: may they know of it (``queries.visible_to``, else 404), may they do it
(``authorise``, else 403), shall we offer it (``can`` in the templates).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from casework.kernel.errors import NotPermitted


class Role(StrEnum):
    """What a posting makes of a person."""

    OFFICER = "officer"
    HELPER = "helper"
    DESK = "desk"
    LEAD = "lead"
    AREA_LEADER = "area_leader"
    REGULATOR = "regulator"
    DISTRICT_ADMIN = "district_admin"
    SYSADMIN = "sysadmin"
    SECADMIN = "secadmin"
    AUDITOR = "auditor"


class Scope(StrEnum):
    """How far a grant reaches: own, team, the posting's areas, authority × area, all."""

    OWN = "O"
    TEAM = "T"
    AREA = "R"
    AUTHORITY = "Q"
    DISTRICT = "D"
    ALL = "A"


O, T, R, Q, D, A = Scope.OWN, Scope.TEAM, Scope.AREA, Scope.AUTHORITY, Scope.DISTRICT, Scope.ALL  # noqa: E741


@dataclass(frozen=True, slots=True)
class Duty:
    """A posting that is valid today: role, unit, the area it reaches and the domains of its authority."""

    role: Role
    unit_id: int
    unit_name: str
    area_id: int
    area_level: str
    domains: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """A person with the duties of the day. Built once a request, or by a job or command."""

    user_id: int
    name: str
    duties: tuple[Duty, ...] = ()
    locale: str | None = None

    def has(self, *roles: Role) -> bool:
        """Whether one of today's duties has one of the roles."""
        return any(duty.role in roles for duty in self.duties)

    @property
    def title(self) -> str:
        """The unit of the first duty, to be shown under the name."""
        return self.duties[0].unit_name if self.duties else ""


class Subject(Protocol):
    """What scopes ask of a thing: where it lies, whose it is, and which domain it belongs to."""

    @property
    def area_ids(self) -> frozenset[int]: ...
    @property
    def unit_ids(self) -> frozenset[int]: ...
    @property
    def holder_ids(self) -> frozenset[int]: ...
    @property
    def domain(self) -> str: ...


class OfPlace:
    """Mixin: a subject that belongs to a place alone, to no unit, to no person and to no authority."""

    @property
    def unit_ids(self) -> frozenset[int]:
        """None."""
        return frozenset()

    @property
    def holder_ids(self) -> frozenset[int]:
        """Nobody."""
        return frozenset()

    @property
    def domain(self) -> str:
        """None."""
        return ""


def _own(actor: Actor, duty: Duty, subject: Subject) -> bool:
    return actor.user_id in subject.holder_ids


def _team(actor: Actor, duty: Duty, subject: Subject) -> bool:
    return duty.unit_id in subject.unit_ids


def _area(actor: Actor, duty: Duty, subject: Subject) -> bool:
    return duty.area_id in subject.area_ids


def _authority(actor: Actor, duty: Duty, subject: Subject) -> bool:
    return _area(actor, duty, subject) and subject.domain in duty.domains


REACH: Mapping[Scope, Callable[[Actor, Duty, Subject], bool]] = {
    Scope.OWN: _own,
    Scope.TEAM: _team,
    Scope.AREA: _area,
    Scope.DISTRICT: _area,
    Scope.AUTHORITY: _authority,
    Scope.ALL: lambda actor, duty, subject: True,
}

Grants = Mapping[Role, str]
Never = Callable[[Actor, Subject], bool]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: scope letters for each role, and what rules a person out all the same."""

    grants: Mapping[Role, tuple[Scope, ...]]
    never: tuple[Never, ...] = ()


TABLE: dict[str, Row] = {}


def grant(permission: str, grants: Grants, *, never: Iterable[Never] = ()) -> None:
    """Add a row to the table; ``grants`` gives scope letters by role, as in ``{Role.DESK: "R"}``."""
    if permission in TABLE:
        raise ValueError(f"{permission} is granted twice")
    TABLE[permission] = Row(
        {role: tuple(Scope(letter) for letter in letters) for role, letters in grants.items()}, tuple(never)
    )


def can(actor: Actor | None, permission: str, subject: Subject | None = None) -> bool:
    """Whether the actor may. Without a subject: whether they might, for some subject of theirs."""
    if actor is None:
        return False
    row = TABLE[permission]
    if subject is not None and any(rule(actor, subject) for rule in row.never):
        return False
    for duty in actor.duties:
        scopes = row.grants.get(duty.role, ())
        if scopes and (subject is None or any(REACH[scope](actor, duty, subject) for scope in scopes)):
            return True
    return False


def authorise(actor: Actor, permission: str, subject: Subject | None = None) -> None:
    """Refuse what the table does not grant.

    Raises:
        NotPermitted: no duty of the actor allows it on this subject.
    """
    if not can(actor, permission, subject):
        raise NotPermitted(permission)


@dataclass(frozen=True, slots=True)
class Known:
    """What may be said of a subject to somebody who knows of it. Messages hold ``number`` and ``firm`` and no more."""

    number: str
    firm: str
    title: str = ""
    unit_ids: frozenset[int] = frozenset()
    area_ids: frozenset[int] = frozenset()


Look = Callable[[Actor | None, Collection[int]], Mapping[int, Known]]
# Kind of subject → those of the ids that exist for a person (None: that exist at all). Asked for an inbox, and again
# when a message leaves: filled in the wiring.
SUBJECTS: dict[str, Look] = {}
