"""The pages and files of a phone without signal. None of them reads anything of a case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf

from casework.kernel import i18n
from casework.kernel.web import page, public, signed_in, static_url
from casework.negotiations.words import STANCES, WAYS

blueprint = Blueprint("offline", __name__)
WORKER_CSP = "default-src 'none'; script-src 'self'; connect-src 'self'"
ICONS = (("img/icon-192.png", "192x192"), ("img/icon-512.png", "512x512"))


@blueprint.get("/sw.js")
@public
def worker() -> ResponseReturnValue:
    """The service worker: it stands at the root, as it may only serve what lies below it."""
    script = Path(str(current_app.static_folder)) / "js" / "sw.js"
    response = make_response(script.read_text(encoding="utf-8"))
    response.content_type = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Security-Policy"] = WORKER_CSP
    return response


@blueprint.get("/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """What the home screen of a phone shows."""
    icons: list[dict[str, Any]] = [
        {"src": static_url(path), "sizes": size, "type": "image/png", "purpose": "any"} for path, size in ICONS
    ]
    response = jsonify(
        name=gettext("Resumption casework"),
        short_name=gettext("Casework"),
        lang=i18n.language(),
        start_url="/",
        scope="/",
        display="standalone",
        background_color="#ffffff",
        theme_color="#0b5a63",
        icons=icons,
        shortcuts=[{"name": gettext("Log a visit"), "url": "/visit"}],
    )
    response.content_type = "application/manifest+json"
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/offline")
@public
def shell() -> ResponseReturnValue:
    """The page that opens without signal: a visit and a note, and what waits. The same for everybody."""
    asked = request.args.get("lang", "")
    g.actor, g.theme = None, ""
    i18n.speak(asked if asked in i18n.LANGUAGES else i18n.DEFAULT)
    return page("offline/shell.html", ways=WAYS, stances=STANCES)


@blueprint.get("/offline/token")
@public
def token() -> ResponseReturnValue:
    """Who is signed in here now, and the token to send their work with; nobody else's is sent with it."""
    if g.actor is None:
        return jsonify(user=None)
    return jsonify(user=str(g.actor.user_id), token=generate_csrf())


@blueprint.get("/unsent")
@signed_in
def unsent() -> ResponseReturnValue:
    """What waits on this device to be sent, listed by the device itself."""
    response: Response = page("offline/unsent.html")
    return response
