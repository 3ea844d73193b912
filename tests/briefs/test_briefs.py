"""Briefs: each figure is the number of its rows, written once an occasion, archived for good, read by those who may."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from docx import Document
from flask.testing import FlaskClient

from casework.areas import service as areas
from casework.audit.models import Event
from casework.briefs import jobs, making, plans, queries, rules, scopes, service
from casework.briefs import rows as brief_rows
from casework.briefs.commands import brief as command
from casework.briefs.figures import from_json, seal_of
from casework.briefs.models import Brief, BriefSchedule
from casework.briefs.policy import READ, WRITE
from casework.briefs.words import BriefState, Kind
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.files import service as files
from casework.files.models import Attachment
from casework.kernel import paging, waiting
from casework.kernel.db import db, transaction
from casework.kernel.errors import Conflict, NotFound, NotPermitted, Refused
from casework.kernel.permissions import can
from casework.kernel.time import at_local, local_day, utcnow
from casework.kpis.jobs import count as count_figures
from casework.notifications.models import Notice
from casework.roster.models import Posting
from tests.factories import NOW, Office, a_case, a_firm, a_posting
from tests.harness.statements import Statements

SignIn = Callable[..., FlaskClient]
Count = Callable[[], AbstractContextManager[Statements]]
DAY = timedelta(days=1)
LATER = NOW + 7 * DAY
WEEK = (date(2020, 3, 16), date(2020, 3, 22))


@pytest.fixture
def busy(office: Office) -> Office:
    """A week with cases of several kinds, places, holders and ends, and a case the week before."""
    firm = a_firm(office)
    a_case(office, State.IN_PROGRESS, now=NOW - 3 * DAY, kind="rent")
    for days, state, changes in (
        (0, State.IN_PROGRESS, {"enterprise_id": firm.id}),
        (1, State.CLOSED, {}),
        (2, State.SUBMITTED, {"area": "8801001"}),  # in no community, with no unit
        (2, State.DISPATCHED, {"kind": "rent"}),
        (3, State.IN_PROGRESS, {"kind": "rent", "area": "8801002001"}),
        (3, State.WITHDRAWN, {}),
    ):
        a_case(office, state, now=NOW + days * DAY, **changes)
    count_figures(LATER)
    return office


def counted(office: Office, name: str = "a8801", by: str = "district_admin") -> scopes.Counted:
    """A scope by the codes of the office: a8801, q-housing-8801, u-team."""
    actor = office.actor(by)
    kind, _, rest = name.partition("-")
    if kind == "u":
        return scopes.read(f"u{office.units[rest].id}", None, actor, WRITE)
    if kind == "q":
        unit, code = rest.split("-")
        return scopes.read(f"q{office.units[unit].id}-{office.areas[code].id}", None, actor, WRITE)
    return scopes.read(f"a{office.areas[name[1:]].id}", None, actor, WRITE)


def asked(office: Office, *, of: str = "a8801", by: str = "district_admin", now: datetime = LATER, **how: Any) -> int:
    with transaction():
        given = {"kind": Kind.WEEKLY, "first": WEEK[0], "last": WEEK[1], **how}
        wanted = service.Wanted(counted=counted(office, of, by), **given)
        return service.ask(wanted, actor=office.actor(by), now=now).id


def written(office: Office, *, now: datetime = LATER, **how: Any) -> Brief:
    key = asked(office, now=now, **how)
    assert making.execute(key, now=now)
    return db.session.get_one(Brief, key, populate_existing=True)


def content(brief: Brief, form: str) -> bytes:
    return files.open_bytes(db.session.get_one(Attachment, getattr(brief, f"{form}_id")))


def links(html: str, brief: Brief, page: str) -> list[tuple[str, int]]:
    """The links of the page to rows of a kind, with the number that each promises."""
    found = re.findall(rf'<a href="(/reports/{brief.id}/{page}[^"]*)" aria-label="[^"]*">([\d,]+)</a>', html)
    return [(href.replace("&amp;", "&"), int(n.replace(",", ""))) for href, n in found]


# -- the figures and their rows


@pytest.mark.parametrize(
    ("of", "by"), [("a8801", "district_admin"), ("q-housing-8801", "regulator"), ("u-team", "lead")]
)  # fmt: skip
def test_every_figure_on_the_page_is_the_number_of_its_rows(busy: Office, as_: SignIn, of: str, by: str) -> None:
    brief, client = written(busy, of=of, by=by), as_(by)
    html = client.get(f"/reports/{brief.id}").text
    rows = links(html, brief, r"rows\?")
    assert len(rows) > 8
    for href, n in rows:
        assert client.get(href).text.count('<td class="no"') == n, href
    rates = links(html, brief, "figures/")
    assert rates
    for href, n in rates:
        assert client.get(href).text.count('<td class="no"') == n, href


def test_what_lay_open_before_and_what_came_and_ended_make_what_lies_open(busy: Office) -> None:
    figures = from_json(written(busy).figures or {})
    assert (figures.came.now, figures.ended.now, figures.came.before) == (6, 2, 1)
    for whole in (figures, *figures.types, *figures.areas, *figures.units):
        assert whole.open.now == (whole.open.before or 0) + whole.came.now - whole.ended.now
    for parts in (figures.types, figures.areas, figures.units):
        for measure in ("came", "ended", "open"):
            assert sum(one.pair(measure).now for one in parts) == figures.pair(measure).now
            assert sum(one.pair(measure).before or 0 for one in parts) == figures.pair(measure).before


def test_a_brief_of_one_type_counts_that_type_alone(busy: Office) -> None:
    rent = next(one for one in from_json(written(busy).figures or {}).types if one.zh == "租金减免")
    with transaction():
        scope = scopes.Counted(scopes.Reach.AREA, busy.areas["8801"], None, rent.key)
        wanted = service.Wanted(kind=Kind.SPECIAL, counted=scope, first=WEEK[0], last=WEEK[1])
        key = service.ask(wanted, actor=busy.actor("district_admin"), now=LATER).id
    assert making.execute(key, now=LATER)
    figures = from_json(db.session.get_one(Brief, key).figures or {})
    assert (figures.came, figures.open, figures.coverage) == (rent.came, rent.open, None)


def test_where_nothing_happened_before_there_is_nothing_to_compare_with(busy: Office) -> None:
    first = local_day(NOW - 3 * DAY)
    brief = written(busy, kind=Kind.DAILY, first=first, last=first, now=NOW)
    assert from_json(brief.figures or {}).came.before is None
    assert "前一日没有数据，不作比较" in json.dumps(brief.told, ensure_ascii=False)


def test_the_list_of_what_is_late_names_numbers_and_enterprises_and_nobody(busy: Office) -> None:
    brief = written(busy)
    listed = from_json(brief.figures or {}).overdue
    assert "阿芝热干面馆" in [one.firm for one in listed]
    assert listed == tuple(sorted(listed, key=lambda one: one.due))
    kept = json.dumps([brief.figures, brief.told], ensure_ascii=False)
    for personal in ("何秀芝", "13900002206", "沈砚秋", "口罩没有到货"):
        assert personal not in kept


# -- the files


def test_the_workbook_holds_real_tables_with_types_frozen_heads_and_charts(busy: Office) -> None:
    book = openpyxl.load_workbook(io.BytesIO(content(written(busy), "xlsx")))
    tables = {sheet.title: next(iter(sheet.tables.values())) for sheet in book if sheet.tables}
    assert {"概要", "按类型", "在谁手上", "超时未办结清单", "指标"} <= tables.keys()
    assert all(table.autoFilter is not None for table in tables.values())
    types = book["按类型"]
    assert types.freeze_panes == "B4"
    assert len(types._charts) == 1
    assert all(isinstance(cell.value, int) for cell in types["B"][3:])
    assert isinstance(book["超时未办结清单"]["E4"].value, datetime)
    assert book["概要"]["A4"].font.name == "宋体"
    assert "本周新收诉求 6 件" in " ".join(str(cell.value) for cell in book["简报"]["A"])


@pytest.mark.parametrize(("locale", "title", "said"), [("zh-CN", "企业诉求办理周报", "本周新收诉求 6 件，较上周（1 件）增加 5 件。"),
    ("en", "Weekly brief on the difficulties of enterprises", "6 cases reported in the week, 5 more than in the week before (1).")])  # fmt: skip
def test_the_papers_are_in_the_language_that_was_chosen(busy: Office, locale: str, title: str, said: str) -> None:
    brief = written(busy, locale=locale)
    document = Document(io.BytesIO(content(brief, "docx")))
    text = [line.text for line in document.paragraphs]
    assert any(title in line for line in text)
    assert said in text
    assert len(document.inline_shapes) == 2  # the charts
    assert len(document.tables) >= 6
    body = next(line for line in document.paragraphs if line.text == said)
    assert (body.runs[0].font.name, body.runs[0].font.size.pt) == ("仿宋", 16)  # type: ignore[union-attr]
    assert content(brief, "pdf").startswith(b"%PDF")
    assert set(brief.told or {}) == {"zh-CN", "en"}


def test_a_red_head_is_only_there_where_it_is_wanted(busy: Office) -> None:
    for wanted in (True, False):
        document = Document(io.BytesIO(content(written(busy, red_head=wanted), "docx")))
        colour = document.paragraphs[0].runs[0].font.color.rgb
        assert (str(colour) == "C01C1C") is wanted
        assert any("签发：" in line.text for line in document.paragraphs)


# -- the archive


def test_a_written_brief_stays_as_it_was_whatever_is_corrected_later(busy: Office, as_: SignIn) -> None:
    brief, client = written(busy), as_("district_admin")
    address = f"/reports/{brief.id}"
    before, sealed = client.get(address).text, brief.sha256
    case = db.session.scalars(sa.select(Case).where(Case.state == State.WITHDRAWN)).one()
    case.submitted_at = NOW - 30 * DAY
    db.session.commit()
    brief = db.session.get_one(Brief, brief.id, populate_existing=True)
    assert (brief.sha256, seal_of(brief.figures or {}, brief.told or {})) == (sealed, sealed)
    cut = re.compile(r'name="csrf_token" value="[^"]*"')
    assert cut.sub("", client.get(address).text) == cut.sub("", before)
    assert "简报写的是 6，现在查到 5" in client.get(f"{address}/rows?of=came").text


def test_the_database_itself_refuses_to_change_a_written_brief(office: Office) -> None:
    written(office)
    for statement in ("UPDATE briefs SET sha256 = 'x'", "DELETE FROM briefs"):
        with pytest.raises(sa.exc.DBAPIError):
            db.session.execute(sa.text(statement))
        db.session.rollback()


def test_written_anew_it_is_another_edition_that_names_the_old_one(busy: Office, as_: SignIn) -> None:
    old, client = written(busy), as_("district_admin")
    form = {"op": "one"}
    answer = client.post(f"/reports/{old.id}/anew", data=form)
    assert client.post(f"/reports/{old.id}/anew", data=form).location == answer.location
    assert client.post(f"/reports/{old.id}/anew", data={"op": "two"}).location == answer.location  # leads to the newer
    assert jobs.write(LATER) == 1
    new = db.session.scalars(sa.select(Brief).where(Brief.replaces_id == old.id)).one()
    assert (new.edition, new.issue, new.status) == (2, old.issue, BriefState.DONE)
    assert "这期简报已有新版" in client.get(f"/reports/{old.id}").text
    assert f'href="/reports/{old.id}"' in client.get(f"/reports/{new.id}").text
    with pytest.raises(Refused), transaction():
        service.ask_anew(db.session.get_one(Brief, old.id), actor=busy.actor("district_admin"), now=LATER)


def test_briefs_of_a_kind_and_place_are_numbered_without_a_gap(office: Office) -> None:
    first, second = asked(office), asked(office)
    other = asked(office, kind=Kind.DAILY, first=WEEK[0], last=WEEK[0])
    numbers = [db.session.get_one(Brief, key).issue for key in (first, second, other)]
    assert numbers == [1, 2, 1]


# -- the job


def test_it_is_asked_for_once_shows_how_far_it_is_and_whoever_asked_is_told(office: Office, as_: SignIn) -> None:
    client = as_("area_leader")
    scope = f"a{office.areas['8801001'].id}"
    form = {"kind": "weekly", "on": "2020-03-18", "scope": scope, "locale": "zh-CN", "red_head": "y", "op": "one"}
    answer = client.post("/reports/new", data=form)
    assert (answer.status_code, client.post("/reports/new", data=form).location) == (303, answer.location)
    page = client.get(answer.location).text
    assert 'hx-trigger="every 2s"' in page
    assert "十几秒内开始" in page
    [key] = waiting.due(Brief, utcnow())
    with transaction():
        begun = service.begin(key, now=utcnow())
        assert begun is not None
        service.beat(key, tries=begun.tries, step=2, now=utcnow())
    assert "计算指标　第 3 步，共 9 步" in client.get(answer.location).text
    assert jobs.write(utcnow()) == 0  # in other hands
    assert jobs.write(utcnow() + waiting.SILENCE + timedelta(seconds=1)) == 1  # whose process was killed
    assert "总体情况" in client.get(answer.location).text
    notice = db.session.scalars(sa.select(Notice).where(Notice.kind == "brief")).one()
    assert (notice.user_id, notice.path) == (office.people["area_leader"].id, f"/reports/{key}")


def test_who_was_thought_dead_and_comes_late_writes_nothing(office: Office) -> None:
    key = asked(office)
    with transaction():
        begun = service.begin(key, now=LATER)
        tries = begun.tries if begun else 0
    assert making.execute(key, now=LATER + waiting.SILENCE + timedelta(seconds=1))
    with pytest.raises(Conflict), transaction():
        service.beat(key, tries=tries, step=5, now=LATER)
    late = service.Written(figures={}, told={}, counted_at=LATER, files={})
    with pytest.raises(Conflict), transaction():
        service.seal(key, late, tries=tries, actor=office.actor("district_admin"), now=LATER)
    assert len(db.session.scalars(sa.select(Event).where(Event.verb == "BriefWritten")).all()) == 1


def test_one_that_breaks_three_times_is_given_up_and_can_be_tried_again(office: Office, as_: SignIn) -> None:
    key = asked(office)
    for turn in range(rules.TRIES):
        with transaction():
            assert service.begin(key, now=LATER + turn * 2 * waiting.SILENCE) is not None
    assert jobs.write(LATER + DAY) == 0
    assert db.session.get_one(Brief, key, populate_existing=True).status == BriefState.STOPPED
    client = as_("district_admin")
    client.post(f"/reports/{key}/anew", data={"op": "one"})
    assert jobs.write(LATER + DAY) == 1


def test_who_lost_the_right_before_it_was_written_gets_nothing(office: Office) -> None:
    key = asked(office, of="a8801001", by="area_leader")
    db.session.execute(sa.delete(Posting).where(Posting.user_id == office.people["area_leader"].id))
    db.session.commit()
    assert not making.execute(key, now=LATER)
    assert db.session.get_one(Brief, key, populate_existing=True).status == BriefState.STOPPED


# -- plans


def planned(office: Office, *, tell: tuple[str, ...] = ("district_admin",), now: datetime = NOW, **how: Any) -> int:
    with transaction():
        given = {"kind": Kind.DAILY, "minute": 17 * 60 + 30, "weekday": None, **how}
        people = [office.people[name].id for name in tell]
        plan = plans.Plan(counted=counted(office), tell=people, **given)
        return plans.make_plan(plan, actor=office.actor("district_admin"), now=now).id


def test_an_occasion_has_one_brief_whatever_is_doubled_or_killed(office: Office) -> None:
    key = planned(office)
    due = at_local(local_day(NOW), 17, 30)
    assert jobs.plan(due - timedelta(minutes=1)) == 0
    assert jobs.plan(due) == 1
    assert jobs.plan(due) == 0
    plan = db.session.get_one(BriefSchedule, key)
    plan.next_at = due  # as if the process had died before it moved on
    db.session.commit()
    assert jobs.plan(due) == 0
    assert [(one.due_at, one.first_on) for one in db.session.scalars(sa.select(Brief))] == [(due, local_day(NOW))]


def test_what_was_missed_is_made_up_for_and_what_is_long_past_is_not(office: Office) -> None:
    planned(office)
    friday = at_local(date(2020, 3, 20), 18)
    assert jobs.plan(friday) == 5
    assert jobs.plan(friday + 60 * DAY) + jobs.plan(friday + 60 * DAY) == 5  # the working days of the last week
    days = list(db.session.scalars(sa.select(Brief.first_on)))
    assert len(set(days)) == len(days)


def test_those_named_are_told_and_whoever_may_no_longer_is_not(office: Office, as_: SignIn) -> None:
    a_posting(office, "officer2", unit="office", role="area_leader", area="8801")
    db.session.commit()
    planned(office, tell=("district_admin", "officer2"))
    db.session.execute(sa.delete(Posting).where(Posting.user_id == office.people["officer2"].id))
    db.session.commit()
    assert jobs.write(at_local(local_day(NOW), 17, 31)) == 1
    told = list(db.session.scalars(sa.select(Notice.user_id).where(Notice.kind == "brief")))
    assert told == [office.people["district_admin"].id]
    assert "临江区" in as_("district_admin").get("/inbox").text


def test_a_plan_whose_maker_may_no_longer_ends_by_itself(office: Office) -> None:
    key = planned(office)
    db.session.execute(sa.delete(Posting).where(Posting.user_id == office.people["district_admin"].id))
    db.session.commit()
    assert jobs.plan(at_local(local_day(NOW), 17, 30)) == 0
    assert db.session.get_one(BriefSchedule, key, populate_existing=True).stopped_at is not None
    assert db.session.scalars(sa.select(Event.verb).order_by(Event.id.desc())).first() == "BriefScheduleStopped"


def test_a_plan_is_made_and_stopped_on_a_page(office: Office, as_: SignIn) -> None:
    client = as_("lead")
    page = client.get("/reports/plans/new").text
    assert "方志恒（第一小组）" in page
    assert "温如玉" not in page
    form = {
        "scope": f"u{office.units['team'].id}",
        "kind": "weekly",
        "weekday": "4",
        "at": "16:00",
        "locale": "zh-CN",
        "op": "a",
    }
    refused = client.post("/reports/plans/new", data=form)
    assert (refused.status_code, "请至少勾选一人" in refused.text, 'value="16:00"' in refused.text) == (422, True, True)
    other = office.people["officer"].id
    assert "有人无权查看" in client.post("/reports/plans/new", data={**form, "tell": [other], "op": "b"}).text
    mine = {**form, "tell": [office.people["lead"].id]}
    timeless = client.post("/reports/plans/new", data={**mine, "at": "", "op": "t"})
    assert (timeless.status_code, "17:30" in timeless.text) == (422, True)
    answer = client.post("/reports/plans/new", data={**mine, "op": "c"})
    assert answer.status_code == 303
    assert "周五 16:00" in client.get("/reports/plans").text
    plan = db.session.scalars(sa.select(BriefSchedule)).one()
    assert as_("lead2").post(f"/reports/plans/{plan.id}/stop", data={"op": "x"}).status_code == 404
    assert client.post(f"/reports/plans/{plan.id}/stop", data={"op": "d"}).status_code == 303
    assert "还没有定时简报" in client.get("/reports/plans").text


# -- who may


def test_a_brief_exists_for_those_who_could_have_it_written(office: Office) -> None:
    for of, by, readers in (
        ("a8801", "district_admin", {"district_admin"}),
        ("a8801001", "area_leader", {"area_leader", "district_admin"}),
        ("q-housing-8801", "regulator", {"regulator", "district_admin"}),
        ("u-team", "lead", {"lead", "district_admin"}),  # cases of a team may lie outside of its area
    ):
        key, seen = asked(office, of=of, by=by), set()
        scope = scopes.of_row(db.session.get_one(Brief, key))
        for name in office.people:
            actor = office.actor(name, local_day(LATER))
            found = db.session.scalar(sa.select(Brief.id).where(Brief.id == key, scopes.visible_to(actor)))
            assert bool(found) == scopes.allowed(scope, actor, READ), (of, name)
            if found:
                assert can(actor, READ)
                seen.add(name)
        assert seen == readers


def test_nobody_has_a_brief_written_of_what_they_may_not_see(office: Office) -> None:
    for of, by in (
        ("a8801", "area_leader"),
        ("a8802", "district_admin"),
        ("a8801", "regulator"),
        ("u-team2", "lead"),
        ("a8801001", "officer"),
        ("q-transport-8801", "regulator"),
        ("q-housing-8802", "regulator"),
    ):
        with pytest.raises(NotFound):
            counted(office, of, by)
    scope = counted(office)
    wanted = service.Wanted(kind=Kind.WEEKLY, counted=scope, first=WEEK[0], last=WEEK[1])
    plan = plans.Plan(kind=Kind.DAILY, counted=scope, minute=60, weekday=None, tell=[1])
    for by in ("area_leader", "lead", "officer"):
        with pytest.raises(NotPermitted):
            service.ask(wanted, actor=office.actor(by), now=LATER)
        with pytest.raises(NotPermitted):
            plans.make_plan(plan, actor=office.actor(by), now=LATER)


def test_a_brief_out_of_reach_is_answered_like_one_that_is_not_there(busy: Office, as_: SignIn) -> None:
    brief, client = written(busy), as_("area_leader")
    odd = as_("district_admin")
    for strange in ("rows?of=came&by=types&key=²", "rows?of=came_slot&by=slot&key=99"):
        assert odd.get(f"/reports/{brief.id}/{strange}").status_code == 404, strange
    for path in ("", "/brief.pdf", "/rows?of=came", "/figures/on_time", "/relief", "/orders?of=open"):
        assert client.get(f"/reports/{brief.id}{path}").status_code == 404, path
        assert client.get(f"/reports/999{path}").status_code == 404
    assert client.post(f"/reports/{brief.id}/anew", data={"op": "x"}).status_code == 404
    assert f"/reports/{brief.id}" not in client.get("/reports").text


# -- pages


def test_plans_are_paged_and_none_is_left_out(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "SIZE", 2)
    made = {planned(office) for _ in range(5)}
    actor, at, seen = office.actor("district_admin"), paging.FIRST, []
    for _ in range(3):
        found = queries.plans(actor, at)
        seen += [one.id for one in found.rows]
        at = paging.At(after=found.after)
    assert (len(seen), set(seen), found.after) == (5, made, None)


def test_a_file_that_is_taken_out_is_whole_and_stands_in_the_register(busy: Office, as_: SignIn) -> None:
    brief, client = written(busy), as_("district_admin")
    for form in ("pdf", "docx", "xlsx"):
        answer = client.get(f"/reports/{brief.id}/brief.{form}")
        assert answer.data == content(brief, form)
        assert "attachment" in answer.headers["Content-Disposition"]
    assert client.get(f"/reports/{brief.id}/brief.exe").status_code == 404
    register = as_("auditor").get("/audit/exports").text
    assert register.count(f"下载简报 {brief.id}") == 3
    entry = db.session.scalars(sa.select(Event).where(Event.verb == "BriefWritten")).one()
    assert entry.actor_id == busy.people["district_admin"].id


def test_bad_input_is_told_at_its_field_and_what_was_typed_survives(office: Office, as_: SignIn) -> None:
    scope, client = f"a{office.areas['8801001'].id}", as_("district_admin")
    form = {"kind": "weekly", "on": "2020-03-18", "scope": scope, "locale": "en", "op": "one"}
    for given, said in (
        ({"on": ""}, "日期：请选一天"),
        ({"on": "2999-01-01"}, "日期：还没有到"),
        ({"kind": "special", "first": "2020-03-10", "last": "2020-03-01"}, "最后一天：早于第一天"),
        ({"kind": "special", "first": "2020-03-10"}, "日期：请选一天"),
    ):
        answer = client.post("/reports/new", data={**form, **given})
        assert (answer.status_code, said in answer.text) == (422, True), given
        assert f'selected value="{scope}"' in answer.text
    assert client.post("/reports/new", data={**form, "scope": "a999999"}).status_code == 404
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Brief)) == 0


def test_rows_that_no_figure_has_are_not_found(office: Office, as_: SignIn) -> None:
    brief, client = written(office), as_("district_admin")
    for query in (
        "of=no",
        "of=came_slot",
        "of=came&by=officer",
        "of=came&by=types&key=x",
        "of=came_slot&by=slot&key=99",
    ):
        assert client.get(f"/reports/{brief.id}/rows?{query}").status_code == 404, query
    assert client.get(f"/reports/{brief.id}/orders?of=no").status_code == 404
    assert client.get(f"/reports/{brief.id}/figures/no").status_code == 404


def test_the_list_is_filtered_paged_by_key_and_costs_the_same_however_long(
    office: Office, as_: SignIn, query_count: Count
) -> None:
    client, sent = as_("district_admin"), []
    for more in (2, queries.SIZE):
        for _ in range(more):
            asked(office, of="a8801001")
        with query_count() as counting:
            html = client.get("/reports").text
        sent.append(len(counting))
    assert sent[0] == sent[1]
    after = re.search(r'rel="next" href="([^"]+)"', html)
    assert after is not None
    assert client.get(after[1].replace("&amp;", "&")).text.count('<td class="no"') == 2
    assert "还没有简报" in client.get("/reports?kind=daily").text
    assert "还没有简报" in client.get(f"/reports?area={office.areas['8801002'].id}").text
    assert (
        client.get(f"/reports?area={office.areas['8801001'].id}&kind=weekly").text.count('<td class="no"')
        == queries.SIZE
    )


def test_the_page_of_a_brief_costs_the_same_however_much_it_says(busy: Office, as_: SignIn, query_count: Count) -> None:
    client = as_("district_admin")
    quiet = written(busy, first=date(2019, 3, 4), last=date(2019, 3, 10))
    full, sent = written(busy), []
    for brief in (quiet, full):
        with query_count() as counting:
            client.get(f"/reports/{brief.id}")
        sent.append(len(counting))
    assert sent[0] == sent[1]


def test_an_empty_place_has_a_brief_that_says_so(office: Office) -> None:
    areas.add_area(code="8803", name="空区", level="district", parent=office.areas["88"])
    a_posting(office, "district_admin", unit="office", role="district_admin", area="88")
    db.session.commit()
    for code in ("8802", "88"):
        brief = written(office, of=f"a{code}")
        text = " ".join(line for one in (brief.told or {})["zh-CN"] for line in one["lines"])
        assert "本周新收诉求 0 件；上周没有数据，不作比较。" in text


def test_the_command_writes_one_and_says_where_it_is(office: Office) -> None:
    given = ["write", "--kind", "weekly", "--area", "8801", "--on", "2020-03-18", "--as", "district_admin", "--json"]
    done = CliRunner().invoke(command, given)
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout.splitlines()[-1])
    assert (said["of"], said["first"], said["last"]) == ("临江区", "2020-03-16", "2020-03-22")
    for wrong, word in (
        (["write", "--area", "8801", "--as", "district_admin"], "needs --on"),
        (["write", "--area", "nowhere", "--on", "2020-03-18", "--as", "district_admin"], "or there is none"),
        (["write", "--area", "8801", "--on", "2020-03-18", "--as", "officer"], "may not write briefs"),
        (["write", "--area", "8801", "--on", "2999-03-18", "--as", "district_admin"], "还没有到"),
    ):
        refused = CliRunner().invoke(command, wrong)
        assert (refused.exit_code, word in refused.output) == (1, True), refused.output
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Brief)) == 1


def test_the_rows_of_a_slice_end_where_the_brief_ends(busy: Office) -> None:
    brief = written(busy, now=NOW + 2 * DAY)
    figures = from_json(brief.figures or {})
    scope, actor = scopes.of_row(brief), busy.actor("district_admin")
    for at, slot in enumerate(figures.slots, 1):
        asked_for = brief_rows.Asked("came_slot", "slot", at)
        assert len(brief_rows.cases(figures, scope, asked_for, paging.FIRST, actor).rows) == slot.came
    assert sum(one.came for one in figures.slots[-3:]) == figures.came.now == 2
