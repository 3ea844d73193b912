"""What cases add to other packages' pages: the cases of a firm."""

from __future__ import annotations

from flask import render_template

from casework.cases import listing, lists
from casework.enterprises.models import Enterprise
from casework.kernel.permissions import Actor
from casework.kernel.time import utcnow

SHOWN = 10


def of_enterprise(enterprise: Enterprise, actor: Actor) -> str:
    """The newest cases of a firm that the actor may see, with the way to all of them."""
    filters = lists.Filters(enterprise=enterprise.id, scope="all")
    found = lists.cases(actor, filters, None, now=utcnow(), size=SHOWN)
    return render_template(
        "cases/_of_enterprise.html",
        found=found,
        filters=filters,
        labels=listing.list_labels(),
        enterprise=enterprise,
    )
