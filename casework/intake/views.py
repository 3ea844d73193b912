"""The portal: one question a page, kept on the way, checked before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.cases.forms import options
from casework.cases.models import Case
from casework.clocks import queries as clocks
from casework.enterprises.models import Enterprise
from casework.files.upload import PUBLIC_UPLOAD, Upload
from casework.intake import forms, queries, rules, service
from casework.intake.models import PortalReport
from casework.kernel.db import db, transaction
from casework.kernel.errors import NotFound, Refused, TooMany
from casework.kernel.forms import Form, row_id
from casework.kernel.i18n import language
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import page, public, site_address, takes_files
from casework.processes import queries as processes
from casework.processes import running, track
from casework.processes.track_views import KEY as TRACK_KEY
from casework.roster import duty
from casework.roster.models import Unit
from casework.roster.queries import names

blueprint = Blueprint("portal", __name__, url_prefix="/help-desk")
TOKEN, SENT = "report", "reported"
FORMS: Mapping[str, type[Form]] = {
    "what": forms.WhatForm,
    "kind": forms.KindForm,
    "firm": forms.FirmForm,
    "place": forms.PlaceForm,
    "contact": forms.ContactForm,
    "check": Form,
}
NEW_FIRM = "new"


@blueprint.get("")
@public
def start() -> ResponseReturnValue:
    """What this is, who reads it, who answers now; one button."""
    area = queries.posted(request.args.get("at", "")[:20])
    now = utcnow()
    around = area.area_ids if area else {one.id for one in queries.districts()}
    return page(
        "intake/start.html",
        form=Form(formdata=None),
        area=area,
        report=_report(),
        offered=processes.offered(_reach(around), local_day(now)),
        locale=language(),
        on_duty=duty.on_duty(around, now)[:3] if around else [],
        now=now,
    )


@blueprint.get("/privacy")
@public
def privacy() -> ResponseReturnValue:
    """Who reads what is written here, what for and for how long."""
    return page("intake/privacy.html")


@blueprint.post("/begin")
@public
def begin() -> ResponseReturnValue:
    """Begin anew, at the place of the poster if there is one."""
    area = queries.posted(request.form.get("at", "")[:20])
    answers: dict[str, Any] = {"area_id": area.id, "posted": True} if area else {}
    answers |= _asked_for(request.form.get("template", "")[:30])
    with transaction():
        service.count_begun(request.remote_addr or "", now=utcnow())
    with transaction():
        session[TOKEN] = service.begin(answers, now=utcnow())
    session.pop(SENT, None)
    return redirect(url_for("portal.step", step=rules.first_open(answers)), 303)


def _reach(around: Iterable[int]) -> set[int]:
    """Areas whose templates are offered: the place of the poster and what it lies in, else the districts and cities."""
    areas = [queries.place(key) for key in around]
    return {key for area in areas if area is not None for key in area.area_ids}


def _asked_for(code: str) -> dict[str, Any]:
    """What is filled in for somebody who asks for a procedure that the portal offers: its type, and what it is."""
    template = processes.offered_one(code, local_day(utcnow())) if code else None
    active = [kind.code for kind in queries.types()]
    kind = next((one for one in template.serves if one in active), "") if template else ""
    if template is None or not kind:
        return {}
    said = gettext("We apply for “%(name)s”.", name=template.label(language()))
    return {"template": template.code, "kind": kind, "text": said}


def _report() -> PortalReport | None:
    token = session.get(TOKEN)
    found = queries.report_of(token) if isinstance(token, str) else None
    return found if found and found.case_id is None else None


@blueprint.route("/report/<step>", methods=["GET", "POST"])
@public
@takes_files(PUBLIC_UPLOAD)
def step(step: str) -> ResponseReturnValue:
    """One question; what was answered is kept, and the next open one follows."""
    if step not in FORMS:
        raise NotFound("step")
    report = _report()
    if report is None:
        return redirect(url_for("portal.sent" if SENT in session or _arrived() else "portal.start"), 303)
    form = FORMS[step]()
    if request.method == "POST":
        if step == "check":
            return _send(report, form)
        if location := _kept(report, step, form):
            return redirect(location, 303)
    return _page(report, step, form)


def _kept(report: PortalReport, step: str, form: Any) -> str | None:
    """Keep the answer whatever it is worth; where to go on, or None when this page has to be shown again."""
    form.http_status = 422
    if not form.validate():
        return None
    if step == "contact" and form.website.data:  # a machine: it is told what everybody is told
        session.pop(TOKEN, None)
        return url_for("portal.sent")
    try:
        upload = Upload(form.files.data if step == "what" else None, most=service.MOST_FILES)
        upload.take_in()
        with transaction():
            service.fill_in(report, ANSWERS[step](form, report.answers), now=utcnow())
            service.add_files(report, upload.sealed, now=utcnow())
        reasons = rules.faults(step, report.answers)
    except Refused as refusal:
        reasons = list(refusal.reasons)
    form.refuse(reasons)
    if reasons or _asks_back(report, step, form):
        return None
    return url_for("portal.step", step=rules.first_open(report.answers))


def _what(form: Any, answers: Mapping[str, Any]) -> dict[str, Any]:
    dropped = {row_id(one) for one in form.drop.data or ()}
    return {"text": form.text.data or "", "files": [one for one in answers.get("files", ()) if one[0] not in dropped]}


def _firm(form: Any, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The firm that was chosen, or the only one of exactly this name; its place comes with it."""
    text = form.firm.data or ""
    found = {firm.id: firm for firm in queries.firms_like(text)}
    chosen = row_id(form.firm_id.data or "")
    exact = [firm.id for firm in found.values() if firm.name == text]
    firm_id = chosen if chosen in found else exact[0] if len(exact) == 1 and form.firm_id.data != NEW_FIRM else None
    said: dict[str, Any] = {"firm": text, "firm_id": firm_id, "is_new": form.firm_id.data == NEW_FIRM}
    if firm_id is None:
        return said
    firm = db.session.get_one(Enterprise, firm_id)
    said["firm"] = firm.name
    return said if answers.get("posted") else {**said, "area_id": firm.area_id, "address": firm.address}


def _place(form: Any, answers: Mapping[str, Any]) -> dict[str, Any]:
    text, chosen = form.address.data or "", queries.place(row_id(form.area_id.data or "") or 0)
    if chosen is None:
        found = queries.places_in(text)
        return {"address": text, "area_id": found[0].id if len(found) == 1 else None, "posted": False}
    return {"address": text, "area_id": chosen.id, "posted": False}


ANSWERS: Mapping[str, Callable[[Any, Mapping[str, Any]], dict[str, Any]]] = {
    "what": _what,
    "kind": lambda form, _: {"kind": form.kind.data or ""},
    "firm": _firm,
    "place": _place,
    "contact": lambda form, _: {"name": form.name.data or "", "phone": form.phone.data or ""},
}


def _asks_back(report: PortalReport, step: str, form: Any) -> bool:
    """Whether the page asks once more: which of several firms is meant."""
    answers = report.answers
    return bool(
        step == "firm"
        and not answers.get("firm_id")
        and not answers.get("is_new")
        and not form.asked.data
        and queries.firms_like(answers["firm"])
    )


def _page(report: PortalReport, step: str, form: Any) -> ResponseReturnValue:
    answers, chosen = report.answers, language()
    types = {kind.code: kind for kind in queries.types()}
    if request.method == "GET":
        for name in ("text", "kind", "firm", "address", "name", "phone"):
            if name in form._fields:
                form._fields[name].data = answers.get(name, "")
    more: dict[str, Any] = {"firms": [], "letters": False}
    if step == "kind":
        more["suggested"] = found = queries.suggested(answers.get("text", ""))
        form.kind.data = form.kind.data or (found[0] if found else None)
        order = [*found, *(code for code in types if code not in found)]
        more["kinds"] = [(code, types[code].label(chosen), _hint(types[code], chosen)) for code in order]
    if step == "firm" and request.method == "POST":
        more["firms"] = queries.firms_like(answers.get("firm", ""))
        more["letters"] = str(answers.get("firm", "")).isascii()  # typed in pinyin: no firm is called so
    if step == "place":
        more["offered"] = _offer_places(form, answers)
    if step == "check":
        more["kind"] = types[answers["kind"]].label(chosen) if answers.get("kind") in types else ""
        more["place"] = queries.place(answers.get("area_id") or 0)
        more["missing"] = rules.first_open(answers)
        asked = processes.offered_one(answers.get("template") or "", local_day(utcnow()))
        more["asked"] = asked.label(chosen) if asked else ""
        more["served"] = bool(asked and more["place"] and asked.area_id in more["place"].area_ids)
    number = rules.STEPS.index(step) + 1 if step in rules.STEPS else len(rules.STEPS)
    context = {"report": report, "answers": answers, "form": form, "step": step, "number": number, "steps": rules.STEPS}
    return page(f"intake/{step}.html", status=form.http_status, **context, **more)


def _hint(kind: Any, chosen: str) -> str:
    return str(kind.hint_en if chosen == "en" else kind.hint_zh)


def _offer_places(form: Any, answers: Mapping[str, Any]) -> bool:
    """What the list of places offers: what the address names, else everything; whether the address was read."""
    found = queries.places_in(answers.get("address") or "")
    spots = found or queries.spots()
    form.area_id.choices = options([("", "—"), *((str(spot.id), spot.path) for spot in spots[:1500])])
    form.area_id.data = form.area_id.data or str(answers.get("area_id") or "")
    return bool(found)


def _send(report: PortalReport, form: Form) -> ResponseReturnValue:
    address, phone = request.remote_addr or "", rules.phone_of(str(report.answers.get("phone", "")))
    form.http_status = 422
    if not form.validate():
        return _page(report, "check", form)
    if (missing := rules.first_open(report.answers)) != "check":
        return redirect(url_for("portal.step", step=missing), 303)
    if "another" not in request.form and (known := queries.told_before(report.answers, utcnow())):
        mine = session.get(SENT) == known.code or (session.get(TRACK_KEY) or [""])[0] == known.code
        return page("intake/again.html", form=form, when=known.submitted_at, code=known.code if mine else "")
    try:
        with transaction():
            trusted = service.count_report(phone, address, now=utcnow())
    except TooMany as limit:
        return page("intake/too_many.html", status=429, minutes=limit.retry_after // 60)
    try:
        with transaction():
            sent = service.send(report, trusted=trusted, now=utcnow())
            code = sent.case.code
    except Refused as refusal:
        form.refuse(refusal.reasons)
        return _page(report, "check", form)
    _open_as_sent(code)
    return redirect(url_for("portal.sent"), 303)


def _open_as_sent(code: str) -> None:
    session[SENT] = code
    session[TRACK_KEY] = [code, (utcnow() + track.OPEN_FOR).isoformat()]
    session.pop(TOKEN, None)


def _arrived() -> bool:
    """Whether the report of this browser became a case and only the answer was lost: then it learns the code now."""
    token = session.get(TOKEN)
    found = queries.report_of(token) if isinstance(token, str) else None
    case = db.session.get(Case, found.case_id) if found and found.case_id else None
    if case is not None:
        _open_as_sent(case.code)
    return case is not None


@blueprint.get("/sent")
@public
def sent() -> ResponseReturnValue:
    """The code, a text to keep, and what comes next and by when."""
    case = track.by_code(session.get(SENT) or "-")
    due: datetime | None = None
    unit, lead = None, ""
    if case is not None:
        due = min((one.due_at for one in clocks.open_deadlines(case.id) if one.due_at), default=None)
        unit = db.session.get(Unit, case.unit_id) if case.unit_id else None
        lead = names([case.lead_id]).get(case.lead_id, "") if case.lead_id else ""
    link = f"{site_address()}{url_for('track.show', code=case.code)}" if case else ""
    first = running.first_step(case.id) if case else None
    return page("intake/sent.html", case=case, due=due, unit=unit, lead=lead, link=link, spaced=_spaced, first=first)


def _spaced(code: str) -> str:
    """A code in groups of four, as it is read aloud."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


@blueprint.get("/firms")
@public
def firms() -> ResponseReturnValue:
    """What the box offers while the name of a firm is typed."""
    with transaction():
        service.count_look(request.remote_addr or "", now=utcnow())
    text = request.args.get("firm", "")[:60]
    return page("intake/_firms.html", firms=[(firm.name, firm.place) for firm in queries.firms_like(text)], typed=text)
