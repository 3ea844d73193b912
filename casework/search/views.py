"""The pages of the one box: everything found, and what is suggested while it is typed."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, page, signed_in
from casework.search import limits, queries, texts
from casework.search.groups import Group
from casework.search.rules import LONGEST, Asked, read

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
@signed_in
def index() -> ResponseReturnValue:
    """Everything that holds the words and exists for this person, by kind; or one kind, page by page."""
    actor, now, asked = current_actor(), utcnow(), read(request.args.get("q", ""))
    best = request.args.get("sort") == "best"
    kind = request.args.get("kind", "")
    kind = kind if kind in queries.TEXTS and can(actor, texts.NEEDS[kind]) else ""
    found: list[Group] = []
    if asked.text:
        limits.count_search(actor.user_id, now=now)
        found = (
            [_one(asked, kind, best=best)] if kind else queries.everything(actor, asked, local_day(now), best=best)
        )
    return page(
        "search/index.html",
        fragment="search/_results.html",
        asked=asked,
        groups=[one for one in found if one.lines],
        kind=kind,
        best=best,
        longest=LONGEST,
        ways=_ways(asked, kind, found[0] if kind and found else None),
        address=_address,
    )


def _one(asked: Asked, kind: str, *, best: bool) -> Group:
    reader = texts.Reader(current_actor())
    return texts.group(reader, asked, kind, shown=texts.PAGE, best=best, after=request.args.get("after"))


def _ways(asked: Asked, kind: str, group: Group | None) -> dict[str, str | None]:
    """Where the pages beside are: back to the first, and on."""
    further = _address(asked, kind=kind, after=group.after) if group and group.after else None
    first = _address(asked, kind=kind) if kind and request.args.get("after") else None
    return {"prev": first, "next": further}


def _address(asked: Asked, **values: str | None) -> str:
    return f"/search?{urlencode({'q': asked.text, **{name: value for name, value in values.items() if value}})}"


@blueprint.get("/search/suggest")
@signed_in
def suggest() -> ResponseReturnValue:
    """A few finds as options of a list, for the box and the palette. ``list`` tells the lists of a page apart."""
    actor, now, asked = current_actor(), utcnow(), read(request.args.get("q", ""))
    groups: list[Group] = []
    if asked.text:
        limits.count_suggestion(actor.user_id, now=now)
        groups = queries.suggestions(actor, asked, local_day(now))
    name = "palette" if request.args.get("list") == "palette" else "find"
    every = _address(asked) if asked.text else ""
    return make_response(render_template("search/_suggest.html", asked=asked, groups=groups, name=name, every=every))
