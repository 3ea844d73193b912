"""Whom each level of the ladder concerns. Asked once for many cases of a sweep, so answers are kept for it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import datetime

from casework.cases import notices
from casework.cases.models import Case
from casework.clocks.kinds import Clock
from casework.clocks.models import Deadline
from casework.kernel.db import db
from casework.kernel.permissions import Role
from casework.orders.models import SupervisionOrder
from casework.orders.notices import heads
from casework.processes.models import StepRun
from casework.processes.notices import whose
from casework.roster.models import Posting
from casework.roster.queries import names
from casework.supervision.words import Level


class People:
    """The people of one moment, each group looked up once."""

    def __init__(self, now: datetime) -> None:
        """Nobody is known yet."""
        self._now = now
        self._kept: dict[Hashable, list[int]] = {}
        self._names: dict[int, str] = {}

    def _once(self, key: Hashable, ask: Callable[[], list[int]]) -> list[int]:
        if key not in self._kept:
            self._kept[key] = ask()
        return self._kept[key]

    def names(self, user_ids: list[int]) -> list[str]:
        """What they are called."""
        if missing := {user_id for user_id in user_ids if user_id not in self._names}:
            self._names |= names(missing)
        return [self._names[user_id] for user_id in user_ids if user_id in self._names]

    def at(self, level: Level, deadline: Deadline, case: Case) -> list[int]:
        """Whom a level concerns. Where nobody serves on a rung, the district is told instead."""
        rung = _RUNGS.get(level)
        if rung is None or (level is Level.LEAD and deadline.clock == Clock.ORDER):
            return self._responsible(deadline, case)
        return rung(self, case) or self._district(case)

    def _responsible(self, deadline: Deadline, case: Case) -> list[int]:
        """Whose turn it is."""
        clock = Clock(deadline.clock)
        if clock is Clock.PROMISE:
            found = list(case.handler_ids or ())
        elif clock is Clock.STEP:
            step = db.session.get(StepRun, deadline.subject_id)
            found = whose(case, step, self._now) if step else []
        elif clock is Clock.ORDER:
            found = self._heads(deadline.subject_id or 0)
        elif clock is Clock.REVIEW:
            found = self.leads(case) if case.reviewer == "lead" else self.regulators(case)
        elif clock is Clock.CALLBACK:
            found = []
        else:
            found = [case.lead_id] if case.lead_id else []
        return found or self.desk(case)

    def _heads(self, order_id: int) -> list[int]:
        """Who answers for an order: the unit that it is addressed to, wherever its cases have gone."""
        order = db.session.get(SupervisionOrder, order_id)
        return self._once(("order", order_id), lambda: heads(order, self._now)) if order else []

    def desk(self, case: Case) -> list[int]:
        """Who has the desk now."""
        return self._once(("desk", case.area_ids), lambda: notices.desk_of(case, self._now))

    def leads(self, case: Case) -> list[int]:
        """Who leads the unit that has it; whoever has the desk while it is nobody's."""
        if case.unit_id is None:
            return self.desk(case)
        return self._once(("lead", case.unit_id), lambda: notices.leads_of(case, self._now))

    def area_leaders(self, case: Case) -> list[int]:
        """Who leads the area."""
        return self._posted(Role.AREA_LEADER, case)

    def regulators(self, case: Case) -> list[int]:
        """Who regulates the domain."""
        key = ("regulator", case.area_ids, case.domain)
        return self._once(key, lambda: notices.regulators_of(case.area_ids, case.domain, self._now))

    def _district(self, case: Case) -> list[int]:
        return self._posted(Role.DISTRICT_ADMIN, case)

    def _posted(self, role: Role, case: Case) -> list[int]:
        here = sorted(case.area_ids)
        return self._once((role, case.area_ids), lambda: notices.posted(role, self._now, Posting.area_id.in_(here)))


_RUNGS: Mapping[Level, Callable[[People, Case], list[int]]] = {
    Level.LEAD: People.leads,
    Level.AREA_LEADER: People.area_leaders,
    Level.REGULATOR: People.regulators,
}
