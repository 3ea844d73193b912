"""Cases chosen from the list: what is to be done, who of them can and who cannot and why, what became of each, undo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.areas.models import Area
from casework.cases import lists, tags
from casework.cases.listing import list_labels
from casework.cases.models import Case
from casework.cases.workflow import Action
from casework.commons import acts, chosen, forms, moving, queries, rules
from casework.commons.models import CommonMove, MoveState
from casework.commons.move_views import result_context
from casework.commons.views import ticked_ids
from casework.kernel.attempts import carry_out
from casework.kernel.db import db
from casework.kernel.errors import NotFound, NotPermitted, Refused
from casework.kernel.forms import Form, row_id
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.roster.queries import names

blueprint = Blueprint("chosen_cases", __name__, url_prefix="/cases/together")


def offered() -> list[Action]:
    """What this person may do for many cases of the list."""
    return [action for action in rules.CHOSEN if can(current_actor(), action.permission)]


def _chosen() -> list[int]:
    """The cases that are meant: what the preview showed, or now the whole list of the address, or what is ticked."""
    if "shown" in request.form:
        found = [key for one in request.form["shown"].split(",") if (key := row_id(one))]
        return found[: rules.MOST_CASES]
    if not request.args.get("whole"):
        return ticked_ids()
    filters = lists.read_filters(request.args)
    query = lists.filtered(current_actor(), filters, utcnow())
    order = [key.order(False) for key in lists.order_of(filters)]
    return list(db.session.scalars(query.order_by(*order).limit(rules.MOST_CASES)))


@blueprint.route("", methods=["GET", "POST"])
@needs("case.read")
def preview() -> ResponseReturnValue:
    """Which of the chosen cases can take it and which cannot and why; filled in once, done for each that is ticked."""
    actor, now = current_actor(), utcnow()
    filters = lists.read_filters(request.args).as_query()
    if request.args.get("act") == "export":
        return redirect(_export(filters), 302)
    action = rules.for_chosen(request.args.get("act", ""))
    if action is None:
        raise NotFound("act")
    if action not in offered():
        raise NotPermitted(action.permission)
    lines = queries.waiting_of(chosen.cases_of(_chosen(), actor), action, actor, now)
    ready = [line for line in lines if not line.why]
    form, made = _form(action, [line.case for line in ready]), list[int]()

    def work() -> str:
        try:
            answer = form.whole_answer()
            found = moving.ask(None, action, answer, ticked_ids(), filters=filters, actor=actor, now=utcnow())
        except Refused as refusal:
            form.refuse_at(refusal.reasons)
            raise Refused([]) from refusal
        return _entered(found, made)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        return _made(made, location)
    return page(
        "commons/chosen.html",
        action=action,
        form=form,
        ready=ready,
        held=[line for line in lines if line.why],
        ticked=_ticked(action),
        capped=bool(request.args.get("whole")) and len(lines) >= rules.MOST_CASES,
        shown=",".join(str(line.case.id) for line in lines),
        here=f"{url_for('.preview')}?{urlencode({'act': action.name, **filters})}",
        back=_list(filters),
        most=rules.MOST_CASES,
        undoes=action.name in rules.UNDOES,
        vocabulary=tags.vocabulary(actor),
        labels=list_labels(),
        at_once=rules.AT_ONCE,
        status=form.http_status,
    )


def _export(filters: Mapping[str, str]) -> str:
    """Where the chosen cases are taken out; back to the list if none is: no filter at all would be every case."""
    if not request.args.get("whole"):
        ids = ",".join(map(str, ticked_ids()))
        if not ids:
            flash(gettext("Tick cases in the list, or the whole list, then choose what to do."))
            return _list(filters)
        filters = {"ids": ids, "scope": "all"}
    return f"/cases/export.xlsx?{urlencode(filters)}"


def _ticked(action: Action) -> list[int] | None:
    """What is ticked on the page; None: all. Of a whole list nothing is a double until somebody says so."""
    if request.method == "POST" or (action is rules.MERGE and request.args.get("whole")):
        return ticked_ids()
    return None


def _list(filters: Mapping[str, str]) -> str:
    return f"{url_for('cases.index')}?{urlencode(filters)}" if filters else url_for("cases.index")


def _form(action: Action, cases: list[Case]) -> forms.MoveForm:
    places = {case.district_id for case in cases if case.district_id}
    leaders: dict[str, Any] = {}
    if action is rules.ASSIGN:
        for place in sorted(places):
            leaders |= queries.who_may_lead(db.session.get_one(Area, place), local_day(utcnow()))
    form = forms.for_move(action, (), leaders, {})
    form.stay(cases)
    return form


def _entered(found: CommonMove, made: list[int]) -> str:
    """The page of a move that was just entered; what is few enough is made at once."""
    if found.status == MoveState.RUNNING:
        made.append(found.id)
    return url_for(".result", move_id=found.id)


def _made(made: list[int], location: str) -> ResponseReturnValue:
    for move_id in made:
        moving.carry_on(move_id, now=utcnow())
    return redirect(location, 303)


@blueprint.get("/<int:move_id>")
@needs("case.read")
def result(move_id: int) -> ResponseReturnValue:
    """What became of each case; asked for again while it goes on. Who chose them sees it, and who leads their unit."""
    return _result(acts.visible_act(move_id, current_actor(), local_day(utcnow())), Form(formdata=None))


def _result(found: CommonMove, form: Form) -> ResponseReturnValue:
    mine = found.by_id == current_actor().user_id
    context = result_context(found, form, url_for(".result", move_id=found.id), may=mine)
    context |= _undoing(found, mine=mine, moving=context["moving"], done=context["counts"].get("done", 0))
    context |= {"back": _list(found.filters or {}), "said": acts.said(found, names({acts.officer_of(found)}))}
    return page("commons/chosen_result.html", fragment="commons/_result.html", status=form.http_status, **context)


def _undoing(found: CommonMove, *, mine: bool, moving: bool, done: int) -> dict[str, Any]:
    undone = chosen.undone_by(found)
    can_be = mine and found.action in rules.UNDOES and found.undoes_id is None
    return {"may_undo": can_be and not moving and bool(done) and undone is None, "undone": undone}


@blueprint.post("/<int:move_id>/again")
@needs("case.read")
def again(move_id: int) -> ResponseReturnValue:
    """Try those that were left once more."""
    actor, form, made = current_actor(), Form(), list[int]()
    found = chosen.own_move(move_id, actor)

    def work() -> str:
        moving.again(None, found, actor=actor, now=utcnow())
        return _entered(found, made)

    if location := carry_out(form, work, principal=principal()):
        return _made(made, location)
    return _result(found, form)


@blueprint.post("/<int:move_id>/undo")
@needs("case.read")
def undo(move_id: int) -> ResponseReturnValue:
    """Take it back for each case that went through; what was changed since is left and named."""
    actor, form, made = current_actor(), Form(), list[int]()
    found = chosen.own_move(move_id, actor)

    def work() -> str:
        return _entered(moving.undo(found, actor=actor, now=utcnow()), made)

    if location := carry_out(form, work, principal=principal()):
        return _made(made, location)
    return _result(found, form)
