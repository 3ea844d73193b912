"""Who is in a team and not in a file that is the whole truth for it: shown first, and ended only as confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.imports.importing import RowRefused, Said, Setting
from casework.imports.people_rows import digits, person_of
from casework.imports.people_teams import Ground, Team
from casework.imports.report import Note, Report
from casework.kernel.db import db
from casework.kernel.errors import N_, because
from casework.kernel.permissions import can
from casework.kernel.time import local_day
from casework.roster import bulk
from casework.roster.models import Posting
from casework.roster.policy import posting_permission
from casework.roster.queries import HANDLERS

GROWN = N_("%(count)s people would leave, but %(most)s were shown and confirmed: nobody left. Check the file again.")


Leaving = tuple[bulk.Ending, str, date | None]
"""What ends, whose it is, and when it would have ended by itself."""


@dataclass(slots=True)
class Leavers:
    """Compares the teams of a file with the roster. A row that was refused still keeps its person in the team."""

    setting: Setting
    ground: Ground

    def let_go(self, rows: Sequence[Said], report: Report, *, dry: bool) -> list[Leaving]:
        """Count and name who would leave, and end their postings today unless dry or more than confirmed.

        Returns whose postings were ended here.
        """
        leaving = self._leaving(rows)
        if not dry and len(leaving) > self.setting.may_end:
            report.note(Note(because(GROWN, count=len(leaving), most=self.setting.may_end)))
            return []
        for one in leaving:
            report.effect("ended", f"{one[1]} · {one[0].unit}")
        if dry:
            return []
        bulk.end_all([one for one, *_ in leaving], actor=self.setting.actor, now=self.setting.now)
        return leaving

    def _leaving(self, rows: Sequence[Said]) -> list[Leaving]:
        teams, stays = self._said(rows)
        today, found = local_day(self.setting.now), []
        keys = sorted(teams)
        for start in range(0, len(keys), 500):
            for row in db.session.execute(self._posted(keys[start : start + 500], today)):
                words = {row.username, row.name, digits(row.phone)} - {""}
                if words & stays[row.unit_id] or not self._may(row.role, teams[row.unit_id]):
                    continue
                unit = teams[row.unit_id].name
                ending = bulk.Ending(row.id, row.user_id, row.username, row.unit_id, unit, row.role, today)
                found.append((ending, row.name, row.to_on))
        return found

    @staticmethod
    def _posted(unit_ids: Sequence[int], today: Any) -> Any:
        who = (User.username, User.name, User.phone)
        columns = (Posting.id, Posting.user_id, Posting.unit_id, Posting.role, Posting.to_on, *who)
        return (
            sa.select(*columns)
            .join(User, User.id == Posting.user_id)
            .where(
                Posting.unit_id.in_(unit_ids),
                Posting.role.in_(HANDLERS),
                Posting.from_on <= today,
                sa.or_(Posting.to_on.is_(None), Posting.to_on > today),
            )
            .order_by(Posting.unit_id, Posting.id)
        )

    def _said(self, rows: Sequence[Said]) -> tuple[dict[int, Team], dict[int, set[str]]]:
        """The teams of the file, and by what its people are known in each."""
        teams: dict[int, Team] = {}
        stays: dict[int, set[str]] = {}
        for row in rows:
            try:
                team = self.ground.known(row)
            except RowRefused:
                continue
            if team is None or not team.id:
                continue
            teams[team.id] = team
            words = stays.setdefault(team.id, set())
            words |= {row["name"], row["username"].casefold(), digits(row["phone"])} - {""}
            try:
                words.add(person_of(row).username)
            except RowRefused:
                continue
        return teams, stays

    def _may(self, role: str, team: Team) -> bool:
        actor = self.setting.actor
        return actor is None or can(actor, posting_permission(role), team.area)
