"""Reads of printings: those of a case, one of them, and the one behind a code."""

from __future__ import annotations

import sqlalchemy as sa

from casework.audit import queries as audit
from casework.casefile.models import CaseFile, FileState
from casework.casefile.rules import Weight, is_printed
from casework.cases.models import Case
from casework.files.models import Attachment
from casework.kernel.db import db, one

SHOWN = 10


def files_of(case_id: int, *, size: int = SHOWN) -> list[CaseFile]:
    """The newest printings of a case."""
    query = sa.select(CaseFile).where(CaseFile.case_id == case_id)
    return list(db.session.scalars(query.order_by(CaseFile.id.desc()).limit(size)))


def file_of(case: Case, key: int) -> CaseFile:
    """One printing of a case.

    Raises:
        NotFound: the case has no such printing.
    """
    return one(sa.select(CaseFile).where(CaseFile.id == key, CaseFile.case_id == case.id), "case file")


def by_code(code: str) -> CaseFile | None:
    """The printing with this code on it, if it was made."""
    query = sa.select(CaseFile).where(CaseFile.code == code.upper(), CaseFile.status == FileState.DONE)
    return db.session.scalar(query)


def weight(case: Case) -> Weight:
    """How much there is to print. Two queries."""
    query = sa.select(Attachment.content_type, sa.func.count()).where(Attachment.case_id == case.id)
    counted = db.session.execute(query.group_by(Attachment.content_type))
    documents = sum(count for content_type, count in counted if is_printed(content_type))
    return Weight(audit.length(case.id), documents)
