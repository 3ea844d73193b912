"""One case in the making: its row, its number, and the entries of its chain."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from casework.areas.queries import placed
from casework.audit.models import GENESIS, ChainHead, Event, EventPayload
from casework.audit.rules import commitment, entry_hash
from casework.audit.vocabulary import Fact
from casework.cases.events import CaseMoved, CaseSubmitted, ContactLogged, NoteAdded
from casework.cases.models import Assignment, Case, CaseCounter, CaseType
from casework.cases.service import ALPHABET, findable
from casework.cases.workflow import ENDS, State
from casework.kernel.masking import tail
from casework.kernel.models import SearchDoc
from casework.kernel.numbers import next_number
from casework.kernel.time import local
from casework.kernel.words import marked, tokens
from casework.seeding.bulk import Rows
from casework.seeding.office import SPAN, Officer, World
from casework.seeding.words import CAUSES, DETAILS, NOTES, PEOPLE, WANTS

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
Weighted = Sequence[tuple[State, int]]


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


def begun(world: World, case_id: int, age: float) -> Story:
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
        "is_open": state not in ENDS, "urgent": dice.random() < 0.03, "joint": False, "negotiated": False,
        "processed": False, "supplied": False,
        "requester": requester,
        "source": dice.choice(("phone", "walk_in", "visit")), "enterprise_id": firm_id,
        "contact_name": f"{dice.choice(PEOPLE)}经理", **phone_columns(f"138{dice.randrange(10**8):08d}"),
        "place": "", "co_unit_ids": [], "handler_ids": [], "handled_by": [], "created_by_id": world.desk,
        "callback_tries": 0, "submitted_at": at, "last_at": at, "last_verb": "submit", "next_paused": False,
        "version": 1,
            "area_id": area.id, **placed(area),
    }  # fmt: skip
    return Story(row, kind, dice.choice(world.officers[area.id]), at)


def phone_columns(phone: str) -> dict[str, str]:
    return {"contact_phone": phone, "phone_tail": tail(phone)}


def number(world: World, stories: list[Story]) -> None:
    """Numbers without gaps: the counters of the districts stay locked until the chunk is written."""
    places = [(story.row["district_id"], local(story.at).year) for story in stories]
    following = {
        (district, year): next_number(CaseCounter, count=count, district_id=district, year=year)
        for (district, year), count in Counter(places).items()
    }
    for story, place in zip(stories, places, strict=True):
        story.row["number"] = f"{world.district_codes[place[0]]}-{place[1]}-{following[place]:06d}"
        following[place] += 1


def tell(world: World, story: Story, event_id: int, rows: Rows) -> int:
    """The entries of the case, the last one's number in the chain's head; the next free id of an entry."""
    row = story.row
    rows[SearchDoc].append(_doc("case", row["id"], row, findable(SimpleNamespace(**row))))
    fact: Fact = CaseSubmitted(number=row["number"], title=row["title"], source=row["source"])
    _write(story, fact, world.desk, event_id, rows)
    for name in PATHS[State(row["state"])]:
        event_id += 1
        _pass_time(world, story, name)
        fact, actor = _step(world, story, name, rows)
        _write(story, fact, actor, event_id, rows)
        if isinstance(fact, NoteAdded | ContactLogged):
            rows[SearchDoc].append(_doc("entry", event_id, row, fact.text))
    rows[ChainHead].append({"chain": f"case:{row['id']}", "seq": story.seq, "hash": story.prev})
    return event_id + 1


def _pass_time(world: World, story: Story, name: str) -> None:
    story.at += timedelta(minutes=world.dice.randrange(20, 180))
    if name == "dispatch" and story.row["state"] == State.DISPATCHED:
        # Fresh, or the scheduler would acknowledge them all.
        story.at = world.now - timedelta(minutes=world.dice.randrange(1, 20))
    story.times.setdefault(name, story.at)


def _doc(kind: str, ref_id: int, case: dict[str, Any], text: str) -> dict[str, Any]:
    words = marked(kind, tokens(text), case["district_id"])
    return {"kind": kind, "ref_id": ref_id, "part": 0, "case_id": case["id"], "tokens": words}


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
