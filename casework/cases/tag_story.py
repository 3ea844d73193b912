"""Tags on the story of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.cases.story import TELLERS, Told
from casework.kernel.errors import N_, because


def _tagged(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    on, off = N_("put the tag “%(word)s” on it"), N_("took the tag “%(word)s” off")
    return Told(**base, what=because(on if base["verb"] == "CaseTagged" else off, word=data.get("word", "")))


def install() -> None:
    """Let the story tell of them."""
    TELLERS["CaseTagged"] = TELLERS["CaseUntagged"] = _tagged
