"""Common issues on the story of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.cases.story import SHORT, TELLERS, Told
from casework.commons import rules
from casework.kernel.errors import N_, Reason, because

JOINED = N_("put it into the common issue %(number)s “%(title)s”")
LEFT = N_("took it out of the common issue %(number)s “%(title)s”")
AT_ONCE = N_("did this for %(count)s cases at once: %(action)s")
TAKEN_BACK = N_("took back what was done for %(count)s cases at once")
TOGETHER = N_("did this for %(count)s cases of the common issue %(number)s: %(action)s")


def _joined(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    what = because(JOINED, number=data.get("number", ""), title=data.get("title", ""))
    return Told(**base, what=what, quote=data.get("why", ""), icon="link")


def _left(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    what = because(LEFT, number=data.get("number", ""), title=data.get("title", ""))
    return Told(**base, what=what, quote=data.get("why", ""), icon="split")


def _together(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    what = because(TOGETHER, count=data.get("count", 0), number=data.get("number", ""), action=_label(data))
    return Told(**base, what=what, icon="link")


def _at_once(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    if data.get("undoes"):
        return Told(**base, what=because(TAKEN_BACK, count=data.get("count", 0)), icon="link")
    return Told(**base, what=because(AT_ONCE, count=data.get("count", 0), action=_label(data)), icon="link")


def _label(data: Mapping[str, Any]) -> Any:
    action = rules.of_move(data.get("action", ""))
    return Reason(action.label) if action else data.get("action", "")


def install() -> None:
    """Let the story tell of them."""
    TELLERS["CommonIssueJoined"] = _joined
    TELLERS["CommonIssueLeft"] = _left
    TELLERS["MovedTogether"] = _together
    TELLERS["DoneTogether"] = _at_once
    SHORT.update(join_common=N_("Common issue"), leave_common=N_("Goes its own way"))
