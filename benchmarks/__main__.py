"""``make bench``: seed, serve, measure.

For each size a fresh database with that many cases, the real server with two workers, and one person at the
desk on 1 and on 8 connections. CPU is that of the web workers and the database's processes, from /proc.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks import processes
from benchmarks.client import Answer, Insider, Person
from benchmarks.tasks import Office, Task
from casework import create_app
from casework.config import Settings
from casework.kernel.db import db, engine_options
from tests.harness.postgres import Cluster
from tests.harness.server import DEMO_PASSWORD, LiveServer
from tests.harness.statements import counted

HONEST = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "autovacuum": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
}
WARM_UP = 20


@dataclass(frozen=True)
class Measured:
    """One line of the table. Times in milliseconds, CPU a request."""

    task: str
    connections: int
    rate: float
    p50: float
    p95: float
    web: float
    database: float
    size: int
    queries: int

    @property
    def cpu(self) -> float:
        return self.web + self.database


class Bench:
    """A running product on a seeded database."""

    def __init__(self, server: LiveServer, cluster: Cluster | None, url: str) -> None:
        self._server = server
        self._cluster = cluster
        self.url = url
        self._engine = sa.create_engine(url, **engine_options(url))
        self.app = create_app(
            Settings(
                database_url=url,
                secret_key=server.environment["CASEWORK_SECRET_KEY"],
                storage=server.environment["CASEWORK_STORAGE"],
            )
        )
        self.office = Office(self._engine)
        self.username = "desk"

    def run(self, name: str, task: Task, connections: int, requests: int) -> Measured:
        """Do a task so many times over so many connections."""
        people = [self._person() for _ in range(connections)]
        for number in range(WARM_UP if name != "take an action" else connections):
            task(people[number % connections])
        web, database = self._spent()
        began = time.perf_counter()
        answers = _together(people, task, requests // connections)
        wall = time.perf_counter() - began
        web_after, database_after = self._spent()
        times = sorted(answer.seconds * 1000 for answer in answers)
        count = len(answers)
        return Measured(
            name, connections, count / wall, statistics.median(times), times[int(count * 0.95)],
            (web_after - web) / count, (database_after - database) / count, len(answers[0].body),
            self._queries(task),
        )  # fmt: skip

    def _person(self) -> Person:
        person = Person(self._server.port)
        person.sign_in(self.username, DEMO_PASSWORD)
        return person

    def _spent(self) -> tuple[float, float]:
        """CPU of the web processes, the scheduler apart, and of the database's."""
        ours = processes.children(self._server.pid)
        web = [pid for pid in ours if " serve" in processes.command(pid)]
        if self._cluster is None:
            return processes.spent(web), 0.0
        postmaster = self._cluster.pid
        backends = processes.spent(processes.children(postmaster))
        return processes.spent(web), backends + processes.spent([postmaster], ended_too=True)

    def _queries(self, task: Task) -> int:
        """How many statements one request sends: the same app, asked in this process."""
        with self.app.app_context():
            person = Insider(self.app)
            person.sign_in(self.username, DEMO_PASSWORD)
            task(person)  # what is kept between requests is there from the second one on
            with counted() as sent:
                task(person)
            db.session.remove()
        return sent.total

    def close(self) -> None:
        self._engine.dispose()
        with self.app.app_context():
            db.engine.dispose()


def _together(people: list[Person], task: Task, each: int) -> list[Answer]:
    answers: list[Answer] = []
    faults: list[BaseException] = []

    def work(person: Person) -> None:
        try:
            answers.extend(task(person) for _ in range(each))
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return answers


@contextlib.contextmanager
def seeded(kind: str, cases: int) -> Iterator[Bench]:
    """The product on a database of its own with so many cases."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="casework-bench-")))
        cluster = stack.enter_context(Cluster(HONEST)) if kind == "postgresql" else None
        url = cluster.url("postgres") if cluster else f"sqlite:///{folder / 'casework.db'}"
        # The first start migrates and builds the demo; seeding goes on beside it.
        server = LiveServer(folder, environment={"CASEWORK_DATABASE_URL": url, "CASEWORK_WORKERS": "2"})
        stack.callback(server.stop)
        began = time.perf_counter()
        server.run("seed", "--cases", str(cases), "--json")
        print(f"{kind}: {cases:,} cases seeded in {time.perf_counter() - began:.0f} s", flush=True)
        tidy(url)
        bench = Bench(server, cluster, url)
        stack.callback(bench.close)
        yield bench


def tidy(url: str) -> None:
    """What autovacuum would have done in the time that such a database takes to grow."""
    if url.startswith("sqlite"):
        return
    engine = sa.create_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
    engine.dispose()


def measure(kind: str, cases: int, requests: int) -> list[Measured]:
    """Every task on 1 and on 8 connections."""
    lines = []
    with seeded(kind, cases) as bench:
        actions = max(16, min(requests, (bench.office.fresh_count - 30) // 2 // 8 * 8))
        for name, task in bench.office.tasks().items():
            for connections in (1, 8):
                count = actions if name == "take an action" else requests
                lines.append(bench.run(name, task, connections, count))
                print(row(lines[-1]), flush=True)
    return lines


HEAD = (
    f"{'task':28} {'conn':>4} {'req/s':>7} {'p50 ms':>7} {'p95 ms':>7} {'CPU ms':>7} {'web':>6} {'db':>6}"
    f" {'bytes':>7} {'queries':>7}"
)


def row(line: Measured) -> str:
    """One line of the table; a Chinese character is two columns wide."""
    wide = sum(character > "\u2e80" for character in line.task)
    return (
        f"{line.task:{28 - wide}} {line.connections:4} {line.rate:7.1f} {line.p50:7.1f} {line.p95:7.1f}"
        f" {line.cpu:7.1f} {line.web:6.1f} {line.database:6.1f} {line.size:7} {line.queries:7}"
    )


def main() -> None:
    """Parse, measure each size, print the ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"),
                        default=os.environ.get("BENCH_DATABASE", "postgresql"))  # fmt: skip
    parser.add_argument("--cases", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--requests", type=int, default=400, help="for each line of the table")
    given = parser.parse_args()
    found: dict[int, list[Measured]] = {}
    for cases in given.cases:
        print(HEAD)
        found[cases] = measure(given.database, cases, given.requests)
    small, large = min(found), max(found)
    if small != large:
        print(f"\nCPU a request, {small:,} to {large:,} cases:")
        for one, other in zip(found[small], found[large], strict=True):
            ratio = other.cpu / one.cpu if one.cpu else 0
            print(f"{one.task:28} {one.connections:4} {one.cpu:6.1f} → {other.cpu:6.1f} ms  × {ratio:.2f}")


if __name__ == "__main__":
    sys.exit(main())
