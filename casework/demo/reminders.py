"""Reminders of the demo: a lead and a firm have urged, and what is near its end or over it has been told."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from casework.cases.models import Case
from casework.demo.office import Office
from casework.kernel.db import db, transaction
from casework.supervision import jobs, service

# Title of the case, who urges (None: the firm itself), how long ago, what they say.
URGED = (
    ("临时出入证被小区门岗拒收", "lead", timedelta(minutes=95), "货压在门口第三天了，今天上午先打电话，中午前回我。"),
    ("两车冷链今日要发外省", None, timedelta(minutes=40), "司机已经等了四个小时，天黑前必须发车。"),
)


def plant(office: Office, *, now: datetime) -> None:
    """Urge, and tell what the clocks had come to yesterday and have come to now, as the scheduler does."""
    jobs.sweep(now - timedelta(days=1))
    for title, who, ago, reason in URGED:
        with transaction():
            case = db.session.scalars(sa.select(Case).where(Case.title == title)).one()
            service.urge(case, reason, actor=office.actors[who] if who else None, now=now - ago)
    jobs.sweep(now)
