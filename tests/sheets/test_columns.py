"""Which column is which, and what cells mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from casework.kernel.errors import Refused
from casework.sheets.columns import (
    check_mapping,
    in_ten_thousands,
    map_columns,
    parse_moment,
    read_mapping,
    split_contact,
    split_contacts,
)


@pytest.mark.parametrize(
    "header",
    ["企业名称", "单位名称", "公司名称", "商户名称", " 企业 名称 ", "企业名称（全称）", "*企业名称", "Name"],
)
def test_an_enterprise_is_known_by_every_usual_header(header: str) -> None:
    assert map_columns([header], "enterprises").fields == {"name": 0}


def test_the_reopening_ledger_of_fifteen_columns_finds_its_fields_and_names_the_rest() -> None:
    headers = [
        "序号",
        "复工企业名称",
        "统一社会信用代码",
        "所在镇（街道）/园区",
        "企业类别",
        "企业规模",
        "复工类别",
        "行业类别",
        "拟复工日期",
        "复工员工数",
        "企业总人数",
        "填报人姓名",
        "联系电话",
        "详细地址",
        "流程状态",
    ]
    mapping = map_columns(headers, "enterprises")
    assert {name: headers[at] for name, at in mapping.fields.items()}.items() >= {
        "name": "复工企业名称",
        "uscc": "统一社会信用代码",
        "contact_name": "填报人姓名",
        "contact_phone": "联系电话",
        "address": "详细地址",
        "size": "企业规模",
        "industry": "行业类别",
    }.items()
    assert mapping.unmapped == [header for at, header in enumerate(headers) if at not in mapping.fields.values()]


def test_the_registered_address_wins_over_a_vaguer_one_that_stands_first() -> None:
    assert map_columns(["详细地址", "注册地址"], "enterprises").fields == {"address": 1}


def test_the_last_level_of_a_joined_header_is_known() -> None:
    assert map_columns(["基本情况 / 商户名称", "租金情况 / 月租金(元)"], "beneficiaries").fields == {
        "name": 0,
        "rent": 1,
    }


def test_a_mapping_file_comes_before_what_is_known() -> None:
    said = {
        "columns": {"question": ["title", "text"], "answer": "reply", "docid": None, "无此列": "note"},
        "defaults": {"type": "other"},
    }
    mapping = map_columns(["id", "docid", "question", "answer", "keyword_topics"], "cases", said)
    assert mapping.fields == {"title": 2, "text": 2, "reply": 3, "external_ref": 0}
    assert (mapping.ignored, mapping.unmapped, mapping.missing) == (["docid"], ["keyword_topics"], ["无此列"])
    assert mapping.get(["1", "d", "问", "答", "rent"], "type") == "other"
    assert mapping.get(["1", "d", "问", "答", "rent"], "text") == "问"


def test_an_unknown_target_is_refused_by_key_with_the_known_ones() -> None:
    with pytest.raises(Refused) as caught:
        check_mapping({"columns": {"留言主题": "titel"}, "defaults": {"kind": "x"}, "rows": {}}, "cases")
    assert [reason.values.get("key") for reason in caught.value.reasons] == ["rows", "留言主题", "kind"]
    assert "title" in str(caught.value.reasons[1].values["known"])


def test_a_mapping_file_is_read_with_or_without_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    path.write_text(json.dumps({"columns": {"留言主题": "title"}}), "utf-8-sig")
    assert read_mapping(path, "cases")["columns"] == {"留言主题": "title"}
    for wrong in ("{", "[]", '{"columns": []}'):
        path.write_text(wrong)
        with pytest.raises(Refused, match="cannot be read"):
            read_mapping(path, "cases")


def test_without_a_header_names_codes_and_districts_are_told_by_content() -> None:
    rows = [
        ["1", "福田区", "甲科技有限公司", "91440300708461136T"],
        ["2", "南山区", "乙（深圳）有限公司", ""],
    ]
    mapping = map_columns([], "enterprises", rows=rows)
    assert mapping.fields == {"name": 2, "uscc": 3, "district": 1}
    assert (mapping.guessed, mapping.unmapped) == (True, ["A"])


@pytest.mark.parametrize(
    ("text", "shanghai"),
    [
        ("2020/1/6 12:09:38", (2020, 1, 6, 12, 9, 38)),
        ("2019/4/25 9:32:09", (2019, 4, 25, 9, 32, 9)),
        ("2018/4/24", (2018, 4, 24)),
        ("2017-06-08 17:31:20", (2017, 6, 8, 17, 31, 20)),
        ("2020年2月3日", (2020, 2, 3)),
        ("2020年2月3日 下午3时05分", (2020, 2, 3, 15, 5)),
        ("2020.2.3", (2020, 2, 3)),
        ("20200203", (2020, 2, 3)),
        ("２０２０－０２－０３", (2020, 2, 3)),
        ("2020-02-03T09:30:00", (2020, 2, 3, 9, 30)),
        ("43864", (2020, 2, 3)),
        ("43864.5", (2020, 2, 3, 12)),
    ],
)
def test_dates_in_every_spelling_are_moments_of_shanghai(text: str, shanghai: tuple[int, ...]) -> None:
    moment = parse_moment(text)
    assert moment.tzinfo is UTC
    year, month, day, *rest = shanghai
    hour, minute, second = [*rest, 0, 0, 0][:3]
    assert moment.timestamp() == datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp() - 8 * 3600


@pytest.mark.parametrize(
    "text",
    [
        "",
        "明天",
        "2020-13-01",
        "2020-02-30",
        "2018/9/19-2019/9/18",
        "2025年X月",
        "2020.2",
        "12",
        "99999",
        "20201332",
        "2020-01-01 25:00",
    ],
)
def test_what_is_no_date_is_refused_with_the_field(text: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_moment(text, "submitted_at")
    assert caught.value.reasons[0].field == "submitted_at"


@pytest.mark.parametrize(
    "cell",
    [
        "张三 13800138000",
        "张三13800138000",
        "张三，13800138000",
        "张三\n13800138000",
        "13800138000（张三）",
        "张三 电话：13800138000",
        "张三/+86 13800138000",
        "张三/138-0013-8000",
        "张三 138 0013 8000",
    ],
)
def test_a_name_and_a_number_that_share_a_cell_are_parted(cell: str) -> None:
    assert split_contact(cell) == ("张三", "13800138000")


def test_several_people_in_a_cell_are_all_kept() -> None:
    assert split_contacts("张三13800138000、李四0755-82001234") == [
        ("张三", "13800138000"),
        ("李四", "0755-82001234"),
    ]
    assert split_contacts("张三") == [("张三", "")]
    assert split_contacts("") == []
    assert split_contact("  ") == ("", "")


def test_a_header_can_say_ten_thousands() -> None:
    assert in_ten_thousands("月租金（万元）")
    assert not in_ten_thousands("月租金(元)")
