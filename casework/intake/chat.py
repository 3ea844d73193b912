"""What a pasted chat message says: who wrote, where to call, what sum, which firm it may name. Pure; nothing is lost.

The message stays the text of the case as it was pasted. What is read out of it fills the form beside, to be checked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from casework.intake.rules import phone_of, title_of

_DAY = r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/月]\d{1,2}日?|昨天|今天|前天|(?:星期|周)[一二三四五六日天])"
_HOUR = r"(?:凌晨|早上|上午|中午|下午|晚上)?\s*\d{1,2}:\d{2}(?::\d{2})?"
_WHEN = rf"(?:{_DAY}\s*(?:{_HOUR})?|{_HOUR})"
_NAME = r"(?!\d)[^\s:,，。()\[\]]{1,20}(?:@[^\s:]{1,12}|\([^()]{1,20}\))?"
# 何秀芝 2020-02-14 21:35:12 · [2020/2/14 21:35] 何秀芝: · 何秀芝@微信 2/14 21:35 · ——— 2020-02-14 ———
_HEADS = (
    re.compile(rf"^\W*{_WHEN}\W*(?P<who>{_NAME})?\s*:?\W*$"),
    re.compile(rf"^\W*(?P<who>{_NAME})\s*:?\s*{_WHEN}\W*$"),
    re.compile(rf"^\[?{_WHEN}\]?\s+(?P<who>{_NAME})\s*:\s*(?P<said>.+)$"),
    re.compile(r"^(?P<who>[^\s:,，。\d][^\s:,，。]{0,7}):\s*(?P<said>.+)$"),
)
_LABELS = re.compile("地址|联系人|电话|手机|名称|店名|公司|企业|单位|诉求|问题|金额|面积|位置")
_PHONE = re.compile(
    r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?\d{7,8}|400[- ]?\d{3}[- ]?\d{4})(?!\d)"
)
_SUM = re.compile(r"(?<![\d.])\d[\d,]*(?:\.\d+)?\s*(?:[万千百]?(?:元|块)(?!\w)|万(?![\d人名件个户家平]))")
_PERSON = re.compile(r"联系人\s*:?\s*([\u4e00-\u9fff]{2,4})|([\u4e00-\u9fff]{1,3}(?:先生|女士|小姐|老板|经理))")
_ADDRESS = re.compile(r"(?:地址|位置|位于)\s*:?\s*([^\n。;]{4,80})")
_STREET = re.compile(
    r"[\u4e00-\u9fff]{2,20}?(?:路|街|巷|大道|广场|大厦|工业园|工业区)[\u4e00-\u9fff\w-]{0,12}?\d+[号栋楼室铺层座][\dA-Za-z-]{0,8}"
)
_SIGNS = "有限公司|公司|面馆|饭店|酒店|餐厅|餐馆|商行|经营部|工作室|维修店|便利店|超市|工厂|店|馆|厂|行|铺|坊|吧|社"
_FIRM = re.compile(rf"[\u4e00-\u9fffA-Za-z0-9()]{{1,28}}?(?:{_SIGNS})(?![\u4e00-\u9fff]{{0,1}}(?:公司|面馆|店))")
_SAID_FIRM = re.compile(r"(?:我是|我们是|这里是|店名|名称|企业|单位|公司)\s*:?\s*([\u4e00-\u9fffA-Za-z0-9()]{2,30})")
FIRMS, SHORTEST = 12, 3


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message says. ``body`` is what was said, without the lines that name sender and time; ``firms`` are
    words that may name a firm, the likeliest first.
    """

    body: str
    title: str
    sender: str
    phone: str
    sums: tuple[str, ...]
    address: str
    firms: tuple[str, ...]


def heard(message: str) -> Heard:
    """Read a message as it was copied from a chat, one or several of them, or a plain note."""
    said, senders = [], []
    for line in unicodedata.normalize("NFKC", message).splitlines():
        who, rest = _line(line.strip())
        senders += [who] if who else []
        said += [rest] if rest else []
    body = "\n".join(said)
    person = _PERSON.search(body)
    named = next((one for one in person.groups() if one), "") if person else ""
    return Heard(
        body=body,
        title=_title(body),
        sender=(named or (senders[0].partition("@")[0].partition("(")[0] if senders else ""))[:60],
        phone=next((kept for one in _PHONE.finditer(body) if (kept := phone_of(one.group(1)))), ""),
        sums=tuple(dict.fromkeys(one.group().strip() for one in _SUM.finditer(body)))[:3],
        address=_address(body),
        firms=tuple(dict.fromkeys(_firms(body)))[:FIRMS],
    )


def _line(line: str) -> tuple[str, str]:
    """Who begins to speak on a line, and what is said there."""
    for head in _HEADS:
        if found := head.match(line):
            parts = found.groupdict()
            who = parts.get("who") or ""
            if _LABELS.search(who):
                return "", line
            return who, (parts.get("said") or "").strip()
    return "", line


_GREETING = re.compile(
    r"^(?:[\u4e00-\u9fff]{0,6}(?:您好|你好|好)|领导|在吗|请问|打扰了|麻烦(?:您|问)?(?:一下)?|各位)[,!。~、\s]*"
)


def _without_greeting(body: str) -> str:
    plain = body
    while (shorter := _GREETING.sub("", plain).lstrip()) != plain and shorter:
        plain = shorter
    return plain


_PRESENTING = re.compile(
    r"^(?:我是|我们是|这里是|我姓|我叫|地址|位置|位于|联系人|电话|手机|名称|店名|企业|单位|公司名|\W*\d)[^,]*(?P<rest>,.*)?$"
)
_LABEL = re.compile(r"^(?:诉求|问题|事由|困难|情况)\s*:\s*")


def _title(body: str) -> str:
    """The first sentence that tells the matter: not the greeting, nor who and where one is."""
    sentences = [one.strip() for one in re.split(r"[。!?;\n]", _without_greeting(body)) if one.strip(" ,~、")]
    telling = [one for one in sentences if not _PRESENTING.match(one)] or sentences
    said = _LABEL.sub("", telling[0]) if telling else ""
    return re.sub(r"(?<=[\u4e00-\u9fff]),", "，", title_of(said)) if said else ""


def _address(body: str) -> str:
    found = _ADDRESS.search(body)
    if found:
        return found.group(1).strip(" ,")
    street = _STREET.search(body)
    return street.group().lstrip("在到去从") if street else ""


def _firms(body: str) -> Iterator[str]:
    """What stands where people name their firm, then every word that ends as firms do, with its shorter endings."""
    for one in _SAID_FIRM.finditer(body):
        yield re.split(r"的|,|我|老板", one.group(1))[0]
    for one in _FIRM.finditer(body):
        word = one.group()
        yield word
        for sign in ("是", "的", "在", "我们", "叫", "家"):
            if sign in word:
                yield word.rpartition(sign)[2]


def endings(words: tuple[str, ...]) -> list[str]:
    """Each word and what is left of it from each later character on: 我是老盐张面馆 holds 老盐张面馆."""
    found = [word[at:] for word in words for at in range(len(word) - SHORTEST + 1)]
    return [one for one in dict.fromkeys(found) if len(one) >= SHORTEST][:200]
