"""The tags of a case, put on and taken off its page."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from casework.cases import forms, queries, tags
from casework.cases.views import show_page
from casework.kernel.attempts import carry_out
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, principal

blueprint = Blueprint("case_tags", __name__, url_prefix="/cases/<number>/tags")


@blueprint.post("")
@needs(tags.TAG)
def add(number: str) -> ResponseReturnValue:
    """Put a tag on it."""
    actor, form = current_actor(), forms.TagForm()
    case = queries.visible_case(number, to=actor)

    def work() -> str:
        tags.add(case, form.word.data or "", actor=actor, now=utcnow())
        return url_for("cases.show", number=number, _anchor="tags")

    if location := carry_out(form, work, principal=principal()):
        return redirect(location, 303)
    return show_page(case, tag=form, status=form.http_status)


@blueprint.post("/remove")
@needs(tags.UNTAG)
def remove(number: str) -> ResponseReturnValue:
    """Take a tag off it."""
    actor, form = current_actor(), forms.TagForm()
    case = queries.visible_case(number, to=actor)

    def work() -> str:
        tags.remove(case, form.word.data or "", actor=actor, now=utcnow())
        return url_for("cases.show", number=number, _anchor="tags")

    if location := carry_out(form, work, principal=principal()):
        return redirect(location, 303)
    return show_page(case, tag=form, status=form.http_status)
