"""The decision of a rule as a sentence on the story of a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from casework.cases.story import TELLERS, Told
from casework.kernel.errors import N_, Reason, because
from casework.routing.rules import PASSED, WAYS

ROUTED = N_("Rule %(place)s “%(rule)s”: to %(unit)s, %(officer)s")
ROUTED_TO_DESK = N_("Rule %(place)s “%(rule)s”: to %(unit)s")


def passed_over(passed: Sequence[Mapping[str, str]]) -> list[str]:
    """Who was passed over, each with the reason."""
    return [str(because(N_("%(name)s %(why)s"), name=one["name"], why=Reason(PASSED[one["why"]]))) for one in passed]


def _routed(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    officer = data.get("officer", "")
    values = {name: data.get(name, "") for name in ("place", "rule", "unit")}
    what = because(ROUTED, officer=officer, **values) if officer else because(ROUTED_TO_DESK, **values)
    details: list[tuple[Reason, Reason | str]] = [
        (Reason(N_("Why this officer")), Reason(WAYS.get(data.get("way", ""), data.get("way", ""))))
    ]
    if found := data.get("found"):
        details.append((Reason(N_("Words found")), "、".join(found)))
    if data.get("urgent"):
        details.append((Reason(N_("Urgency")), Reason(N_("urgent by this rule"))))
    if passed := data.get("passed"):
        details.append((Reason(N_("Passed over")), "；".join(passed_over(passed))))
    return Told(**base, what=what, details=tuple(details), icon="split")


def install() -> None:
    """Let the story tell of routing."""
    TELLERS["CaseRouted"] = _routed
