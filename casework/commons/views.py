"""The pages of common issues: the list, what looks like one, one with its cases, letting in and out, settling."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.areas import queries as areas
from casework.areas.models import Area, Level
from casework.cases import lists
from casework.cases import queries as case_queries
from casework.cases.listing import list_labels
from casework.cases.workflow import OUTCOME_LABELS
from casework.commons import forms, move_queries, queries, rules, service, suggesting
from casework.commons.models import CommonIssue, IssueState
from casework.commons.policy import EDIT, MOVE, READ
from casework.commons.queries import Counts
from casework.intake import repeats
from casework.kernel import paging
from casework.kernel.attempts import carry_out
from casework.kernel.db import db
from casework.kernel.errors import N_, NotPermitted, Refused, because
from casework.kernel.forms import row_id
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.roster.models import Unit
from casework.roster.queries import names

blueprint = Blueprint("commons", __name__, url_prefix="/common-issues")
STATES = {IssueState.OPEN: N_("Open"), IssueState.SETTLED: N_("Settled")}
NUMBERS = 200


@blueprint.get("")
@needs(READ)
def index() -> ResponseReturnValue:
    """The common issues that one may see, with how many of their cases are open."""
    wanted = request.args.get("state", "")
    state = wanted if wanted in set(IssueState) else IssueState.OPEN
    found = queries.issues(current_actor(), state, paging.asked(request.args))
    return page(
        "commons/index.html",
        rows=found.rows,
        counts=queries.counts([issue.id for issue in found.rows]),
        zero=Counts(),
        names=names({issue.lead_id for issue in found.rows if issue.lead_id}),
        state=state,
        states=STATES,
        outcomes=OUTCOME_LABELS,
        ways=found.ways(partial(url_for, ".index", state=state)),
    )


@blueprint.get("/suggested")
@needs(EDIT)
def suggested() -> ResponseReturnValue:
    """Open cases of the last 30 days that look as if one obstacle held them up."""
    actor = current_actor()
    offered = areas.choices(actor, levels=(Level.DISTRICT,))
    wanted = row_id(request.args.get("district", ""))
    district_id = wanted if wanted in dict(offered) else next(iter(dict(offered)), 0)
    return page(
        "commons/suggested.html",
        found=suggesting.suggestions(actor, district_id, utcnow()),
        districts=offered,
        district_id=district_id,
        labels=list_labels(),
    )


# -- making one


@blueprint.route("/new", methods=["GET", "POST"])
@needs(EDIT)
def new() -> ResponseReturnValue:
    """Tick the cases that belong together and say what holds them up."""
    actor, now = current_actor(), utcnow()
    if request.method == "GET":
        listed, ticked = _offered()
        form = forms.IssueForm(formdata=None)
        form.title.data = next((row.title for row in listed if row.id in ticked), "")
    else:
        ticked = ticked_ids()
        listed = queries.lines_of([*ticked, *ticked_ids("shown")], actor)
        form = forms.IssueForm()
    district = _district_of(listed)
    form.offer(queries.who_may_lead(district, local_day(now)) if district else {})

    def work() -> str:
        why = form.why.data or ""
        issue = service.open_issue(draft=_draft(form), case_ids=list(ticked), why=why, actor=actor, now=utcnow())
        return url_for(".show", issue_id=issue.id)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        flash(gettext("They go together from now on."))
        return redirect(location, 303)
    return page(
        "commons/new.html", form=form, rows=listed, ticked=ticked, labels=list_labels(), status=form.http_status
    )


def ticked_ids(name: str = "cases") -> list[int]:
    """The ids that a form or an address carries."""
    found = [key for one in request.values.getlist(name) if (key := row_id(one))]
    return list(dict.fromkeys(found))[: rules.MOST_CASES]


def _offered() -> tuple[list[Any], list[int]]:
    """What is offered to be ticked: a case with its likely repeats, a suggestion, or what the case list shows."""
    actor, now = current_actor(), utcnow()
    if number := request.args.get("case", ""):
        case = case_queries.visible_case(number[:30], to=actor)
        near = [one.case.id for one in repeats.of(case, actor, now)]
        return queries.lines_of([case.id, *near], actor), [case.id]
    if ticked := ticked_ids():
        return queries.lines_of(ticked, actor), ticked
    found = lists.cases(actor, lists.read_filters(request.args), None, now=now)
    return queries.lines_of([row.id for row in found.rows], actor), []


def _district_of(listed: list[Any]) -> Area | None:
    ids = [row.district_id for row in listed if row.district_id]
    return areas.area(ids[0]) if ids else None


def _draft(form: forms.IssueForm) -> service.Draft:
    return service.Draft(title=form.title.data or "", text=form.text.data or "", leader=form.leader.data or "")


# -- one of them


@blueprint.get("/<int:issue_id>")
@needs(READ)
def show(issue_id: int) -> ResponseReturnValue:
    """What holds them up, where its cases stand, what was done for many of them at once."""
    actor, now = current_actor(), utcnow()
    issue = queries.visible_issue(issue_id, to=actor)
    states = queries.by_state(issue, actor)
    state = request.args.get("cases", "")
    state = state if state in states else ""
    found = queries.page_of_cases(issue, actor, state, paging.asked(request.args), now)
    moves = move_queries.moves_of(issue)
    unit = db.session.get(Unit, issue.unit_id) if issue.unit_id else None
    return page(
        "commons/show.html",
        issue=issue,
        many=queries.counts([issue.id]).get(issue.id, Counts()),
        seen=sum(states.values()),
        states=states,
        state=state,
        found=found,
        labels=list_labels(),
        unit=unit,
        names=names({key for key in (issue.lead_id, issue.opened_by_id, issue.settled_by_id) if key}),
        moves=moves,
        tally=move_queries.tally([move.id for move, _ in moves]),
        gone=queries.taken_out(issue, actor),
        actions=rules.ACTIONS if issue.is_open and can(actor, MOVE, issue) else (),
        together=rules.together,
        outcomes=OUTCOME_LABELS,
        ways=found.ways(partial(url_for, ".show", issue_id=issue.id, cases=state or None)),
    )


def _own(issue_id: int) -> CommonIssue:
    """An issue that one may keep."""
    issue = queries.visible_issue(issue_id, to=current_actor())
    if not can(current_actor(), EDIT, issue):
        raise NotPermitted(EDIT)
    return issue


@blueprint.route("/<int:issue_id>/edit", methods=["GET", "POST"])
@needs(EDIT)
def edit(issue_id: int) -> ResponseReturnValue:
    """Change its words or who leads it."""
    issue, actor = _own(issue_id), current_actor()
    form = forms.IssueForm()
    form.offer(queries.who_may_lead(db.session.get_one(Area, issue.district_id), local_day(utcnow())))
    if request.method == "GET":
        form.carry(issue)
        form.title.data, form.text.data = issue.title, issue.text
        form.leader.data = f"{issue.unit_id or ''}-{issue.lead_id or ''}".strip("-")

    def work() -> str:
        service.edit_issue(issue, _draft(form), actor=actor, now=utcnow())
        return url_for(".show", issue_id=issue.id)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal(), row=issue)):
        return redirect(location, 303)
    return page("commons/edit.html", issue=issue, form=form, status=form.http_status)


@blueprint.route("/<int:issue_id>/add", methods=["GET", "POST"])
@needs(EDIT)
def add(issue_id: int) -> ResponseReturnValue:
    """Let further cases in, by number or from those that are alike."""
    issue, actor = _own(issue_id), current_actor()
    form = forms.AddForm()

    def work() -> str:
        ids = [*ticked_ids(), *_numbered(form.numbers.data or "")]
        count = service.add_cases(issue, ids, why=form.why.data or "", actor=actor, now=utcnow())
        flash(gettext("%(n)s cases were added.", n=count))
        return url_for(".show", issue_id=issue.id)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        return redirect(location, 303)
    alike = suggesting.alike(issue.title, issue.text, actor, issue.district_id, utcnow())
    return page(
        "commons/add.html",
        issue=issue,
        form=form,
        rows=alike,
        ticked=ticked_ids(),
        labels=list_labels(),
        status=form.http_status,
    )


def _numbered(text: str) -> list[int]:
    """The cases whose numbers were typed.

    Raises:
        Refused: a number names no case that one may see.
    """
    numbers = text.replace("，", " ").replace("、", " ").replace(",", " ").split()
    if len(numbers) > NUMBERS:
        raise Refused(because(N_("Numbers of cases: at most %(most)s at once."), "numbers", most=NUMBERS))
    ids, unknown = queries.by_numbers([number[:30] for number in numbers], current_actor())
    if unknown:
        said = N_("Numbers of cases: there is no case %(numbers)s, check it.")
        raise Refused(because(said, "numbers", numbers="、".join(unknown[:5])))
    return ids


@blueprint.route("/<int:issue_id>/remove", methods=["GET", "POST"])
@needs(EDIT)
def remove(issue_id: int) -> ResponseReturnValue:
    """Let cases go on by themselves, with a reason."""
    issue, actor = _own(issue_id), current_actor()
    form = forms.RemoveForm()

    def work() -> str:
        count = service.remove_cases(issue, ticked_ids(), why=form.why.data or "", actor=actor, now=utcnow())
        flash(gettext("%(n)s cases go on by themselves.", n=count))
        return url_for(".show", issue_id=issue.id)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        return redirect(location, 303)
    return page(
        "commons/remove.html",
        issue=issue,
        form=form,
        rows=queries.cases_of(issue, actor),
        ticked=ticked_ids(),
        labels=list_labels(),
        status=form.http_status,
    )


@blueprint.route("/<int:issue_id>/settle", methods=["GET", "POST"])
@needs(EDIT)
def settle(issue_id: int) -> ResponseReturnValue:
    """Say how it ended, once its cases have."""
    issue, actor = _own(issue_id), current_actor()
    form = forms.SettleForm()
    form.offer()
    if request.method == "GET":
        form.carry(issue)

    def work() -> str:
        outcome, text = form.outcome.data or "", form.text.data or ""
        service.settle(issue, outcome=outcome, text=text, actor=actor, now=utcnow())
        return url_for(".show", issue_id=issue.id)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal(), row=issue)):
        flash(gettext("Settled."))
        return redirect(location, 303)
    return page("commons/settle.html", issue=issue, form=form, still=queries.still_open(issue), status=form.http_status)


@blueprint.route("/<int:issue_id>/reopen", methods=["GET", "POST"])
@needs(EDIT)
def reopen(issue_id: int) -> ResponseReturnValue:
    """Take a settled one up again."""
    issue, actor = _own(issue_id), current_actor()
    form = forms.ReopenForm()
    if request.method == "GET":
        form.carry(issue)

    def work() -> str:
        service.reopen(issue, reason=form.why.data or "", actor=actor, now=utcnow())
        return url_for(".show", issue_id=issue.id)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal(), row=issue)):
        return redirect(location, 303)
    return page("commons/reopen.html", issue=issue, form=form, status=form.http_status)
