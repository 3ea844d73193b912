"""Who may know of a resident: the two who look after them, and their team's lead. Leaders see numbers, not names."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
LIST, READ, COUNT = "care.list", "care.read", "care.count"
ADD, EDIT, ASSIGN, LOG, REVEAL, END = (
    "care.add",
    "care.edit",
    "care.assign",
    "care.log",
    "care.reveal",
    "care.end",
)

_COUNTED = {R.AREA_LEADER: "R", R.DISTRICT_ADMIN: "D"}
_TWO = {R.OFFICER: "O", R.HELPER: "O", R.LEAD: "O"}

grant(LIST, {**_TWO, **_COUNTED})
grant(READ, {**_TWO, R.LEAD: "OT"})
grant(COUNT, _COUNTED)
grant(ADD, {R.OFFICER: "T", R.LEAD: "T"})
grant(EDIT, {R.OFFICER: "O", R.LEAD: "T"})
grant(ASSIGN, {R.LEAD: "T"})
grant(LOG, _TWO)
grant(REVEAL, {**_TWO, R.LEAD: "OT"})
grant(END, {R.OFFICER: "O", R.LEAD: "T"})
