"""The entry of a printing as a sentence on the story of its case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.cases.story import TELLERS, Told
from casework.kernel.errors import N_, Reason, because


def _made(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    what = because(N_("took out the whole file, %(n)s pages, up to entry %(seq)s"), n=data["pages"], seq=data["head"])
    details = ((Reason(N_("Phone number")), Reason(N_("in full"))),) if data.get("full") else ()
    return Told(**base, what=what, icon="file", details=details, quote=str(data.get("reason", "")))


def install() -> None:
    """Let the story of a case tell it."""
    TELLERS.update(CaseFileMade=_made)
