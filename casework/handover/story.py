"""A hand-over on the story of the case, and what the requester reads of it on the page of the case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.cases.story import SHORT, TELLERS, Told
from casework.kernel.errors import N_, Reason, because

PARTS = {
    "firm": N_("officer of the enterprise"),
    "deputy": N_("deputy for the enterprise"),
    "case": N_("lead of the case"),
    "support": N_("support in the case"),
    "promise": N_("promises of ours"),
}


_MATTER = (
    N_("Your contact for this matter is now %(name)s of %(unit)s."),
    N_("Your contact for this matter is now %(name)s of %(unit)s, phone %(phone)s."),
)
_FIRM = (
    N_("The officer for your enterprise is now %(name)s of %(unit)s."),
    N_("The officer for your enterprise is now %(name)s of %(unit)s, phone %(phone)s."),
)


def _handed_over(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    parts = [part for part in data.get("parts", ()) if part in PARTS]
    details: list[tuple[Reason, Reason | str]] = [(Reason(N_("What went over")), Reason(PARTS[part])) for part in parts]
    details += [(Reason(N_("Promise")), str(what)) for what in data.get("promises", ())]
    what = because(N_("took over from %(leaver)s"), leaver=data.get("leaver", ""))
    return Told(**base, what=what, details=tuple(details), icon="users")


def told_requester(said: Mapping[str, Any]) -> str:
    """Whom to call from now on; empty when that did not change."""
    parts = said.get("parts", ())
    if "case" not in parts and "firm" not in parts:
        return ""
    values = {"name": said.get("successor", ""), "unit": said.get("unit", ""), "phone": said.get("phone", "")}
    words = _MATTER if "case" in parts else _FIRM
    return str(Reason(words[bool(values["phone"])], values))


def install() -> None:
    """Let the story tell of it."""
    TELLERS["HandedOver"] = _handed_over
    SHORT["hand_over"] = N_("Handed over")
