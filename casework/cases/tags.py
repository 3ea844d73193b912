"""Tags: short words on a case. The vocabulary of a district is what is in use there; every change is on the chain."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.areas import queries as areas
from casework.cases.events import CaseTagged, CaseUntagged
from casework.cases.models import Case
from casework.cases.tag_models import CaseTag
from casework.kernel.db import db, insert_into
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.keep import keep
from casework.kernel.permissions import Actor, authorise

LONGEST = 20
MOST = 10
OFFERED = 40
TAG, UNTAG = "case.tag", "case.untag"
HAS = Reason(N_("It has this tag already."))
LACKS = Reason(N_("It does not have this tag."))


def cleaned(text: str) -> str:
    """A word as it is kept: one width of letters, single blanks, no # in front, nothing that cannot be seen."""
    seen = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in unicodedata.normalize("NFKC", text))
    return re.sub(r" +", " ", seen).strip(" #")


def faults(word: str) -> list[Reason]:
    """What is wrong with a cleaned word."""
    if not word:
        return [because(N_("Tag: write a short word."), "word")]
    if len(word) > LONGEST:
        return [because(N_("Tag: shorten it to %(limit)s characters."), "word", limit=LONGEST)]
    return []


def of_case(case_id: int) -> list[str]:
    """The tags of a case, by word."""
    return list(db.session.scalars(sa.select(CaseTag.word).where(CaseTag.case_id == case_id).order_by(CaseTag.word)))


def having(case_ids: Collection[int], word: str) -> set[int]:
    """Which of the cases have the tag."""
    return set(
        db.session.scalars(sa.select(CaseTag.case_id).where(CaseTag.case_id.in_(case_ids), CaseTag.word == word))
    )


def tagged(word: str) -> sa.ColumnElement[bool]:
    """The condition that a case has the tag."""
    return Case.id.in_(sa.select(CaseTag.case_id).where(CaseTag.word == word))


def holding(word: str) -> sa.Select[int]:
    """The ids of the cases with a tag that holds a word."""
    return sa.select(CaseTag.case_id).where(CaseTag.word.icontains(word, autoescape=True))


def used(
    text: str,
    visible: sa.ColumnElement[bool],
    *,
    most: int,
    few: Sequence[int] | None = None,
    places: Sequence[int] | None = None,
) -> list[tuple[str, int]]:
    """The tags that hold a text, on cases that somebody may see, with how many of these: the most used first.

    ``few`` are these cases where they are few, ``places`` the districts outside which there is none, where known.
    """
    count = sa.func.count()
    query = sa.select(CaseTag.word, count).join(Case, Case.id == CaseTag.case_id)
    query = query.where(CaseTag.word.icontains(text, autoescape=True), visible)
    # Said of the tags too: no planner concludes it from the cases, and it would read every tag there is.
    if few is not None:
        query = query.where(CaseTag.case_id.in_(few))
    elif places is not None:
        query = query.where(CaseTag.district_id.in_(places))
    query = query.group_by(CaseTag.word).order_by(count.desc(), CaseTag.word).limit(most)
    return [(word, number) for word, number in db.session.execute(query)]


def joined() -> Any:
    """The tags of a row of cases as one column, to be taken apart by ``apart``."""
    words = sa.select(sa.func.aggregate_strings(CaseTag.word, "\n")).where(CaseTag.case_id == Case.id)
    return words.correlate(Case).scalar_subquery()


def apart(words: str | None) -> tuple[str, ...]:
    """The words of a ``joined`` column, sorted."""
    return tuple(sorted(words.split("\n"))) if words else ()


def vocabulary(actor: Actor) -> list[str]:
    """The words that are in use in the actor's districts, the most used first; a new one is offered a little later."""
    return keep(lambda: _in_use(actor), "tags", actor.duties)


def _in_use(actor: Actor) -> list[str]:
    own = sorted(areas.districts_served(actor.duties))
    query = sa.select(CaseTag.word).where(CaseTag.district_id.in_(own)).group_by(CaseTag.word)
    return list(db.session.scalars(query.order_by(sa.func.count().desc(), CaseTag.word).limit(OFFERED)))


def add(case: Case, text: str, *, actor: Actor, now: datetime) -> str:
    """Put a tag on a case; returns the word as it is kept. It conflicts with nobody and is no progress of the case.

    Raises:
        NotPermitted: the table does not grant it on this case.
        Refused: no word, too long a word, too many tags, or it has the tag already.
    """
    authorise(actor, TAG, case)
    word = cleaned(text)
    if reasons := faults(word):
        raise Refused(reasons)
    present = of_case(case.id)
    if word not in present and len(present) >= MOST:
        raise Refused(because(N_("Tag: a case has %(most)s at most, take one off first."), "word", most=MOST))
    values = {"case_id": case.id, "district_id": case.district_id, "word": word, "by_id": actor.user_id, "at": now}
    row = insert_into(CaseTag).values(values).on_conflict_do_nothing()
    if db.session.scalar(row.returning(CaseTag.id)) is None:
        raise Refused(because(HAS.text, "word"))
    audit.record(CaseTagged(word=word), by=actor, at=now, case_id=case.id)
    return word


def remove(case: Case, word: str, *, actor: Actor, now: datetime) -> None:
    """Take a tag off a case.

    Raises:
        NotPermitted: the table does not grant it on this case.
        Refused: it does not have the tag.
    """
    authorise(actor, UNTAG, case)
    gone: Any = db.session.execute(sa.delete(CaseTag).where(CaseTag.case_id == case.id, CaseTag.word == cleaned(word)))
    if not gone.rowcount:
        raise Refused(because(LACKS.text, "word"))
    audit.record(CaseUntagged(word=cleaned(word)), by=actor, at=now, case_id=case.id)
