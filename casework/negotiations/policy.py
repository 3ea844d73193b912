"""Who may read the negotiation log, add to it, and settle promises."""

from __future__ import annotations

from typing import Any

from casework.kernel.permissions import Actor, Role, grant

R = Role
_WORKS = {R.OFFICER: "O", R.LEAD: "OT"}
READERS = {
    R.OFFICER: "OT",
    R.DESK: "R",
    R.LEAD: "OT",
    R.AREA_LEADER: "R",
    R.REGULATOR: "Q",
    R.DISTRICT_ADMIN: "D",
}


def is_closed(actor: Actor, case: Any) -> bool:
    """Nobody negotiates for a case that has ended."""
    return not case.is_open


grant("negotiation.read", READERS)
grant("negotiation.log", _WORKS, never=[is_closed])
grant("negotiation.agree", _WORKS, never=[is_closed])
grant("negotiation.receive", {**_WORKS, R.DESK: "R"}, never=[is_closed])
