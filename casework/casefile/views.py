"""Asking for the file of a case, seeing how far it is, taking it; and what anyone sees who checks the paper."""

from __future__ import annotations

import contextlib
from datetime import datetime

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.audit import queries as audit
from casework.casefile import making, queries, service
from casework.casefile.forms import PrintForm
from casework.casefile.models import CaseFile, FileState
from casework.casefile.policy import MAKE, UNMASK
from casework.casefile.words import STATES
from casework.cases import queries as case_queries
from casework.cases.models import Case
from casework.files import storage
from casework.files.views import disposition
from casework.kernel.attempts import carry_out
from casework.kernel.db import db
from casework.kernel.errors import Conflict, NotFound
from casework.kernel.i18n import language
from casework.kernel.permissions import authorise, can
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.papers.slip import grouped
from casework.roster.queries import names as names_of

blueprint = Blueprint("casefile", __name__)
MOVING = (FileState.WAITING, FileState.RUNNING)
WORKED_OUT = 5_000
"""Up to so many entries whoever checks a paper has the whole chain worked out anew; beyond, its head is compared."""


def _case(number: str) -> Case:
    """The case, if its file is theirs to take out."""
    case = case_queries.visible_case(number, to=current_actor())
    authorise(current_actor(), MAKE, case)
    return case


@blueprint.route("/cases/<number>/file", methods=["GET"])
@needs(MAKE)
def ask(number: str) -> ResponseReturnValue:
    """How the file is to be made, and those that were made before."""
    form = PrintForm(formdata=None)
    form.locale.data = language()
    return _page(_case(number), form)


def _page(case: Case, form: PrintForm) -> ResponseReturnValue:
    actor = current_actor()
    made = queries.files_of(case.id)
    return page(
        "casefile/ask.html",
        case=case,
        form=form,
        made=made,
        names=names_of({file.by_id for file in made}),
        states=STATES,
        weight=queries.weight(case),
        may_unmask=can(actor, UNMASK, case) and bool(case.contact_phone),
        status=form.http_status,
    )


@blueprint.post("/cases/<number>/file")
@needs(MAKE)
def make(number: str) -> ResponseReturnValue:
    """Make it: at once when the case is small, else by the job. A second click makes nothing."""
    case, form, actor = _case(number), PrintForm(), current_actor()
    asked: list[int] = []
    at_once = queries.weight(case).at_once

    def work() -> str:
        file = service.ask(
            case,
            locale=form.locale.data or language(),
            full=bool(form.full.data),
            reason=form.reason.data or "",
            actor=actor,
            now=utcnow(),
        )
        asked.append(file.id)
        return url_for("casefile.show", number=number, key=file.id)

    location = carry_out(form, work, principal=principal())
    if location is None:
        return _page(case, form)
    if at_once and asked:
        with contextlib.suppress(Conflict):  # the job was faster
            making.execute(asked[0], now=utcnow())
    return redirect(location, 303)


@blueprint.get("/cases/<number>/file/<int:key>")
@needs(MAKE)
def show(number: str, key: int) -> ResponseReturnValue:
    """How far it is; once made, the way to the PDF and what stands on it."""
    case = _case(number)
    file = queries.file_of(case, key)
    return page(
        "casefile/file.html",
        fragment="casefile/_file.html",
        case=case,
        file=file,
        moving=file.status in MOVING,
        state=STATES[FileState(file.status)],
        code=grouped(file.code),
        by=names_of({file.by_id}).get(file.by_id, ""),
        mine=_is_theirs(file, utcnow()),
    )


def _is_theirs(file: CaseFile, now: datetime) -> bool:
    """Whether the reader made it, and its bytes are still kept."""
    kept = file.expires_at is not None and now < file.expires_at
    return kept and file.by_id == current_actor().user_id


@blueprint.get("/cases/<number>/file/<int:key>/case.pdf")
@needs(MAKE)
def download(number: str, key: int) -> ResponseReturnValue:
    """The PDF, for whoever asked for it, for a day; others make their own, so that each is in the log."""
    case = _case(number)
    file = queries.file_of(case, key)
    if not _is_theirs(file, utcnow()):
        raise NotFound("case file")
    try:
        content = storage.current().get(file.storage_key)
    except storage.Missing as error:
        raise NotFound("case file") from error
    name = f"{gettext('File of the case')} {case.number}.pdf"
    headers = {"Content-Disposition": disposition(name), "Cache-Control": "private, no-store"}
    return Response(content, content_type="application/pdf", headers=headers)


def check(code: str, now: datetime) -> ResponseReturnValue | None:
    """What anyone sees who checks the code of a case file; None when it is not one."""
    file = queries.by_code(code)
    if file is None:
        return None
    case = db.session.get_one(Case, file.case_id)
    entries = audit.length(case.id)
    holds = audit.still_holds(case.id, file.head_seq, file.head_hash)
    whole = holds and (entries > WORKED_OUT or audit.verify(case.id).ok)
    return page(
        "casefile/verify.html",
        file=file,
        number=case.number,
        holds=whole,
        later=entries - file.head_seq,
        code=grouped(file.code),
        now=now,
    )
