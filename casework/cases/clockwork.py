"""What an action does to the clocks of a case: pure data from the action, the states and the limits of the type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from casework.cases.workflow import ENDS, STATE_LABELS, WAIT_REASONS, State
from casework.clocks.kinds import CalendarKind, Clock

REWORK_MINUTES = 2 * 7 * 60
# Waiting for our own capacity is no reason to let the enterprise wait longer.
REASONS_THAT_STOP = frozenset({"requester", "third_party", "authority", "policy", "supplement"})
DEFAULT_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "acknowledge": {"minutes": 120, "calendar": "always"},
    "first_contact": {"minutes": 60, "calendar": "working"},
    "resolve": {"minutes": 5 * 7 * 60, "calendar": "working"},
    "review": {"minutes": 2 * 7 * 60, "calendar": "working"},
    "callback": {"minutes": 2 * 7 * 60, "calendar": "working"},
}


@dataclass(frozen=True, slots=True)
class ClockChange:
    """One order to the clocks package: ``op`` is start, restart, stop, pause, resume, cancel or cancel_all."""

    op: str
    clock: Clock | None = None
    minutes: int = 0
    calendar: CalendarKind = CalendarKind.ALWAYS
    reason: str = ""


def limit_of(limits: Mapping[str, Any], clock: Clock, *, urgent: bool = False) -> tuple[int, CalendarKind]:
    """The limit of a clock in counted minutes and its calendar; urgent cases get half, around the clock."""
    preset = limits.get(clock.value) or DEFAULT_LIMITS[clock.value]
    if urgent and clock in (Clock.ACKNOWLEDGE, Clock.FIRST_CONTACT):
        return max(int(preset["minutes"]) // 2, 15), CalendarKind.ALWAYS
    return int(preset["minutes"]), CalendarKind(preset["calendar"])


def _start(limits: Mapping[str, Any], clock: Clock, urgent: bool, op: str = "restart") -> ClockChange:
    minutes, calendar = limit_of(limits, clock, urgent=urgent)
    return ClockChange(op, clock, minutes, calendar)


def on_submit(limits: Mapping[str, Any], urgent: bool) -> list[ClockChange]:
    """The case clock starts at submission and never stops for ping-pong between units."""
    return [
        _start(limits, Clock.FIRST_CONTACT, urgent, "start"),
        _start(limits, Clock.RESOLVE, urgent, "start"),
    ]


def on_action(
    name: str,
    answer: Mapping[str, Any],
    target: State,
    limits: Mapping[str, Any],
    *,
    urgent: bool,
    days_ahead: int,
) -> list[ClockChange]:
    """The clock changes of an action. ``days_ahead`` is the minutes until the day that the answer names, if any."""
    if target in ENDS and name != "callback":
        return [ClockChange("cancel_all")]
    table = {
        "dispatch": [_start(limits, Clock.ACKNOWLEDGE, urgent)],
        "transfer": [_start(limits, Clock.ACKNOWLEDGE, urgent)],
        "level_up": [_start(limits, Clock.ACKNOWLEDGE, urgent)],
        "acknowledge": [ClockChange("stop", Clock.ACKNOWLEDGE)],
        "object": [ClockChange("stop", Clock.ACKNOWLEDGE)],
        "contact": [ClockChange("stop", Clock.FIRST_CONTACT)],
        "resume": [ClockChange("stop", Clock.ANSWER), ClockChange("resume", Clock.RESOLVE)],
        "unpark": [ClockChange("stop", Clock.PARKED), ClockChange("resume", Clock.RESOLVE)],
        "submit_result": [
            ClockChange("pause", Clock.RESOLVE, reason=STATE_LABELS[State.UNDER_REVIEW]),
            _start(limits, Clock.REVIEW, urgent),
        ],
        "return": [ClockChange("stop", Clock.REVIEW), ClockChange("resume", Clock.RESOLVE)],
        "approve": [
            ClockChange("stop", Clock.REVIEW),
            ClockChange("stop", Clock.RESOLVE),
            _start(limits, Clock.CALLBACK, urgent),
        ],
        "reopen": [ClockChange("restart", Clock.RESOLVE, REWORK_MINUTES, CalendarKind.WORKING)],
        "park": [
            ClockChange("pause", Clock.RESOLVE, reason=STATE_LABELS[State.PARKED]),
            ClockChange("restart", Clock.PARKED, days_ahead, CalendarKind.ALWAYS),
        ],
    }
    if name == "rule":
        return [_start(limits, Clock.ACKNOWLEDGE, urgent)] if target is State.DISPATCHED else []
    if name == "callback":
        return _on_callback(target)
    if name in ("wait", "supplement"):
        return _on_wait(str(answer.get("code", "supplement")), days_ahead)
    return table.get(name, [])


def _on_wait(reason: str, days_ahead: int) -> list[ClockChange]:
    changes = [ClockChange("restart", Clock.ANSWER, days_ahead, CalendarKind.ALWAYS)]
    if reason in REASONS_THAT_STOP:
        changes.insert(
            0, ClockChange("pause", Clock.RESOLVE, reason=WAIT_REASONS.get(reason, WAIT_REASONS["requester"]))
        )
    return changes


def _on_callback(target: State) -> list[ClockChange]:
    if target is State.CLOSED:
        return [ClockChange("stop", Clock.CALLBACK)]
    if target is State.IN_PROGRESS:
        return [
            ClockChange("stop", Clock.CALLBACK),
            ClockChange("restart", Clock.RESOLVE, REWORK_MINUTES, CalendarKind.WORKING),
        ]
    return []
