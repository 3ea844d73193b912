"""What search costs: `python -m benchmarks.search [--cases N] [--texts N] [--database sqlite|postgresql] [--plans]`.

Invented texts are written straight into the tables, on a fresh database. Truth is a scan of every text in memory.
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
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_migrate import upgrade
from sqlalchemy import event

from casework import create_app
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
TOGETHER = "外区"  # stands in half of the texts of all districts but the reader's


@dataclass
class World:
    """What was written: the texts in the order of their ids, with district and unit of their case."""

    districts: list[int] = field(default_factory=list)
    units: list[int] = field(default_factory=list)
    city: int = 0
    said: list[tuple[str, int, int]] = field(default_factory=list)


def main() -> None:
    """Write the texts, then measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--texts", type=int, default=5, help="entries a case")
    parser.add_argument("--database", default="sqlite", choices=["sqlite", "postgresql"])
    parser.add_argument("--plans", action="store_true", help="print how each statement is answered")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, database(given.database, folder) as url:
        app = create_app(Settings(database_url=url, secret_key="x" * 40, storage=folder, testing=True))
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            began = time.perf_counter()
            world = write(given.cases, given.texts)
            print(f"{given.cases:,} cases, {len(world.said):,} texts written in {time.perf_counter() - began:.0f} s")
            measure(world, plans=given.plans)
            db.session.remove()
            db.engine.dispose()


@contextmanager
def database(kind: str, folder: str) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{Path(folder) / 'search.db'}"
        return
    cluster = Cluster()
    try:
        from tests.harness.databases import PostgresDatabases

        yield PostgresDatabases(cluster.socket, lambda _url: None).empty()
    finally:
        cluster.stop()


def write(count: int, each: int) -> World:
    office, dice, world = an_office(), random.Random(7), World()
    model = {column.key: value for column, value in _columns(a_case(office)).items()}
    city = office.areas["88"]
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
    words = ["".join(dice.choices(SIGNS, k=dice.choice((2, 2, 2, 3, 4)))) for _ in range(4000)]
    weights = [1 / (rank + 20) for rank in range(len(words))]
    doc_id = int(db.session.scalar(sa.select(sa.func.max(SearchDoc.id))) or 0)
    first = int(model["id"]) + 1
    for start in range(0, count, 2000):
        cases, docs = [], []
        for number in range(start, min(start + 2000, count)):
            case_id, place = first + number, dice.randrange(10)
            # Of twenty teams the first has a quarter of its district, the last one very little.
            unit = place * 20 + min(int(dice.expovariate(0.3)), 19)
            cases.append(model | {
                "id": case_id, "number": f"89-{case_id}", "code": f"C{case_id:011d}", "district_id": world.districts[place],
                "city_id": world.city, "area_id": world.districts[place], "subdistrict_id": None, "community_id": None,
                "unit_id": world.units[unit], "domain": dice.choice(("housing", "transport", "general")),
            })  # fmt: skip
            for part in range(1 + each):
                said = "，".join("".join(dice.choices(words, weights, k=8)) for _ in range(6))
                if place and dice.random() < 0.5:
                    said += TOGETHER
                doc_id += 1
                kind = "entry" if part else "case"
                world.said.append((said, place, unit))
                docs.append({"id": doc_id, "kind": kind, "ref_id": doc_id if part else case_id, "part": 0,
                             "case_id": case_id, "tokens": marked(kind, tokens(said), world.districts[place])})  # fmt: skip
        if db.engine.dialect.name == "postgresql":
            db.session.execute(sa.text("SET LOCAL statement_timeout = 0"))
        insert(Case, cases)
        insert(SearchDoc, docs)
        db.session.commit()
    db.session.execute(sa.text("ANALYZE"))
    db.session.commit()
    return world


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


def measure(world: World, *, plans: bool) -> None:
    dice = random.Random(3)
    found = [said for said, *_ in dice.sample(world.said, 60)]
    two = [text[at : at + 2] for text in found for at in [dice.randrange(0, 10)] if "，" not in text[at : at + 2]]
    three = [text[at : at + 3] for text in found for at in [dice.randrange(0, 9)] if "，" not in text[at : at + 3]]
    held = [sum(word in said for said, *_ in world.said) for word in two]
    print(f"two-character words stand in {min(held):,} to {max(held):,} texts, median {statistics.median(held):,.0f}")
    kinds = {
        "two characters": two,
        "three characters": three,
        "one character": [word[0] for word in two[:20]],
        "two words": [f"{one} {other}" for one, other in zip(two[:20], two[20:40], strict=False)],
        "common elsewhere": [TOGETHER] * 10,
    }
    recall(world, [*two, *three])
    for name, actor in readers(world).items():
        for kind, words in kinds.items():
            if kind == "common elsewhere" and "city" in name:
                continue
            run(f"{name}: {kind}, newest 20", [_newest(actor, word, 20) for word in words], plans=plans)
        run(f"{name}: two characters, counted to 100", [_newest(actor, word, 100) for word in two])
        run(f"{name}: two characters, best first", [_best(actor, word) for word in two])
        run(f"{name}: suggestions", [_suggest(actor, word) for word in two])


def _newest(actor: Actor, word: str, most: int, kind: str = "entry") -> Callable[[], object]:
    return lambda: newest(texts.Reader(actor).sought(phrases(word), kind), most=most)


def _best(actor: Actor, word: str) -> Callable[[], object]:
    def work() -> object:
        words = phrases(word)
        sought = texts.Reader(actor).sought(words, "entry")
        return texts.best_of(newest(sought, most=texts.RANKED, with_tokens=True), words)

    return work


def _suggest(actor: Actor, word: str) -> Callable[[], object]:
    return lambda: queries.suggestions(actor, read(word), local_day(utcnow()))


def run(name: str, works: list[Callable[[], object]], *, plans: bool = False) -> None:
    """Print the median, the 95th of a hundred and the worst, and the median of the CPU that this process took.

    Each work runs once to warm and once to count. On a busy machine the CPU says more than the clock.
    """
    took, spent = [], []
    with explained(plans):
        works[0]()
    for work in works:
        db.session.rollback()
        work()
        start, cpu = time.perf_counter(), time.process_time()
        work()
        took.append((time.perf_counter() - start) * 1000)
        spent.append((time.process_time() - cpu) * 1000)
    took.sort()
    spent.sort()
    print(
        f"{name:<55}{took[len(took) // 2]:8.1f} ms, p95 {took[int(len(took) * 0.95)]:8.1f}, worst {took[-1]:8.1f}; CPU {spent[len(spent) // 2]:6.1f} ms",
        flush=True,
    )


def recall(world: World, words: list[str]) -> None:
    """Whether each text that holds a word is found, and no other: against a scan."""
    actor, right, wanted, wrong = readers(world)["everything (city)"], 0, 0, 0
    base = int(db.session.scalar(sa.select(sa.func.max(SearchDoc.id))) or 0) - len(world.said)
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
