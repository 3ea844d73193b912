"""Who sees a place in figures: those who lead, review or administer there; the cases counted are those they may see."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
BOARD = "board.read"
grant(BOARD, {R.LEAD: "R", R.AREA_LEADER: "R", R.REGULATOR: "R", R.DISTRICT_ADMIN: "D"})
READERS = (R.LEAD, R.AREA_LEADER, R.REGULATOR, R.DISTRICT_ADMIN)
