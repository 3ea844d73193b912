"""The firms of a joint case: who they are, and whether each one is settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.cases.events import BeneficiariesAdded, BeneficiaryCompleted, BeneficiarySettled
from casework.cases.models import Beneficiary, Case
from casework.cases.service import touch
from casework.enterprises.models import Enterprise
from casework.enterprises.rules import name_key
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, Refused, because
from casework.kernel.masking import masked
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day

STATUSES = {"settled": N_("Settled"), "excluded": N_("Excluded"), "pending": N_("Pending")}
MOST = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """A firm that joins: rent in fen a month, floor area in cm²; None where it is not known."""

    name: str
    uscc: str | None = None
    contact: str = ""
    phone: str = ""
    monthly_rent_fen: int | None = None
    floor_area_cm2: int | None = None


def add(case: Case, firms: Sequence[Joining], *, actor: Actor, now: datetime) -> tuple[int, int]:
    """Let firms join the case; returns how many are new and how many were already there. All or none.

    Raises:
        NotPermitted: the actor may not.
        Refused: the case is closed, or there would be too many.
    """
    _may_change(case, actor)
    present = {
        name_key(name) for name in db.session.scalars(sa.select(Beneficiary.name).where(Beneficiary.case_id == case.id))
    }
    fresh = list({name_key(firm.name): firm for firm in reversed(firms) if name_key(firm.name) not in present}.values())
    fresh.reverse()
    _has_room(len(present) + len(fresh))
    if fresh:
        _add(case, fresh, actor, now)
    return len(fresh), len(firms) - len(fresh)


def enter(case: Case, firms: Sequence[Joining], *, actor: Actor, now: datetime) -> list[Beneficiary]:
    """Let firms join that the case does not have yet, as an import knows; their rows in the same order.

    Raises:
        NotPermitted: the actor may not.
        Refused: the case is closed, or there would be too many.
    """
    _may_change(case, actor)
    count = sa.select(sa.func.count()).select_from(Beneficiary).where(Beneficiary.case_id == case.id)
    _has_room((db.session.scalar(count) or 0) + len(firms))
    return _add(case, firms, actor, now) if firms else []


def _may_change(case: Case, actor: Actor) -> None:
    authorise(actor, "case.beneficiaries", case)
    if not case.is_open:
        raise Refused(because(N_("The case is closed: reopen it before firms join.")))


def _has_room(firms: int) -> None:
    if firms > MOST:
        raise Refused(because(N_("A joint case holds at most %(limit)s firms: split it."), limit=MOST))


def complete(case: Case, firm: Beneficiary, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Write what a list says of a firm that has joined: sums, area, whom to call; or that it is to be settled again.

    Raises:
        NotPermitted: the actor may not.
        Refused: the case is closed.
    """
    _may_change(case, actor)
    changes = {name: [getattr(firm, name), value] for name, value in values.items() if getattr(firm, name) != value}
    for name, (_, value) in changes.items():
        setattr(firm, name, value)
    if not changes:
        return
    db.session.flush()  # the version check before the entry
    told = {name: [_told(name, old), _told(name, new)] for name, (old, new) in changes.items()}
    audit.record(
        BeneficiaryCompleted(beneficiary=firm.id, name=firm.name, changes=told), by=actor, at=now, case_id=case.id
    )
    touch(case, "beneficiaries", now)


def _told(name: str, value: Any) -> Any:
    """A value as the chain keeps it: a phone stays masked there."""
    return masked(value or "") if name == "phone" else value


def _known(case: Case, firms: Sequence[Joining]) -> dict[str, int]:
    """Those of the firms that the register of the district has, by the key of their name."""
    keys = [name_key(firm.name) for firm in firms]
    query = sa.select(Enterprise.name_key, Enterprise.id).where(
        Enterprise.name_key.in_(keys), Enterprise.district_id == case.district_id
    )
    return {row.name_key: row.id for row in db.session.execute(query)}


def _add(case: Case, firms: Sequence[Joining], actor: Actor, now: datetime) -> list[Beneficiary]:
    known = _known(case, firms)
    rows = [
        Beneficiary(
            case_id=case.id,
            enterprise_id=known.get(name_key(firm.name)),
            name=firm.name,
            uscc=firm.uscc,
            contact=firm.contact,
            phone=firm.phone,
            monthly_rent_fen=firm.monthly_rent_fen,
            floor_area_cm2=firm.floor_area_cm2,
            added_at=now,
        )
        for firm in firms
    ]
    db.session.add_all(rows)
    if not case.joint:
        case.joint = True
    db.session.flush()  # the rows and the version check before the entry
    rent = sum(firm.monthly_rent_fen or 0 for firm in firms)
    fact = BeneficiariesAdded(count=len(firms), names=[firm.name for firm in firms], rent_fen=rent)
    audit.record(fact, by=actor, at=now, case_id=case.id)
    touch(case, "beneficiaries", now)
    return rows


def settle(
    case: Case,
    beneficiary_id: int,
    status: str,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
    version: str | None = None,
) -> None:
    """Settle one firm, exclude it for a reason, or make it pending again.

    Raises:
        NotFound: no such firm on this case.
        NotPermitted: the actor may not.
        Refused: no reason is given for an exclusion, or nothing would change.
    """
    authorise(actor, "case.beneficiaries", case)
    firm = db.session.scalar(
        sa.select(Beneficiary).where(Beneficiary.id == beneficiary_id, Beneficiary.case_id == case.id)
    )
    if firm is None:
        raise NotFound("beneficiary")
    if status not in STATUSES:
        raise Refused(because(N_("Status: pick one of the answers offered."), "status"))
    if status != "settled" and not reason.strip():
        raise Refused(because(N_("Reason: say why, in a few words."), "reason"))
    if firm.status == status:
        raise Refused(because(N_("It is so already: nothing to change."), "status"))
    firm.status, firm.status_reason = status, reason.strip()
    firm.settled_on = local_day(now) if status == "settled" else None
    db.session.flush()  # the version check before the entry
    fact = BeneficiarySettled(
        beneficiary=firm.id, name=firm.name, status=status, reason=reason.strip(), on=firm.settled_on
    )
    audit.record(fact, by=actor, at=now, case_id=case.id)
    touch(case, "beneficiaries", now)
