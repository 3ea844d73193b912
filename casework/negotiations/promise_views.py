"""Promises: made, proven, settled."""

from __future__ import annotations

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.cases.models import Case
from casework.files.upload import MAX_UPLOAD, Upload
from casework.kernel.attempts import carry_out
from casework.kernel.errors import N_, Refused, because
from casework.kernel.forms import row_id
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal, takes_files
from casework.negotiations import drafts, forms, presenting, promises, queries
from casework.negotiations.edge import address, case_for
from casework.negotiations.models import Commitment
from casework.negotiations.words import UNSETTLED, Promise
from casework.roster.queries import names as names_of

blueprint = Blueprint("promises", __name__)
# What can be so now, in the order in which it is offered.
OUTCOMES = {
    "proof": N_("Only hand in the proof; somebody else looks at it"),
    Promise.KEPT.value: N_("Kept: the proof shows it"),
    Promise.BROKEN.value: N_("Broken"),
    Promise.RELEASED.value: N_("Released: no longer owed"),
}


@blueprint.route("/cases/<number>/commitments/new", methods=["GET", "POST"])
@needs("negotiation.log")
def new(number: str) -> ResponseReturnValue:
    """Enter what somebody promised."""
    case = case_for(number, "negotiation.log")
    form, people = forms.PromiseForm(), names_of(case.holder_ids)
    known = queries.negotiations_of(case.id)
    form.talks.choices = [(str(negotiation.id), party.name) for negotiation, party in known]
    form.promiser.choices = [(str(key), name) for key, name in people.items()]
    if request.method == "GET":
        form.promised_on.data = local_day(utcnow())
        form.debtor.data = "them" if known else "us"
    elif location := carry_out(form, lambda: _promise(case, form, people), principal=principal()):
        flash(gettext("Entered. It is due on the desk on its day."))
        return redirect(location, 303)
    return page("negotiations/promise_new.html", case=case, form=form, known=known, status=form.http_status)


def _promise(case: Case, form: forms.PromiseForm, people: dict[int, str]) -> str:
    draft = drafts.promise_of(form, people)
    negotiation = None
    if draft.debtor == "them" and (known := queries.negotiations_of(case.id)):
        chosen = row_id(form.talks.data) or known[0][0].id
        negotiation, party = queries.negotiation_of(case.id, chosen)
        draft = draft if draft.who else drafts.promise_by(draft, party.contact or party.name)
    promises.promise(case, draft, actor=current_actor(), now=utcnow(), negotiation=negotiation)
    return address(case, "promises")


@blueprint.route("/cases/<number>/commitments/<int:commitment_id>", methods=["GET", "POST"])
@needs("negotiation.read")
@takes_files(MAX_UPLOAD)
def show(number: str, commitment_id: int) -> ResponseReturnValue:
    """One promise: its proof, and how it ended."""
    permission = "negotiation.read" if request.method == "GET" else "negotiation.log"
    case = case_for(number, permission)
    commitment = queries.commitment_in(case.id, commitment_id)
    view = presenting.promise_view(commitment, case, current_actor(), now=utcnow())
    form = forms.SettleForm()
    offered = [key for key in OUTCOMES if key == "proof" or view.mine_to_settle]
    form.state.choices = [(key, gettext(OUTCOMES[key])) for key in offered]
    if request.method == "GET":
        form.carry(commitment)
        form.state.data = offered[-1] if len(offered) == 1 else Promise.KEPT.value
    else:
        upload = Upload(form.files.data)
        work = lambda: _settle(case, commitment, form, upload)  # noqa: E731 - the one command of this form
        if location := carry_out(form, work, principal=principal(), prepare=upload.take_in, row=commitment):
            return redirect(location, 303)
    return page(
        "negotiations/promise.html",
        case=case,
        form=form,
        view=view,
        is_open=commitment.state in UNSETTLED,
        status=form.http_status,
    )


def _settle(case: Case, commitment: Commitment, form: forms.SettleForm, upload: Upload) -> str:
    """Hand in proof where there is some, and settle where that is chosen: both in one step, or neither."""
    actor, now, target = current_actor(), utcnow(), form.state.data
    if target not in OUTCOMES:
        raise Refused(because(N_("What is so now: pick one of the answers offered."), "state"))
    proof, files = form.proof.data or "", upload.attach(case.id)
    if proof.strip() or files or target == "proof":
        promises.prove(case, commitment, proof, actor=actor, now=now, files=files)
    if target != "proof":
        promises.settle(case, commitment, Promise(target), form.reason.data or "", actor=actor, now=now)
    return address(case, "promises")
