"""What an action does to the clocks of a case: pure data from the action, the states and the limits of the type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casework.cases.workflow import ENDS, STATE_LABELS, WAIT_REASONS, State
from casework.clocks.kinds import ALWAYS, Clock, Limit
from casework.kernel.errors import N_

NONE = Limit(0, ALWAYS)
CLOCK_LABELS: Mapping[str, str] = {
    Clock.ACKNOWLEDGE: N_("Acknowledge"),
    Clock.FIRST_CONTACT: N_("First contact"),
    Clock.RESOLVE: N_("Resolve"),
    Clock.REVIEW: N_("Review"),
    Clock.CALLBACK: N_("Calling back"),
    Clock.PARKED: N_("Comes back"),
    Clock.ANSWER: N_("Answer"),
    Clock.PLAN: N_("Plan"),
    Clock.STEP: N_("Step of the process"),
    Clock.PROMISE: N_("Promise"),
    Clock.ORDER: N_("Supervision order"),
    Clock.REWORK: N_("Rework"),
}
PROOF = N_("Waiting for one more proof")
HASTENED = (Clock.ACKNOWLEDGE, Clock.FIRST_CONTACT)
# Waiting for our own capacity is no reason to let the enterprise wait longer.
REASONS_THAT_STOP = frozenset({"requester", "third_party", "authority", "policy", "supplement"})
DEFAULT_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "acknowledge": {"minutes": 120, "calendar": "always"},
    "first_contact": {"minutes": 60, "calendar": "working"},
    "plan": {"days": 2, "calendar": "working"},
    "resolve": {"days": 5, "calendar": "working"},
    "review": {"days": 2, "calendar": "working"},
    "callback": {"days": 2, "calendar": "working"},
    "rework": {"days": 2, "calendar": "working"},
}


# The clocks of the work itself: they stand still together. Rework after a bad call-back has one of its own, so that
# the first result keeps the time that it took.
WORK = (Clock.RESOLVE, Clock.REWORK)


@dataclass(frozen=True, slots=True)
class ClockChange:
    """One order to the clocks package: ``op`` is start, restart, stop, pause, resume, cancel or cancel_all."""

    op: str
    clock: Clock | None = None
    limit: Limit = NONE
    reason: str = ""


def limit_of(limits: Mapping[str, Any], clock: Clock, *, urgent: bool = False) -> Limit:
    """The limit of a clock; urgent cases get half the time to acknowledge and to be contacted, around the clock."""
    preset = limits.get(clock.value) or DEFAULT_LIMITS[clock.value]
    code = str(preset["calendar"])
    if urgent and clock in HASTENED:
        minutes = int(preset["minutes"]) if "minutes" in preset else int(preset["days"]) * 24 * 60
        return Limit(max(minutes // 2, 15), ALWAYS)
    if "days" in preset:
        return Limit(int(preset["days"]), code, in_days=True)
    return Limit(int(preset["minutes"]), code)


def _work(op: str, reason: str = "") -> list[ClockChange]:
    return [ClockChange(op, clock, reason=reason) for clock in WORK]


# What an action does whatever the type of the case sets.
FIXED: Mapping[str, Sequence[ClockChange]] = {
    "plan": [ClockChange("stop", Clock.PLAN)],
    "object": [ClockChange("stop", Clock.ACKNOWLEDGE)],
    "contact": [ClockChange("stop", Clock.FIRST_CONTACT)],
    "resume": [ClockChange("stop", Clock.ANSWER), *_work("resume")],
    "unpark": [ClockChange("stop", Clock.PARKED), *_work("resume")],
    "return": [ClockChange("stop", Clock.REVIEW), *_work("resume")],
    "ask_proof": [ClockChange("pause", Clock.REVIEW, reason=PROOF), *_work("resume")],
    "give_proof": [ClockChange("resume", Clock.REVIEW), *_work("pause", STATE_LABELS[State.UNDER_REVIEW])],
}


def _start(limits: Mapping[str, Any], clock: Clock, urgent: bool, op: str = "restart") -> ClockChange:
    return ClockChange(op, clock, limit_of(limits, clock, urgent=urgent))


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
    minutes_ahead: int,
) -> list[ClockChange]:
    """The clock changes of an action. ``minutes_ahead`` are those until the day that the answer names, if any."""
    if target in ENDS and name != "callback":
        return [ClockChange("cancel_all")]
    if name in ("wait", "supplement"):
        return _on_wait(str(answer.get("code", "supplement")), minutes_ahead)
    if name == "park":
        ahead = Limit(minutes_ahead, ALWAYS)
        return [*_work("pause", STATE_LABELS[State.PARKED]), ClockChange("restart", Clock.PARKED, ahead)]
    return list(FIXED.get(name) or _by_limits(target, limits, urgent).get(name, []))


def _by_limits(target: State, limits: Mapping[str, Any], urgent: bool) -> dict[str, list[ClockChange]]:
    """By action, what begins a clock of the length that the type of the case sets."""
    acknowledge = [_start(limits, Clock.ACKNOWLEDGE, urgent)]
    approved = _approved(target, limits, urgent)
    return {
        "dispatch": acknowledge,
        "transfer": acknowledge,
        "level_up": acknowledge,
        "rule": acknowledge if target is State.DISPATCHED else [],
        "acknowledge": [
            ClockChange("stop", Clock.ACKNOWLEDGE),
            *([_start(limits, Clock.PLAN, urgent, "start")] if "plan" in limits else []),
        ],
        "submit_result": [
            ClockChange("stop", Clock.PLAN),
            *_work("pause", STATE_LABELS[State.UNDER_REVIEW]),
            _start(limits, Clock.REVIEW, urgent),
        ],
        "approve": approved,
        "countersign": approved,
        "callback": _on_callback(target, limits, urgent),
        "reopen": [_start(limits, Clock.REWORK, urgent)],
    }


def _on_wait(reason: str, minutes_ahead: int) -> list[ClockChange]:
    changes = [ClockChange("restart", Clock.ANSWER, Limit(minutes_ahead, ALWAYS))]
    if reason in REASONS_THAT_STOP:
        changes = _work("pause", WAIT_REASONS.get(reason, WAIT_REASONS["requester"])) + changes
    return changes


def _approved(target: State, limits: Mapping[str, Any], urgent: bool) -> list[ClockChange]:
    """A first signature stops nothing: the review goes on."""
    if target is State.UNDER_REVIEW:
        return []
    return [ClockChange("stop", Clock.REVIEW), *_work("stop"), _start(limits, Clock.CALLBACK, urgent)]


def _on_callback(target: State, limits: Mapping[str, Any], urgent: bool) -> list[ClockChange]:
    if target is State.CLOSED:
        return [ClockChange("stop", Clock.CALLBACK)]
    if target is State.IN_PROGRESS:
        return [ClockChange("stop", Clock.CALLBACK), _start(limits, Clock.REWORK, urgent)]
    return []
