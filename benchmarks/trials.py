"""The clocks under trial: `python -m benchmarks.trials [--database postgresql] [--schedules 50] [--cases 10000]`.

Random schedules of sweepers that are killed, started again and doubled: what was missed, doubled, told early or told of
what had stopped. And random clocks, with calendars, pauses and extensions, against the oracle that counts each minute.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from flask_migrate import upgrade
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework import create_app
from casework.clocks.calendar import Calendar
from casework.clocks.rules import due_at
from casework.config import ROOT, Settings
from casework.kernel.db import db
from tests.clocks import oracle
from tests.clocks.test_rules import calendars, moments, pauses
from tests.harness.databases import Databases, PostgresDatabases, SQLiteFiles
from tests.harness.postgres import Cluster
from tests.supervision import schedules

SECRET = "x" * 40


def migrate(url: str) -> None:
    """Bring an empty database to the newest migration."""
    with create_app(Settings(database_url=url, secret_key=SECRET, testing=True)).app_context():
        upgrade(directory=str(ROOT / "migrations"))
        db.session.remove()
        db.engine.dispose()


def compare(cases: int) -> tuple[int, int]:
    """How many random clocks were compared with the oracle, and how many are due at another time."""
    seen: Counter[str] = Counter()

    def check(
        both: tuple[Calendar, oracle.Counts],
        start: datetime,
        limit: int,
        extension: int,
        held: list[tuple[datetime, datetime | None]],
    ) -> None:
        ours, counts = both
        seen["compared"] += 1
        if due_at(start, limit, extension, held, ours) != oracle.due(start, limit + extension, held, counts):
            seen["different"] += 1
            print("different:", start, limit, extension, held, ours, file=sys.stderr)

    quick = settings(max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    quick(given(calendars(), moments, st.integers(1, 1300), st.integers(0, 300), pauses())(check))()
    return seen["compared"], seen["different"]


def one(databases: Databases, seed: int) -> schedules.Found:
    """One schedule on a database of its own."""
    url = databases.migrated()
    app = create_app(Settings(database_url=url, secret_key=SECRET, testing=True))
    try:
        with app.app_context():
            found = schedules.run(app, url, seed)
            db.session.remove()
            db.engine.dispose()
            return found
    finally:
        databases.drop(url)


def under_kills(kind: str, count: int, first: int) -> int:
    """So many schedules one after the other, each printed as it ends; returns how many faults there were."""
    total: Counter[str] = Counter()
    with contextlib.ExitStack() as stack:
        if kind == "postgresql":
            databases: Databases = PostgresDatabases(stack.enter_context(Cluster()).socket, migrate)
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="casework-trials-"))
            databases = SQLiteFiles(Path(folder), migrate)
        for seed in range(first, first + count):
            found = one(databases, seed)
            total.update(asdict(found))
            print(f"{kind} schedule {seed}: {asdict(found)}", flush=True)
    print(f"{kind}: {count} schedules of {schedules.DEADLINES} deadlines: {dict(total)}", flush=True)
    return sum(total[name] for name in ("missed", "doubled", "early", "after_the_end"))


def main() -> None:
    """Run both, print the figures, and fail on any fault."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trials", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--schedules", type=int, default=50)
    parser.add_argument("--first", type=int, default=1, help="the seed of the first schedule")
    parser.add_argument("--cases", type=int, default=10_000)
    options = parser.parse_args()
    faults = 0
    if options.cases:
        compared, faults = compare(options.cases)
        print(f"oracle: {compared:,} compared, {faults:,} different", flush=True)
    if options.schedules:
        faults += under_kills(options.database, options.schedules, options.first)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
