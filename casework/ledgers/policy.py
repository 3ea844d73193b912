"""Who may open the lists and ledgers, and who may agree to a long one."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
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
BACK = "ledger.back"
"""To send an edited ledger back; what of it is taken over, the permission of each thing decides."""
grant(BACK, {R.OFFICER: "O", R.DESK: "R", R.LEAD: "T", R.DISTRICT_ADMIN: "D", R.SYSADMIN: "A"})
