"""What a row of a list of people says: who, in which team, with which role. No database is asked."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from casework.accounts import rules as accounts
from casework.imports.importing import RowRefused, Said
from casework.kernel.errors import N_, Reason, because
from casework.kernel.permissions import Role
from casework.kernel.time import local_day
from casework.roster.models import UnitKind
from casework.sheets.cells import parse_moment

ROLES = {
    Role.OFFICER: (
        *("officer", "下沉干部", "干部", "服务专员", "专员", "首席服务官", "网格员"),
        *("队员", "组员", "成员", "科员"),
    ),
    Role.HELPER: ("helper", "协办", "协助人员", "志愿者", "社工", "社区工作者", "义工"),
    Role.DESK: ("desk", "受理", "受理员", "专班", "窗口"),
    Role.LEAD: ("lead", "组长", "队长", "小组组长", "小组长"),
    Role.AREA_LEADER: ("area_leader", "包点领导", "挂点领导", "包联领导"),
    Role.REGULATOR: ("regulator", "监管", "监管员", "主管部门", "审核员"),
    Role.DISTRICT_ADMIN: ("district_admin", "区管理员", "专班管理员"),
    Role.SYSADMIN: ("sysadmin", "系统管理员"),
    Role.SECADMIN: ("secadmin", "安全管理员"),
    Role.AUDITOR: ("auditor", "审计员", "审计管理员"),
}
_ROLE_OF = {word: role for role, words in ROLES.items() for word in words}
_KINDS = {
    UnitKind.TEAM: ("team", "小组", "队伍", "工作队", "复工队", "服务队", "工作组"),
    UnitKind.DESK: ("desk", "受理专班", "受理", "专班", "窗口"),
    UnitKind.AUTHORITY: ("authority", "主管部门", "部门", "局"),
    UnitKind.OFFICE: ("office", "办公室", "指挥部"),
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words}
YES = frozenset(("是", "√", "✓", "✔", "y", "yes", "1", "true", "对"))
NO = frozenset(("", "否", "no", "n", "0", "/", "-", "无", "false"))
NOTHING = frozenset(("/", "-", "—", "无", "没有", "空"))
LIMITS = {"name": 60, "phone": 30, "unit": 80, "unit_code": 30, "unit_phone": 40, "unit_sent_by": 80, "sent_by": 80}

NO_KEY = N_("There is no user name, and no staff number or phone to make one from.")
GIVE_KEY = N_("Write one of the three: user name, staff number or phone.")
NO_NAME = N_("The name of the person is missing.")
NO_ROLE = N_("“%(role)s” is no role.")
ROLES_ARE = N_("Write one of: %(known)s.")
NO_KIND = N_("“%(kind)s” is no kind of team.")
TOO_LONG = N_("This is longer than %(most)s characters.")
SHORTEN = N_("Shorten it in the file.")


@dataclass(frozen=True, slots=True)
class Person:
    """Who a row is about. ``key`` is the field that the user name was made from."""

    username: str
    key: str
    name: str
    phone: str


def digits(phone: str) -> str:
    """A phone number to compare by: its digits, without the country's."""
    found = "".join(one for one in unicodedata.normalize("NFKC", phone) if one in "0123456789")
    return found[2:] if len(found) == 13 and found.startswith("86") else found


def cell(row: Said, name: str) -> str:
    """What a cell says, blank where officers write “/” for nothing.

    Raises:
        RowRefused: it is longer than what can be kept.
    """
    said = row[name].replace("\0", "")
    if said in NOTHING:
        return ""
    most = LIMITS.get(name)
    if most and len(said) > most:
        raise RowRefused(name, because(TOO_LONG, most=most), Reason(SHORTEN))
    return said


def person_of(row: Said) -> Person:
    """Who the row is about: by user name, else by staff number, else by phone.

    Raises:
        RowRefused: none of the three can be a user name.
    """
    name, phone = cell(row, "name"), cell(row, "phone")
    given = cell(row, "username").strip().casefold()[:60]
    if given:
        if reasons := accounts.username_objections(given):
            raise RowRefused("username", reasons[0])
        return Person(given, "username", name, phone)
    for key, made in (("staff_no", cell(row, "staff_no").casefold()), ("phone", digits(phone))):
        if made and not accounts.username_objections(made):
            return Person(made, key, name, phone)
    raise RowRefused("username", Reason(NO_KEY), Reason(GIVE_KEY))


def role_of(row: Said, name: str) -> Role:
    """The role: lead where the column of the lead says so, else what the row says; without a column an officer.

    Raises:
        RowRefused: the word is no role.
    """
    lead = cell(row, "lead")
    if lead and (lead.casefold() in YES or lead == name):
        return Role.LEAD
    said = row["role"]
    if not said and "role" not in row.columns.fields:
        return Role.OFFICER
    role = _ROLE_OF.get(said)
    if role is None:
        known = "、".join(words[1] for words in ROLES.values())
        raise RowRefused("role", because(NO_ROLE, role=said or "—"), because(ROLES_ARE, known=known))
    return role


def kind_of(row: Said) -> UnitKind:
    """The kind of a team that is to be made.

    Raises:
        RowRefused: the word is no kind.
    """
    said = cell(row, "unit_kind")
    kind = _KIND_OF.get(said) if said else UnitKind.TEAM
    if kind is None:
        known = "、".join(words[1] for words in _KINDS.values())
        raise RowRefused("unit_kind", because(NO_KIND, kind=said), because(ROLES_ARE, known=known))
    return kind


def day(row: Said, name: str) -> date | None:
    """A day that the row names.

    Raises:
        Refused: it is no date.
    """
    said = cell(row, name)
    return local_day(parse_moment(said, name)) if said else None


def ends_previous(row: Said) -> bool | date:
    """Whether the person's posting elsewhere ends: no, yes (as the new one begins), or on a day.

    Raises:
        Refused: it is neither yes, no nor a date.
    """
    said = cell(row, "end_previous")
    if said.casefold() in NO:
        return False
    if said.casefold() in YES:
        return True
    return day(row, "end_previous") or False


_PARTS = re.compile(r"[\s、,，;；/]+")


def partner_said(row: Said) -> str:
    """The other of the pair, by user name, name or phone; blank where the row names none."""
    said = cell(row, "partner")
    return next((part for part in _PARTS.split(said) if part), "")
