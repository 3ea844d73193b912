"""People with accounts and postings. A new account gets a password that nobody knows until one is set."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from casework.accounts import queries as accounts
from casework.accounts import service as account_service
from casework.accounts.models import User
from casework.areas.models import Area
from casework.areas.places import Places
from casework.exchange.cells import parse_moment
from casework.exchange.importing import Outcome, RowRefused, Said, Setting, Step
from casework.kernel.db import db
from casework.kernel.errors import N_, NotPermitted, Reason, Refused, because
from casework.kernel.permissions import Role, can
from casework.kernel.time import local_day
from casework.roster import service as roster
from casework.roster.models import Posting, Unit

ROLES = {
    Role.OFFICER: ("officer", "下沉干部", "干部", "服务专员", "专员", "首席服务官", "网格员"),
    Role.HELPER: ("helper", "协办", "协助人员", "志愿者"),
    Role.DESK: ("desk", "受理", "受理员", "专班", "窗口"),
    Role.LEAD: ("lead", "组长", "队长", "小组组长"),
    Role.AREA_LEADER: ("area_leader", "包点领导", "挂点领导", "包联领导"),
    Role.REGULATOR: ("regulator", "监管", "监管员", "主管部门", "审核员"),
    Role.DISTRICT_ADMIN: ("district_admin", "区管理员", "专班管理员"),
    Role.SYSADMIN: ("sysadmin", "系统管理员"),
    Role.SECADMIN: ("secadmin", "安全管理员"),
    Role.AUDITOR: ("auditor", "审计员", "审计管理员"),
}
_ROLE_OF = {word: role for role, words in ROLES.items() for word in words}
Account = tuple[str, set[tuple[int, str, int]]]
"""The name of a person and the postings: unit, role, area."""
Wanted = tuple[int, Role, int, date, date | None]
NO_USERNAME = N_("The user name is missing.")
NO_NAME = N_("The name of the person is missing.")
NO_ROLE = N_("“%(role)s” is no role.")
ROLES_ARE = N_("Write one of: %(known)s.")
NO_UNIT = N_("Unit “%(unit)s” is not known.")
MAKE_UNIT = N_("Make the unit on the page “People and units”, or mend its name, then import the file again.")
NO_AREA = N_("Area “%(area)s” is not known.")
MEND_AREA = N_("Write its code, or its name as on the page “Areas”.")
NO_ACCOUNT = N_("There is no account “%(username)s” yet.")
ASK_ADMIN = N_("The system administrator makes accounts: on the page “People and units”, or at the command line.")
OTHER_NAME = N_("Account “%(username)s” belongs to “%(known)s”, the file says “%(found)s”.")
OTHER_USERNAME = N_("Give this person another user name in the file.")


class PeopleImporter:
    """Makes accounts that are missing and postings that are not there yet; ends none."""

    target = "people"
    needs = ("username", "name")
    stored = frozenset(
        ["username", "name", "phone", "unit_code", "unit", "role", "area_code", "area", "from_on", "to_on"]
    )

    def __init__(self, setting: Setting):
        self.setting = setting
        self.today = local_day(setting.now)
        self.places = Places(db.session.scalars(sa.select(Area)))
        units = db.session.scalars(sa.select(Unit).where(Unit.closed_on.is_(None))).all()
        self.units = {unit.name: unit.id for unit in units} | {unit.code: unit.id for unit in units}
        self.users: dict[str, Account | None] = {}

    def look_up(self, rows: Sequence[Said]) -> None:
        """The accounts of the batch with their postings."""
        names = {accounts.folded(row["username"]) for row in rows} - self.users.keys()
        found = db.session.scalars(sa.select(User).where(User.username.in_(names))).all()
        by_id = {user.id: user.username for user in found}
        self.users |= {user.username: (user.name, set()) for user in found}
        for one in db.session.scalars(sa.select(Posting).where(Posting.user_id.in_(by_id))):
            known = self.users[by_id[one.user_id]]
            if known is not None:
                known[1].add((one.unit_id, one.role, one.area_id))

    def plan(self, row: Said) -> Step:
        """An account, a posting, both, or neither."""
        username = accounts.folded(row["username"])
        if not username:
            raise RowRefused("username", Reason(NO_USERNAME))
        known = self.users.get(username)
        if known is None:
            self._may_make(row, username)
        elif row["name"] and known[0] != row["name"]:
            said = {"username": username, "known": known[0], "found": row["name"]}
            raise RowRefused("username", Reason(OTHER_NAME, said), Reason(OTHER_USERNAME))
        posting = self._posting(row)
        wanted = (posting[0], posting[1].value, posting[2]) if posting else None
        if known is not None and (wanted is None or wanted in known[1]):
            return Step(Outcome.EXISTING)
        held = known[1] if known else set()
        name = row["name"] or (known[0] if known else "")
        self.users[username] = (name, held | ({wanted} if wanted else set()))
        outcome = Outcome.CHANGED if known else Outcome.CREATED
        return Step(outcome, lambda: self._write(row, username, posting, known))

    def _may_make(self, row: Said, username: str) -> None:
        if not row["name"]:
            raise RowRefused("name", Reason(NO_NAME))
        actor = self.setting.actor
        if actor is not None and not can(actor, "person.make"):
            raise RowRefused("username", because(NO_ACCOUNT, username=username), Reason(ASK_ADMIN))

    def _posting(self, row: Said) -> Wanted | None:
        """The posting that a row names; none when it names neither unit nor role."""
        unit_said, role_said = row["unit_code"] or row["unit"], row["role"]
        if not unit_said and not role_said:
            return None
        role = _ROLE_OF.get(role_said)
        if role is None:
            known = "、".join(words[1] for words in ROLES.values())
            raise RowRefused("role", because(NO_ROLE, role=role_said or "—"), because(ROLES_ARE, known=known))
        if unit_said not in self.units:
            raise RowRefused("unit", because(NO_UNIT, unit=unit_said or "—"), Reason(MAKE_UNIT))
        unit_id = self.units[unit_said]
        area_id = self._area(row, unit_id)
        begin = _day(row, "from_on") or self.today
        return unit_id, role, area_id, begin, _day(row, "to_on")

    def _area(self, row: Said, unit_id: int) -> int:
        said = row["area_code"] or row["area"]
        if not said:
            unit = db.session.get(Unit, unit_id)
            return unit.area_id if unit else 0
        area = self.places.any_named(said)
        if area is None:
            raise RowRefused("area", because(NO_AREA, area=said), Reason(MEND_AREA))
        return area.id

    def _write(self, row: Said, username: str, posting: Wanted | None, before: Account | None) -> None:
        actor, now = self.setting.actor, self.setting.now
        try:
            user = accounts.by_username(username) or self._make(row, username)
            if posting:
                unit, area = db.session.get(Unit, posting[0]), db.session.get(Area, posting[2])
                if unit is None or area is None:
                    raise NotPermitted("posting")
                roster.post(
                    user,
                    unit=unit,
                    role=posting[1],
                    area=area,
                    from_on=posting[3],
                    to_on=posting[4],
                    actor=actor,
                    now=now,
                )
        except (Refused, NotPermitted):
            self.users[username] = before  # nothing of the row is kept: a later row starts afresh
            raise

    def _make(self, row: Said, username: str) -> User:
        password, actor, now = secrets.token_urlsafe(24), self.setting.actor, self.setting.now
        if actor is None:
            return account_service.make_user(
                username=username, name=row["name"], phone=row["phone"], password=password, actor=None, now=now
            )
        return roster.make_person(
            username=username, name=row["name"], phone=row["phone"], password=password, actor=actor, now=now
        )


def _day(row: Said, name: str) -> date | None:
    return local_day(parse_moment(row[name], name)) if row[name] else None
