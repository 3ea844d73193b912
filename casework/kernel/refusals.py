"""Error pages: what happened, was anything saved, what next. One handler for all of them, whole page or fragment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, Response, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from casework.kernel import problems
from casework.kernel.db import db
from casework.kernel.errors import N_, CaseworkError, Reason, Refused, TooMany, Unfit

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Words:
    """What an error page says."""

    title: str
    text: str
    saved: str = N_("Nothing was saved.")


WORDS: dict[int, Words] = {
    400: Words(N_("That request could not be read"), N_("Go back, reload the page and send it again.")),
    401: Words(N_("Sign in first"), N_("Your session has ended: sign in and go on.")),
    403: Words(N_("This is not yours to do"), N_("Ask whoever leads the case or your unit.")),
    404: Words(
        N_("Nothing here"),
        N_("The address is mistyped, or it lies outside your area."),
        N_("Nothing was changed."),
    ),
    405: Words(N_("This address does not take that"), N_("Go back and use the buttons of the page.")),
    409: Words(
        N_("Somebody changed this meanwhile"),
        N_("Reload the page, look at the present state and send it again."),
    ),
    410: Words(
        N_("The file no longer matches its seal"),
        N_("It was altered or lost in storage: tell the administrator."),
        N_("Nothing was changed."),
    ),
    413: Words(N_("That is too large"), N_("Send files of at most 20 MB, and at most ten at once.")),
    422: Words(N_("That cannot be done now"), N_("Mend what is named and send it again.")),
    429: Words(N_("Too many tries"), N_("Wait a little and try again.")),
    500: Words(
        N_("Something broke on our side"),
        N_("Try again; if it stays, give the administrator the number below."),
    ),
    503: Words(N_("Busy or under maintenance"), N_("Wait a moment and send it again.")),
}
_SECRET = {"csrf_token", "password", "op", "version", "current", "repeat"}


def install(app: Flask) -> None:
    """Answer every error with one page."""
    app.register_error_handler(CaseworkError, _ours)
    app.register_error_handler(CSRFError, lambda error: answer(400))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database_gone)
    app.register_error_handler(Exception, _unexpected)


def _ours(error: Exception) -> ResponseReturnValue:
    if not isinstance(error, CaseworkError):
        raise error
    db.session.rollback()
    reasons = error.reasons if isinstance(error, Refused) else []
    response = answer(error.status, reasons, kind=error.kind if isinstance(error, Unfit) else "")
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _http(error: Exception) -> ResponseReturnValue:
    if not isinstance(error, HTTPException):
        raise error
    if error.code is None or error.code < 400:
        return error
    known = problems.WORDS if problems.are_wanted() else WORDS
    response = answer(error.code if error.code in known else 400 if error.code < 500 else 500)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            response.headers[name] = value
    return response


def _database_gone(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    log.warning("database unavailable", request_id=g.get("request_id"), error=str(error)[:200])
    response = answer(503)
    response.headers["Retry-After"] = "2"
    return response


def _unexpected(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    log.error("unexpected", request_id=g.get("request_id"), path=request.path, exc_info=error)
    return answer(500)


def answer(status: int, reasons: Sequence[Reason] = (), *, kind: str = "") -> Response:
    """The page of a status; what was typed is kept on it. Programs get a problem document."""
    if problems.are_wanted():
        return problems.answer(status, reasons, kind)
    words = WORDS[status]
    text = g.error_text = " ".join(str(reason) for reason in reasons) or gettext(words.text)
    context: dict[str, Any] = {
        "status": status,
        "title": gettext(words.title),
        "text": text,
        "saved": gettext(words.saved),
        "next_href": "/",
        "next_label": gettext("To my desk"),
        "request_id": g.get("request_id", "-"),
        "kept": kept(),
    }
    fragment = request.headers.get("HX-Request") == "true"
    return make_response(render_template("errors/_error.html" if fragment else "errors/error.html", **context), status)


def kept() -> dict[str, str] | None:
    """What the person had typed, so that it survives the refusal."""
    if request.method != "POST":
        return None
    try:
        fields = {name: value for name, value in request.form.items() if name not in _SECRET and value.strip()}
    except HTTPException:  # the body itself could not be read
        return None
    return fields or None
