"""The texts that `benchmarks.search` looks through: invented, the same ones each time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from benchmarks.__main__ import tidy
from casework.areas.models import Area
from casework.areas.service import add_area
from casework.cases.models import Case
from casework.enterprises.models import Contact, Enterprise
from casework.enterprises.rules import found_by
from casework.kernel.db import db
from casework.kernel.models import SearchDoc
from casework.kernel.words import marked, tokens
from casework.roster.models import Unit
from casework.seeding.bulk import insert
from tests.factories import a_case, a_firm, an_office

SIGNS = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严"
FIRMS = 20_000
BRANDS = ("南贤", "光明", "老盐张", "江城万记", "曾氏", "阿芝")
TRADES = ("面馆", "商行", "餐饮有限公司", "药房", "五金行")
TOGETHER = "外区"  # stands in half of the texts of all districts but the reader's


@dataclass
class World:
    """What was written: the texts in the order of their ids, with district and unit of their case."""

    districts: list[int] = field(default_factory=list)
    units: list[int] = field(default_factory=list)
    city: int = 0
    first: int = 0
    said: list[tuple[str, int, int]] = field(default_factory=list)


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
    model, firm = _columns(a_case(office)), _columns(a_firm(office))
    lay_out(world, office.areas["88"])
    with indexed_afterwards():
        firms(world, firm, int(db.session.scalar(sa.select(sa.func.max(SearchDoc.id))) or 0))
        world.first = int(db.session.scalar(sa.select(sa.func.max(SearchDoc.id))) or 0)
        for rows in invented(world, count, each, int(model["id"])):
            for number, case in enumerate(rows["cases"]):
                case["enterprise_id"] = int(firm["id"]) + 1 + (case["id"] * 7 + number) % FIRMS
                case["phone_tail"] = f"{case['id'] * 31 % 10_000:04d}"
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


def firms(world: World, model: dict[str, Any], last_doc: int) -> None:
    """Twenty thousand firms, each with somebody to call."""
    dice = random.Random(5)
    rows, contacts, docs = [], [], []
    for number in range(1, FIRMS + 1):
        key, place = int(model["id"]) + number, world.districts[number % 10]
        name = f"{dice.choice(BRANDS)}{''.join(dice.choices(SIGNS, k=2))}{dice.choice(TRADES)}{number}"
        rows.append(model | found_by(name) | {
            "id": key, "name": name, "name_key": name, "uscc": None, "district_id": place, "city_id": world.city,
            "area_id": place, "subdistrict_id": None, "community_id": None,
        })  # fmt: skip
        phone = f"139{dice.randrange(10**8):08d}"
        contacts.append({"id": key, "enterprise_id": key, "name": "店长", "phone": phone, "phone_tail": phone[-4:],
                         "version": 1, "duty": ""})  # fmt: skip
        docs.append({"id": last_doc + number, "kind": "firm", "ref_id": key, "part": 0, "case_id": None,
                     "tokens": marked("firm", tokens(name), place)})  # fmt: skip
    insert(Enterprise, rows)
    insert(Contact, contacts)
    insert(SearchDoc, docs)


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


def _columns(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}
