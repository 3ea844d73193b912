"""What the queues cost: ``python -m benchmarks.reviews [--database URL]``.

10,000 results wait for one authority's review and 10,000 enterprises for a call-back, among 60,000 other cases of the
district. Each page is asked for in process; CPU of this process, and how the database finds the rows.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from casework import create_app
from casework.cases import lists, queries
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.config import ROOT, Settings
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.time import utcnow
from casework.review import sampling
from casework.review.sampling import Draft
from tests.factories import Office, a_case, a_type, an_office, signed_in

WAITING, OTHERS, ROUNDS, BAR = 10_000, 60_000, 40, 8.0


def main() -> None:
    """Fill a database, ask for the pages, print the figures and the plans."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reviews", description=__doc__)
    parser.add_argument("--database", default="")
    given = parser.parse_args().database
    with tempfile.TemporaryDirectory() as folder:
        url = given or f"sqlite:///{Path(folder) / 'reviews.db'}"
        app = create_app(Settings(database_url=url, secret_key="x" * 40, storage=folder))
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            office = an_office()
            fill(office)
            measure(app, office)
            plans(office)


def fill(office: Office) -> None:
    """Cases as the services make them, then many like them."""
    now = utcnow()
    for state, count in (
        (State.UNDER_REVIEW, WAITING),
        (State.CALLBACK, WAITING),
        (State.IN_PROGRESS, OTHERS // 2),
        (State.CLOSED, OTHERS // 2),
    ):
        case = a_case(office, state, now=now)
        case.reviewer = "regulator"
        db.session.commit()
        row = {column.key: getattr(case, column.key) for column in sa.inspect(Case).columns}
        copies = [_copy(row, state, n) for n in range(count - 1)]
        for start in range(0, len(copies), 2000):
            db.session.execute(sa.insert(Case), copies[start : start + 2000])
        db.session.commit()
    db.session.execute(sa.text("ANALYZE"))
    db.session.commit()


def _copy(row: dict[str, Any], state: State, n: int) -> dict[str, Any]:
    due = row["next_due_at"] + timedelta(minutes=n % 7919) if row["next_due_at"] else None
    fresh = {"number": f"8801-2020-{state[:2]}{n:05d}", "code": f"{state[:4]}{n:08d}", "next_due_at": due}
    return {**{name: value for name, value in row.items() if name != "id"}, **fresh}


def measure(app: Flask, office: Office) -> None:
    """Median and worst CPU of each page; the last page of the queue costs what the first costs."""
    regulator = signed_in(app.test_client(), office.people["regulator"])
    desk = signed_in(app.test_client(), office.people["desk2"])
    number = db.session.scalar(sa.select(Case.number).where(Case.state == State.UNDER_REVIEW).limit(1))
    called = db.session.scalar(sa.select(Case.number).where(Case.state == State.CALLBACK).limit(1))
    pages: list[tuple[str, FlaskClient, str]] = [
        ("queue, first page", regulator, "/reviews"),
        ("queue, deep page", regulator, f"/reviews?after={_deep(office)}"),
        ("queue, to review first", regulator, "/reviews?stage=first"),
        ("queue, one type", regulator, f"/reviews?type={a_type('other').id}"),
        ("one review", regulator, f"/reviews/{number}"),
        ("call-backs", desk, "/call-backs"),
        ("one call-back", desk, f"/call-backs/{called}"),
        ("home of the regulator", regulator, "/"),
    ]
    for name, client, path in pages:
        timed(name, lambda client=client, path=path: _asked(client, path))  # type: ignore[misc]
    sampled = Draft(
        area_id=office.areas["8801"].id, from_on=utcnow().date() - timedelta(days=3), to_on=utcnow().date(), size=50
    )
    start = time.process_time()
    made = sampling.draw(draft=sampled, actor=office.actor("regulator"), now=utcnow())
    took = (time.process_time() - start) * 1000
    db.session.commit()
    print(f"{'a sample of 50 from ' + format(made.population, ','):<34}{took:8.1f} ms")


def _deep(office: Office) -> str:
    at = sa.select(Case.next_due_at, Case.id).where(Case.state == State.UNDER_REVIEW)
    row = db.session.execute(at.order_by(Case.next_due_at, Case.id).offset(WAITING - 100).limit(1)).one()
    return paging.encode(list(row))


def _asked(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)


def timed(name: str, work: Callable[[], object]) -> None:
    """Print CPU of this process in the median and at worst."""
    work()
    took = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        took.append((time.process_time() - start) * 1000)
    print(f"{name:<34}{sorted(took)[ROUNDS // 2]:8.1f} ms, worst {max(took):8.1f} ms, bar {BAR} ms for a queue")


def plans(office: Office) -> None:
    """How the rows of both queues are found."""
    filters = replace(lists.Filters(), state=State.UNDER_REVIEW)
    for name, mine, state in (
        ("queue", queries.reviewable_by(office.actor("regulator")), State.UNDER_REVIEW),
        ("call-backs", queries.callable_by(office.actor("desk2")), State.CALLBACK),
    ):
        actor = office.actor("regulator" if name == "queue" else "desk2")
        query = lists.filtered(actor, replace(filters, state=state), utcnow()).where(mine)
        query = query.order_by(Case.next_due_at.asc().nulls_last(), Case.id).limit(51)
        sql = str(query.compile(db.engine, compile_kwargs={"literal_binds": True}))
        how = "EXPLAIN QUERY PLAN" if db.engine.dialect.name == "sqlite" else "EXPLAIN (ANALYZE)"
        print(f"\n{name}")
        for row in db.session.execute(sa.text(f"{how} {sql.replace(':', chr(92) + ':')}")):
            print("   ", row[-1])


if __name__ == "__main__":
    main()
