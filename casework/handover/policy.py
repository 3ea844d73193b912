"""Who hands over for whom, and who takes over (one's own, the team's, the district's)."""

from __future__ import annotations

from dataclasses import dataclass

from casework.kernel.permissions import Role, grant

R = Role
BEGIN, READ, TAKE = "handover.begin", "handover.read", "handover.take"
_OWN = {R.OFFICER: "O", R.HELPER: "O", R.DESK: "O", R.LEAD: "OT"}

grant(BEGIN, {**_OWN, R.DISTRICT_ADMIN: "D"})
grant(READ, {**_OWN, R.DISTRICT_ADMIN: "D"})
grant(TAKE, {R.OFFICER: "O", R.HELPER: "O", R.DESK: "O", R.LEAD: "O"})


@dataclass(frozen=True, slots=True)
class Reach:
    """A person who leaves, or those who are to take over, as the table sees them."""

    holder_ids: frozenset[int]
    unit_ids: frozenset[int] = frozenset()
    area_ids: frozenset[int] = frozenset()
    domain: str = ""
