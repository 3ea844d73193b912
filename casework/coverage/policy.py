"""Who sees the coverage and who names leaders; who gives a firm to an officer is said with the enterprises."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
READ, LEADER, ASSIGN = "coverage.read", "coverage.edit", "enterprise.assign"

READERS = {R.DESK: "R", R.LEAD: "R", R.AREA_LEADER: "R", R.REGULATOR: "R", R.DISTRICT_ADMIN: "D"}

grant(READ, READERS)
grant(LEADER, {R.DISTRICT_ADMIN: "D"})
