"""Event logs of other systems come in once, whatever happens in between, and what goes out says the same."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from benchmarks import replies
from casework.audit.models import Event
from casework.audit.queries import verify
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.clocks.queries import calendar_for
from casework.clocks.rules import due_at, minutes_of_days
from casework.clocks.seed import seed_calendar
from casework.imports import log as import_log
from casework.imports.log import LogImporter, LogReport, Work
from casework.imports.log_map import Reader, read_log_map
from casework.kernel.db import db
from casework.kernel.errors import Refused
from casework.kernel.time import SHANGHAI, local_day, utcnow
from casework.kpis import logs, path_queries, paths, queries, selecting
from casework.kpis.jobs import count
from casework.kpis.models import KpiMark
from casework.sheets.reading import read_table
from tests.factories import Office, a_case

As = Callable[..., FlaskClient]
NOW = utcnow()
HEAD = "case,activity,time,who,team,begun,ended,due,no\n"
ROWS = """\
p1,Receive,2019-05-06 09:00:00.5+02:00,R1,G1,2019-05-06 08:00:00+02:00,2019-05-08 10:00:00+02:00,2019-05-20 08:00:00+02:00,1
p1,Check,2019-05-06 10:00:00+02:00,R2,G1,2019-05-06 08:00:00+02:00,2019-05-08 10:00:00+02:00,2019-05-20 08:00:00+02:00,2
p1,Decide,2019-05-08 09:00:00+02:00,R1,G2,2019-05-06 08:00:00+02:00,2019-05-08 10:00:00+02:00,2019-05-20 08:00:00+02:00,3
p2,Receive,2019-05-07 09:00:00+02:00,R1,G1,2019-05-07 08:00:00+02:00,,2019-05-08 08:00:00+02:00,4
p2,Check,2019-05-09 09:00:00+02:00,R2,G1,2019-05-07 08:00:00+02:00,,2019-05-08 08:00:00+02:00,5
"""
MAP = {
    "source": "permits",
    "columns": {
        "case": "case", "activity": "activity", "time": "time", "resource": "who", "group": "team",
        "submitted_at": "begun", "closed_at": "ended", "due_at": "due", "ref": "no",
    },
    "title": "许可 {case}",
    "defaults": {"district": "临江区", "type": "filing", "requester": "申请人"},
}  # fmt: skip


def taken_in(folder: Path, rows: str = ROWS, said: dict[str, Any] = MAP, head: str = HEAD) -> LogReport:
    """The report of an import, as the command makes it."""
    (folder / "log.csv").write_text(head + rows)
    (folder / "map.json").write_text(json.dumps(said))
    reader = Reader(read_table(folder / "log.csv", "log.csv"), read_log_map(folder / "map.json"), now=NOW)
    cases = reader.cases()
    db.session.rollback()
    return LogImporter(Work(reader.said, None, NOW, "log.csv", "0" * 64)).run(cases, reader.refused)


def counts(report: LogReport) -> tuple[int, int, int, int, int]:
    assert report.created + report.existing + report.changed + len(report.refused) == report.rows
    return report.rows, report.created, report.existing, report.changed, len(report.refused)


def asked(office: Office, **args: str) -> selecting.Selection:
    given = MultiDict({"span": "year", "on": "2019-05-06", "source": "log", **args})
    return selecting.read(given, office.actor("district_admin"), local_day(NOW))


def test_a_log_becomes_closed_cases_with_their_own_times(office: Office, tmp_path: Path) -> None:
    assert counts(taken_in(tmp_path)) == (5, 5, 0, 0, 0)
    first, second = db.session.scalars(sa.select(Case).order_by(Case.external_ref)).all()
    assert (first.state, first.is_open, first.origin, first.source) == (State.CLOSED, False, "log:permits", "import")
    assert first.number.startswith("8801-2019-")
    assert first.submitted_at.isoformat() == "2019-05-06T06:00:00+00:00"
    assert second.closed_at is not None
    assert second.closed_at.isoformat() == "2019-05-09T07:00:00+00:00"  # no end is given: the last step
    assert verify().ok


def test_the_same_file_twice_is_once_and_a_longer_one_adds_what_is_new(office: Office, tmp_path: Path) -> None:
    taken_in(tmp_path)
    entries = db.session.scalar(sa.select(sa.func.count()).select_from(Event).where(Event.case_id.is_not(None)))
    assert counts(taken_in(tmp_path)) == (5, 0, 5, 0, 0)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Event).where(Event.case_id.is_not(None))) == entries
    more = "p2,Decide,2019-05-10 09:00:00+02:00,R1,G2,2019-05-07 08:00:00+02:00,,2019-05-08 08:00:00+02:00,6\n"
    assert counts(taken_in(tmp_path, ROWS + more)) == (6, 0, 5, 1, 0)


def test_a_row_that_cannot_be_read_is_named_and_the_others_go_in(office: Office, tmp_path: Path) -> None:
    bad = ",Check,2019-05-06 10:00:00+02:00,,,,,,7\np3,,2019-05-06 10:00:00+02:00,,,,,,8\np4,Check,yesterday,,,,,,9\n"
    report = taken_in(tmp_path, ROWS + bad)
    assert counts(report) == (8, 5, 0, 0, 3)
    assert [one.field for one in report.refused] == ["case", "activity", "time"]
    told = report.as_json()["refused"]
    assert all(one["row"] and one["reason"] and one["remedy"] for one in told)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"district": "火星区"}, "district"), ({"district": ""}, "district"), ({"type": "alchemy"}, "type")],
)
def test_a_case_that_belongs_nowhere_is_refused_row_by_row(
    office: Office, tmp_path: Path, changes: dict[str, str], field: str
) -> None:
    report = taken_in(tmp_path, said={**MAP, "defaults": {**MAP["defaults"], **changes}})  # type: ignore[dict-item]
    assert counts(report) == (5, 0, 0, 0, 5)
    assert {one.field for one in report.refused} == {field}


@pytest.mark.parametrize(
    "said",
    [
        {**MAP, "source": ""},
        {**MAP, "colour": "red"},
        {**MAP, "outcome": "glory"},
        {"source": "x", "columns": {"case": "case"}},
        {**MAP, "columns": {**MAP["columns"], "time": "when"}},  # type: ignore[dict-item]
    ],
)
def test_a_mapping_that_says_nothing_sensible_is_refused_whole(office: Office, tmp_path: Path, said: Any) -> None:
    with pytest.raises(Refused):
        taken_in(tmp_path, said=said)


def test_a_kill_in_the_middle_loses_nothing(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_log, "PORTION", 1)
    (tmp_path / "log.csv").write_text(HEAD + ROWS)
    (tmp_path / "map.json").write_text(json.dumps(MAP))
    reader = Reader(read_table(tmp_path / "log.csv", "log.csv"), read_log_map(tmp_path / "map.json"), now=NOW)
    cases = reader.cases()

    def killed(done: int) -> None:
        raise KeyboardInterrupt

    db.session.rollback()
    with pytest.raises(KeyboardInterrupt):
        LogImporter(Work(reader.said, None, NOW)).run(cases, [], killed)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Case)) == 1
    assert counts(taken_in(tmp_path)) == (5, 2, 3, 0, 0)
    assert verify().ok


def test_figures_and_paths_of_a_log_are_those_of_its_own_times(office: Office, tmp_path: Path) -> None:
    taken_in(tmp_path)
    a_case(office, State.CLOSED, now=NOW - timedelta(days=30))
    count(NOW)
    board = queries.board(asked(office)).now
    assert (board["on_time"].hits, board["on_time"].of) == (1, 2)
    assert (board["overdue"].hits, board["overdue"].of) == (1, 2)
    assert queries.board(asked(office, source="ours")).now["on_time"].of == 0
    log = paths.discover(path_queries.traces(path_queries.chosen_cases(asked(office)).case_ids))
    assert (log.cases, log.events) == (2, 5)
    assert [one.steps for one in log.variants] == [("Receive", "Check"), ("Receive", "Check", "Decide")]
    assert log.edges[("Receive", "Check")].n == 2
    assert log.time is not None
    assert log.time.median == pytest.approx((2 * 1440 + (2 * 1440 - 0.5 / 60)) / 2)
    assert all(mark.flags & 4 for mark in db.session.scalars(sa.select(KpiMark).where(KpiMark.day < date(2020, 1, 1))))


def test_a_ledger_with_a_row_a_case_and_a_limit_of_ours(office: Office, tmp_path: Path) -> None:
    said = {
        "source": "board",
        "columns": {"case": "no", "title": "about"},
        "activities": {"asked": "asked", "answered": "answered"},
        "contact": "answered",
        "due": {"days": 15, "calendar": "working"},
        "defaults": {"district": "临江区"},
    }
    rows = (
        "1,路灯不亮,2019/9/20 10:00:00,2019/10/16 10:00:00\n"  # a holiday week, a Sunday and a Saturday worked: in time
        "2,路面破损,2019/9/20 10:00:00,2019/10/16 10:00:01\n"
        "3,噪声,2019/9/21,2019/9/22\n"
    )
    assert counts(taken_in(tmp_path, rows, said, "no,about,asked,answered\n")) == (3, 3, 0, 0, 0)
    count(NOW)
    result = queries.board(asked(office)).now["on_time"]
    assert (result.hits, result.of) == (2, 3)


def test_what_goes_out_as_xes_and_ocel_says_the_same(office: Office, tmp_path: Path) -> None:
    taken_in(tmp_path)
    a_case(office, State.CLOSED, now=NOW - timedelta(days=400), requester="不该出现的店")
    count(NOW)
    case_ids = path_queries.chosen_cases(
        asked(office, source="", span="days", **{"from": "2019-01-01", "to": str(local_day(NOW))})
    ).case_ids
    assert len(case_ids) == 3
    text = "".join(logs.xes(case_ids))
    assert "不该出现的店" not in text
    space = {"x": "http://www.xes-standard.org/"}
    root = ET.fromstring(text)
    events = root.findall("x:trace/x:event", space)
    ocel = json.loads("".join(logs.ocel(case_ids)))
    assert len(root.findall("x:trace", space)) == 3 == sum(one["type"] == "case" for one in ocel["objects"])
    assert len(events) == len(ocel["events"]) > 10
    types = {one["name"] for one in ocel["eventTypes"]}
    assert types == {one["type"] for one in ocel["events"]}
    known = {one["id"] for one in ocel["objects"]}
    assert {link["objectId"] for event in ocel["events"] for link in event["relationships"]} <= known
    assert len({one["id"] for one in ocel["events"]}) == len(ocel["events"])


def test_taking_the_log_out_needs_the_right_and_is_logged(office: Office, as_: As, tmp_path: Path) -> None:
    taken_in(tmp_path)
    count(NOW)
    address = "/kpis/paths/log.{}?span=year&on=2019-05-06"
    for form in ("xes", "ocel"):
        answer = as_("district_admin").get(address.format(form))
        assert answer.status_code == 200
        assert b"Receive" in answer.data
        assert as_("lead").get(address.format(form)).status_code == 403
    assert as_("district_admin").get(address.format("exe")).status_code == 404
    logged = db.session.scalars(sa.select(Event).where(Event.verb == "EventLogExported")).all()
    assert len(logged) == 2


def test_the_page_of_paths_shows_variants_and_stands_beside_another_period(
    office: Office, as_: As, tmp_path: Path
) -> None:
    taken_in(tmp_path)
    count(NOW)
    client = as_("district_admin", locale="en")
    page = client.get("/kpis/paths?span=year&on=2019-05-06").get_data(as_text=True)
    assert "2 cases ended" in page
    assert "Receive → Check → Decide" in page
    district = office.areas["8802"].id
    for beside in ("before", str(office.areas["8801001"].id)):
        assert client.get(f"/kpis/paths?span=year&on=2019-05-06&with={beside}").status_code == 200
    assert client.get(f"/kpis/paths?span=year&on=2019-05-06&with={district}").status_code == 404
    variant = client.get("/kpis/paths?span=year&on=2019-05-06&variant=2").get_data(as_text=True)
    case = db.session.scalars(sa.select(Case).where(Case.external_ref == "p1")).one()
    assert f'href="/cases/{case.number}"' in variant
    story = as_("district_admin").get(f"/cases/{case.number}").get_data(as_text=True)
    assert "Decide" in story


def test_the_paths_of_our_own_cases_go_from_desk_to_unit(office: Office, as_: As) -> None:
    a_case(office, State.CLOSED, now=NOW - timedelta(days=3))
    count(NOW)
    page = (
        as_("regulator", locale="en").get("/kpis/paths?span=days&from=2020-01-01&to=2029-12-31").get_data(as_text=True)
    )
    assert "Dispatch" in page
    assert "第一小组" in page


def test_the_rule_of_working_days_agrees_with_a_plain_count_by_the_minute(office: Office) -> None:
    seed_calendar(db.session, range(2018, 2021))
    dice, known, calendar = random.Random(7), {}, calendar_for("working")
    for _ in range(200):
        asked_at = datetime.combine(date(2019, 1, 1), time()) + timedelta(seconds=dice.randrange(400 * 86_400))
        start = asked_at.replace(tzinfo=SHANGHAI)
        found = due_at(start, minutes_of_days(15, calendar, start), 0, (), calendar)
        assert found == replies.due(asked_at, 15, known).replace(tzinfo=SHANGHAI), asked_at
