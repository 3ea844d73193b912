"""Calling back: by somebody who did not handle it, or by the enterprise itself, on its page or by a one-time link."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from casework import audit
from casework.cases import service as cases
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.kernel import onetime
from casework.kernel.db import db, one
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.review.events import RatingLinkMade
from casework.review.models import RatingLink

VALID = timedelta(days=7)
MOST_WORDS = 500
DEAD = N_("This link has been used or is no longer valid.")


def answered(case: Case, answers: Mapping[str, str], *, now: datetime) -> None:
    """The enterprise answers the call-back itself; what is not solved goes back to work.

    Raises:
        Refused: the case waits for no call-back, or an answer is missing.
    """
    kept = {name: answers.get(name, "") for name in ("contacted", "solved", "satisfied")}
    answer = {"result": "reached", **kept, "text": answers.get("text", "")[:MOST_WORDS]}
    cases.take(case, "callback", {name: value for name, value in answer.items() if value}, actor=None, now=now)


def make_link(case: Case, *, key: str, actor: Actor, now: datetime) -> RatingLink:
    """A link by which the enterprise answers, once; an earlier one goes dead.

    Raises:
        NotPermitted: whoever handled the case does not send it either.
        Refused: the case waits for no call-back.
    """
    authorise(actor, "case.callback", case)
    if case.state != State.CALLBACK:
        raise Refused(because(N_("The case waits for no call-back.")))
    dead = sa.update(RatingLink).where(RatingLink.case_id == case.id, _live(now)).values(revoked_at=now)
    db.session.execute(dead.execution_options(synchronize_session=False))
    link = RatingLink(
        case_id=case.id, nonce=onetime.nonce(), made_by_id=actor.user_id, made_at=now, expires_at=now + VALID
    )
    link.token_hash = onetime.hashed(token_of(link, key))
    db.session.add(link)
    db.session.flush()  # shown in the answer
    audit.record(RatingLinkMade(until=link.expires_at.isoformat()), by=actor, at=now, case_id=case.id)
    return link


def token_of(link: RatingLink, key: str) -> str:
    """The secret part of a link's address, made again from its nonce."""
    return onetime.token(key, "rate", link.nonce)


def _live(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(RatingLink.used_at.is_(None), RatingLink.revoked_at.is_(None), RatingLink.expires_at > now)


def live_link(case_id: int, *, now: datetime) -> RatingLink | None:
    """The link of a case that can still be used."""
    return db.session.scalar(sa.select(RatingLink).where(RatingLink.case_id == case_id, _live(now)))


def link_for(token: str) -> tuple[RatingLink, Case]:
    """The link with this token and its case, whatever their state.

    Raises:
        NotFound: there is none: the same answer as for a guess.
    """
    found = one(sa.select(RatingLink).where(RatingLink.token_hash == onetime.hashed(token)), "link")
    return found, db.session.get_one(Case, found.case_id)


def is_live(link: RatingLink, case: Case, now: datetime) -> bool:
    """Whether it can still be answered."""
    return link.used_at is None and link.revoked_at is None and now < link.expires_at and case.state == State.CALLBACK


def answer_by_link(link: RatingLink, answers: Mapping[str, str], *, now: datetime) -> None:
    """Answer the call-back by a link, and use the link up: of two at once one wins.

    Raises:
        Refused: it was used, replaced, is expired, or an answer is missing.
    """
    spent = db.session.execute(
        sa.update(RatingLink)
        .where(RatingLink.id == link.id, _live(now))
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    if spent.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(because(DEAD))
    answered(db.session.get_one(Case, link.case_id), answers, now=now)
