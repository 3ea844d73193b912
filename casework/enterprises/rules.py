"""How a firm is known again: its credit code and its name, however they were typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from stdnum.cn import uscc

from casework.kernel import pinyin
from casework.kernel.errors import N_, Reason, because

LENGTH = 18
LONGEST = {"name": 200, "address": 300, "size": 20, "industry": 60, "contact_name": 60, "contact_phone": 30}
"""Characters of what is written of a firm and of whom to call there."""
LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_LOOKALIKES = {"I": "1", "O": "0", "Z": "2", "S": "5", "V": "U"}
_BLANKS = re.compile(r"[\s\u200b\u200c\u200d\ufeff]+")
_DASHES = str.maketrans("‐‑‒–—−", "------")

WRONG_LENGTH = N_("The credit code has %(count)s characters: write all 18.")
WRONG_DIGIT = N_("Character %(place)s of the credit code is “%(found)s”: the first eight are digits.")
WRONG_LETTER = N_("Character %(place)s of the credit code is “%(found)s”, which no credit code has: check it.")
LOOKALIKE = N_(
    "Character %(place)s of the credit code is “%(found)s”, which no credit code has: it may be “%(meant)s”."
)
WRONG_CHECK = N_(
    "The credit code ends in “%(found)s”, by its other characters it would end in “%(meant)s”: "
    "compare it with the licence."
)


def name_key(name: str) -> str:
    """What two spellings of one firm's name share: one width of brackets, no blanks, one case."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", name).translate(_DASHES)).casefold()[:200]


_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|"
    "陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
# 江城市, 临江区: what names of firms begin with wherever they are; not 超市 and 小区, which are what they do.
_PLACE = re.compile(r"[\u4e00-\u9fff]{2,3}?(?:(?<![超城都门夜集菜花股])市|(?<![小园社校院景专特])区|(?<![知])县)")
_PROVINCE = re.compile(f"(?:{_PROVINCES})(?:省|市|(?:壮族|回族|维吾尔)?自治区)?")
_SHORTEST_BRAND = 2


def brand(key: str, places: Iterable[str] = ()) -> str:
    """A name key without what lies before its brand: 江城市临江区老盐张面馆 → 老盐张面馆; empty when nothing does.

    ``places`` are names of the city and district, as some write them without 市 or 区.
    """
    known = sorted({name_key(place) for place in places if len(place) > 1}, key=len, reverse=True)
    rest = key
    for _ in range(3):  # province, city, district
        found = _PROVINCE.match(rest) or _PLACE.match(rest)
        ends = [found.end()] if found else []
        ends += [len(place) for place in known if rest.startswith(place)]
        if not ends or len(rest) - max(ends) < _SHORTEST_BRAND:
            break
        rest = rest[max(ends) :]
    return rest if rest != key else ""


def found_by(key: str, places: Iterable[str] = ()) -> dict[str, str]:
    """The keys by whose beginning a firm is found, from its name key: see ``Enterprise``."""
    bare = brand(key, places)
    begins = len(key) - len(bare) if bare else 0
    read = pinyin.name_syllables(key, begins)
    of_brand = read[begins:] if bare else []
    return {
        "initials": pinyin.initials(read)[:200],
        "pinyin": "".join(read)[:200],
        "brand_key": bare,
        "brand_initials": pinyin.initials(of_brand)[:200],
        "brand_pinyin": "".join(of_brand)[:200],
    }


def compact(code: str) -> str:
    """A credit code without blanks and dashes, in capitals, of one width."""
    plain = _BLANKS.sub("", unicodedata.normalize("NFKC", code)).translate(_DASHES)
    return plain.replace("-", "").strip("'’").upper()


def uscc_fault(code: str, field: str = "uscc") -> Reason | None:
    """What is wrong with a credit code (GB 32100), in one sentence with the place; None when it is right."""
    plain = compact(code)
    if len(plain) != LENGTH:
        return because(WRONG_LENGTH, field, count=len(plain))
    for place, found in enumerate(plain, start=1):
        if place <= 8 and found not in "0123456789":
            return because(WRONG_DIGIT, field, place=place, found=found)
        if found not in LETTERS:
            if meant := _LOOKALIKES.get(found):
                return because(LOOKALIKE, field, place=place, found=found, meant=meant)
            return because(WRONG_LETTER, field, place=place, found=found)
    meant = uscc.calc_check_digit(plain[:-1])
    return None if plain[-1] == meant else because(WRONG_CHECK, field, found=plain[-1], meant=meant)
