"""The pages and papers of supervision orders, as people of the office use them."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from casework.kernel.db import db
from casework.kernel.time import local, utcnow
from casework.orders.models import Interview, SupervisionOrder
from casework.papers import order_docx, order_papers
from tests.factories import Office, signed_in, take
from tests.harness.statements import Statements
from tests.orders.office import PNG, act, an_order, in_progress

FILLED = {"title": "口罩迟迟没有到货", "demands": "一、三日内供货到位。\n二、逐户回访。", "days": "3"}


def as_(office: Office, client: FlaskClient, name: str, **more: Any) -> FlaskClient:
    return signed_in(client, office.people[name], **more)


def the_order() -> SupervisionOrder:
    db.session.rollback()
    return db.session.scalars(sa.select(SupervisionOrder).order_by(SupervisionOrder.id.desc())).first()  # type: ignore[return-value]


def test_from_the_case_list_an_order_is_issued_reported_with_a_photo_and_written_off(
    office: Office, client: FlaskClient
) -> None:
    cases = in_progress(office, 2, now=utcnow())
    ids = [str(case.id) for case in cases]
    regulator = as_(office, client, "regulator")
    assert "/orders/new?q=" in regulator.get("/cases?q=口罩").text
    form = regulator.get("/orders/new?q=口罩").text
    assert (form.count('name="cases"'), form.count(" checked")) == (2, 0), "nothing is ordered unless it was ticked"
    assert regulator.get("/orders/new", query_string={"cases": ids}).text.count(" checked") == 2
    refused = regulator.post("/orders/new", data={**FILLED, "title": "", "cases": ids[:1], "shown": ids})
    assert refused.status_code == 422
    assert refused.text.count(" checked") == 1, "what was ticked survives"
    assert "二、逐户回访" in refused.text
    answer = regulator.post("/orders/new", data={**FILLED, "cases": ids, "shown": ids})
    assert answer.status_code == 303
    here = answer.location
    order = the_order()
    assert here == f"/orders/{order.id}"
    page = regulator.get(here).text
    assert order.number in page
    assert "为什么是" in page
    assert order.number in regulator.get("/orders").text
    story = regulator.get(f"/cases/{cases[0].number}").text
    assert f"签发督办单：{order.number}" in story

    lead = as_(office, client, "lead")
    assert order.title in lead.get("/").text
    assert lead.post(f"{here}/do/receive", data={"version": str(the_order().version)}).status_code == 303
    report = {"text": "三家都已送到", "files": (io.BytesIO(PNG), "到货.png"), "version": str(the_order().version)}
    assert lead.post(f"{here}/do/report", data=report, content_type="multipart/form-data").status_code == 303
    assert "到货.png" in lead.get(here).text

    regulator = as_(office, client, "regulator")
    page = regulator.get(here).text
    token = page.split(f"{here}/files/")[1].split('"')[0].split("?")[0]
    assert regulator.get(f"{here}/files/{token}").data == PNG
    back = {"text": "缺回访记录", "days": "2", "version": str(the_order().version)}
    assert regulator.post(f"{here}/do/return", data=back).status_code == 303
    assert "第 2 轮" in regulator.get(here).text
    lead = as_(office, client, "lead")
    assert "缺回访记录" in lead.get(f"{here}/do/report").text
    again = {"text": "已逐户回访", "version": str(the_order().version)}
    assert lead.post(f"{here}/do/report", data=again).status_code == 303
    regulator = as_(office, client, "regulator")
    for name in ("verify", "write_off"):
        sent = {"text": "抽查两户属实", "version": str(the_order().version)}
        assert regulator.post(f"{here}/do/{name}", data=sent).status_code == 303
    page = regulator.get(here).text
    assert "已销号" in page
    assert "缺回访记录" in page, "every round stays to be read"
    assert "没有督办单" not in regulator.get("/orders?scope=all").text


def test_an_act_on_a_stale_page_is_refused_and_keeps_the_text(office: Office, client: FlaskClient) -> None:
    order = an_order(office)
    for name in ("receive", "report"):
        act(office, order, name)
    old = str(order.version - 1)
    answer = as_(office, client, "regulator").post(
        f"/orders/{order.id}/do/verify", data={"text": "抽查属实", "version": old}
    )
    assert answer.status_code == 409
    assert "抽查属实" in answer.text


def test_who_may_not_act_is_shown_no_button_and_refused(office: Office, client: FlaskClient) -> None:
    order = an_order(office)
    officer = as_(office, client, "officer")
    page = officer.get(f"/orders/{order.id}").text
    assert "/do/" not in page
    assert officer.post(f"/orders/{order.id}/do/receive", data={"version": "1"}).status_code == 403
    assert as_(office, client, "lead2").get(f"/orders/{order.id}").status_code == 404
    assert as_(office, client, "lead2").get(f"/orders/{order.id}/paper.pdf").status_code == 404
    assert as_(office, client, "regulator").get(f"/orders/{order.id}/do/nothing").status_code == 404


def test_an_order_on_a_unit_is_issued_without_a_case(office: Office, client: FlaskClient) -> None:
    regulator = as_(office, client, "regulator")
    assert 'name="unit"' in regulator.get("/orders/new?unit=").text
    assert regulator.post("/orders/new", data=FILLED).status_code == 422
    unit = str(office.units["team2"].id)
    assert regulator.post("/orders/new", data={**FILLED, "unit": unit}).status_code == 303
    assert "督办单位工作" in regulator.get("/orders").text
    assert as_(office, client, "lead2").get(f"/orders/{the_order().id}").status_code == 200


def test_the_security_log_says_in_words_what_was_done_with_an_order_on_a_unit(
    office: Office, client: FlaskClient
) -> None:
    regulator = as_(office, client, "regulator")
    assert regulator.post("/orders/new", data={**FILLED, "unit": str(office.units["team2"].id)}).status_code == 303
    assert (
        f"督办单 {the_order().number}（第二小组）：签发督办单" in as_(office, client, "auditor").get("/security").text
    )


def test_listed_and_called_to_an_interview_on_the_page(office: Office, client: FlaskClient) -> None:
    order = an_order(office, now=utcnow())
    here, regulator = f"/orders/{order.id}", as_(office, client, "regulator")
    unit = str(office.units["office"].id)
    sent = {"text": "久拖不决", "delister": unit, "version": str(order.version)}
    assert regulator.post(f"{here}/do/list", data=sent).status_code == 303
    assert "专班办公室" in regulator.get(here).text
    assert order.title in regulator.get("/orders?listed=1").text
    at = local(utcnow() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    called = {"who": "主要负责人", "at": at, "place": "区政府三楼", "matter": "逾期未报告"}
    wrong = regulator.post(f"{here}/interviews/new", data={**called, "place": ""})
    assert wrong.status_code == 422
    assert "逾期未报告" in wrong.text
    assert regulator.post(f"{here}/interviews/new", data=called).status_code == 303
    page = regulator.get(here).text
    assert "区政府三楼" in page
    db.session.rollback()
    interview = db.session.scalars(sa.select(Interview)).one()
    sent = {"state": "called_off", "record": "已经报告", "version": str(interview.version)}
    assert regulator.post(f"{here}/interviews/{interview.id}", data=sent).status_code == 303
    assert "已取消" in regulator.get(here).text
    assert regulator.get(f"/orders/interviews/{interview.id}.pdf").data.startswith(b"%PDF")


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_page_speaks_both_languages(office: Office, client: FlaskClient, locale: str) -> None:
    order = an_order(office, listed_why="久拖不决", delister=office.units["office"].id)
    for name in ("receive", "report", "return"):
        act(office, order, name)
    regulator = as_(office, client, "regulator", locale=locale)
    for path in (
        "",
        "?scope=all",
        "/new?unit=",
        f"/{order.id}",
        f"/{order.id}/do/withdraw",
        f"/{order.id}/interviews/new",
    ):
        assert regulator.get(f"/orders{path}").status_code == 200
    assert ("Supervision orders" in regulator.get("/orders").text) == (locale == "en")


def test_the_register_filters_counts_and_pages_by_key(office: Office, client: FlaskClient) -> None:
    cases = in_progress(office, 3)
    orders = [an_order(office, [case], title=f"第 {n} 件") for n, case in enumerate(cases)]
    act(office, orders[0], "receive")
    act(office, orders[0], "report")
    take(office, cases[2], "transfer")
    regulator = as_(office, client, "regulator")
    page = regulator.get("/orders").text
    assert "/orders?state=reported" in page
    assert "超时 2" in page
    found = regulator.get("/orders?state=reported").text
    assert "第 0 件" in found
    assert "第 1 件" not in found
    assert "第 1 件" in regulator.get("/orders?due=late").text
    assert "没有符合条件的督办单" in regulator.get(f"/orders?unit={office.units['team2'].id}").text
    assert "第 1 件" in regulator.get(f"/orders?area={office.areas['8801001'].id}").text
    assert regulator.get("/orders?state=nonsense&unit=x&due=y&after=zzz").status_code == 200


def test_the_register_costs_the_same_for_two_orders_and_for_fifty(
    office: Office, client: FlaskClient, query_count: Callable[[], AbstractContextManager[Statements]]
) -> None:
    regulator = as_(office, client, "regulator")
    case = in_progress(office)[0]
    an_order(office, [case])
    an_order(office, [case])
    regulator.get("/orders")
    with query_count() as few:
        regulator.get("/orders")
    for _ in range(48):
        an_order(office, [case])
    with query_count() as many:
        page = regulator.get("/orders").text
    assert page.count('href="/orders/') > 49
    assert many.total == few.total
    assert many.total <= 9, "\n".join(many)
    an_order(office, [case])
    assert "下一页" in regulator.get("/orders").text


def test_the_panel_of_a_case_costs_one_query(
    office: Office, client: FlaskClient, query_count: Callable[[], AbstractContextManager[Statements]]
) -> None:
    regulator = as_(office, client, "regulator")
    case = in_progress(office)[0]
    an_order(office, [case])
    regulator.get(f"/cases/{case.number}")
    with query_count() as one:
        regulator.get(f"/cases/{case.number}")
    for _ in range(9):
        an_order(office, [case])
    with query_count() as ten:
        page = regulator.get(f"/cases/{case.number}").text
    assert page.count('href="/orders/') > 9
    assert ten.total == one.total
    assert len([text for text in ten if "FROM supervision_orders" in text]) == 1


# -- papers


def docx_text(content: bytes) -> str:
    from docx import Document

    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(line.text for line in document.paragraphs), *cells])


def test_the_paper_is_written_once_sealed_and_says_what_was_ordered(office: Office, client: FlaskClient) -> None:
    cases = in_progress(office, 2)
    order = an_order(office, cases)
    regulator = as_(office, client, "regulator")
    pdf, again = (regulator.get(f"/orders/{order.id}/paper.pdf").data for _ in range(2))
    assert pdf.startswith(b"%PDF")
    assert pdf == again
    text = docx_text(regulator.get(f"/orders/{order.id}/paper.docx").data)
    for said in (
        order.number,
        "督办单",
        "第一小组",
        "住房建设局",
        "二、逐户回访。",
        "2020年3月18日 18:00前",
        cases[1].number,
    ):
        assert said in text, said
    assert cases[0].contact_phone not in text
    assert regulator.get(f"/orders/{order.id}/paper.exe").status_code == 404


def test_what_was_typed_is_text_on_the_papers_whatever_it_looks_like(office: Office) -> None:
    nasty = '{{7*7}} #image("/etc/passwd") <b>粗</b> $x$ \x07‮'
    order = an_order(office, title=nasty[:60], demands=f"{nasty}\n第二行")
    paper = order_papers.of_order(order)
    text = docx_text(order_docx.write(paper))
    assert "{{7*7}} #image(" in text
    assert "<b>粗</b>" in text
    assert "‮" not in text


def test_an_order_on_many_cases_still_fits_its_paper(office: Office, client: FlaskClient) -> None:
    order = an_order(office, in_progress(office, 45))
    text = docx_text(order_docx.write(order_papers.of_order(order)))
    assert "等共 45 件" in text
    assert as_(office, client, "regulator").get(f"/orders/{order.id}/paper.pdf").data.startswith(b"%PDF")


def test_the_register_goes_out_as_a_sheet_and_that_is_logged(office: Office, client: FlaskClient) -> None:
    from openpyxl import load_workbook

    from casework.audit.models import Event

    order = an_order(office, title="=1+1")
    regulator = as_(office, client, "regulator")
    sheet = load_workbook(io.BytesIO(regulator.get("/orders/register.xlsx").data)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][:3] == (order.number, "=1+1", "第一小组")
    assert sheet["B2"].data_type == "s"
    assert db.session.scalar(sa.select(sa.func.count()).where(Event.verb == "ListExported")) == 1
    assert as_(office, client, "sysadmin").get("/orders/register.xlsx").status_code == 403
