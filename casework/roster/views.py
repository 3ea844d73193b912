"""People and units: who serves where, from when to when."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts import service as accounts
from casework.areas import queries as areas
from casework.areas.models import Level
from casework.kernel import once, paging
from casework.kernel.db import transaction
from casework.kernel.errors import CaseworkError, Conflict, Refused
from casework.kernel.forms import STALE, Form, VersionedForm
from casework.kernel.masking import masked
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, go, needs, page
from casework.roster import duty, lists, queries, service
from casework.roster.forms import EndForm, PersonEditForm, PersonForm
from casework.roster.person_page import person_page, posting_form
from casework.roster.words import ROLES

blueprint = Blueprint("roster", __name__)


def _today() -> date:
    return local_day(utcnow())


def _principal(actor: Actor) -> str:
    return f"user:{actor.user_id}"


# -- people


@blueprint.get("/people")
@needs("roster.read")
def people() -> ResponseReturnValue:
    """The people one may see, by name: found by name, user name or phone, narrowed by what they do."""
    actor, filters, today = current_actor(), lists.read_filters(request.args), _today()
    found = lists.people(actor, filters, today, paging.asked(request.args))
    ids = [row.id for row in found.rows]
    query: dict[str, Any] = dict(filters.as_query())
    places = areas.choices(actor, levels=(Level.DISTRICT, Level.SUBDISTRICT))
    return page(
        "roster/people.html",
        rows=found.rows,
        filters=filters,
        unit=queries.visible_unit(filters.unit, to=actor) if filters.unit else None,
        roles=ROLES,
        places=places,
        bodies=lists.bodies(actor, today),
        duties=lists.duties(ids, today),
        away=duty.away(ids, today),
        masked=masked,
        ways=found.ways(partial(url_for, "roster.people", **query)),
        today=today,
    )


@blueprint.get("/people/new")
@needs("person.make")
def new_person() -> ResponseReturnValue:
    """The form of a new account."""
    return page("roster/new_person.html", form=PersonForm(formdata=None), made=None)


@blueprint.post("/people/new")
@needs("person.make")
def make_person() -> ResponseReturnValue:
    """Make an account; its first password is shown this once."""
    actor, form, now = current_actor(), PersonForm(), utcnow()
    if earlier := once.earlier_answer(_principal(actor), form.op.data):
        return redirect(earlier, 303)
    if not form.validate():
        return page("roster/new_person.html", form=form, made=None, status=422)
    secret = accounts.new_secret()
    try:
        with transaction():
            user = service.make_person(
                username=str(form.username.data),
                name=str(form.name.data),
                phone=form.phone.data or "",
                secret=secret,
                actor=actor,
                now=now,
            )
            once.remember(_principal(actor), form.op.data, url_for("roster.person", user_id=user.id), now=now)
    except Refused as refusal:
        form.refuse(refusal.reasons)
        return page("roster/new_person.html", form=form, made=None, status=422)
    return page("roster/new_person.html", form=form, made=user, password=secret.plain)


@blueprint.get("/people/<int:user_id>")
@needs("roster.read")
def person(user_id: int) -> ResponseReturnValue:
    """A person with the postings that were, are and will be."""
    return person_page(queries.visible_person(user_id, to=current_actor()))


@blueprint.post("/people/<int:user_id>/postings")
@needs("roster.read")
def make_posting(user_id: int) -> ResponseReturnValue:
    """Give a person a role in a unit."""
    actor, now = current_actor(), utcnow()
    user, form = queries.visible_person(user_id, to=actor), posting_form(actor, request.form)
    if earlier := once.earlier_answer(_principal(actor), form.op.data):
        return redirect(earlier, 303)
    if not form.validate():
        return person_page(user, posting=form, status=422)
    target = url_for("roster.person", user_id=user_id)
    try:
        with transaction():
            service.post(
                user,
                unit=queries.visible_unit(form.unit_id.data, to=actor),
                role=form.role.data,
                area=areas.visible_area(form.area_id.data, to=actor),
                from_on=form.from_on.data or _today(),
                to_on=form.to_on.data,
                sent_by=form.sent_by.data or "",
                actor=actor,
                now=now,
            )
            once.remember(_principal(actor), form.op.data, target, now=now)
    except Refused as refusal:
        form.refuse(refusal.reasons)
        return person_page(user, posting=form, status=422)
    flash(_("The posting is made."))
    return redirect(target, 303)


@blueprint.post("/people/<int:user_id>/postings/<int:posting_id>/end")
@needs("roster.read")
def end_posting(user_id: int, posting_id: int) -> ResponseReturnValue:
    """Let a posting end."""
    actor, form = current_actor(), EndForm()
    user = queries.visible_person(user_id, to=actor)
    row = queries.posting(posting_id, of=user_id)
    if not form.validate():
        return person_page(user, end=(posting_id, form), status=422)
    try:
        with transaction():
            _must_be_fresh(form, row)
            service.end_posting(row, on=form.to_on.data or _today(), actor=actor, now=utcnow())
    except (Refused, Conflict) as error:
        return person_page(user, end=(posting_id, form), status=_mended(form, row, error))
    flash(_("The posting ends on that day."))
    return go("roster.person", user_id=user_id)


@blueprint.post("/people/<int:user_id>")
@needs("person.edit")
def edit_person(user_id: int) -> ResponseReturnValue:
    """Another name or phone."""
    actor, form = current_actor(), PersonEditForm()
    user = queries.visible_person(user_id, to=actor)
    if not form.validate():
        return person_page(user, edit=form, status=422)
    try:
        with transaction():
            _must_be_fresh(form, user)
            service.edit_person(user, name=str(form.name.data), phone=form.phone.data or "", actor=actor, now=utcnow())
    except (Refused, Conflict) as error:
        return person_page(user, edit=form, status=_mended(form, user, error))
    flash(_("The changes are kept."))
    return go("roster.person", user_id=user_id)


def _must_be_fresh(form: VersionedForm, row: object) -> None:
    if form.is_stale(row):
        raise Conflict


def _mended(form: Form, row: object, error: CaseworkError) -> int:
    """Put a refusal or a conflict on the form, with what was typed kept; returns the status."""
    if isinstance(error, Refused):
        form.refuse(error.reasons)
        return 422
    if isinstance(form, VersionedForm):
        form.version.data = str(row.version)  # type: ignore[attr-defined]
    form.refuse([STALE])
    return 409


@blueprint.post("/people/<int:user_id>/disable")
@needs("person.disable")
def disable_person(user_id: int) -> ResponseReturnValue:
    """Shut an account at once."""
    actor = current_actor()
    user = queries.visible_person(user_id, to=actor)
    with transaction():
        service.disable_person(user, actor=actor, now=utcnow())
    flash(_("The account is disabled and signed out everywhere."))
    return go("roster.person", user_id=user_id)


@blueprint.post("/people/<int:user_id>/enable")
@needs("person.disable")
def enable_person(user_id: int) -> ResponseReturnValue:
    """Open a disabled account again."""
    actor = current_actor()
    user = queries.visible_person(user_id, to=actor)
    with transaction():
        service.enable_person(user, actor=actor, now=utcnow())
    flash(_("The account can sign in again."))
    return go("roster.person", user_id=user_id)


@blueprint.post("/people/<int:user_id>/password")
@needs("person.password")
def new_password(user_id: int) -> ResponseReturnValue:
    """A new first password for somebody who forgot theirs, shown this once."""
    actor, secret = current_actor(), accounts.new_secret()
    user = queries.visible_person(user_id, to=actor)
    with transaction():
        service.set_password(user, secret, actor=actor, now=utcnow())
    return person_page(user, password=secret.plain)
