"""What counting costs and how fast the board answers: `python -m benchmarks.kpis [--cases N] [--times K] [--database URL]`.

Cases with whole event chains are seeded and counted as the job does it. ``--times`` then lays the marks and sums of
K-1 as many cases beside them, straight in the tables: the board reads nothing else. Cold is the first answer of a
process that has just connected, the file's pages dropped from its cache where the database is a file; warm the median
of those after it.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from pathlib import Path
from statistics import median

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from benchmarks.__main__ import HONEST
from casework import create_app
from casework.accounts.models import User
from casework.config import ROOT, Settings
from casework.kernel.db import db
from casework.kernel.time import local_day, utcnow
from casework.kpis.jobs import count
from casework.kpis.models import KpiMark, KpiSum
from casework.seeding import seed
from tests.factories import a_posting, an_office, signed_in
from tests.harness.postgres import Cluster

ROUNDS = 20
COLD, WARM = 300, 30


def main() -> None:
    """Seed, count, multiply, measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true", help="on a cluster of its own")
    parser.add_argument("--database", default="")
    chosen = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="casework-kpis-"))
        cluster = stack.enter_context(Cluster(HONEST)) if chosen.postgresql else None
        url = cluster.url("postgres") if cluster else chosen.database or f"sqlite:///{Path(folder) / 'kpis.db'}"
        settings = Settings(database_url=url, secret_key="x" * 40, storage=folder, testing=True)
        keys = filled(create_app(settings), chosen.cases, chosen.times)
        for name, path in pages(keys).items():
            measure(settings, name, path, url)


def filled(app: Flask, cases: int, times: int) -> dict[str, int]:
    """So many cases, counted."""
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        office = an_office()
        keys = {**{name: one.id for name, one in office.areas.items()}, "team": office.units["team"].id}
        a_posting(office, "district_admin", unit="office", role="district_admin", area="88")
        db.session.commit()
        began = time.perf_counter()
        seed(cases, now=utcnow())
        print(f"{cases:,} cases seeded in {time.perf_counter() - began:.0f} s", flush=True)
        began = time.perf_counter()
        done = count(utcnow(), seconds=36_000)
        took = time.perf_counter() - began
        marks = db.session.scalar(sa.select(sa.func.count()).select_from(KpiMark))
        print(f"{done:,} cases counted in {took:.0f} s, {done / took:.0f} a second: {marks:,} marks", flush=True)
        if times > 1:
            multiply(times)
        db.session.execute(sa.text("ANALYZE"))
        db.session.commit()
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.text("VACUUM ANALYZE kpi_marks"))
                connection.execute(sa.text("VACUUM ANALYZE kpi_sums"))
        sums = db.session.scalar(sa.select(sa.func.count()).select_from(KpiSum))
        marks = db.session.scalar(sa.select(sa.func.count()).select_from(KpiMark))
        print(f"marks {marks:,}, sums {sums:,}: as of {cases * times:,} cases", flush=True)
        db.session.remove()
        db.engine.dispose()
    return keys


def multiply(times: int) -> None:
    """The marks and sums of more cases like these."""
    columns = [column for column in KpiMark.__table__.columns if column.name != "id"]
    highest = db.session.scalar(sa.select(sa.func.max(KpiMark.id)))
    for _ in range(times - 1):
        if db.engine.dialect.name == "postgresql":
            db.session.execute(sa.text("SET LOCAL statement_timeout = 0"))
        chosen = sa.select(*columns).where(KpiMark.id <= highest)
        db.session.execute(sa.insert(KpiMark).from_select([column.name for column in columns], chosen))
        db.session.commit()
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.text("SET LOCAL statement_timeout = 0"))
    db.session.execute(sa.update(KpiSum).values(n=KpiSum.n * times, total=KpiSum.total * times))
    db.session.commit()


def pages(keys: dict[str, int]) -> dict[str, str]:
    """What is asked."""
    today = local_day(utcnow())
    city, district = keys["88"], keys["8801"]
    team, on = keys["team"], f"on={today}"
    return {
        "board, city, month": f"/kpis?area={city}&span=month&{on}",
        "board, city, quarter": f"/kpis?area={city}&span=quarter&{on}",
        "board, city, year": f"/kpis?area={city}&span=year&{on}",
        "board, city, week": f"/kpis?area={city}&span=week&{on}",
        "board, district, month": f"/kpis?area={district}&span=month&{on}",
        "board, team of the district, month": f"/kpis?area={district}&unit={team}&span=month&{on}",
        "figure by area, city, month": f"/kpis/on_time?area={city}&span=month&{on}",
        "figure by unit, district, month": f"/kpis/on_time?area={district}&span=month&by=unit&{on}",
        "rows, city, year": f"/kpis/on_time/rows?area={city}&span=year&{on}",
        "rows, district, month": f"/kpis/on_time/rows?area={district}&span=month&part=miss&{on}",
        "paths, district, month": f"/kpis/paths?area={district}&span=month&{on}",
    }


def measure(settings: Settings, name: str, path: str, url: str) -> None:
    """Cold once, warm many times."""
    app = create_app(settings)
    with app.app_context():
        user = db.session.scalars(sa.select(User).where(User.username == "district_admin")).one()
        client = signed_in(app.test_client(), user, locale="zh-CN")
        client.get("/healthz")
        app.jinja_env.get_template("kpis/board.html")
        client.get("/kpis/definitions")  # the frame of every page: templates and words, which a server has read
        db.session.remove()
        db.engine.dispose()
        if url.startswith("sqlite"):
            forget(Path(url.removeprefix("sqlite:///")))
        cold = took(client, path)
        warm = [took(client, path) for _ in range(ROUNDS)]
        db.engine.dispose()
    print(f"{name:<36} cold {cold:7.1f} ms (bar {COLD})   warm {median(warm):7.1f} ms (bar {WARM})", flush=True)


def forget(path: Path) -> None:
    """Let the system drop what it keeps of a file."""
    import os

    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def took(client: FlaskClient, path: str) -> float:
    """Milliseconds until a page is there."""
    began = time.perf_counter()
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
