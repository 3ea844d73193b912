"""Enterprises: known again by credit code, else by name within the district; blanks are filled, nothing replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from casework.areas.models import Area, Level
from casework.areas.places import Found, Places
from casework.enterprises import service
from casework.enterprises.models import Contact, Enterprise
from casework.enterprises.rules import compact, name_key, uscc_fault
from casework.exchange.cells import split_contacts
from casework.exchange.importing import Outcome, RowRefused, Said, Setting, Step
from casework.kernel.db import db
from casework.kernel.errors import N_, NotPermitted, Reason, because
from casework.kernel.permissions import can

NO_NAME = N_("The name of the enterprise is missing.")
TOO_LONG = N_("“%(start)s…” is longer than %(limit)s characters.")
SHORTEN = N_("Shorten it in the file and import the file again.")
NO_PLACE = N_("Neither a district nor an address says where “%(name)s” lies.")
GIVE_DISTRICT = N_(
    'Write the district in the row, or give one for all rows in the mapping: {"defaults": {"district": "福田区"}}.'
)
NO_DISTRICT = N_("“%(name)s” is not among the areas here.")
NOT_IN_ADDRESS = N_("The address “%(address)s” names no district that is among the areas here.")
ADD_DISTRICT = N_("Write one of the districts (%(known)s), or add the area first, then import the file again.")
OTHER_CODE = N_("“%(name)s” is listed with credit code %(known)s, the file says %(found)s.")
COMPARE = N_("Compare both with the licence; correct the file, or the enterprise here.")
OTHER_NAME = N_("Credit code %(code)s is listed as “%(known)s”, the file says “%(found)s”: the name was kept.")
LEGAL = "法定代表人"


@dataclass(slots=True)
class Known:
    """What is known of a firm, from the database or from an earlier row (then without an id until it is written)."""

    name: str
    district_id: int | None
    area_id: int | None
    values: dict[str, str]
    id: int | None = None
    row: Enterprise | None = None
    contacts: set[tuple[str, str]] = field(default_factory=set)


class EnterpriseImporter:
    """Creates firms that are not known, and fills in what is new about those that are."""

    target = "enterprises"
    needs = ("name",)
    stored = frozenset(
        [
            "name",
            "uscc",
            "district",
            "subdistrict",
            "community",
            "address",
            "contact_name",
            "contact_phone",
            "legal_person",
            "size",
            "industry",
        ]
    )

    def __init__(self, setting: Setting):
        self.setting = setting
        self.places = Places(db.session.scalars(sa.select(Area)))
        self.by_code: dict[str, Known] = {}
        self.by_name: dict[str, dict[int | None, Known]] = {}

    def look_up(self, rows: Sequence[Said]) -> None:
        """The firms that the batch may speak of, with their contacts."""
        names = {name_key(row["name"]) for row in rows} - self.by_name.keys()
        codes = {compact(row["uscc"]) for row in rows if row["uscc"]} - self.by_code.keys()
        found = db.session.scalars(
            sa.select(Enterprise).where(sa.or_(Enterprise.name_key.in_(names), Enterprise.uscc.in_(codes)))
        ).all()
        fresh = {one.id: self._remember(_known(one)) for one in found}
        contacts = sa.select(Contact).where(Contact.enterprise_id.in_(fresh), Contact.left_at.is_(None))
        for contact in db.session.scalars(contacts):
            fresh[contact.enterprise_id].contacts.add((contact.name, contact.phone))
        for key in names:
            self.by_name.setdefault(key, {})

    def _remember(self, known: Known) -> Known:
        self.by_name.setdefault(name_key(known.name), {})[known.district_id] = known
        if known.values["uscc"]:
            self.by_code[known.values["uscc"]] = known
        return known

    def plan(self, row: Said) -> Step:
        """Create, fill in, or leave as it is."""
        values = _values(row)
        name = row["name"]
        known = self.by_code.get(values["uscc"]) if values["uscc"] else None
        if known is not None:
            return self._meet(known, row, values, Found(None), by_code=True)
        here = self.by_name.get(name_key(name), {})
        try:
            found = self._place(row)
        except RowRefused:
            if len(here) != 1:  # no place, but there is only one firm of this name: that one
                raise
            return self._meet(next(iter(here.values())), row, values, Found(None))
        known = here.get(_district(found.area))
        return self._meet(known, row, values, found) if known else self._create(row, values, found)

    def _place(self, row: Said) -> Found:
        district, address = row["district"], row["address"]
        found = self.places.find(district, row["subdistrict"], row["community"], address)
        if found.area is not None:
            return found
        names = [area.name for area in self.places.by_id.values() if area.level == Level.DISTRICT]
        remedy = because(ADD_DISTRICT, known="、".join(names[:12]) or "—")
        if district:
            raise RowRefused("district", because(NO_DISTRICT, name=district), remedy)
        if address:
            raise RowRefused("address", because(NOT_IN_ADDRESS, address=address[:60]), Reason(GIVE_DISTRICT))
        raise RowRefused("district", because(NO_PLACE, name=row["name"][:60]), Reason(GIVE_DISTRICT))

    def _create(self, row: Said, values: dict[str, str], found: Found) -> Step:
        area = found.area
        if area is None:
            raise AssertionError("a row without a place is refused before")
        self._may_edit(area)
        known = Known(row["name"], _district(area), area.id, dict(values))
        contacts = _contacts(row)
        known.contacts |= set(contacts)
        self._remember(known)

        def write() -> None:
            draft = service.Draft(
                name=row["name"],
                area=area,
                uscc=values["uscc"],
                address=values["address"],
                size=values["size"],
                industry=values["industry"],
            )
            setting = self.setting
            known.row = service.add_enterprise(draft, actor=setting.actor, now=setting.now, quiet=True)
            if contacts:
                db.session.flush()  # the contacts need its id
            self._write_contacts(known.row, contacts, row["legal_person"])

        return Step(Outcome.CREATED, write, found.notes)

    def _meet(self, known: Known, row: Said, values: dict[str, str], found: Found, *, by_code: bool = False) -> Step:
        """A firm that is there: fill its blanks, place it more finely, add whom to call."""
        if values["uscc"] and known.values["uscc"] and values["uscc"] != known.values["uscc"]:
            said = {"name": known.name, "known": known.values["uscc"], "found": values["uscc"]}
            raise RowRefused("uscc", Reason(OTHER_CODE, said), Reason(COMPARE))
        notes = list(found.notes)
        if by_code and name_key(known.name) != name_key(row["name"]):
            said = {"code": values["uscc"], "known": known.name, "found": row["name"]}
            notes.append(Reason(OTHER_NAME, said))
        blanks = {name: value for name, value in values.items() if value and not known.values[name]}
        finer = self._finer(known, found.area)
        contacts = [pair for pair in _contacts(row) if pair not in known.contacts]
        if not (blanks or finer or contacts):
            return Step(Outcome.EXISTING, notes=notes)
        self._may_edit(self.places.by_id[known.area_id or 0])
        known.values |= blanks
        known.area_id = finer.id if finer else known.area_id
        known.contacts |= set(contacts)

        def write() -> None:
            enterprise = self._row(known)
            service.fill_blanks(enterprise, blanks, finer, actor=self.setting.actor)
            self._write_contacts(enterprise, contacts, row["legal_person"])

        return Step(Outcome.CHANGED, write, notes)

    def _finer(self, known: Known, area: Area | None) -> Area | None:
        if area is None or area.id == known.area_id or known.area_id not in area.area_ids:
            return None
        return area

    def _row(self, known: Known) -> Enterprise:
        if known.id is None:
            if known.row is None:
                raise AssertionError("the earlier row was never written")
            db.session.flush()  # the earlier row of this batch gets its id
            known.id = known.row.id
        found = db.session.get(Enterprise, known.id)
        if found is None:
            raise AssertionError("a firm is never deleted")
        return found

    def _write_contacts(self, enterprise: Enterprise, contacts: Sequence[tuple[str, str]], legal: str) -> None:
        for name, phone in contacts:
            service.save_contact(
                enterprise,
                None,
                name=name,
                duty=LEGAL if legal and name == legal[:60] else "",
                phone=phone,
                actor=self.setting.actor,
                now=self.setting.now,
                quiet=True,
            )

    def _may_edit(self, area: Area) -> None:
        if self.setting.actor is not None and not can(self.setting.actor, "enterprise.edit", area):
            raise NotPermitted("enterprise.edit")


def _known(one: Enterprise) -> Known:
    values = {name: getattr(one, name) or "" for name in ("uscc", "address", "size", "industry")}
    return Known(one.name, one.district_id, one.area_id, values, id=one.id)


def _district(area: Area | None) -> int | None:
    if area is None:
        return None
    return area.id if area.level == Level.DISTRICT else area.district_id


def _values(row: Said) -> dict[str, str]:
    """The plain fields of a row, checked."""
    if not row["name"]:
        raise RowRefused("name", Reason(NO_NAME))
    for name, limit in (("name", 200), ("address", 300), ("size", 20), ("industry", 60)):
        if len(row[name]) > limit:
            reason = because(TOO_LONG, start=row[name][:20], limit=limit)
            raise RowRefused(name, reason, Reason(SHORTEN))
    code = compact(row["uscc"])
    if code and (fault := uscc_fault(code)):
        raise RowRefused("uscc", fault)
    return {"uscc": code, "address": row["address"], "size": row["size"], "industry": row["industry"]}


def _contacts(row: Said) -> list[tuple[str, str]]:
    """Whom the row names, as (name, phone); the legal representative without a number, if given."""
    name, phone = row["contact_name"], row["contact_phone"]
    if not (name or phone):
        pairs: list[tuple[str, str]] = []
    elif name == phone or not phone:
        pairs = split_contacts(name)
    else:
        pairs = split_contacts(phone) if not name else [(name, phone)]
    if any(number and sum(sign.isdigit() or sign == "*" for sign in number) < 7 for _, number in pairs):
        raise RowRefused("contact_phone", Reason(service.NO_PHONE))
    nobody = row["legal_person"][:60] or "—"
    pairs = [(who[:60] or nobody, number[:30]) for who, number in pairs]
    if row["legal_person"] and all(who != row["legal_person"] for who, _ in pairs):
        pairs.append((row["legal_person"][:60], ""))
    return list(dict.fromkeys(pairs))
