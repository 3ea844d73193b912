"""What the board, a routing decision and sharing out cost: `python -m benchmarks.coverage [--database URL]`.

A district of 120,000 enterprises, 90 communities and 1,500 sites, in process, on a fresh database.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_migrate import upgrade

from casework import create_app
from casework.areas.models import Area
from casework.config import ROOT, Settings
from casework.coverage import queries, rules
from casework.enterprises.models import ContactDay, Enterprise, Liaison
from casework.kernel.db import db
from casework.kernel.time import local_day, utcnow
from casework.roster.rules import Limits
from casework.routing import service as routing
from casework.routing.models import RoutingRule
from tests.factories import NOW, Office, a_case, an_office, signed_in
from tests.harness.client import InspectingClient

FIRMS, COMMUNITIES, SITES, RULES, ROUNDS = 120_000, 90, 1500, 50, 15


def timed(name: str, work: Callable[[], object], bar: str) -> None:
    """Print median and worst of some rounds."""
    took = []
    for _ in range(ROUNDS):
        db.session.rollback()
        start = time.perf_counter()
        work()
        took.append((time.perf_counter() - start) * 1000)
    print(f"{name:<34}{sorted(took)[ROUNDS // 2]:8.1f} ms, worst {max(took):8.1f} ms, bar {bar}")


def main() -> None:
    """Share out in memory; then the board and a decision on a database."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", default="")
    matching()
    with tempfile.TemporaryDirectory() as folder:
        url = parser.parse_args().database or f"sqlite:///{Path(folder) / 'coverage.db'}"
        app = create_app(Settings(database_url=url, secret_key="x" * 40, storage=folder, testing=True))
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            office = an_office()
            fill(office)
            measure(app, office)


def matching() -> None:
    """10,000 firms to 500 officers: of six communities each, and of the whole district."""
    rng = random.Random(3)
    firms = [rules.Firm(n, frozenset({rng.randrange(COMMUNITIES), 1000})) for n in range(10_000)]
    some = [rules.Officer(n, frozenset(rng.sample(range(COMMUNITIES), 6)), 0) for n in range(500)]
    everywhere = [rules.Officer(n, frozenset({1000}), 0) for n in range(500)]
    for name, officers in (("six communities each", some), ("the whole district", everywhere)):
        start = time.perf_counter()
        given = Counter(rules.share_out(firms, officers).values())
        took = time.perf_counter() - start
        print(
            f"10,000 firms to 500 officers of {name}: {took:.2f} s, {min(given.values())} to {max(given.values())} each"
        )


def fill(office: Office) -> None:
    """Communities, sites, firms spoken with in the last month, three quarters of them with an officer."""
    rng, today = random.Random(7), local_day(utcnow())
    district, street = office.areas["8801"], office.areas["8801001"]
    around = {"city_id": district.city_id, "district_id": district.id, "subdistrict_id": street.id, "version": 1}
    place = {**around, "path": "", "level": "community", "parent_id": street.id}
    insert(Area, [{**place, "code": f"C{n}", "name": f"社区{n}", "full_name": f"C{n}"} for n in range(COMMUNITIES)])
    keys = list(db.session.scalars(sa.select(Area.id).where(Area.code.like("C%"))))
    site = {**around, "path": "", "level": "site"}
    insert(
        Area,
        [
            {**site, "code": f"S{n}", "name": f"园区{n}", "full_name": f"S{n}", "parent_id": at, "community_id": at}
            for n in range(SITES)
            if (at := keys[n % COMMUNITIES])
        ],
    )
    firm = {**around, "address": "", "size": "", "industry": "", "active": True, "created_at": NOW}
    insert(
        Enterprise,
        [
            {
                **firm,
                "name": f"企业{n}",
                "name_key": f"企业{n}",
                "area_id": (at := rng.choice(keys)),
                "community_id": at,
                "contacted_on": today - timedelta(days=rng.randrange(30)),
            }
            for n in range(FIRMS)
        ],
    )
    days = sa.select(Enterprise.id, Enterprise.contacted_on, Enterprise.community_id)
    listed = db.session.execute(days).all()
    kept = {"district_id": district.id}
    month = timedelta(days=30)
    spoken = [
        {**kept, "enterprise_id": key, "day": day, "until_on": None, "community_id": at} for key, day, at in listed
    ]
    earlier = [{**one, "day": one["day"] - month, "until_on": one["day"]} for one in spoken]
    insert(ContactDay, spoken + earlier)
    officers = [office.people[name].id for name in ("officer", "officer2", "lead")]
    held = {"district_id": district.id, "from_on": date(2020, 1, 1), "version": 1}
    firms = db.session.execute(sa.select(Enterprise.id, Enterprise.community_id)).all()
    insert(
        Liaison,
        [
            {
                **held,
                "enterprise_id": key,
                "community_id": at,
                "officer_id": rng.choice(officers),
                "deputy_id": rng.choice([None, *officers]),
            }
            for key, at in firms
            if rng.random() < 0.75
        ],
    )
    team = office.units["team"].id
    rule = {"district_id": district.id, "unit_id": team, "co_unit_ids": [], "live": True, "version": 1}
    rule |= {"own_officer": True, "urgent": False, "by_itself": True}
    insert(
        RoutingRule,
        [
            {**rule, "position": n, "name": f"规则{n}", "conditions": {"words": [f"词{n}"]} if n < RULES - 1 else {}}
            for n in range(RULES)
        ],
    )
    db.session.execute(sa.text("ANALYZE"))
    db.session.commit()


def insert(table: Any, rows: list[dict[str, Any]]) -> None:
    """Rows by the thousand."""
    for start in range(0, len(rows), 5000):
        db.session.execute(sa.insert(table), rows[start : start + 5000])
    db.session.commit()


def measure(app: Any, office: Office) -> None:
    """The board of today and of a past day, its whole page, and one decision."""
    key, today = office.areas["8801"], local_day(utcnow())
    past = today - timedelta(days=10)
    print(f"{db.engine.dialect.name}: {FIRMS:,} firms, {COMMUNITIES} communities, {SITES:,} sites, {RULES} rules")
    timed("board of today", lambda: queries.board(key, today, today, Limits()), "100 ms")
    timed("board of a past day", lambda: queries.board(key, past, today, Limits()), "100 ms")
    app.test_client_class = InspectingClient
    client = signed_in(app.test_client(), office.people["district_admin"])
    client.inspects = False
    timed("the whole page", lambda: client.get("/coverage"), "100 ms")
    place = office.areas["8801001"]
    rows = queries.firms_in(place, "uncovered", today=today, limits=Limits()).limit(50)
    timed("fifty firms without an officer", lambda: db.session.execute(rows).all(), "none")
    gone = queries.firms_in(place, "stale", today=today, limits=Limits(), day=past).limit(50)
    timed("fifty stale firms of a past day", lambda: db.session.execute(gone).all(), "none")
    case = a_case(office, text="订的口罩一直没到，员工没法上岗。" * 20)
    timed("a routing decision", lambda: routing.decide(case, now=utcnow()), "20 ms")


if __name__ == "__main__":
    main()
