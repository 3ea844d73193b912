"""How Chinese is typed in letters: tables of facts."""

from __future__ import annotations

import pytest

from casework.kernel import pinyin


@pytest.mark.parametrize(
    ("text", "full", "first"),
    [
        ("老盐张面馆", "laoyanzhangmianguan", "lyzmg"),
        ("重庆小面", "chongqingxiaomian", "cqxm"),
        ("厦门大厦", "xiamendasha", "xmds"),
        ("六安瓜片", "luanguapian", "lagp"),
        ("乐清电器行", "yueqingdianqihang", "yqdqh"),
        ("番禺银行", "panyuyinhang", "pyyh"),
        ("曾记粉店", "zengjifendian", "zjfd"),
        ("女人街 3M(绿)", "nvrenjie3mlv", "nrj3ml"),
        ("葵涌海味行", "kuichonghaiweihang", "kchwh"),
    ],
)
def test_what_is_read_otherwise_as_a_word_is_read_as_the_name_it_is(text: str, full: str, first: str) -> None:
    read = pinyin.syllables(text)
    assert ("".join(read), pinyin.initials(read), len(read)) == (full, first, len(text))


@pytest.mark.parametrize(
    ("name", "begins", "full"),
    [
        ("单伟面馆", 0, "shanweimianguan"),
        ("江城市单伟面馆", 3, "jiangchengshishanweimianguan"),
        ("单车店", 0, "danchedian"),
        ("曾经酒馆", 0, "cengjingjiuguan"),
        ("仇英画室", 0, "qiuyinghuashi"),
        ("尉迟饼屋", 0, "yuchibingwu"),
        ("万俟饼屋", 0, "moqibingwu"),
    ],
)
def test_a_name_that_begins_with_a_surname_is_read_so(name: str, begins: int, full: str) -> None:
    assert "".join(pinyin.name_syllables(name, begins)) == full


@pytest.mark.parametrize(
    ("text", "letters"), [("Lǎo yán-zhāng", "laoyanzhang"), ("LYZ", "lyz"), ("lao'yan", "laoyan"), ("老", ""), ("", "")]
)
def test_letters_are_compared_without_tones_blanks_and_capitals(text: str, letters: str) -> None:
    assert pinyin.typed(text) == letters


def test_text_with_chinese_in_it_is_not_taken_for_pinyin() -> None:
    assert not pinyin.is_typed("老yan")
    assert pinyin.is_typed("lao yan")


def test_every_phrase_of_ours_has_one_syllable_a_character() -> None:
    for line in pinyin.PHRASES.strip().replace("\n", "|").split("|"):
        word, *said = line.split()
        assert len(word) == len(said), line
        assert len(word) <= pinyin.LONGEST_PHRASE
