"""Taking an import back: exactly what it made and nobody touched; the rest stays and is named; no entry is deleted."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas.models import Area
from casework.audit import queries as audit
from casework.audit.models import Event
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.enterprises.models import Contact, Enterprise
from casework.imports import jobs, undoing
from casework.imports.models import ImportRun, RunState
from casework.kernel import waiting
from casework.kernel.db import db
from casework.kernel.time import utcnow
from casework.roster.models import Posting, Unit
from tests import factories
from tests.imports.test_import_lists import counts, imported, taken_back
from tests.imports.test_import_pages import checked, confirmed

CASES = "编号,标题,内容,所在区\nA1,请求减租,停业两月,临江区\nA2,口罩没到,订单没到,临江区\n"


@pytest.fixture
def office(app):
    return factories.an_office()


@pytest.fixture
def signed(app, client, office):
    return lambda name: factories.signed_in(app.test_client(), office.people[name])


def test_cases_nobody_worked_on_are_withdrawn_with_the_reason_and_may_come_again(signed, office):
    desk = signed("desk")
    run = imported(desk, CASES, target="cases")
    first, second = db.session.scalars(sa.select(Case).order_by(Case.id)).all()
    made = f"/imports/{run.id}/made"
    assert f'<a href="{made}">2</a>' in desk.get(f"/imports/{run.id}").text  # the number leads to what it counts
    assert all(f'<a href="/cases/{case.number}">' in desk.get(made).text for case in (first, second))
    assert "请求减租" in desk.get(made).text
    assert signed("desk2").get(made).status_code == 404
    desk.post(f"/cases/{first.number}/notes", data={"text": "已联系企业", "op": "n1"})
    entries = db.session.scalar(sa.select(sa.func.count(Event.id)))
    page = taken_back(desk, run)
    assert "之后已有人办理过" in page
    assert first.number in page
    assert (first.state, second.state) == (State.SUBMITTED, State.WITHDRAWN)
    assert {"保留", "已撤销"} <= set(re.findall(r">(\w+)</td></tr>", desk.get(made).text))
    assert db.session.scalar(sa.select(sa.func.count(Event.id))) > entries
    assert "导错了表" in desk.get(f"/cases/{second.number}").text
    again = imported(desk, CASES + "\n", target="cases")
    assert counts(again) == (1, 1, 0, 0)
    assert audit.verify().ok


def test_a_reply_that_was_added_is_corrected_and_fields_get_their_old_values(signed, office):
    desk = signed("desk")
    imported(desk, CASES, target="cases")
    [case] = db.session.scalars(sa.select(Case).where(Case.external_ref == "A1"))
    text = "编号,标题,内容,所在区,答复意见,地址\nA1,请求减租,停业三个月,临江区,已减免,某路1号\n"
    location = confirmed(
        desk, checked(desk, text, target="cases", name="b.csv") + "/columns", take_over="take"
    ).location
    desk.post(f"{location}/start")
    db.session.refresh(case)
    assert (case.text, case.place) == ("停业三个月", "某路1号")
    run = db.session.scalar(sa.select(ImportRun).order_by(ImportRun.id.desc()).limit(1))
    taken_back(desk, run)
    db.session.refresh(case)
    assert (case.text, case.place, case.state) == ("停业两月", "", State.SUBMITTED)
    assert "不作数" in desk.get(f"/cases/{case.number}").text


def test_firms_are_closed_unless_something_refers_to_them_and_come_back_with_the_next_import(signed, office):
    desk = signed("desk")
    known = factories.a_firm(office, name="老公司")
    db.session.commit()
    text = "企业名称,所在区,注册地址,联系人,联系电话\n甲公司,临江区,,张三,13800000001\n乙公司,临江区,,,\n老公司,临江区,某路1号,,\n"
    run = imported(desk, text)
    firms = {firm.name: firm for firm in db.session.scalars(sa.select(Enterprise))}
    case = factories.a_case(office)
    case.enterprise_id = firms["乙公司"].id
    db.session.commit()
    page = taken_back(desk, run)
    assert "之后已有别的记录用到它" in page
    assert {name: firm.active for name, firm in firms.items()} == {"甲公司": False, "乙公司": True, "老公司": True}
    assert known.address == ""
    assert db.session.scalar(sa.select(Contact.left_at)) is not None
    assert counts(imported(desk, text + "\n")) == (0, 1, 2, 0)
    db.session.expire_all()
    assert firms["甲公司"].active


def test_a_field_that_was_changed_since_stays_as_it_is(signed, office):
    desk = signed("desk")
    firm = factories.a_firm(office, name="老公司")
    db.session.commit()
    run = imported(desk, "企业名称,所在区,注册地址\n老公司,临江区,某路1号\n")
    firm.address = "后来改的"
    db.session.commit()
    assert "之后已有人改过" in taken_back(desk, run)
    assert firm.address == "后来改的"


def test_a_roster_is_taken_back_with_its_accounts_postings_and_teams(signed, office):
    admin = signed("district_admin")
    text = "姓名,手机号,队伍编码,队伍名称,队伍区域,岗位\n新人甲,13900000001,T9,第九队,南贤街道,组长\n新人乙,13900000002,T9,第九队,南贤街道,组员\n"
    location = confirmed(admin, f"{checked(admin, text, target='people')}/columns", make_teams="y").location
    admin.post(f"{location}/start")
    run = db.session.scalar(sa.select(ImportRun).order_by(ImportRun.id.desc()).limit(1))
    assert run.report["created"] == 2
    [one, other] = db.session.scalars(sa.select(User).where(User.name.startswith("新人")).order_by(User.name)).all()
    other.password_hash = "handed out"
    db.session.commit()
    page = taken_back(admin, run)
    assert "之后已有人办理过" in page
    assert one.disabled_at is not None
    assert other.disabled_at is None
    ends = db.session.scalars(sa.select(Posting.to_on).where(Posting.user_id.in_([one.id, other.id]))).all()
    assert None not in ends
    assert db.session.scalar(sa.select(Unit.closed_on).where(Unit.code == "T9")) is not None
    assert {"PostingEnded", "UnitEdited"} <= set(db.session.scalars(sa.select(Event.verb))), "each leaves its entry"


def test_places_that_nothing_refers_to_are_removed_from_the_lowest_up(signed, office):
    admin = signed("district_admin")
    text = "上级代码,代码,名称,级别\n8801,8801003,新堤街道,subdistrict\n8801003,8801003001,新堤社区,community\n"
    run = imported(admin, text, target="areas")
    assert counts(run)[0] == 2
    taken_back(admin, run)
    assert not db.session.scalars(sa.select(Area).where(Area.code.startswith("8801003"))).all()


def test_taking_back_asks_for_a_reason_is_done_once_and_by_its_owner_alone(signed, office):
    desk = signed("desk")
    run = imported(desk, CASES, target="cases")
    assert desk.post(f"/imports/{run.id}/undo", data={}).status_code == 422
    assert signed("desk2").post(f"/imports/{run.id}/undo", data={"reason": "x"}).status_code == 404
    taken_back(desk, run)
    assert desk.post(f"/imports/{run.id}/undo", data={"reason": "再来"}).status_code == 422


def test_a_long_import_is_taken_back_by_the_job_and_carried_on_after_a_kill(signed, office):
    desk = signed("desk")
    many = "企业名称,所在区\n" + "".join(f"第{n}公司,临江区\n" for n in range(480))
    run = imported(desk, many)
    desk.post(f"/imports/{run.id}/undo", data={"reason": "导错了表"})
    assert "正在撤销，还剩 480 项" in desk.get(f"/imports/{run.id}").text

    class Killed(BaseException):
        pass

    closed = sa.select(sa.func.count(Enterprise.id)).where(Enterprise.active.is_(False))

    def power_fails(session):
        if session.scalar(closed) > undoing.BATCH:
            raise Killed

    sa.event.listen(db.session, "before_commit", power_fails)
    with pytest.raises(Killed):
        undoing.execute(run.id, now=utcnow())
    sa.event.remove(db.session, "before_commit", power_fails)
    db.session.rollback()
    assert db.session.scalar(closed) == undoing.BATCH
    assert jobs.run_imports(utcnow()) == 0  # its process may still be alive
    assert jobs.run_imports(utcnow() + waiting.SILENCE * 2) == 1
    db.session.expire_all()
    assert (db.session.scalar(closed), run.status) == (480, RunState.UNDONE)
