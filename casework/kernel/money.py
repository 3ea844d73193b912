"""Money is integer fen; people read and write yuan."""

from __future__ import annotations

import re

from casework.kernel.errors import N_, Reason, Refused

_YUAN = re.compile(r"^[¥￥]?\s*(\d{1,3}(?:[,，]\d{3})+|\d+)(?:\.(\d{1,2}))?\s*(万)?\s*元?$")
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
