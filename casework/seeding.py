"""Invented cases in any number, for trials and measurements: whole event chains, clocks and texts, written in bulk.

The rows are what the services would have left behind, so that ``verify`` passes and every page works; they are
only made faster. Cases grow older from the last to the first: the newest are open, most others have ended.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas.models import Area
from casework.areas.queries import placed
from casework.audit.models import GENESIS, ChainHead, Event, EventPayload
from casework.audit.rules import commitment, entry_hash
from casework.audit.vocabulary import Fact
from casework.cases import clockwork
from casework.cases.events import CaseMoved, CaseSubmitted, ContactLogged, NoteAdded
from casework.cases.models import Assignment, Case, CaseCounter, CaseType
from casework.cases.service import ALPHABET
from casework.cases.workflow import ENDS, STATE_LABELS, State
from casework.clocks import rules as clock_rules
from casework.clocks.kinds import Clock
from casework.clocks.models import Deadline, Pause
from casework.clocks.queries import calendar_of
from casework.enterprises.models import Enterprise
from casework.kernel import search
from casework.kernel.db import db, transaction
from casework.kernel.models import SearchDoc
from casework.kernel.permissions import Role
from casework.kernel.time import local
from casework.roster.models import Posting, Unit, UnitKind

CHUNK = 1000
SPAN = timedelta(days=300)
OPEN_SHARE = 0.15
FILLERS = ("note", "note", "note", "note")
WORKED = ("accept", "dispatch", "acknowledge", "contact")
PATHS: dict[State, tuple[str, ...]] = {
    State.SUBMITTED: FILLERS,
    State.ACCEPTED: ("accept", *FILLERS[:3]),
    State.DISPATCHED: ("accept", "note", "note", "dispatch"),
    State.IN_PROGRESS: WORKED,
    State.UNDER_REVIEW: (*WORKED, "submit_result"),
    State.CLOSED: (*WORKED, "submit_result", "approve", "callback"),
    State.WITHDRAWN: ("accept", "dispatch", "acknowledge", "withdraw"),
    State.DECLINED: (*FILLERS[:3], "decline"),
}
OPEN_STATES = ((State.SUBMITTED, 15), (State.ACCEPTED, 10), (State.DISPATCHED, 8), (State.IN_PROGRESS, 55),
               (State.UNDER_REVIEW, 12))  # fmt: skip
ENDED_STATES = ((State.CLOSED, 45), (State.WITHDRAWN, 35), (State.DECLINED, 20))
REACHED = {"accept": State.ACCEPTED, "dispatch": State.DISPATCHED, "acknowledge": State.IN_PROGRESS,
           "submit_result": State.UNDER_REVIEW, "approve": State.CALLBACK, "callback": State.CLOSED,
           "withdraw": State.WITHDRAWN, "decline": State.DECLINED}  # fmt: skip

WANTS = {
    "rent": "申请减免疫情期间房租", "shipping": "货物压在仓库，申请临时发货", "pass": "员工进不了小区，申请临时出入证",
    "supplies": "口罩和消毒液不够，申请调配", "labour": "外地员工返岗受阻", "financing": "流动资金紧张，申请贷款展期",
    "tax": "申请延期缴纳税款和社保", "logistics": "物流车辆过不了检查点", "filing": "复工备案材料被退回",
    "utilities": "停产期间水电费缓缴",
}  # fmt: skip
CAUSES = ("停工已有半个月", "订单月底到期", "春节前备的货卖不出去", "房东不同意减免", "街道要求补材料", "供应商没复工",
          "员工隔离还没有期满", "门店客流只有往年一成", "上游原料断供", "账上资金只够发一个月工资")  # fmt: skip
DETAILS = ("请帮忙联系有关单位", "希望三天内给个答复", "已经打过两次电话没有结果", "可以提供合同和流水", "愿意签承诺书",
           "附近几家商户也是同样情况", "负责人随时可以到场说明", "之前报过名还没有排上")  # fmt: skip
NOTES = ("已电话核实情况，企业补充了说明", "与物业沟通，对方周五前答复", "材料收齐，等待核对", "现场走访，情况属实",
         "已转告相关科室", "企业称问题还在，继续跟进")  # fmt: skip
TRADES = ("餐饮", "服装", "五金", "电子", "印刷", "食品", "家具", "物流", "建材", "纺织")
NAMES = ("恒顺", "佳和", "永泰", "博远", "鑫源", "同乐", "华兴", "明德", "瑞丰", "东升")
PEOPLE = ("王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴")

Progress = Callable[[int], None]
Rows = dict[type[Any], list[dict[str, Any]]]
Weighted = Sequence[tuple[State, int]]


@dataclass(frozen=True, slots=True)
class Officer:
    """Who works on cases, for which unit, and the area that the posting reaches."""

    user_id: int
    name: str
    unit_id: int
    unit_name: str
    area_id: int


@dataclass(slots=True)
class World:
    """What cases hang on, read once."""

    areas: list[Area]
    district_codes: dict[int, str]
    types: list[CaseType]
    officers: dict[int, list[Officer]]
    desk: int
    regulator: int
    firms: list[tuple[int, str, Area]]
    dice: random.Random
    now: datetime


@dataclass(slots=True)
class Story:
    """One case in the making: its row, and what hangs on it."""

    row: dict[str, Any]
    type: CaseType
    officer: Officer
    at: datetime
    seq: int = 0
    prev: str = GENESIS
    state: State = State.SUBMITTED
    times: dict[str, datetime] = field(default_factory=dict)


def seed(count: int, *, now: datetime, progress: Progress | None = None) -> dict[str, int]:
    """Add that many cases to an office that has areas, types and people; how many cases and entries were added."""
    world = _world(count, now)
    entries = 0
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        with transaction():
            entries += _chunk(world, start, size, count)
        if progress:
            progress(start + size)
    with transaction():
        db.session.execute(sa.text("ANALYZE"))
    return {"cases": count, "entries": entries}


# -- the office


def _world(count: int, now: datetime) -> World:
    dice = random.Random(count)  # noqa: S311 - invented cases, no secrets
    with transaction():
        areas = list(db.session.scalars(sa.select(Area).where(Area.level == "community").order_by(Area.id)))
        districts = db.session.execute(sa.select(Area.id, Area.code).where(Area.level == "district"))
        codes = {int(row.id): str(row.code) for row in districts}
        types = list(db.session.scalars(sa.select(CaseType).where(CaseType.active).order_by(CaseType.id)))
        _hire(areas, max(3, min(60, count // 2500)), now)
        world = World(areas, codes, types, _officers(areas), _holder(Role.DESK), _holder(Role.REGULATOR), [], dice, now)
        world.firms = _found(world, max(10, min(5000, count // 20)))
        db.session.expunge_all()  # plain values from here on: every transaction would read them again
    return world


def _hire(areas: list[Area], count: int, now: datetime) -> None:
    """More officers in the teams, who cannot sign in."""
    teams = list(db.session.scalars(sa.select(Unit).where(Unit.kind == UnitKind.TEAM).order_by(Unit.id)))
    mark = secrets.token_hex(3)
    for number in range(count):
        team = teams[number % len(teams)]
        user = User(username=f"seed-{mark}-{number}", name=f"{PEOPLE[number % 10]}协办{number}", created_at=now)
        db.session.add(user)
        db.session.flush()  # the posting needs the id
        day = date(2020, 2, 1)
        db.session.add(Posting(user_id=user.id, unit_id=team.id, role=Role.OFFICER, area_id=team.area_id, from_on=day))
    db.session.flush()  # officers are read from the postings


def _officers(areas: list[Area]) -> dict[int, list[Officer]]:
    """Who may be given a case, by community: those whose posting reaches it, else anybody."""
    query = (
        sa.select(User.id, User.name, Unit.id, Unit.name, Posting.area_id)
        .join(Posting, Posting.user_id == User.id)
        .join(Unit, Unit.id == Posting.unit_id)
        .where(Posting.role == Role.OFFICER, Posting.to_on.is_(None), User.disabled_at.is_(None))
    )
    everybody = [Officer(*row) for row in db.session.execute(query)]
    return {area.id: [one for one in everybody if one.area_id in area.area_ids] or everybody for area in areas}


def _holder(role: Role) -> int:
    query = sa.select(sa.func.min(Posting.user_id)).where(Posting.role == role)
    return int(db.session.scalar(query) or 0)


def _found(world: World, count: int) -> list[tuple[int, str, Area]]:
    """Enterprises to report difficulties."""
    first = _ids(Enterprise, count)
    rows, firms = [], []
    for firm_id in range(first, first + count):
        area = world.areas[firm_id % len(world.areas)]
        name = f"{NAMES[firm_id // 10 % 10]}{TRADES[firm_id % 10]}经营部{firm_id}"
        rows.append({
            "id": firm_id, "name": name, "name_key": name, "uscc": None, "address": area.full_name, "size": "",
            "industry": "", "active": True, "created_at": world.now - SPAN, "version": 1,
            "area_id": area.id, **placed(area),
        })  # fmt: skip
        firms.append((firm_id, name, area))
    _insert(Enterprise, rows)
    return firms


# -- the cases


def _chunk(world: World, start: int, size: int, count: int) -> int:
    rows: Rows = {model: [] for model in
                  (Case, ChainHead, Event, EventPayload, Assignment, Deadline, Pause, SearchDoc)}  # fmt: skip
    case_id = _ids(Case, size)
    stories = [_story(world, case_id + offset, (start + offset + 0.5) / count) for offset in range(size)]
    _number(world, stories)
    event_id = _ids(Event, sum(1 + len(PATHS[State(story.row["state"])]) for story in stories))
    for story in stories:
        event_id = _tell(world, story, event_id, rows)
        _run_clocks(world, story, rows)
        rows[Case].append(story.row)
    _with_ids(Deadline, rows)
    for pause in rows[Pause]:
        pause["deadline_id"] = pause["deadline_id"]["id"]
    for model in (Pause, SearchDoc, Assignment):
        _with_ids(model, rows)
    for model, made in rows.items():
        _insert(model, made)
    return len(rows[Event])


def _story(world: World, case_id: int, age: float) -> Story:
    dice = world.dice
    states: Weighted = OPEN_STATES if age > 1 - OPEN_SHARE else ENDED_STATES
    state = dice.choices([one for one, _ in states], [weight for _, weight in states])[0]
    kind = dice.choice(world.types)
    firm_id, requester, area = dice.choice(world.firms)
    at = world.now - SPAN * (1 - age) - timedelta(hours=30)
    want = WANTS.get(kind.code, "反映经营困难，请求协助")
    text = (
        f"{requester}位于{area.full_name}。{dice.choice(CAUSES)}，{want}。" + "，".join(dice.sample(DETAILS, 3)) + "。"
    )
    row: dict[str, Any] = dict.fromkeys(column.key for column in Case.__table__.columns)
    row |= {
        "id": case_id, "code": "".join(dice.choices(ALPHABET, k=12)), "title": f"{requester[:6]}：{want}"[:60],
        "text": text, "type_id": kind.id, "domain": kind.domain, "reviewer": kind.reviewer, "state": state.value,
        "is_open": state not in ENDS, "urgent": dice.random() < 0.03, "joint": False, "requester": requester,
        "source": dice.choice(("phone", "walk_in", "visit")), "enterprise_id": firm_id,
        "contact_name": f"{dice.choice(PEOPLE)}经理", "contact_phone": f"138{dice.randrange(10**8):08d}",
        "place": "", "co_unit_ids": [], "handler_ids": [], "handled_by": [], "created_by_id": world.desk,
        "callback_tries": 0, "submitted_at": at, "last_at": at, "last_verb": "submit", "next_paused": False,
        "version": 1,
            "area_id": area.id, **placed(area),
    }  # fmt: skip
    return Story(row, kind, dice.choice(world.officers[area.id]), at)


def _number(world: World, stories: list[Story]) -> None:
    """Numbers without gaps: the counters of the districts stay locked until the chunk is written."""
    counters: dict[tuple[int, int], CaseCounter] = {}
    for story in stories:
        place = (story.row["district_id"], local(story.at).year)
        if place not in counters:
            found = db.session.get(CaseCounter, place, with_for_update=True, populate_existing=True)
            counters[place] = found or CaseCounter(district_id=place[0], year=place[1], last=0)
            db.session.add(counters[place])
        counters[place].last += 1
        code = world.district_codes[place[0]]
        story.row["number"] = f"{code}-{place[1]}-{counters[place].last:06d}"
    db.session.flush()  # the counters before the rows


def _tell(world: World, story: Story, event_id: int, rows: Rows) -> int:
    """The entries of the case, the last one's number in the chain's head; the next free id of an entry."""
    row = story.row
    text = f"{row['number']} {row['title']}\n{row['requester']}\n{row['text']}"
    rows[SearchDoc].append(_doc("case", row["id"], row["id"], text))
    fact: Fact = CaseSubmitted(number=row["number"], title=row["title"], source=row["source"])
    _write(story, fact, world.desk, event_id, rows)
    for name in PATHS[State(row["state"])]:
        event_id += 1
        _pass_time(world, story, name)
        fact, actor = _step(world, story, name, rows)
        _write(story, fact, actor, event_id, rows)
        if isinstance(fact, NoteAdded | ContactLogged):
            rows[SearchDoc].append(_doc("entry", event_id, row["id"], fact.text))
    rows[ChainHead].append({"chain": f"case:{row['id']}", "seq": story.seq, "hash": story.prev})
    return event_id + 1


def _pass_time(world: World, story: Story, name: str) -> None:
    story.at += timedelta(minutes=world.dice.randrange(20, 180))
    if name == "dispatch" and story.row["state"] == State.DISPATCHED:
        # Fresh, or the scheduler would acknowledge them all.
        story.at = world.now - timedelta(minutes=world.dice.randrange(1, 20))
    story.times.setdefault(name, story.at)


def _doc(kind: str, ref_id: int, case_id: int, text: str) -> dict[str, Any]:
    return {"kind": kind, "ref_id": ref_id, "part": 0, "case_id": case_id, "tokens": search.tokens(text)}


def _write(story: Story, fact: Fact, actor: int, event_id: int, rows: Rows) -> None:
    payload, salt = fact.payload(), secrets.token_hex(32)
    chain, verb, sealed = f"case:{story.row['id']}", type(fact).__name__, commitment(payload, salt)
    story.seq += 1
    digest = entry_hash(chain=chain, seq=story.seq, at=story.at, actor_id=actor, channel="cli", request_id="-",
                        verb=verb, commitment=sealed, prev=story.prev)  # fmt: skip
    rows[Event].append({
        "id": event_id, "chain": chain, "seq": story.seq, "case_id": story.row["id"], "at": story.at,
        "actor_id": actor, "channel": "cli", "request_id": "-", "verb": verb, "kind": fact.kind,
        "commitment": sealed, "prev": story.prev, "hash": digest, "alg": "sha256",
    })  # fmt: skip
    rows[EventPayload].append({"event_id": event_id, "payload": payload, "salt": salt})
    story.prev = digest


def _step(world: World, story: Story, name: str, rows: Rows) -> tuple[Fact, int]:
    """What a step leaves on the row, and its fact with who did it."""
    row, officer = story.row, story.officer
    if name in ("note", "contact"):
        text = world.dice.choice(NOTES)
        if name == "note":
            return NoteAdded(text=text), officer.user_id
        row |= {"contacted_at": story.at, "last_verb": name, "last_at": story.at}
        return ContactLogged(way="call", person=row["contact_name"], text=text, first=True), officer.user_id
    source, story.state = story.state, REACHED[name]
    row |= {"last_verb": name, "last_at": story.at}
    answer, actor = _effect(world, story, name, rows)
    return CaseMoved(action=name, source=source, target=story.state, answer=answer), actor


def _effect(world: World, story: Story, name: str, rows: Rows) -> tuple[dict[str, Any], int]:
    row, officer = story.row, story.officer
    if name == "dispatch":
        _hand_over(story, rows)
        said = {"unit": officer.unit_id, "officer": officer.user_id, "unit_name": officer.unit_name,
                "officer_name": officer.name}  # fmt: skip
        return said, world.desk
    if name == "acknowledge":
        rows[Assignment][-1]["accepted_at"] = story.at
        return {}, officer.user_id
    if name == "submit_result":
        said = {"outcome": "solved", "text": "已与相关单位协调一致，问题解决"}
        row |= {"result": {**said, "at": story.at.isoformat()}, "result_by_id": officer.user_id}
        return said, officer.user_id
    if name == "approve":
        return {"note": "同意"}, world.regulator
    if name == "callback":
        row |= {"outcome": "solved", "closed_at": story.at, "callback_tries": 1, "rating": 5}
        return {"result": "reached", "contacted": "yes", "solved": "yes", "satisfied": "5", "try": 1}, world.desk
    if name in ("decline", "withdraw"):
        return {"reason": "企业表示不再需要办理"}, world.desk
    return {}, world.desk


def _hand_over(story: Story, rows: Rows) -> None:
    officer = story.officer
    story.row |= {"unit_id": officer.unit_id, "lead_id": officer.user_id, "held_since": story.at,
                  "handler_ids": [officer.user_id], "handled_by": [officer.user_id]}  # fmt: skip
    rows[Assignment].append({
        "case_id": story.row["id"], "user_id": officer.user_id, "unit_id": officer.unit_id, "part": "lead",
        "from_at": story.at, "accepted_at": None, "to_at": None, "ended_by": "", "version": 1,
    })  # fmt: skip


def _run_clocks(world: World, story: Story, rows: Rows) -> None:
    """The deadlines that the steps started and stopped, and on the row the one that is due first."""
    times, row = story.times, story.row
    begun = row["submitted_at"]
    ended = story.at if State(row["state"]) in (State.WITHDRAWN, State.DECLINED) else None
    review = times.get("submit_result")
    made = [
        _deadline(story, Clock.FIRST_CONTACT, begun, times.get("contact"), ended),
        _deadline(story, Clock.RESOLVE, begun, times.get("approve"), ended, held=review),
    ]
    for clock, start, stop in ((Clock.ACKNOWLEDGE, "dispatch", "acknowledge"),
                               (Clock.REVIEW, "submit_result", "approve"),
                               (Clock.CALLBACK, "approve", "callback")):  # fmt: skip
        if start in times:
            made.append(_deadline(story, clock, times[start], times.get(stop), ended))
    rows[Deadline] += made
    if review:
        # The deadline has no id yet: it stands in for it.
        reason = STATE_LABELS[State.UNDER_REVIEW]
        rows[Pause].append({"deadline_id": made[1], "from_at": review, "to_at": times.get("approve"), "reason": reason})
    running = [one for one in made if one["done_at"] is None and one["due_at"] is not None]
    if running:
        due = min(running, key=lambda one: one["due_at"])
        row |= {"next_clock": due["clock"], "next_due_at": due["due_at"], "next_limit": due["limit_minutes"],
                "next_calendar": due["calendar"]}  # fmt: skip


def _deadline(
    story: Story,
    clock: Clock,
    start: datetime,
    stop: datetime | None,
    ended: datetime | None,
    held: datetime | None = None,
) -> dict[str, Any]:
    minutes, calendar = clockwork.limit_of(story.type.limits, clock, urgent=story.row["urgent"])
    pauses = [(held, stop)] if held else []
    due = clock_rules.due_at(start, minutes, 0, pauses, calendar_of(calendar))
    return {
        "case_id": story.row["id"], "clock": clock.value, "calendar": calendar.value, "started_at": start,
        "limit_minutes": minutes, "extension_minutes": 0, "due_at": due, "done_at": stop or ended,
        "met": stop <= due if stop and due else None, "cancelled": bool(ended and not stop),
    }  # fmt: skip


# -- in bulk


def _ids(model: type[Any], count: int) -> int:
    """The first of so many ids that are ours alone. On SQLite the open transaction keeps others out."""
    table = model.__table__
    if db.engine.dialect.name == "sqlite":
        return int(db.session.scalar(sa.select(sa.func.max(table.c.id))) or 0) + 1
    sequence = f"{table.name}_id_seq"
    first = int(db.session.scalar(sa.text(f"SELECT nextval('{sequence}')")) or 0)
    db.session.execute(sa.text(f"SELECT setval('{sequence}', :last)"), {"last": first + count - 1})
    return first


def _with_ids(model: type[Any], rows: Rows) -> None:
    if not rows[model]:
        return
    first = _ids(model, len(rows[model]))
    for number, row in enumerate(rows[model], first):
        row["id"] = number


def _insert(model: type[Any], rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    if db.engine.dialect.name == "sqlite":
        db.session.execute(sa.insert(model.__table__), rows)
        return
    from psycopg.types.json import Jsonb

    names = list(rows[0])
    driver: Any = db.session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {model.__tablename__} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([Jsonb(value) if isinstance(value, dict | list) else value for value in map(row.get, names)])
