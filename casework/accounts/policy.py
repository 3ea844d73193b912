"""Who reads the security log, and who makes tokens: never an administrator of the three."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
APART = (R.SYSADMIN, R.SECADMIN, R.AUDITOR)

grant("security.read", {R.SECADMIN: "A", R.AUDITOR: "A"})
grant(
    "token.make",
    {
        R.OFFICER: "O",
        R.HELPER: "O",
        R.DESK: "O",
        R.LEAD: "O",
        R.AREA_LEADER: "O",
        R.REGULATOR: "O",
        R.DISTRICT_ADMIN: "O",
    },
)
