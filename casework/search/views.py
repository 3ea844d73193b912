"""The pages of the one box: everything found, and what is suggested while it is typed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Blueprint, Flask, g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from casework.cases.models import Case
from casework.cases.queries import visible_to
from casework.kernel.db import db
from casework.kernel.errors import TooMany
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, open_to, page, signed_in
from casework.search import keys, limits, palette, queries, texts
from casework.search.groups import Group
from casework.search.rules import Asked, read

blueprint = Blueprint("search", __name__)
LISTS = ("find", "page", "palette")


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
        found = [_one(asked, kind, best=best)] if kind else queries.everything(actor, asked, local_day(now), best=best)
    return page(
        "search/index.html",
        fragment="search/_results.html",
        asked=asked,
        groups=[one for one in found if one.lines],
        kind=kind,
        best=best,
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
        try:
            limits.count_suggestion(actor.user_id, now=now)
        except TooMany as error:  # nothing is suggested for a while; the box goes on searching
            return "", error.status, {"Retry-After": str(error.retry_after)}
        groups = queries.suggestions(actor, asked, local_day(now))
    name = request.args.get("list") if request.args.get("list") in LISTS else LISTS[0]
    every = _address(asked) if asked.text else ""
    return make_response(render_template("search/_suggest.html", asked=asked, groups=groups, name=name, every=every))


@blueprint.get("/go")
@signed_in
def go() -> ResponseReturnValue:
    """Everything that can be gone to: the list of the palette, as a page by itself."""
    actor = current_actor()
    case = db.session.scalar(sa.select(Case).where(Case.number == request.args.get("case", ""), visible_to(actor)))
    sections = palette.sections(actor, case, now=utcnow())
    return page("search/go.html", fragment="search/_palette.html", sections=sections)


def install(app: Flask) -> None:
    """Let every page know the keys of its reader."""
    app.context_processor(_keys)


def _keys() -> dict[str, Any]:
    actor = g.get("actor")
    return {"shortcuts": keys.known_to(item.href for item in open_to(actor)) if actor else []}
