"""Who reads and writes briefs, and of what: an area, an authority's own cases there, one's own team."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
READ, WRITE = "brief.read", "brief.write"
READERS = {R.LEAD: "T", R.AREA_LEADER: "R", R.REGULATOR: "Q", R.DISTRICT_ADMIN: "D"}
grant(READ, READERS)
grant(WRITE, READERS)
