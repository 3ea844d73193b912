"""Money is integer fen; people read and write yuan."""

from __future__ import annotations

import re

from casework.kernel.errors import N_, Reason, Refused

_YUAN = re.compile(r"^[¥￥]?\s*(\d{1,3}(?:[,，]\d{3}){1,6}|\d{1,20})(?:\.(\d{1,2}))?\s*(万)?\s*元?$")
_DIGITS = str.maketrans("０１２３４５６７８９．", "0123456789.")
LIMIT_FEN = 10**15


def yuan(fen: int | None) -> str:
    """Fen as yuan with separators: ``61234567`` → ``612,345.67``. None is an empty text."""
    if fen is None:
        return ""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def parse_yuan(text: str, field: str | None = None) -> int:
    """A sum as officers write it (``612,345.67 元``, ``￥3万``, full-width digits) in fen.

    Raises:
        Refused: it is no sum, is negative, or has more than two decimals.
    """
    match = _YUAN.match(text.strip().translate(_DIGITS))
    if match:
        whole, part, ten_thousand = match.groups()
        fen = int(re.sub("[,，]", "", whole)) * 100 + int((part or "0").ljust(2, "0"))
        fen *= 10_000 if ten_thousand else 1
        if fen < LIMIT_FEN:
            return fen
    raise Refused(Reason(N_("Write the amount in yuan, like 8,800 or 8800.50."), {}, field))


_DIGIT = "零壹贰叁肆伍陆柒捌玖"
_PLACE = ("", "拾", "佰", "仟")
_GROUP = ("", "万", "亿", "万亿")


def capitals(fen: int) -> str:
    """A sum as contracts write it, safe from strokes added later: 陆拾壹万贰仟叁佰肆拾伍元陆角柒分, 伍元整.

    By the rules of bank notes (支付结算办法, 1997): zeros between digits are said once, 整 follows yuan or jiao.
    """
    whole, part = divmod(abs(fen), 100)
    jiao, cents = divmod(part, 10)
    said = "负" if fen < 0 else ""
    said += f"{_whole(whole)}元" if whole or not part else ""
    if jiao:
        said += f"{_DIGIT[jiao]}角"
    elif cents and whole:
        said += "零"
    return said + (f"{_DIGIT[cents]}分" if cents else "整")


def _whole(yuan: int) -> str:
    if yuan == 0:
        return "零"
    said, gap = "", False
    for place in range(3, -1, -1):
        group = yuan // 10_000**place % 10_000
        if group == 0:
            gap = bool(said)
            continue
        said += ("零" if said and (gap or group < 1000) else "") + _thousands(group) + _GROUP[place]
        gap = False
    return said


def _thousands(group: int) -> str:
    said, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit == 0:
            gap = bool(said)
            continue
        said += ("零" if gap else "") + _DIGIT[digit] + _PLACE[place]
        gap = False
    return said
