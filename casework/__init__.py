"""Casework: every difficulty of an enterprise is a case that moves through a workflow. All wiring is on this screen."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from casework import health, wiring
from casework.config import ROOT, Settings
from casework.kernel import i18n, queued, refusals, web
from casework.kernel.db import db, engine_options, guard_engine

csrf = CSRFProtect()


def create_app(settings: Settings) -> Flask:
    """The application for these settings."""
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    _configure(app, settings)
    db.init_app(app)
    with app.app_context():
        guard_engine(db.engine)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    csrf.init_app(app)
    i18n.install(app)
    web.install(app)
    refusals.install(app)
    health.install(app)
    wiring.install(app, csrf)
    queued.install(app)  # after identity: whose waiting work it is
    web.refuse_undeclared(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SETTINGS=settings,
        PRODUCTION=settings.production,
        BASE_URL=settings.base_url,
        TESTING=settings.testing,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        SESSION_COOKIE_NAME="__Host-sid" if settings.production else "sid",
        SESSION_COOKIE_SECURE=settings.production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=7),
        SESSION_REFRESH_EACH_REQUEST=False,  # the row of the session decides how long it lives, not the cookie
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as the session: long forms must not die
        WTF_CSRF_CHECK_DEFAULT=False,  # checked after identity, see accounts.views
        MAX_CONTENT_LENGTH=1024 * 1024,
        MAX_FORM_MEMORY_SIZE=500_000,
        MAX_FORM_PARTS=2_000,
        SEND_FILE_MAX_AGE_DEFAULT=None,
    )
    app.config.update(settings.options)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    if settings.trusted_hops:
        hops = settings.trusted_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
