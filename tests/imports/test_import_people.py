"""A list of people as officers lay it out: teams are made, people found again, pairs set, and nobody leaves in silence."""

from __future__ import annotations

import io
from datetime import date

import pytest
import sqlalchemy as sa
import xlsxwriter

from casework.accounts.models import User
from casework.audit import queries as audit
from casework.audit.models import Event
from casework.imports import running
from casework.imports.importing import Setting
from casework.imports.models import ImportRun
from casework.kernel.db import db
from casework.kernel.time import local_day, utcnow
from casework.roster.models import Posting, Unit
from tests import factories
from tests.imports.test_import_pages import confirmed

HEADS = "姓名,手机号,队伍编码,队伍名称,驻点街道,派出单位,岗位,AB岗\n"
ROWS = (
    "林小满,13800001001,T1,第一工作队,南贤街道,市税务局,队长,13800001002\n"
    "张伟,13800001002,T1,第一工作队,南贤街道,区住建局,队员,林小满\n"
    "张伟,13800001003,T1,第一工作队,南贤街道,区住建局,队员,\n"
    "何青,13800001004,T2,第二工作队,柳堤街道,团市委,志愿者,\n"
)


@pytest.fixture
def office(app):
    return factories.an_office()


@pytest.fixture
def take(office, tmp_path):
    """``take(text, actor=…, dry=…, make_teams=…, whole=…, may_end=…)``: a list imported, its report."""

    def take(content, *, dry=False, actor=None, name="名册.csv", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        source = running.open_source(path, name, "people")
        who = office.actor(actor, local_day(utcnow())) if actor else None
        job = running.Job("people", source, Setting(who, utcnow(), **options), name, "0" * 64)
        report = running.check(job) if dry else running.run(job)
        assert report.adds_up()
        return report

    return take


def user(username):
    return db.session.scalars(sa.select(User).where(User.username == username)).one()


def how_many(table):
    return db.session.scalar(sa.select(sa.func.count()).select_from(table))


def posting_of(username):
    return db.session.scalars(sa.select(Posting).where(Posting.user_id == user(username).id)).one()


def test_teams_accounts_postings_and_pairs_come_from_one_list(take):
    units, people = how_many(Unit), how_many(User)
    checked = take(HEADS + ROWS, dry=True, make_teams=True)
    assert (how_many(Unit), how_many(User)) == (units, people)
    assert checked.effects == {"people": 4, "teams": 2, "postings": 4, "pairs": 2}
    assert [name.split(" · ")[0] for name in checked.named["teams"]] == ["第一工作队", "第二工作队"]
    done = take(HEADS + ROWS, make_teams=True)
    assert (done.created, done.effects) == (4, checked.effects)
    team = db.session.scalars(sa.select(Unit).where(Unit.code == "T1")).one()
    assert (team.name, team.sent_by) == ("第一工作队", ""), "a team of several bodies has no single one"
    lead, first, second, helper = (posting_of(f"1380000100{n}") for n in (1, 2, 3, 4))
    assert [one.role for one in (lead, first, second, helper)] == ["lead", "officer", "officer", "helper"]
    assert (lead.sent_by, first.sent_by) == ("市税务局", "区住建局")
    assert (lead.partner_id, first.partner_id, second.partner_id) == (first.user_id, lead.user_id, None)
    assert user("13800001001").password_hash == "", "nobody signs in before a password is handed out"
    again = take(HEADS + ROWS, make_teams=True)
    assert (again.existing, again.created, again.effects) == (4, 0, {})


def test_each_account_team_and_posting_stays_on_the_security_chain(take):
    take(HEADS + ROWS, make_teams=True)
    assert audit.verify().ok
    verbs = list(db.session.scalars(sa.select(Event.verb).where(Event.chain == "security").order_by(Event.seq)))
    assert {verb: verbs.count(verb) for verb in set(verbs)} == {
        "UnitMade": 2,
        "AccountMade": 4,
        "PostingMade": 4,
        "RowsImported": 1,
    }


def test_a_missing_team_is_made_only_when_asked_for(take):
    report = take(HEADS + ROWS)
    assert [(one.row, one.field) for one in report.refused] == [(2, "unit"), (3, "unit"), (4, "unit"), (5, "unit")]
    assert "Tick" in report.refused[0].remedy.text


def test_every_bad_row_says_field_reason_and_remedy(take):
    text = HEADS + (
        "无号,,T1,第一工作队,南贤街道,,队员,\n"
        "国王,13800001005,T1,第一工作队,南贤街道,,国王,\n"
        "无地,13800001006,T9,第九工作队,,,队员,\n"
        "林小满,13800001001,T1,第一工作队,南贤街道,,队员,\n"
        "另一人,13800001001,T1,第一工作队,南贤街道,,队员,\n"
        f"{'长' * 61},13800001007,T1,第一工作队,南贤街道,,队员,\n"
        f"名,13800001008,T1,{'长' * 81},南贤街道,,队员,\n"
    )
    report = take(text, make_teams=True)
    assert [(one.row, one.field) for one in report.refused] == [
        (2, "username"),
        (3, "role"),
        (4, "unit_area"),
        (6, "phone"),
        (7, "name"),
        (8, "unit"),
    ]
    assert all(one.remedy.text for one in report.refused)
    assert report.created == 1


def test_who_has_an_account_of_another_name_is_found_by_name_and_phone(take, office):
    office.people["officer3"].phone = "138 0000 2001"
    db.session.commit()
    people = how_many(User)
    report = take(HEADS + "温如玉,13800002001,team,第一小组,,,队员,\n")
    assert (report.changed, how_many(User)) == (1, people)
    assert any(
        "柳堤" in str(note.reason.values) or "第二小组" in str(note.reason.values) for note in report.notes.values()
    )


def test_a_posting_elsewhere_ends_only_when_the_row_says_so(take, office):
    old = db.session.scalars(sa.select(Posting).where(Posting.user_id == office.people["officer3"].id)).one()
    heads = "账号,姓名,队伍编码,岗位,到岗日期,原岗位结束\n"
    take(f"{heads}officer3,温如玉,team,队员,,否\n")
    db.session.expire_all()
    assert old.to_on is None
    again = db.session.scalars(sa.select(Posting).where(Posting.user_id == old.user_id, Posting.id != old.id)).one()
    report = take(f"{heads}officer3,温如玉,team,组长,,是\n")
    db.session.expire_all()
    assert (report.changed, report.effects) == (1, {"postings": 1, "ended": 1})
    assert old.to_on
    assert old.to_on < local_day(utcnow())
    assert again.to_on is None, "in the same team nothing ends"


def test_who_is_not_in_a_whole_list_leaves_only_as_shown_and_confirmed(take, office):
    text = "账号,姓名,队伍编码,岗位\nofficer,沈砚秋,team,队员\nlead,方志恒,team,国王\n"
    checked = take(text, dry=True, whole=True)
    assert checked.effects["ended"] == 2, checked.named
    assert {name.split(" · ")[0] for name in checked.named["ended"]} == {"何小满", "陆景明"}
    held = sa.select(Posting).where(Posting.unit_id == office.units["team"].id, Posting.to_on.is_(None))
    before = len(db.session.scalars(held).all())
    take(text, whole=True, may_end=1)  # fewer were confirmed than would leave
    assert len(db.session.scalars(held).all()) == before
    take(text, whole=True, may_end=2)
    db.session.expire_all()
    assert len(db.session.scalars(held).all()) == before - 2
    assert posting_of("lead").to_on is None, "a refused row still keeps its person"


def test_a_district_imports_its_own_and_nothing_next_door(take, office):
    report = take(HEADS + ROWS, actor="district_admin", make_teams=True)
    assert report.created == 4
    beyond = (
        HEADS + "马远,13800001009,T8,望山工作队,望山街道,,队员,\n钟立群,13800001010,T8,望山工作队,望山街道,,区管理员,\n"
    )
    refused = take(beyond, actor="district_admin", make_teams=True)
    assert [one.field for one in refused.refused] == ["area", "area"]
    assert db.session.scalar(sa.select(Unit.id).where(Unit.code == "T8")) is None


def test_a_sheet_with_merged_heads_totals_and_notes_is_read(take):
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet, bold = book.add_worksheet("名册"), book.add_format({"bold": True})
    sheet.merge_range(0, 1, 0, 7, "下沉干部名册", bold)
    sheet.merge_range(1, 1, 1, 2, "人员", bold)
    sheet.merge_range(1, 3, 1, 5, "队伍", bold)
    for column, head in ((6, "岗位"), (7, "到岗日期")):
        sheet.merge_range(1, column, 2, column, head, bold)
    for column, head in enumerate(("姓名", "手机号", "队伍编码", "队伍名称", "驻点街道"), start=1):
        sheet.write(2, column, head)
    sheet.write_row(3, 1, ("林小满", "13800001001", "T1", "第一工作队", "南贤街道", "队长", "2020-02-10"))
    sheet.write_row(4, 1, ("张伟", "13800001002", "T1", "第一工作队", "南贤街道", "队员", "/"))
    sheet.write_row(5, 1, ("合计", "2人"))
    sheet.merge_range(7, 1, 7, 7, "注：请勿更改表头", bold)
    book.add_worksheet("填写说明").write(0, 0, "一队一名队长")
    book.close()
    report = take(stream.getvalue(), name="名册.xlsx", make_teams=True)
    assert (report.created, len(report.refused), report.effects["teams"]) == (2, 0, 1)
    assert posting_of("13800001001").from_on == date(2020, 2, 10)


def test_a_batch_costs_the_same_however_many_people_it_brings(take, query_count):
    def rows(first, count):
        return HEADS + "".join(
            f"人{n},138000{n:05d},T1,第一工作队,南贤街道,,队员,\n" for n in range(first, first + count)
        )

    take(rows(0, 1), make_teams=True)
    with query_count() as few:
        take(rows(10, 10))
    with query_count() as many:
        take(rows(100, 300))
    assert len(many) == len(few)


def test_the_page_asks_before_anybody_leaves(client, office):
    admin = factories.signed_in(client, office.people["district_admin"])
    text = "账号,姓名,队伍编码,岗位\nofficer,沈砚秋,team,队员\n"
    file = (io.BytesIO(text.encode()), "名册.csv")
    uploaded = admin.post("/imports/new", data={"target": "people", "file": file, "whole": "y"})
    checked = confirmed(admin, uploaded.location, whole="y")
    page = admin.get(checked.location).text
    assert "离队名单已核对" in page
    assert "何小满" in page
    refused = admin.post(f"{checked.location}/start")
    assert "请先勾选" in admin.get(refused.location).text
    [run] = db.session.scalars(sa.select(ImportRun))
    assert run.status == "checked"
    admin.post(f"{checked.location}/start", data={"confirm": "3"})
    db.session.expire_all()
    assert (run.status, run.report["effects"]) == ("done", {"ended": 3})
