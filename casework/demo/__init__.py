"""A small office to try: every role, cases in every state dated from today, and closed ones of February 2020.

Built through the services, so that it obeys every rule. All names in it are invented; refused in production.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas.models import Area
from casework.cases import types
from casework.cases.models import Case
from casework.clocks.seed import seed_calendar
from casework.demo import (
    briefs,
    firms,
    front_door,
    handing,
    notices,
    orders,
    people,
    places,
    reminders,
    rent,
    reviews,
    shipping,
    supplies,
    together,
    visits,
)
from casework.demo.closed_cases import CLOSED, LOOKED_AT
from casework.demo.office import Office
from casework.demo.open_cases import OPEN
from casework.demo.plans import carry_out
from casework.kernel.db import db, transaction
from casework.roster.models import Unit


def is_empty() -> bool:
    """Whether nobody has begun to furnish this database, so that a demo may be built."""
    return not any(db.session.scalar(sa.select(sa.exists().select_from(table))) for table in (User, Area, Unit))


def is_whole() -> bool:
    """Whether this database holds the demo from its first person to its last case."""
    names = [username for username, *_ in people.PEOPLE]
    known = db.session.scalar(sa.select(sa.func.count()).where(User.username.in_(names)))
    cases = db.session.scalar(sa.select(sa.func.count()).select_from(Case)) or 0
    return known == len(names) and cases >= _CASES


_CASES = len(OPEN) + len(CLOSED) + handing.CASES + 15
"""Two in `rent`, two in `shipping`, one in `front_door`, six in `together`, four in `reviews`, those of `handing`."""


def build(*, now: datetime, password: str) -> dict[str, int]:
    """Build the demo; one transaction an act, as the pages would. Returns how many people and cases there are."""
    office = _furnished(now, password)
    for plan in OPEN:
        carry_out(plan, office, now=now)
    for plan in CLOSED:
        carry_out(plan, office, now=LOOKED_AT)
    rent.plant_closed(office)
    rent.plant_open(office, now=now)
    shipping.plant_templates(office, now=now)
    shipping.plant_closed(office)
    shipping.plant_open(office, now=now)
    front_door.plant(office, now=now)
    handing.plant(office, now=now, password=password)
    supplies.plant(office, now=now)
    visits.plant(office, now=now)
    reminders.plant(office, now=now)
    together.plant(office, now=now)
    reviews.plant(office, now=now)
    orders.plant(office, now=now)
    notices.plant(office, now=now)
    briefs.plant(office, now=now)
    return {"people": len(people.PEOPLE) + len(handing.LEAVING), "cases": _CASES}


def _furnished(now: datetime, password: str) -> Office:
    office = Office()
    with transaction():
        seed_calendar(db.session)
        types.plant()
        places.plant(office, now=now)
        people.plant(office, now=now, password=password)
    with transaction():
        firms.plant(office, now=now)
    return office
