"""People with accounts, teams and postings. A new account has no password: it is handed out in its team.

The file is looked over first, rows are planned against what is in memory, and a batch is written by one statement a
table. Pairs (AB岗), and who leaves a team that the file tells whole, are decided at its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import sqlalchemy as sa

from casework.accounts import service as accounts
from casework.accounts.models import User
from casework.imports import importing, pairing
from casework.imports.importing import Made, RowRefused, Said, Setting, Step
from casework.imports.leavers import Leavers
from casework.imports.people_batch import Gathered, Held, Known, Place, ending_of, marks_of
from casework.imports.people_rows import Person, cell, day, digits, ends_previous, person_of, role_of
from casework.imports.people_teams import Ground, Team
from casework.imports.report import Outcome, Report
from casework.kernel.db import db
from casework.kernel.errors import N_, NotPermitted, Reason, Refused, because
from casework.kernel.masking import tail
from casework.kernel.permissions import Role, can
from casework.kernel.time import local_day
from casework.roster import bulk, rules
from casework.roster.models import Posting
from casework.roster.policy import ADMIN_ROLES, posting_permission
from casework.sheets.header_words import TARGETS

NO_NAME = N_("The name of the person is missing.")
NO_ACCOUNT = N_("There is no account “%(username)s” yet.")
ASK_ADMIN = N_("The system administrator makes accounts: on the page “People and units”, or at the command line.")
OTHER_NAME = N_("Account “%(username)s” belongs to “%(known)s”, the file says “%(found)s”.")
OTHER_USERNAME = N_("Give this person another user name in the file.")
KEEPS = N_("Keeps the posting elsewhere beside the new one: %(unit)s. Write 是 under 原岗位结束 to end it.")
WROTE_OTHER_END = N_("The posting is there already; its last day stays as it is.")


class PeopleImporter:
    """Makes accounts, teams (when asked to) and postings that are missing; ends only what the file says it ends."""

    target = "people"
    whole = True
    needs = ("username", "name")
    stored = frozenset(TARGETS["people"])

    def __init__(self, setting: Setting):
        self.setting = setting
        self.today = local_day(setting.now)
        self.ground = Ground()
        self.people: dict[str, Known] = {}
        self.by_phone: dict[str, list[Known]] = {}
        self.gathered = Gathered()
        self.made: list[Made] = []
        self._allowed: dict[tuple[str, int], bool] = {}
        self._looked: set[str] = set()
        self._read: dict[int, Person | None] = {}

    # -- before

    def prepare(self, rows: Sequence[Said]) -> None:
        """Which rows belong to one team."""
        self.ground.prepare(rows)

    def look_up(self, rows: Sequence[Said]) -> None:
        """The accounts of the batch, by user name and by phone, with their postings of today and later."""
        said = [one for row in rows if (one := self.person(row)) is not None]
        names = {one.username for one in said} - self._looked
        tails = {tail(one.phone) for one in said if one.key != "username" and one.username in names} - {""}
        self._looked |= names
        if not names:
            return
        same = sa.or_(User.username.in_(names), User.phone_tail.in_(tails))
        fresh: dict[int, Known] = {}
        for row in db.session.execute(sa.select(User.id, User.username, User.name, User.phone).where(same)):
            if row.username not in self.people:
                fresh[row.id] = known = Known(*row)
                self._remember(known)
        self._postings(fresh)

    def _remember(self, known: Known) -> None:
        self.people[known.username] = known
        if known.phone:
            self.by_phone.setdefault(digits(known.phone), []).append(known)

    def _postings(self, people: dict[int, Known]) -> None:
        lasting = sa.or_(Posting.to_on.is_(None), Posting.to_on >= self.today)
        columns = (Posting.id, Posting.user_id, Posting.unit_id, Posting.role, Posting.area_id, Posting.to_on)
        keys = sorted(people)
        for start in range(0, len(keys), 1000):
            chosen = Posting.user_id.in_(keys[start : start + 1000])
            query = sa.select(*columns, Posting.partner_id).where(chosen, lasting)
            for one in db.session.execute(query):
                team = self.ground.by_id.get(one.unit_id)
                code, name = (team.code, team.name) if team else (f"#{one.unit_id}", "")
                place = (code, one.role, one.area_id)
                people[one.user_id].postings[place] = Held(one.id, one.unit_id, name, one.to_on, one.partner_id)

    def person(self, row: Said) -> Person | None:
        """Who a row is about, read once; None where it does not say."""
        if row.number not in self._read:
            try:
                self._read[row.number] = person_of(row)
            except RowRefused:
                self._read[row.number] = None
        return self._read[row.number]

    # -- a row

    def plan(self, row: Said) -> Step:
        """An account, a team, a posting, an ending, or nothing of these."""
        said = self.person(row) or person_of(row)  # asked again, it says why not
        known = self.known(said)
        if known is None:
            return self._with_posting(row, said, None)
        if said.name and known.name != said.name:
            values = {"username": known.username, "known": known.name, "found": said.name}
            raise RowRefused(said.key, Reason(OTHER_NAME, values), Reason(OTHER_USERNAME))
        return self._with_posting(row, said, known)

    def known(self, said: Person) -> Known | None:
        """The account of a row: by its user name; without one also by name and phone together."""
        if said.username in self.people:
            return self.people[said.username]
        if said.key == "username" or not said.phone:
            return None
        same = [one for one in self.by_phone.get(digits(said.phone), []) if one.name == said.name]
        return same[0] if len(same) == 1 else None

    def _with_posting(self, row: Said, said: Person, known: Known | None) -> Step:
        wants = bool(cell(row, "unit_code") or cell(row, "unit") or row["role"])
        if known is None:
            self._may_make(said, posted=wants)
        person = known or Known(0, said.username, said.name, said.phone)
        if not wants:
            if known:
                return Step(Outcome.EXISTING)
            return self._step(row, person, None, None, [], [], is_new=True)
        role = role_of(row, said.name or person.name)
        team = self.ground.known(row)
        is_new = team is None
        team = team or self.ground.new(row, may=self.setting.make_teams)
        area = self.ground.area_named(words, "area") if (words := self.ground.words(row)) else team.area
        place = (team.code, role.value, area.id)
        if place in person.postings:
            days = day(row, "to_on")
            differs = days is not None and days != person.postings[place].to_on
            return Step(Outcome.EXISTING, notes=[Reason(WROTE_OTHER_END)] if differs else [])
        if is_new:
            self._may("unit.edit", team)
        begin, end = day(row, "from_on") or self.today, day(row, "to_on")
        self._lawful(person, role, team, area.id, team.area.id in area.area_ids, begin, end)
        endings, notes = self._endings(row, person, place, begin)
        body = cell(row, "sent_by") or cell(row, "unit_sent_by")
        held = Held(0, team.id, team.name, end)
        made = (person, team, place, begin, end, body, held)
        return self._step(row, person, team if is_new else None, made, endings, notes, is_new=known is None)

    def _may_make(self, said: Person, *, posted: bool) -> None:
        if not said.name:
            raise RowRefused("name", Reason(NO_NAME))
        actor = self.setting.actor
        if actor is not None and not can(actor, "person.make") and not (posted and can(actor, "person.import")):
            raise RowRefused("username", because(NO_ACCOUNT, username=said.username), Reason(ASK_ADMIN))

    def _may(self, permission: str, team: Team) -> None:
        """Whether the actor may do this in the team's place.

        Raises:
            NotPermitted: they may not.
        """
        actor, key = self.setting.actor, (permission, team.area.id)
        if actor is not None and key not in self._allowed:
            self._allowed[key] = can(actor, permission, team.area)
        if actor is not None and not self._allowed[key]:
            raise NotPermitted(permission)

    def _lawful(
        self, person: Known, role: Role, team: Team, area_id: int, fits: bool, begin: date, end: date | None
    ) -> None:
        actor = self.setting.actor
        if actor is not None:
            place = Team(0, "", "", self.ground.places.by_id[area_id])
            for one in (team, place):
                self._may(posting_permission(role), one)
            if actor.user_id == person.id:  # nobody widens their own scope
                raise NotPermitted("own posting")
        held = {Role(name) for _, name, _ in person.postings}
        fits = fits or role in ADMIN_ROLES
        days = {"from_on": begin, "to_on": end, "today": self.today}
        if reasons := rules.posting_objections(role, held=held, area_fits=fits, **days):  # type: ignore[arg-type]
            raise Refused(reasons)

    def _endings(
        self, row: Said, person: Known, place: Place, begin: date
    ) -> tuple[list[tuple[Known, Place, Held, date]], list[Reason]]:
        """The postings elsewhere that the row ends, or a word on what stays."""
        others = [(where, held) for where, held in person.postings.items() if where[0] != place[0]]
        others = [(where, held) for where, held in others if where[1] not in ADMIN_ROLES]
        if not others:
            return [], []
        ends = ends_previous(row)
        if ends is False:
            return [], [because(KEEPS, unit="、".join(sorted({held.unit for _, held in others})) or "—")]
        on = begin - timedelta(days=1) if ends is True else ends
        on = max(on, self.today - timedelta(days=1))
        for where, held in others:
            team = self.ground.by_code(where[0])
            if team is None:
                raise NotPermitted("posting")
            self._may(posting_permission(where[1]), team)
            if held.to_on is None or held.to_on > on:
                continue
        return [(person, where, held, on) for where, held in others if held.to_on is None or held.to_on > on], []

    def _step(
        self,
        row: Said,
        person: Known,
        team: Team | None,
        made: tuple[Known, Team, Place, date, date | None, str, Held] | None,
        endings: list[tuple[Known, Place, Held, date]],
        notes: list[Reason],
        *,
        is_new: bool,
    ) -> Step:
        """Let later rows know of it, and say how it is written."""
        effects = []
        if is_new:
            self._remember(person)
            effects.append(("people", ""))
        if team is not None:
            self.ground.add(team)
            effects.append(("teams", f"{team.name} · {team.area.path or team.area.name}"))
        if made is not None:
            person.postings[made[2]] = made[6]
            effects.append(("postings", ""))
        for _, where, held, on in endings:
            del person.postings[where]
            effects.append(("ended", f"{person.name} · {held.unit} · {on}"))

        def gather() -> None:
            self.gathered.people += [person] if is_new else []
            self.gathered.teams += [team] if team is not None else []
            self.gathered.postings += [made] if made is not None else []
            self.gathered.endings += endings
            for thing in (person, team, made[6] if made else None, *(held for _, _, held, _ in endings)):
                self.gathered.rows[id(thing)] = row.number

        outcome = Outcome.CREATED if is_new else Outcome.CHANGED
        return Step(outcome, None, notes, gather, effects, name=person.name)

    # -- a batch

    def complete(self) -> None:
        """Write the batch: teams, accounts, postings, endings."""
        now, self.gathered = self.gathered, Gathered()
        by, at = self.setting.actor, self.setting.now
        units = [bulk.NewUnit(t.code, t.name, t.kind, t.area.id, t.phone, t.sent_by) for t in now.teams]
        made = bulk.add_units(units, actor=by, now=at)
        for team in now.teams:
            team.id = made[team.code]
            self.ground.by_id[team.id] = team
        new = [accounts.NewAccount(one.username, one.name, one.phone) for one in now.people]
        ids = accounts.make_accounts(new, actor=by, now=at)
        for one in now.people:
            one.id = ids[one.username]
        postings = [
            bulk.NewPosting(one.id, one.username, team.id, team.name, place[1], place[2], begin, end, body)
            for one, team, place, begin, end, body, _ in now.postings
        ]
        for key, (*_, held) in zip(bulk.post_all(postings, actor=by, now=at), now.postings, strict=True):
            held.id = key
        for _, team, *_, held in now.postings:
            held.unit_id = team.id
        endings = [
            bulk.Ending(held.id, one.id, one.username, held.unit_id, held.unit, where[1], on)
            for one, where, held, on in now.endings
        ]
        bulk.end_all(endings, actor=by, now=at)
        self.made += marks_of(now)

    # -- the end

    def finish(self, rows: Sequence[Said], report: Report, *, dry: bool) -> None:
        """Pair those who stand in for each other, and let go who is no longer in a team that the file tells whole."""
        for batch in (rows[at : at + importing.BATCH] for at in range(0, len(rows), importing.BATCH)):
            self.look_up(batch)  # those of batches that an earlier, killed run wrote
        refused = {one.row for one in report.refused}
        partners = pairing.partners(self, [row for row in rows if row.number not in refused], report)
        if not dry:
            before = pairing.partners_before(partners)
            bulk.pair_all(partners)
            self.made += [
                Made("pair", key, 0, "", {"partner": before.get(key)}, {"partner": partner})
                for key, partner in partners.items()
            ]
        if self.setting.whole:
            for ending, name, to_on in Leavers(self.setting, self.ground).let_go(rows, report, dry=dry):
                said = f"{name} · {ending.unit}"
                self.made.append(Made("posting_end", ending.posting_id, 0, said, *ending_of(to_on, ending.on)))
