"""Work that waited in a browser without signal: it comes by script, and the answer is JSON that names its key.

Nothing of a view knows of it. ``carry_out`` says where a form led or why it was refused; what a page or an error page
would have said becomes ``{op, state, …}``. The browser lets go of its copy only when the state is ``done``.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Response, abort, g, jsonify, request, session
from flask_babel import gettext

from casework.kernel import once, problems
from casework.kernel.errors import N_

HEADER, WRITTEN = "X-Queued", "X-Queued-At"
OLDEST = timedelta(days=60)
AHEAD = timedelta(minutes=5)  # a phone's clock may be a little fast
CHUNK = 1024 * 1024
STATES = {200: "done", 401: "sign_in", 400: "retry", 429: "retry"}
NOT_YOURS = N_("It is no longer yours to write here: give the text to whoever has it now. It is kept on this device.")


def key() -> str | None:
    """The key of the waiting work that this request brings; None for a form sent as usual, and for programs."""
    return None if problems.are_wanted() else request.headers.get(HEADER, "")[:64] or None


def written_at(now: datetime) -> datetime | None:
    """When waiting work was written by the clock of its phone; None for a form sent as usual, or past belief."""
    if key() is None:
        return None
    try:
        moment = datetime.fromisoformat(request.headers.get(WRITTEN, ""))
    except ValueError:
        return None
    return moment if moment.tzinfo and now - OLDEST <= moment <= now + AHEAD else None


def fingerprint() -> str:
    """What was sent: SHA-256 over the address, the fields and the bytes of the files, without the CSRF token."""
    if "fingerprint" in g:
        return str(g.fingerprint)
    fields = sorted([name, value] for name, value in request.form.items(multi=True) if name != "csrf_token")
    sent = sorted((name, file.filename, _sha256(file.stream)) for name, file in request.files.items(multi=True))
    whole = json.dumps([request.path, fields, [one for one in sent if one[1]]], ensure_ascii=False)
    g.fingerprint = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()
    return str(g.fingerprint)


def _is_whole() -> bool:
    """Whether the files are those that the browser had, byte for byte; one that cannot count them says nothing."""
    named = request.headers.get("X-Queued-Files")
    return named is None or named.split() == [_sha256(file.stream) for file in _files()]


def _files() -> list[Any]:
    return [file for _, file in request.files.items(multi=True) if file.filename]


def _sha256(stream: Any) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    stream.seek(0)
    return digest.hexdigest()


def led_to(op: str | None, location: str) -> None:
    """Remember for the answer that the form with this key took effect, now or before."""
    g.led_to = (op, location)


def refused(form: Any) -> None:
    """Remember for the answer which form has to be mended."""
    g.refused_form = form


def install(app: Flask) -> None:
    """Answer waiting work in JSON, whatever the view or the error page says."""
    app.before_request(_answered_before)
    app.after_request(_in_json)


def _answered_before() -> Response | None:
    """What took effect before is answered so, be it lawful now or not: the answer was lost, not the work."""
    op = key()
    if op is None or request.method != "POST" or g.get("actor") is None:
        return None
    g.flashed = list(session.get("_flashes", ()))
    if request.form.get("op") != op or not _is_whole():
        abort(400)
    if (earlier := once.earlier_answer(f"u{g.actor.user_id}", op, fingerprint())) is None:
        return None
    led_to(op, earlier)
    return Response(status=303)


def _in_json(response: Response) -> Response:
    op = key()
    if op is None or request.method != "POST":
        return response
    done_op, location = g.get("led_to", (None, ""))
    done = response.status_code == 303 and done_op == op
    status = 200 if done else response.status_code if response.status_code >= 400 else 422
    said: dict[str, Any] = {"op": op, "state": STATES.get(status, "refused" if status < 500 else "retry")}
    said |= {"location": location} if done else {"reasons": _reasons(status)}
    if done and request.headers.get("X-Queued-Seen") is None:
        _say_nothing_later()
    response.status_code = status
    response.headers.pop("Location", None)
    response.set_data(jsonify(said).get_data())
    response.content_type = "application/json"
    return response


def _say_nothing_later() -> None:
    """Who has gone on to other pages is not told there of each thing that arrived."""
    if "_flashes" in session:
        session["_flashes"] = g.get("flashed", [])


def _reasons(status: int) -> list[dict[str, str]]:
    form = g.get("refused_form")
    if form is None:
        text = gettext(NOT_YOURS) if status in (403, 404) else g.get("error_text", "")
        return [{"text": text, "field": ""}] if text else []
    found = [{"text": str(reason), "field": ""} for reason in form.reasons]
    return found + [{"text": str(error), "field": field.name} for field in form for error in field.errors]
