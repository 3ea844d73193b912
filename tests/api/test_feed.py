"""The feed: in order, of what one may see, and without a gap however many write at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Flask

from casework.api import records
from casework.audit.models import Event
from casework.cases import service
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.time import utcnow
from tests.api.conftest import Program
from tests.factories import Office, a_case, a_draft, take

Speaks = Callable[..., Program]


def ids(answer: Any) -> list[int]:
    return [event["id"] for event in answer.json["items"]]


def read_on(speaker: Program, after: int, limit: int) -> tuple[list[int], int]:
    """All that comes, and in how many pieces."""
    read: list[int] = []
    for pieces in range(1, 100):
        piece = speaker.get(f"/events?after={after}&limit={limit}&fields=id").json
        read += [event["id"] for event in piece["items"]]
        after = piece["after"]
        if not piece["more"]:
            return read, pieces
    raise AssertionError("it never ends")


def test_the_feed_is_read_to_its_end_piece_by_piece(program: Speaks, office: Office) -> None:
    for _ in range(2):
        a_case(office, State.DISPATCHED)
    desk = program("desk")
    whole = ids(desk.get("/events"))
    assert read_on(desk, 0, 2) == (whole, 3)
    assert (len(whole), whole) == (6, sorted(whole))


def test_what_is_not_theirs_is_passed_over_in_pieces_of_limited_cost(program: Speaks, office: Office) -> None:
    case = a_case(office)
    db.session.execute(sa.insert(Event), [an_entry(case.id, 100 + turn) for turn in range(records.WINDOW)])
    draft = a_draft(office, area="8802001", requester="望山百货")
    own = service.submit(draft=draft, actor=office.actor("desk_b"), now=utcnow())
    db.session.commit()
    assert own.district_id == office.areas["8802"].id
    read, pieces = read_on(program("desk_b"), 0, 100)
    assert (len(read), pieces) == (1, 2)


def test_who_sees_a_case_but_not_its_story_gets_no_entry_of_it(program: Speaks, office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS)
    take(office, case, "assign", support=[office.people["helper"].id])
    db.session.commit()
    assert ids(program("officer").get("/events"))
    assert program("helper").get("/events").status_code == 403
    assert ids(program("officer3").get("/events")) == []


def test_an_entry_that_is_committed_late_is_not_passed_over(
    app: Flask, program: Speaks, office: Office, database_kind: str
) -> None:
    if database_kind == "sqlite":
        return  # one writer at a time: an id that is given is committed before the next
    first, second = a_case(office), a_case(office)
    lead = program("lead")
    desk = program("desk")
    start = desk.get("/events").json["after"]
    with db.engine.connect() as slow:
        late = slow.execute(sa.insert(Event).values(**an_entry(first.id)).returning(Event.id)).scalar_one()
        noted = desk.post(f"/cases/{second.number}/notes", {"text": "先提交的一条"}).json["id"]
        assert noted > late
        waiting = desk.get(f"/events?after={start}").json
        assert (waiting["items"], waiting["after"]) == ([], start)
        slow.commit()
    assert ids(desk.get(f"/events?after={start}")) == [late, noted]
    assert lead.get("/events").status_code == 200


def test_a_write_that_is_taken_back_holds_the_feed_up_no_longer(
    program: Speaks, office: Office, database_kind: str
) -> None:
    if database_kind == "sqlite":
        return
    case, desk = a_case(office), program("desk")
    start = desk.get("/events").json["after"]
    with db.engine.connect() as slow:
        slow.execute(sa.insert(Event).values(**an_entry(case.id)))
        noted = desk.post(f"/cases/{case.number}/notes", {"text": "已提交"}).json["id"]
        assert ids(desk.get(f"/events?after={start}")) == []
    assert ids(desk.get(f"/events?after={start}")) == [noted]


def an_entry(case_id: int, seq: int = 99) -> dict[str, Any]:
    plain = {"actor_id": None, "channel": "cli", "request_id": "-", "verb": "NoteAdded", "kind": "note"}
    sealed = dict.fromkeys(("commitment", "prev", "hash"), "0" * 64)
    return {"chain": f"case:{case_id}", "seq": seq, "case_id": case_id, "at": utcnow(), **plain, **sealed}
