"""Anyone checks a document by its QR code: valid, expired or revoked, what a checkpoint needs, nothing personal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from werkzeug.utils import redirect
from wtforms import StringField
from wtforms.validators import Optional

from casework.files.models import Attachment
from casework.kernel import throttle
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, NotFound, TooMany
from casework.kernel.forms import Form
from casework.kernel.i18n import language
from casework.kernel.time import utcnow
from casework.kernel.web import page, public
from casework.processes import issuing
from casework.processes.models import IssuedDocument
from casework.processes.story import lasted
from casework.roster.queries import names as names_of

blueprint = Blueprint("verify", __name__)
GUESSES, WINDOW = 30, timedelta(minutes=15)
OTHERS: list[Callable[[str, datetime], ResponseReturnValue | None]] = []
"""Who else knows papers by a code, and answers for its own; higher packages add theirs in the wiring."""


class CodeForm(Form):
    """The code under the QR picture, for who cannot scan."""

    code = StringField(lazy_gettext(N_("Code on the document")), [Optional()])


@blueprint.route("/verify", methods=["GET", "POST"])
@public
def find() -> ResponseReturnValue:
    """Enter the code by hand."""
    form = CodeForm()
    if request.method == "POST" and form.validate():
        code = "".join(letter for letter in (form.code.data or "").upper() if letter.isascii() and letter.isalnum())
        if code:
            return redirect(url_for("verify.show", code=code[:40]), 303)
    return page("processes/verify_find.html", form=form, status=200)


@blueprint.get("/verify/<code>")
@public
def show(code: str) -> ResponseReturnValue:
    """What a document says, and whether it counts now."""
    now = utcnow()
    try:
        document = issuing.document_by(code)
    except NotFound:
        for known in OTHERS:
            if (answer := known(code, now)) is not None:
                return answer
        _slow_down(now)
        return page("processes/verify.html", document=None, status=404)
    standing = issuing.standing(document, now)
    left = max(int((document.valid_until - now).total_seconds() // 60), 0)
    return page(
        "processes/verify.html",
        document=document,
        standing=standing,
        title=document.title(language()),
        left=lasted(left),
        now=now,
        by=names_of({document.issued_by_id}).get(document.issued_by_id, ""),
        file=db.session.get(Attachment, document.pdf_id) if document.pdf_id else None,
        facts=facts_of(document, language()),
    )


def facts_of(document: IssuedDocument, locale: str) -> list[tuple[str, str, bool]]:
    """What anyone may verify: label, value, and whether it is a number plate, which is compared letter by letter."""
    english = locale == "en"
    return [
        (fact["en" if english else "zh"], fact["value_en" if english else "value"], fact["path"].endswith(".plate"))
        for fact in document.facts
    ]


def _slow_down(now: datetime) -> None:
    """Who guesses is slowed down.

    Raises:
        TooMany: thirty wrong codes in a quarter of an hour from one address.
    """
    with transaction():
        guesses = throttle.count(f"verify:{request.remote_addr}", window=WINDOW, now=now)
    if guesses > GUESSES:
        raise TooMany(int(WINDOW.total_seconds()))
