"""Who has a week, and who looks at the week of a team."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
OWN, TEAM = "week.read", "week.team"

grant(
    OWN,
    dict.fromkeys((R.OFFICER, R.HELPER, R.DESK, R.LEAD, R.AREA_LEADER, R.REGULATOR, R.DISTRICT_ADMIN), "O"),
)
grant(TEAM, {R.LEAD: "T", R.AREA_LEADER: "R", R.DISTRICT_ADMIN: "D"})
