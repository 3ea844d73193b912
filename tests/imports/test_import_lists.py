"""Firms of a joint case, who answers for what, stock: the same engine, the same promises; and each taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from casework.audit import queries as audit
from casework.cases.models import Beneficiary
from casework.cases.workflow import State
from casework.coverage.models import Coverage
from casework.enterprises.models import Liaison
from casework.imports.models import ImportRun, RunState
from casework.kernel import waiting
from casework.kernel.db import db
from casework.kernel.time import local_day, utcnow
from casework.supplies.models import SupplyItem, SupplyMovement, SupplyStock
from tests import factories
from tests.imports.test_import_pages import checked, upload


@pytest.fixture
def office(app):
    return factories.an_office()


@pytest.fixture
def signed(app, client, office):
    return lambda name: factories.signed_in(app.test_client(), office.people[name])


def imported(client, content, **data):
    """A file through the whole wizard; its run."""
    location = checked(client, content, **data)
    assert client.post(f"{location}/start").status_code == 303
    run = db.session.scalar(sa.select(ImportRun).order_by(ImportRun.id.desc()).limit(1))
    assert run.status == RunState.DONE
    return run


def taken_back(client, run):
    assert client.post(f"/imports/{run.id}/undo", data={"reason": "导错了表"}).status_code == 303
    db.session.expire_all()
    assert run.status == RunState.UNDONE
    return client.get(f"/imports/{run.id}").text


def counts(run):
    report = run.report
    return report["created"], report["existing"], report["changed"], len(report["refused"])


TENANTS = "商户名称,联系人,月租金(元),面积\n甲店,张三13800000001,8000,35.5\n乙店,李四,九千,20\n甲店,,,\n"


def test_an_officer_imports_the_firms_of_their_joint_case_and_takes_them_back(signed, office):
    case = factories.a_case(office, state=State.IN_PROGRESS)
    db.session.commit()
    officer = signed("officer")
    assert upload(officer, TENANTS, target="beneficiaries", case="8801-2020-999999").status_code == 422
    run = imported(officer, TENANTS, target="beneficiaries", case=case.number)
    assert counts(run) == (1, 0, 0, 2)
    [firm] = db.session.scalars(sa.select(Beneficiary))
    assert (firm.name, firm.contact, firm.phone, firm.monthly_rent_fen) == ("甲店", "张三", "13800000001", 800_000)
    taken_back(officer, run)
    assert (firm.status, firm.status_reason) == ("excluded", "导错了表")
    again = imported(officer, "商户名称,月租金(元)\n甲店,8000\n", target="beneficiaries", case=case.number)
    db.session.expire_all()
    assert (counts(again), firm.status) == ((0, 0, 1, 0), "pending")
    assert "甲店 · 状态" in officer.get(f"/imports/{again.id}").text
    assert audit.verify().ok


def test_an_import_into_a_case_that_ended_meanwhile_comes_to_an_end_and_says_why(signed, office):
    case = factories.a_case(office, state=State.IN_PROGRESS)
    officer = signed("officer")
    location = checked(officer, TENANTS, target="beneficiaries", case=case.number)
    case.is_open, case.state = False, State.WITHDRAWN
    db.session.commit()
    assert officer.post(f"{location}/start").status_code == 303
    run = db.session.scalars(sa.select(ImportRun)).one()
    assert (run.status, db.session.scalar(sa.select(sa.func.count(Beneficiary.id)))) == (RunState.CANCELLED, 0)
    assert "诉求已办结" in officer.get(location).text
    assert waiting.due(ImportRun, utcnow() + timedelta(hours=1)) == []


def test_a_settled_firm_stays_when_the_import_is_taken_back_and_is_listed(signed, office):
    case = factories.a_case(office, state=State.IN_PROGRESS)
    db.session.commit()
    officer = signed("officer")
    run = imported(officer, "商户名称\n甲店\n乙店\n", target="beneficiaries", case=case.number)
    first = db.session.scalar(sa.select(Beneficiary).where(Beneficiary.name == "甲店"))
    first.status, first.settled_on = "settled", local_day(utcnow())
    db.session.commit()
    page = taken_back(officer, run)
    assert "之后已有人办理过" in page
    assert "甲店" in page
    statuses = dict(db.session.execute(sa.select(Beneficiary.name, Beneficiary.status)).all())
    assert statuses == {"甲店": "settled", "乙店": "excluded"}


def test_a_list_of_liaisons_gives_firms_to_people_from_their_day_and_gives_them_back(signed, office):
    today = local_day(utcnow())
    first, second = (factories.a_firm(office, name=name) for name in ("甲公司", "乙公司"))
    factories.a_liaison(first, office.people["officer2"])
    old = db.session.scalar(sa.select(Liaison).where(Liaison.enterprise_id == first.id))
    old.from_on = today - timedelta(days=30)
    db.session.commit()
    late, early = today - timedelta(days=3), today - timedelta(days=40)
    lines = [
        "企业名称,联系专员,协助人员,开始日期",
        f"甲公司,沈砚秋,陆景明,{late}",
        f"乙公司,沈砚秋,,{early}",
        "丙公司,沈砚秋,,",
        "乙公司,温如玉,,",
        f"甲公司,沈砚秋,沈砚秋,{late}",
        f"甲公司,陆景明,,{today + timedelta(days=2)}",
    ]
    desk = signed("desk")
    run = imported(desk, "\n".join(lines) + "\n", target="coverage")
    assert counts(run) == (1, 0, 1, 4)
    assert all(word in desk.get(f"/imports/{run.id}").text for word in ("丙公司", "温如玉", "同一人", "还没有到"))
    current = {
        row.enterprise_id: (row.officer_id, row.deputy_id, row.from_on)
        for row in db.session.scalars(sa.select(Liaison).where(Liaison.to_on.is_(None)))
    }
    people = {name: person.id for name, person in office.people.items()}
    assert current == {
        first.id: (people["officer"], people["officer2"], late),
        second.id: (people["officer"], None, early),
    }
    db.session.refresh(old)
    assert old.to_on == late - timedelta(days=1)
    assert counts(imported(desk, "企业名称,联系专员\n乙公司,沈砚秋\n", target="coverage")) == (0, 1, 0, 0)
    taken_back(desk, run)
    now = dict(
        db.session.execute(sa.select(Liaison.enterprise_id, Liaison.officer_id).where(Liaison.to_on.is_(None))).all()
    )
    assert now == {first.id: people["officer2"]}


def test_a_list_of_leaders_names_who_answers_for_communities_and_a_desk_may_not(signed, office):
    lines = "街道,社区,包点领导\n南贤街道,南贤社区,顾长青\n柳堤街道,柳堤社区,顾长青\n"
    district = signed("district_admin")
    run = imported(district, lines, target="coverage")
    assert counts(run) == (1, 0, 0, 1)
    [row] = db.session.scalars(sa.select(Coverage))
    assert (row.area_id, row.leader_id) == (office.areas["8801001001"].id, office.people["area_leader"].id)
    assert counts(imported(signed("desk"), lines + "\n", target="coverage"))[3] == 2
    taken_back(district, run)
    assert not db.session.scalars(sa.select(Coverage).where(Coverage.to_on.is_(None))).all()


STOCK = "物资名称,保管单位,批号,有效期至,数量\n医用口罩,受理专班,B1,2099-01-31,1200只\n酒精,受理专班,,长期,5\n医用口罩,别的单位,,,3\n"


def test_a_list_of_stock_takes_in_what_is_not_on_the_books_counts_where_so_chosen_and_is_reversed(signed, office):
    district = office.areas["8801"].id
    db.session.add_all(
        SupplyItem(district_id=district, name=name, measure=measure, category="protection")
        for name, measure in (("医用口罩", "只"), ("消毒液", "瓶"))
    )
    db.session.commit()
    desk = signed("desk")
    run = imported(desk, STOCK, target="stock")
    assert counts(run) == (1, 0, 0, 2)
    [batch] = db.session.scalars(sa.select(SupplyStock))
    assert (batch.batch, batch.quantity) == ("B1", 1200)
    again = checked(desk, STOCK.replace("1200", "1000"), target="stock", name="b.csv")
    assert "1000" in desk.get(again).text
    run_again = db.session.scalar(sa.select(ImportRun).order_by(ImportRun.id.desc()).limit(1))
    assert (run_again.preview["existing"], run_again.preview["differing"]) == (1, 1)
    taken_back(desk, run)
    db.session.refresh(batch)
    assert batch.quantity == 0
    kinds = db.session.scalars(sa.select(SupplyMovement.kind).order_by(SupplyMovement.id)).all()
    assert kinds == ["in", "reversal"]
