"""The pages of saved views: keep a filter, rename and share it, be told what is new, remove it and undo that."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Optional

from casework.cases import listing, lists, saved
from casework.cases.forms import say
from casework.cases.saved_models import Every, Reach, SavedView
from casework.kernel.attempts import carry_out
from casework.kernel.db import transaction
from casework.kernel.errors import N_
from casework.kernel.forms import VersionedForm
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, go, needs, page, principal

blueprint = Blueprint("case_views", __name__, url_prefix="/cases/views")
REACHES = {Reach.OWN: N_("For me"), Reach.TEAM: N_("For my team"), Reach.ALL: N_("For the whole district")}
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


@blueprint.get("")
@needs("case.read")
def index() -> ResponseReturnValue:
    """All views that stand above my list."""
    actor = current_actor()
    views = saved.views_of(actor)
    return page(
        "cases/views.html",
        views=views,
        broken=saved.broken(views),
        wishes=saved.wishes(views, actor),
        reaches=REACHES,
        told=TOLD,
        mine={view.id for view in views if saved.may_change(view, actor)},
    )


@blueprint.get("/counts")
@needs("case.read")
def counts() -> ResponseReturnValue:
    """The saved views with their counts: asked for by the list once it stands."""
    actor, now = current_actor(), utcnow()
    views = saved.views_of(actor)
    return page(
        "cases/_saved.html",
        saved=views,
        broken=saved.broken(views),
        counts=saved.counts(views, actor, now),
        cap=saved.CAP,
        present=lists.read_filters(request.args).as_query(),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@needs("case.read")
def new() -> ResponseReturnValue:
    """Save the filter of the address under a name."""
    actor, form = current_actor(), ViewForm()
    filters = lists.read_filters(request.args)
    form.offer(saved.reaches(actor))
    if request.method == "GET":
        form.reach.data, form.every.data = Reach.OWN, ""

    def work() -> str:
        view = saved.save(form.name.data or "", filters, form.reach.data or Reach.OWN, actor=actor, now=utcnow())
        _tell(form, view)
        return f"{url_for('cases.index')}?{request.query_string.decode()}"

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        return redirect(location, 303)
    return _page(form, filters, None, request.full_path)


def _tell(form: ViewForm, view: SavedView) -> None:
    every = form.every.data or ""
    saved.subscribe(view, every if every in TOLD else "", actor=current_actor(), now=utcnow())


def _page(form: ViewForm, filters: lists.Filters, view: SavedView | None, here: str) -> ResponseReturnValue:
    actor = current_actor()
    options = listing.filter_options(actor)
    return page(
        "cases/view.html",
        form=form,
        view=view,
        here=here,
        filters=filters,
        chosen=[label for label, _ in listing.chosen_filters(filters, options)],
        broken=saved.broken([view]).get(view.id) if view else None,
        mine=view is None or saved.may_change(view, actor),
        status=form.http_status,
    )


@blueprint.get("/<int:key>/open")
@needs("case.read")
def open_(key: int) -> ResponseReturnValue:
    """The list as a view shows it."""
    view = saved.visible_view(key, to=current_actor())
    return go("cases.index", **lists.read_filters(view.query).as_query())


@blueprint.route("/<int:key>", methods=["GET", "POST"])
@needs("case.read")
def edit(key: int) -> ResponseReturnValue:
    """Rename it, share it, be told of it; who may not change it may still be told."""
    actor, form = current_actor(), ViewForm()
    view = saved.visible_view(key, to=actor)
    mine = saved.may_change(view, actor)
    form.offer(list(dict.fromkeys([*saved.reaches(actor), Reach(view.reach)])))
    if request.method == "GET":
        form.name.data, form.reach.data = view.name, view.reach
        form.every.data = saved.wishes([view], actor).get(view.id, "")
        form.version.data = str(view.version)

    def work() -> str:
        if mine:
            saved.change(view, form.name.data or "", form.reach.data or view.reach, actor=actor)
        _tell(form, view)
        return url_for(".index")

    if request.method == "POST" and (location := carry_out(form, work, principal=principal(), row=view)):
        return redirect(location, 303)
    return _page(form, lists.read_filters(view.query), view, url_for(".edit", key=key))


@blueprint.post("/<int:key>/remove")
@needs("case.read")
def remove(key: int) -> ResponseReturnValue:
    """Take it away; the next page offers to undo that."""
    actor = current_actor()
    with transaction():
        view = saved.visible_view(key, to=actor)
        saved.remove(view, actor=actor, now=utcnow())
        removed = gettext("The view “%(name)s” is removed.", name=view.name)
    message: Any = {"text": removed, "href": url_for(".restore", key=key)}
    flash(message, "undo")
    return go(".index")


@blueprint.post("/<int:key>/restore")
@needs("case.read")
def restore(key: int) -> ResponseReturnValue:
    """Bring it back."""
    with transaction():
        saved.restore(key, actor=current_actor())
    return go(".index")
