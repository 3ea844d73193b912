"""What search costs: `python -m benchmarks.search [--database sqlite|postgresql|both] [--cases N] [--texts N] [--plans]`.

Invented texts are written straight into the tables; on SQLite the database stays in ``var/search/`` for the next time.
Truth is a scan of every text in memory. Measured on both databases, their answers are compared as well.
The readers reach everything, one district of ten, one authority, a large team and a small one. The words are common
and rare ones of two and more characters, a single character, two words together, and one that half of all texts hold,
but none of the reader's.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask_migrate import upgrade
from sqlalchemy import event

from benchmarks import processes
from benchmarks.__main__ import HONEST
from benchmarks.search_world import TOGETHER, World, written
from casework import create_app
from casework.config import ROOT, Settings
from casework.kernel.db import db
from casework.kernel.finding import newest
from casework.kernel.permissions import Actor, Duty, Role
from casework.kernel.time import local_day, utcnow
from casework.kernel.words import phrases
from casework.search import queries, texts
from casework.search.groups import Group
from casework.search.rules import read
from tests.harness.postgres import Cluster

MIXED = ("南贤 0031", "nanxian 5678", "nx 5678", "老盐张 面馆 0420", "光明 1234")
Answers = dict[str, Any]


def main() -> None:
    """Write the texts, then measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--texts", type=int, default=5, help="entries a case")
    parser.add_argument("--database", default="both", choices=["sqlite", "postgresql", "both"])
    parser.add_argument("--plans", action="store_true", help="print how each statement is answered")
    given = parser.parse_args()
    answers = {
        kind: on(kind, given.cases, given.texts, plans=given.plans)
        for kind in (("sqlite", "postgresql") if given.database == "both" else (given.database,))
    }
    if len(answers) > 1:
        one, other = answers.values()
        differ = [name for name in one if one[name] != other[name]]
        print(f"both databases: {len(one) - len(differ):,} of {len(one):,} answers are the same", *differ[:5], sep="\n")


def on(kind: str, cases: int, each: int, *, plans: bool) -> Answers:
    """Measure one database; returns what was found, to be compared."""
    with tempfile.TemporaryDirectory() as folder, database(kind, folder, f"{cases}x{each}") as (url, postmaster):
        app = create_app(Settings(database_url=url, secret_key="x" * 40, storage=folder, testing=True))
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            began = time.perf_counter()
            world = written(cases, each)
            print(
                f"{kind}: {cases:,} cases, {len(world.said):,} texts in {time.perf_counter() - began:.0f} s", flush=True
            )
            found = Bench(world, postmaster, plans=plans).measure()
            db.session.remove()
            db.engine.dispose()
            return found


@contextmanager
def database(kind: str, folder: str, size: str) -> Iterator[tuple[str, int]]:
    """The address of a database, and the process that serves it, if it is another than this."""
    if kind == "sqlite":
        head = max(path.name[:4] for path in (ROOT / "migrations" / "versions").glob("0*.py"))
        kept = ROOT / "var" / "search" / f"{head}-{size}.db"
        kept.parent.mkdir(parents=True, exist_ok=True)
        yield f"sqlite:///{kept}", 0
        return
    cluster = Cluster(HONEST)
    try:
        from tests.harness.databases import PostgresDatabases

        yield PostgresDatabases(cluster.socket, lambda _url: None).empty(), cluster.pid
    finally:
        cluster.stop()


def readers(world: World) -> dict[str, Actor]:
    """Who searches; nobody of them exists, and nobody is asked."""

    def one(role: Role, unit: int, area: int, level: str, domains: frozenset[str] = frozenset()) -> Actor:
        return Actor(1, role.value, (Duty(role, world.units[unit], "", area, level, domains),))

    district = world.districts[0]
    return {
        "everything (city)": one(Role.DESK, 0, world.city, "city"),
        "a district": one(Role.DISTRICT_ADMIN, 0, district, "district"),
        "an authority": one(Role.REGULATOR, 0, district, "district", frozenset({"housing"})),
        "a large team": one(Role.LEAD, 0, district, "district"),
        "a small team": one(Role.LEAD, 12, district, "district"),
    }


class Bench:
    """A filled database, and what was found in it."""

    def __init__(self, world: World, postmaster: int, *, plans: bool) -> None:
        self.world = world
        self.postmaster = postmaster
        self.plans = plans
        self.found: Answers = {}

    def measure(self) -> Answers:
        """Print what each kind of question costs each reader."""
        dice = random.Random(3)
        some = [said for said, *_ in dice.sample(self.world.said, 40)]
        two = [text[at : at + 2] for text in some for at in [dice.randrange(0, 10)] if "，" not in text[at : at + 2]]
        three = [text[at : at + 3] for text in some for at in [dice.randrange(0, 9)] if "，" not in text[at : at + 3]]
        held = [sum(word in said for said, *_ in self.world.said) for word in two]
        print(
            f"two-character words stand in {min(held):,} to {max(held):,} texts, median {statistics.median(held):,.0f}"
        )
        kinds = {
            "two characters": two,
            "three characters": three,
            "one character": [word[0] for word in two[:20]],
            "two words": [f"{one} {other}" for one, other in zip(two[:20], two[20:40], strict=False)],
            "common elsewhere": [TOGETHER] * 10,
        }
        recall(self.world, [*two, *three])
        for name, actor in readers(self.world).items():
            for kind, words in kinds.items():
                if kind != "common elsewhere" or "city" not in name:
                    works = {word: _newest(actor, word, 20) for word in words}
                    self.run(f"{name}: {kind}, newest 20", works, plans=self.plans)
            self.run(f"{name}: two characters, counted to 100", {word: _newest(actor, word, 100) for word in two})
            self.run(f"{name}: two characters, best first", {word: _best(actor, word) for word in two})
            mixed = {word: _everything(actor, word) for word in MIXED}
            self.run(f"{name}: name and phone, whole page", mixed)
            self.run(f"{name}: name and phone, suggestions", {word: _suggest(actor, word) for word in MIXED})
            self.run(f"{name}: suggestions", {word: _suggest(actor, word) for word in two})
        return self.found

    def run(self, name: str, works: dict[str, Callable[[], Any]], *, plans: bool = False) -> None:
        """Print the median, the 95th of a hundred and the worst, and the CPU of one: here and at the database.

        Each work runs once to warm and once to count. On a busy machine the CPU says more than the clock.
        """
        took: list[float] = []
        with explained(plans):
            next(iter(works.values()))()
        here, there = 0.0, 0.0
        for word, work in works.items():
            db.session.rollback()
            work()
            start, cpu, served = time.perf_counter(), time.process_time(), self._served()
            found = work()
            took.append((time.perf_counter() - start) * 1000)
            here += time.process_time() - cpu
            there += self._served() - served
            self.found[f"{name}: {word}"] = found
        took.sort()
        print(
            f"{name:<55}{took[len(took) // 2]:8.1f} ms, p95 {took[int(len(took) * 0.95)]:8.1f}, worst {took[-1]:8.1f};"
            f" CPU {here * 1000 / len(works):6.1f}"
            + (f" + {there / len(works):6.1f} ms" if self.postmaster else " ms"),
            flush=True,
        )

    def _served(self) -> float:
        """Milliseconds of CPU that the database's processes have taken."""
        return processes.spent(processes.children(self.postmaster)) if self.postmaster else 0.0


def _newest(actor: Actor, word: str, most: int, kind: str = "entry") -> Callable[[], Any]:
    return lambda: [row.id for row in newest(texts.Reader(actor).sought(phrases(word), kind), most=most)]


def _best(actor: Actor, word: str) -> Callable[[], Any]:
    def work() -> Any:
        words = phrases(word)
        sought = texts.Reader(actor).sought(words, "entry")
        return [row.id for row in texts.best_of(newest(sought, most=texts.RANKED, with_tokens=True), words)]

    return work


def _everything(actor: Actor, word: str) -> Callable[[], Any]:
    return lambda: _shown(queries.everything(actor, read(word), local_day(utcnow())))


def _shown(groups: list[Group]) -> Any:
    return [(group.kind, group.count, [line.href for line in group.lines]) for group in groups]


def _suggest(actor: Actor, word: str) -> Callable[[], Any]:
    return lambda: _shown(queries.suggestions(actor, read(word), local_day(utcnow())))


def recall(world: World, words: list[str]) -> None:
    """Whether each text that holds a word is found, and no other: against a scan."""
    actor, right, wanted, wrong = readers(world)["everything (city)"], 0, 0, 0
    base = world.first
    for word in words[:40]:
        truth = {base + number for number, (said, *_) in enumerate(world.said, 1) if word in said}
        rows = [
            row.id
            for kind in ("case", "entry")
            for row in newest(texts.Reader(actor).sought(phrases(word), kind), most=10**9)
        ]
        right, wanted, wrong = right + len(truth & set(rows)), wanted + len(truth), wrong + len(set(rows) - truth)
    print(f"recall {right / wanted:.4f} of {wanted:,} texts, {wrong} wrong")


@contextmanager
def explained(wanted: bool) -> Iterator[None]:
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if wanted and "search_docs" in statement and not statement.startswith("EXPLAIN"):
            sent.append((statement, values))

    event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(sa.Engine, "before_cursor_execute", note)
    for statement, values in sent:
        how = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN ANALYZE "
        for row in db.session.connection().exec_driver_sql(how + statement, values):
            print("   ", row[-1])
        print()


if __name__ == "__main__":
    main()
