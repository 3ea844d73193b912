"""What cells mean: dates in the spellings of officers and Excel, names and telephones that share a cell."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta

from casework.kernel.errors import N_, Reason, Refused
from casework.kernel.time import SHANGHAI

NO_MOMENT = N_("“%(text)s” is no date. Write it like 2020-02-03 or 2020-02-03 09:30.")

NO_YEAR = N_("“%(text)s” says no year. Write it like 2020-02-03 or 2020-02-03 09:30.")
NO_DAY = N_("“%(text)s” may be the tenth day as well, as a number loses its last zero. Write it like 2020-02-03.")

_DATE = re.compile(
    r"^(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?"
    r"(?:[\sT]*(?P<half>上午|下午|晚上|中午)?\s*(?P<H>\d{1,2})\s*[:时点]\s*(?:(?P<M>\d{1,2})\s*分?)?"
    r"(?:[:\s]*(?P<S>\d{1,2})(?:\.\d+)?\s*秒?)?)?$"
)
_SHORT = re.compile(
    r"^(?P<m>1[0-2]|0?[1-9])\s*(?P<by>[/.月])\s*(?P<d>3[01]|[12]\d|0?[1-9])(?:\s*[日号])?"
    r"(?P<rest>\s*(?:上午|下午|晚上|中午)?\s*(?:\d{1,2}\s*[:时点].{0,12})?)$"
)
_COMPACT = re.compile(r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?)?$")
_SERIAL = re.compile(r"^\d{5}(?:\.\d+)?$")
_SERIAL_ZERO = datetime(1899, 12, 30, tzinfo=SHANGHAI)


def parse_moment(text: str, field: str | None = None) -> datetime:
    """A date or time as people and Excel write it, on the wall clock of Asia/Shanghai, as aware UTC.

    Raises:
        Refused: it is none, or lies outside 1990 to 2099.
    """
    bare = unicodedata.normalize("NFKC", text).strip()
    try:
        moment = _moment(bare)
    except ValueError:
        moment = None
    if moment is None or not 1990 <= moment.year <= 2099:
        raise Refused(Reason(_why_not(bare), {"text": text.strip()[:40]}, field))
    return moment.astimezone(UTC)


def _why_not(bare: str) -> str:
    short = _SHORT.match(bare)
    return NO_MOMENT if short is None else NO_DAY if _lost_zero(short) else NO_YEAR


def _lost_zero(short: re.Match[str]) -> bool:
    """2.1 may be the number that Excel made of 2.10."""
    return short["by"] == "." and short["d"] in ("1", "2", "3")


def month_without_year(text: str) -> int | None:
    """The month of a date that says no year (2月4日, 2/4, 2.4); None when it is none, or its day is in doubt."""
    short = _SHORT.match(unicodedata.normalize("NFKC", text).strip())
    return int(short["m"]) if short is not None and not _lost_zero(short) else None


def with_year(text: str, year: int) -> str:
    """A date without a year, of that year."""
    short = _SHORT.match(unicodedata.normalize("NFKC", text).strip())
    return f"{year}年{short['m']}月{short['d']}日{short['rest']}" if short else text


def _moment(bare: str) -> datetime | None:
    if _SERIAL.match(bare):
        return _SERIAL_ZERO + timedelta(seconds=round(float(bare) * 86_400))
    match = _COMPACT.match(bare) or _DATE.match(bare)
    if match is None:
        return None
    parts = match.groupdict()
    year, month, day, hour, minute, second = (int(parts.get(part) or 0) for part in "ymdHMS")
    if parts.get("half") in {"下午", "晚上"} and hour < 12:
        hour += 12
    return datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)


_PHONE = re.compile(
    r"(?<!\d)(?:\+?86[- ]?)?"
    r"(1[3-9][\d*][- ]?[\d*]{4}[- ]?[\d*]{4}|0\d{2,3}[- ]?[\d*]{7,8}(?:-\d{1,5})?|[2-8]\d{6,7})(?!\d)"
)
_AROUND = " \t\r\n,，、;；:：/|()（）-—"


def split_contacts(text: str) -> list[tuple[str, str]]:
    """Names and telephone numbers that share a cell: ``张三 13800138000、李四13900139000``.

    A number without a name has an empty name, a name without a number an empty number.
    """
    pairs: list[tuple[str, str]] = []
    start = 0
    for match in _PHONE.finditer(text):
        name = re.sub(r"\s+", " ", text[start : match.start()]).strip(_AROUND)
        number = match.group(1).replace(" ", "")
        number = number.replace("-", "") if number.startswith("1") else number  # 138-0013-8000
        pairs.append((re.sub(r"(电话|手机|联系方式)$", "", name).strip(_AROUND), number))
        start = match.end()
    rest = re.sub(r"\s+", " ", text[start:]).strip(_AROUND)
    if rest and pairs and not pairs[-1][0]:
        pairs[-1] = (rest, pairs[-1][1])  # the number came first
    elif rest:
        pairs.append((rest, ""))
    return pairs


def split_contact(text: str) -> tuple[str, str]:
    """The first name and number of a cell, each perhaps empty."""
    return next(iter(split_contacts(text)), ("", ""))
