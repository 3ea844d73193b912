"""Who is asking, and may they: before every view, in this order. Sign-in, other sites, CSRF, declared access."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect

from casework.accounts import machines, queries, rules, service
from casework.accounts.forms import KEPT_LIMIT, SignInForm
from casework.accounts.policy import APART
from casework.audit.service import Origin, origin
from casework.kernel import problems
from casework.kernel.db import transaction
from casework.kernel.errors import Conflict, NotPermitted, Unavailable
from casework.kernel.permissions import Actor, can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import PUBLIC, SIGNED_IN, cross_site

ActorFor = Callable[[int, date], Actor | None]
SAFE = ("GET", "HEAD", "OPTIONS")
ANONYMOUS = frozenset(("static", "healthz", "readyz"))
DROPPED = frozenset(("csrf_token", "password", "current", "repeat"))
KEY = "accounts"
CHANGING = frozenset(("accounts.me", "accounts.change_password", "accounts.sign_out"))
"""All that an account with a first password opens, until the password is changed."""


def install(app: Flask, csrf: CSRFProtect, actor_for: ActorFor, demo: Callable[[], list[tuple[str, str]]]) -> None:
    """Stand before every view. ``actor_for`` and ``demo`` are the roster's, which lies above this package."""
    app.extensions[KEY] = {"actor_for": actor_for, "demo": demo}

    @app.before_request
    def _before() -> ResponseReturnValue | None:
        return _admit(csrf)

    @app.teardown_request
    def _after(_error: BaseException | None) -> None:
        origin.set(Origin())


def actor_for(user_id: int, day: date) -> Actor | None:
    """The roster's answer: the person with the duties of the day."""
    found: Actor | None = current_app.extensions[KEY]["actor_for"](user_id, day)
    return found


def is_admin(actor: Actor) -> bool:
    """One of the three administrators, whose sessions are short."""
    return actor.has(*APART)


def _admit(csrf: CSRFProtect) -> ResponseReturnValue | None:
    origin.set(Origin("web", g.request_id))
    g.actor, g.theme, g.session_id = None, "", None
    g.must_change = False
    if request.endpoint in ANONYMOUS:
        return None
    access = getattr(current_app.view_functions.get(request.endpoint or ""), "access", None)
    if problems.are_wanted():  # no cookie counts there, so that no other site can make a browser act
        _admit_program(access)
        return None
    _load_session(utcnow())
    if request.endpoint is None:
        return None  # an unknown address, or a known one with a method it does not take: answered as such
    if request.method not in SAFE and cross_site():
        abort(400)
    if access != PUBLIC and g.actor is None:
        return _sign_in_first()
    if request.method not in SAFE:
        csrf.protect()
    return _allow(access)


def _admit_program(access: object) -> None:
    machines.speak()
    if request.endpoint is None or access == PUBLIC:
        return
    g.actor = machines.owner(actor_for, utcnow(), "read" if request.method in SAFE else "write")
    origin.set(Origin("api", g.request_id))
    if access != SIGNED_IN and not can(g.actor, str(access)):
        raise NotPermitted(str(access))


def _allow(access: object) -> ResponseReturnValue | None:
    """Whoever was given a first password changes it before anything else; then the declared access counts."""
    if g.must_change and access != PUBLIC and request.endpoint not in CHANGING:
        return redirect(url_for("accounts.me", _anchor="own-password"), 303)
    if access not in (PUBLIC, SIGNED_IN) and not can(g.actor, str(access)):
        raise NotPermitted(str(access))
    return None


def _load_session(now: datetime) -> None:
    token = session.get("sid")
    if not isinstance(token, str) or not (found := queries.signed(token, now=now)):
        return
    actor = actor_for(found.user_id, local_day(now))
    if actor is None or not rules.is_alive(
        created=found.created_at, seen=found.seen_at, now=now, admin=is_admin(actor)
    ):
        return
    g.actor, g.theme, g.session_id, g.must_change = actor, found.theme, found.session_id, found.must_change
    if now - found.seen_at >= rules.SEEN_EVERY:
        _note_seen(found.session_id, now)


def _note_seen(session_id: int, now: datetime) -> None:
    try:
        with transaction():
            service.seen(session_id, now=now)
    except (Conflict, Unavailable):  # being busy must not keep anybody from reading
        return


def _sign_in_first() -> ResponseReturnValue:
    here = request.full_path.rstrip("?")
    fragment = request.headers.get("HX-Request") == "true"
    if request.method in SAFE:
        address = url_for("accounts.sign_in", next=here)
        return ("", 200, {"HX-Redirect": address}) if fragment else redirect(address, 303)
    form = SignInForm(formdata=None, resume=here, kept=kept_fields())
    response = sign_in_page(form, 401, ended=True)
    if fragment:
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "body", "outerHTML"
    return response


def kept_fields() -> str:
    """What the interrupted form held, as JSON pairs; "" when there is nothing or too much."""
    pairs = [(name, value) for name, value in request.form.items(multi=True) if name not in DROPPED]
    if any(file.filename for file in request.files.values()):
        pairs.append(("_files", "1"))
    text = json.dumps(pairs, ensure_ascii=False)
    return text if pairs and len(text) <= KEPT_LIMIT else ""


def resumed_fields(text: str) -> list[tuple[str, str]]:
    """The pairs of ``kept_fields``, or none when they are not ours to read."""
    try:
        pairs = json.loads(text) if len(text) <= KEPT_LIMIT else []
        return [(str(name), str(value)) for name, value in pairs if str(name) not in DROPPED]
    except (ValueError, TypeError):
        return []


def sign_in_page(form: SignInForm, status: int = 200, *, ended: bool = False) -> Response:
    """The sign-in page; ``ended`` when it stands in for a page whose session is over."""
    settings = current_app.config["SETTINGS"]
    context: dict[str, Any] = {"form": form, "ended": ended, "demo_users": None, "demo_password": ""}
    if settings.demo_password and not settings.production:
        context["demo_users"] = current_app.extensions[KEY]["demo"]()
        context["demo_password"] = settings.demo_password
    return make_response(render_template("sign_in.html", **context), status)
