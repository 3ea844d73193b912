"""Plain builders with boring defaults: an office with one person a role, and cases brought to a state by the services.

Passwords are left out, as hashing is slow on purpose; ``signed_in`` gives a client a session without one.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from casework.accounts import service as accounts
from casework.accounts.models import AuthSession, User
from casework.accounts.queries import digest
from casework.areas.models import Area
from casework.areas.service import add_area
from casework.cases import service, types
from casework.cases.models import Case, CaseType
from casework.cases.workflow import Source, State
from casework.enterprises import service as enterprises
from casework.enterprises.models import Enterprise, Liaison
from casework.files.models import Attachment
from casework.kernel.db import db
from casework.kernel.permissions import Actor
from casework.kernel.time import at_local, local_day, utcnow
from casework.roster.models import Posting, Unit
from casework.roster.queries import actor_for

NOW = at_local(date(2020, 3, 16), 9)  # a Monday morning, as working hours begin
_numbers = itertools.count(1)

AREAS = (
    ("88", "江城市", "city", None),
    ("8801", "临江区", "district", "88"),
    ("8802", "望山区", "district", "88"),
    ("8801001", "南贤街道", "subdistrict", "8801"),
    ("8801002", "柳堤街道", "subdistrict", "8801"),
    ("8801001001", "南贤社区", "community", "8801001"),
    ("8801002001", "柳堤社区", "community", "8801002"),
    ("8802001", "望山街道", "subdistrict", "8802"),
)
UNITS = (
    ("desk", "受理专班", "desk", "8801", []),
    ("team", "第一小组", "team", "8801001", []),
    ("team2", "第二小组", "team", "8801002", []),
    ("office", "专班办公室", "office", "8801", []),
    ("housing", "住房建设局", "authority", "8801", ["housing", "general"]),
    ("transport", "交通运输局", "authority", "8801", ["transport"]),
    ("desk-b", "望山受理专班", "desk", "8802", []),
)
PEOPLE = (
    ("officer", "沈砚秋", "team", "officer", "8801001"),
    ("helper", "何小满", "team", "helper", "8801001"),
    ("desk", "周文静", "desk", "desk", "8801"),
    ("lead", "方志恒", "team", "lead", "8801001"),
    ("area_leader", "顾长青", "office", "area_leader", "8801001"),
    ("regulator", "韩露", "housing", "regulator", "8801"),
    ("district_admin", "钟立群", "office", "district_admin", "8801"),
    ("sysadmin", "罗安", "office", "sysadmin", "8801"),
    ("secadmin", "高审言", "office", "secadmin", "8801"),
    ("auditor", "沈明鉴", "office", "auditor", "8801"),
    ("officer2", "陆景明", "team", "officer", "8801001"),
    ("officer3", "温如玉", "team2", "officer", "8801002"),
    ("lead2", "邵一帆", "team2", "lead", "8801002"),
    ("desk2", "秦晓岚", "desk", "desk", "8801"),
    ("regulator2", "马行川", "transport", "regulator", "8801"),
    ("desk_b", "田可心", "desk-b", "desk", "8802"),
)
ROLES = tuple(name for name, *_ in PEOPLE[:10])


@dataclass
class Office:
    """An office in two districts: places, units, one person a role and a few colleagues, by short name."""

    areas: dict[str, Area] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)

    def actor(self, name: str, day: date | None = None) -> Actor:
        """The person with the duties of that day."""
        found = actor_for(self.people[name].id, day or local_day(NOW))
        assert found is not None
        return found


def an_office() -> Office:
    """Lay it out in the database."""
    office = Office()
    types.plant()
    for code, name, level, parent in AREAS:
        office.areas[code] = add_area(code=code, name=name, level=level, parent=office.areas.get(parent or ""))
    for code, name, kind, area, domains in UNITS:
        office.units[code] = Unit(code=code, name=name, kind=kind, area_id=office.areas[area].id, domains=domains)
    for username, name, *_ in PEOPLE:
        office.people[username] = User(username=username, name=name, created_at=NOW)
    db.session.add_all([*office.units.values(), *office.people.values()])
    db.session.flush()
    for username, _, unit, role, area in PEOPLE:
        a_posting(office, username, unit=unit, role=role, area=area)
    db.session.commit()
    return office


def a_posting(
    office: Office,
    username: str,
    *,
    unit: str,
    role: str,
    area: str,
    from_on: date = date(2020, 1, 1),
    to_on: date | None = None,
) -> Posting:
    """One more duty of a person."""
    posting = Posting(
        user_id=office.people[username].id,
        unit_id=office.units[unit].id,
        role=role,
        area_id=office.areas[area].id,
        from_on=from_on,
        to_on=to_on,
    )
    db.session.add(posting)
    db.session.flush()
    return posting


def a_report(office: Office, **changes: str) -> dict[str, str]:
    """The form of a new case, filled in."""
    form = {
        "op": "one",
        "title": "口罩没有到货",
        "text": "订的口罩一直没到，员工没法上岗。",
        "type_id": str(types.type_with("other").id),
        "source": "phone",
        "requester": "阿芝热干面馆",
        "area_id": str(office.areas["8801001001"].id),
    }
    return {**form, **changes}


def cases_made() -> int:
    """How many cases there are."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Case)) or 0


def many_officers(office: Office, count: int) -> None:
    """So many more of the team: ``many0``, ``many1`` …"""
    made = accounts.make_accounts(
        [accounts.NewAccount(f"many{n}", f"众{n:02d}") for n in range(count)], actor=None, now=utcnow()
    )
    for username in made:
        office.people[username] = accounts.queries.user(made[username])
        a_posting(office, username, unit="team", role="officer", area="8801001")
    db.session.commit()


def a_type(code: str = "other", **changes: Any) -> CaseType:
    """A preset type, changed where the test needs it."""
    kind = types.type_with(code)
    for name, value in changes.items():
        setattr(kind, name, value)
    db.session.flush()
    return kind


def a_draft(office: Office, *, kind: str = "other", area: str = "8801001001", **changes: Any) -> service.CaseDraft:
    """What somebody reports."""
    boring: dict[str, Any] = {
        "title": "口罩没有到货",
        "text": "订的口罩一直没到，员工没法上岗。",
        "source": Source.PHONE,
        "requester": "阿芝热干面馆",
        "contact_name": "何秀芝",
        "contact_phone": "13900002206",
    }
    return service.CaseDraft(**{**boring, **changes}, type_id=types.type_with(kind).id, area_id=office.areas[area].id)


def a_case(
    office: Office, state: State = State.SUBMITTED, *, now: datetime = NOW, kind: str = "other", **changes: Any
) -> Case:
    """A case that the services brought to this state: first team, first officer."""
    case = service.submit(draft=a_draft(office, kind=kind, **changes), actor=office.actor("desk"), now=now)
    for step in path_to(state):
        take(office, case, step, now=now)
    db.session.commit()
    return case


TO_WORK = ("accept", "dispatch", "acknowledge")
TO_REVIEW = (*TO_WORK, "contact", "evidence", "submit_result")
PATHS: Mapping[State, tuple[str, ...]] = {
    State.SUBMITTED: (),
    State.ACCEPTED: ("accept",),
    State.DISPATCHED: ("accept", "dispatch"),
    State.IN_PROGRESS: TO_WORK,
    State.WAITING: (*TO_WORK, "wait"),
    State.OBJECTED: ("accept", "dispatch", "object"),
    State.PARKED: (*TO_WORK, "park"),
    State.UNDER_REVIEW: TO_REVIEW,
    State.CALLBACK: (*TO_REVIEW, "approve"),
    State.CLOSED: (*TO_REVIEW, "approve", "callback"),
    State.DECLINED: ("decline",),
    State.WITHDRAWN: ("withdraw",),
    State.MERGED: ("merge",),
}
WHO: Mapping[str, str] = {
    "accept": "desk", "decline": "desk", "supplement": "desk", "dispatch": "desk", "acknowledge": "officer",
    "object": "officer", "rule": "district_admin", "contact": "officer", "assign": "lead", "join": "officer2",
    "wait": "officer", "resume": "officer", "extend": "officer", "grant_extension": "lead",
    "refuse_extension": "lead", "transfer": "lead", "level_up": "lead", "submit_result": "officer",
    "approve": "lead", "return": "lead", "countersign": "regulator", "ask_proof": "lead", "give_proof": "officer", "callback": "desk", "reopen": "regulator", "withdraw": "desk",
    "merge": "desk", "split": "desk", "park": "lead", "unpark": "lead",
}  # fmt: skip
"""Who takes an action of a case of the type “other”, which a lead reviews."""


def path_to(state: State) -> tuple[str, ...]:
    """The actions that lead from submission to a state."""
    return PATHS[state]


def an_answer(office: Office, case: Case, name: str, now: datetime = NOW) -> dict[str, Any]:
    """An answer to an action that the rules accept."""
    soon = local_day(now) + timedelta(days=3)
    unit, officer = office.units["team"].id, office.people["officer"].id
    unit2, officer2 = office.units["team2"].id, office.people["officer3"].id
    marks = {item["key"]: {"mark": "yes", "note": ""} for item in db.session.get_one(CaseType, case.type_id).checklist}
    fault = {key: {"mark": "no", "note": "缺签名"} for key in list(marks)[:1]}
    answers: dict[str, dict[str, Any]] = {
        "decline": {"code": "in_court", "route": "court", "reason": "法院已经立案"},
        "supplement": {"reason": "缺合同复印件", "until": soon},
        "dispatch": {"unit": unit, "officer": officer},
        "object": {"code": "not_ours_area", "reason": "地址不在本街道"},
        "rule": {"ruling": "overruled", "reason": "地址在本街道"},
        "contact": {"way": "call", "person": "何秀芝", "text": "约定明天上门"},
        "assign": {"support": [office.people["officer2"].id], "reason": "两个人一起办"},
        "wait": {"code": "third_party", "whom": "供电公司", "until": soon},
        "extend": {"days": 3, "reason": "厂家排产"},
        "refuse_extension": {"reason": "时间足够"},
        "transfer": {"unit": unit2, "officer": officer2, "reason": "地址在柳堤"},
        "level_up": {"unit": unit2, "officer": officer2, "reason": "需要上级协调"},
        "submit_result": {"outcome": "solved", "text": "口罩已送到"},
        "approve": {"checklist": marks},
        "return": {"checklist": fault, "reason": "补签名"},
        "ask_proof": {"reason": "补一张签收照片", "until": soon},
        "give_proof": {"text": "签收照片已上传"},
        "callback": {"result": "reached", "contacted": "yes", "solved": "yes", "satisfied": "5"},
        "reopen": {"reason": "企业说没有收到"},
        "withdraw": {"reason": "企业不再需要"},
        "merge": {"reason": "同一件事"},
        "split": {"title": "另一件事", "text": "还要消毒水", "reason": "分开办"},
        "park": {"reason": "下月统一办", "until": soon},
    }
    return answers.get(name, {})


def take(office: Office, case: Case, name: str, *, by: str | None = None, now: datetime = NOW, **changes: Any) -> None:
    """Take an action with a good answer, changed where the test needs it."""
    if name == "evidence":
        for item in db.session.get_one(CaseType, case.type_id).evidence:
            a_file(case, kind=item["key"], by=office.people["officer"].id, now=now)
        return
    answer = {**an_answer(office, case, name, now), **changes}
    if name == "merge" and "other" not in answer:
        other = service.submit(draft=a_draft(office), actor=office.actor("desk"), now=now)
        answer["other"] = other.number
    service.take(case, name, answer, actor=office.actor(by or WHO[name]), now=now)


def a_file(case: Case, *, kind: str = "", by: int | None = None, now: datetime = NOW) -> Attachment:
    """A sealed file whose bytes nobody asks for."""
    file = Attachment(
        token=secrets.token_urlsafe(16),
        case_id=case.id,
        name="记录.png",
        content_type="image/png",
        size=1,
        sha256="0" * 64,
        storage_key=secrets.token_hex(16),
        kind=kind,
        uploaded_by_id=by,
        uploaded_at=now,
    )
    db.session.add(file)
    db.session.flush()
    return file


def a_firm(office: Office, *, name: str = "阿芝热干面馆", area: str = "8801001001") -> Enterprise:
    """A firm on file."""
    draft = enterprises.Draft(name=name, area=office.areas[area])
    firm = enterprises.add_enterprise(draft, actor=office.actor("district_admin"), now=NOW)
    db.session.flush()
    return firm


def a_liaison(firm: Enterprise, officer: User) -> Liaison:
    """Who answers for a firm."""
    liaison = Liaison(
        enterprise_id=firm.id,
        officer_id=officer.id,
        district_id=firm.district_id,
        community_id=firm.community_id,
        from_on=date(2020, 1, 1),
    )
    db.session.add(liaison)
    db.session.flush()
    return liaison


def signed_in(client: FlaskClient, user: User, *, locale: str | None = None) -> FlaskClient:
    """The client with a live session of this person, as after the sign-in page."""
    token, now = secrets.token_urlsafe(32), utcnow()
    user.locale = locale or user.locale
    db.session.add(
        AuthSession(
            token_hash=digest(token),
            user_id=user.id,
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(hours=8),
            idle_minutes=120,
        )
    )
    db.session.commit()
    with client.session_transaction() as session:
        session["sid"] = token
    return client
