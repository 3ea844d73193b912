"""Who writes to the requester, and who prints posters."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
TELL, POSTER = "case.tell", "intake.poster"

grant(TELL, {R.OFFICER: "O", R.DESK: "R", R.LEAD: "OT"})
grant(POSTER, {R.OFFICER: "R", R.DESK: "R", R.LEAD: "R", R.AREA_LEADER: "R", R.DISTRICT_ADMIN: "D"})
