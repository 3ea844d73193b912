"""The lasting pairs (AB岗) of a list of people: whom a row names among those of its team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa

from casework.imports.importing import RowRefused, Said
from casework.imports.people_rows import Person, digits, partner_said
from casework.imports.people_teams import Ground, Team
from casework.imports.report import Note, Report
from casework.kernel.db import db
from casework.kernel.errors import N_, because
from casework.roster.models import Posting

NO_PARTNER = N_("“%(partner)s” is nobody of this team: the pair is left open.")
TWO_PARTNERS = N_("Several people of this team are called “%(partner)s”: the pair is left open; write a phone.")


class People(Protocol):
    """What pairing asks of the importer."""

    ground: Ground
    people: dict[str, Any]

    def person(self, row: Said) -> Person | None:
        """Who a row is about."""

    def known(self, said: Person) -> Any:
        """The account of somebody."""


def partners(importer: People, rows: Sequence[Said], report: Report) -> dict[int, int]:
    """Who stands in by posting, where it changes; what is unclear is noted with its row, never guessed."""
    paired = [(row, said) for row in rows if (said := partner_said(row))]
    members = _members(importer, rows) if paired else {}
    changes: dict[int, int] = {}
    for row, said in paired:
        team, one = _team(importer.ground, row), importer.person(row)
        known = importer.known(one) if one else None
        if team is None or known is None:
            continue
        found = members.get(team.code, {}).get(digits(said) if said.isdigit() else said, set()) - {known.username}
        if len(found) != 1:
            report.note(Note(because(TWO_PARTNERS if found else NO_PARTNER, partner=said), row.number))
            continue
        _pair(known, importer.people[next(iter(found))], team.code, changes, report)
    return changes


def partners_before(changes: Mapping[int, int]) -> dict[int, int | None]:
    """Who stood in before, by posting."""
    query = sa.select(Posting.id, Posting.partner_id).where(Posting.id.in_(sorted(changes)))
    return {key: partner for key, partner in db.session.execute(query)} if changes else {}  # noqa: C416


def _pair(known: Any, other: Any, code: str, changes: dict[int, int], report: Report) -> None:
    held = [held for place, held in known.postings.items() if place[0] == code]
    differing = [one for one in held if not other.id or one.partner_id != other.id]
    if differing:
        report.effect("pairs")
    changes |= {one.id: other.id for one in differing if one.id and other.id}


def _members(importer: People, rows: Sequence[Said]) -> dict[str, dict[str, set[str]]]:
    """By the code of a team and what somebody is called there: the user names."""
    found: dict[str, dict[str, set[str]]] = {}
    for row in rows:
        team, one = _team(importer.ground, row), importer.person(row)
        known = importer.known(one) if team and one else None
        if team is None or known is None:
            continue
        words = found.setdefault(team.code, {})
        for word in {known.username, known.name, digits(known.phone)} - {""}:
            words.setdefault(word, set()).add(known.username)
    return found


def _team(ground: Ground, row: Said) -> Team | None:
    try:
        return ground.known(row)
    except RowRefused:
        return None
