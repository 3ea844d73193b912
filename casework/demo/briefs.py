"""Briefs of the demo: last week's and yesterday's, asked for and left to the job to write, and a plan for every day."""

from __future__ import annotations

from datetime import datetime, timedelta

from casework.briefs import plans, rules, service
from casework.briefs.policy import WRITE
from casework.briefs.scopes import read
from casework.briefs.words import Kind
from casework.demo.office import Office
from casework.kernel.db import transaction
from casework.kernel.time import local_day

CLOSE = 17 * 60 + 30


def plant(office: Office, *, now: datetime) -> None:
    """Two briefs and a plan of the leader of the subdistrict. Their files are set in the process of the jobs."""
    leader, today = office.actors["leader"], local_day(now)
    duty = leader.duties[0]
    week, day = rules.days_of(Kind.WEEKLY, today - timedelta(days=7)), today - timedelta(days=1)
    for kind, first, last in ((Kind.WEEKLY, *week), (Kind.DAILY, day, day)):
        with transaction():
            counted = read(f"a{duty.area_id}", None, leader, WRITE)
            service.ask(service.Wanted(kind=kind, counted=counted, first=first, last=last), actor=leader, now=now)
    with transaction():
        counted = read(f"a{duty.area_id}", None, leader, WRITE)
        plan = plans.Plan(kind=Kind.DAILY, counted=counted, minute=CLOSE, weekday=None, tell=[leader.user_id])
        plans.make_plan(plan, actor=leader, now=now)
