"""Who sees stocks, who keeps them, who asks for supplies, and who writes the catalogue."""

from __future__ import annotations

from typing import Any

from casework.kernel.permissions import Actor, Role, grant

R = Role
READ, KEEP, REQUEST, EDIT = "supplies.read", "supplies.keep", "supplies.request", "supplies.items"

READERS = {
    R.OFFICER: "TR",
    R.DESK: "R",
    R.LEAD: "TR",
    R.AREA_LEADER: "R",
    R.REGULATOR: "R",
    R.DISTRICT_ADMIN: "D",
}
KEEPERS = {R.LEAD: "T", R.DESK: "R", R.DISTRICT_ADMIN: "D"}


def is_closed(actor: Actor, case: Any) -> bool:
    """Nobody asks for anything on a case that has ended."""
    return not case.is_open


grant(READ, READERS)
grant(KEEP, KEEPERS)
grant(REQUEST, {R.OFFICER: "O", R.LEAD: "OT", R.DESK: "R"}, never=[is_closed])
grant(EDIT, {R.DISTRICT_ADMIN: "D"})
