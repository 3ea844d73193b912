"""Who may read the tree of areas, and who mends it."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
EVERYWHERE = (R.SYSADMIN, R.SECADMIN)

grant(
    "area.read",
    {
        R.OFFICER: "R",
        R.HELPER: "R",
        R.DESK: "R",
        R.LEAD: "R",
        R.AREA_LEADER: "R",
        R.REGULATOR: "R",
        R.DISTRICT_ADMIN: "D",
        R.SYSADMIN: "A",
        R.SECADMIN: "A",
    },
)
grant("area.edit", {R.DISTRICT_ADMIN: "D"})
