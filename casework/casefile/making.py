"""Making a file: read the case as its asker may see it, lay the documents out, set the pages, seal. The edge."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from flask import current_app
from flask_babel import force_locale

from casework.audit import queries as audit
from casework.casefile import contents, documents, service, typeset
from casework.casefile.contents import Sources
from casework.casefile.documents import Printed
from casework.casefile.models import CaseFile
from casework.casefile.policy import MAKE, UNMASK
from casework.cases.models import Case
from casework.cases.presenting import case_view
from casework.files import queries as file_queries
from casework.files import storage
from casework.kernel import scratch
from casework.kernel.db import db, transaction
from casework.kernel.i18n import LANGUAGES, speaking
from casework.kernel.permissions import Actor, can
from casework.kernel.time import local_day, utcnow
from casework.kernel.waiting import Beats
from casework.kernel.web import site_address
from casework.papers.slip_pdf import Unprintable
from casework.roster.queries import actor_for

log = structlog.get_logger()


def execute(key: int, *, now: datetime) -> bool:
    """Make a file that was asked for; whether it was made here.

    Raises:
        Conflict: another process was faster.
        Unavailable: the storage does not answer.
    """
    with transaction():
        file = service.begin(key, now=now)
    if file is None:
        return False
    actor = actor_for(file.by_id, local_day(now))
    case = _allowed(file, actor)
    if case is None or actor is None:
        with transaction():
            service.stop(key)
        return False
    try:
        _make(key, case, actor, now)
    except Unprintable as error:
        log.error("a case file could not be set", file=key, error=str(error)[:200])
        with transaction():
            service.stop(key)
        return False
    return True


def _allowed(file: CaseFile, actor: Actor | None) -> Case | None:
    """The case, if whoever asked may still take it out: rights are asked again when the work is done."""
    case = db.session.get_one(Case, file.case_id)
    if actor is None or not can(actor, MAKE, case) or (file.full and not can(actor, UNMASK, case)):
        return None
    return case


def _make(key: int, case: Case, actor: Actor, now: datetime) -> None:
    with scratch.folder() as folder:
        listed = file_queries.attachments_of(case.id)
        for file in listed:  # kept as they were read: the transactions on the way would have each read anew
            db.session.expunge(file)
        # The documents first: what is said while they are laid out still comes on the paper.
        beats = Beats(lambda done: service.beat(key, done=done, total=len(listed), now=utcnow()))
        printed = documents.prepare(listed, folder, beats.tell)
        db.session.rollback()
        content, head = _set(key, actor, printed, folder, now)
        (folder / "whole.pdf").write_bytes(content)
        pages = typeset.pages_in(folder / "whole.pdf") or 0
    place = storage.current().put(io.BytesIO(content))
    with transaction():
        service.seal(key, content=content, storage_key=place, pages=pages, head=head, actor=actor, now=utcnow())


def whole(key: int, actor: Actor, printed: Sequence[Printed], now: datetime) -> tuple[dict[str, Any], tuple[int, str]]:
    """All that stands on the pages, in the language of the file, and the end of the chain that it goes up to."""
    file = db.session.get_one(CaseFile, key)
    case = db.session.get_one(Case, file.case_id)
    with speaking(file.locale), force_locale(LANGUAGES[file.locale]):
        view, chain = case_view(case, actor, now=now), audit.chain_of(case.id)
        sources = Sources(case=case, view=view, chain=chain, file=file, actor=actor, site=site_address(), now=now)
        return contents.whole(sources, printed), (chain[-1].entry.seq, chain[-1].hash)


def _set(
    key: int, actor: Actor, printed: Sequence[Printed], folder: Path, now: datetime
) -> tuple[bytes, tuple[int, str]]:
    """The pages; where a document breaks the setting it is listed instead of printed."""
    fonts = current_app.config["SETTINGS"].fonts
    data, head = whole(key, actor, printed, now)
    try:
        return typeset.write(data, folder, fonts=fonts), head
    except Unprintable as error:
        if not any(one.pages for one in printed):
            raise
        log.warning("an attached PDF cannot be printed", file=key, error=str(error)[:200])
    data, head = whole(key, actor, list(documents.without_pdfs(printed)), now)
    return typeset.write(data, folder, fonts=fonts), head
