"""Who may see, edit and call a firm; scopes by the firm's areas."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
_HANDLERS = {R.OFFICER: "R", R.DESK: "R", R.LEAD: "R", R.DISTRICT_ADMIN: "D"}
READERS = {**_HANDLERS, R.AREA_LEADER: "R", R.REGULATOR: "R"}

grant("enterprise.read", READERS)
grant("enterprise.edit", _HANDLERS)
grant("enterprise.reveal", {**_HANDLERS, R.REGULATOR: "R"})
grant("enterprise.assign", {R.DESK: "R", R.LEAD: "R", R.DISTRICT_ADMIN: "D"})
