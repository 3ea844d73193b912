"""The firms of a joint case coming in from a spreadsheet, and what becomes of each."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from casework.cases import forms, joint, queries
from casework.cases.models import Beneficiary, Case
from casework.imports import joining
from casework.kernel.attempts import carry_out
from casework.kernel.db import one, transaction
from casework.kernel.errors import N_, NotPermitted, Refused
from casework.kernel.permissions import Actor, can
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, go, needs, page, principal, takes_files
from casework.sheets import limits, uploads

blueprint = Blueprint("case_sheets", __name__)
NO_FIRMS = N_("Firms: paste rows from a spreadsheet or choose a file.")


@blueprint.route("/cases/<number>/beneficiaries", methods=["GET", "POST"])
@needs("case.beneficiaries")
@takes_files(12 * 1024 * 1024)
def beneficiaries(number: str) -> ResponseReturnValue:
    """Let firms join: pasted or from a spreadsheet. Rows that cannot join are named; nothing is half done."""
    actor = current_actor()
    case = _joint_case(number, actor)
    form, status = forms.BeneficiariesForm(), 200
    refused: list[joining.RowRefused] = []
    unmapped: list[str] = []
    if request.method == "POST":
        status = 422
        try:
            firms, refused, unmapped = _read(form)
            if not refused:
                with transaction():
                    new, there = joint.add(case, firms, actor=actor, now=utcnow())
                flash(gettext("%(new)s firms joined, %(there)s were already there.", new=new, there=there))
                return go("cases.show", number=number, _anchor="money")
        except Refused as refusal:
            form.refuse(refusal.reasons)
    return page(
        "cases/beneficiaries.html",
        form=form,
        case=case,
        refused=refused,
        unmapped=unmapped,
        status=status,
        firms=queries.beneficiaries(case.id),
    )


def _joint_case(number: str, actor: Actor) -> Case:
    case = queries.visible_case(number, to=actor)
    if not can(actor, "case.beneficiaries", case):
        raise NotPermitted("case.beneficiaries")
    return case


def _read(form: forms.BeneficiariesForm) -> tuple[list[joint.Joining], list[joining.RowRefused], list[str]]:
    """Firms from the file when there is one, else from what was pasted."""
    upload = next((file for file in request.files.getlist("file") if file.filename), None)
    if upload is not None:
        content = uploads.content_of(upload, NO_FIRMS)
        with limits.reading(current_actor().user_id, now=utcnow()):
            return joining.joining_of(uploads.table(content, upload.filename or "", {}))
    return joining.joining_of(joining.pasted_table(form.pasted.data or "", NO_FIRMS))


@blueprint.route("/cases/<number>/beneficiaries/<int:firm_id>", methods=["GET", "POST"])
@needs("case.beneficiaries")
def settle(number: str, firm_id: int) -> ResponseReturnValue:
    """Settle one firm, exclude it for a reason, or make it pending again."""
    actor = current_actor()
    case = _joint_case(number, actor)
    firm = one(sa.select(Beneficiary).where(Beneficiary.id == firm_id, Beneficiary.case_id == case.id), "beneficiary")
    form = forms.SettleForm()
    form.status.choices = [(key, gettext(label)) for key, label in joint.STATUSES.items() if key != firm.status]
    if request.method == "GET":
        form.version.data = str(firm.version)
        return page("cases/settle.html", form=form, case=case, firm=firm)

    def work() -> str:
        joint.settle(case, firm_id, form.status.data or "", form.reason.data or "", actor=actor, now=utcnow())
        return url_for("cases.show", number=number, _anchor="money")

    if location := carry_out(form, work, principal=principal(), row=firm):
        return redirect(location, 303)
    return page("cases/settle.html", form=form, case=case, firm=firm, status=form.http_status)
