"""The list of what was done for many cases: the way back to each result, its refusals and its undo."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from casework.commons import acts
from casework.commons.policy import ACTS
from casework.kernel.paging import asked
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page

blueprint = Blueprint("acts", __name__)
UNIT = "unit"


@blueprint.get("/cases/together/acts")
@needs(ACTS)
def index() -> ResponseReturnValue:
    """Own acts on many cases, or those of one's unit; asked for again while one of them goes on."""
    actor = current_actor()
    may_unit = bool(acts.units_of(actor))
    of_unit = may_unit and request.args.get("whose") == UNIT
    found = acts.acts(actor, asked(request.args), of_unit=of_unit, today=local_day(utcnow()))
    whose: dict[str, Any] = {"whose": UNIT} if of_unit else {}
    cursor: dict[str, Any] = {name: request.args[name] for name in ("after", "before") if name in request.args}
    return page(
        "commons/acts.html",
        fragment="commons/_acts.html",
        rows=found.rows,
        moving=any(act.moving for act in found.rows),
        here=url_for(".index", **whose, **cursor),
        may_unit=may_unit,
        of_unit=of_unit,
        ways=found.ways(partial(url_for, ".index", **whose)),
    )
