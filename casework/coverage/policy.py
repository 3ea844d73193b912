"""Who sees the coverage, who names leaders, and who gives firms to officers."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
READ, LEADER, ASSIGN = "coverage.read", "coverage.edit", "coverage.assign"

grant(READ, {R.DESK: "R", R.LEAD: "R", R.AREA_LEADER: "R", R.REGULATOR: "R", R.DISTRICT_ADMIN: "D"})
grant(LEADER, {R.DISTRICT_ADMIN: "D"})
grant(ASSIGN, {R.LEAD: "R", R.DISTRICT_ADMIN: "D"})
