"""Spreadsheets of cases: the list as a ledger in officers' columns, and the firms of a joint case coming in."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from casework import audit
from casework.accounts.models import User
from casework.areas.models import Area
from casework.audit.vocabulary import Fact
from casework.cases import forms, joint, lists, queries
from casework.cases.lists import Filters, filtered
from casework.cases.models import Beneficiary, Case, CaseType
from casework.cases.workflow import OUTCOME_LABELS, SOURCE_LABELS, STATE_LABELS, State
from casework.exchange import joining
from casework.exchange.sheets import read_table
from casework.exchange.workbook import Column, write_workbook
from casework.files.views import disposition
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, Conflict, NotFound, NotPermitted, Refused, because
from casework.kernel.forms import STALE
from casework.kernel.i18n import language
from casework.kernel.masking import masked
from casework.kernel.permissions import Actor, Role, can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, go, needs, page
from casework.roster.models import Unit

blueprint = Blueprint("case_sheets", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 2_000
OFFICER_ROWS = 200
TITLES = (
    (N_("Case number"), "text", 22),
    (N_("Matter"), "text", 40),
    (N_("Enterprise"), "text", 30),
    (N_("Type"), "text", 12),
    (N_("State"), "text", 10),
    (N_("Outcome"), "text", 12),
    (N_("Urgent"), "text", 6),
    (N_("Area"), "text", 30),
    (N_("Place"), "text", 30),
    (N_("Contact person"), "text", 12),
    (N_("Phone"), "text", 14),
    (N_("How it came"), "text", 10),
    (N_("Lead unit"), "text", 20),
    (N_("Lead officer"), "text", 10),
    (N_("Submitted"), "datetime", 17),
    (N_("First contact"), "datetime", 17),
    (N_("Due"), "datetime", 17),
    (N_("Closed"), "datetime", 17),
    (N_("Rating"), "number", 8),
    (N_("What happened, what is asked"), "text", 60),
)


@dataclass(frozen=True, slots=True)
class LedgerExported(Fact):
    """Somebody took a ledger out: which filter, how many rows."""

    filters: dict[str, str]
    rows: int


@blueprint.get("/cases/export.xlsx")
@needs("case.export")
def export() -> ResponseReturnValue:
    """The list with its present filters as XLSX: scoped, phones masked, and noted in the security log."""
    actor, now = current_actor(), utcnow()
    filters = lists.read_filters(request.args)
    most = (
        MOST_ROWS
        if actor.has(Role.DESK, Role.LEAD, Role.AREA_LEADER, Role.REGULATOR, Role.DISTRICT_ADMIN)
        else OFFICER_ROWS
    )
    with tempfile.TemporaryFile() as file:
        columns = [Column(gettext(title), kind, width) for title, kind, width in TITLES]  # type: ignore[arg-type]
        count = write_workbook(file, gettext("Case ledger"), columns, _rows(actor, filters, now, most))
        file.seek(0)
        content = file.read()
    with transaction():
        audit.record(LedgerExported(filters=filters.as_query(), rows=count), by=actor, at=now)
    name = gettext("Case ledger %(day)s", day=local_day(now).isoformat())
    return Response(content, content_type=XLSX, headers={"Content-Disposition": disposition(f"{name}.xlsx")})


def _rows(actor: Actor, filters: Filters, now: datetime, most: int) -> Iterator[tuple[Any, ...]]:
    """One row a case, newest first, no more than the role may take out at once."""
    chosen = language()
    query = (
        filtered(actor, filters, now)
        .with_only_columns(Case, CaseType, Area.full_name, Unit.name, User.name)
        .join(CaseType, CaseType.id == Case.type_id)
        .outerjoin(Area, Area.id == Case.area_id)
        .outerjoin(Unit, Unit.id == Case.unit_id)
        .outerjoin(User, User.id == Case.lead_id)
        .order_by(Case.id.desc())
        .limit(most)
    )
    for case, kind, area, unit, officer in db.session.execute(query):
        yield (
            case.number,
            case.title,
            case.requester,
            kind.label(chosen),
            gettext(STATE_LABELS[State(case.state)]),
            gettext(OUTCOME_LABELS[case.outcome]) if case.outcome else "",
            gettext("Yes") if case.urgent else "",
            area,
            case.place,
            case.contact_name,
            masked(case.contact_phone),
            gettext(SOURCE_LABELS[case.source]),
            unit,
            officer,
            case.submitted_at,
            case.contacted_at,
            case.next_due_at if case.is_open else None,
            case.closed_at,
            case.rating,
            case.text,
        )


@blueprint.route("/cases/<number>/beneficiaries", methods=["GET", "POST"])
@needs("case.beneficiaries")
def beneficiaries(number: str) -> ResponseReturnValue:
    """Let firms join: pasted or from a spreadsheet. Rows that cannot join are named; nothing is half done."""
    request.max_content_length = 12 * 1024 * 1024
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
        with tempfile.NamedTemporaryFile(suffix=".upload") as kept:
            upload.save(kept)
            kept.flush()
            table = read_table(Path(kept.name), upload.filename or "")
        return joining.joining(table.headers, [(row.number, row.cells) for row in table.rows])
    rows = joining.pasted_rows(form.pasted.data or "")
    if not rows:
        raise Refused(because(N_("Firms: paste rows from a spreadsheet or choose a file."), "pasted"))
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", encoding="utf-8") as kept_text:
        kept_text.write("\n".join("\t".join(row) for row in rows))
        kept_text.flush()
        table = read_table(Path(kept_text.name), "pasted.tsv")
    return joining.joining(table.headers, [(row.number, row.cells) for row in table.rows])


@blueprint.route("/cases/<number>/beneficiaries/<int:firm_id>", methods=["GET", "POST"])
@needs("case.beneficiaries")
def settle(number: str, firm_id: int) -> ResponseReturnValue:
    """Settle one firm, exclude it for a reason, or make it pending again."""
    actor = current_actor()
    case = _joint_case(number, actor)
    firm = db.session.scalar(sa.select(Beneficiary).where(Beneficiary.id == firm_id, Beneficiary.case_id == case.id))
    if firm is None:
        raise NotFound("beneficiary")
    form, status = forms.SettleForm(), 200
    form.status.choices = [(key, gettext(label)) for key, label in joint.STATUSES.items() if key != firm.status]
    if request.method == "GET":
        form.version.data = str(firm.version)
    else:
        status = 422
        try:
            with transaction():
                if form.is_stale(firm):
                    raise Conflict("stale")
                joint.settle(case, firm_id, form.status.data or "", form.reason.data or "", actor=actor, now=utcnow())
            return go("cases.show", number=number, _anchor="money")
        except Refused as refusal:
            form.refuse(refusal.reasons)
        except Conflict:
            form.refuse([STALE])
            form.version.data, status = str(firm.version), 409
    return page("cases/settle.html", form=form, case=case, firm=firm, status=status)
