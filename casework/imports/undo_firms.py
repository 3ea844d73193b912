"""Taking back firms: a new one is closed, fields get their old values, a contact leaves, a liaison goes back."""

from __future__ import annotations

from casework import audit
from casework.areas.models import Area
from casework.coverage.events import LiaisonsAssigned
from casework.enterprises import bulk, service
from casework.enterprises.models import Contact, Enterprise, Liaison
from casework.imports.models import ImportMark
from casework.imports.undo_rules import CHANGED, GONE, USED, Setting, Stays, same
from casework.kernel.db import db
from casework.kernel.permissions import authorise
from casework.kernel.time import local_day
from casework.roster.queries import names


def close(mark: ImportMark, setting: Setting) -> None:
    """A firm that came in by the import: out of business, while nothing refers to it. Imported again it is reopened."""
    firm = db.session.get(Enterprise, mark.thing_id)
    if firm is None or not firm.active:
        raise Stays(GONE)
    if firm.id in setting.used["enterprise"]:
        raise Stays(USED)
    if not same(firm, {name: value for name, value in (mark.after or {}).items() if name != "version"}):
        raise Stays(CHANGED)
    authorise(setting.actor, "enterprise.edit", firm)
    bulk.amend(firm, {"active": False}, None, now=setting.now)


def old_fields(mark: ImportMark, setting: Setting) -> None:
    """Fields of a firm: as they were, unless they were changed again."""
    firm = db.session.get(Enterprise, mark.thing_id)
    if firm is None or not same(firm, mark.after or {}):
        raise Stays(CHANGED)
    authorise(setting.actor, "enterprise.edit", firm)
    before = dict(mark.before or {})
    area = db.session.get(Area, before.pop("area_id")) if "area_id" in before else None
    bulk.amend(firm, before, area, now=setting.now)


def leave(mark: ImportMark, setting: Setting) -> None:
    """A person to call: no longer listed, unless somebody has corrected the entry."""
    contact = db.session.get(Contact, mark.thing_id)
    if contact is None or contact.left_at is not None:
        raise Stays(GONE)
    if contact.name != mark.name or contact.phone != (mark.after or {}).get("phone"):
        raise Stays(CHANGED)
    firm = db.session.get_one(Enterprise, contact.enterprise_id)
    service.contact_leaves(firm, contact, actor=setting.actor, now=setting.now)


def give_back(mark: ImportMark, setting: Setting) -> None:
    """Who answers for a firm: whoever did before does again, unless it was given on since."""
    row = db.session.get(Liaison, mark.thing_id)
    if row is None or row.to_on is not None:
        raise Stays(CHANGED)
    authorise(setting.actor, "enterprise.assign", db.session.get_one(Enterprise, row.enterprise_id))
    before = (mark.before or {}).get("id")
    again = db.session.get(Liaison, before) if before else None
    bulk.take_liaison_back(row, again)
    if again is not None and again.to_on is None:
        who = names({again.officer_id, again.deputy_id or 0})
        fact = LiaisonsAssigned(
            again.officer_id,
            who.get(again.officer_id, ""),
            1,
            local_day(setting.now),
            deputy=who.get(again.deputy_id or 0, ""),
            enterprises=[row.enterprise_id],
        )
        audit.record(fact, by=setting.actor, at=setting.now)


UNDOERS = {"enterprise": close, "firm_fields": old_fields, "contact": leave, "liaison": give_back}
