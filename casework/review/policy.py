"""Who sees the queue, approves many together, sets limits, calls back by link, and draws samples."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
QUEUE, TOGETHER, LIMITS, CALLS, SAMPLE, SAMPLES = (
    "review.queue",
    "review.together",
    "review.limits",
    "review.calls",
    "review.sample",
    "review.samples",
)

grant(QUEUE, {R.REGULATOR: "Q", R.LEAD: "T", R.AREA_LEADER: "R"})
grant(TOGETHER, {R.REGULATOR: "Q", R.LEAD: "T"})
grant(LIMITS, {R.DISTRICT_ADMIN: "D"})
grant(CALLS, {R.DESK: "R", R.LEAD: "T"})
grant(SAMPLE, {R.REGULATOR: "R"})
grant(SAMPLES, {R.REGULATOR: "R", R.DISTRICT_ADMIN: "D", R.AREA_LEADER: "R"})
