"""The day's route, a stop of it, and the day of a team."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, flash, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.care import rules as care_rules
from casework.cases.workflow import WAYS
from casework.enterprises import queries as enterprises
from casework.files.upload import MAX_UPLOAD, Upload
from casework.files.views import serve
from casework.kernel.attempts import carry_out
from casework.kernel.db import transaction
from casework.kernel.forms import Form, row_id
from casework.kernel.masking import masked
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, go, needs, page, principal, takes_files
from casework.roster.queries import names
from casework.visits import forms, policy, queries, route, rules, service
from casework.visits.edge import hours, my_stop
from casework.visits.entries import file_of, files_of
from casework.visits.queries import Firm
from casework.visits.rules import Part

blueprint = Blueprint("visits", __name__, url_prefix="/visits")
REVEALED = "revealed_contact"


def words() -> dict[str, Any]:
    """What all pages of visits say things with."""
    return {"met": rules.MET, "ways": WAYS, "weekdays": rules.WEEKDAYS, "hours": hours, "masked": masked}


@blueprint.get("")
@needs(policy.READ)
def index() -> ResponseReturnValue:
    """My route of today: overdue first, then due today, then what is agreed for the week ahead."""
    actor, today = current_actor(), local_day(utcnow())
    day = route.day_of(actor, today)
    lines = [line for section in day.sections.values() for line in section.lines]
    return page(
        "visits/route.html",
        day=day,
        parts=Part,
        today=today,
        ops={line.key: secrets.token_urlsafe(16) for line in lines},
        form=Form(formdata=None),
        conditions=care_rules.CONDITIONS,
        kinds=care_rules.KINDS,
        **words(),
    )


@blueprint.get("/<int:key>")
@needs(policy.READ)
def stop(key: int) -> ResponseReturnValue:
    """A firm to which I go: whom to ask for, what was said last, and the form to log it."""
    return _stop(my_stop(key), forms.StopForm(formdata=None))


def _stop(firm: Firm, form: forms.StopForm) -> ResponseReturnValue:
    actor, today = current_actor(), local_day(utcnow())
    entries = enterprises.entries_of(firm.id)
    agreed = queries.appointments_of(firm.id)
    goer = queries.goer_of(firm, today)
    people = {entry.by_id for entry in entries} | {row.visitor_id for row in agreed} | {goer, firm.officer_id}
    assigns = can(actor, policy.ASSIGN, firm)
    return page(
        "visits/stop.html",
        firm=firm,
        form=form,
        goer=goer,
        entries=entries,
        files=files_of([entry.id for entry in entries]),
        numbers=route.case_numbers([entry.case_id for entry in entries if entry.case_id], actor),
        cases=route.open_cases([firm.id], actor).get(firm.id, []),
        contacts=enterprises.contacts_of_id(firm.id),
        agreed=agreed,
        names=names(key for key in people if key),
        revealed=session.pop(REVEALED, None) if REVEALED in session else None,
        team=route.team_day(actor, today).names if assigns else {},
        give=Form(formdata=None),
        today=today,
        may_plan=can(actor, policy.PLAN, firm),
        status=form.http_status,
        **words(),
    )


@blueprint.post("/<int:key>/log")
@needs(policy.LOG)
@takes_files(MAX_UPLOAD)
def log(key: int) -> ResponseReturnValue:
    """Write down how the visit went; from there on to a new case, where a difficulty was met."""
    firm, form = my_stop(key), forms.StopForm()
    upload = Upload(form.files.data)

    def work() -> str:
        service.log_stop(
            firm,
            way=form.way.data or "",
            met=form.met.data or "",
            text=form.text.data or "",
            files=upload.attach(),
            actor=current_actor(),
            now=utcnow(),
        )
        if "difficulty" in request.form and can(current_actor(), "case.submit"):
            return url_for("new_case.form", enterprise=firm.id, source="visit")
        return url_for(".index")

    if location := carry_out(form, work, principal=principal(), prepare=upload.take_in):
        if form.met.data == "moved":
            flash(gettext("Logged. Correct the address, or say that it is no longer in business."))
        else:
            flash(gettext("Logged: %(name)s.", name=firm.name))
        return redirect(location, 303)
    return _stop(firm, form)


@blueprint.post("/<int:key>/contacts/<int:contact_key>/reveal")
@needs(policy.LOG)
def reveal(key: int, contact_key: int) -> ResponseReturnValue:
    """Log the look at a full number, then show it once, to be dialled."""
    firm = my_stop(key)
    contact = enterprises.contact_at(firm.id, contact_key)
    with transaction():
        service.reveal(firm, contact, actor=current_actor(), now=utcnow())
    session[REVEALED] = contact_key
    return go(".stop", key=key, _anchor="contacts")


@blueprint.get("/<int:key>/files/<token>")
@needs(policy.READ)
def file(key: int, token: str) -> ResponseReturnValue:
    """A photo that was brought back from a visit, or its thumbnail with ``?small=1``."""
    firm = my_stop(key)
    return serve(file_of(firm.id, token), thumbnail=request.args.get("small") == "1")


@blueprint.post("/order")
@needs(policy.READ)
def order() -> ResponseReturnValue:
    """Let a stop go up or down on today's route."""
    key, up = request.form.get("key", "")[:20], request.form.get("to") != "down"
    with transaction():
        service.reorder(key, up, actor=current_actor(), now=utcnow())
    return go(".index", _anchor=f"s-{key}")


@blueprint.get("/team")
@needs(policy.ASSIGN)
def team() -> ResponseReturnValue:
    """The day of my teams: who has how many, and to whom one could be given."""
    actor, today = current_actor(), local_day(utcnow())
    return page(
        "visits/team.html", team=route.team_day(actor, today), today=today, form=Form(formdata=None), parts=Part
    )


@blueprint.post("/<int:key>/give")
@needs(policy.ASSIGN)
def give(key: int) -> ResponseReturnValue:
    """Let somebody else of the team go there today."""
    firm, form = my_stop(key), Form()
    chosen = row_id(request.form.get("user_id", "")) or 0

    def work() -> str:
        service.give_to(firm, chosen, actor=current_actor(), now=utcnow())
        return url_for(".team", _anchor=f"s-f{firm.id}")

    if location := carry_out(form, work, principal=principal()):
        flash(gettext("%(who)s goes there today.", who=names([chosen]).get(chosen, "")))
        return redirect(location, 303)
    actor, today = current_actor(), local_day(utcnow())
    found = route.team_day(actor, today)
    return page("visits/team.html", team=found, today=today, form=form, parts=Part, status=form.http_status)
