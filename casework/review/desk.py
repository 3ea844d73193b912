"""What the views of the queues share: filters from the address, the way on, the choices of areas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import request
from flask_babel import gettext

from casework.areas import queries as area_queries
from casework.areas.models import Area, Level
from casework.cases import listing, lists
from casework.cases.lists import Filters
from casework.cases.queries import type_choices as known_types
from casework.cases.workflow import State
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.permissions import Actor, can
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor
from casework.review import queries
from casework.review.queries import STAGES

LEVELS = (Level.CITY, Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY)


@dataclass(frozen=True, slots=True)
class Asked:
    """A queue as its address asks for it."""

    filters: Filters
    stage: str = ""

    def query(self, **changes: str | None) -> str:
        """The address parameters with changes, beginning with a question mark; empty where there are none."""
        values = {**self.filters.as_query(state=None), "stage": self.stage, **changes}
        said = {name: value for name, value in values.items() if value}
        return f"?{urlencode(said)}" if said else ""


def asked(state: State, args: Mapping[str, str] | None = None) -> Asked:
    """The filters of a queue; what is not understood is ignored."""
    given = request.args if args is None else args
    stage = given.get("stage", "")
    filters = replace(lists.read_filters(given), state=state, scope="open", sort="due", age="", helper=None)
    return Asked(filters, stage if stage in STAGES else "")


def options(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """What the filters of a queue offer: those of the case list, and the stages of a review."""
    found = listing.filter_options(actor)
    stages = [(key, gettext(label)) for key, label in STAGES.items()]
    return {**{name: found[name] for name in ("type", "area", "unit", "due")}, "stage": stages}


def queue(wanted: Asked, mine: sa.ColumnElement[bool]) -> dict[str, Any]:
    """A page of a queue with its filters and what stands beside each line; ``mine`` says whose it is."""
    actor, now, offered = current_actor(), utcnow(), options(current_actor())
    found = queries.waiting(actor, wanted.filters, mine, paging.asked(request.args), now=now)
    return {
        "found": found,
        "total": queries.total(actor, wanted.filters, mine, found, now=now),
        "wanted": wanted,
        "beside": queries.beside([row.id for row in found.rows]),
        "options": offered,
        "types": dict(offered["type"]),
        "labels": listing.list_labels(),
    }


def area_choices(actor: Actor, permission: str) -> list[tuple[str, str]]:
    """The areas in which a person may do something, in the order of their codes."""
    query = area_queries.visible_to(actor).where(Area.level.in_(LEVELS)).order_by(Area.code)
    return [(str(area.id), area.path) for area in db.session.scalars(query) if can(actor, permission, area)]


def type_choices(locale: str) -> list[tuple[str, str]]:
    """All types, or one."""
    return [("", gettext("All types")), *((str(key), name) for key, name in known_types(locale))]
