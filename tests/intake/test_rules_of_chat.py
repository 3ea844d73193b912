"""What a pasted chat message says: tables of facts."""

from __future__ import annotations

import pytest

from casework.intake.chat import endings, heard

WECHAT = """何秀芝 2020-02-14 21:35:12
您好，我是江城市老盐张面馆的，在南贤街道桥东社区解放路12号。
何秀芝 2020-02-14 21:36
房东不肯减租，一个月租金8.5万，压力太大了！
电话139 0000 2206"""


def test_a_message_of_wechat_tells_who_where_what_and_how_much() -> None:
    said = heard(WECHAT)
    assert said.title == "房东不肯减租，一个月租金8.5万，压力太大了"
    assert (said.sender, said.phone, said.sums) == ("何秀芝", "13900002206", ("8.5万",))
    assert said.address == "南贤街道桥东社区解放路12号"
    assert "江城市老盐张面馆" in endings(said.firms)
    assert "2020" not in said.body


@pytest.mark.parametrize(
    ("message", "sender", "body"),
    [
        ("何秀芝：房东不减租", "何秀芝", "房东不减租"),
        ("[2020/2/14 21:35] 王老板: 货车上不了高速", "王老板", "货车上不了高速"),
        ("小李@微信 2/14 21:35\n停电了", "小李", "停电了"),
        ("—————  2020-02-14  —————\n停电了", "", "停电了"),
        ("昨天 20:11\n停电了", "", "停电了"),
        ("王老板 下午9:35\n停电了", "王老板", "停电了"),
        ("地址：南贤广场 3 栋", "", "地址:南贤广场 3 栋"),
        ("联系人：赖小军\n停电了", "赖小军", "联系人:赖小军\n停电了"),
        ("老板心情不好", "", "老板心情不好"),
        ("", "", ""),
    ],
)
def test_lines_that_name_sender_and_time_are_no_part_of_what_was_said(message: str, sender: str, body: str) -> None:
    said = heard(message)
    assert (said.sender, said.body) == (sender, body)


@pytest.mark.parametrize(
    ("message", "phone"),
    [
        ("电话 0755-26680000", "075526680000"),
        ("+86 139-0000-2206", "13900002206"),
        ("统一代码 91440300708461136T", ""),
        ("订单 1390000220655", ""),
        ("打 400-123-4567", "4001234567"),
    ],
)
def test_only_what_can_be_called_is_a_phone(message: str, phone: str) -> None:
    assert heard(message).phone == phone


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ("领导您好，请问复工备案怎么办？", "复工备案怎么办"),
        ("我是恒通维修店的，停电两天了", "我是恒通维修店的，停电两天了"),
        ("我是恒通维修店的。停电两天了", "停电两天了"),
        ("诉求：想减租\n地址：南贤广场", "想减租"),
        ("您好", "您好"),
    ],
)
def test_the_title_is_the_first_sentence_that_tells_the_matter(message: str, title: str) -> None:
    assert heard(message).title == title


@pytest.mark.parametrize(
    "message", ["长" * 5000, "\x00\x01", "1" * 5000, "\n" * 3000, "(" * 500 + "店" * 500, "a:b" * 900]
)
def test_odd_messages_are_read_in_no_time_and_break_nothing(message: str) -> None:
    said = heard(message)
    assert len(endings(said.firms)) <= 200
    assert len(said.title) <= 40
