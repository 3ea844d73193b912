"""Two officers leave: one hand-over is half answered, the other is only suggested yet."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa

from casework.accounts.service import make_user
from casework.cases import service as cases
from casework.cases import types
from casework.cases.models import Case
from casework.cases.workflow import Source
from casework.demo.office import Office
from casework.demo.plans import take_step
from casework.enterprises import service as enterprises
from casework.handover import answering, queries, service
from casework.handover.models import Handover
from casework.kernel.db import db, transaction
from casework.kernel.time import local_day
from casework.negotiations import promises
from casework.negotiations.rules import PromiseDraft
from casework.negotiations.words import Debtor
from casework.roster.queries import actor_for
from casework.roster.service import post

# User name, name, in how many days the posting ends.
LEAVING = (("officer4", "林叙白", 3), ("officer5", "高秋棠", 10))
# Name, area, address, the person in charge with a telephone, and whose.
FIRMS = (
    ("荷塘五金店", "990104002002", "荷塘路 12 号", "邹有根", "13900011104", "officer4"),
    ("碧水洗染店", "990104002002", "荷塘路 40 号", "余慧", "13900011115", "officer4"),
    ("青禾种子经营部", "990104002001", "柳堤路 7 号", "章禾", "13900011126", "officer4"),
    ("柳岸餐具消毒站", "990104002001", "柳堤路 66 号", "柯敏", "13900011137", "officer5"),
    ("荷塘印刷社", "990104002002", "荷塘路 3 号", "贺文", "13900011148", "officer5"),
)
REPORTED = (
    ("店里的消毒液只够三天", "消毒液只剩两桶，供货商在外省发不过来，能否帮忙调一些？", 1, "officer4"),
    ("两台印刷机的检修师傅进不来", "检修师傅被劝返，月底的教辅印不出来。", 4, "officer5"),
)
CASES = len(REPORTED)
NOTE = "荷塘路几家店都是下午三点以后才有人；邹有根耳朵不好，打电话要慢慢说。钥匙和台账在小组柜子第二格。"


def plant(office: Office, *, now: datetime, password: str) -> None:
    """Two people with firms and a case each; the first has sent a hand-over that waits for the rest of its answers."""
    with transaction():
        for username, name, days in LEAVING:
            _person(office, username, name, local_day(now) + timedelta(days=days), now, password)
    with transaction():
        for row in FIRMS:
            _firm(office, row, now)
    for title, text, firm, who in REPORTED:
        _case(office, title, text, FIRMS[firm], who, now)
    _promise(office, now)
    _half_answered(office, now)


def _person(office: Office, username: str, name: str, until: date, now: datetime, password: str) -> None:
    user = make_user(username=username, name=name, phone="", password=password, actor=None, now=now)
    unit, area = office.units["team-21"], office.areas["990104002"]
    start = date(2020, 2, 1)
    post(user, unit=unit, role="officer", area=area, from_on=start, to_on=until, actor=None, now=now)
    db.session.flush()  # the actor is read from the posting
    if actor := actor_for(user.id, local_day(now)):
        office.actors[username] = actor


def _firm(office: Office, row: tuple[str, str, str, str, str, str], now: datetime) -> None:
    name, area, address, person, phone, officer = row
    actor = office.actors["district"]
    draft = enterprises.Draft(name=name, area=office.areas[area], address=address)
    firm = enterprises.add_enterprise(draft, actor=actor, now=now)
    enterprises.save_contact(firm, None, name=person, duty="负责人", phone=phone, actor=actor, now=now)
    user_id = office.actors[officer].user_id
    enterprises.assign_liaison(firm, officer_id=user_id, deputy_id=None, actor=actor, now=now)
    office.firms[name] = firm.id


def _case(
    office: Office, title: str, text: str, firm: tuple[str, str, str, str, str, str], who: str, now: datetime
) -> None:
    name, area, address, person, phone, _ = firm
    at = now - timedelta(days=1)
    with transaction():
        draft = cases.CaseDraft(
            title=title,
            text=text,
            type_id=types.type_with("other").id,
            area_id=office.areas[area].id,
            source=Source.VISIT,
            requester=name,
            enterprise_id=office.firms[name],
            contact_name=person,
            contact_phone=phone,
            place=address,
        )
        case_id = cases.submit(draft=draft, actor=office.actors["desk"], now=at).id
    dispatched = {"unit": office.units["team-21"].id, "officer": office.actors[who].user_id}
    spoke = {"way": "call", "person": person, "text": "情况属实，正在想办法。"}
    for by, name_, answer in (
        ("desk", "accept", {}),
        ("desk", "dispatch", dispatched),
        (who, "acknowledge", {}),
        (who, "contact", spoke),
    ):
        at += timedelta(minutes=20)
        take_step(office, case_id, by, name_, answer, at)


def _promise(office: Office, now: datetime) -> None:
    actor, at = office.actors["officer4"], now - timedelta(hours=3)
    today = local_day(at)  # shortly after midnight this was yesterday
    with transaction():
        case = db.session.scalars(sa.select(Case).where(Case.title == REPORTED[0][0])).one()
        draft = PromiseDraft(
            debtor=Debtor.US,
            who=actor.name,
            what="后天下班前从街道库里调两桶消毒液送到店里",
            promised_on=today,
            due_on=today + timedelta(days=2),
            promiser_id=actor.user_id,
        )
        promises.promise(case, draft, actor=actor, now=at)


def _half_answered(office: Office, now: datetime) -> None:
    leaver, successor = office.actors["officer4"], office.actors["officer3"]
    with transaction():
        user = queries.person(leaver.user_id, actor=leaver, today=local_day(now))
        assert user is not None  # noqa: S101 - made above
        day = local_day(now) + timedelta(days=LEAVING[0][2] + 1)
        at = now - timedelta(hours=2)
        handover = service.begin(user, why="posting", from_on=day, actor=leaver, now=at)
        service.write_notes(
            handover, {("firm", office.firms["荷塘五金店"]): "老邹只认熟人，第一次最好一起去。"}, actor=leaver, now=at
        )
        service.give(handover, lambda thing: True, successor.user_id, actor=leaver, now=at)
        service.send(handover, NOTE, actor=leaver, now=at)
        key = handover.id
    with transaction():
        handover = db.session.get_one(Handover, key)
        rows = {row.title: row.id for row in queries.items(handover)}
        refused = {rows["青禾种子经营部"]: "柳堤路归另一条走访线，顺路的同事接更合适。"}
        answering.answer(handover, [rows["荷塘五金店"]], refused, actor=successor, now=now - timedelta(hours=1))
