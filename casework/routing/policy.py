"""Who reads and who writes the rules."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
READ, EDIT = "routing.read", "routing.edit"

grant(READ, {R.DESK: "R", R.LEAD: "R", R.DISTRICT_ADMIN: "D"})
grant(EDIT, {R.DISTRICT_ADMIN: "D"})
