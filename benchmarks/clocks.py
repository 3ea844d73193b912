"""What clocks cost: `python -m benchmarks.clocks [--database postgresql] [--open 1000000] [--due 1000]`.

One sweep over so many open clocks of which so many are due, each with a notice and an entry; one that finds nothing;
and working out one due time. Seconds of the clock and CPU of this process, on a fresh database.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_migrate import upgrade

from benchmarks.__main__ import HONEST
from casework import create_app
from casework.audit.models import ChainHead
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.clocks import queries, rules
from casework.clocks.kinds import WORKING, Clock
from casework.clocks.models import Deadline
from casework.config import ROOT, Settings
from casework.kernel.db import db, transaction
from casework.notifications.models import Notice
from casework.supervision import jobs
from casework.supervision.models import Escalation
from tests.factories import NOW, Office, a_case, an_office
from tests.harness.postgres import Cluster

CHUNK = 5000
CLOCKS_A_CASE = 5
FIELDS = [column.key for column in Case.__table__.columns if column.key != "id"]


@contextlib.contextmanager
def fresh(kind: str) -> Iterator[None]:
    """An app on an empty database with every table."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="casework-clocks-")))
        cluster = stack.enter_context(Cluster(HONEST)) if kind == "postgresql" else None
        url = cluster.url("postgres") if cluster else f"sqlite:///{folder / 'casework.db'}"
        app = create_app(Settings(database_url=url, secret_key="x" * 40, storage=str(folder), testing=True))
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            yield
            db.session.remove()
            db.engine.dispose()


def plant(office: Office, count: int, due: int) -> None:
    """So many clocks, five a case. All were looked at before; so many of them have come to their yellow card."""
    model = a_case(office, State.IN_PROGRESS)
    like = {name: getattr(model, name) for name in FIELDS}
    # Spread over the cases, so that few of what is due share one.
    every, calendar_id = max(count // due, 1), queries.calendar_id_for(WORKING, model.area_ids)
    db.session.rollback()
    with transaction():
        db.session.execute(sa.update(Deadline).values(look_at=None))
    for first in range(0, count, CHUNK):
        with transaction():
            _chunk(like, calendar_id, range(first, min(first + CHUNK, count)), every)
    with transaction():
        db.session.execute(sa.text("ANALYZE"))


def _chunk(like: dict[str, Any], calendar_id: int | None, numbers: range, every: int) -> None:
    base = 1000 + numbers.start // CLOCKS_A_CASE
    keys = range(base, base + (len(numbers) + CLOCKS_A_CASE - 1) // CLOCKS_A_CASE)
    cases = [{**like, "id": key, "number": f"B-{key}", "code": f"B{key:09d}"} for key in keys]
    db.session.execute(sa.insert(Case), cases)
    db.session.execute(sa.insert(ChainHead), [{"chain": f"case:{key}", "seq": 0, "hash": "0" * 64} for key in keys])
    rows = [_row(base + n // CLOCKS_A_CASE, calendar_id, n, every) for n in range(len(numbers))]
    for n, number in enumerate(numbers):
        rows[n] |= _when(number % every == 0)
    db.session.execute(sa.insert(Deadline), rows)


def _row(case_id: int, calendar_id: int | None, n: int, every: int) -> dict[str, Any]:
    return {
        "case_id": case_id, "clock": Clock.STEP, "subject_id": n % CLOCKS_A_CASE + 1, "calendar_id": calendar_id,
        "revision": 1, "limit_minutes": 420, "extension_minutes": 0, "cancelled": False,
    }  # fmt: skip


def _when(is_due: bool) -> dict[str, Any]:
    start = NOW if is_due else NOW + timedelta(days=20)
    yellow = start + timedelta(hours=6, minutes=15)
    return {"started_at": start, "due_at": start + timedelta(hours=9), "look_at": yellow}


def timed(work: Callable[[], Any]) -> dict[str, Any]:
    """What a call returned, and its seconds and CPU."""
    began, spent = time.perf_counter(), time.process_time()
    found = work()
    return {
        "result": found,
        "seconds": round(time.perf_counter() - began, 3),
        "cpu": round(time.process_time() - spent, 3),
    }


def one_deadline(times: int = 20_000) -> float:
    """Microseconds to work out one due time in working hours, over weekends and with a pause."""
    calendar = queries.calendar_for(WORKING, ())
    starts = [NOW + timedelta(minutes=7 * n) for n in range(times)]
    began = time.process_time()
    for start in starts:
        held = ((start + timedelta(hours=2), start + timedelta(hours=30)),)
        rules.due_at(start, 2100, 60, held, calendar)
    return round((time.process_time() - began) / times * 1e6, 1)


def measure(kind: str, count: int, due: int) -> dict[str, Any]:
    """Plant, and sweep: what is due, then nothing."""
    with fresh(kind):
        office = an_office()
        began = time.perf_counter()
        plant(office, count, due)
        planted = round(time.perf_counter() - began, 1)
        now = NOW + timedelta(hours=8)
        figures = {"open": count, "planting": planted, "sweep": timed(lambda: jobs.sweep(now))}
        figures["idle sweep"] = timed(lambda: jobs.sweep(now))
        rows = {
            name: db.session.scalar(sa.select(sa.func.count()).select_from(table))
            for name, table in (("told", Escalation), ("notices", Notice))
        }
        return {**figures, **rows, "microseconds a deadline": one_deadline()}


def main() -> None:
    """Measure, and print one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clocks", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--open", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=1_000)
    given = parser.parse_args()
    print(given.database, json.dumps(measure(given.database, given.open, given.due)), flush=True)


if __name__ == "__main__":
    main()
