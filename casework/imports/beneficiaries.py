"""Firms of a joint case from a list: new ones join, of those that are there blanks are filled, none ever leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from casework.cases import joint
from casework.cases.models import Beneficiary, Case
from casework.cases.queries import visible_case
from casework.enterprises.rules import name_key
from casework.imports import joining
from casework.imports.importing import Made, RowRefused, Said, Setting, Step
from casework.imports.models import ImportMark, Undo
from casework.imports.report import Differs, Outcome, Report, differing
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, Reason, Refused, because
from casework.kernel.masking import masked
from casework.kernel.money import yuan
from casework.kernel.permissions import Actor, can

NO_CASE = N_("Case: write the number of a joint case that is yours to work on.")
CLOSED = N_("The case is closed: reopen it before firms join.")
TWICE = N_("“%(name)s” stands in row %(first)s already.")
ONCE = N_("Remove one of the two rows, or tell them apart by name.")
FIELDS = ("uscc", "contact", "phone", "monthly_rent_fen", "floor_area_cm2")
SAID = {
    "uscc": "uscc",
    "contact": "contact_name",
    "phone": "contact_phone",
    "monthly_rent_fen": "rent",
    "floor_area_cm2": "area_sqm",
}


def case_of(number: str, actor: Actor) -> Case:
    """The joint case of this number.

    Raises:
        Refused: there is none, or it is not the actor's to let firms join.
    """
    try:
        case = visible_case(number.strip(), to=actor)
    except NotFound as error:
        raise Refused(because(NO_CASE, "case")) from error
    if not can(actor, "case.beneficiaries", case):
        raise Refused(because(NO_CASE, "case"))
    if not case.is_open:
        raise Refused(because(CLOSED, "case"))
    return case


@dataclass(slots=True)
class Known:
    """A firm of the case: its values, and the row of the file that named it."""

    values: dict[str, Any]
    id: int | None = None
    row: int = 0
    undone: bool = False


@dataclass(slots=True)
class Work:
    """What a row will write."""

    number: int
    name: str
    firm: joint.Joining | None = None
    id: int = 0
    values: dict[str, Any] = field(default_factory=dict)


class BeneficiaryImporter:
    """Lets firms join the case that the setting names."""

    target = "beneficiaries"
    whole = False
    needs = ("name",)
    stored = frozenset(("name", "uscc", "rent", "area_sqm", "contact_name", "contact_phone"))

    def __init__(self, setting: Setting):
        if setting.actor is None:
            raise Refused(because(NO_CASE, "case"))
        self.setting, self.actor = setting, setting.actor
        self.case = case_of(setting.case, self.actor)
        self.known: dict[str, Known] = {}
        self.work: list[Work] = []
        self.made: list[Made] = []

    def prepare(self, rows: Sequence[Said]) -> None:
        """The firms that the case has."""
        query = sa.select(Beneficiary).where(Beneficiary.case_id == self.case.id)
        for firm in db.session.scalars(query):
            values = {name: getattr(firm, name) for name in FIELDS}
            self.known[name_key(firm.name)] = Known(values, firm.id)
        undone = (
            sa.select(Beneficiary.name)
            .join(ImportMark, ImportMark.thing_id == Beneficiary.id)
            .where(
                Beneficiary.case_id == self.case.id,
                Beneficiary.status == "excluded",
                ImportMark.kind == "beneficiary",
                ImportMark.state == Undo.UNDONE,
            )
        )
        for name in db.session.scalars(undone):
            self.known[name_key(name)].undone = True

    def look_up(self, rows: Sequence[Said]) -> None:
        """Nothing: a joint case has few thousand firms, and they are known."""

    def finish(self, rows: Sequence[Said], report: Report, *, dry: bool) -> None:
        """Nothing is left for the end."""

    def plan(self, row: Said) -> Step:
        """A firm that joins, one whose blanks are filled, or nothing."""
        firm = joining.firm_of({name: row[name] for name in self.stored})
        known = self.known.get(name_key(firm.name))
        if known is None:
            self.known[name_key(firm.name)] = Known(_values(firm), row=row.number)
            work = Work(row.number, firm.name, firm)
            return Step(Outcome.CREATED, None, (), lambda: self.work.append(work), name=firm.name)
        if known.row:
            raise RowRefused("name", because(TWICE, name=firm.name, first=known.row), Reason(ONCE))
        known.row = row.number
        said = _values(firm)
        pairs = [(SAID[name], _said(name, known.values[name]), _said(name, said[name])) for name in FIELDS]
        parts = differing(pairs, take_over=self.setting.take_over)
        taken = {part.field for part in parts if part.taken}
        values = {name: said[name] for name in FIELDS if SAID[name] in taken}
        if known.undone:
            values["status"] = "pending"
            before, after = (str(Reason(joint.STATUSES[status])) for status in ("excluded", "pending"))
            parts += (Differs("status", before, after, taken=True),)
        shown = tuple(_masked(part) for part in parts)
        if not values:
            return Step(Outcome.EXISTING, name=firm.name, differs=shown)
        work = Work(row.number, firm.name, None, known.id or 0, values)
        return Step(Outcome.CHANGED, None, (), lambda: self.work.append(work), name=firm.name, differs=shown)

    def complete(self) -> None:
        """Write the batch: the firms that join at once, then what is filled in."""
        work, self.work = self.work, []
        if not work:
            return
        case = db.session.get_one(Case, self.case.id)
        new = [one for one in work if one.firm is not None]
        rows = joint.enter(case, [one.firm for one in new if one.firm], actor=self.actor, now=self.setting.now)
        for one, row in zip(new, rows, strict=True):
            self.made.append(Made("beneficiary", row.id, one.number, one.name, after=_kept(row)))
        for one in (one for one in work if one.firm is None):
            firm = db.session.get_one(Beneficiary, one.id)
            before = {name: getattr(firm, name) for name in one.values}
            joint.complete(case, firm, one.values, actor=self.actor, now=self.setting.now)
            self.made.append(Made("joined_fields", firm.id, one.number, firm.name, before, one.values))


def _kept(firm: Beneficiary) -> dict[str, Any]:
    return {name: getattr(firm, name) for name in FIELDS}


def _values(firm: joint.Joining) -> dict[str, Any]:
    return {name: getattr(firm, name) for name in FIELDS}


def _said(name: str, value: Any) -> str:
    """A value as people write it."""
    if value is None or value == "":
        return ""
    if name == "monthly_rent_fen":
        return yuan(value)
    if name == "floor_area_cm2":
        return f"{(Decimal(value) / joining.CM2_PER_M2).normalize():f}"
    return str(value)


def _masked(part: Differs) -> Differs:
    if part.field != "contact_phone":
        return part
    return Differs(part.field, masked(part.old), masked(part.new), part.taken)
