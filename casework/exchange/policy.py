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


SECOND = "export.second"
"""To agree to a list that is too long for one person alone, or holds numbers in full; never one's own."""
grant(SECOND, {R.DISTRICT_ADMIN: "D", R.SECADMIN: "D"})
LEDGERS = "ledger.read"
"""To open the page of lists and ledgers; each list asks for its own permission beside."""
grant(
    LEDGERS,
    {
        R.OFFICER: "O",
        R.DESK: "R",
        R.LEAD: "T",
        R.AREA_LEADER: "R",
        R.REGULATOR: "Q",
        R.DISTRICT_ADMIN: "D",
        R.SECADMIN: "D",
    },
)
