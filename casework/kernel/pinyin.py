"""Chinese in letters, as people type it: each character's syllable. Pure; the tables load with the first question.

The readings are pypinyin's, taken by the longest phrase: its own way reads the same and is twenty times as slow. What
it misreads in names of firms, mostly surnames and southern place names, stands here.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LONGEST_PHRASE = 4
SHORTEST = 2
"""So many letters at least may name something."""
_ENDS = range(LONGEST_PHRASE, 1, -1)
# Phrases that are read wrongly otherwise; one syllable a character.
PHRASES = """
曾记 zeng ji|曾氏 zeng shi|曾家 zeng jia|老曾 lao zeng|阿曾 a zeng|小曾 xiao zeng|仇记 qiu ji|仇氏 qiu shi
仇家 qiu jia|老仇 lao qiu|单记 shan ji|单氏 shan shi|单家 shan jia|老单 lao shan|翟记 zhai ji|翟氏 zhai shi
翟家 zhai jia|老翟 lao zhai|解记 xie ji|解氏 xie shi|解家 xie jia|查记 zha ji|查氏 zha shi|查家 zha jia
区记 ou ji|区氏 ou shi|区家 ou jia|朴记 piao ji|朴氏 piao shi|朴家 piao jia|盖记 ge ji|盖氏 ge shi|华记 hua ji
任记 ren ji|任氏 ren shi|乐记 le ji|单丛 dan cong|单枞 dan cong|单车 dan che|朝阳 chao yang|东涌 dong chong
西涌 xi chong|沙涌 sha chong|葵涌 kui chong|大涌 da chong|溪涌 xi chong|河涌 he chong|商行 shang hang
五金行 wu jin hang|电器行 dian qi hang|茶行 cha hang|花行 hua hang|布行 bu hang|米行 mi hang|药行 yao hang
琴行 qin hang|表行 biao hang|车行 che hang|粮油行 liang you hang|水果行 shui guo hang|海味行 hai wei hang
参茸行 shen rong hang|家私行 jia si hang|建材行 jian cai hang|食品行 shi pin hang|贸易行 mao yi hang
电讯行 dian xun hang|皮具行 pi ju hang|呷哺 xia bu|大厦 da sha|厦门 xia men|六安 lu an|乐清 yue qing|番禺 pan yu
重工 zhong gong|重型 zhong xing|重装 zhong zhuang|重机 zhong ji|长实 chang shi
"""
# Surnames that are read otherwise as words: at the beginning of a name they are surnames, unless one of these follows.
SURNAMES = {
    "曾": ("zeng", "经"),
    "单": ("shan", "位车身县元价品独一双向丛枞"),
    "仇": ("qiu", "恨"),
    "翟": ("zhai", ""),
    "尉迟": ("yu chi", ""),
    "万俟": ("mo qi", ""),
    "冼": ("xian", ""),
    "覃": ("qin", ""),
    "缪": ("miao", ""),
    "麦": ("mai", ""),
}
_MAY_BE_SURNAMES = {surname[0] for surname in SURNAMES}
_MEMBER = re.compile(r'"([^"]+)"\s*:\s*')


@cache
def _tables() -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Our phrases over pypinyin's, and its single characters: a quarter of a second, when first asked.

    Its files are read without it: its own tables take sixty megabytes of every process, these a third of that.
    """
    phrases = {
        word: tuple(_plain(one[0]) for one in said)
        for word, said in _members("phrases_dict.json")
        if len(word) <= LONGEST_PHRASE
    }
    lines = (line.split() for line in PHRASES.strip().replace("\n", "|").split("|"))
    phrases.update((word, tuple(said)) for word, *said in lines)
    signs = {chr(int(code)): _plain(said.partition(",")[0]) for code, said in _members("pinyin_dict.json")}
    return phrases, signs


def _members(name: str) -> Iterator[tuple[str, Any]]:
    """The members of the object in a JSON file, one by one: at once they take three times what is kept of them."""
    package = find_spec("pypinyin")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("pypinyin")
    text, at = Path(package.origin).with_name(name).read_text("utf-8"), 0
    decode = json.JSONDecoder().raw_decode
    while found := _MEMBER.search(text, at):
        value, at = decode(text, found.end())
        yield found.group(1), value


@lru_cache(maxsize=5000)
def _plain(said: str) -> str:
    """A syllable without its tone: nǚ gives nv, as it is typed."""
    bare = unicodedata.normalize("NFD", unicodedata.normalize("NFC", said).translate(_U)).casefold()
    return "".join(sign for sign in bare if "a" <= sign <= "z")


_U = str.maketrans("üǖǘǚǜ", "vvvvv")


@lru_cache(maxsize=30_000)
def _alone(sign: str) -> str:
    """One character by itself; a letter or digit as it is, nothing for any other sign."""
    if sign.isascii():
        return sign.casefold() if sign.isalnum() else ""
    return _tables()[1].get(sign, "")


def syllables(text: str) -> list[str]:
    """One entry a character: its syllable as it reads in the longest phrase that begins there."""
    phrases, _ = _tables()
    read: list[str] = []
    while (at := len(read)) < len(text):
        found = next((said for end in _ENDS if (said := phrases.get(text[at : at + end]))), None)
        read.extend(found or (_alone(text[at]),))
    return read


def name_syllables(name: str, begins: int = 0) -> list[str]:
    """As ``syllables``; what begins at ``begins`` (after a city, say) may be a surname."""
    read = syllables(name)
    if name[begins : begins + 1] not in _MAY_BE_SURNAMES:
        return read
    for surname, (said, words) in SURNAMES.items():
        after = begins + len(surname)
        if name.startswith(surname, begins) and (len(name) == after or name[after] not in words):
            read[begins:after] = said.split()
    return read


def initials(read: list[str]) -> str:
    """The first letter of each syllable; runs of letters and digits stay whole, since each sign is one entry."""
    return "".join(one[:1] for one in read)


def is_typed(text: str) -> bool:
    """Whether a text can be pinyin: letters and digits only, blanks and apostrophes between syllables allowed."""
    return bool(typed(text)) and all(sign.isascii() for sign in text)


def typed(text: str) -> str:
    """What was typed as it is compared: ``Lǎo yan-zhang`` gives ``laoyanzhang``."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in plain if sign.isascii() and sign.isalnum())
