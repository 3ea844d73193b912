"""What a brief costs: `python -m benchmarks.briefs [--cases N] [--database URL]`.

Seeded and counted cases in process on a fresh database; then a weekly brief of the district from asking to sealing, and
how the time falls on its steps. Bar: 20 seconds over 100,000 cases.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa
from flask_migrate import upgrade

from casework import create_app
from casework.briefs import making, rules, service
from casework.briefs.policy import WRITE
from casework.briefs.scopes import read
from casework.briefs.words import STEPS, Kind
from casework.config import ROOT, Settings
from casework.kernel.db import db, transaction
from casework.kernel.time import local_day, utcnow
from casework.kpis.jobs import count
from casework.seeding import seed
from tests.factories import an_office

BAR = 20.0


def main() -> None:
    """Seed, count, then write last week's brief and one of the whole year."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--database", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{Path(folder) / 'briefs.db'}"
        app = create_app(Settings(database_url=url, secret_key="x" * 40, storage=folder, testing=True))
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            office = an_office()
            area_id, reader = office.areas["8801"].id, office.people["district_admin"].id
            seed(given.cases, now=utcnow())
            count(utcnow(), seconds=36_000)
            db.session.execute(sa.text("ANALYZE"))
            db.session.commit()
            print(f"{db.engine.dialect.name}: {given.cases:,} cases", flush=True)
            today = local_day(utcnow())
            week = rules.days_of(Kind.WEEKLY, today - rules.WEEK)
            for kind, days in ((Kind.WEEKLY, week), (Kind.SPECIAL, (today - 364 * rules.ONE, today))):
                print(f"{kind}: {written(kind, days, area_id, reader):.1f} s, bar {BAR:.0f} s", flush=True)


def written(kind: str, days: tuple, area_id: int, reader: int) -> float:  # type: ignore[type-arg]
    """Seconds that a brief takes; prints those of each step."""
    from casework.roster.queries import actor_for

    now, marks = utcnow(), list[tuple[int, float]]()
    actor = actor_for(reader, local_day(now))
    assert actor is not None
    with transaction():
        wanted = service.Wanted(kind=kind, counted=read(f"a{area_id}", None, actor, WRITE), first=days[0], last=days[1])
        key = service.ask(wanted, actor=actor, now=now).id
    began = time.perf_counter()
    assert making.execute(key, now=now, tell=lambda step: marks.append((step, time.perf_counter())))
    ended = time.perf_counter()
    ends = [at for _, at in marks[1:]] + [ended]
    for (step, at), end in zip(marks, ends, strict=True):
        print(f"  {STEPS[step]:<45}{end - at:6.2f} s")
    return ended - began


if __name__ == "__main__":
    main()
