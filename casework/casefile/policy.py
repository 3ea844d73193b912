"""Who may take the whole file of a case out, and who with the contact's number in full (security.md section 4)."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
MAKE, UNMASK = "case_file.make", "case_file.unmask"

grant(
    MAKE,
    {R.OFFICER: "O", R.DESK: "R", R.LEAD: "OT", R.AREA_LEADER: "R", R.REGULATOR: "Q", R.DISTRICT_ADMIN: "D"},
)
# Not the district's administrator: what leaves unmasked needs a second person there.
grant(UNMASK, {R.OFFICER: "O", R.DESK: "R", R.LEAD: "T", R.REGULATOR: "Q"})
