"""A long file is checked by the job: the page says how far it is, it can be stopped, and nothing of it is imported."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from casework.areas.models import Area
from casework.enterprises import service
from casework.enterprises.models import Enterprise
from casework.imports import checking, importing, jobs, running, runs, undoing
from casework.imports.models import ImportRun, RunState
from casework.kernel import waiting
from casework.kernel.db import db
from casework.kernel.errors import Conflict
from casework.kernel.time import utcnow
from tests import factories
from tests.harness.statements import counted
from tests.imports.test_import_pages import checked, confirmed

LONG = "企业名称,所在区,街道\n" + "".join(f"第{n}公司,临江区,南贤街道\n" for n in range(40)) + "远公司,远方区,\n"
LIAISONS = "企业名称,联系专员\n" + "".join(f"第{n}公司,沈砚秋\n" for n in range(40))


@pytest.fixture
def desk(client, app, monkeypatch):
    monkeypatch.setattr(runs, "CHECKED_AT_ONCE", 10)
    monkeypatch.setattr(running, "BEAT_ROWS", 10)
    monkeypatch.setattr(importing.batches, "__defaults__", (0, 10))
    return factories.signed_in(client, factories.an_office().people["desk"])


def the_run():
    db.session.expire_all()
    return db.session.scalars(sa.select(ImportRun)).one()


def test_a_long_file_waits_for_its_check_and_then_shows_what_would_happen(desk):
    location = checked(desk, LONG)
    page = desk.get(location).text
    assert "正在检查：共 41 行，检查了 0 行" in page
    assert "停止检查" in page
    assert f"{location}/start" not in page
    desk.post(f"{location}/start")
    assert the_run().status == RunState.CHECKING, "what was not checked does not go in"
    assert jobs.run_imports(utcnow()) == 1
    page = desk.get(location).text
    assert "导入后的情况" in page
    assert "远方区" in page
    assert db.session.scalar(sa.select(sa.func.count(Enterprise.id))) == 0
    assert jobs.run_imports(utcnow()) == 0
    desk.post(f"{location}/start")
    assert (the_run().status, the_run().report["created"]) == (RunState.DONE, 40)


def test_a_check_that_is_stopped_half_way_leads_back_to_the_columns(desk):
    location = checked(desk, LONG)
    seen = []

    def asked_to_stop(_session):
        run = db.session.get(ImportRun, the_key(location))
        seen.append(run.rows_done)
        if run.rows_done == 20:
            checking.stop(run)

    sa.event.listen(db.session, "before_commit", asked_to_stop)
    with pytest.raises(Conflict):
        checking.execute(the_key(location), now=utcnow())
    sa.event.remove(db.session, "before_commit", asked_to_stop)
    assert seen == [0, 10, 20]
    run = the_run()
    assert (run.status, run.rows_done) == (RunState.DRAFT, 0)
    assert desk.get(location).location.endswith("/columns")
    assert desk.get(location, headers={"HX-Request": "true"}).headers["HX-Redirect"].endswith("/columns")
    assert confirmed(desk, f"{location}/columns").status_code == 303
    desk.post(f"{location}/cancel")
    assert (the_run().status, jobs.run_imports(utcnow())) == (RunState.DRAFT, 0)


def test_a_check_whose_process_was_killed_is_begun_again(desk):
    location = checked(desk, LONG)

    class Killed(BaseException):
        pass

    def power_fails(_session):
        if db.session.get(ImportRun, the_key(location)).rows_done == 20:
            raise Killed

    sa.event.listen(db.session, "before_commit", power_fails)
    with pytest.raises(Killed):
        checking.execute(the_key(location), now=utcnow())
    sa.event.remove(db.session, "before_commit", power_fails)
    db.session.rollback()
    assert the_run().rows_done == 10
    assert jobs.run_imports(utcnow()) == 0  # its process may still be alive
    assert jobs.run_imports(utcnow() + waiting.SILENCE * 2) == 1
    assert (the_run().status, the_run().preview["rows"]) == (RunState.CHECKED, 41)


def test_what_a_list_and_its_taking_back_ask_grows_with_batches_and_not_with_rows(desk, monkeypatch):
    monkeypatch.setattr(undoing, "BATCH", 10)
    firms = checked(desk, LONG)
    jobs.run_imports(utcnow())
    desk.post(f"{firms}/start")
    with counted() as sent:
        location = checked(desk, LIAISONS, target="coverage", name="包干.csv")
        jobs.run_imports(utcnow())
        desk.post(f"{location}/start")
    assert db.session.get(ImportRun, the_key(location)).report["created"] == 40
    places = [one for one in sent if "FROM enterprises" in one or "FROM areas" in one]
    assert len(places) < 40, "four batches were checked and imported: no firm and no place is read by itself"
    with counted() as sent:
        desk.post(f"{firms}/undo", data={"reason": "导错了表"})
    assert db.session.get(ImportRun, the_key(firms)).status == RunState.UNDONE
    assert len([one for one in sent if "DISTINCT liaisons.enterprise_id" in one]) == 4
    assert len([one for one in sent if "DISTINCT beneficiaries.enterprise_id" in one]) == 1, "it has no index"


def the_key(location):
    return int(location.rsplit("/", 1)[1])


@pytest.mark.parametrize("row", ["望山新名,91440300708461136T,望山区", "望山某厂,9144030071526726XG,望山区"])
def test_of_a_firm_in_another_district_the_check_tells_neither_name_nor_code(desk, row):
    place = db.session.scalars(sa.select(Area).where(Area.code == "8802001")).one()
    draft = service.Draft(name="望山某厂", area=place, uscc="91440300708461136T")
    service.add_enterprise(draft, actor=None, now=factories.NOW)
    db.session.commit()
    said = str(desk.get(checked(desk, f"企业名称,信用代码,所在区\n{row}\n")).text) + str(the_run().preview)
    assert ("望山某厂" in said) is ("望山某厂" in row)
    assert ("91440300708461136T" in said) is ("91440300708461136T" in row)
