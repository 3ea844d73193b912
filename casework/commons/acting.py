"""What a move does to one case, each by the command that does it for one: in the transaction of that case."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.cases import queries as case_queries
from casework.cases import service as cases
from casework.cases import tags
from casework.cases.models import Case
from casework.cases.workflow import Action
from casework.commons import rules
from casework.commons.models import CommonMove, CommonStep
from casework.files import service as files
from casework.files import storage
from casework.files.models import Attachment
from casework.files.service import Sealed
from casework.intake import service as intake
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.permissions import Actor
from casework.supervision import service as supervision

LEADS = Reason(N_("This officer leads it already."))
LEAD_CHANGED = Reason(N_("Somebody gave it to another lead officer since."))


def on_chosen(
    move: CommonMove, case: Case, action: Action, answer: Mapping[str, Any], actor: Actor, now: datetime
) -> None:
    """Do to a case that was chosen from the list what the move says; raises what the command of that raises."""
    if action is rules.TAG:
        tags.add(case, str(answer.get("word", "")), actor=actor, now=now)
    elif action is rules.UNTAG:
        tags.remove(case, str(answer.get("word", "")), actor=actor, now=now)
    elif action is rules.ASSIGN:
        _assign(move, case, answer, actor, now)
    else:
        on_member(case, action, answer, actor, now)


def _assign(move: CommonMove, case: Case, answer: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """Give it to another lead officer, or back to whom had it if nobody has changed that since; who supports stays."""
    step, officer = db.session.get_one(CommonStep, (move.id, case.id), populate_existing=True), answer.get("officer")
    if move.undoes_id is not None:
        if case.lead_id != officer:
            raise Refused(LEAD_CHANGED)
        officer, support = step.before.get("officer"), list(step.before.get("support", ()))
    elif case.lead_id == officer:
        raise Refused(LEADS)
    else:
        support = sorted(case.holder_ids - {case.lead_id})
        step.before = {"officer": case.lead_id, "support": support}
    changed = {"officer": officer, "support": support, "reason": answer.get("reason", "")}
    cases.act(case, "assign", changed, actor=actor, now=now)


def on_member(case: Case, action: Action, answer: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """Do to a case of an issue what a move says; raises what the command of that raises."""
    if action is rules.ATTACH:
        return
    if action is rules.NOTE:
        cases.add_note(case, str(answer.get("text", "")), actor=actor, now=now)
    elif action is rules.TELL:
        if not case.is_open:
            raise Refused(because(N_("The case has ended: its requester is not written to.")))
        intake.tell(case, str(answer.get("text", "")), actor=actor, now=now)
    elif action is rules.URGE:
        supervision.urge(case, str(answer.get("text", "")), actor=actor, now=now)
    else:
        cases.act(case, action.name, answer, actor=actor, now=now)


def copies(kept: Mapping[str, Any]) -> list[Sealed]:
    """The stored files once more, for one case: its bytes are nobody else's. Nothing is written to the database."""
    ids = kept.get("ids", ())
    rows = (
        db.session.scalars(sa.select(Attachment).where(Attachment.id.in_(ids)).order_by(Attachment.id)) if ids else ()
    )
    place = storage.current()

    def copied(key_: str | None) -> str | None:
        return place.put(io.BytesIO(place.get(key_))) if key_ else None

    return [
        Sealed(
            row.name,
            row.content_type,
            row.size,
            row.sha256,
            copied(row.storage_key) or "",
            copied(row.thumbnail_key),
            row.thumbnail_sha256,
        )
        for row in rows
    ]


def attach(case: Case, copies: Sequence[Sealed], proves: str, actor: Actor, now: datetime) -> None:
    """Put the copied files into the case as evidence of a kind, if its type knows it."""
    known = {item["key"] for item in case_queries.type_of(case).evidence}
    kind = proves if proves in known else ""
    made = [files.attach(sealed=one, case_id=case.id, kind=kind, actor_id=actor.user_id, now=now) for one in copies]
    cases.attach(case, made, actor=actor, now=now)
