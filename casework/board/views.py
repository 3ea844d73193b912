"""The board on a wall and on a phone, and the pages of rows behind its figures."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from casework.areas.models import Area
from casework.board import queries, rows, rules
from casework.board.figures import SECONDS, figures
from casework.board.policy import BOARD
from casework.kernel import paging
from casework.kernel.forms import row_id
from casework.kernel.i18n import language
from casework.kernel.permissions import can
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page
from casework.negotiations.words import STANDINGS
from casework.reporting.policy import WORKLOAD

blueprint = Blueprint("board", __name__, url_prefix="/board")
THEMES = ("dark", "light")


def _place() -> tuple[Area, list[Area]]:
    offered = queries.places(current_actor())
    return queries.place(row_id(request.args.get("area", "")), offered), offered


@blueprint.get("")
@needs(BOARD)
def index() -> ResponseReturnValue:
    """A place in figures. An address may name the theme, as a wall has no settings of its own."""
    actor, now = current_actor(), utcnow()
    area, offered = _place()
    asked = request.args.get("theme", "")
    more: dict[str, Any] = {"theme": asked} if asked in THEMES else {}
    return page(
        "board/index.html",
        fragment="board/_figures.html",
        area=area,
        places=offered,
        district=queries.district_of(area),
        seen=figures(actor, area, now=now),
        now=now,
        part=not queries.sees_all(actor, area),
        may_compare=can(actor, WORKLOAD),
        locale=language(),
        here=url_for(".index", area=area.id, theme=asked if asked in THEMES else None),
        themes=[(one, url_for(".index", area=area.id, theme=one)) for one in THEMES],
        aged=rules.AGED,
        held=rules.HELD[:2],
        box=(rules.WIDTH, rules.HEIGHT, rules.LEFT, rules.BASE, rules.WIDE),
        seconds=SECONDS,
        **more,
    )


@blueprint.get("/relief")
@needs(BOARD)
def relief() -> ResponseReturnValue:
    """The agreements behind a sum of relief."""
    area, _ = _place()
    show = request.args.get("show", "")
    show = show if show in rows.SHOWS else rows.SHOWS[0]
    found = rows.agreements(queries.scope(current_actor(), area), show, paging.asked(request.args))
    return page(
        "board/relief.html",
        area=area,
        show=show,
        rows=found.rows,
        standings=STANDINGS,
        link=partial(url_for, ".relief", area=area.id),
        ways=found.ways(partial(url_for, ".relief", area=area.id, show=show)),
    )


@blueprint.get("/processes")
@needs(BOARD)
def processes() -> ResponseReturnValue:
    """The temporary processes under way, of one template or all."""
    area, _ = _place()
    template_id = row_id(request.args.get("template", ""))
    found = rows.runs(queries.scope(current_actor(), area), template_id, paging.asked(request.args))
    return page(
        "board/processes.html",
        area=area,
        rows=found.rows,
        template_id=template_id,
        locale=language(),
        link=partial(url_for, ".processes", area=area.id),
        ways=found.ways(partial(url_for, ".processes", area=area.id, template=template_id)),
    )
