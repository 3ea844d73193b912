"""What the columns of other people's tables are called, by kind of import and field."""

from __future__ import annotations

import re
import unicodedata

from casework.kernel.errors import N_
from casework.sheets.header_words import TARGETS

_BRACKETS = re.compile(r"[(（\[【〔][^)）\]】〕]*[)）\]】〕]")
_REQUIREMENT = re.compile(
    r"[(（\[【〔][^)）\]】〕]*"
    r"(?:必填|选填|必须|可填|填写|格式|示例|例如|如[:：]|y{2,4}[-/年.]?m|请[填选输按写])"
    r"[^)）\]】〕]*[)）\]】〕]",
    re.IGNORECASE,
)


def plain_header(text: str) -> str:
    """A header without what it asks of the person who fills it in: ``*企业名称(必填)`` → ``企业名称``."""
    bare = _REQUIREMENT.sub("", text)
    return re.sub(r"\s+", " ", bare).strip().strip("*＊:：").strip() or text.strip()


def header_key(text: str) -> str:
    """What two spellings of one header share: no brackets, blanks, stars; one width and case."""
    bare = _BRACKETS.sub("", unicodedata.normalize("NFKC", text)) or text
    return re.sub(r"[\s*_:：]+", "", bare).casefold()


REMARK = N_("Why it was not imported")
REMARKS = frozenset(("未导入原因", "Why it was not imported"))
"""What the column of remarks is called that goes out with rows which stayed out; it is left aside coming in."""


def is_remark(header: str) -> bool:
    """Whether a column is our own of remarks."""
    return header in REMARKS


_ANY = frozenset(header_key(word) for fields in TARGETS.values() for words in fields.values() for word in words)


def is_known_header(text: str) -> bool:
    """Whether some kind of import knows a column of this name."""
    return any(key in _ANY for key in spellings(text))


def spellings(header: str) -> list[str]:
    """The keys of a header: the whole header, then its last level: ``联系方式 / 手机`` is known by 手机."""
    return [header_key(header), header_key(header.rsplit(" / ", 1)[-1])]


def in_ten_thousands(header: str) -> bool:
    """Whether the header says that its sums are in 万元."""
    return "万元" in unicodedata.normalize("NFKC", header)
