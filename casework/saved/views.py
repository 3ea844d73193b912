"""The pages of saved views, the same for each list: keep a filter, share it, be told of it, remove it and undo."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Optional

from casework.kernel.attempts import carry_out
from casework.kernel.db import transaction
from casework.kernel.errors import N_
from casework.kernel.forms import VersionedForm, say
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.saved import queries, service
from casework.saved.events import REACHES
from casework.saved.lists import Listed, address
from casework.saved.models import Every, Reach, SavedView

TOLD = {"": N_("Never"), Every.DAY: N_("Every morning"), Every.WEEK: N_("Every Monday")}


class ViewForm(VersionedForm):
    """A name, for whom it is, and how often one is told what is new in it."""

    name = StringField(say(N_("Name")))
    reach = RadioField(say(N_("For whom")), validate_choice=False)
    every = RadioField(say(N_("Tell me what is new in it")), validators=[Optional()], validate_choice=False)

    def offer(self, reaches: list[Reach]) -> None:
        """Fill what can be picked."""
        self.reach.choices = [SelectChoice(one, say(REACHES[one])) for one in reaches]
        self.every.choices = [SelectChoice(one, say(label)) for one, label in TOLD.items()]


def blueprint_of(listed: Listed) -> Blueprint:
    """The pages of the views of a list, below the list itself; who reads the list may open them."""
    blueprint = Blueprint(f"{listed.name}_views", __name__, url_prefix=listed.views)
    pages: tuple[tuple[str, Callable[..., ResponseReturnValue], tuple[str, ...]], ...] = (
        ("", index, ("GET",)),
        ("/counts", counts, ("GET",)),
        ("/new", new, ("GET", "POST")),
        ("/<int:key>/open", open_, ("GET",)),
        ("/<int:key>", edit, ("GET", "POST")),
        ("/<int:key>/remove", remove, ("POST",)),
        ("/<int:key>/restore", restore, ("POST",)),
    )
    for rule, view, methods in pages:
        shown = needs(listed.permission)(partial(view, listed))
        blueprint.add_url_rule(rule, view.__name__, shown, methods=methods)
    return blueprint


def index(listed: Listed) -> ResponseReturnValue:
    """All views that stand above my list."""
    actor = current_actor()
    views = queries.views_of(listed, actor)
    return page(
        "saved/index.html",
        listed=listed,
        views=views,
        broken=queries.broken(listed, views),
        wishes=queries.wishes(views, actor),
        reaches=REACHES,
        told=TOLD,
        mine={view.id for view in views if queries.may_change(view, actor)},
    )


def counts(listed: Listed) -> ResponseReturnValue:
    """The saved views with their counts: asked for by the list once it stands."""
    actor, now = current_actor(), utcnow()
    views = queries.views_of(listed, actor)
    return page(
        "saved/_counts.html",
        listed=listed,
        saved=views,
        broken=queries.broken(listed, views),
        counts=queries.counts(listed, views, actor, now),
        cap=queries.CAP,
        present=listed.read(request.args),
    )


def new(listed: Listed) -> ResponseReturnValue:
    """Save the filter of the address under a name."""
    actor, form = current_actor(), ViewForm()
    filters = listed.read(request.args)
    form.offer(queries.reaches(actor))
    if request.method == "GET":
        form.reach.data, form.every.data = Reach.OWN, ""

    def work() -> str:
        reach = form.reach.data or Reach.OWN
        view = service.save(listed, form.name.data or "", filters, reach, actor=actor, now=utcnow())
        _tell(form, view)
        return address(listed.path, filters)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        return redirect(location, 303)
    return _page(listed, form, filters, None, request.full_path)


def _tell(form: ViewForm, view: SavedView) -> None:
    every = form.every.data or ""
    service.subscribe(view, every if every in TOLD else "", actor=current_actor(), now=utcnow())


def _page(
    listed: Listed, form: ViewForm, filters: dict[str, str], view: SavedView | None, here: str
) -> ResponseReturnValue:
    actor = current_actor()
    return page(
        "saved/edit.html",
        listed=listed,
        form=form,
        view=view,
        here=here,
        chosen=listed.said(actor, filters),
        broken=queries.broken(listed, [view]).get(view.id) if view else None,
        mine=view is None or queries.may_change(view, actor),
        status=form.http_status,
    )


def open_(listed: Listed, key: int) -> ResponseReturnValue:
    """The list as a view shows it."""
    view = queries.visible_view(listed, key, to=current_actor())
    return redirect(address(listed.path, listed.read(view.query)), 303)


def edit(listed: Listed, key: int) -> ResponseReturnValue:
    """Rename it, share it, be told of it; who may not change it may still be told."""
    actor, form = current_actor(), ViewForm()
    view = queries.visible_view(listed, key, to=actor)
    mine = queries.may_change(view, actor)
    form.offer(list(dict.fromkeys([*queries.reaches(actor), Reach(view.reach)])))
    if request.method == "GET":
        form.name.data, form.reach.data = view.name, view.reach
        form.every.data = queries.wishes([view], actor).get(view.id, "")
        form.version.data = str(view.version)

    def work() -> str:
        if mine:
            name, reach = form.name.data or "", form.reach.data or view.reach
            service.change(view, name, reach, actor=actor, now=utcnow())
        _tell(form, view)
        return listed.views

    if request.method == "POST" and (location := carry_out(form, work, principal=principal(), row=view)):
        return redirect(location, 303)
    return _page(listed, form, listed.read(view.query), view, f"{listed.views}/{key}")


def remove(listed: Listed, key: int) -> ResponseReturnValue:
    """Take it away; the next page offers to undo that."""
    actor = current_actor()
    with transaction():
        view = queries.visible_view(listed, key, to=actor)
        service.remove(view, actor=actor, now=utcnow())
        removed = gettext("The view “%(name)s” is removed.", name=view.name)
    message: Any = {"text": removed, "href": f"{listed.views}/{key}/restore"}
    flash(message, "undo")
    return redirect(listed.views, 303)


def restore(listed: Listed, key: int) -> ResponseReturnValue:
    """Bring it back."""
    with transaction():
        service.restore(listed, key, actor=current_actor(), now=utcnow())
    return redirect(listed.views, 303)
