"""Who urges, and who sets the ladder of a district."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
URGE, LADDER = "case.urge", "escalation.edit"

grant(
    URGE,
    {R.DESK: "R", R.LEAD: "T", R.AREA_LEADER: "R", R.REGULATOR: "Q", R.DISTRICT_ADMIN: "D"},
)
grant(LADDER, {R.DISTRICT_ADMIN: "D"})
