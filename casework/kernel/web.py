"""What every page has: access declared on the view, headers, an id for the request, the frame, the error pages.

A view says who may open it with one of ``public``, ``signed_in`` or ``needs(permission)``; an application with a
view that says nothing does not start.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    g,
    make_response,
    message_flashed,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.routing import IntegerConverter, Map

from casework.kernel import i18n
from casework.kernel.i18n import language
from casework.kernel.permissions import Actor, can

View = TypeVar("View", bound=Callable[..., Any])
TABS = 4  # with "more" five fit at the thumb
PUBLIC = "public"
SIGNED_IN = "signed_in"
SHELL = ("css/casework.css", "css/tokens.css", "js/app.js", "js/queue.js", "js/queue-store.js", "js/unsent.js")
UNREAD = 3  # messages that wait for the next page

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; object-src 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
}


@dataclass(frozen=True, slots=True)
class NavItem:
    """A line of the main navigation; shown to those with the permission, in groups divided by a rule."""

    label: str
    href: str
    icon: str
    group: int = 0
    permission: str | None = None
    tab: bool = False
    count: Callable[[Actor], int] | None = None
    """What waits there, in one cheap query a page."""


@dataclass(frozen=True, slots=True)
class NavLink:
    """A line of the navigation as it is drawn on this page."""

    label: str
    href: str
    icon: str
    group: int
    current: bool
    count: int | None = None


NAV: list[NavItem] = []
PANELS: dict[str, list[Callable[..., Any]]] = {"case": [], "cases": [], "views": [], "enterprise": [], "person": []}


def public(view: View) -> View:
    """Open to anyone, signed in or not."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Open to any signed-in person; what they see there is scoped by the queries."""
    view.access = SIGNED_IN  # type: ignore[attr-defined]
    return view


def needs(permission: str) -> Callable[[View], View]:
    """Open to those who hold the permission for some subject; the service checks the subject."""

    def mark(view: View) -> View:
        view.access = permission  # type: ignore[attr-defined]
        return view

    return mark


def takes_files(limit: int) -> Callable[[View], View]:
    """Let a view receive up to so many bytes; all others stay at the small limit of the configuration."""

    def mark(view: View) -> View:
        view.max_content_length = limit  # type: ignore[attr-defined]
        return view

    return mark


def refuse_undeclared(app: Flask) -> None:
    """Deny by default: a view without declared access keeps the application from starting."""
    bare = [name for name, view in app.view_functions.items() if not hasattr(view, "access") and name != "static"]
    if bare:
        raise RuntimeError(f"views without declared access: {', '.join(sorted(bare))}")


def current_actor() -> Actor:
    """The signed-in person of this request; the access check has made sure of it."""
    actor = g.get("actor")
    if actor is None:
        abort(401)
    return actor  # type: ignore[no-any-return]


def principal() -> str:
    """Whose second clicks are recognised."""
    return f"u{current_actor().user_id}"


def site_address() -> str:
    """Where the product is reached: in production and in jobs from the setting, never from what a request says."""
    base = current_app.config["BASE_URL"] if current_app.config["PRODUCTION"] or not request else request.host_url
    return str(base).rstrip("/")


def safe_next(target: str | None) -> str:
    """A path on this site to go on to, or home: one ``/`` first, no ``//``, no backslash, no control character."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    if any(ord(character) < 32 or character == "\\" for character in target):
        return "/"
    return target


def page(template: str, *, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """The whole page, or its fragment when htmx asks for it."""
    partial = fragment is not None and request.headers.get("HX-Request") == "true"
    response = make_response(render_template(fragment if partial and fragment else template, **context), status)
    if fragment is not None:
        response.headers["Vary"] = "HX-Request"
    return response


def cross_site() -> bool:
    """Whether another site sent this request, by what the browser says of it."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return bool(origin) and origin != request.host_url.rstrip("/")


def go(endpoint: str, **values: Any) -> ResponseReturnValue:
    """See other: the answer to a POST that took effect."""
    return redirect(url_for(endpoint, **values), 303)


class RowId(IntegerConverter):
    """The id of a row in an address: what no database can hold names nothing."""

    def __init__(self, map: Map, fixed_digits: int = 0, **limits: Any) -> None:  # noqa: A002 - the library's name
        super().__init__(map, fixed_digits, **{"max": 2**53, **limits})


def install(app: Flask) -> None:
    """Headers, request ids and the frame of every page."""
    app.url_map.converters["int"] = RowId
    app.before_request(_begin)
    app.after_request(_finish)
    app.context_processor(_frame)
    message_flashed.connect(_keep_the_newest, app)
    app.teardown_request(lambda _error: i18n.forget())


def _begin() -> None:
    i18n.forget()
    g.request_id = secrets.token_hex(8)
    request.query_string = request.query_string.replace(b"%00", b"")  # as forms do: no database takes it
    # Before the access check reads the form for its token: afterwards the limit no longer counts.
    view = current_app.view_functions.get(request.endpoint or "")
    if limit := getattr(view, "max_content_length", None):
        request.max_content_length = limit
    if "\0" in request.path or any(_is_no_id(value) for value in (request.view_args or {}).values()):
        abort(404)  # no database takes it, and nothing has such a name


def _is_no_id(value: object) -> bool:
    return isinstance(value, int) and value >= 2**63


def _keep_the_newest(_app: Flask, **_message: Any) -> None:
    """What nobody opens a page to read must not fill the cookie, which holds four thousand bytes."""
    session["_flashes"] = session["_flashes"][-UNREAD:]


def _finish(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", CSP)
    response.headers["X-Request-Id"] = g.get("request_id", "-")
    if current_app.config["PRODUCTION"]:
        response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    if request.endpoint == "static":
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if request.args.get("v") else "no-cache"
        )
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _frame() -> dict[str, Any]:
    actor: Actor | None = g.get("actor")
    links = navigation(actor) if actor else []
    return {
        "actor": actor,
        "lang": language(),
        "theme": g.get("theme") or request.cookies.get("theme", ""),
        "nav": links,
        "tabs": [link for item, link in zip(open_to(actor), links, strict=True) if item.tab][:TABS] if actor else [],
        "static": static_url,
        "shell": _shell(current_app.static_folder or "") if actor else "",
        "can": lambda permission, subject=None: can(actor, permission, subject),
        "request_id": g.get("request_id", "-"),
        "office": g.get("office", ""),
    }


def open_to(actor: Actor | None) -> list[NavItem]:
    """The lines of the navigation that this person may open."""
    return [item for item in NAV if item.permission is None or can(actor, item.permission)]


def navigation(actor: Actor) -> list[NavLink]:
    """The main navigation for this person, with the present page marked."""
    from flask_babel import gettext

    best = max((item.href for item in open_to(actor) if _is_under(item.href)), key=len, default=None)
    return [
        NavLink(gettext(item.label), item.href, item.icon, item.group, item.href == best, _waiting(item, actor))
        for item in open_to(actor)
    ]


def _waiting(item: NavItem, actor: Actor) -> int | None:
    """How much waits behind a link; None when the database cannot say: an error page must still be drawn."""
    if item.count is None:
        return None
    try:
        return item.count(actor)
    except SQLAlchemyError:
        return None


def _is_under(href: str) -> bool:
    return request.path == href or (href != "/" and request.path.startswith(f"{href}/"))


@lru_cache(maxsize=256)
def _stamp(path: str, folder: str) -> str:
    file = Path(folder) / path
    return f"{int(file.stat().st_mtime):x}" if file.exists() else "0"


@lru_cache(maxsize=1)
def _shell(folder: str) -> str:
    """Changes when a file of the shell that opens without signal changes."""
    return hashlib.sha256("".join(_stamp(path, folder) for path in SHELL).encode()).hexdigest()[:12]


def static_url(path: str) -> str:
    """The address of a static file, changed when the file changes."""
    return f"/static/{path}?v={_stamp(path, current_app.static_folder or '')}"
