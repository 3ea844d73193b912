"""The entries of temporary processes as sentences on the story of a case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from casework.cases.story import SHORT, TELLERS, Told
from casework.clocks.explain import moment
from casework.kernel.errors import N_, Reason, because
from casework.processes.words import Result, RunState

Base = dict[str, Any]
Data = Mapping[str, Any]

SUBMITTED: Mapping[str, str] = {
    Result.DONE: N_("filled in “%(title)s”"),
    Result.APPROVE: N_("approved “%(title)s”"),
    Result.RETURN: N_("returned from “%(title)s” to “%(to)s”"),
    Result.REJECT: N_("rejected at “%(title)s”"),
}
ENDED: Mapping[str, str] = {
    RunState.DONE: N_("the process “%(name)s” is completed"),
    RunState.REJECTED: N_("the process “%(name)s” ended with a rejection"),
    RunState.CANCELLED: N_("cancelled the process “%(name)s”"),
}
THE_ENTERPRISE = N_("The enterprise")


def _started(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    what = because(N_("began the process “%(name)s”, version %(no)s"), name=data.get("name", ""), no=data.get("no", ""))
    return Told(**(_signed(base) if data.get("by_requester") else base), what=what, icon="flow")


def _submitted(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    words = SUBMITTED.get(data.get("result", ""), SUBMITTED[Result.DONE])
    details: list[tuple[Reason, Reason | str]] = []
    if (minutes := data.get("minutes")) is not None:
        details.append((Reason(N_("Took")), lasted(minutes)))
    if data.get("on_behalf"):
        details.append((Reason(N_("For")), Reason(THE_ENTERPRISE)))
    if void := data.get("void"):
        details.append((Reason(N_("Void by the change")), "、".join(void)))
    return Told(
        **_signed(base),
        what=because(words, title=data.get("title", ""), to=data.get("to_title", "")),
        details=tuple(details),
        quote=data.get("note", ""),
        files=tuple(data.get("files", [])),
        icon="undo" if data.get("result") == Result.RETURN else "flow",
        tag=_late(data),
    )


def _signed(base: Base) -> Base:
    """Who did it; what came by the enterprise's own page has no account."""
    return base if base["who"] else {**base, "who": str(Reason(THE_ENTERPRISE))}


def _late(data: Data) -> tuple[Reason, str] | None:
    minutes, limit = data.get("minutes"), data.get("limit")
    return (Reason(N_("late")), "late") if minutes is not None and limit and minutes > limit else None


def lasted(minutes: int) -> Reason:
    """Counted minutes in words: 25 min, 2 h 5 min, 3 h."""
    hours, rest = divmod(minutes, 60)
    if hours and rest:
        return because(N_("%(hours)s h %(minutes)s min"), hours=hours, minutes=rest)
    return because(N_("%(n)s h"), n=hours) if hours else because(N_("%(n)s min"), n=rest)


def _ended(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    words = ENDED.get(data.get("state", ""), ENDED[RunState.DONE])
    whole = base if data.get("state") == RunState.CANCELLED else {**base, "who": ""}
    return Told(**whole, what=because(words, name=data.get("name", "")), quote=data.get("reason", ""), icon="flow")


def _migrated(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    words = N_("moved the process “%(name)s” from version %(old)s to %(new)s")
    what = because(words, name=data.get("name", ""), old=data.get("from_no", ""), new=data.get("to_no", ""))
    lost = tuple([(Reason(N_("No longer counts")), "、".join(data["lost"]))] if data.get("lost") else ())
    return Told(**base, what=what, icon="flow", details=lost)


def _offered(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    times = "、".join(str(moment(datetime.fromisoformat(at))) for at in data.get("slots", ()))
    what = because(N_("offered times for “%(title)s”"), title=data.get("title", ""))
    return Told(**base, what=what, icon="cal", quote=times)


def _chosen(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    words = N_("set the visit for “%(title)s”: %(when)s")
    when = moment(datetime.fromisoformat(data["begins_at"]))
    return Told(**_signed(base), what=because(words, title=data.get("title", ""), when=when), icon="visit")


def _issued(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    until = moment(datetime.fromisoformat(data["valid_until"]))
    words = N_("issued %(number)s %(title)s, valid until %(until)s")
    what = because(words, number=data.get("number", ""), title=data.get("title", ""), until=until)
    return Told(**base, what=what, icon="file")


def _revoked(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    what = because(N_("revoked %(number)s %(title)s"), number=data.get("number", ""), title=data.get("title", ""))
    return Told(**_signed(base), what=what, icon="x", quote=data.get("reason", ""))


def install() -> None:
    """Let the story of a case tell these entries, and the lists name the latest progress."""
    TELLERS.update(
        ProcessStarted=_started,
        StepSubmitted=_submitted,
        ProcessEnded=_ended,
        ProcessMigrated=_migrated,
        SlotsOffered=_offered,
        SlotChosen=_chosen,
        DocumentIssued=_issued,
        DocumentRevoked=_revoked,
    )
    SHORT.update(process=N_("Process"))
