"""My week, the week of a team and of one of its people, and what puts something on another day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.agenda import queries, rules, service
from casework.agenda.entries import Ask, Movable, Put
from casework.agenda.forms import PutForm
from casework.agenda.policy import OWN, TEAM
from casework.clocks.explain import dated
from casework.kernel import paging
from casework.kernel.attempts import carry_out
from casework.kernel.errors import NotFound
from casework.kernel.forms import Form, row_id
from casework.kernel.i18n import language
from casework.kernel.time import local, local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal, safe_next
from casework.roster.models import Unit

blueprint = Blueprint("agenda", __name__)
ICONS = {
    "visit": "visit", "due": "pin", "done": "done", "session": "pin", "step": "flow", "promise": "hand",
    "round": "users", "deadline": "clock", "shift": "call", "care": "hand",
}  # fmt: skip


def _ask(now: datetime, led: frozenset[int] = frozenset()) -> Ask:
    return Ask(frozenset(), now, now, current_actor(), now, language(), led)


def _monday(today: date) -> date:
    return rules.monday_of(request.args.get("week", ""), today)


def _frame(monday: date, today: date, address: Any) -> dict[str, Any]:
    """What every week page needs: where the weeks around are, and the form that a drag fills."""
    around = {"before": monday - rules.WEEK, "after": monday + rules.WEEK}
    return {
        "monday": monday,
        "sunday": rules.days_of(monday)[-1],
        "today": today,
        "week": rules.week_name(monday),
        "ways": {name: address(week=rules.week_name(day)) for name, day in around.items()},
        "this": None if monday <= today < monday + rules.WEEK else address(),
        "drag": PutForm(formdata=None),
        "icons": ICONS,
    }


@blueprint.get("/week")
@needs(OWN)
def mine() -> ResponseReturnValue:
    """What stands in my week, day by day."""
    actor, now = current_actor(), utcnow()
    monday = _monday(local_day(now))
    [week] = queries.week_of({actor.user_id: actor.name}, monday, _ask(now))
    return page(
        "agenda/week.html",
        one=week,
        days=queries.days(monday, queries.around(actor)),
        mine=True,
        unit=None,
        **_frame(monday, local_day(now), partial(url_for, ".mine")),
    )


@blueprint.get("/team/week/<int:user_id>")
@needs(TEAM)
def person(user_id: int) -> ResponseReturnValue:
    """The week of somebody of my team."""
    actor, now = current_actor(), utcnow()
    monday = _monday(local_day(now))
    user, unit = queries.member(user_id, local_day(now), to=actor)
    led = frozenset((user.id,)) if queries.leads(actor, unit) else frozenset()
    [week] = queries.week_of({user.id: user.name}, monday, _ask(now, led))
    return page(
        "agenda/week.html",
        one=week,
        days=queries.days(monday, unit.area_ids),
        mine=user.id == actor.user_id,
        unit=unit,
        **_frame(monday, local_day(now), partial(url_for, ".person", user_id=user_id)),
    )


@blueprint.get("/team/week")
@needs(TEAM)
def team() -> ResponseReturnValue:
    """The week of a team: a row for each of its people."""
    actor, now = current_actor(), utcnow()
    monday, units = _monday(local_day(now)), queries.teams(actor)
    unit = _chosen(units)
    found: paging.Page[Any] = paging.Page([])
    if unit is not None:
        found = queries.team_page(unit, local_day(now), paging.asked(request.args))
    people = {row[0]: row[1] for row in found.rows}
    led = frozenset(people) if unit is not None and queries.leads(actor, unit) else frozenset()
    chosen = unit.id if unit is not None else None
    return page(
        "agenda/team.html",
        weeks=queries.week_of(people, monday, _ask(now, led)) if people else [],
        days=queries.days(monday, unit.area_ids if unit is not None else ()),
        unit=unit,
        units=units,
        pages=found.ways(partial(url_for, ".team", unit=chosen, week=rules.week_name(monday))),
        **_frame(monday, local_day(now), partial(url_for, ".team", unit=chosen)),
    )


def _chosen(units: Sequence[Unit]) -> Unit | None:
    """The team that is asked for, else the first.

    Raises:
        NotFound: it is none of theirs.
    """
    if asked := request.args.get("unit"):
        found = next((unit for unit in units if unit.id == row_id(asked)), None)
        if found is None:
            raise NotFound("unit")
        return found
    return units[0] if units else None


# -- on another day


@blueprint.route("/week/move/<kind>/<int:key>", methods=["GET", "POST"])
@needs(OWN)
def put(kind: str, key: int) -> ResponseReturnValue:
    """Put something on another day: by its form, or as it was dragged."""
    actor, now = current_actor(), utcnow()
    movable = service.load(kind, key, actor=actor, now=now)
    form, back = _put_form(movable)
    made: list[Put] = []
    off = queries.day_of(form.day.data, queries.around(actor)).off if form.day.data else None

    def work() -> str:
        one = service.put(
            movable,
            form.day.data,
            minutes=form.minutes,
            reason=form.reason.data or "",
            off=off,
            sure=bool(form.sure.data),
            now=now,
        )
        made.append(one)
        return back

    if request.method == "POST" and (location := carry_out(form, work, principal=principal(), row=movable.row)):
        _say_moved(movable, form.day.data, made, back)
        return redirect(location, 303)
    return page(
        "agenda/move.html",
        form=form,
        movable=movable,
        back=back,
        asks=off is not None and (form.http_status != 200 or bool(form.sure.data)),
        today=local_day(now),
        status=form.http_status,
    )


def _put_form(movable: Movable) -> tuple[PutForm, str]:
    """The form, filled with when it is now until it is sent, and where to go afterwards."""
    posted = request.method == "POST"
    form = PutForm() if posted else PutForm(formdata=None)
    back = safe_next(form.back.data or request.args.get("back") or url_for(".mine"))
    if not posted:
        _fill(form, movable, back)
    return form, back


def _fill(form: PutForm, movable: Movable, back: str) -> None:
    form.day.data, form.at.data = local_day(movable.begins), local(movable.begins).time()
    form.back.data = back
    form.version.data = str(movable.row.version) if movable.row is not None else ""


def _say_moved(movable: Movable, day: Any, made: list[Put], back: str) -> None:
    """Say where it stands now, with the way back; a second click did nothing and says nothing."""
    for one in made:
        said = gettext("%(title)s: now on %(day)s.", title=movable.title, day=dated(day))
        at = one.back.isoformat() if one.back else None
        href = url_for(".undo", kind=one.kind, key=one.key, version=one.version, at=at, back=back)
        said_so: Any = {"text": said, "href": href}  # a toast with a way back
        flash(said_so, "undo")


@blueprint.post("/week/undo/<kind>/<int:key>")
@needs(OWN)
def undo(kind: str, key: int) -> ResponseReturnValue:
    """Take a move back."""
    actor, now, form = current_actor(), utcnow(), Form()
    movable = service.load(kind, key, actor=actor, now=now)
    back = safe_next(request.args.get("back") or url_for(".mine"))
    version, at = row_id(request.args.get("version", "")) or 0, _moment(request.args.get("at", ""))

    def work() -> str:
        service.put_back(movable, version, at, reason=gettext("Moved back in the week"), now=now)
        return back

    if carry_out(form, work, principal=principal(), row=movable.row):
        flash(gettext("%(title)s: back where it was.", title=movable.title))
    for reason in form.reasons:
        flash(str(reason))
    return redirect(back, 303)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise NotFound("moment") from None
    if found.tzinfo is None:
        raise NotFound("moment")
    return found
