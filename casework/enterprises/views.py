"""Pages of firms: the list, the firm, its contacts and its officer."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from casework.areas.models import Area
from casework.enterprises import forms, lists, queries, service
from casework.enterprises.models import Contact, Enterprise
from casework.kernel.attempts import carry_out
from casework.kernel.db import transaction
from casework.kernel.errors import N_, Reason, Refused
from casework.kernel.masking import masked
from casework.kernel.paging import asked, capped_count, count_text
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import PANELS, current_actor, go, needs, page, principal
from casework.roster import queries as roster

blueprint = Blueprint("enterprises", __name__, url_prefix="/enterprises")
REVEALED = "revealed_contact"
NO_AREA = N_("Pick the area in which it lies.")


@blueprint.get("")
@needs("enterprise.read")
def index() -> ResponseReturnValue:
    """The firms of my areas, filtered by the address bar."""
    actor, filters = current_actor(), lists.read_filters(request.args)
    query = lists.filtered(actor, filters, local_day(utcnow()))
    found = queries.page_of(query, asked(request.args))
    words: dict[str, Any] = filters.as_query()
    total = gettext("%(count)s enterprises", count=count_text(capped_count(query)))
    return page(
        "enterprises/list.html",
        fragment="enterprises/_list.html",
        rows=found.rows,
        filters=filters,
        words=words,
        areas=queries.areas_for(actor),
        quiet=lists.quiet_choices(actor),
        chosen=lists.chosen_filters(actor, filters),
        views=lists.usual_views(actor, filters),
        saved=[panel("enterprises", words, actor) for panel in PANELS["views"]],
        officers=queries.officers_by_enterprise([row.id for row in found.rows]),
        places=queries.areas_by_id({row.area_id for row in found.rows}),
        pager={**found.ways(partial(url_for, ".index", **words)), "text": total},
    )


@blueprint.route("/new", methods=["GET", "POST"])
@needs("enterprise.edit")
def new() -> ResponseReturnValue:
    """Enter a firm; a second click leads to the one that the first made."""
    actor = current_actor()
    form = _enterprise_form(None)
    if request.method == "GET":
        return page("enterprises/edit.html", form=form, enterprise=None)

    def work() -> str:
        return url_for(".show", key=service.add_enterprise(_draft(form), actor=actor, now=utcnow()).id)

    if location := carry_out(form, work, principal=principal()):
        return redirect(location, 303)
    return page("enterprises/edit.html", form=form, enterprise=None, status=form.http_status)


@blueprint.get("/<int:key>")
@needs("enterprise.read")
def show(key: int) -> ResponseReturnValue:
    """The firm: its data, whom to call, who answers for it, its cases."""
    return _show(queries.visible_enterprise(key, to=current_actor()))


def _show(
    enterprise: Enterprise,
    *,
    contact_form: forms.ContactForm | None = None,
    liaison_form: forms.LiaisonForm | None = None,
    talk_form: forms.TalkForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    actor = current_actor()
    liaison = queries.liaison_of(enterprise)
    area = queries.areas_by_id({enterprise.area_id})[enterprise.area_id]
    people = {key for key in (liaison.officer_id, liaison.deputy_id) if key} if liaison else set()
    return page(
        "enterprises/show.html",
        enterprise=enterprise,
        area=area,
        contacts=queries.contacts_of(enterprise),
        liaison=liaison,
        names=roster.names(people),
        masked=masked,
        revealed=session.pop(REVEALED, None) if REVEALED in session else None,
        talk_form=talk_form or forms.TalkForm(formdata=None),
        contact_form=contact_form or forms.ContactForm(formdata=None),
        liaison_form=liaison_form or _liaison_form(enterprise, fresh=True),
        panels=[Markup(panel(enterprise, actor)) for panel in PANELS["enterprise"]],  # noqa: S704 - each returns markup
        status=status,
    )


@blueprint.route("/<int:key>/edit", methods=["GET", "POST"])
@needs("enterprise.edit")
def edit(key: int) -> ResponseReturnValue:
    """Correct a firm's fields."""
    actor = current_actor()
    enterprise = queries.visible_enterprise(key, to=actor)
    form = _enterprise_form(enterprise)
    if request.method == "GET":
        return page("enterprises/edit.html", form=form, enterprise=enterprise)

    def work() -> str:
        service.edit_enterprise(enterprise, _draft(form), actor=actor, now=utcnow())
        return url_for(".show", key=key)

    if location := carry_out(form, work, principal=principal(), row=enterprise):
        return redirect(location, 303)
    return page("enterprises/edit.html", form=form, enterprise=enterprise, status=form.http_status)


@blueprint.post("/<int:key>/contacts")
@needs("enterprise.edit")
def add_contact(key: int) -> ResponseReturnValue:
    """Add a person to call; additions conflict with nobody, a second click adds nothing."""
    actor = current_actor()
    enterprise = queries.visible_enterprise(key, to=actor)
    form = forms.ContactForm()
    if location := carry_out(form, lambda: _save_contact(enterprise, None, form), principal=principal()):
        return redirect(location, 303)
    return _show(enterprise, contact_form=form, status=form.http_status)


@blueprint.route("/<int:key>/contacts/<int:contact_key>", methods=["GET", "POST"])
@needs("enterprise.edit")
def edit_contact(key: int, contact_key: int) -> ResponseReturnValue:
    """Correct a contact; the number is shown masked and stays as it is unless another is written."""
    actor = current_actor()
    enterprise = queries.visible_enterprise(key, to=actor)
    contact = queries.contact_of(enterprise, contact_key)
    form = forms.ContactForm() if request.method == "POST" else _contact_form(contact)
    if request.method == "GET":
        return page("enterprises/contact.html", form=form, enterprise=enterprise, contact=contact)
    if location := carry_out(
        form, lambda: _save_contact(enterprise, contact, form), principal=principal(), row=contact
    ):
        return redirect(location, 303)
    return page("enterprises/contact.html", form=form, enterprise=enterprise, contact=contact, status=form.http_status)


@blueprint.post("/<int:key>/contacts/<int:contact_key>/leave")
@needs("enterprise.edit")
def leave(key: int, contact_key: int) -> ResponseReturnValue:
    """A contact no longer works there."""
    actor = current_actor()
    enterprise = queries.visible_enterprise(key, to=actor)
    contact = queries.contact_of(enterprise, contact_key)
    with transaction():
        service.contact_leaves(enterprise, contact, actor=actor, now=utcnow())
    return go(".show", key=key)


@blueprint.post("/<int:key>/contacts/<int:contact_key>/reveal")
@needs("enterprise.reveal")
def reveal(key: int, contact_key: int) -> ResponseReturnValue:
    """Log the look at a full number, then show it once."""
    actor = current_actor()
    enterprise = queries.visible_enterprise(key, to=actor)
    contact = queries.contact_of(enterprise, contact_key)
    with transaction():
        service.reveal(enterprise, contact, actor=actor, now=utcnow())
    session[REVEALED] = contact_key
    return go(".show", key=key, _anchor="contacts")


@blueprint.post("/<int:key>/contacted")
@needs("enterprise.edit")
def contacted(key: int) -> ResponseReturnValue:
    """Log a call or visit that belongs to no case; a second click adds nothing."""
    actor, form = current_actor(), forms.TalkForm()
    enterprise = queries.visible_enterprise(key, to=actor)

    def work() -> str:
        service.log_contact(enterprise, form.way.data or "", form.text.data or "", actor=actor, now=utcnow())
        return url_for(".show", key=key)

    if location := carry_out(form, work, principal=principal()):
        return redirect(location, 303)
    return _show(enterprise, talk_form=form, status=form.http_status)


@blueprint.post("/<int:key>/officer")
@needs("enterprise.assign")
def assign(key: int) -> ResponseReturnValue:
    """Name who answers for the firm."""
    actor = current_actor()
    enterprise = queries.visible_enterprise(key, to=actor)
    form = _liaison_form(enterprise)
    officer, deputy = _number(form.officer_id.data), _number(form.deputy_id.data)

    def work() -> str:
        service.assign_liaison(enterprise, officer_id=officer or 0, deputy_id=deputy, actor=actor, now=utcnow())
        return url_for(".show", key=key)

    if location := carry_out(form, work, principal=principal()):
        return redirect(location, 303)
    return _show(enterprise, liaison_form=form, status=form.http_status)


def _save_contact(enterprise: Enterprise, contact: Contact | None, form: forms.ContactForm) -> str:
    phone = form.phone.data or ""
    if contact is not None and phone == masked(contact.phone):
        phone = contact.phone  # left as it was shown
    service.save_contact(
        enterprise,
        contact,
        name=form.name.data or "",
        duty=form.duty.data or "",
        phone=phone,
        actor=current_actor(),
        now=utcnow(),
    )
    return url_for(".show", key=enterprise.id)


def _contact_form(contact: Contact) -> forms.ContactForm:
    shown = {"name": contact.name, "duty": contact.duty, "phone": masked(contact.phone)}
    return forms.ContactForm(formdata=None, data={**shown, "version": contact.version})


def _enterprise_form(enterprise: Enterprise | None) -> forms.EnterpriseForm:
    form = forms.EnterpriseForm(obj=enterprise)
    areas = _editable_areas()
    form.area_id.choices = [("", gettext("Choose…")), *((str(area.id), area.path) for area in areas)]
    if request.method == "GET" and enterprise is not None:
        form.area_id.data = str(enterprise.area_id)
    return form


def _editable_areas() -> list[Area]:
    return [area for area in queries.areas_for(current_actor()) if area.level != "city"]


def _draft(form: forms.EnterpriseForm) -> service.Draft:
    key = _number(form.area_id.data)
    area = next((area for area in _editable_areas() if area.id == key), None)
    if area is None:
        raise Refused(Reason(NO_AREA, {}, "area_id"))
    return service.Draft(
        name=form.name.data or "",
        area=area,
        uscc=form.uscc.data or "",
        address=form.address.data or "",
        size=form.size.data or "",
        industry=form.industry.data or "",
        active=bool(form.active.data),
    )


def _liaison_form(enterprise: Enterprise, *, fresh: bool = False) -> forms.LiaisonForm:
    form = forms.LiaisonForm(formdata=None) if fresh else forms.LiaisonForm()
    people = []
    if can(current_actor(), "enterprise.assign", enterprise):
        people = [(str(key), name) for key, name in queries.officers_for(enterprise, local_day(utcnow()))]
    form.officer_id.choices = [("", gettext("Choose…")), *people]
    form.deputy_id.choices = [("", gettext("No deputy")), *people]
    return form


def _number(text: Any) -> int | None:
    return int(text) if isinstance(text, str) and text.isdigit() and len(text) < 19 else None
