"""Who reads, keeps and moves common issues. Each case that is moved asks for the action's own permission as well."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
READ, EDIT, MOVE = "common_issue.read", "common_issue.edit", "common_issue.move"

READERS = {
    R.OFFICER: "OT",
    R.DESK: "R",
    R.LEAD: "OT",
    R.AREA_LEADER: "R",
    R.REGULATOR: "Q",
    R.DISTRICT_ADMIN: "D",
}

grant(READ, READERS)
grant(EDIT, {R.DESK: "R", R.LEAD: "T", R.DISTRICT_ADMIN: "D"})
grant(MOVE, {R.OFFICER: "O", R.DESK: "R", R.LEAD: "OT", R.REGULATOR: "Q", R.DISTRICT_ADMIN: "D"})
ACTS = "common_move.read"
"""To read what was done for many cases at once: one's own acts, and as a leader those of the unit's people."""
grant(
    ACTS,
    {
        **dict.fromkeys((R.OFFICER, R.DESK, R.REGULATOR), "O"),
        **dict.fromkeys((R.LEAD, R.AREA_LEADER, R.DISTRICT_ADMIN), "OT"),
    },
)
