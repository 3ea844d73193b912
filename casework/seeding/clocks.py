"""The deadlines that the steps of a story started and stopped."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from casework.cases import clockwork
from casework.cases.workflow import STATE_LABELS, State
from casework.clocks import rules as clock_rules
from casework.clocks.kinds import Clock
from casework.clocks.models import Deadline, Pause
from casework.clocks.queries import calendar_id_for, calendar_of
from casework.seeding.bulk import Rows
from casework.seeding.office import World
from casework.seeding.story import Story


def run_clocks(world: World, story: Story, rows: Rows) -> None:
    """The deadlines that the steps started and stopped, and on the row the one that is due first."""
    times, row = story.times, story.row
    begun = row["submitted_at"]
    ended = story.at if State(row["state"]) in (State.WITHDRAWN, State.DECLINED) else None
    review = times.get("submit_result")
    made = [
        _deadline(story, Clock.FIRST_CONTACT, begun, times.get("contact"), ended),
        _deadline(story, Clock.RESOLVE, begun, times.get("approve"), ended, held=review),
    ]
    for clock, start, stop in ((Clock.ACKNOWLEDGE, "dispatch", "acknowledge"),
                               (Clock.REVIEW, "submit_result", "approve"),
                               (Clock.CALLBACK, "approve", "callback")):  # fmt: skip
        if start in times:
            made.append(_deadline(story, clock, times[start], times.get(stop), ended))
    for one in made:
        runs = one["done_at"] is None and one["due_at"] is not None
        # What is late already is not told of: a trial does not begin with a flood.
        one["look_at"] = one["started_at"] if runs and one["due_at"] > world.now else None
    rows[Deadline] += made
    if review:
        # The deadline has no id yet: it stands in for it.
        reason = STATE_LABELS[State.UNDER_REVIEW]
        rows[Pause].append({"deadline_id": made[1], "from_at": review, "to_at": times.get("approve"), "reason": reason})
    running = [one for one in made if one["done_at"] is None and one["due_at"] is not None]
    if running:
        due = min(running, key=lambda one: one["due_at"])
        row |= {"next_clock": due["clock"], "next_due_at": due["due_at"], "next_limit": due["limit_minutes"],
                "next_calendar_id": due["calendar_id"]}  # fmt: skip


def _deadline(
    story: Story,
    clock: Clock,
    start: datetime,
    stop: datetime | None,
    ended: datetime | None,
    held: datetime | None = None,
) -> dict[str, Any]:
    limit = clockwork.limit_of(story.type.limits, clock, urgent=story.row["urgent"])
    calendar_id = calendar_id_for(limit.calendar)
    calendar = calendar_of(calendar_id)
    minutes = clock_rules.minutes_of_days(limit.amount, calendar, start) if limit.in_days else limit.amount
    pauses = [(held, stop)] if held else []
    due = clock_rules.due_at(start, minutes, 0, pauses, calendar)
    return {
        "case_id": story.row["id"], "clock": clock.value, "subject_id": 0, "calendar_id": calendar_id, "revision": 1,
        "started_at": start, "limit_minutes": minutes, "limit_days": limit.amount if limit.in_days else None,
        "extension_minutes": 0, "due_at": due, "done_at": stop or ended,
        "met": stop <= due if stop and due else None, "cancelled": bool(ended and not stop),
    }  # fmt: skip
