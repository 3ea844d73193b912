"""Who has a route, who plans visits, and who gives one to somebody else for a day."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
READ, LOG, PLAN, ASSIGN, PRESET = "visit.read", "visit.log", "visit.plan", "visit.assign", "visit.preset"

grant(READ, {R.OFFICER: "O", R.HELPER: "O", R.LEAD: "OT"})
grant(LOG, {R.OFFICER: "O", R.HELPER: "O", R.LEAD: "OT"})
grant(PLAN, {R.OFFICER: "O", R.LEAD: "R", R.DISTRICT_ADMIN: "D"})
grant(ASSIGN, {R.LEAD: "T"})
grant(PRESET, {R.DISTRICT_ADMIN: "D"})
