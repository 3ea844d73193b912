"""Visits and care of the demo: some due today and some overdue, one agreed for this afternoon, two residents."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from casework.care import service as care
from casework.care.rules import Draft
from casework.demo.office import Office
from casework.enterprises import service as enterprises
from casework.enterprises.models import Enterprise
from casework.kernel.db import db, transaction
from casework.kernel.permissions import Actor
from casework.kernel.time import at_local, local_day
from casework.visits import planning, queries, service
from casework.visits.rules import PlanDraft

# Firm, days between visits, days since the last one, what was said then, and what to ask. 阿芝 was called on a case
# three or four days ago, as the hour has it: overdue whenever the demo is planted.
PLANS = (
    ("阿芝热干面馆", 2, 6, "房东还没回话，说这周给答复。", "外卖单量恢复了几成？"),
    ("青苗托管中心", 7, 9, "防疫物资够用一周。", "复课时间定了吗？"),
    ("恒通数码维修店", 5, 5, "两名员工返岗，开了半天门。", ""),
    ("锦川包装制品厂", 7, 7, "纸板到货，白班已开。", "夜班缺几个人？"),
    ("拾光文化传播有限公司", 14, 2, "线上活动为主，暂无困难。", ""),
)
FOR_HELPER = "恒通数码维修店"
# Name, phone, address, kind, what they need, days between, keeper, deputy, days since the last look, what was found.
RESIDENTS = (
    (
        "罗桂珍",
        "13900012207",
        "南贤里 3 栋 402",
        "elderly",
        "每周代买降压药和菜。",
        2,
        "helper",
        "officer2",
        4,
        "药还够三天，精神好。",
    ),
    (
        "陶立新",
        "13900013318",
        "桥东路 12 号 2 单元",
        "quarantined",
        "居家隔离，门口送菜。",
        1,
        "officer",
        "helper",
        1,
        "体温正常，要一袋米。",
    ),
)


def plant(office: Office, *, now: datetime) -> None:
    """Plans with their last contacts, an appointment of today, and residents with what was found."""
    officer = office.actors["officer"]
    for name, every, ago, said, ask in PLANS:
        with transaction():
            firm = db.session.get_one(Enterprise, office.firms[name])
            enterprises.log_contact(firm, "visit", said, actor=officer, now=now - timedelta(days=ago))
            visitor = office.actors["helper"].user_id if name == FOR_HELPER else None
            draft = PlanDraft(every_days=every, ask=ask, visitor_id=visitor)
            _with_stop(firm.id, lambda stop, draft=draft: planning.save_plan(stop, draft, actor=officer, now=now), now)
    with transaction():
        at = at_local(local_day(now), 17)
        at = at if at > now else at + timedelta(days=1)
        agreed: dict[str, Any] = {"with_whom": "田青", "about": "看夜班用工", "visitor_id": None}
        key = office.firms["锦川包装制品厂"]
        _with_stop(key, lambda stop: service.agree(stop, at=at, actor=officer, now=now, **agreed), now)
    for row in RESIDENTS:
        with transaction():
            _resident(office, row, now)


def _with_stop(key: int, act: Any, now: datetime) -> None:
    db.session.flush()
    stop = queries.stop_of(key, local_day(now))
    if stop is not None:
        act(stop)


def _resident(office: Office, row: tuple[Any, ...], now: datetime) -> None:
    name, phone, address, kind, needs, every, keeper, deputy, ago, found = row
    since = local_day(now) - timedelta(days=20)
    resident = care.begin(
        Draft(name=name, phone=phone, address=address, needs=needs, kind=kind, every_days=every),
        area=office.areas["990104001001" if "南贤" in address else "990104001002"],
        unit=office.units["team-17"],
        keeper_id=office.actors[keeper].user_id,
        deputy_id=office.actors[deputy].user_id,
        since=since,
        actor=office.actors["lead"],
        now=now - timedelta(days=20),
    )
    looked: Actor = office.actors[keeper]
    care.log(resident, way="visit", condition="well", text=found, actor=looked, now=now - timedelta(days=ago))
