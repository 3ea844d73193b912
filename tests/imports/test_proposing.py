"""What a column is taken for, and why: each proposal says its reason, and what is unknown is left out aloud."""

from __future__ import annotations

import pytest

from casework.imports import years
from casework.imports.doubles import Cores
from casework.imports.fields_said import FIELD_LABELS
from casework.imports.looking import chosen
from casework.imports.proposing import propose
from casework.imports.remembering import fingerprint
from casework.kernel.errors import Refused
from casework.sheets.columns import Mapping as Columns
from casework.sheets.reading import Row, Table


def proposed(headers, rows, target="cases", said=None):
    return {
        one.header or one.letter: (one.field, str(one.why))
        for one in propose(headers, rows, target, list(FIELD_LABELS[target]), said or {})
    }


def test_a_column_is_known_by_its_header_a_level_of_it_a_part_of_it_or_its_cells():
    headers = ["序号", "问题编号", "反映情况 / 联系人 / 称呼", "申请企业名称", "随便", "问题描述"]
    rows = [["1", "A1", "张三", "甲公司", f"1380000000{n}", "停业"] for n in range(4)]
    found = proposed(headers, rows)
    assert [found[header][0] for header in headers] == [
        "", "external_ref", "contact_name", "enterprise", "contact_phone", "text",
    ]  # fmt: skip
    reasons = [found[header][1] for header in headers]
    assert "running number" in reasons[0]
    assert "问题编号" in reasons[1]
    assert "联系人" in reasons[2]
    assert "企业名称" in reasons[3]
    assert "4 of 4" in reasons[4]


def test_the_words_of_a_weekly_report_of_difficulties_are_known():
    headers = ["企业基本情况 / 企业全称", "企业基本情况 / 负责人及电话", "反映的困难 / 具体内容", "处理结果"]
    found = proposed(headers, [["甲公司", "刘福13711112222", "房租付不出", "协调中"]] * 4)
    assert [found[header][0] for header in headers] == ["enterprise", "contact_name", "text", "reply"]


def test_of_two_columns_for_one_field_the_second_stays_out_and_says_so():
    found = proposed(["标题", "主题", "内容"], [["甲", "乙", "丙"]])
    assert found["标题"][0] == "" or found["主题"][0] == ""
    assert any("better" in why for field, why in found.values() if not field)


def test_what_was_chosen_last_time_comes_first_and_names_whose_choice_it_was():
    said = {"places": {"title": 1}, "day": "2020-02-03", "by": "周文静"}
    found = proposed(["标题", "主题"], [["甲", "乙"]], said=said)
    assert found["主题"] == ("title", "As last time (2020-02-03, 周文静).")
    assert found["标题"][0] == ""


def test_a_choice_of_one_field_for_two_columns_or_none_at_all_is_refused_by_name():
    with pytest.raises(Refused) as twice:
        chosen("cases", {0: ["title"], 3: ["title"]}, {})
    assert "A、D" in str(twice.value.reasons[0])
    with pytest.raises(Refused) as none:
        chosen("enterprises", {0: ["address"]}, {})
    assert "Enterprise name" in str(none.value.reasons[0])
    assert chosen("cases", {2: ["title"]}, {"district": "福田区", "nonsense": "x"}) == {
        "places": {"title": 2},
        "defaults": {"district": "福田区"},
    }


def test_layouts_are_told_apart_by_their_headers_and_by_width_where_there_are_none():
    assert fingerprint(["企业名称(必填)", "所在区"]) == fingerprint(["*企业名称", "所在区："])
    assert fingerprint(["企业名称"]) != fingerprint(["所在区"])
    assert fingerprint([], 2) != fingerprint([], 3)


def test_firms_that_differ_by_city_or_legal_form_share_a_core():
    core = Cores(["江城市", "江城", "临江区", "临江"]).of
    assert core("江城市临江区老盐张食品有限公司") == core("老盐张食品有限责任公司") == "老盐张食品"
    assert core("有限公司") == ""


@pytest.mark.parametrize(
    ("name", "title", "cells", "told"),
    [
        ("台账.xlsx", "2020年2月问题台账", ["2月4日", "2/5", "2.4"], (2020, years.BY_TITLE, 3)),
        ("台账2020-02.xlsx", "问题台账", ["2月4日 9:30"], (2020, years.BY_FILE, 1)),
        ("台账.xlsx", "问题台账", ["2019-11-30", "12月4日"], (2019, years.BY_COLUMN, 1)),
        ("13820201388.xlsx", "发〔2020〕3号", ["2月4日"], (None, years.NOT_TOLD, 1)),
        ("台账.xlsx", "2019年12月至2020年1月台账", ["1月4日"], (None, years.NOT_TOLD, 1)),
        ("台账2021.xlsx", "2020年台账", ["2月4日"], (None, years.NOT_TOLD, 1)),
        ("台账.xlsx", "2020年台账", ["2019-01-04", "1月5日"], (None, years.NOT_TOLD, 1)),
        ("台账.xlsx", "问题台账", ["2019-12-30", "1月3日"], (None, years.NOT_TOLD, 1)),
        ("台账.xlsx", "2020年1月台账", ["12月30日"], (None, years.NOT_TOLD, 1)),
        ("台账.xlsx", "2020年台账", ["2.1", "2.10"], (2020, years.BY_TITLE, 1)),
        ("台账.xlsx", "2020年台账", ["2020-02-04", "7-8楼", "13/4"], None),
    ],
)
def test_the_year_of_dates_without_one_is_told_only_where_the_ledger_leaves_no_doubt(
    name: str, title: str, cells: list[str], told: tuple[int | None, str, int] | None
) -> None:
    rows = [Row(3 + at, [cell]) for at, cell in enumerate(cells)]
    table = Table(["上报日期"], rows, header=(2, 2), top=[Row(1, [title]), Row(2, ["上报日期"]), *rows])
    found, notes = years.years_of(table, "cases", Columns({"submitted_at": 0}), name, None)
    assert [(found.get("submitted_at"), note.text, note.values["count"]) for note in notes] == ([told] if told else [])
    found, notes = years.years_of(table, "cases", Columns({"submitted_at": 0}), name, 2018)
    assert found == ({"submitted_at": 2018} if told else {}), "what somebody chose counts"


def test_no_title_tells_when_something_expires() -> None:
    rows = [Row(3, ["2月4日"])]
    table = Table(["有效期"], rows, header=(2, 2), top=[Row(1, ["2020年2月物资"]), Row(2, ["有效期"])])
    found, notes = years.years_of(table, "stock", Columns({"expires_on": 0}), "2020.xlsx", None)
    assert (found, [note.text for note in notes]) == ({}, [years.NOT_TOLD])
