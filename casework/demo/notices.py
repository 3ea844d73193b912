"""The notices of the demo: what is long past is read, the officer has quiet hours, a group has a robot that rests."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from casework.demo.office import Office
from casework.kernel.db import db, transaction
from casework.notifications import service, systems
from casework.notifications.kinds import KINDS
from casework.notifications.models import Notice

OLD, GONE = timedelta(days=2), timedelta(days=60)


def plant(office: Office, *, now: datetime) -> None:
    """Read what is old, and set what people would set. The robot rests: its token is invented."""
    with transaction():
        _in_order(now)
    officer = office.actors["officer"]
    with transaction():
        service.set_prefs(
            email="shen@example.gov.cn",
            quiet_from=22 * 60,
            quiet_to=7 * 60,
            mailed=[name for name, kind in KINDS.items() if kind.mail],
            actor=officer,
            now=now,
        )
    with transaction():
        draft = systems.RobotDraft(
            unit=office.units["team-17"],
            kind="wecom",
            name="第 17 复工小组",
            token="-".join(("00000000", "0000", "4000", "8000", "000000000017")),
            kinds=[name for name, kind in KINDS.items() if kind.group],
            active=False,
        )
        systems.set_robot(None, draft, actor=office.actors["lead"], now=now)
    with transaction():
        systems.add_host("data.example.gov.cn", actor=office.actors["secadmin"], now=now)


def _in_order(now: datetime) -> None:
    """The demo is not built day by day: put the notices as they would have come, the old ones read or gone."""
    table = Notice.__table__
    kept = db.session.execute(sa.select(table).where(table.c.created_at > now - GONE).order_by(table.c.created_at))
    rows = [{name: value for name, value in row.items() if name != "id"} for row in kept.mappings()]
    db.session.execute(sa.delete(Notice))
    for row in rows:
        is_old = row["created_at"] < now - OLD
        db.session.add(Notice(**{**row, "is_read": int(is_old), "read_at": now if is_old else None}))
        db.session.flush()  # one by one: their numbers give the order
