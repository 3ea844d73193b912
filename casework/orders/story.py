"""Supervision orders on the story of a case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from casework.cases.story import SHORT, TELLERS, Told
from casework.clocks.explain import moment
from casework.kernel.errors import N_, Reason, because
from casework.orders.workflow import DONE

OF_ONE = N_("%(what)s %(number)s (%(unit)s)")
OF_MANY = N_("%(what)s %(number)s (%(unit)s), on %(count)s cases")
ICONS = {"return": "undo", "withdraw": "x", "verify": "check", "write_off": "done", "report": "send"}
WITH_DUE = frozenset({"issue", "return"})


def _moved(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    action, count = data.get("action", ""), data.get("count", 0)
    said = because(
        OF_MANY if count > 1 else OF_ONE,
        what=Reason(DONE.get(action, action)),
        number=data.get("number", ""),
        unit=data.get("unit", ""),
        count=count,
    )
    details: list[tuple[Reason, Reason | str]] = []
    if action in WITH_DUE and data.get("due_at"):
        details.append((Reason(N_("Report by")), moment(datetime.fromisoformat(data["due_at"]))))
    if data.get("files"):
        details.append((Reason(N_("Handed in")), "、".join(file["name"] for file in data["files"])))
    return Told(**base, what=said, quote=data.get("text", ""), details=tuple(details), icon=ICONS.get(action, "order"))


def install() -> None:
    """Let the story tell of them."""
    TELLERS["OrderMoved"] = _moved
    SHORT["order"] = N_("Supervision order")
