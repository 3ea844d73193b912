"""Writes: a file of a case is asked for, begun, and sealed; who took what out stands on the case's own chain."""

from __future__ import annotations

import hashlib
from datetime import datetime

from casework import audit
from casework.casefile.events import CaseFileMade
from casework.casefile.models import CaseFile, FileState
from casework.casefile.policy import MAKE, UNMASK
from casework.casefile.rules import KEPT
from casework.cases.events import ContactRevealed
from casework.cases.models import Case
from casework.kernel import waiting
from casework.kernel.db import db
from casework.kernel.errors import N_, Conflict, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.processes.issuing import new_code


def ask(case: Case, *, locale: str, full: bool, reason: str, actor: Actor, now: datetime) -> CaseFile:
    """Ask for the whole file of a case.

    Raises:
        NotPermitted: the actor may not take it out, or not unmasked.
        Refused: unmasked without a reason.
    """
    authorise(actor, MAKE, case)
    if full:
        authorise(actor, UNMASK, case)
        if not reason.strip():
            raise Refused(because(N_("Reason: write what the full number is needed for; it is logged."), "reason"))
    file = CaseFile(
        case_id=case.id,
        code=new_code(),
        by_id=actor.user_id,
        office=actor.title,
        locale=locale,
        full=full,
        reason=reason.strip()[:300] if full else "",
        asked_at=now,
    )
    db.session.add(file)
    db.session.flush()  # the address of its page names the id
    return file


def begin(key: int, *, now: datetime) -> CaseFile | None:
    """Take a printing into one's hands; None when it is done or in other hands."""
    file: CaseFile | None = waiting.take(CaseFile, key, now=now)
    if file is not None:
        file.done = 0
    return file


def beat(key: int, *, done: int, total: int, now: datetime) -> None:
    """Say how far it is."""
    file = db.session.get(CaseFile, key)
    if file is not None and file.status == FileState.RUNNING:
        file.done, file.total, file.beat_at = done, total, now


def stop(key: int) -> None:
    """Give it up."""
    file = db.session.get(CaseFile, key)
    if file is not None and file.status != FileState.DONE:
        file.status = FileState.STOPPED


def seal(
    key: int, *, content: bytes, storage_key: str, pages: int, head: tuple[int, str], actor: Actor, now: datetime
) -> None:
    """What was made counts from now on; it is entered on the case, a number in full as a look at it too.

    Raises:
        Conflict: somebody else was faster.
    """
    file = db.session.get_one(CaseFile, key)
    if file.status != FileState.RUNNING:
        raise Conflict("another process made this file")
    file.status, file.storage_key, file.pages = FileState.DONE, storage_key, pages
    file.size, file.sha256 = len(content), hashlib.sha256(content).hexdigest()
    file.head_seq, file.head_hash = head
    file.done, file.made_at, file.expires_at = file.total, now, now + KEPT
    db.session.flush()  # the version check before the entries
    if file.full:
        looked = ContactRevealed(what="case_file", reason=file.reason)
        audit.record(looked, by=actor, at=now, case_id=file.case_id)
    made = CaseFileMade(
        file=file.id, pages=pages, head=file.head_seq, sha256=file.sha256, full=file.full, reason=file.reason
    )
    audit.record(made, by=actor, at=now, case_id=file.case_id)
