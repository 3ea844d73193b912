"""What requester and office say to each other, on the story of the case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.cases.story import SHORT, TELLERS, Told
from casework.kernel.errors import N_, Reason


def _wrote(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    files = tuple(data.get("files", ()))
    base = {**base, "who": str(Reason(N_("The requester")))}
    return Told(**base, what=Reason(N_("wrote")), quote=data.get("text", ""), files=files, icon="note")


def _told(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    return Told(**base, what=Reason(N_("wrote to the requester")), quote=data.get("text", ""), icon="note")


def install() -> None:
    """Let the story tell of it."""
    TELLERS["RequesterWrote"] = _wrote
    TELLERS["RequesterTold"] = _told
    SHORT.update(tell=N_("Written to the requester"), reply=N_("The requester wrote"))
