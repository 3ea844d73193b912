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
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import sqlalchemy as sa
from flask_migrate import upgrade
from sqlalchemy import event

from benchmarks import processes
from benchmarks.__main__ import HONEST, tidy
from casework import create_app
from casework.areas.models import Area
from casework.areas.service import add_area
from casework.cases.models import Case
from casework.config import ROOT, Settings
from casework.kernel.db import db
from casework.kernel.finding import newest
from casework.kernel.models import SearchDoc
from casework.kernel.permissions import Actor, Duty, Role
from casework.kernel.time import local_day, utcnow
from casework.kernel.words import marked, phrases, tokens
from casework.roster.models import Unit
from casework.search import queries, texts
from casework.search.rules import read
from casework.seeding.bulk import insert
from tests.factories import a_case, an_office
from tests.harness.postgres import Cluster

SIGNS = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严"
Answers = dict[str, Any]
TOGETHER = "外区"  # stands in half of the texts of all districts but the reader's


@dataclass
class World:
    """What was written: the texts in the order of their ids, with district and unit of their case."""

    districts: list[int] = field(default_factory=list)
    units: list[int] = field(default_factory=list)
    city: int = 0
    first: int = 0
    said: list[tuple[str, int, int]] = field(default_factory=list)


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


def written(count: int, each: int) -> World:
    """The texts, in the database too where they are not there yet."""
    there = db.session.scalar(sa.select(sa.func.max(SearchDoc.id))) is not None
    world = World()
    if there:
        named = sa.select(Area.id).where(Area.code.startswith("89"), Area.level == "district").order_by(Area.code)
        world.districts = list(db.session.scalars(named))
        world.units = list(db.session.scalars(sa.select(Unit.id).where(Unit.code.startswith("b")).order_by(Unit.id)))
        world.city = int(db.session.scalar(sa.select(Area.id).where(Area.code == "88")) or 0)
        world.first = int(db.session.scalar(sa.select(sa.func.max(SearchDoc.id))) or 0) - count * (1 + each)
        for _ in invented(world, count, each, 0):
            pass
        return world
    office = an_office()
    model = {column.key: value for column, value in _columns(a_case(office)).items()}
    lay_out(world, office.areas["88"])
    world.first = int(db.session.scalar(sa.select(sa.func.max(SearchDoc.id))) or 0)
    with indexed_afterwards():
        for rows in invented(world, count, each, int(model["id"])):
            insert(Case, [model | case for case in rows["cases"]])
            insert(SearchDoc, rows["docs"])
    tidy(str(db.engine.url))
    return world


def lay_out(world: World, city: Area) -> None:
    """Ten districts of twenty teams."""
    world.city = city.id
    for number in range(10):
        area = add_area(code=f"89{number:02d}", name=f"第{number}区", level="district", parent=city)
        for team in range(20):
            unit = Unit(code=f"b{number}-{team}", name=f"{number}区{team}组", kind="team", area_id=area.id, domains=[])
            db.session.add(unit)
            db.session.flush()
            world.units.append(unit.id)
        world.districts.append(area.id)
    db.session.commit()


def invented(world: World, count: int, each: int, last_case: int) -> Iterator[dict[str, list[Any]]]:
    """Cases with their texts, two thousand at a time; the same ones each time."""
    dice = random.Random(7)
    words = ["".join(dice.choices(SIGNS, k=dice.choice((2, 2, 2, 3, 4)))) for _ in range(4000)]
    weights = list(accumulate(1 / (rank + 20) for rank in range(len(words))))
    doc_id = world.first
    for start in range(0, count, 2000):
        cases, docs = [], []
        for case_id in range(last_case + 1 + start, last_case + 1 + min(start + 2000, count)):
            place = dice.randrange(10)
            # Of twenty teams the first has a quarter of its district, the last one very little.
            unit = place * 20 + min(int(dice.expovariate(0.3)), 19)
            cases.append({
                "id": case_id, "number": f"89-{case_id}", "code": f"C{case_id:011d}", "district_id": world.districts[place],
                "city_id": world.city, "area_id": world.districts[place], "subdistrict_id": None, "community_id": None,
                "unit_id": world.units[unit], "domain": dice.choice(("housing", "transport", "general")),
            })  # fmt: skip
            for part in range(1 + each):
                said = "，".join("".join(dice.choices(words, cum_weights=weights, k=8)) for _ in range(6))
                if place and dice.random() < 0.5:
                    said += TOGETHER
                doc_id += 1
                kind = "entry" if part else "case"
                world.said.append((said, place, unit))
                if last_case:
                    docs.append({"id": doc_id, "kind": kind, "ref_id": doc_id if part else case_id, "part": 0,
                                 "case_id": case_id, "tokens": marked(kind, tokens(said), world.districts[place])})  # fmt: skip
        yield {"cases": cases, "docs": docs}


@contextmanager
def indexed_afterwards() -> Iterator[None]:
    """One transaction; PostgreSQL makes its index when all is there, which takes a fraction of the time."""
    if db.engine.dialect.name == "sqlite":
        yield
        db.session.commit()
        db.session.execute(sa.text("ANALYZE"))
        db.session.commit()
        return
    for setting in ("statement_timeout = 0", "maintenance_work_mem = '512MB'", "lock_timeout = 0"):
        db.session.execute(sa.text(f"SET LOCAL {setting}"))
    made = db.session.scalar(sa.text("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_search_docs_vector'"))
    db.session.execute(sa.text("DROP INDEX ix_search_docs_vector"))
    yield
    db.session.execute(sa.text(str(made)))
    db.session.commit()


def _columns(case: Case) -> dict[Any, Any]:
    return {column: getattr(case, column.key) for column in Case.__table__.columns}


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
        some = [said for said, *_ in dice.sample(self.world.said, 60)]
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


def _suggest(actor: Actor, word: str) -> Callable[[], Any]:
    return lambda: [
        (group.kind, group.count, [line.href for line in group.lines])
        for group in queries.suggestions(actor, read(word), local_day(utcnow()))
    ]


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
