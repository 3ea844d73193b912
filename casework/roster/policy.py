"""Who sees whom, who posts whom, and who makes accounts: three administrators kept apart."""

from __future__ import annotations

from casework.kernel.permissions import Actor, Role, grant
from casework.roster.rules import APART

R = Role
EVERYWHERE = (R.SYSADMIN, R.SECADMIN)
ADMIN_ROLES = APART | {R.DISTRICT_ADMIN}
"""Roles that only the security administrator grants."""

grant("roster.read", {R.LEAD: "T", R.DISTRICT_ADMIN: "D", R.SYSADMIN: "A", R.SECADMIN: "A"})
grant("roster.post", {R.DISTRICT_ADMIN: "D"})
grant("roster.post_admin", {R.SECADMIN: "A"})
grant("unit.edit", {R.DISTRICT_ADMIN: "D"})
grant("person.make", {R.SYSADMIN: "A"})
grant("person.import", {R.DISTRICT_ADMIN: "D"})
grant("person.edit", {R.SYSADMIN: "A"})
grant("person.disable", {R.SYSADMIN: "A"})
grant("person.password", {R.SYSADMIN: "A", R.DISTRICT_ADMIN: "D"})
grant("person.first_password", {R.LEAD: "T", R.DISTRICT_ADMIN: "D", R.SYSADMIN: "A"})
grant("duty.edit", {R.LEAD: "T", R.DISTRICT_ADMIN: "D"})
grant("duty.limits", {R.DISTRICT_ADMIN: "D"})


def posting_permission(role: str) -> str:
    """The permission that giving or ending this role asks for."""
    return "roster.post_admin" if role in ADMIN_ROLES else "roster.post"


def posts(actor: Actor) -> bool:
    """Whether the actor posts anybody."""
    return actor.has(R.DISTRICT_ADMIN, R.SECADMIN)
