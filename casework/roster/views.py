"""People and units: who serves where, from when to when."""

from __future__ import annotations

from datetime import date
from functools import partial

import sqlalchemy as sa
from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from casework.accounts import passwords
from casework.accounts.models import User
from casework.areas import queries as areas
from casework.areas.models import Level
from casework.kernel import once, paging
from casework.kernel.db import transaction
from casework.kernel.errors import CaseworkError, Conflict, Refused
from casework.kernel.forms import STALE, Form, VersionedForm
from casework.kernel.masking import masked
from casework.kernel.permissions import Actor, can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, go, needs, page
from casework.roster import queries, service
from casework.roster.forms import EndForm, PersonEditForm, PersonForm, PostingForm
from casework.roster.models import Posting
from casework.roster.policy import ADMIN_ROLES, posting_permission, posts
from casework.roster.words import ROLES

blueprint = Blueprint("roster", __name__)
PAGE = 50


def _today() -> date:
    return local_day(utcnow())


def _principal(actor: Actor) -> str:
    return f"user:{actor.user_id}"


# -- people


@blueprint.get("/people")
@needs("roster.read")
def people() -> ResponseReturnValue:
    """The people one may see, by name, found by name or user name."""
    actor, text = current_actor(), request.args.get("q", "").strip()[:60]
    query = queries.people_visible_to(actor)
    if text:
        query = query.where(sa.or_(User.name.contains(text, autoescape=True), User.username.startswith(text.lower())))
    keys, at = (paging.Key(User.name, str), paging.Key(User.id, int)), paging.asked(request.args)
    found = paging.page_of(query, keys, at, PAGE, values=lambda row: [row.name, row.id], whole=True)
    return page(
        "roster/people.html",
        rows=found.rows,
        text=text,
        roles=ROLES,
        duties=queries.duties_today([row.id for row in found.rows], _today()),
        ways=found.ways(partial(url_for, "roster.people", q=text or None)),
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
    password = passwords.initial()
    try:
        with transaction():
            user = service.make_person(
                username=str(form.username.data),
                name=str(form.name.data),
                phone=form.phone.data or "",
                password=password,
                actor=actor,
                now=now,
            )
            once.remember(_principal(actor), form.op.data, url_for("roster.person", user_id=user.id), now=now)
    except Refused as refusal:
        form.refuse(refusal.reasons)
        return page("roster/new_person.html", form=form, made=None, status=422)
    return page("roster/new_person.html", form=form, made=user, password=password)


@blueprint.get("/people/<int:user_id>")
@needs("roster.read")
def person(user_id: int) -> ResponseReturnValue:
    """A person with the postings that were, are and will be."""
    return _person_page(queries.visible_person(user_id, to=current_actor()))


def _person_page(
    user: User,
    *,
    posting: PostingForm | None = None,
    edit: PersonEditForm | None = None,
    end: tuple[int, EndForm] | None = None,
    password: str | None = None,
    status: int = 200,
) -> Response:
    actor, today = current_actor(), _today()
    rows = queries.postings_of(user.id)
    return page(
        "roster/person.html",
        status=status,
        user=user,
        roles=ROLES,
        phone=masked(user.phone),
        password=password,
        groups=_by_time(rows, today),
        end=end,
        ends={row.id: _end_form(row, today) for row in rows if _may_end(actor, row, today)},
        posting=posting or (_posting_form(actor, None) if posts(actor) and actor.user_id != user.id else None),
        edit=edit or PersonEditForm(formdata=None, name=user.name, phone=user.phone, version=user.version),
        may_set_password=service.may_set_password(actor, user.id, today),
    )


def _by_time(rows: list[Posting], today: date) -> list[tuple[str, list[Posting]]]:
    now = [row for row in rows if row.is_valid_on(today)]
    later = [row for row in rows if row.from_on > today]
    past = [row for row in rows if row not in now and row not in later]
    return [(_("Posted now"), now), (_("Posted later"), later), (_("Posted before"), past)]


def _may_end(actor: Actor, row: Posting, today: date) -> bool:
    return not (row.to_on and row.to_on < today) and can(actor, posting_permission(row.role), row)


def _end_form(row: Posting, today: date) -> EndForm:
    return EndForm(formdata=None, to_on=row.to_on or max(today, row.from_on), version=row.version)


def _posting_form(actor: Actor, formdata: object | None) -> PostingForm:
    """The form with what this actor may give: staff roles, administrators' roles, or both."""
    form = PostingForm() if formdata is not None else PostingForm(formdata=None, from_on=_today())
    roles = [role for role in ROLES if can(actor, posting_permission(role))]
    form.role.choices = [SelectChoice(role.value, _(ROLES[role])) for role in roles]
    form.unit_id.choices = [SelectChoice(*pair) for pair in queries.unit_choices(actor)]
    levels = [Level.CITY, Level.DISTRICT]
    if any(role not in ADMIN_ROLES for role in roles):
        levels += [Level.SUBDISTRICT, Level.COMMUNITY]
    form.area_id.choices = [SelectChoice(*pair) for pair in areas.choices(actor, levels=levels)]
    return form


@blueprint.post("/people/<int:user_id>/postings")
@needs("roster.read")
def make_posting(user_id: int) -> ResponseReturnValue:
    """Give a person a role in a unit."""
    actor, now = current_actor(), utcnow()
    user, form = queries.visible_person(user_id, to=actor), _posting_form(actor, request.form)
    if earlier := once.earlier_answer(_principal(actor), form.op.data):
        return redirect(earlier, 303)
    if not form.validate():
        return _person_page(user, posting=form, status=422)
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
                actor=actor,
                now=now,
            )
            once.remember(_principal(actor), form.op.data, target, now=now)
    except Refused as refusal:
        form.refuse(refusal.reasons)
        return _person_page(user, posting=form, status=422)
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
        return _person_page(user, end=(posting_id, form), status=422)
    try:
        with transaction():
            _must_be_fresh(form, row)
            service.end_posting(row, on=form.to_on.data or _today(), actor=actor, now=utcnow())
    except (Refused, Conflict) as error:
        return _person_page(user, end=(posting_id, form), status=_mended(form, row, error))
    flash(_("The posting ends on that day."))
    return go("roster.person", user_id=user_id)


@blueprint.post("/people/<int:user_id>")
@needs("person.edit")
def edit_person(user_id: int) -> ResponseReturnValue:
    """Another name or phone."""
    actor, form = current_actor(), PersonEditForm()
    user = queries.visible_person(user_id, to=actor)
    if not form.validate():
        return _person_page(user, edit=form, status=422)
    try:
        with transaction():
            _must_be_fresh(form, user)
            service.edit_person(user, name=str(form.name.data), phone=form.phone.data or "", actor=actor, now=utcnow())
    except (Refused, Conflict) as error:
        return _person_page(user, edit=form, status=_mended(form, user, error))
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
    actor, password = current_actor(), passwords.initial()
    user = queries.visible_person(user_id, to=actor)
    with transaction():
        service.set_password(user, password, actor=actor, now=utcnow())
    return _person_page(user, password=password)
