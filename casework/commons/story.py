"""Common issues on the story of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.cases.story import SHORT, TELLERS, Told
from casework.commons import rules
from casework.kernel.errors import N_, Reason, because

JOINED = N_("put it into the common issue %(number)s “%(title)s”")
LEFT = N_("took it out of the common issue %(number)s “%(title)s”")
TOGETHER = N_("did this for %(count)s cases of the common issue %(number)s: %(action)s")


def _joined(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    what = because(JOINED, number=data.get("number", ""), title=data.get("title", ""))
    return Told(**base, what=what, quote=data.get("why", ""), icon="link")


def _left(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    what = because(LEFT, number=data.get("number", ""), title=data.get("title", ""))
    return Told(**base, what=what, quote=data.get("why", ""), icon="split")


def _together(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    action = rules.together(data.get("action", ""))
    label = Reason(action.label) if action else data.get("action", "")
    what = because(TOGETHER, count=data.get("count", 0), number=data.get("number", ""), action=label)
    return Told(**base, what=what, icon="link")


def install() -> None:
    """Let the story tell of them."""
    TELLERS["CommonIssueJoined"] = _joined
    TELLERS["CommonIssueLeft"] = _left
    TELLERS["MovedTogether"] = _together
    SHORT.update(join_common=N_("Common issue"), leave_common=N_("Goes its own way"))
