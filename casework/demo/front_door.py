"""The front door of the demo: the desk's shifts, the routing rules, and a difficulty told at night."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.coverage import service as coverage
from casework.demo.office import Office
from casework.enterprises.models import Enterprise
from casework.intake import service as intake
from casework.intake.models import PortalReport
from casework.kernel.db import db, transaction
from casework.kernel.time import at_local, local_day
from casework.roster import duty
from casework.routing import service as routing

# Name, conditions (types, words), unit; the last one is the fallback.
RULES: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("货要出城", {"types": ["shipping", "logistics"]}, "team-21"),
    ("租金找房东", {"types": ["rent"], "words": ["房东", "业主", "租金", "减租"]}, "team-17"),
    ("夜里的急事", {"words": ["停电", "停水", "断供"], "begin": 18 * 60, "end": 8 * 60}, "team-17"),
    ("其他都归第 17 组", {}, "team-17"),
)
NIGHT = {
    "text": "园区门岗夜里不让送货车进，冷库的货明早要交，再晚就坏了。",
    "kind": "logistics",
    "firm": "临江冷鲜食品有限公司",
    "address": "柳堤物流园 3 号库",
    "name": "秦远",
    "phone": "13900003317",
}


def plant(office: Office, *, now: datetime) -> None:
    """Shifts around the clock for two weeks, the rules live, and one report of last night."""
    admin, desk = office.actors["district"], office.units["desk"]
    with transaction():
        first = at_local(local_day(now))
        for days in range(7):
            for who, hour in (("desk", 8), ("desk2", 20)):
                begins = first + timedelta(days=days, hours=hour)
                ends = begins + timedelta(hours=12)
                user_id = office.actors[who].user_id
                duty.plan_shifts(desk, user_id=user_id, begins_at=begins, ends_at=ends, weeks=2, actor=admin, now=now)
    with transaction():
        for name, conditions, unit in RULES:
            draft = routing.RuleDraft(
                name=name, conditions=conditions, unit=office.units[unit], urgent=name == "夜里的急事"
            )
            rule = routing.save_rule(office.areas["990104"], None, draft, actor=admin, now=now)
            routing.mark_tried(rule, actor=admin, now=now)
            routing.switch(rule, True, actor=admin, now=now)
    with transaction():
        _cover(office, now=now)
    _report(office, now=now - timedelta(hours=6))


def _cover(office: Office, *, now: datetime) -> None:
    """A leader for the south; the other street is left as a gap to be closed."""
    admin, leader = office.actors["district"], office.actors["leader"].user_id
    for code in ("990104001", "990104001001", "990104001002", "990104001001-1"):
        coverage.set_leader(office.areas[code], leader, actor=admin, now=now)


def _report(office: Office, *, now: datetime) -> None:
    """What the keeper of a cold store told at night, as the portal takes it."""
    with transaction():
        firm = db.session.scalar(sa.select(Enterprise.id).where(Enterprise.name == NIGHT["firm"]))
        area = office.areas["990104002001"].id
        intake.begin({**NIGHT, "firm_id": firm, "area_id": area}, now=now)
        db.session.flush()
        report = db.session.scalars(sa.select(PortalReport).order_by(PortalReport.id.desc())).first()
        if report is not None:
            intake.send(report, trusted=True, now=now)
