"""What stands above a list: its saved views, and the way to save the present one. Counts come when the list stands."""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template
from markupsafe import Markup

from casework.kernel.permissions import Actor
from casework.saved import queries
from casework.saved.lists import address, list_named


def of_list(name: str, present: Mapping[str, str], actor: Actor) -> str:
    """The saved views of a list for this person; ``present`` are the words of its filter now."""
    listed = list_named(name)
    words = {
        "listed": listed,
        "saved": queries.views_of(listed, actor),
        "broken": {},  # said with the counts
        "counts": None,
        "present": dict(present),
        "to_counts": address(f"{listed.views}/counts", present),
        "to_new": address(f"{listed.views}/new", present),
    }
    return Markup(render_template("saved/_beside.html", **words))  # noqa: S704 - a template's own output
