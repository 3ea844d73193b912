"""Who works in the demo: somebody in every role, all with one password."""

from __future__ import annotations

from datetime import date, datetime

from casework.accounts.models import User
from casework.accounts.service import make_user
from casework.demo.office import Office
from casework.kernel.db import db
from casework.kernel.time import local_day
from casework.roster import pairs, queries
from casework.roster.queries import actor_for
from casework.roster.service import post

# User name, name, unit, role and the area that they answer for.
PEOPLE = (
    ("desk", "周文静", "desk", "desk", "990104"),
    ("desk2", "秦晓岚", "desk", "desk", "990104"),
    ("officer", "沈砚秋", "team-17", "officer", "990104001"),
    ("officer2", "陆景明", "team-17", "officer", "990104001"),
    ("officer3", "温如玉", "team-21", "officer", "990104002"),
    ("lead", "方志恒", "team-17", "lead", "990104001"),
    ("lead2", "邵一帆", "team-21", "lead", "990104002"),
    ("helper", "何小满", "team-17", "helper", "990104001"),
    ("leader", "顾长青", "office", "area_leader", "990104001"),
    ("regulator", "韩露", "housing", "regulator", "990104"),
    ("regulator2", "马行川", "industry", "regulator", "990104"),
    ("district", "钟立群", "office", "district_admin", "990104"),
    ("sysadmin", "罗安", "platform", "sysadmin", "990104"),
    ("secadmin", "高审言", "platform", "secadmin", "990104"),
    ("auditor", "沈明鉴", "platform", "auditor", "990104"),
)
# Who was sent by which body; the second team mixes people of two.
BODIES = {
    "officer": "区税务局",
    "officer2": "区司法局",
    "officer3": "市国有资产公司",
    "lead": "区税务局",
    "lead2": "区市场监管局",
    "helper": "南贤社区志愿服务队",
}
PAIRS = (("officer", "officer2"), ("officer3", "lead2"))


def plant(office: Office, *, now: datetime, password: str) -> None:
    """Add the people with their postings; from now on the office can act as each of them."""
    users = [_posted(office, row, now, password) for row in PEOPLE]
    db.session.flush()  # the actors are read from the postings
    for user in users:
        if actor := actor_for(user.id, local_day(now)):
            office.actors[user.username] = actor
    for one, other in PAIRS:
        posting = queries.postings_of(office.actors[one].user_id)[0]
        pairs.pair_up(posting, office.actors[other].user_id, actor=office.actors["district"], now=now)


def _posted(office: Office, row: tuple[str, str, str, str, str], now: datetime, password: str) -> User:
    username, name, unit, role, area = row
    user = make_user(username=username, name=name, phone="", password=password, actor=None, now=now)
    post(
        user,
        unit=office.units[unit],
        role=role,
        area=office.areas[area],
        from_on=date(2020, 2, 1),
        sent_by=BODIES.get(username, ""),
        actor=None,
        now=now,
    )
    return user
