"""A new case in one screen: typed, or read from a pasted message; likely repeats are shown before it is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.areas import queries as areas
from casework.areas.models import Area
from casework.cases import editing, service
from casework.cases.forms import CaseForm
from casework.cases.views import attach_evidence
from casework.enterprises import queries as enterprises
from casework.enterprises.models import Enterprise
from casework.files.upload import MAX_UPLOAD, Upload
from casework.intake import reading, repeats
from casework.intake.forms import MessageForm
from casework.intake.repeats import CERTAIN, WHY, Repeat, Told
from casework.kernel import once
from casework.kernel.db import db, transaction
from casework.kernel.errors import Conflict, Refused
from casework.kernel.forms import row_id
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page, takes_files

blueprint = Blueprint("new_case", __name__)
FIRMS = 8


def _page(form: CaseForm, *, status: int = 200, **more: Any) -> ResponseReturnValue:
    shown: dict[str, Any] = {"found": None, "repeats": (), "message": MessageForm(formdata=None), **more}
    return page("cases/new.html", form=form, why=WHY, status=status, **shown)


@blueprint.get("/cases/new")
@needs("case.submit")
def form() -> ResponseReturnValue:
    """The form of a new case."""
    return _page(editing.new_form(current_actor(), request.args))


@blueprint.post("/cases/new")
@needs("case.submit")
@takes_files(MAX_UPLOAD)
def submit() -> ResponseReturnValue:
    """Report a difficulty; a second click leads to the case that the first one made."""
    actor = current_actor()
    form = editing.new_form(actor, {})
    who = f"u{actor.user_id}"
    if earlier := once.earlier_answer(who, form.op.data):
        return redirect(earlier, 303)
    if form.validate():
        if "seen" not in request.form and (same := [one for one in _repeats(form) if one.alike.score >= CERTAIN]):
            return _page(form, status=422, repeats=same, asked=True)
        try:
            return _made(form)
        except Refused as refusal:
            form.refuse(refusal.reasons)
        except Conflict:
            if earlier := once.earlier_answer(who, form.op.data):
                return redirect(earlier, 303)
            raise
    return _page(form, status=422)


def _made(form: CaseForm) -> ResponseReturnValue:
    actor = current_actor()
    upload = Upload(form.files.data)
    upload.take_in()
    draft = editing.draft_of(form, actor)
    with transaction():
        case = service.submit(draft=draft, actor=actor, now=utcnow())
        attach_evidence(case, upload, "")
        location = url_for("cases.show", number=case.number)
        once.remember(f"u{actor.user_id}", form.op.data, location, now=utcnow())
        said = gettext("Reported as %(number)s.", number=case.number)
    flash(said)
    return redirect(location, 303)


@blueprint.post("/cases/new/message")
@needs("case.submit")
@takes_files(MAX_UPLOAD)
def message() -> ResponseReturnValue:
    """The form filled in from a pasted message, where it is still empty; nothing is kept yet."""
    pasted = MessageForm()
    is_empty = not (pasted.message.data or "").strip()
    form = editing.new_form(current_actor(), {})
    if not pasted.validate() or is_empty:
        return _page(form, status=422, message=pasted, empty=is_empty)
    found = reading.read_into(form, pasted.message.data or "", current_actor())
    return _page(form, found=found, repeats=_repeats(form))


@blueprint.post("/cases/new/like")
@needs("case.submit")
def like() -> ResponseReturnValue:
    """What was reported before, while it is typed."""
    return page("intake/_like.html", repeats=_repeats(editing.new_form(current_actor(), {})), why=WHY)


@blueprint.get("/cases/new/firms")
@needs("case.submit")
def firms() -> ResponseReturnValue:
    """What the box of the enterprise offers while it is typed: firms one may know of, by name, pinyin or initials."""
    text = request.args.get("requester", "")[:60]
    visible = enterprises.visible_to(current_actor())
    ids = enterprises.beginning_with(text, visible.whereclause, Enterprise.active.is_(True), most=FIRMS)
    found = {firm.id: firm for firm in db.session.scalars(visible.where(Enterprise.id.in_(ids)))}
    places = enterprises.areas_by_id({firm.area_id for firm in found.values()})
    listed = [(found[key].name, places[found[key].area_id].name) for key in ids if key in found]
    return page("intake/_firms.html", firms=listed, typed=text)


def _repeats(form: CaseForm) -> Sequence[Repeat]:
    text, title = form.text.data or "", form.title.data or ""
    if len(f"{title}{text}".strip()) < 6:
        return ()
    actor = current_actor()
    area = db.session.get(Area, row_id(form.area_id.data or "") or 0)
    firm = editing.enterprise_named(form.requester.data or "", actor)
    district_id = area.own_district_id if area else areas.district_served(actor)
    told = Told(
        title=title,
        text=text,
        district_id=district_id,
        community_id=(area.community_id or (area.id if area.level == "community" else None)) if area else None,
        type_id=row_id(form.type_id.data or ""),
        enterprise_id=firm.id if firm else None,
        requester=form.requester.data or "",
        phone=form.contact_phone.data or "",
    )
    return repeats.of_told(told, actor, utcnow())
