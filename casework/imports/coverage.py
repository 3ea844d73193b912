"""Who answers for what: officer and deputy of an enterprise, leader of a place, each from its day.

A row may say one or both. Who answers now ends the day before; the same person again changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas.models import Area
from casework.coverage import service
from casework.coverage.models import Coverage
from casework.coverage.policy import ASSIGN, LEADER
from casework.coverage.queries import ANSWERING
from casework.enterprises.models import Enterprise, Liaison
from casework.enterprises.rules import compact, name_key
from casework.imports.importing import Made, RowRefused, Said, Setting, Step, all_places
from casework.imports.report import Differs, Outcome, Report
from casework.kernel.db import db
from casework.kernel.errors import N_, NotPermitted, Reason, because
from casework.kernel.masking import tail
from casework.kernel.permissions import Role, can
from casework.kernel.time import local_day
from casework.roster.models import Posting
from casework.roster.queries import valid_on
from casework.sheets.cells import parse_moment, split_contact

NOTHING = N_("The row names nobody who answers, or nothing to answer for.")
SAY_BOTH = N_("Write an enterprise with its officer, or a community or site with its leader.")
NO_FIRM = N_("No enterprise in business here is called “%(name)s”.")
MEND_FIRM = N_("Write the name as on the page “Enterprises”, or its credit code; import the enterprise first.")
TWO_FIRMS = N_("Several enterprises are called “%(name)s”.")
WRITE_CODE = N_("Write the district or the credit code as well.")
NO_PLACE = N_("“%(name)s” is no place here.")
MEND_PLACE = N_("Write it as on the page “Areas”, with its district and subdistrict.")
NOBODY = N_("Nobody called “%(name)s” serves there today.")
POST_FIRST = N_("Write the name or user name as on the page “People”, or post the person there first.")
TWO_PEOPLE = N_("Several people called “%(name)s” serve there.")
WRITE_PHONE = N_("Write the phone behind the name, or the user name instead.")
SAME = N_("Officer and deputy are one person.")
OTHER_DEPUTY = N_("Write somebody else as the deputy, or nobody.")
LATER = N_("%(day)s lies in the future.")
WAIT = N_("Import it on that day, or write today.")
SINCE = N_("Somebody has answered since %(day)s.")
LATER_DAY = N_("Write a later day, or leave the day out: then it counts from today.")
TWICE = N_("“%(name)s” is given to somebody in row %(first)s already.")
ONE_ROW = N_("Leave one of the two rows.")


@dataclass(slots=True)
class Person:
    """Somebody with the areas that they serve today, by role."""

    id: int
    name: str
    words: frozenset[str]
    officer: set[int] = field(default_factory=set)
    leader: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Present:
    """Who answers now: the entry, who it is, since when; and since when nobody's past entry reaches."""

    id: int | None = None
    who: tuple[int, int | None] = (0, None)
    said: str = ""
    since: date | None = None
    past: date | None = None


class CoverageImporter:
    """Gives firms to officers and places to leaders, as a list says."""

    target = "coverage"
    whole = False
    needs = ("officer", "leader")
    stored = frozenset(
        ("enterprise", "uscc", "officer", "deputy", "leader", "district", "subdistrict", "community", "site", "from_on")
    )

    def __init__(self, setting: Setting):
        self.setting = setting
        self.today = local_day(setting.now)
        self.places = all_places()
        self.people: dict[str, list[Person]] = {}
        self.by_id: dict[int, Person] = {}
        self.firms: dict[str, list[Enterprise]] = {}
        self.liaisons: dict[int, Present] = {}
        self.leads: dict[int, Present] = {}
        self.seen: dict[tuple[str, int], int] = {}
        self.answers: list[tuple[int, service.Answers, str]] = []
        self.leaders: list[tuple[int, service.Lead]] = []
        self.made: list[Made] = []

    def prepare(self, rows: Sequence[Said]) -> None:
        """Nothing: each batch is looked up by itself."""

    def finish(self, rows: Sequence[Said], report: Report, *, dry: bool) -> None:
        """Nothing is left for the end."""

    # -- before a batch

    def look_up(self, rows: Sequence[Said]) -> None:
        """The firms and people that the batch may speak of, and who answers now."""
        self._look_up_firms(rows)
        said = {row[name] for row in rows for name in ("officer", "deputy", "leader")} - {""}
        self._look_up_people(said)
        ids = {firm.id for listed in self.firms.values() for firm in listed} - self.liaisons.keys()
        self._present(Liaison, Liaison.enterprise_id, ids, self.liaisons)
        places = {area.id for row in rows if row["leader"] and (area := self._maybe(row))} - self.leads.keys()
        self._present(Coverage, Coverage.area_id, places, self.leads)

    def _look_up_firms(self, rows: Sequence[Said]) -> None:
        names = {name_key(row["enterprise"]) for row in rows if row["enterprise"]} - self.firms.keys()
        codes = {compact(row["uscc"]) for row in rows if row["uscc"]} - self.firms.keys()
        wanted = sa.or_(Enterprise.name_key.in_(names), Enterprise.uscc.in_(codes))
        query = sa.select(Enterprise.__table__).where(wanted, Enterprise.active.is_(True))
        for row in db.session.execute(query):
            firm = Enterprise(**row._mapping)  # apart from the session, which reads anew what a commit leaves
            for word in {firm.name_key, firm.uscc or ""} & (names | codes):
                self.firms.setdefault(word, []).append(firm)
        for word in names | codes:
            self.firms.setdefault(word, [])

    def _look_up_people(self, said: Collection[str]) -> None:
        fresh = {word: split_contact(word) for word in said if word not in self.people}
        names = {name for name, _ in fresh.values()} - {""}
        tails = {tail(phone) for _, phone in fresh.values()} - {""}
        same = sa.or_(User.name.in_(names), User.username.in_({*fresh, *names}), User.phone_tail.in_(tails))
        query = (
            sa.select(User.id, User.name, User.username, User.phone, Posting.role, Posting.area_id)
            .join(Posting, Posting.user_id == User.id)
            .where(same, valid_on(self.today), User.disabled_at.is_(None))
        )
        for row in db.session.execute(query) if fresh else ():
            words = frozenset((row.name, row.username, row.phone)) - {""}
            person = self.by_id.setdefault(row.id, Person(row.id, row.name, words))
            if row.role == Role.AREA_LEADER:
                person.leader.add(row.area_id)
            elif row.role in ANSWERING:
                person.officer.add(row.area_id)
        for word, (name, phone) in fresh.items():
            wanted = {word, phone} if phone else {word, name}
            found = [one for one in self.by_id.values() if wanted & one.words]
            self.people[word] = [one for one in found if not (phone and name) or name in one.words]

    def _present(self, table: Any, column: Any, ids: Collection[int], known: dict[int, Present]) -> None:
        known |= {key: Present() for key in ids}
        deputy = table.deputy_id if table is Liaison else sa.null()
        who = table.officer_id if table is Liaison else table.leader_id
        query = sa.select(column, table.id, who, deputy, table.from_on, table.to_on, User.name)
        for key, row_id, first, second, begin, end, name in db.session.execute(
            query.join(User, User.id == who).where(column.in_(ids))
        ):
            present = known[key]
            if end is None:
                present.id, present.who, present.said, present.since = row_id, (first, second), name, begin
            elif end >= begin and (present.past is None or end > present.past):
                present.past = end

    # -- a row

    def plan(self, row: Said) -> Step:
        """An officer for a firm, a leader for a place, both, or nothing new."""
        firm = self._firm(row) if row["officer"] and (row["enterprise"] or row["uscc"]) else None
        place = self._place(row) if row["leader"] and (row["community"] or row["site"] or row["subdistrict"]) else None
        if firm is None and place is None:
            raise RowRefused("officer" if row["enterprise"] else "leader", Reason(NOTHING), Reason(SAY_BOTH))
        begin = self._day(row)
        steps = [self._liaison(row, firm, begin)] if firm else []
        steps += [self._leader(row, place, begin)] if place else []
        return _both(steps)

    def _day(self, row: Said) -> date | None:
        if not row["from_on"]:
            return None
        day = local_day(parse_moment(row["from_on"], "from_on"))
        if day > self.today:
            raise RowRefused("from_on", because(LATER, day=day.isoformat()), Reason(WAIT))
        return day

    def _firm(self, row: Said) -> Enterprise:
        found = self.firms.get(compact(row["uscc"]), []) if row["uscc"] else []
        found = found or self.firms.get(name_key(row["enterprise"]), [])
        if len(found) > 1 and row["district"]:
            district = self.places.find(row["district"], "", "", "").area
            found = [firm for firm in found if district is not None and firm.district_id == district.id]
        name = row["enterprise"] or row["uscc"]
        if len(found) > 1:
            raise RowRefused("enterprise", because(TWO_FIRMS, name=name), Reason(WRITE_CODE))
        if not found:
            raise RowRefused("enterprise", because(NO_FIRM, name=name), Reason(MEND_FIRM))
        if self.setting.actor is not None and not can(self.setting.actor, ASSIGN, found[0]):
            raise NotPermitted(ASSIGN)
        return found[0]

    def _place(self, row: Said) -> Area:
        found = self._maybe(row)
        if found is None:
            name = row["site"] or row["community"] or row["subdistrict"]
            raise RowRefused("community", because(NO_PLACE, name=name), Reason(MEND_PLACE))
        if self.setting.actor is not None and not can(self.setting.actor, LEADER, found):
            raise NotPermitted(LEADER)
        return found

    def _maybe(self, row: Said) -> Area | None:
        """The finest place that the row names, inside those that it names above it."""
        found = self.places.named(row["district"], "district") if row["district"] else None
        for level in ("subdistrict", "community", "site"):
            if row[level]:
                inner = self.places.below(found, level, row[level]) if found else None
                inner = inner or self.places.named(row[level], level)
                if inner is None or (found is not None and found.id not in inner.area_ids):
                    return None
                found = inner
        return found

    def _person(self, said: str, name: str, areas: Collection[int], role: str) -> Person:
        found = [one for one in self.people.get(said, []) if set(areas) & getattr(one, role)]
        if not found:
            raise RowRefused(name, because(NOBODY, name=said[:40]), Reason(POST_FIRST))
        if len(found) > 1:
            raise RowRefused(name, because(TWO_PEOPLE, name=said[:40]), Reason(WRITE_PHONE))
        return found[0]

    def _liaison(self, row: Said, firm: Enterprise, begin: date | None) -> Step:
        officer = self._person(row["officer"], "officer", firm.area_ids, "officer")
        deputy = self._person(row["deputy"], "deputy", firm.area_ids, "officer") if row["deputy"] else None
        if deputy is not None and deputy.id == officer.id:
            raise RowRefused("deputy", Reason(SAME), Reason(OTHER_DEPUTY))
        now = self.liaisons[firm.id]
        who = (officer.id, deputy.id if deputy else None)
        if now.who == who:
            return Step(Outcome.EXISTING, name=firm.name)
        from_on = self._from(("liaisons", firm.id), row.number, firm.name, now, begin)
        wanted = service.Answers(
            firm.id, officer.id, officer.name, from_on, who[1], deputy.name if deputy else "", now.id
        )
        said = "、".join(filter(None, (officer.name, wanted.deputy)))
        return self._given(
            "liaisons", "officer", firm.name, now, who, said, from_on,
            lambda: self.answers.append((row.number, wanted, firm.name)),
        )  # fmt: skip

    def _leader(self, row: Said, place: Area, begin: date | None) -> Step:
        leader = self._person(row["leader"], "leader", place.area_ids, "leader")
        now = self.leads[place.id]
        if now.who == (leader.id, None):
            return Step(Outcome.EXISTING, name=place.path)
        from_on = self._from(("leaders", place.id), row.number, place.name, now, begin)
        wanted = service.Lead(place, leader.id, leader.name, from_on, now.id)
        return self._given(
            "leaders", "leader", place.path, now, (leader.id, None), leader.name, from_on,
            lambda: self.leaders.append((row.number, wanted)),
        )  # fmt: skip

    def _given(
        self, kind: str, name: str, what: str, now: Present, who: tuple[int, int | None], said: str, from_on: date,
        gather: Any,
    ) -> Step:  # fmt: skip
        """Let later rows know of it, and say how it is written."""
        outcome = Outcome.CHANGED if now.said else Outcome.CREATED
        differs = (Differs(name, now.said, said, taken=True),) if now.said else ()
        now.who, now.said, now.since = who, said, from_on
        return Step(outcome, None, (), gather, [(kind, f"{what} · {said}")], name=what, differs=differs)

    def _from(self, what: tuple[str, int], row: int, name: str, now: Present, begin: date | None) -> date:
        """From which day on it counts: never before somebody else's days end."""
        if first := self.seen.get(what):
            raise RowRefused("enterprise", because(TWICE, name=name, first=first), Reason(ONE_ROW))
        self.seen[what] = row
        held = max(filter(None, (now.since if now.id else None, now.past)), default=None)
        if begin is not None and held is not None and begin <= held:
            raise RowRefused("from_on", because(SINCE, day=held.isoformat()), Reason(LATER_DAY))
        return begin or self.today

    # -- a batch

    def complete(self) -> None:
        """Write the batch: officers, then leaders."""
        answers, self.answers = self.answers, []
        leaders, self.leaders = self.leaders, []
        actor, at = self.setting.actor, self.setting.now
        for (row, one, name), key in zip(
            answers, service.answer_all([one for _, one, _ in answers], actor=actor, now=at), strict=True
        ):
            self.made.append(Made("liaison", key, row, name, {"id": one.before}))
            self.liaisons[one.enterprise_id].id = key
        for (row, lead), key in zip(
            leaders, service.lead_all([one for _, one in leaders], actor=actor, now=at), strict=True
        ):
            self.made.append(Made("leader", key, row, lead.area.path, {"id": lead.before}))
            self.leads[lead.area.id].id = key


def _both(steps: Sequence[Step]) -> Step:
    """Two things that a row says, as one step: new when one is new, changed when one changes."""
    if len(steps) == 1:
        return steps[0]
    order = (Outcome.CREATED, Outcome.CHANGED, Outcome.EXISTING)
    gathers = [step.gather for step in steps if step.gather is not None]

    def gather() -> None:
        for one in gathers:
            one()

    return Step(
        min((step.outcome for step in steps), key=order.index),
        None,
        (),
        gather if gathers else None,
        [effect for step in steps for effect in step.effects],
        name=steps[0].name,
        differs=tuple(part for step in steps for part in step.differs),
    )
