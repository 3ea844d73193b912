"""Every write to firms, their contacts and liaisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.areas.models import Area, Level
from casework.audit.service import record
from casework.enterprises import history, queries, rules, taken
from casework.enterprises.events import (
    ContactLeft,
    ContactSaved,
    EnterpriseAdded,
    EnterpriseContacted,
    EnterpriseCorrected,
    EnterprisePhoneRevealed,
    LiaisonAssigned,
)
from casework.enterprises.models import REACHED, Contact, ContactEntry, Enterprise, Liaison, Met
from casework.kernel import search
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day

NO_NAME = N_("Write the name as it stands on the licence.")
ABOVE_DISTRICT = N_("Pick the district, or something inside it.")
NO_OFFICER = N_("Pick an officer with a posting in this area.")
SAME_PERSON = N_("The deputy is someone other than the officer.")
NO_CONTACT = N_("Write the person's name.")
NO_PHONE = N_("Write a number like 13800138000 or 0755-12345678.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is known of a firm before it is one; texts already trimmed."""

    name: str
    area: Area
    uscc: str = ""
    address: str = ""
    size: str = ""
    industry: str = ""
    active: bool = True


def place(subject: Any, area: Area) -> None:
    """Put a row with the five area columns into an area."""
    subject.area_id = area.id
    for level in (Level.CITY, Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY):
        above = getattr(area, f"{level.value}_id")
        setattr(subject, f"{level.value}_id", area.id if area.level == level else above)


def add_enterprise(draft: Draft, *, actor: Actor | None, now: datetime, quiet: bool = False) -> Enterprise:
    """Enter a firm. ``quiet`` leaves the fact to whoever enters it with others.

    No actor is an operator at the command line, here and for contacts.

    Raises:
        NotPermitted: its area is not the actor's.
        Refused: the credit code is wrong or taken, or the name is known in the district.
    """
    enterprise = Enterprise(created_at=now, active=draft.active)
    place(enterprise, draft.area)
    if actor is not None:
        authorise(actor, "enterprise.edit", enterprise)
    _check(draft, enterprise.district_id, itself=None, actor=actor)
    fill(enterprise, draft)
    history.set_closed(enterprise, local_day(now))
    db.session.add(enterprise)
    db.session.flush()  # what is found by it, and the fact, name the id
    make_findable(enterprise)
    if not quiet:
        record(EnterpriseAdded(enterprise=enterprise.id, name=enterprise.name), by=actor, at=now)
    return enterprise


def authorise_edit(enterprise: Enterprise, draft: Draft, *, actor: Actor) -> None:
    """Whether a firm may be corrected like this; nothing is written.

    Raises:
        NotPermitted: it is not theirs, now or in the new area.
        Refused: as in ``add_enterprise``.
    """
    authorise(actor, "enterprise.edit", enterprise)
    moved = Enterprise()
    place(moved, draft.area)
    authorise(actor, "enterprise.edit", moved)
    _check(draft, moved.district_id, itself=enterprise, actor=actor)


def edit_enterprise(enterprise: Enterprise, draft: Draft, *, reason: str = "", actor: Actor, now: datetime) -> None:
    """Correct a firm's fields.

    Raises:
        NotPermitted, Refused: as in ``authorise_edit``.
    """
    authorise_edit(enterprise, draft, actor=actor)
    before = shown(enterprise)
    place(enterprise, draft.area)
    fill(enterprise, draft)
    liaison_follows(enterprise, local_day(now))
    after = shown(enterprise)
    changes = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    if changes:
        db.session.flush()  # a stale row must refuse before the fact is written
        make_findable(enterprise)
        record(EnterpriseCorrected(enterprise=enterprise.id, changes=changes, reason=reason), by=actor, at=now)


def save_contact(
    enterprise: Enterprise,
    contact: Contact | None,
    *,
    name: str,
    duty: str,
    phone: str,
    actor: Actor | None,
    now: datetime,
    quiet: bool = False,
) -> Contact:
    """Add a person to call, or correct one.

    Raises:
        NotPermitted: the firm is not theirs.
        Refused: no name, or no number that can be called.
    """
    if actor is not None:
        authorise(actor, "enterprise.edit", enterprise)
    if reasons := contact_faults(name, phone):
        raise Refused(reasons)
    new = contact is None
    contact = contact or Contact(enterprise_id=enterprise.id)
    contact.name, contact.duty, contact.phone = name[:60], duty[:60], phone[:30]
    db.session.add(contact)
    if not quiet:
        db.session.flush()  # the fact names the id
        fact = ContactSaved(enterprise=enterprise.id, contact=contact.id, name=contact.name, new=new)
        record(fact, by=actor, at=now)
    return contact


def contact_faults(name: str, phone: str) -> list[Reason]:
    """What is wrong with a person to call."""
    reasons = [] if name else [Reason(NO_CONTACT, {}, "name")]
    if phone and len([sign for sign in phone if sign.isdigit() or sign == "*"]) < 7:
        reasons.append(Reason(NO_PHONE, {}, "phone"))
    return reasons


def contact_leaves(enterprise: Enterprise, contact: Contact, *, actor: Actor, now: datetime) -> None:
    """Someone no longer works there; the entry stays in the history."""
    authorise(actor, "enterprise.edit", enterprise)
    contact.left_at = now
    record(ContactLeft(enterprise=enterprise.id, contact=contact.id), by=actor, at=now)


def reveal(enterprise: Enterprise, contact: Contact, *, actor: Actor, now: datetime) -> None:
    """Log that the actor looks at the full number; the page shows it once."""
    authorise(actor, "enterprise.reveal", enterprise)
    record(EnterprisePhoneRevealed(enterprise=enterprise.id, contact=contact.id), by=actor, at=now)


def assign_liaison(
    enterprise: Enterprise, *, officer_id: int, deputy_id: int | None, actor: Actor, now: datetime
) -> None:
    """Name who answers for the firm from today, and the deputy; the one before ends yesterday.

    Raises:
        NotPermitted: the firm is not theirs.
        Refused: someone without a posting here, or one person twice.
    """
    authorise(actor, "enterprise.assign", enterprise)
    today = local_day(now)
    known = dict(queries.officers_for(enterprise, today))
    if officer_id not in known or (deputy_id and deputy_id not in known):
        raise Refused(Reason(NO_OFFICER, {}, "officer_id" if officer_id not in known else "deputy_id"))
    if officer_id == deputy_id:
        raise Refused(Reason(SAME_PERSON, {}, "deputy_id"))
    if not hand_over([enterprise], officer_id, deputy_id, today):
        return
    fact = LiaisonAssigned(
        enterprise=enterprise.id, officer=known[officer_id], deputy=known.get(deputy_id or 0, ""), start=today
    )
    record(fact, by=actor, at=now)


def liaison_follows(enterprise: Enterprise, today: date) -> None:
    """The officer's entry moves with the firm, and ends when the firm is out of business; so do its contact days."""
    history.follow(enterprise, today)
    liaison = queries.liaison_of(enterprise)
    if liaison is None:
        return
    liaison.district_id, liaison.community_id = enterprise.district_id, enterprise.community_id
    if not enterprise.active:
        liaison.to_on = today - timedelta(days=1)


def contacted(
    enterprise_id: int,
    way: str,
    *,
    met: str = Met.SPOKE,
    text: str = "",
    case_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> ContactEntry:
    """The one place where a contact with a firm is written down: its history, and what freshness counts.

    The caller has authorised it, and records it on the case or as in ``log_contact``. Conflicts with nobody.
    """
    day = local_day(now)
    entry = ContactEntry(
        enterprise_id=enterprise_id, case_id=case_id, by_id=actor.user_id, at=now, day=day, way=way, met=met, text=text
    )
    db.session.add(entry)
    if met in REACHED:
        older = sa.or_(Enterprise.contacted_on.is_(None), Enterprise.contacted_on < day)
        db.session.execute(
            sa.update(Enterprise)
            .where(Enterprise.id == enterprise_id, older)
            .values(contacted_on=day)
            .execution_options(synchronize_session=False)
        )
        history.contacted(enterprise_id, day)
    return entry


def log_contact(
    enterprise: Enterprise, way: str, text: str, *, met: str = Met.SPOKE, actor: Actor, now: datetime
) -> ContactEntry:
    """A call or visit to the firm that belongs to no case.

    Raises:
        NotPermitted: the firm is not theirs.
        Refused: nothing is written.
    """
    authorise(actor, "enterprise.edit", enterprise)
    return write_contact(enterprise.id, way, text, met=met, actor=actor, now=now)


def write_contact(enterprise_id: int, way: str, text: str, *, met: str, actor: Actor, now: datetime) -> ContactEntry:
    """A contact outside of any case, with its fact; the caller has authorised it.

    Raises:
        Refused: somebody was met, and nothing is written of what was said.
    """
    if not text and met in REACHED:
        raise Refused(because(N_("Write in a few words what was said."), "text"))
    entry = contacted(enterprise_id, way, met=met, text=text[:1000], actor=actor, now=now)
    record(EnterpriseContacted(enterprise=enterprise_id, way=way, text=text[:1000], met=met), by=actor, at=now)
    return entry


def hand_over(firms: Sequence[Enterprise], officer_id: int, deputy_id: int | None, today: date) -> list[Enterprise]:
    """Let an officer and a deputy answer for firms from today; who did before ends yesterday. Returns the changed ones.

    The caller has authorised it, and records it.
    """
    ids = [firm.id for firm in firms]
    current = sa.select(Liaison).where(Liaison.enterprise_id.in_(ids), Liaison.to_on.is_(None))
    before = {row.enterprise_id: row for row in db.session.scalars(current)}
    same = {key for key, row in before.items() if (row.officer_id, row.deputy_id) == (officer_id, deputy_id)}
    changed = [firm for firm in firms if firm.id not in same]
    for firm in changed:
        if firm.id in before:
            before[firm.id].to_on = today - timedelta(days=1)
    db.session.flush()  # the old ones end before the new ones begin: only one is current
    db.session.add_all(
        Liaison(
            enterprise_id=firm.id,
            officer_id=officer_id,
            deputy_id=deputy_id,
            district_id=firm.district_id,
            community_id=firm.community_id,
            from_on=today,
        )
        for firm in changed
    )
    return changed


def _check(draft: Draft, district_id: int | None, *, itself: Enterprise | None, actor: Actor | None) -> None:
    reasons: list[Reason] = []
    if not draft.name:
        reasons.append(Reason(NO_NAME, {}, "name"))
    if district_id is None:
        reasons.append(Reason(ABOVE_DISTRICT, {}, "area_id"))
    code = rules.compact(draft.uscc) if draft.uscc else None
    if code and (fault := rules.uscc_fault(code)):
        reasons.append(fault)
    if not reasons:
        reasons = taken.faults(draft.name, code, district_id, itself=itself, actor=actor)
    if reasons:
        raise Refused(reasons)


def fill(enterprise: Enterprise, draft: Draft) -> None:
    """Write what is known of a firm into its fields; who may is asked before."""
    enterprise.name, enterprise.uscc = draft.name[:200], rules.compact(draft.uscc) or None
    _name(enterprise, draft)
    enterprise.address, enterprise.active = draft.address[:300], draft.active
    enterprise.size, enterprise.industry = draft.size[:20], draft.industry[:60]


def _name(enterprise: Enterprise, draft: Draft) -> None:
    """The keys by which a name is known again and found, in pinyin too."""
    key = rules.name_key(draft.name)
    if enterprise.name_key == key and enterprise.initials:
        return
    enterprise.name_key = key
    for column, value in rules.found_by(key, queries.before_brands(draft.area)).items():
        setattr(enterprise, column, value)


def make_findable(*enterprises: Enterprise) -> None:
    """Let the words of their names and addresses be searched for."""
    search.put_all([search.Text("firm", one.id, None, findable(one), one.district_id) for one in enterprises])


def findable(enterprise: Any) -> str:
    """The words by which a firm is found, from a firm or a row of its columns."""
    return f"{enterprise.name}\n{enterprise.address}"


def shown(enterprise: Enterprise) -> dict[str, Any]:
    """What stands in a firm's fields."""
    names = ("name", "uscc", "area_id", "address", "size", "industry", "active")
    return {name: getattr(enterprise, name) for name in names}
