"""Who looks at what others carry: a lead at the team, leaders and administrators at their areas."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
WORKLOAD = "workload.read"
grant(WORKLOAD, {R.LEAD: "T", R.AREA_LEADER: "R", R.DISTRICT_ADMIN: "D"})
