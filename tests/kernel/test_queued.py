"""Work that waited without signal: one effect for one key, and an answer that names it."""

from __future__ import annotations

import hashlib
import io
import random
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from casework.audit.models import Event
from casework.audit.queries import timeline
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.config import ROOT
from casework.files.models import Attachment
from casework.kernel.db import db
from casework.kernel.models import DoneOnce
from casework.kernel.time import local, utcnow
from casework.negotiations.models import Round
from tests.factories import Office, a_case, a_firm, signed_in, take
from tests.harness.threads import let_go

PHOTO = (ROOT / "static" / "img" / "icon-192.png").read_bytes()
KEYS, REPLAYS = 20, 100  # two thousand replays
THREADS = 4


@pytest.fixture
def case(office: Office) -> Case:
    return a_case(office, State.IN_PROGRESS, now=utcnow())


def a_visit(key: str, **changes: Any) -> dict[str, Any]:
    form = {"talks": "new", "name": "业主", "party": "owner", "way": "visit", "stance": "hesitates", "said": "再想想"}
    return {**form, "at": f"{local(utcnow()):%Y-%m-%dT00:00}", "op": key, **changes}


def send(
    client: FlaskClient, address: str, form: dict[str, Any], key: str | None = None, **headers: str
) -> TestResponse:
    named = {"X-Queued": key or form["op"], "X-Queued-At": utcnow().isoformat()}
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(address, data=form, headers={**named, **headers})


def count(model: Any) -> int:
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0)


def test_what_arrives_is_answered_with_its_key_and_where_it_stands(officer: FlaskClient, case: Case) -> None:
    page = f"/cases/{case.number}/rounds/new"
    answer = send(officer, page, a_visit("k1"), X_Queued_Seen="1")
    assert answer.status_code == 200
    assert answer.json["op"] == "k1"
    assert answer.json["state"] == "done"
    assert answer.json["location"].startswith(f"/cases/{case.number}#r")
    assert send(officer, page, a_visit("k1")).json == answer.json
    assert count(Round) == 1
    assert "记" in officer.get(f"/cases/{case.number}").text


def test_who_has_gone_on_is_not_told_of_each_thing_that_arrived(officer: FlaskClient, case: Case) -> None:
    send(officer, f"/cases/{case.number}/rounds/new", a_visit("k1"))
    assert 'class="cw-toast"' not in officer.get("/cases").text


def test_the_same_key_with_other_content_is_refused_in_both_ways(officer: FlaskClient, case: Case) -> None:
    page = f"/cases/{case.number}/notes"
    assert send(officer, page, {"op": "k1", "text": "第一句"}).json["state"] == "done"
    other = send(officer, page, {"op": "k1", "text": "另一句"})
    assert (other.status_code, other.json["state"]) == (422, "refused")
    assert "当时的内容不一样" in other.json["reasons"][0]["text"]
    shown = officer.post(page, data={"op": "k1", "text": "另一句"})
    assert shown.status_code == 422
    assert "另一句</textarea>" in shown.text
    assert 'value="k1"' not in shown.text  # sent again it is a new entry
    assert [entry.verb for entry in timeline(case.id)].count("NoteAdded") == 1


def test_other_photos_under_the_same_key_are_other_content(officer: FlaskClient, case: Case) -> None:
    page = f"/cases/{case.number}/attachments"
    sent = [
        send(officer, page, {"op": "k1", "kind": "", "files": (io.BytesIO(photo), "门口.png")})
        for photo in (PHOTO, PHOTO, (ROOT / "static" / "img" / "icon-180.png").read_bytes())
    ]
    assert [answer.json["state"] for answer in sent] == ["done", "done", "refused"]
    assert count(Attachment) == 1


def test_photos_that_did_not_arrive_whole_are_asked_for_again(officer: FlaskClient, case: Case) -> None:
    page, right = f"/cases/{case.number}/attachments", hashlib.sha256(PHOTO).hexdigest()
    for named, state in (("0" * 64, "retry"), (f"{right} {right}", "retry"), ("", "retry"), (right, "done")):
        form = {"op": "k1", "kind": "", "files": (io.BytesIO(PHOTO), "门口.png")}
        assert send(officer, page, form, X_Queued_Files=named).json["state"] == state


def test_a_refusal_names_the_field_and_what_to_do(officer: FlaskClient, case: Case) -> None:
    answer = send(officer, f"/cases/{case.number}/rounds/new", a_visit("k1", stance=""))
    assert (answer.status_code, answer.json["state"]) == (422, "refused")
    assert answer.json["reasons"][0]["field"] == "stance"
    assert count(Round) == count(DoneOnce) == 0


def test_what_is_no_longer_ones_own_is_refused_in_a_clear_sentence(
    officer: FlaskClient, office: Office, case: Case
) -> None:
    closed, foreign = a_case(office, State.CLOSED, now=utcnow()), "8801-2020-999999"
    for number in (closed.number, foreign):
        answer = send(officer, f"/cases/{number}/rounds/new", a_visit("k1"))
        assert answer.status_code in (403, 404)
        assert answer.json["state"] == "refused"
        assert "不归您办" in answer.json["reasons"][0]["text"]


def test_what_arrived_before_the_case_was_closed_is_still_done(
    officer: FlaskClient, office: Office, case: Case
) -> None:
    page = f"/cases/{case.number}/rounds/new"
    first = send(officer, page, a_visit("k1")).json
    take(office, case, "withdraw", now=utcnow())
    assert send(officer, page, a_visit("k2")).json["state"] == "refused"
    assert send(officer, page, a_visit("k1")).json == first  # only the answer had been lost


def test_without_a_session_the_work_is_asked_to_wait(client: FlaskClient, office: Office, case: Case) -> None:
    answer = send(client, f"/cases/{case.number}/notes", {"op": "k1", "text": "一句"})
    assert (answer.status_code, answer.json) == (
        401,
        {"op": "k1", "state": "sign_in", "reasons": answer.json["reasons"]},
    )
    assert client.get("/offline/token").json == {"user": None}


def test_a_session_that_was_renewed_gives_a_token_that_is_taken(
    officer: FlaskClient, office: Office, case: Case
) -> None:
    said = officer.get("/offline/token").json
    assert said["user"] == str(office.people["officer"].id)
    officer.sends_csrf = False  # type: ignore[attr-defined]
    page, form = f"/cases/{case.number}/notes", {"op": "k1", "text": "一句"}
    assert send(officer, page, form).json["state"] == "retry"
    assert send(officer, page, form, X_CSRFToken=said["token"]).json["state"] == "done"


def test_a_key_in_the_head_that_is_not_the_key_of_the_form_is_not_taken(officer: FlaskClient, case: Case) -> None:
    answer = send(officer, f"/cases/{case.number}/notes", {"op": "k1", "text": "一句"}, key="k2")
    assert (answer.status_code, answer.json["op"], answer.json["state"]) == (400, "k2", "retry")
    assert count(DoneOnce) == 0


def test_a_late_note_says_when_it_was_written_and_counts_from_when_it_came(officer: FlaskClient, case: Case) -> None:
    written = utcnow() - timedelta(days=2)
    page = f"/cases/{case.number}/notes"
    send(officer, page, {"op": "k1", "text": "两天前写的"}, X_Queued_At=written.isoformat())
    entry = timeline(case.id)[0]
    assert entry.data["written_at"] == written.isoformat()
    assert utcnow() - entry.at < timedelta(hours=1)
    for clock in ("昨天", "2020-01-01T00:00:00", (utcnow() + timedelta(days=3)).isoformat().replace("+00:00", "")):
        send(officer, page, {"op": clock, "text": clock}, X_Queued_At=clock.encode("ascii", "ignore").decode())
        assert timeline(case.id)[0].data.get("written_at") is None


def test_a_visit_that_names_no_talks_belongs_to_the_only_ones(officer: FlaskClient, case: Case) -> None:
    page = f"/cases/{case.number}/rounds/new"
    send(officer, page, a_visit("k1"))
    assert send(officer, page, a_visit("k2", talks="", name="")).json["state"] == "done"
    assert len(set(db.session.scalars(sa.select(Round.negotiation_id)))) == 1
    send(officer, page, a_visit("k3", name="物业"))
    assert send(officer, page, a_visit("k4", talks="", name="")).json["state"] == "refused"


def test_a_contact_without_a_case_arrives_once(officer: FlaskClient, office: Office) -> None:
    firm = a_firm(office)
    page, form = f"/enterprises/{firm.id}/contacted", {"op": "k1", "way": "visit", "text": "门店已开"}
    states = [send(officer, page, form).json["state"] for _ in range(3)]
    assert states == ["done"] * 3 or states == ["refused"] * 3
    told = db.session.scalar(sa.select(sa.func.count()).where(Event.verb == "EnterpriseContacted"))
    assert told == (1 if states[0] == "done" else 0)


def test_two_thousand_replays_in_any_order_and_at_once_have_one_effect_each(
    app: Flask, office: Office, case: Case
) -> None:
    """As a phone does that never hears an answer: again and again, several tabs at a time."""
    page, person = f"/cases/{case.number}/notes", office.people["officer"]
    chance = random.Random(20200316)
    work = [f"k{number}" for number in range(KEYS)] * REPLAYS
    chance.shuffle(work)
    at, answers = utcnow().isoformat(), Counter[tuple[str, str]]()
    clients = [signed_in(app.test_client(), person) for _ in range(THREADS)]
    db.session.commit()

    def replay(client: FlaskClient, mine: list[str]) -> None:
        token = client.get("/offline/token").json["token"]
        for key in mine:
            headers = {"X-Queued": key, "X-Queued-At": at, "X-CSRFToken": token}
            answer = client.post(page, data={"op": key, "text": f"内容 {key}"}, headers=headers)
            answers[key, str((answer.json or {}).get("state"))] += 1

    let_go([partial(replay, one, work[place::THREADS]) for place, one in enumerate(clients)])
    db.session.expire_all()
    assert sum(answers.values()) == KEYS * REPLAYS
    assert {state for _, state in answers} <= {"done", "retry"}
    assert all(answers[f"k{number}", "done"] for number in range(KEYS))
    texts = Counter(str(entry.data["text"]) for entry in timeline(case.id, limit=500) if entry.verb == "NoteAdded")
    assert texts == {f"内容 k{number}": 1 for number in range(KEYS)}
