"""What the views of the negotiation log share: the case that one may negotiate for, files taken in, who clicks."""

from __future__ import annotations

from flask import current_app, url_for

from casework.cases import queries as case_queries
from casework.cases.models import Case
from casework.kernel.errors import NotPermitted
from casework.kernel.permissions import can
from casework.kernel.web import current_actor, site_address


def case_for(number: str, permission: str) -> Case:
    """The case, if it exists for the reader and they may.

    Raises:
        NotFound: it does not exist for them.
        NotPermitted: they may see it, but not do this.
    """
    case = case_queries.visible_case(number, to=current_actor())
    if not can(current_actor(), permission, case):
        raise NotPermitted(permission)
    return case


def address(case: Case, anchor: str = "") -> str:
    """The page of a case, at a place of it."""
    return url_for("cases.show", number=case.number, _anchor=anchor or None)


def link_key() -> str:
    """The server's key, with which the tokens of links are made again."""
    return str(current_app.secret_key)


def link_url(token: str) -> str:
    """The whole address of a one-time link."""
    return f"{site_address()}/confirm/{token}"
