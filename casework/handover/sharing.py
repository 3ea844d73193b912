"""A proposal who takes what: firms evenly, by area, load and trade; what hangs on a firm or a case goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from casework.cases.models import Case
from casework.coverage import rules as shares
from casework.coverage.people import reach_of
from casework.enterprises.models import Enterprise, Liaison
from casework.handover.things import KINDS, Thing
from casework.kernel.db import db

Key = tuple[str, int]


def proposal(found: Sequence[Thing], people: Sequence[tuple[int, str, int]], day: date) -> dict[Key, int]:
    """Who would take what, by kind and row; nobody is proposed for what nobody may take."""
    sharing = _Proposal(found, people, day)
    sharing.firms()
    for name in KINDS:
        if name != "firm":
            sharing.others(name)
    return sharing.given


class _Proposal:
    def __init__(self, found: Sequence[Thing], people: Sequence[tuple[int, str, int]], day: date) -> None:
        self.found, self.day = found, day
        self.load = {key: load for key, _, load in people}
        self.given: dict[Key, int] = {}
        self.of_case: dict[int, int] = {}
        self.firm_of: dict[int, int | None] = _firms_of([one.case_id for one in found if one.case_id])

    def firms(self) -> None:
        """Shared out so evenly that no sharing out is more even."""
        ids = [one.ref for one in self.found if one.kind == "firm"]
        if not ids:
            return
        rows = db.session.scalars(sa.select(Enterprise).where(Enterprise.id.in_(ids)).order_by(Enterprise.id))
        firms = [shares.Firm(firm.id, firm.area_ids, firm.industry) for firm in rows]
        reach, trades = reach_of(list(self.load), self.day), _trades(list(self.load))
        officers = [
            shares.Officer(key, reach.get(key, frozenset()), load, frozenset(trades.get(key, ())))
            for key, load in self.load.items()
        ]
        for firm_id, user_id in shares.share_out(firms, officers).items():
            if user_id is not None:
                self._give("firm", firm_id, user_id)

    def others(self, name: str) -> None:
        """To who takes the firm or the case, else to who may and has the fewest."""
        own = [one for one in self.found if one.kind == name]
        fits = {user_id: KINDS[name].fits(own, user_id, self.day) for user_id in self.load} if own else {}
        for thing in own:
            able = [user_id for user_id in self.load if thing.ref in fits[user_id]]
            if not able:
                continue
            wanted = self.of_case.get(thing.case_id or 0) or self.given.get(("firm", self._firm(thing)))
            user_id = wanted if wanted in able else min(able, key=lambda one: self.load[one])
            self._give(name, thing.ref, user_id)
            if thing.case_id:
                self.of_case.setdefault(thing.case_id, user_id)

    def _firm(self, thing: Thing) -> int:
        return (self.firm_of.get(thing.case_id) or 0) if thing.case_id else 0

    def _give(self, name: str, ref: int, user_id: int) -> None:
        self.given[name, ref] = user_id
        self.load[user_id] += 1


def _firms_of(case_ids: Sequence[int]) -> dict[int, int | None]:
    rows = db.session.execute(sa.select(Case.id, Case.enterprise_id).where(Case.id.in_(case_ids)))
    return {row[0]: row[1] for row in rows}


def _trades(user_ids: Sequence[int]) -> dict[int, set[str]]:
    """The trades of the firms that each person has."""
    query = (
        sa.select(Liaison.officer_id, Enterprise.industry)
        .join(Enterprise, Enterprise.id == Liaison.enterprise_id)
        .where(Liaison.officer_id.in_(user_ids), Liaison.to_on.is_(None), Enterprise.industry != "")
        .distinct()
    )
    found: dict[int, set[str]] = {}
    for user_id, trade in db.session.execute(query):
        found.setdefault(user_id, set()).add(trade)
    return found
