"""The wizard: columns confirmed and remembered, old beside new, doubles, the rest taken home, a run stopped."""

from __future__ import annotations

import io

import openpyxl
import pytest
import sqlalchemy as sa

from casework.cases.models import Case
from casework.cases.workflow import State
from casework.enterprises.models import Contact, Enterprise
from casework.imports import doubles, jobs, runs
from casework.imports.models import ImportRun, RunState
from casework.kernel.db import db
from casework.kernel.time import local, utcnow
from tests import factories
from tests.imports.test_import_pages import checked, confirmed, upload

ADDRESS = "某路1号"
MESSY = [
    ["临江区企业复工问题台账"],
    ["序号", "编号", "单位情况", None, "问题", "上报日期"],
    [None, None, "名称", "联系方式", None, None],
    [1, "W-1", "甲食品有限公司", "王一 13800000001", "商场停业请求减租", "2020.2.3"],
    [2, "W-2", "乙食品有限公司", "王二13800000002", "口罩没有到货", "2020年2月33日"],
    ["合计", None, None, None, "2件", None],
    ["注：请勿更改表头"],
]


@pytest.fixture
def office(app):
    return factories.an_office()


@pytest.fixture
def desk(client, office):
    return factories.signed_in(client, office.people["desk"])


def workbook(rows, merges=(), title="台账"):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for merge in merges:
        sheet.merge_cells(merge)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def messy():
    return workbook(MESSY, ["A1:F1", "A2:A3", "B2:B3", "C2:D2", "E2:E3", "F2:F3", "A7:F7"])


def last_run():
    return db.session.scalar(sa.select(ImportRun).order_by(ImportRun.id.desc()).limit(1))


def test_a_messy_ledger_is_proposed_corrected_imported_and_its_rest_comes_back_known(desk):
    answer = upload(desk, messy(), target="cases", name="台账.xlsx")
    page = desk.get(answer.location).text
    assert "“编号”是它的常用表头" in page
    assert "2020.2.3" in page
    assert 'name="all_district" maxlength="200" value="临江区"' in page  # no column says where: one's own is proposed
    wrong = confirmed(desk, answer.location, col_4="")
    assert wrong.status_code == 422
    assert "还没有哪一列是" in wrong.text
    found = confirmed(desk, answer.location, col_2="enterprise", col_4="title")
    assert found.status_code == 303
    report = desk.get(found.location).text
    assert "2020年2月33日" in report
    desk.post(f"{found.location}/start")
    [case] = db.session.scalars(sa.select(Case))
    assert (case.title, case.requester, case.contact_phone) == ("商场停业请求减租", "甲食品有限公司", "13800000001")

    home = openpyxl.load_workbook(io.BytesIO(desk.get(f"{found.location}/refused.xlsx").data))
    assert home.sheetnames == ["台账"]
    sheet = home.active
    assert [[cell for cell in row if cell] for row in sheet.values] == [
        ["临江区企业复工问题台账"],
        ["序号", "编号", "单位情况", "问题", "上报日期", "未导入原因"],
        ["名称", "联系方式"],
        [2, "W-2", "乙食品有限公司", "王二13800000002", "口罩没有到货", "2020年2月33日", sheet["G4"].value],
        ["注：请勿更改表头"],
    ]
    assert sheet["G4"].value.startswith("上报日期：")
    assert {"A1:F1", "C2:D2", "F2:F3", "G2:G3", "A5:F5"} <= {str(merge) for merge in sheet.merged_cells.ranges}
    sheet["F4"] = "2020-02-03"
    stream = io.BytesIO()
    home.save(stream)
    again = upload(desk, stream.getvalue(), target="cases", name="改好.xlsx")
    assert not again.location.endswith("/columns")
    assert "按上次的对应关系读取" in desk.get(again.location).text
    desk.post(f"{again.location}/start")
    assert db.session.scalars(sa.select(Case.title).order_by(Case.id)).all() == ["商场停业请求减租", "口罩没有到货"]


def test_the_case_ledger_of_another_office_brings_its_cases_to_their_places_without_masked_phones(desk, office):
    head = "诉求编号,事由,企业,类型,状态,辖区,地点,联系人,电话,提交时间,情况和诉求\n"
    place = office.areas["8801001001"].path
    rows = f"770101-2026-000007,仓库停电,乙食品有限公司,,办理中,{place},二号门,王一,138****0001,2026-11-02 09:30,冷库里的货要坏\n"
    location = checked(desk, head + rows, target="cases", name="别处的诉求台账.csv")
    assert "“电话”有 1 个打码的电话，打不通，不导入" in desk.get(location).text
    desk.post(f"{location}/start")
    [case] = db.session.scalars(sa.select(Case))
    assert (case.area_id, case.external_ref) == (office.areas["8801001001"].id, "770101-2026-000007")
    assert (case.title, case.text, case.place) == ("仓库停电", "冷库里的货要坏", "二号门")
    assert (case.requester, case.contact_name, case.contact_phone) == ("乙食品有限公司", "王一", "")


def test_a_masked_phone_adds_no_second_contact_of_a_firm(desk, office):
    head = "企业名称,所在区,联系人,联系电话\n"
    for phone, created in (("13800000001", 1), ("138****0001", 0)):
        location = checked(desk, f"{head}甲公司,临江区,王一,{phone}\n", name=f"{phone}.csv")
        desk.post(f"{location}/start")
        assert last_run().preview["created"] == created
    assert db.session.execute(sa.select(Contact.name, Contact.phone)).all() == [("王一", "13800000001")]


def test_a_year_that_the_ledger_tells_or_somebody_chooses_is_supplied_and_said_never_remembered(desk):
    rows = [["标题", "企业名称", "上报日期"], ["商场停业请求减租", "甲食品有限公司", "2月4日 9:30"]]
    told = workbook([["2020年2月问题台账"], *rows], ["A1:C1"])
    found = confirmed(desk, upload(desk, told, target="cases", name="台账.xlsx").location)
    assert (
        "“上报日期”列有 1 个日期没有年份：按表头标题读作 2020 年（2020年2月问题台账）" in desk.get(found.location).text
    )
    desk.post(f"{found.location}/start")
    [case] = db.session.scalars(sa.select(Case))
    assert local(case.submitted_at).isoformat()[:16] == "2020-02-04T09:30"

    plain = workbook([*rows[:1], ["租金没有减", "乙食品有限公司", "2.4"], ["缺口罩", "乙食品有限公司", "2.1"]])
    refused = upload(desk, plain, target="cases", name="别的.xlsx").location
    page = desk.get(refused).text
    assert "“2.4”没有年份" in page
    assert "“上报日期”列有 1 个日期没有年份，表里看不出确切是哪一年" in page
    columns = f"{refused}/columns"
    wrong = confirmed(desk, columns, year="20")
    assert wrong.status_code == 422
    assert 'value="20"' in wrong.text
    chosen = confirmed(desk, columns, year="2019")
    page = desk.get(chosen.location).text
    assert "按您选定的 2019 年读" in page
    assert "“2.1”也可能是 10 日" in page
    desk.post(f"{refused}/start")
    moments = db.session.scalars(sa.select(Case.submitted_at).order_by(Case.id)).all()
    assert [local(moment).year for moment in moments] == [2020, 2019]
    again = upload(desk, plain, target="cases", name="又来.xlsx").location
    assert "表里看不出确切是哪一年" in desk.get(again).text


def test_another_desk_of_the_district_is_offered_the_layout_and_one_elsewhere_is_not(app, desk, office):
    confirmed(desk, upload(desk, messy(), target="cases", name="a.xlsx").location, col_4="title")
    near, far = (factories.signed_in(app.test_client(), office.people[name]) for name in ("desk2", "desk_b"))
    assert not upload(near, messy(), target="cases", name="b.xlsx").location.endswith("/columns")
    assert upload(far, messy(), target="cases", name="b.xlsx").location.endswith("/columns")


def test_another_sheet_and_header_are_read_and_what_cannot_be_read_keeps_what_was_typed(desk):
    book = openpyxl.load_workbook(io.BytesIO(messy()))
    other = book.create_sheet("第二张")
    for row in (["说明一", "说明二"], ["单位名称", "区"], ["丙食品有限公司", "临江区"]):
        other.append(row)
    stream = io.BytesIO()
    book.save(stream)
    location = upload(desk, stream.getvalue(), name="两张.xlsx").location
    bad = confirmed(desk, location, sheet="第二张", first="9", last="2")
    assert bad.status_code == 422
    assert "首行和末行" in bad.text
    assert "<option selected>第二张" in bad.text
    assert confirmed(desk, location, sheet="第二张").location == location  # the rows of the header were the other's
    assert last_run().preview["look"]["header"] == [2, 2]
    assert confirmed(desk, location, sheet="台账", first="", last="").location == location
    assert 'name="all_district" maxlength="200" value="临江区"' in desk.get(location).text
    assert confirmed(desk, location, sheet="第二张", first="2", last="2").location == location
    page = desk.get(location).text
    assert "丙食品有限公司" in page
    assert confirmed(desk, location).status_code == 303
    assert "新增" in desk.get(location.removesuffix("/columns")).text
    assert last_run().preview["created"] == 1


def test_a_list_without_headers_is_told_by_its_cells_and_comes_home_with_names(desk):
    location = checked(desk, "江城甲食品有限公司,临江区\n江城乙食品有限公司,天边区\n")
    assert last_run().preview["created"] == 1
    rows = list(openpyxl.load_workbook(io.BytesIO(desk.get(f"{location}/refused.xlsx").data)).active.values)
    assert rows[0] == ("企业名称", "所在区", "未导入原因")
    assert not upload(desk, workbook([rows[0], ("江城乙食品有限公司", "临江区", "")])).location.endswith("/columns")


@pytest.mark.parametrize(("choice", "address", "size"), [("blanks", ADDRESS, "小型"), ("take", "新路2号", "小型")])
def test_blanks_are_filled_and_what_stands_here_is_replaced_only_where_so_chosen(desk, office, choice, address, size):
    firm = factories.a_firm(office, name="甲公司")
    firm.address = ADDRESS
    db.session.commit()
    location = upload(desk, "企业名称,所在区,注册地址,企业规模\n甲公司,临江区,新路2号,小型\n").location
    location = confirmed(desk, location, take_over=choice).location
    page = desk.get(location).text
    assert ADDRESS in page
    assert "新路2号" in page
    desk.post(f"{location}/start")
    db.session.refresh(firm)
    assert (firm.address, firm.size) == (address, size)
    run = last_run()
    assert (run.report["rows"], run.report["changed"]) == (1, 1)


@pytest.mark.parametrize(("choice", "created", "refused"), [("in", 1, 0), ("out", 0, 1)])
def test_a_firm_called_much_the_same_is_named_and_left_out_where_so_chosen(desk, office, choice, created, refused):
    factories.a_firm(office, name="江城市老盐张食品有限公司")
    db.session.commit()
    location = upload(desk, "企业名称,所在区\n老盐张食品有限责任公司,临江区\n").location
    location = confirmed(desk, location, leave_doubles=choice).location
    assert "江城市老盐张食品有限公司" in desk.get(location).text
    preview = last_run().preview
    assert (preview["created"], len(preview["refused"])) == (created, refused)


def test_a_case_told_before_is_completed_corrected_where_so_chosen_and_its_double_named(desk, office):
    head = "编号,标题,内容,联系电话,地址,所在区\n"
    first = checked(desk, head + "A1,请求减租,商场停业两个月请求减免租金,13800000001,,临江区\n", target="cases")
    desk.post(f"{first}/start")
    [case] = db.session.scalars(sa.select(Case))
    again = f"{head}{case.number},请求减免租金,商场停业两个月请求减免租金,13800000001,某路9号,临江区\n"
    again += "A7,请求减免租金,商场停业两个月请求减免租金,13800000001,,临江区\n"
    location = upload(desk, again, target="cases").location
    assert case.title == "请求减租"
    preview = last_run().preview
    assert (preview["changed"], preview["created"], preview["suspected"]) == (1, 1, 1)
    location = confirmed(desk, f"{location.removesuffix('/columns')}/columns", take_over="take").location
    desk.post(f"{location}/start")
    db.session.expire_all()
    assert (case.title, case.place) == ("请求减免租金", "某路9号")


def test_who_imports_a_file_that_somebody_has_imported_is_led_there_or_confirms(app, desk, office):
    location = checked(desk)
    desk.post(f"{location}/start")
    other = factories.signed_in(app.test_client(), office.people["desk2"])
    second = checked(other)
    page = other.get(second).text
    assert "周文静已导入过这个文件" in page
    assert f'href="{location}"' not in page  # whose it is and when, but not the import of another
    answer = other.post(f"{second}/start")
    assert "请先勾选" in other.get(answer.location).text
    assert last_run().status == RunState.CHECKED
    other.post(f"{second}/start", data={"again": "1"})
    assert last_run().status == RunState.DONE
    assert db.session.scalar(sa.select(sa.func.count(Enterprise.id))) == 1
    far = factories.signed_in(app.test_client(), office.people["desk_b"])
    page = far.get(checked(far)).text
    assert "别的单位已导入过这个文件" in page
    assert "周文静" not in page  # of another district: whoever it is stays unsaid


def test_one_file_is_on_its_way_once_at_a_time(app, desk, office):
    many = "企业名称,所在区\n" + "".join(f"第{n}公司,临江区\n" for n in range(600))
    other = factories.signed_in(app.test_client(), office.people["desk2"])
    first, second = checked(desk, many), checked(other, many)
    desk.post(f"{first}/start")
    answer = other.post(f"{second}/start", data={"again": "1"})
    assert "正在导入" in other.get(answer.location).text
    assert last_run().status == RunState.CHECKED


def test_an_import_that_is_stopped_keeps_whole_batches_says_how_many_and_offers_to_take_them_back(desk):
    many = "企业名称,所在区\n" + "".join(f"第{n}公司,临江区\n" for n in range(1200))
    location = checked(desk, many)
    desk.post(f"{location}/start")
    key = int(location.rsplit("/", 1)[1])

    def asked_to_stop(_session):
        run = db.session.get(ImportRun, key)
        if run.rows_done == 500 and run.cancel_at is None:
            runs.cancel(run, now=utcnow())

    sa.event.listen(db.session, "before_commit", asked_to_stop)
    assert jobs.run_imports(utcnow()) == 1
    sa.event.remove(db.session, "before_commit", asked_to_stop)
    db.session.expire_all()
    run = db.session.get(ImportRun, key)
    assert (run.status, run.report["rows"]) == (RunState.CANCELLED, run.rows_done)
    assert run.rows_done in (500, 1000)
    assert db.session.scalar(sa.select(sa.func.count(Enterprise.id))) == run.rows_done
    page = desk.get(location).text
    assert f"共 1200 行，处理了 {run.rows_done} 行" in page
    assert f"{location}/undo" in page


def test_an_import_that_waits_is_stopped_before_it_begins(desk):
    location = checked(desk, "企业名称,所在区\n" + "".join(f"第{n}公司,临江区\n" for n in range(600)))
    desk.post(f"{location}/start")
    assert "<dt>新增</dt><dd>0</dd>" in desk.get(location).text  # counted is what is in, not what the check foresaw
    desk.post(f"{location}/cancel")
    desk.post(f"{location}/cancel")
    assert jobs.run_imports(utcnow()) == 0
    assert last_run().status == RunState.CANCELLED
    page = desk.get(location).text
    assert "一行也没有导入" in page
    assert f"{location}/undo" not in page
    assert db.session.scalar(sa.select(sa.func.count(Enterprise.id))) == 0


def test_a_double_names_no_case_that_one_may_not_see(office):
    case = factories.a_case(
        office, State.IN_PROGRESS, now=utcnow(), title="仓库门口的货运不出去", contact_phone="13800138000"
    )

    def like(who):
        known = doubles.OpenCases(utcnow(), office.actor(who, utcnow().date()))
        known.look_up(set(), {case.contact_phone})
        return known.like(case.title, case.text, None, case.contact_phone)

    assert case.number in like("desk")
    assert like("officer3") == ""
