"""Who reads figures, who leaves a case out of them, who lays down what they mean, and who takes the log out."""

from __future__ import annotations

from typing import Any

from casework.kernel.permissions import Actor, Role, grant

R = Role
READ, EXCLUDE, DEFINE, EXPORT = "kpi.read", "kpi.exclude", "kpi.define", "kpi.export"


def serves_in_the_handling_unit(actor: Actor, case: Any) -> bool:
    """Nobody touches up the figures of their own unit."""
    own = {duty.unit_id for duty in actor.duties}
    return bool(own & case.unit_ids) or actor.user_id in (case.handled_by or ())


grant(READ, {R.DESK: "R", R.LEAD: "T", R.AREA_LEADER: "R", R.REGULATOR: "Q", R.DISTRICT_ADMIN: "D"})
grant(EXCLUDE, {R.REGULATOR: "Q", R.DISTRICT_ADMIN: "D"}, never=[serves_in_the_handling_unit])
grant(DEFINE, {R.DISTRICT_ADMIN: "D"})
grant(EXPORT, {R.AREA_LEADER: "R", R.REGULATOR: "Q", R.DISTRICT_ADMIN: "D"})
