"""The common issue of a case, beside its story."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import render_template
from flask_babel import gettext
from markupsafe import Markup

from casework.cases.lists import Filters
from casework.cases.models import Case
from casework.cases.presenting import Button, Part
from casework.commons import queries, rules
from casework.commons.policy import EDIT
from casework.commons.queries import Counts
from casework.kernel.permissions import Actor, can


def of_list(filters: Filters, actor: Actor) -> str:
    """What can be done for the ticked cases of the list, or for all of it."""
    offered = [action for action in rules.CHOSEN if can(actor, action.permission)]
    if not offered and not can(actor, "case.export"):
        return ""
    words = {"acts": offered, "filters": filters.as_query(), "most": rules.MOST_CASES}
    return Markup(render_template("commons/_choose.html", **words))  # noqa: S704 - a template's own output


def of_case(case: Case, view: Any, actor: Actor, now: datetime) -> Part:
    """The issue that the case goes with, or the way to make one."""
    found = queries.issue_of(case.id)
    if found is not None:
        issue, member = found
        many = queries.counts([issue.id]).get(issue.id, Counts())
        aside = render_template("commons/_case.html", case=case, issue=issue, member=member, many=many)
        return Part(aside=Markup(aside))  # noqa: S704 - a template's own output
    if not case.is_open or not can(actor, EDIT):
        return Part()
    return Part(menu=[Button(gettext("Group with others"), f"/common-issues/new?case={case.number}", "link")])
