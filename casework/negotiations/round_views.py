"""Logging a visit: choose the case, tell the round, correct one; and letting talks serve another case."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.cases import lists
from casework.cases import queries as case_queries
from casework.cases.listing import list_labels
from casework.cases.lists import Filters
from casework.cases.models import Case
from casework.files.upload import MAX_UPLOAD, Upload
from casework.kernel.attempts import carry_out
from casework.kernel.errors import N_, NotFound, Refused, because
from casework.kernel.forms import row_id
from casework.kernel.time import local, local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal, takes_files
from casework.negotiations import drafts, forms, queries, rounds, talks
from casework.negotiations.edge import address, case_for
from casework.negotiations.models import Negotiation, Round

blueprint = Blueprint("rounds", __name__)
RECENT = 3


@blueprint.get("/visit")
@needs("negotiation.log")
def choose() -> ResponseReturnValue:
    """Which case the visit was for: one's own open cases, the most pressing first."""
    actor = current_actor()
    found = lists.cases(actor, Filters(officer=actor.user_id), request.args.get("after"), now=utcnow())
    return page("negotiations/choose.html", found=found, labels=list_labels())


@blueprint.route("/cases/<number>/rounds/new", methods=["GET", "POST"])
@needs("negotiation.log")
@takes_files(MAX_UPLOAD)
def new(number: str) -> ResponseReturnValue:
    """Log a round; with ``corrects`` the correction of one, which then stand side by side."""
    case = case_for(number, "negotiation.log")
    corrects = (
        queries.round_in(case.id, row_id(request.values.get("corrects"))) if request.values.get("corrects") else None
    )
    form = _form(case, corrects)
    if request.method == "POST":
        upload = Upload(form.files.data)
        if location := carry_out(
            form, lambda: _log(case, form, upload, corrects), principal=principal(), prepare=upload.take_in
        ):
            flash(gettext("Logged. It stands on the story of the case."))
            return redirect(location, 303)
    return page(
        "negotiations/round.html",
        case=case,
        form=form,
        corrects=corrects,
        recent=_recent(form),
        status=form.http_status,
    )


def _log(case: Case, form: forms.RoundForm, upload: Upload, corrects: Round | None) -> str:
    actor, now = current_actor(), utcnow()
    draft = drafts.round_of(form)
    negotiation = _chosen(case, form, corrects)
    logged = rounds.log_round(
        case, negotiation, draft, actor=actor, now=now, files=upload.attach(case.id), corrects=corrects
    )
    return address(case, f"r{logged.id}")


def _chosen(case: Case, form: forms.RoundForm, corrects: Round | None) -> Negotiation:
    """The talks that the round belongs to: those of the corrected round, those chosen, or new ones by name."""
    if corrects is not None:
        return queries.negotiation_of(case.id, corrects.negotiation_id)[0]
    if form.talks.data and form.talks.data != forms.NEW:
        return queries.negotiation_of(case.id, row_id(form.talks.data))[0]
    if not form.talks.data and not form.name.data and len(known := queries.negotiations_of(case.id)) == 1:
        return known[0][0]  # written without signal, where the case's talks could not be read
    return talks.open_talks(case, drafts.party_of(form), actor=current_actor(), now=utcnow())


def _form(case: Case, corrects: Round | None) -> forms.RoundForm:
    form = forms.RoundForm()
    known = queries.negotiations_of(case.id)
    form.talks.choices = [(str(negotiation.id), party.name) for negotiation, party in known]
    form.talks.choices.append((forms.NEW, gettext("Somebody else")))
    form.next.choices = [(day, gettext(label)) for day, label in forms.next_days(local_day(utcnow()))]
    if request.method == "GET":
        _fill(form, corrects, known[0][0].id if known else None)
    return form


def _fill(form: forms.RoundForm, corrects: Round | None, first: int | None) -> None:
    form.talks.data = str(first) if first else forms.NEW
    form.at.data = local(utcnow()).replace(tzinfo=None, second=0, microsecond=0)
    form.ours.data = current_actor().name
    if corrects is None:
        return
    form.talks.data = str(corrects.negotiation_id)
    form.way.data, form.stance.data = corrects.way, corrects.stance
    form.at.data = local(corrects.at).replace(tzinfo=None)
    form.until.data = local(corrects.until_at).time() if corrects.until_at else None
    form.ours.data, form.theirs.data = "、".join(corrects.ours), "、".join(corrects.theirs)
    for name in ("said", "place", "objections", "next_step", "next_on"):
        form[name].data = getattr(corrects, name)
    for position in queries.positions_in(corrects.id):
        _fill_position(form, position)


def _fill_position(form: forms.RoundForm, position: Any) -> None:
    prefix = next(
        (name for name, side, kind in forms.POSITIONS if (side, kind) == (position.side, position.kind)), "ask"
    )
    form[f"{prefix}_method"].data = position.method
    form[f"{prefix}_amount"].data = "" if position.amount_fen is None else f"{position.amount_fen / 100:.2f}"
    form[f"{prefix}_months"].data = "" if position.months_tenths is None else f"{position.months_tenths / 10:g}"
    form[f"{prefix}_percent"].data = "" if position.percent_bp is None else f"{position.percent_bp / 100:g}"
    form[f"{prefix}_conditions"].data, form[f"{prefix}_expires"].data = position.conditions, position.expires_on


def _recent(form: forms.RoundForm) -> list[Any]:
    """The last rounds of the talks that are chosen, newest first."""
    chosen = row_id(form.talks.data)
    return [row for row in reversed(queries.rounds_of(chosen)) if not row.corrected][:RECENT] if chosen else []


@blueprint.route("/cases/<number>/talks/join", methods=["GET", "POST"])
@needs("negotiation.log")
def join(number: str) -> ResponseReturnValue:
    """Let the talks of another case serve this one too: the same landlord, one visit."""
    case = case_for(number, "negotiation.log")
    form = forms.JoinForm()
    other = _other(form.case.data)
    offered = queries.negotiations_of(other.id) if other else []
    form.talks.choices = [(str(negotiation.id), party.name) for negotiation, party in offered]
    if (
        request.method == "POST"
        and "pick" not in request.form
        and (location := carry_out(form, lambda: _join(case, other, form), principal=principal()))
    ):
        flash(gettext("One negotiation serves both cases now."))
        return redirect(location, 303)
    return page("negotiations/join.html", case=case, form=form, other=other, offered=offered, status=form.http_status)


def _other(number: str | None) -> Case | None:
    try:
        return case_queries.visible_case(number, to=current_actor()) if number else None
    except NotFound:
        return None


def _join(case: Case, other: Case | None, form: forms.JoinForm) -> str:
    offered = queries.negotiations_of(other.id) if other else []
    if other is None or other.id == case.id or not offered:
        raise Refused(because(N_("Case: write the number of another case that you see and that has talks."), "case"))
    chosen = row_id(form.talks.data) or offered[0][0].id
    negotiation, _ = queries.negotiation_of(other.id, chosen)
    talks.join(case, negotiation, with_case=other, actor=current_actor(), now=utcnow())
    return address(case, "ladder")
