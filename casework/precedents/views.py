"""Similar closed cases: a few in the panel of a case, more on their own page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from casework.cases import queries
from casework.cases.models import Case
from casework.cases.workflow import OUTCOME_LABELS
from casework.kernel.i18n import language
from casework.kernel.web import current_actor, needs, page
from casework.negotiations.words import METHODS
from casework.precedents import finding, words
from casework.precedents.finding import Precedent

blueprint = Blueprint("precedents", __name__)
IN_PANEL, ON_PAGE = 4, 30


@blueprint.get("/cases/<number>/precedents")
@needs("case.read")
def show(number: str) -> ResponseReturnValue:
    """The closed cases most like this one."""
    case = queries.visible_case(number, to=current_actor())
    return _page(case, finding.of(case, current_actor(), ON_PAGE), "precedents/index.html")


@blueprint.get("/cases/<number>/precedents/few")
@needs("case.read")
def few(number: str) -> ResponseReturnValue:
    """The first of them, for the panel of the case page."""
    case = queries.visible_case(number, to=current_actor())
    found = finding.of(case, current_actor(), IN_PANEL + 1)
    return _page(case, found[:IN_PANEL], "precedents/few.html", more=len(found) > IN_PANEL)


def _page(case: Case, found: Sequence[Precedent], template: str, *, more: bool = False) -> ResponseReturnValue:
    rows = [_row(one) for one in found]
    return page(template, fragment="precedents/_list.html", case=case, rows=rows, more=more, status=200)


def _row(one: Precedent) -> dict[str, Any]:
    """A precedent as it is shown."""
    agreement, template = one.agreement, one.template
    return {
        "case": one.case,
        "why": words.why(one.alike.why, one.asked),
        "outcome": gettext(OUTCOME_LABELS[one.case.outcome]) if one.case.outcome else "",
        "took": words.lasted(one.took),
        "result": str((one.case.result or {}).get("text", "")),
        "agreement": agreement,
        "method": gettext(METHODS[agreement.method]) if agreement else "",
        "template": (template.en or template.zh)
        if template and language() == "en"
        else template.zh
        if template
        else "",
        "code": template.code if template else "",
    }
