"""Cards, rungs and urges in the story of a case, and who is told of an urge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from casework.cases.clockwork import CLOCK_LABELS
from casework.cases.notices import TELLS, Happening, desk_of, leads_of
from casework.cases.notices import Told as Notice
from casework.cases.story import SHORT, TELLERS, Told
from casework.clocks.explain import moment, said_due
from casework.kernel.errors import N_, Reason, because
from casework.supervision.words import Level

SAID: Mapping[str, str] = {
    Level.YELLOW: N_("yellow card: %(clock)s is due %(due)s"),
    Level.RED: N_("red card: %(clock)s was due %(due)s"),
    Level.LEAD: N_("%(clock)s is late: brought before the lead"),
    Level.AREA_LEADER: N_("%(clock)s is late: brought before the area leader"),
    Level.REGULATOR: N_("%(clock)s is late: brought before the regulator"),
}


def _reminded(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    level, clock = data.get("level", ""), CLOCK_LABELS.get(data.get("clock", ""), "")
    due = moment(said_due(data["clock"], datetime.fromisoformat(data["due_at"]))) if data.get("due_at") else "—"
    early = level == Level.YELLOW
    names = "、".join(data.get("to", ()))
    return Told(
        **base,
        what=because(SAID.get(level, "%(clock)s"), clock=Reason(clock), due=due),
        details=((Reason(N_("Told")), names),) if names else (),
        icon="soon" if early else "late",
        tone="soon" if early else "late",
    )


def _urged(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    if data.get("requester"):
        base = {**base, "who": str(Reason(N_("The requester")))}
    return Told(**base, what=Reason(N_("urged")), quote=data.get("text", ""), icon="bell")


def _told_of_urge(happening: Happening) -> Iterable[Notice]:
    """The lead officer and who leads them; while it is nobody's, whoever has the desk."""
    case, now = happening.case, happening.now
    return [Notice("urged", {case.lead_id, *leads_of(case, now)} if case.lead_id else desk_of(case, now))]


def install() -> None:
    """Let the story tell of it, and the notices."""
    TELLERS.update(DeadlineWarned=_reminded, DeadlineEscalated=_reminded, CaseUrged=_urged)
    TELLS["CaseUrged"] = _told_of_urge
    SHORT["urge"] = N_("Urged")
