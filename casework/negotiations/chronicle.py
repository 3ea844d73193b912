"""One fact told on every case that it concerns: talks may serve several cases at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from casework import audit
from casework.audit.vocabulary import Fact
from casework.cases.models import Case
from casework.cases.service import touch
from casework.kernel import search
from casework.kernel.db import db
from casework.kernel.permissions import Actor


def tell(case_ids: Iterable[int], fact: Fact, *, by: Actor | None, at: datetime, verb: str, words: str = "") -> None:
    """Enter a fact on each case, in the order of their ids so that two tellers never wait for each other.

    ``verb`` is the progress that lists show; ``words`` become findable. By nobody when a link was used.
    """
    for case_id in sorted(set(case_ids)):
        entry = audit.record(fact, by=by, at=at, case_id=case_id)
        touch(db.session.get_one(Case, case_id), verb, at)
        if words.strip():
            search.put("entry", entry, 0, case_id, words, new=True)


def mark(case_id: int) -> None:
    """Let the case know that it has a negotiation log: pages of other cases then ask nothing of it."""
    db.session.execute(
        sa.update(Case).where(Case.id == case_id).values(negotiated=True).execution_options(synchronize_session=False)
    )
