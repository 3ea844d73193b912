"""The agreement as a document: opened again it holds what was agreed, to the fen, and blanks for what is unknown."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.exceptions import SecurityError

from casework.cases import joint
from casework.kernel.db import db
from casework.negotiations.models import Counterparty, Negotiation
from casework.negotiations.words import Basis
from casework.papers import agreement_docx
from tests.factories import an_office
from tests.papers.deals import Deal, a_deal


def written(deal: Deal, **layout: Path) -> Any:
    talks = db.session.get_one(Negotiation, deal.agreement.negotiation_id)
    party = db.session.get_one(Counterparty, talks.counterparty_id)
    out = io.BytesIO()
    agreement_docx.write(out, deal.case, party, deal.agreement, **layout)
    return docx.Document(out)


def text_of(document: Any) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def annex_of(document: Any) -> list[tuple[str, ...]]:
    return [tuple(cell.text for cell in row.cells) for row in document.tables[-1].rows]


def test_the_document_holds_both_sides_the_terms_and_the_sum_in_figures_and_capitals(deal: Deal) -> None:
    deal.allocate()
    document = written(deal)
    said = text_of(document)
    for words in (
        "租金减免协议",
        f"诉求编号：{deal.case.number}",
        "甲方（出租方）：南贤置业 & 物业",
        "共 3 户",
        "代表：何秀芝",
        "南贤置业 ▸ 商户",
        "人民币 10,000.00 元（大写：壹万元整）",
        "予以免除",
        "免二月租金。\n缓交三月的 <一半> & 水电费。",
        "按月租比例",
        "最大余数法",
    ):
        assert words in said, words
    assert "{{" not in said
    assert "{%" not in said
    assert deal.case.number in document.sections[0].footer.paragraphs[0].text


def test_the_annex_names_every_firm_and_adds_up(deal: Deal) -> None:
    deal.allocate()
    assert annex_of(written(deal)) == [
        ("序号", "商户", "月租", "减免金额", "签收"),
        ("1", "阿芝热干面馆", "5,000.00", "3,333.34", ""),
        ("2", "周记牛骨粉", "5,000.00", "3,333.33", ""),
        ("3", "=拾光书屋", "5,000.00", "3,333.33", ""),
        ("", "合计", "15,000.00", "10,000.00", ""),
    ]


def test_what_is_not_known_yet_is_a_line_to_write_on(deal: Deal) -> None:
    document = written(deal)
    said = text_of(document)
    blank = agreement_docx.BLANK
    assert f"自{blank}起至{blank}止。" in said
    assert f"合计金额按{blank}分摊到户" in said
    assert said.count(f"日期：{blank}") == 2
    assert [row[3] for row in annex_of(document)] == ["减免金额", "", "", "", ""]


def test_a_confirmed_agreement_names_who_confirmed_and_when(deal: Deal) -> None:
    deal.allocate()
    deal.confirm()
    said = text_of(written(deal))
    assert "签字、盖章）：贺建业" in said
    assert "乙方代表（签字）：何秀芝" in said
    assert said.count(f"日期：{agreement_docx.BLANK}") == 0


def test_sums_by_hand_follow_no_rule_in_the_document(deal: Deal) -> None:
    deal.allocate(Basis.HAND, **{"阿芝热干面馆": 400_000, "周记牛骨粉": 300_000, "=拾光书屋": 300_000})
    said = text_of(written(deal))
    assert "双方商定的数额" in said
    assert "最大余数" not in said


@pytest.mark.parametrize("terms", ["{{ 7 * 7 }}{% for x in y %}", "一\x0b二\x01三\a四", "</w:t><w:br/>", "a\ud7ffb"])
def test_no_text_of_a_case_can_spoil_the_document_or_run_in_it(deal: Deal, terms: str) -> None:
    deal.agreement.terms = terms
    kept = "".join(sign for sign in terms if sign >= " ")
    assert kept in text_of(written(deal))


def test_a_layout_cannot_reach_into_the_program(deal: Deal, tmp_path: Path) -> None:
    layout = docx.Document()
    layout.add_paragraph("{{ number.__class__.__mro__ }}{{ firms.append.__self__.__class__ }}")
    layout.save(tmp_path / "layout.docx")
    with pytest.raises(SecurityError):
        written(deal, layout=tmp_path / "layout.docx")


def test_five_thousand_firms_fit_in_the_annex(app: Flask) -> None:
    firms = [joint.Joining(name=f"第{no}号商户", monthly_rent_fen=100_000 + no) for no in range(5_000)]
    deal = a_deal(an_office(), firms, total_fen=61_234_567)
    deal.allocate()
    rows = written(deal).element.body.xpath(".//w:tbl")[-1].xpath("./w:tr")
    assert len(rows) == 5_002
    assert "612,345.67" in "".join(rows[-1].itertext())


def test_the_page_sends_the_document_by_a_name_that_says_whose_it_is(
    deal: Deal, as_: Callable[..., FlaskClient]
) -> None:
    answer = as_("officer", locale="en").get(f"/cases/{deal.case.number}/agreements/{deal.agreement.id}/agreement.docx")
    assert answer.status_code == 200
    assert answer.content_type == agreement_docx.DOCX_TYPE
    assert deal.case.number in answer.headers["Content-Disposition"]
    assert "租金减免协议" in text_of(docx.Document(io.BytesIO(answer.data))), "it is Chinese for an English reader too"
