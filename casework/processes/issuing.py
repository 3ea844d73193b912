"""Writes: numbered documents, without gaps in their series and year, and their end before their time."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.cases.models import Case
from casework.cases.service import touch
from casework.kernel.db import db, one
from casework.kernel.errors import N_, NotFound, Refused, because
from casework.kernel.numbers import next_number
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day
from casework.processes import rules, telling
from casework.processes.definition import Issue, Step
from casework.processes.events import DocumentIssued, DocumentRevoked
from casework.processes.models import IssueCounter, IssuedDocument
from casework.processes.policy import step_of
from casework.processes.running import Course, documents_of

AFTER_ISSUE: list[Callable[[Case], None]] = []
"""What is done once a document is issued for good: a higher package writes its files."""
VOID = "所依据的审批已经作废"


def issue(case: Case, course: Course, step: Step, *, actor: Actor, now: datetime) -> list[IssuedDocument]:
    """Issue what a step issues, in the transaction of its approval: number, facts, address, validity."""
    issued = [_issued(case, course, step, one, actor, now) for one in step.issues]
    db.session.add_all(issued)
    db.session.flush()  # the entries name the ids
    for document in issued:
        fact = DocumentIssued(
            document=document.id,
            run=course.run.id,
            title=document.zh,
            number=document.number,
            valid_until=document.valid_until,
            sha256=rules.seal({"facts": document.facts}),
        )
        audit.record(fact, by=actor, at=now, case_id=case.id)
    return issued


def _issued(case: Case, course: Course, step: Step, one: Issue, actor: Actor, now: datetime) -> IssuedDocument:
    year = local_day(now).year
    return IssuedDocument(
        run_id=course.run.id,
        case_id=case.id,
        template_id=course.template.id,
        version_id=course.version.id,
        step=step.key,
        issue=one.key,
        code=new_code(),
        series=one.series,
        year=year,
        seq=next_number(IssueCounter, template_id=course.template.id, series=one.series, year=year),
        zh=one.title.zh,
        en=one.title.en,
        issuer=_issuer(actor, step),
        facts=_facts(course, one),
        issued_at=now,
        issued_by_id=actor.user_id,
        valid_until=now + timedelta(hours=one.valid_hours),
    )


def new_code() -> str:
    """130 random bits in 26 letters and digits that can be read aloud."""
    return base64.b32encode(secrets.token_bytes(17)).decode()[:26]


def _issuer(actor: Actor, step: Step) -> str:
    """The unit for which a person issues: of the step's authority, else their first."""
    own = (duty.unit_name for duty in actor.duties if step.domain in duty.domains)
    return next(own, actor.title)


def _facts(course: Course, one: Issue) -> list[Any]:
    """What anyone may verify, as it reads now in both languages: a later correction does not change the paper."""
    found = []
    for path in one.facts:
        key, _, name = path.partition(".")
        field = course.definition.field(path)
        value = course.now.answers.get(key, {}).get(name)
        if field is not None and (words := telling.said(field, value, "zh")):
            label = {"zh": field.label.zh, "en": field.label.said("en")}
            found.append(label | {"value": words, "value_en": telling.said(field, value, "en"), "path": path})
    return found


def document_by(code: str) -> IssuedDocument:
    """The document with this code.

    Raises:
        NotFound: there is none.
    """
    return one(sa.select(IssuedDocument).where(IssuedDocument.code == code.upper()), "document")


def document_of(document_id: int) -> IssuedDocument:
    """The document with this id.

    Raises:
        NotFound: there is none.
    """
    found = db.session.get(IssuedDocument, document_id)
    if found is None:
        raise NotFound("document")
    return found


def revoke(case: Case, step: Step, document: IssuedDocument, reason: str, *, actor: Actor, now: datetime) -> None:
    """Take a document back before its time.

    Raises:
        NotPermitted: neither the actor's authority issued it, nor do they lead the team.
        Refused: it is revoked already, or no reason is given.
    """
    authorise(actor, "document.revoke", step_of(case, step))
    if document.revoked_at is not None:
        raise Refused(because(N_("It is revoked already.")))
    if not reason.strip():
        raise Refused(because(N_("Reason: write why; whoever checks the document reads it."), "reason"))
    _revoke(case, document, reason.strip()[:300], actor, now)


def revoke_void(case: Case, course: Course, steps: Collection[str], *, actor: Actor | None, now: datetime) -> None:
    """Take back what rests on approvals that a changed answer has made void; by nobody when the enterprise did."""
    for document in documents_of([course.run.id]) if steps else ():
        if document.step in steps and document.revoked_at is None:
            _revoke(case, document, VOID, actor, now)


def _revoke(case: Case, document: IssuedDocument, reason: str, actor: Actor | None, now: datetime) -> None:
    document.revoked_at, document.revoke_reason = now, reason
    document.revoked_by_id = actor.user_id if actor else None
    db.session.flush()  # the version check before the entry
    fact = DocumentRevoked(document=document.id, title=document.zh, number=document.number, reason=reason)
    audit.record(fact, by=actor, at=now, case_id=case.id)
    touch(case, "process", now)


def unsealed(case_id: int | None = None, *, limit: int = 50) -> list[int]:
    """The documents, of a case or of all, whose files are not written yet, the oldest first."""
    query = sa.select(IssuedDocument.id).where(IssuedDocument.pdf_id.is_(None))
    if case_id is not None:
        query = query.where(IssuedDocument.case_id == case_id)
    return list(db.session.scalars(query.order_by(IssuedDocument.id).limit(limit)))


def standing(document: IssuedDocument, now: datetime) -> str:
    """Whether a document counts: ``revoked``, ``expired`` or ``valid``."""
    if document.revoked_at is not None:
        return "revoked"
    return "valid" if now < document.valid_until else "expired"
