"""The import pages: check, confirm, result, and the rows that stay out to take home."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import openpyxl
import pytest
import sqlalchemy as sa

from casework.enterprises.models import Enterprise
from casework.files import storage
from casework.imports import jobs, runs
from casework.imports.models import ImportRun, RunState
from casework.kernel import waiting
from casework.kernel.db import db
from casework.kernel.models import Attempt
from casework.kernel.time import utcnow
from casework.sheets import limits
from tests import factories

LIST = "企业名称,所在区,信用代码\n甲公司,临江区,91440300708461136T\n甲公司,临江区,\n乙公司,远方区,\n丙公司,临江区,123\n"


@pytest.fixture
def office(app):
    return factories.an_office()


@pytest.fixture
def desk(client, office):
    return factories.signed_in(client, office.people["desk"])


def upload(client, content=LIST, *, target="enterprises", name="企业名单.csv", **data):
    file = (io.BytesIO(content if isinstance(content, bytes) else content.encode()), name)
    return client.post("/imports/new", data={"target": target, "file": file, **data})


def confirmed(client, location, **chosen):
    """The columns as they are proposed, sent back, with some chosen otherwise; where that leads."""
    page = client.get(location).text
    data = dict(re.findall(r'<input[^>]*name="((?:first|last|sheet|all_\w+|op))"[^>]*value="([^"]*)"', page))
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        picked = re.search(r'<option value="([^"]*)" selected', body) or re.search("<option selected>([^<]*)<", body)
        data[name] = picked.group(1) if picked else ""
    return client.post(location, data={**data, **chosen})


def checked(client, content=LIST, **data):
    """A file uploaded, its columns confirmed: the address of its report."""
    answer = upload(client, content, **data)
    assert answer.status_code == 303, answer.text
    if not answer.location.endswith("/columns"):
        return answer.location
    answer = confirmed(client, answer.location)
    assert answer.status_code == 303, answer.text
    return answer.location


def test_who_sends_one_useless_file_after_the_other_waits_and_good_files_never_count(
    desk, office, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(limits, "MOST", 2)
    for _ in range(3):
        checked(desk)
    no_table = b"PK\x03\x04 broken"
    assert upload(desk, no_table).status_code == 422
    back = {"file": (io.BytesIO("企业名称\n甲".encode()), "a.csv"), "op": "one"}
    assert desk.post("/ledgers/back", data=back).status_code == 422
    stopped = upload(desk, LIST)
    assert stopped.status_code == 422
    assert "一小时内您已有 2 个文件没能用上" in stopped.text
    other = factories.signed_in(desk.application.test_client(), office.people["desk2"])
    assert upload(other).status_code == 303
    db.session.execute(sa.update(Attempt).values(until=utcnow() - timedelta(seconds=1)))
    db.session.commit()
    assert upload(desk).status_code == 303


def firms():
    return db.session.scalar(sa.select(sa.func.count(Enterprise.id)))


def test_a_file_is_checked_confirmed_imported_and_its_rest_taken_home(desk):
    location = checked(desk)
    page = desk.get(location).text
    assert "导入后的情况" in page
    assert "远方区" in page
    assert "信用代码有 3 位" in page
    assert firms() == 0
    assert desk.post(f"{location}/start").status_code == 303
    result = desk.get(location).text
    assert "导入结果" in result
    assert firms() == 1
    answer = desk.get(f"{location}/refused.xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.values)
    assert [row[0] for row in rows] == ["企业名称", "乙公司", "丙公司"]
    assert rows[0][-1] == "未导入原因"
    assert "远方区" in rows[1][-1]


def test_a_second_click_imports_nothing_twice(desk):
    location = checked(desk)
    for _ in range(2):
        assert desk.post(f"{location}/start").status_code == 303
    [run] = db.session.scalars(sa.select(ImportRun))
    assert (run.status, run.report["created"], run.rows_done) == (RunState.DONE, 1, 4)
    assert firms() == 1


def test_a_long_file_is_imported_by_the_job_and_goes_on_where_it_stopped(desk):
    many = "企业名称,所在区\n" + "".join(f"第{n}公司,临江区\n" for n in range(2100))
    location = checked(desk, many)
    desk.post(f"{location}/start")
    assert "已导入 0 行，共 2100 行" in desk.get(location).text
    assert firms() == 0
    assert jobs.run_imports(utcnow()) == 1
    [run] = db.session.scalars(sa.select(ImportRun))
    assert (run.status, run.report["created"], firms()) == (RunState.DONE, 2100, 2100)
    assert jobs.run_imports(utcnow()) == 0


def test_a_run_left_half_way_counts_every_row_once(desk):
    many = "企业名称,所在区\n" + "".join(f"第{n}公司,临江区\n" for n in range(2100))
    location = checked(desk, many)
    desk.post(f"{location}/start")
    [run] = db.session.scalars(sa.select(ImportRun))
    key, now = run.id, utcnow()

    class Killed(BaseException):
        pass

    def power_fails(session):
        if firms() >= 1000:
            raise Killed

    sa.event.listen(db.session, "before_commit", power_fails)
    with pytest.raises(Killed):
        runs.execute(key, now=now)
    sa.event.remove(db.session, "before_commit", power_fails)
    db.session.rollback()
    assert db.session.get(ImportRun, key).rows_done == firms() == 500
    assert jobs.run_imports(now) == 0  # its process may still be alive
    assert jobs.run_imports(utcnow() + waiting.SILENCE * 2) == 1
    db.session.expire_all()
    run = db.session.get(ImportRun, key)
    assert (run.report["rows"], run.report["created"], run.report["existing"]) == (2100, 2100, 0)


def test_a_file_that_is_gone_stops_the_run_and_says_so(desk):
    location = checked(desk)
    [run] = db.session.scalars(sa.select(ImportRun))
    storage.current().delete(run.storage_key)
    desk.post(f"{location}/start")
    assert "文件已不保留" in desk.get(location).text


def test_a_picture_is_refused_and_the_choice_stays(desk):
    answer = upload(desk, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, mapping='{"defaults": {"district": "临江区"}}')
    assert answer.status_code == 422
    assert "临江区" in answer.text
    assert re.search(r'<input[^>]*checked[^>]*value="enterprises"', answer.text)
    assert db.session.scalar(sa.select(sa.func.count(ImportRun.id))) == 0


def test_no_file_and_a_broken_mapping_are_told_at_their_fields(desk):
    assert "选一个文件" in desk.post("/imports/new", data={"target": "enterprises"}).text
    assert "JSON" in upload(desk, mapping="{").text


def test_a_file_above_the_form_limit_is_taken(desk):
    long = "企业名称,所在区,注册地址\n" + "".join(f"第{n}公司,临江区,{'路' * 280}\n" for n in range(1500))
    assert len(long.encode()) > 1024 * 1024
    answer = upload(desk, long)
    answer.request.environ["wsgi.input"].close()  # the client keeps what it sent in a file
    assert answer.status_code == 303


def test_nobody_sees_the_imports_of_others_or_imports_what_is_not_theirs(app, client, office, desk):
    location = checked(desk)
    other = factories.signed_in(app.test_client(), office.people["desk2"])
    assert other.get(location).status_code == 404
    assert other.post(f"{location}/start").status_code == 404
    assert upload(other, "code,name\n440304,福田区\n", target="areas").status_code == 422
    officer = factories.signed_in(app.test_client(), office.people["officer"])
    offered = officer.get("/imports/new").text
    assert 'value="beneficiaries"' in offered
    assert 'value="cases"' not in offered
    assert upload(officer).status_code == 422
    helper = factories.signed_in(app.test_client(), office.people["regulator"])
    assert helper.get("/imports/new").status_code == 403
