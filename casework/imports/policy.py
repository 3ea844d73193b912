"""Who may import what: the import rows of the permission table, and the right to edit what comes in."""

from __future__ import annotations

from casework.kernel.permissions import Actor, Role, can, grant

R = Role
_MANY = {R.DESK: "R", R.LEAD: "T", R.DISTRICT_ADMIN: "D"}
grant("import.run", {**_MANY, R.OFFICER: "O"})
grant("import.rows", _MANY)

NEEDED = {
    "cases": "case.submit",
    "enterprises": "enterprise.edit",
    "people": "roster.post",
    "areas": "area.edit",
    "beneficiaries": "case.beneficiaries",
    "coverage": "enterprise.assign",
    "stock": "supplies.keep",
}
"""The permission that each row asks for, beside ``import.run``."""
OF_ONE_CASE = frozenset(("beneficiaries",))
"""What an officer imports for a case of theirs, without the right to import for an area."""


def targets_of(actor: Actor) -> list[str]:
    """What the actor may import."""
    return [
        name
        for name, needed in NEEDED.items()
        if can(actor, needed) and can(actor, "import.run" if name in OF_ONE_CASE else "import.rows")
    ]
