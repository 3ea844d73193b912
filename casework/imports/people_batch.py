"""What a batch of people will write, and what it made, to be taken back some day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from casework.imports.importing import Made
from casework.imports.people_teams import Team

Place = tuple[str, str, int]
"""Code of the unit, role, id of the area."""


@dataclass(slots=True)
class Held:
    """A posting that a person has: its id (0 until it is written), its days, and the other of the pair."""

    id: int
    unit_id: int
    unit: str
    to_on: date | None
    partner_id: int | None = None


@dataclass(slots=True)
class Known:
    """A person as the import needs them; ``id`` is 0 until the account is made."""

    id: int
    username: str
    name: str
    phone: str
    postings: dict[Place, Held] = field(default_factory=dict)


@dataclass(slots=True)
class Gathered:
    """What a batch will write."""

    teams: list[Team] = field(default_factory=list)
    people: list[Known] = field(default_factory=list)
    postings: list[tuple[Known, Team, Place, date, date | None, str, Held]] = field(default_factory=list)
    endings: list[tuple[Known, Place, Held, date]] = field(default_factory=list)
    rows: dict[int, int] = field(default_factory=dict)
    """The row of each of these things, by what Python calls it while the batch is in memory."""


def ending_of(before: date | None, on: date) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """The last day of a posting before it was ended, and after."""
    return {"to_on": before.isoformat() if before else None}, {"to_on": on.isoformat()}


def marks_of(now: Gathered) -> list[Made]:
    """What the batch made, in an order whose reverse takes it back: who is in a team goes before the team."""
    rows = now.rows
    made = [Made("team", one.id, rows.get(id(one), 0), one.name) for one in now.teams]
    made += [Made("account", one.id, rows.get(id(one), 0), one.name) for one in now.people]
    made += [
        Made("posting_end", held.id, rows.get(id(held), 0), f"{one.name} · {held.unit}", *ending_of(held.to_on, on))
        for one, _, held, on in now.endings
    ]
    made += [
        Made("posting", held.id, rows.get(id(held), 0), f"{one.name} · {held.unit}") for one, *_, held in now.postings
    ]
    return made
