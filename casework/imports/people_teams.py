"""The teams that a list of people names: those that are there, and those that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from casework.areas.models import Area, Level
from casework.areas.queries import LEVELS
from casework.imports.importing import RowRefused, Said, all_places
from casework.imports.people_rows import cell, kind_of
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, because
from casework.roster.models import Unit

NO_UNIT = N_("Unit “%(unit)s” is not known.")
MAKE_UNIT = N_("Tick “make teams that are missing”, or mend its name, then import the file again.")
TWO_UNITS = N_("Several units are called “%(unit)s”.")
WRITE_CODE = N_("Write the code of the unit in a column of its own.")
NO_AREA = N_("Area “%(area)s” is not known.")
MEND_AREA = N_("Write its code, or its name as on the page “Areas”.")
NO_PLACE = N_("Where the new team “%(unit)s” serves is not said.")
WRITE_PLACE = N_("Write the area of the team, or that of its people, in the file.")
OTHER_NAME = N_("The code %(code)s belongs to “%(known)s”, the file says “%(found)s”.")
MEND_CODE = N_("Mend the code or the name.")


@dataclass(slots=True)
class Team:
    """A unit as the import needs it; ``id`` is 0 until it is made."""

    id: int
    code: str
    name: str
    area: Area
    kind: str = ""
    phone: str = ""
    sent_by: str = ""


class Ground:
    """Places and teams in memory. The areas are copies: no end of a transaction makes them be read again."""

    def __init__(self) -> None:
        self.places = all_places()
        self._areas: dict[str, Area | None] = {}
        self.by_id: dict[int, Team] = {}
        self._by_code: dict[str, Team] = {}
        self._by_name: dict[str, list[Team]] = {}
        self._rows: dict[str, list[Said]] = {}
        columns = (Unit.id, Unit.code, Unit.name, Unit.area_id, Unit.kind, Unit.phone, Unit.sent_by)
        for row in db.session.execute(sa.select(*columns).where(Unit.closed_on.is_(None))):
            area = self.places.by_id[row.area_id]
            self.add(Team(row.id, row.code, row.name, area, row.kind, row.phone, row.sent_by))

    def add(self, team: Team) -> None:
        """Let a team be found."""
        if team.id:
            self.by_id[team.id] = team
        self._by_code[team.code] = team
        self._by_name.setdefault(team.name, []).append(team)

    def by_code(self, code: str) -> Team | None:
        """The team with this code."""
        return self._by_code.get(code)

    def prepare(self, rows: Sequence[Said]) -> None:
        """Which rows belong together: a new team's place and body are read off all its people."""
        for row in rows:
            said = row["unit_code"] or row["unit"]
            if said:
                self._rows.setdefault(said, []).append(row)

    def area_named(self, said: str, field: str) -> Area:
        """The place with this code or name.

        Raises:
            RowRefused: it is not known.
        """
        if said not in self._areas:
            self._areas[said] = self.places.any_named(said)
        area = self._areas[said]
        if area is None:
            raise RowRefused(field, because(NO_AREA, area=said), Reason(MEND_AREA))
        return area

    def known(self, row: Said) -> Team | None:
        """The team that a row names, by code, else by name; None when it is not there.

        Raises:
            RowRefused: several have the name, or the code is another team's.
        """
        code, name = cell(row, "unit_code"), cell(row, "unit")
        if code:
            team = self._by_code.get(code)
            if team and name and team.name != name and name not in self._by_code:
                said = {"code": code, "known": team.name, "found": name}
                raise RowRefused("unit_code", Reason(OTHER_NAME, said), Reason(MEND_CODE))
            return team
        if name in self._by_code:
            return self._by_code[name]
        found = self._by_name.get(name, [])
        if len(found) > 1:
            raise RowRefused("unit", because(TWO_UNITS, unit=name), Reason(WRITE_CODE))
        return found[0] if found else None

    def new(self, row: Said, *, may: bool) -> Team:
        """The team that a row names and nobody made yet; what it is like is read off all rows that name it.

        Raises:
            RowRefused: it may not be made, or where it serves is not said.
        """
        code, name = cell(row, "unit_code"), cell(row, "unit")
        if not may:
            raise RowRefused("unit", because(NO_UNIT, unit=code or name or "—"), Reason(MAKE_UNIT))
        code, name = code or name, name or code
        if len(code) > 30:
            raise RowRefused("unit", because(NO_UNIT, unit=name), Reason(WRITE_CODE))
        rows = self._rows.get(row["unit_code"] or row["unit"], [row])
        bodies = {said for one in rows if (said := _said(one, "unit_sent_by"))}
        phone = next((said for one in rows if (said := _said(one, "unit_phone"))), "")
        place = self._place(rows, name)
        return Team(0, code, name, place, kind_of(row), phone, bodies.pop() if len(bodies) == 1 else "")

    def _place(self, rows: Sequence[Said], name: str) -> Area:
        said = next((said for one in rows if (said := _said(one, "unit_area"))), "")
        if said:
            return self.area_named(said, "unit_area")
        areas = [area for text in {self.words(one) for one in rows} if text and (area := self._maybe(text))]
        shared = frozenset.intersection(*(area.area_ids for area in areas)) if areas else frozenset()
        if not shared:
            raise RowRefused("unit_area", because(NO_PLACE, unit=name), Reason(WRITE_PLACE))
        return max((self.places.by_id[one] for one in shared), key=lambda area: LEVELS.index(Level(area.level)))

    @staticmethod
    def words(row: Said) -> str:
        """What a row calls the area of its person."""
        return _said(row, "area_code") or _said(row, "area")

    def _maybe(self, text: str) -> Area | None:
        try:
            return self.area_named(text, "area")
        except RowRefused:
            return None


def _said(row: Said, name: str) -> str:
    """A cell of another row of the team; one that cannot be read is that row's matter."""
    try:
        return cell(row, name)
    except RowRefused:
        return ""
