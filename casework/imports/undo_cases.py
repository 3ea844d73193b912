"""Taking back cases: one that nobody has worked on is withdrawn, an entry is corrected, fields get their old values."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from casework.audit.models import Event
from casework.cases import editing, joint, service
from casework.cases.models import Beneficiary, Case, CaseType
from casework.cases.taking import Taking
from casework.imports.models import ImportMark
from casework.imports.undo_rules import CHANGED, GONE, LOOK_UPS, TOUCHED, Setting, Stays, same
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, Refused
from casework.kernel.permissions import authorise

NOT_COUNTED = N_("The import that brought this entry was taken back: it does not count. %(reason)s")


def _worked_on(setting: Setting, found: Collection[ImportMark]) -> None:
    """Cases on whose chain a person has written anything after the import, and of which it has not all been undone."""
    ids = [mark.thing_id for mark in found if mark.kind == "case"]
    if not ids:
        return
    # Held, so that they are read at once and their types not anew with each.
    setting.held += db.session.scalars(sa.select(Case).where(Case.id.in_(ids)))
    setting.held += db.session.scalars(sa.select(CaseType))
    query = (
        sa.select(Event.case_id)
        .where(Event.case_id.in_(ids), Event.actor_id.is_not(None), Event.verb != "CaseSubmitted")
        .distinct()
    )
    setting.touched |= {case_id for case_id in db.session.scalars(query) if case_id is not None}


def withdrawable(mark: ImportMark, setting: Setting) -> Taking:
    """A case that came in by the import: to be withdrawn, unless somebody has worked on it."""
    case = db.session.get(Case, mark.thing_id)
    if case is None or not case.is_open:
        raise Stays(GONE)
    if case.id in setting.touched or case.state != "submitted":
        raise Stays(TOUCHED)
    return service.taking_back(case, setting.reason, actor=setting.actor, now=setting.now)


def withdraw(found: Sequence[Taking], setting: Setting) -> None:
    """Withdraw cases at once: an import makes thousands."""
    service.take_back(found, actor=setting.actor, now=setting.now)


def correct_note(mark: ImportMark, setting: Setting) -> None:
    """An entry that was added to a case: a later one says that it does not count."""
    case = db.session.get(Case, (mark.after or {}).get("case"))
    if case is None:
        raise Stays(GONE)
    authorise(setting.actor, "case.submit", case)
    text = str(Reason(NOT_COUNTED, {"reason": setting.reason}))
    service.add_note(case, text, actor=None, now=setting.now, corrects=mark.thing_id)


def old_fields(mark: ImportMark, setting: Setting) -> None:
    """Fields of a case that the import took over: as they were, unless they were changed again."""
    case = db.session.get(Case, mark.thing_id)
    if case is None or not case.is_open or not same(case, mark.after or {}):
        raise Stays(CHANGED)
    editing.correct(case, mark.before or {}, reason=setting.reason, actor=setting.actor, now=setting.now)


def exclude(mark: ImportMark, setting: Setting) -> None:
    """A firm that joined a joint case: excluded with the reason, unless it was settled."""
    firm = db.session.get(Beneficiary, mark.thing_id)
    if firm is None:
        raise Stays(GONE)
    if firm.status != "pending" or not same(firm, mark.after or {}):
        raise Stays(TOUCHED)
    case = db.session.get_one(Case, firm.case_id)
    if not case.is_open:
        raise Refused(Reason(N_("The case is closed.")))
    joint.settle(case, firm.id, "excluded", setting.reason, actor=setting.actor, now=setting.now)


def old_rent(mark: ImportMark, setting: Setting) -> None:
    """What the import filled in of a firm of a joint case: as it was, unless it was changed again."""
    firm = db.session.get(Beneficiary, mark.thing_id)
    if firm is None or not same(firm, mark.after or {}):
        raise Stays(CHANGED)
    case = db.session.get_one(Case, firm.case_id)
    joint.complete(case, firm, mark.before or {}, actor=setting.actor, now=setting.now)


LOOK_UPS.append(_worked_on)
TOGETHER = {"case": (withdrawable, withdraw)}
UNDOERS = {
    "note": correct_note,
    "case_fields": old_fields,
    "beneficiary": exclude,
    "joined_fields": old_rent,
}
