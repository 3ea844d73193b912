"""The board of a district on a day, the rows behind its numbers, and the ways to close a gap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.areas import queries as areas
from casework.areas.models import Area, Level
from casework.coverage import queries, service
from casework.coverage.people import firms_of, leaders_for, officers_for
from casework.coverage.policy import ASSIGN, LEADER, READ
from casework.coverage.rules import Cell, total
from casework.kernel import paging
from casework.kernel.attempts import carry_out
from casework.kernel.errors import NotFound
from casework.kernel.forms import Form, row_id
from casework.kernel.permissions import Actor, can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.roster.limits import limits_of
from casework.roster.queries import names

blueprint = Blueprint("coverage", __name__, url_prefix="/coverage")
GAPS = 12
# What higher packages put beside the board of a district, for this reader; filled in the wiring.
BESIDE: list[Callable[[Area, Actor], str]] = []


def _day(today: date) -> date:
    """The day that is asked for: today or one that is past."""
    try:
        found = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return today
    return found if date(2000, 1, 1) <= found <= today else today


def _one_of(name: str, allowed: Sequence[str], preset: str) -> str:
    """What is asked for under this name, if it is one of these."""
    asked = request.values.get(name, "")
    return asked if asked in allowed else preset


def _district() -> Area:
    actor = current_actor()
    offered = [area_id for area_id, _ in areas.choices(actor, levels=(Level.DISTRICT,))]
    wanted = row_id(request.args.get("district", "")) or next(iter(offered), None)
    found = areas.area(wanted) if wanted else None
    if found is None or found.level != Level.DISTRICT or wanted not in offered:
        raise NotFound("district")
    return found


@blueprint.get("")
@needs(READ)
def index() -> ResponseReturnValue:
    """Subdistricts and communities as on a map: who answers, and what nobody answers for."""
    district, today = _district(), local_day(utcnow())
    day = _day(today)
    limits = limits_of(district.id)
    board = queries.board(district, day, today, limits, current_actor())
    streets = [place for place in board.places if place.level == Level.SUBDISTRICT]
    communities = [place for place in board.places if place.level == Level.COMMUNITY]
    below = _by_parent(communities)
    return page(
        "coverage/board.html",
        district=district,
        districts=areas.choices(current_actor(), levels=(Level.DISTRICT,)),
        board=board,
        streets=streets,
        below=below,
        unplaced=board.cells.get(None),
        empty=Cell(),
        led=sum(1 for place in communities if place.id in board.leaders),
        communities=communities,
        of_street={
            street.id: total(board.cells.get(one.id, Cell()) for one in below.get(street.id, [])) for street in streets
        },
        on=f"&day={day.isoformat()}" if day != today else "",
        sites=[place for place in board.places if place.level == Level.SITE],
        day=day,
        today=today,
        limits=limits,
        gaps=_gaps(board, communities),
        beside=[part(district, current_actor()) for part in BESIDE] if day == today else [],
    )


def _by_parent(places: list[queries.Place]) -> dict[int | None, list[queries.Place]]:
    below: dict[int | None, list[queries.Place]] = {}
    for place in places:
        below.setdefault(place.parent_id, []).append(place)
    return below


def _gaps(board: queries.Board, communities: list[queries.Place]) -> list[tuple[queries.Place, Cell, bool]]:
    """The communities where somebody is missing, most firms first: (place, counts, whether it has a leader)."""
    empty = Cell()
    found = [(place, board.cells.get(place.id, empty), place.id in board.leaders) for place in communities]
    missing = [one for one in found if one[1].gaps or not one[2]]
    return sorted(missing, key=lambda one: -one[1].gaps)[:GAPS]


@blueprint.get("/<int:area_id>")
@needs(READ)
def place(area_id: int) -> ResponseReturnValue:
    """The firms of a place behind a number, and the forms that close the gap."""
    return _place(_visible(area_id), Form(formdata=None), Form(formdata=None))


def _visible(area_id: int) -> Area:
    return queries.visible_place(area_id, to=current_actor())


def _place(area: Area, form: Form, leader_form: Form) -> ResponseReturnValue:
    actor, now = current_actor(), utcnow()
    today, limits = local_day(now), limits_of(area.own_district_id)
    day, officer_id = _day(today), row_id(request.args.get("officer", ""))
    show = _one_of("show", queries.SHOWS, "uncovered")
    query = queries.firms_in(area, show, today=today, limits=limits, day=day, officer_id=officer_id)
    found = queries.page_of(query, paging.asked(request.args))
    people = {key for _, *ids in found.rows for key in ids if key} | ({officer_id} if officer_id else set())
    here: dict[str, Any] = {"area_id": area.id, "day": day if day != today else None, "officer": officer_id}
    may_assign = day == today and can(actor, ASSIGN, area)
    may_lead = day == today and can(actor, LEADER, area)
    return page(
        "coverage/place.html",
        area=area,
        show=show,
        rows=found.rows,
        names=names(people),
        officer_id=officer_id,
        contacted=queries.contacted_by([firm.id for firm, *_ in found.rows], day) if day != today else None,
        officers=officers_for(area, today) if may_assign else [],
        may_lead=may_lead,
        leaders=leaders_for(area, today) if may_lead else [],
        leader=queries.leaders_on(area.own_district_id, day, today).get(area.id),
        limits=limits,
        today=today,
        day=day,
        link=partial(url_for, ".place", **here),
        export=lambda kind: f"/coverage/{area.id}/rows.{kind}?" + urlencode(_plain(show, here)),
        form=form,
        leader_form=leader_form,
        chosen=set(request.form.getlist("firms")),
        given=request.form,
        ways=found.ways(partial(url_for, ".place", show=show, **here)),
        status=max(form.http_status, leader_form.http_status),
    )


def _ticked(name: str) -> list[int]:
    return [key for one in request.form.getlist(name) if (key := row_id(one))]


def _plain(show: str, here: dict[str, Any]) -> dict[str, str]:
    """What narrows the rows of a place, as words of an address."""
    return {"show": show, **{name: str(value) for name, value in here.items() if value and name != "area_id"}}


@blueprint.route("/<int:area_id>/places", methods=["GET", "POST"])
@needs(READ)
def places(area_id: int) -> ResponseReturnValue:
    """The communities or sites inside a place, with and without a leader; many get theirs at once."""
    actor, form, area = current_actor(), Form(), _visible(area_id)
    today = local_day(utcnow())
    day, show = _day(today), _one_of("show", queries.LED_SHOWS, "without")
    level = _one_of("level", (Level.COMMUNITY, Level.SITE), Level.COMMUNITY)
    here: dict[str, Any] = {"area_id": area.id, "level": level, "day": day if day != today else None}

    def work() -> str:
        leader_id = row_id(request.form.get("leader_id", "")) or 0
        count = service.set_leaders(area, _ticked("places"), leader_id, actor=actor, now=utcnow())
        flash(gettext("%(n)s places have their leader.", n=count))
        return url_for(".places", show=show, **here)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        return redirect(location, 303)
    found = queries.led_places(area, level, show, day, today, paging.asked(request.args))
    may_lead = day == today and can(actor, LEADER, area)
    return page(
        "coverage/places.html",
        area=area,
        level=level,
        show=show,
        day=day,
        today=today,
        rows=found.rows,
        may_lead=may_lead,
        leaders=leaders_for(area, today) if may_lead else [],
        link=partial(url_for, ".places", **here),
        form=form,
        chosen=set(request.form.getlist("places")),
        given=request.form,
        ways=found.ways(partial(url_for, ".places", show=show, **here)),
        status=form.http_status,
    )


@blueprint.post("/<int:area_id>/assign")
@needs(ASSIGN)
def assign(area_id: int) -> ResponseReturnValue:
    """Give the ticked firms to an officer and a deputy."""
    actor, form, area = current_actor(), Form(), _visible(area_id)
    show = request.form.get("show", "uncovered")

    def work() -> str:
        count = service.assign(
            area,
            _ticked("firms"),
            officer_id=row_id(request.form.get("officer_id", "")) or 0,
            deputy_id=row_id(request.form.get("deputy_id", "")),
            actor=actor,
            now=utcnow(),
        )
        flash(gettext("%(n)s enterprises have their officer.", n=count))
        return url_for(".place", area_id=area.id, show=show)

    if location := carry_out(form, work, principal=principal()):
        return redirect(location, 303)
    return _place(area, form, Form(formdata=None))


@blueprint.post("/<int:area_id>/leader")
@needs(LEADER)
def leader(area_id: int) -> ResponseReturnValue:
    """Name who answers for the place."""
    actor, form, area = current_actor(), Form(), _visible(area_id)

    def work() -> str:
        service.set_leader(area, row_id(request.form.get("leader_id", "")) or 0, actor=actor, now=utcnow())
        return url_for(".place", area_id=area.id)

    if location := carry_out(form, work, principal=principal()):
        flash(gettext("The place has its leader."))
        return redirect(location, 303)
    return _place(area, Form(formdata=None), form)


@blueprint.route("/<int:area_id>/share", methods=["GET", "POST"])
@needs(ASSIGN)
def share(area_id: int) -> ResponseReturnValue:
    """Share out what nobody answers for: shown first, done on confirmation."""
    actor, form, area, now = current_actor(), Form(), _visible(area_id), utcnow()

    def work() -> str:
        flash(gettext("%(n)s enterprises have their officer.", n=service.share_out(area, actor=actor, now=utcnow())))
        return url_for(".place", area_id=area.id, show="all")

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        return redirect(location, 303)
    shares = service.shares(area, now=now)
    loads = firms_of(list(shares))
    told: list[dict[str, Any]] = [
        {"name": name, "has": loads.get(key, 0), "more": len(shares[key])} for key, name in names(shares).items()
    ]
    return page(
        "coverage/share.html",
        area=area,
        form=form,
        shares=sorted(told, key=lambda one: (-one["more"], one["name"])),
        count=sum(len(ids) for ids in shares.values()),
        limits=limits_of(area.own_district_id),
        status=form.http_status,
    )
