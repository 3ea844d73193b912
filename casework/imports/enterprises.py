"""Enterprises: known again by credit code, else by name within the district. Blanks are filled; what stands here is
replaced only where the officer chose so, and shown beside what the file says either way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from casework.areas.models import Area, Level
from casework.areas.places import Found, stem
from casework.enterprises import bulk, service
from casework.enterprises.models import Contact, Enterprise
from casework.enterprises.rules import compact, name_key
from casework.imports import doubles
from casework.imports.firm_rows import PLAIN, Known, Work, contacts_of, district_of, known_firm, values_of
from casework.imports.importing import GIVE_DISTRICT, NO_DISTRICT, Made, RowRefused, Said, Setting, Step, all_places
from casework.imports.models import ImportMark, Undo
from casework.imports.report import Differs, Outcome, Report, differing
from casework.kernel.db import db
from casework.kernel.errors import N_, NotPermitted, Reason, because
from casework.kernel.masking import masked
from casework.kernel.permissions import can

NO_PLACE = N_("Neither a district nor an address says where “%(name)s” lies.")
NOT_IN_ADDRESS = N_("The address “%(address)s” names no district that is among the areas here.")
ADD_DISTRICT = N_("Write one of the districts (%(known)s), or add the area first, then import the file again.")
OTHER_CODE = N_("“%(name)s” is listed with credit code %(known)s, the file says %(found)s.")
COMPARE = N_("Compare both with the licence; correct the file, or the enterprise here.")
OTHER_NAME = N_("Credit code %(code)s is listed as “%(known)s”, the file says “%(found)s”: the name was kept.")
LEGAL = "法定代表人"
OPEN_AGAIN = ("active", "0", "1")


class EnterpriseImporter:
    """Creates firms that are not known, and fills in what is new about those that are."""

    target = "enterprises"
    whole = False
    needs = ("name",)
    stored = frozenset(
        ["name", "district", "subdistrict", "community", "contact_name", "contact_phone", "legal_person", *PLAIN]
    )

    def __init__(self, setting: Setting):
        self.setting = setting
        self.places = all_places()
        self.by_code: dict[str, Known] = {}
        self.by_name: dict[str, dict[int | None, Known]] = {}
        around = [area for area in self.places.by_id.values() if area.level in (Level.CITY, Level.DISTRICT)]
        self.districts = [area.id for area in around if area.level == Level.DISTRICT]
        self.names = doubles.Cores(name for area in around for name in (area.name, stem(area.name, area.level)))
        self.cores: dict[str, list[doubles.Listed]] = {}
        self.work: list[Work] = []
        self.made: list[Made] = []

    def prepare(self, rows: Sequence[Said]) -> None:
        """Nothing: each batch is looked up by itself."""

    def finish(self, rows: Sequence[Said], report: Report, *, dry: bool) -> None:
        """Nothing is left for the end."""

    def look_up(self, rows: Sequence[Said]) -> None:
        """The firms that the batch may speak of, with their contacts, and those that are called much the same."""
        names = {name_key(row["name"]) for row in rows} - self.by_name.keys()
        codes = {compact(row["uscc"]) for row in rows if row["uscc"]} - self.by_code.keys()
        found = db.session.scalars(
            sa.select(Enterprise).where(sa.or_(Enterprise.name_key.in_(names), Enterprise.uscc.in_(codes)))
        ).all()
        fresh = {one.id: self._remember(known_firm(one)) for one in found}
        contacts = sa.select(Contact).where(Contact.enterprise_id.in_(fresh), Contact.left_at.is_(None))
        for contact in db.session.scalars(contacts):
            fresh[contact.enterprise_id].contacts.add((contact.name, contact.phone))
        for key in names:
            self.by_name.setdefault(key, {})
        closed = [one.id for one in found if not one.active]
        undone = sa.select(ImportMark.thing_id).where(
            ImportMark.kind == "enterprise", ImportMark.thing_id.in_(closed), ImportMark.state == Undo.UNDONE
        )
        for firm_id in db.session.scalars(undone) if closed else ():
            fresh[firm_id].undone = True
        self._look_up_doubles(rows)

    def _look_up_doubles(self, rows: Sequence[Said]) -> None:
        cores = {self.names.of(row["name"]) for row in rows} - {""} - self.cores.keys()
        found = self.names.look_up(cores, self.districts)
        self.cores |= {bare: found.get(bare, []) for bare in cores}

    def _remember(self, known: Known) -> Known:
        self.by_name.setdefault(name_key(known.name), {})[known.district_id] = known
        if known.values["uscc"]:
            self.by_code[known.values["uscc"]] = known
        return known

    # -- a row

    def plan(self, row: Said) -> Step:
        """Create, fill in, or leave as it is."""
        values = values_of(row)
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
        known = here.get(district_of(found.area))
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
        like = self._double(row["name"], district_of(area))
        known = Known(row["name"], district_of(area), area.id, dict(values))
        contacts = contacts_of(row)
        known.contacts |= set(contacts)
        self._remember(known)
        uscc, address, size, industry = (values[name] for name in PLAIN)
        draft = service.Draft(name=row["name"], area=area, uscc=uscc, address=address, size=size, industry=industry)
        work = Work(known, row.number, draft, contacts=contacts, legal=row["legal_person"])
        why = (like, Reason(doubles.SAME_BUT_FORM)) if like else None
        return Step(Outcome.CREATED, None, found.notes, lambda: self.work.append(work), name=row["name"], like=why)

    def _double(self, name: str, district: int | None) -> str:
        """What the firm looks like a double of, here or further up in the file; from now on this one is known too."""
        bare = self.names.of(name)
        if not bare:
            return ""
        listed = self.cores.setdefault(bare, [])
        like = doubles.others(listed, name, district)
        if like and self.setting.leave_doubles:
            raise RowRefused("name", *doubles.refusal(like))
        listed.append((name, district))
        return like

    def _meet(self, known: Known, row: Said, values: dict[str, str], found: Found, *, by_code: bool = False) -> Step:
        """A firm that is there: fill its blanks, place it more finely, add whom to call.

        Of one that the reader may not know of nothing is told that the file does not say itself.
        """
        readable = self._may("enterprise.read", self.places.by_id[known.area_id or 0])
        if values["uscc"] and known.values["uscc"] and values["uscc"] != known.values["uscc"]:
            if not readable:
                raise NotPermitted("enterprise.read")
            said = {"name": known.name, "known": known.values["uscc"], "found": values["uscc"]}
            raise RowRefused("uscc", Reason(OTHER_CODE, said), Reason(COMPARE))
        take = self.setting.take_over
        parts = differing([(name, known.values[name], values[name]) for name in PLAIN], take_over=take)
        notes = list(found.notes)
        if by_code and name_key(known.name) != name_key(row["name"]):
            parts += (Differs("name", known.name, row["name"], take),)
            if not take and readable:
                said = {"code": values["uscc"], "known": known.name, "found": row["name"]}
                notes.append(Reason(OTHER_NAME, said))
        if known.undone:
            parts += (Differs(*OPEN_AGAIN, taken=True),)
        finer = self._finer(known, found.area)
        if finer:
            parts += (Differs("area", self.places.by_id[known.area_id or 0].path, finer.path, taken=True),)
        names = {who for who, _ in known.contacts}
        contacts = [
            (who, phone)
            for who, phone in contacts_of(row)
            if (phone or who not in names) and (who, phone) not in known.contacts
        ]
        parts += tuple(
            Differs("contact_name", "", f"{who} {masked(phone)}".strip(), taken=True) for who, phone in contacts
        )
        if not any(part.taken for part in parts):
            name, shown = (known.name, parts) if readable else (row["name"], ())
            return Step(Outcome.EXISTING, notes=notes, name=name, differs=shown)
        return self._change(known, row, parts, finer, contacts, notes)

    def _change(
        self,
        known: Known,
        row: Said,
        parts: tuple[Differs, ...],
        finer: Area | None,
        contacts: Sequence[tuple[str, str]],
        notes: Sequence[Reason],
    ) -> Step:
        self._may_edit(self.places.by_id[known.area_id or 0])
        values: dict[str, Any] = {
            part.field: part.new for part in parts if part.taken and part.field in (*PLAIN, "name")
        }
        name = known.name
        known.values |= {key: value for key, value in values.items() if key in PLAIN}
        known.name = values.get("name", known.name)
        if known.undone:
            values["active"], known.undone = True, False
        known.area_id = finer.id if finer else known.area_id
        known.contacts |= set(contacts)
        work = Work(known, row.number, None, values, finer, contacts, row["legal_person"])
        return Step(Outcome.CHANGED, None, notes, lambda: self.work.append(work), name=name, differs=parts)

    def _finer(self, known: Known, area: Area | None) -> Area | None:
        if area is None or area.id == known.area_id or known.area_id not in area.area_ids:
            return None
        return area

    def _may(self, permission: str, area: Area) -> bool:
        return self.setting.actor is None or can(self.setting.actor, permission, area)

    def _may_edit(self, area: Area) -> None:
        if not self._may("enterprise.edit", area):
            raise NotPermitted("enterprise.edit")

    # -- a batch

    def complete(self) -> None:
        """Write the batch: the new firms at once, then what changes of those that are there, then whom to call."""
        work, self.work = self.work, []
        for one in work:
            if one.draft is not None:
                one.known.row = bulk.enter(one.draft, now=self.setting.now)
        db.session.flush()  # the contacts, the marks and the index need the ids
        service.make_findable(*(one.known.row for one in work if one.draft is not None and one.known.row is not None))
        for one in work:
            if one.draft is not None and one.known.row is not None:
                one.known.id = one.known.row.id
                after = service.shown(one.known.row)
                self.made.append(Made("enterprise", one.known.id, one.number, one.known.name, after=after))
            else:
                self._write_change(one)
        self._write_contacts(work)

    def _write_change(self, work: Work) -> None:
        enterprise = self._row(work.known)
        before, after = bulk.amend(enterprise, work.values, work.area, now=self.setting.now)
        if after:
            self.made.append(Made("firm_fields", enterprise.id, work.number, enterprise.name, before, after))

    def _row(self, known: Known) -> Enterprise:
        found = db.session.get(Enterprise, known.id)
        if found is None:
            raise AssertionError("a firm is never deleted")
        return found

    def _write_contacts(self, work: Sequence[Work]) -> None:
        rows = [
            (
                one,
                Contact(
                    enterprise_id=one.known.id,
                    name=name[:60],
                    phone=phone[:30],
                    duty=LEGAL if one.legal and name == one.legal[:60] else "",
                ),
            )
            for one in work
            for name, phone in one.contacts
        ]
        db.session.add_all(contact for _, contact in rows)
        db.session.flush()
        self.made += [
            Made("contact", contact.id, one.number, contact.name, after={"phone": contact.phone})
            for one, contact in rows
        ]
