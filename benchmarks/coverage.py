"""How fast the board, the sharing out, routing and the import of a report are: prints figures.

python -m benchmarks.coverage [--database sqlite|postgresql] [--firms 120000]
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

from casework import create_app
from casework.areas.models import Area
from casework.cases.models import Case
from casework.config import Settings
from casework.coverage import queries, rules
from casework.enterprises.models import Enterprise, Liaison
from casework.kernel.db import db, transaction
from casework.kernel.time import local_day, utcnow
from casework.roster.rules import Limits
from casework.routing import service as routing
from tests.factories import NOW, a_case, an_office
from tests.harness.databases import PostgresDatabases
from tests.harness.postgres import Cluster

COMMUNITIES, SITES, OFFICERS = 90, 1500, 2000


def timed(name: str, work: Callable[[], object], bar: str, rounds: int = 15) -> None:
    """Print median and worst of some rounds, in milliseconds."""
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        took.append((time.perf_counter() - start) * 1000)
        db.session.rollback()
    print(f"{name:<52}{statistics.median(took):9.1f} ms   worst {max(took):8.1f} ms   bar {bar}")


def fill(count: int) -> Area:
    """A district of 90 communities with firms, three quarters of them with an officer."""
    office, rng, today = an_office(), random.Random(7), local_day(utcnow())
    district, street = office.areas["8801"], office.areas["8801001"]
    base = {"city_id": district.city_id, "district_id": district.id, "subdistrict_id": street.id}
    places = [
        {"code": f"C{n}", "name": f"社区{n}", "level": "community", "parent_id": street.id, "full_name": f"C{n}", "path": ""}
        | base
        | {"version": 1}
        for n in range(COMMUNITIES)
    ]
    db.session.execute(sa.insert(Area), places)
    keys = list(db.session.scalars(sa.select(Area.id).where(Area.code.like("C%"))))
    sites = [
        {"code": f"S{n}", "name": f"园区{n}", "level": "site", "parent_id": keys[n % COMMUNITIES], "full_name": f"S{n}"}
        | base
        | {"path": "", "version": 1, "community_id": keys[n % COMMUNITIES]}
        for n in range(SITES)
    ]
    db.session.execute(sa.insert(Area), sites)
    officers = [office.people[name].id for name in ("officer", "officer2", "lead")]
    for start in range(0, count, 5000):
        rows = [
            {
                "name": f"企业{n}",
                "name_key": f"企业{n}",
                "area_id": (at := rng.choice(keys)),
                "community_id": at,
                "address": "",
                "size": "",
                "industry": "",
                "active": True,
                "contacted_on": today - timedelta(days=rng.randrange(30)),
                "created_at": NOW,
                "version": 1,
            }
            | base
            for n in range(start, min(start + 5000, count))
        ]
        db.session.execute(sa.insert(Enterprise), rows)
    db.session.commit()
    firms = db.session.execute(sa.select(Enterprise.id, Enterprise.community_id)).all()
    rows = [
        {
            "enterprise_id": key,
            "officer_id": rng.choice(officers),
            "deputy_id": rng.choice([None, *officers]),
            "district_id": district.id,
            "community_id": community,
            "from_on": date(2020, 1, 1),
            "version": 1,
        }
        for key, community in firms
        if rng.random() < 0.75
    ]
    for start in range(0, len(rows), 5000):
        db.session.execute(sa.insert(Liaison), rows[start : start + 5000])
    db.session.commit()
    db.session.execute(sa.text("ANALYZE"))
    db.session.commit()
    return district


def matching() -> None:
    """10,000 firms to 500 officers of 90 communities."""
    rng = random.Random(3)
    firms = [rules.Firm(n, frozenset({rng.randrange(90), 1000})) for n in range(10_000)]
    officers = [rules.Officer(n, frozenset(rng.sample(range(90), 6)), 0) for n in range(500)]
    start = time.perf_counter()
    given = Counter(rules.share_out(firms, officers).values())
    took = time.perf_counter() - start
    print(f"10,000 firms to 500 officers of six communities each: {took:.2f} s (bar 5 s), {min(given.values())} to {max(given.values())} each")
    everywhere = [rules.Officer(n, frozenset({1000}), 0) for n in range(500)]
    given = Counter(rules.share_out(firms, everywhere).values())
    print(f"where all reach all: {min(given.values())} to {max(given.values())} each")


def route_one() -> None:
    case = db.session.scalars(sa.select(Case)).first()
    assert case is not None
    routing.decide(case, now=utcnow())


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--database", default="sqlite", choices=("sqlite", "postgresql"))
    asked.add_argument("--firms", type=int, default=120_000)
    given = asked.parse_args()
    matching()
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster() if given.database == "postgresql" else None
        try:
            url = PostgresDatabases(cluster, "bench").make() if cluster else f"sqlite:///{folder}/bench.db"
            settings = Settings(database_url=url, secret_key="x" * 40, storage=str(Path(folder) / "files"))
            app = create_app(settings)
            with app.app_context():
                from flask_migrate import upgrade

                upgrade(directory="migrations")
                district = fill(given.firms)
                key, today = district.id, local_day(utcnow())
                print(f"{given.database}, {given.firms:,} firms, {COMMUNITIES} communities, {SITES} sites")
                timed("board of today", lambda: queries.board(key, today, today, Limits()), "100 ms")
                past = today - timedelta(days=30)
                timed("board of a past day", lambda: queries.board(key, past, today, Limits()), "-")
                from tests.routing.test_routing import a_rule

                office = type("O", (), {})
                del office
                timed_routing(app)
        finally:
            if cluster:
                cluster.stop()


def timed_routing(app: object) -> None:
    """Fifty rules, a case that the last one takes."""
    from casework.routing.models import RoutingRule
    from casework.roster.models import Unit

    district = db.session.scalars(sa.select(Area).where(Area.code == "8801")).one()
    unit = db.session.scalars(sa.select(Unit).where(Unit.code == "team")).one()
    with transaction():
        for n in range(50):
            db.session.add(
                RoutingRule(
                    district_id=district.id,
                    position=n,
                    name=f"规则{n}",
                    conditions={} if n == 49 else {"words": [f"词{n}甲", f"词{n}乙"]},
                    unit_id=unit.id,
                    co_unit_ids=[],
                    live=True,
                )
            )
    with transaction():
        from casework.cases import service as cases
        from casework.cases import types
        from casework.cases.service import CaseDraft
        from casework.cases.workflow import Source

        draft = CaseDraft(
            title="口罩没有到货",
            text="订的口罩一直没到，员工没法上岗。" * 20,
            type_id=types.type_with("other").id,
            area_id=district.id,
            source=Source.PORTAL,
            requester="某店",
        )
        cases.submit(draft=draft, actor=None, now=utcnow())
    timed("routing decision, 50 rules", route_one, "20 ms")


if __name__ == "__main__":
    main()
