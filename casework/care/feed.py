"""Residents in somebody's days: how many are due on which day, no names. For the two and for their lead."""

from __future__ import annotations

from collections import Counter
from datetime import date

import sqlalchemy as sa

from casework.agenda.entries import Ask, Entry, Kind
from casework.care import queries
from casework.care.models import Resident
from casework.care.policy import LIST
from casework.kernel.errors import N_, because
from casework.kernel.permissions import Known, can


def due(ask: Ask) -> list[Entry]:
    """How many residents somebody looks in on, on these days; what is overdue is due today."""
    if ask.last < ask.today or not can(ask.viewer, LIST):
        return []
    theirs = sa.or_(Resident.keeper_id.in_(ask.people), Resident.deputy_id.in_(ask.people))
    known = sa.or_(queries.mine(ask.viewer), queries.of_team(ask.viewer))
    found: Counter[tuple[int, date]] = Counter()
    late: set[tuple[int, date]] = set()
    for row in queries.looked_after(sa.and_(theirs, known), ask.today):
        day = max(row.due_on, ask.today)
        if row.goer_id in ask.people and ask.first <= day <= ask.last:
            found[row.goer_id or 0, day] += 1
            late |= {(row.goer_id or 0, day)} if row.due_on < ask.today else set()
    return [
        Entry(
            kind=Kind.CARE,
            uid=f"care-{person}-{day}",
            user_id=person,
            begins=day,
            what=because(N_("Residents to look in on: %(n)s"), n=count),
            known=Known("", ""),
            path="/care",
            late=(person, day) in late,
        )
        for (person, day), count in found.items()
    ]
