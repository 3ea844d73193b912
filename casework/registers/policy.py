"""Who reads the registers: the auditor all, without a word of any case; supervisors that of a case of theirs."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
READ, OF_CASE = "register.read", "register.of_case"

grant(READ, {R.AUDITOR: "A"})
grant(OF_CASE, {R.AUDITOR: "A", R.REGULATOR: "Q", R.DISTRICT_ADMIN: "D"})
