"""Who may import what: the import row of the permission table, and the right to edit what comes in."""

from __future__ import annotations

from casework.kernel.permissions import Actor, Role, can, grant

R = Role
grant("import.run", {R.DESK: "R", R.LEAD: "T", R.DISTRICT_ADMIN: "D"})

NEEDED = {
    "areas": "area.edit",
    "enterprises": "enterprise.edit",
    "people": "roster.post",
    "cases": "case.submit",
}
"""The permission that each row asks for, beside ``import.run``."""


def targets_of(actor: Actor) -> list[str]:
    """What the actor may import."""
    return [name for name, needed in NEEDED.items() if can(actor, "import.run") and can(actor, needed)]
