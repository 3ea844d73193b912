"""Imports from files: every row is accounted for, a second time changes nothing, and a kill loses nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from casework.areas.models import Area
from casework.audit import queries as audit
from casework.audit.models import Event, EventPayload
from casework.cases.models import Case
from casework.config import ROOT
from casework.enterprises.models import Contact, Enterprise
from casework.imports import running
from casework.imports.importing import Setting
from casework.imports.report import Report
from casework.kernel.db import db
from casework.kernel.errors import Refused
from casework.kernel.time import utcnow
from casework.roster.models import Posting
from tests import factories

CODE = "91440300708461136T"
AREAS = """区代码,区,街道代码,街道,社区代码,社区
440303,罗湖区,440303001,桂园街道,440303001001,大塘龙社区居民委员会
440303,罗湖区,440303001,桂园街道,440303001007,红村社区居民委员会
440304,福田区,440304001,福保街道,440304001001,福保社区居民委员会
"""


@pytest.fixture
def take(app, tmp_path):
    """``take(target, text or bytes, mapping=…, actor=…, dry=…)``: a file imported, its report."""

    def take(target, content, *, name="file.csv", mapping=None, actor=None, dry=False, city=""):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        source = running.open_source(path, name, target, mapping)
        job = running.Job(target, source, Setting(actor, utcnow(), city=city), name, "0" * 64)
        report = running.check(job) if dry else running.run(job)
        assert report.adds_up()
        assert report.rows == len(source.rows)
        return report

    return take


@pytest.fixture
def shenzhen(take):
    """Two districts of Shenzhen, imported."""
    return take("areas", AREAS)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.created, report.existing, report.changed, len(report.refused)


def how_many(model) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def full_name(enterprise: Enterprise) -> str:
    return db.session.get(Area, enterprise.area_id).full_name


# -- areas


def test_a_table_of_communities_makes_everything_above_them(take, shenzhen):
    assert counts(shenzhen) == (3, 0, 0, 0)
    names = {area.name: area.level for area in db.session.scalars(sa.select(Area))}
    assert names["深圳市"] == "city"
    assert names["福保街道"] == "subdistrict"
    assert len(names) == 1 + 2 + 2 + 3
    [community] = db.session.scalars(sa.select(Area).where(Area.name == "红村社区居民委员会"))
    assert community.full_name == "深圳市罗湖区桂园街道红村社区居民委员会"


def test_importing_areas_twice_changes_nothing(take, shenzhen):
    before = how_many(Area)
    assert counts(take("areas", AREAS)) == (0, 3, 0, 0)
    assert how_many(Area) == before


def test_areas_may_come_one_a_row(take):
    text = "code,name,cityCode,provinceCode\n440103,荔湾区,4401,44\n440104,越秀区,4401,44\n"
    assert counts(take("areas", text)) == (2, 0, 0, 0)
    assert {area.name for area in db.session.scalars(sa.select(Area))} == {"广州市", "荔湾区", "越秀区"}


def test_an_unknown_city_is_asked_for(take):
    text = "code,name\n990103,某区\n"
    [refusal] = take("areas", text).refused
    assert (refusal.row, refusal.field) == (2, "city")
    assert counts(take("areas", text, city="江城市")) == (1, 0, 0, 0)


# -- enterprises


def test_every_row_is_new_there_already_or_refused_with_its_reason(take, shenzhen):
    text = (
        "企业名称,所在区,信用代码,注册地址\n"
        f"甲公司,福田区,{CODE},\n"
        "乙（深圳）公司,罗湖区,,\n"
        "乙(深圳) 公司,罗湖区,,\n"
        "丙公司,福田区,91440300310585787M,\n"
        "丁公司,大鹏新区,,\n"
        ",福田区,,\n"
        "戊公司,,,深圳市福田区福保街道福保社区市花路1号\n"
        "己公司,,,\n"
    )
    report = take("enterprises", text)
    assert counts(report) == (3, 1, 0, 4)
    assert [(one.row, one.field) for one in report.refused] == [
        (5, "uscc"),
        (6, "district"),
        (7, "name"),
        (9, "district"),
    ]
    assert all(str(one.reason) and str(one.remedy) for one in report.refused)
    [placed] = db.session.scalars(sa.select(Enterprise).where(Enterprise.name == "戊公司"))
    assert full_name(placed) == "深圳市福田区福保街道福保社区居民委员会"


def test_importing_twice_changes_nothing(take, shenzhen):
    header = "企业名称,所在区,信用代码,联系人,联系电话\n"
    text = f"{header}甲公司,福田区,{CODE},张三,13800138000\n乙公司,罗湖区,,,\n"
    assert counts(take("enterprises", text)) == (2, 0, 0, 0)
    assert counts(take("enterprises", text)) == (0, 2, 0, 0)
    assert (how_many(Enterprise), how_many(Contact)) == (2, 1)


def test_a_later_file_fills_blanks_and_replaces_nothing(take, shenzhen):
    take("enterprises", "企业名称,所在区,地址\n甲公司,福田区,旧地址1号\n乙公司,福田区,\n")
    later = f"企业名称,注册地址,信用代码\n甲公司,福田区新地址2号,{CODE}\n乙公司,深圳市福田区福保街道3号,\n"
    assert counts(take("enterprises", later)) == (0, 0, 2, 0)
    first, second = db.session.scalars(sa.select(Enterprise).order_by(Enterprise.id))
    assert (first.address, first.uscc) == ("旧地址1号", CODE)
    assert full_name(second) == "深圳市福田区福保街道"


@pytest.mark.parametrize(
    ("address", "place", "notes"),
    [
        ("广东省深圳市福田区福保街道福保社区市花路", "深圳市福田区福保街道福保社区居民委员会", 0),
        ("深圳市罗湖区桂园街道红村社区宝安南路", "深圳市罗湖区桂园街道红村社区居民委员会", 0),
        ("罗湖区黄贝岭街道深南东路", "深圳市罗湖区", 1),
        ("深圳市福田区福保街道石厦社区", "深圳市福田区福保街道", 1),
        ("福田区市花路南侧(仅限办公)", "深圳市福田区", 0),
    ],
)
def test_an_address_leads_as_far_as_it_can(take, shenzhen, address, place, notes):
    report = take("enterprises", f"企业名称,注册地址\n甲公司,{address}\n")
    assert counts(report) == (1, 0, 0, 0)
    assert full_name(db.session.scalar(sa.select(Enterprise))) == place
    assert len(report.notes) == notes


def test_a_district_for_all_rows_can_be_given(take, shenzhen):
    text, mapping = "企业名称\n甲公司\n乙公司\n", {"defaults": {"district": "福田区"}}
    assert counts(take("enterprises", text)) == (0, 0, 0, 2)
    assert counts(take("enterprises", text, mapping=mapping)) == (2, 0, 0, 0)


def test_another_code_for_a_known_name_is_refused(take, shenzhen):
    take("enterprises", f"企业名称,所在区,信用代码\n甲公司,福田区,{CODE}\n")
    [refusal] = take("enterprises", "企业名称,所在区,信用代码\n甲公司,福田区,9144030071526726XG\n").refused
    assert refusal.field == "uscc"
    assert CODE in str(refusal.reason)


def test_a_file_in_gb18030_is_read(take, shenzhen):
    assert counts(take("enterprises", "企业名称,所在区\n甲公司,福田区\n".encode("gb18030"))) == (1, 0, 0, 0)


def test_columns_that_reach_no_field_are_named(take, shenzhen):
    report = take("enterprises", "企业名称,所在区,吉祥物,备注\n甲公司,福田区,熊,很好\n")
    assert report.unmapped == ["吉祥物", "备注"]


def test_a_file_of_another_kind_is_refused_whole(take, shenzhen):
    with pytest.raises(Refused) as refusal:
        take("enterprises", "颜色,形状\n红,圆\n蓝,方\n")
    assert "颜色" in str(refusal.value.reasons[0])


def test_a_dry_run_says_the_same_and_writes_nothing(take, shenzhen):
    text = "企业名称,所在区\n甲公司,福田区\n甲公司,福田区\n乙公司,大鹏新区\n"
    assert counts(take("enterprises", text, dry=True)) == (1, 1, 0, 1)
    assert how_many(Enterprise) == 0
    assert counts(take("enterprises", text)) == (1, 1, 0, 1)


def test_a_row_outside_my_areas_stays_out(app, take):
    office = factories.an_office()
    text = "企业名称,所在区\n甲公司,临江区\n乙公司,望山区\n"
    report = take("enterprises", text, actor=office.actor("desk"))
    assert counts(report) == (1, 0, 0, 1)
    assert report.refused[0].row == 3


# -- cases

BOARD = (
    "留言编号,留言用户,留言主题,留言时间,留言详情,答复意见,答复时间,点赞数\n"
    '17,A1,门面租金能否减免,2020/2/6 12:09:38,"\n\t\t疫情期间没有生意。　请求减免。\n",'
    "网友您好！已转房东。,2020/2/9 9:00:00,3\n"
    "18,A2,货车进不了城,2018/4/24,司机被拦。,,,0\n"
)
MAP = {"defaults": {"district": "福田区"}}


@pytest.fixture
def office(app, shenzhen):
    return factories.an_office()


def test_a_message_becomes_a_submitted_case_and_its_reply_a_dated_entry(take, office):
    report = take("cases", BOARD, mapping=MAP)
    assert counts(report) == (2, 0, 0, 0)
    assert report.unmapped == ["点赞数"]
    first, second = db.session.scalars(sa.select(Case).order_by(Case.id))
    assert (first.state, first.title, first.requester, first.source) == (
        "submitted",
        "门面租金能否减免",
        "A1",
        "import",
    )
    assert first.text.split() == ["疫情期间没有生意。", "请求减免。"]
    assert first.submitted_at == datetime(2020, 2, 6, 4, 9, 38, tzinfo=UTC)
    assert second.submitted_at == datetime(2018, 4, 23, 16, 0, tzinfo=UTC)
    query = sa.select(EventPayload.payload).join(Event, Event.id == EventPayload.event_id)
    [reply] = db.session.scalars(query.where(Event.case_id == first.id, Event.verb == "NoteAdded"))
    assert reply["text"] == "网友您好！已转房东。"
    assert reply["written_at"].startswith("2020-02-09T01:00")
    assert audit.verify().first_bad is None


def test_the_same_messages_again_make_no_second_case(take, office):
    take("cases", BOARD, mapping=MAP)
    entries = how_many(Event)
    assert counts(take("cases", BOARD, mapping=MAP, name="other.csv")) == (0, 2, 0, 0)
    assert how_many(Case) == 2
    assert how_many(Event) == entries


def test_a_reply_that_comes_later_is_added_once(take, office):
    take("cases", BOARD, mapping=MAP)
    later = BOARD.replace("司机被拦。,,", "司机被拦。,已发通行证。,2018/5/2")
    assert counts(take("cases", later, mapping=MAP)) == (0, 1, 1, 0)
    assert counts(take("cases", later, mapping=MAP)) == (0, 2, 0, 0)


def test_one_reference_over_two_matters_is_two_cases(take, office):
    text = "编号,标题,内容\n1,甲事,甲\n1,乙事,乙\n1,甲事,甲\n"
    assert counts(take("cases", text, mapping=MAP)) == (2, 1, 0, 0)
    assert counts(take("cases", text, mapping=MAP)) == (0, 3, 0, 0)


def test_a_long_question_keeps_every_word(take, office):
    question = "为什么" * 60
    mapping = {"columns": {"question": ["title", "text"], "answer": "reply"}, **MAP}
    take("cases", f"id,question,answer\n1,{question},因为。\n", mapping=mapping)
    case = db.session.scalar(sa.select(Case))
    assert len(case.title) == 120
    assert case.text == question


def test_bad_dates_empty_rows_and_missing_districts_are_refused(take, office):
    text = (
        "编号,标题,内容,提交时间,区\n1,甲,甲,昨天,福田区\n2,,,2020-02-03,福田区\n3,丙,丙,2999-01-01,福田区\n4,丁,丁,,\n"
    )
    report = take("cases", text)
    assert [(one.row, one.field) for one in report.refused] == [
        (2, "submitted_at"),
        (3, "title"),
        (4, "submitted_at"),
        (5, "district"),
    ]
    assert how_many(Case) == 0


# -- people


def test_people_come_with_accounts_and_postings(take, office):
    text = (
        "账号,姓名,单位,角色,负责区域,开始日期\n"
        "shen.yan,沈言,第一小组,下沉干部,南贤社区,2020-02-03\n"
        "officer,沈砚秋,第二小组,组长,柳堤街道,2020-02-03\n"
        "li.si,李四,没有的组,下沉干部,,\n"
        "wang.wu,王五,第一小组,国王,,\n"
        "desk,另一人,第一小组,下沉干部,,\n"
    )
    before = how_many(Posting)
    report = take("people", text)
    assert counts(report) == (1, 0, 1, 3)
    assert [(one.row, one.field) for one in report.refused] == [(4, "unit"), (5, "role"), (6, "username")]
    assert counts(take("people", text)) == (0, 2, 0, 3)
    assert how_many(Posting) == before + 2


# -- a kill in the middle, with a real process


def casework(database_url: str, tmp_path: Path, *arguments: str) -> subprocess.Popen:
    environment = {
        **os.environ,
        "CASEWORK_DATABASE_URL": database_url,
        "CASEWORK_SECRET_KEY": "x" * 40,
        "CASEWORK_STORAGE": str(tmp_path / "files"),
    }
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "casework.cli", *arguments],
        cwd=ROOT,
        env=environment | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def report_of(process: subprocess.Popen) -> dict:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return json.loads(out)


def test_a_killed_import_run_again_finishes_without_doubles(app, database_url, tmp_path, take, shenzhen):
    factories.an_office()
    db.session.remove()
    rows = 1500
    file, mapping = tmp_path / "many.csv", tmp_path / "map.json"
    lines = [f"{n},{n}号诉求,第{n}件事,已答复{n}" for n in range(rows)]
    file.write_text("编号,标题,内容,答复意见\n" + "\n".join(lines))
    mapping.write_text(json.dumps(MAP))
    arguments = ("import", "cases", str(file), "--map", str(mapping), "--json")
    first = casework(database_url, tmp_path, *arguments)
    assert first.stderr is not None
    first.stderr.readline()  # the first 500 rows are in
    time.sleep(0.3)  # into the middle of the second batch: what is being written is the point of this test
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert first.returncode == -signal.SIGKILL
    done = how_many(Case)
    assert 0 < done < rows
    db.session.remove()
    again = report_of(casework(database_url, tmp_path, *arguments))
    assert (again["rows"], again["created"], again["existing"]) == (rows, rows - done, done)
    assert how_many(Case) == rows
    refs = db.session.scalars(sa.select(Case.external_ref)).all()
    assert len(set(refs)) == rows
    notes = db.session.scalar(sa.select(sa.func.count()).select_from(Event).where(Event.verb == "NoteAdded"))
    assert notes == rows
    numbers = sorted(int(number.rsplit("-", 1)[1]) for number in db.session.scalars(sa.select(Case.number)))
    assert numbers == list(range(1, rows + 1))


def test_a_file_that_is_none_ends_the_command_with_one_sentence(database_url, tmp_path):
    picture = tmp_path / "list.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    process = casework(database_url, tmp_path, "import", "enterprises", str(picture))
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in err
