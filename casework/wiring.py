"""What is plugged in where: blueprints, the navigation, and the tables that lower packages own and higher ones fill."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from casework.kernel.errors import N_
from casework.kernel.permissions import TABLE
from casework.kernel.web import NAV, NavItem

NAVIGATION = (
    NavItem(N_("My desk"), "/", "desk", 0, None, tab=True),
    NavItem(N_("Cases"), "/cases", "list", 0, "case.read", tab=True),
    NavItem(N_("New case"), "/cases/new", "plus", 0, "case.submit", tab=True),
    NavItem(N_("Enterprises"), "/enterprises", "firm", 0, "enterprise.read", tab=True),
    NavItem(N_("Review"), "/review", "check", 1, "case.approve"),
    NavItem(N_("People and units"), "/people", "users", 2, "roster.read"),
    NavItem(N_("Areas"), "/areas", "pin", 2, "area.read"),
    NavItem(N_("Case types"), "/settings/case-types", "settings", 2, "case_type.edit"),
    NavItem(N_("Import"), "/imports", "upload", 2, "import.run"),
    NavItem(N_("Security log"), "/security", "eye", 3, "security.read"),
    NavItem(N_("Help"), "/help", "note", 3, None),
)


def install(app: Flask, csrf: CSRFProtect) -> None:
    """Register every package with the application."""
    from casework.accounts.views import blueprint as accounts  # noqa: PLC0415
    from casework.accounts.views import install as install_accounts  # noqa: PLC0415
    from casework.areas.views import blueprint as areas  # noqa: PLC0415
    from casework.roster.queries import actor_for, demo_users  # noqa: PLC0415
    from casework.roster.unit_views import blueprint as roster  # noqa: PLC0415

    install_accounts(app, csrf, actor_for, demo_users)
    app.register_blueprint(accounts)
    app.register_blueprint(areas)
    app.register_blueprint(roster)
    from casework.cases.filters import install as install_filters  # noqa: PLC0415
    from casework.cases.type_views import blueprint as case_types  # noqa: PLC0415
    from casework.cases.views import blueprint as cases  # noqa: PLC0415
    from casework.exchange.case_views import blueprint as case_sheets  # noqa: PLC0415
    from casework.reporting.views import blueprint as desk  # noqa: PLC0415

    install_filters(app)
    # /cases/export.xlsx is registered before /cases/<number>; werkzeug prefers the fixed one either way.
    for blueprint in (case_sheets, cases, case_types, desk):
        app.register_blueprint(blueprint)
    NAV[:] = [item for item in NAVIGATION if item.permission is None or item.permission in TABLE]
