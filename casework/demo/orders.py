"""The supervision orders of the demo: one received, one returned and reported anew, one listed with an interview."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from casework.cases.models import Case
from casework.clocks.queries import calendar_for
from casework.demo.office import Office
from casework.kernel.db import db, transaction
from casework.kernel.time import at_local, local_day
from casework.orders import interviews, rules, service
from casework.orders.models import SupervisionOrder

GATE, MASKS = ("临时出入证被小区门岗拒收", "小区门岗不认通行证"), ("物流园消杀证明互认",)
DAY = timedelta(days=1)


def plant(office: Office, *, now: datetime) -> None:
    """Each as the pages would do it, one transaction an act."""
    _received(office, now - timedelta(hours=20))
    _returned(office, now - 4 * DAY)
    _listed(office, now - 6 * DAY, now)


def _received(office: Office, at: datetime) -> None:
    draft = rules.Draft(
        title="小区门岗拒收区级通行证",
        demands="一、逐个小区核实门岗执行情况，三日内统一口径。\n二、逐户回访企业，确认人和货能进。\n三、报告时附门岗现场照片。",
        basis="临江区复工专班会议纪要第 12 期",
        days=3,
    )
    order = _issue(office, GATE, draft, "regulator", at)
    _act(office, order, "receive", "lead", at + timedelta(hours=1))


def _returned(office: Office, at: datetime) -> None:
    draft = rules.Draft(
        title="消杀证明两个街道互不承认",
        demands="一、两个街道统一消杀证明样式。\n二、园区、货运站张贴公告。",
        days=2,
    )
    order = _issue(office, MASKS, draft, "regulator2", at)
    _act(office, order, "receive", "lead2", at + timedelta(hours=2))
    _act(office, order, "report", "lead2", at + DAY, "两个街道已口头商定互认，园区门卫已知晓。")
    _act(office, order, "return", "regulator2", at + 3 * DAY, "口头商定不算数：请附两街道书面意见和公告照片。", 3)


def _listed(office: Office, at: datetime, now: datetime) -> None:
    with transaction():
        draft = rules.Draft(
            title="首次联系超时偏多",
            demands="一、查明近两周首次联系超时的每一件，写明原因。\n二、调整派单和值班，一周内不再新增。",
            basis="复工专班通报第 3 期",
            days=5,
            listed_why="连续两周排在末位",
            delister=office.units["office"].id,
        )
        order = service.issue_for_unit(office.units["team-21"], draft, actor=office.actors["regulator"], now=at)
    _act(office, order.id, "receive", "lead2", at + timedelta(hours=3))
    with transaction():
        call = rules.InterviewDraft(
            who="第 21 复工小组组长",
            at=calendar_for("working").opening(at_local(local_day(now) + 2 * DAY, 9)),
            place="区政府 3 号楼 302 会议室",
            matter="首次联系超时偏多，整改报告前先当面说明情况。",
        )
        order = db.session.get_one(SupervisionOrder, order.id)
        interviews.call(order, call, actor=office.actors["regulator"], now=now - timedelta(hours=3))


def _issue(office: Office, titles: tuple[str, ...], draft: rules.Draft, by: str, at: datetime) -> int:
    with transaction():
        ids = db.session.scalars(sa.select(Case.id).where(Case.title.in_(titles), Case.is_open.is_(True)))
        return service.issue_for_cases(list(ids), draft, actor=office.actors[by], now=at)[0].id


def _act(
    office: Office, order_id: int, name: str, by: str, at: datetime, text: str = "", days: int | None = None
) -> None:
    with transaction():
        order = db.session.get_one(SupervisionOrder, order_id)
        service.act(order, name, rules.Answer(text=text, days=days), actor=office.actors[by], now=at)
