"""Cases from message boards, hotlines and ledgers: a row becomes a submitted case, a reply a dated entry.

A row is known again by our own number, or by its reference and title, whatever file brings it; without a reference, by
what it says. What stands here is replaced only where the officer chose so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.areas.models import Area, Level
from casework.audit.models import Event, EventPayload
from casework.cases import bulk, editing, queries, service
from casework.cases.bulk import Dated
from casework.cases.events import NoteAdded
from casework.cases.models import Case, CaseType
from casework.cases.workflow import Source
from casework.enterprises.models import Enterprise
from casework.enterprises.rules import compact, name_key, uscc_fault
from casework.imports import doubles
from casework.imports.case_rows import (
    COMPARED,
    OUR_NUMBER,
    TITLE,
    KnownCase,
    Work,
    contact,
    keys_of,
    known_case,
    said_of,
    shown,
    text_of,
    title_of,
)
from casework.imports.case_types import CaseTypes
from casework.imports.importing import GIVE_DISTRICT, NO_DISTRICT, Made, RowRefused, Said, Setting, Step, all_places
from casework.imports.report import Differs, Outcome, Report, differing
from casework.kernel.db import db
from casework.kernel.errors import N_, NotPermitted, Reason, because
from casework.kernel.permissions import can
from casework.sheets.cells import parse_moment

NO_PLACE = N_("No district is given.")
ADD_DISTRICT = N_("Write a district by its name or code as on the page “Areas”, or import the area first.")
TO_COME = N_("The time %(text)s lies in the future.")
MEND_TIME = N_("Write when it was reported, such as 2020-02-03 09:30.")
NOT_NAMED = N_("Name not left")
FROM_FILE = N_("Taken over from an imported ledger")
TITLE_SHORTENED = N_("Titles longer than %(limit)s characters were shortened; the text holds them whole.")


NOT_YOURS = N_("Case %(number)s is no longer yours to correct.")
ASK_TEAM = N_("Ask the team that works on it, or import with “only fill what is blank”.")


class CaseImporter:
    """Submits cases that are not known, and adds replies that came later."""

    target = "cases"
    whole = False
    needs = ("title", "text")
    stored = frozenset(
        [
            "external_ref",
            "title",
            "text",
            "submitted_at",
            "type",
            "requester",
            "enterprise",
            "uscc",
            "contact_name",
            "contact_phone",
            "district",
            "subdistrict",
            "community",
            "place",
            "reply",
            "replied_at",
            "note",
        ]
    )

    def __init__(self, setting: Setting):
        self.setting = setting
        self.places = all_places()
        self.types = CaseTypes()
        self.known: dict[tuple[str, str], KnownCase] = {}
        self.by_number: dict[str, KnownCase] = {}
        self.firms: dict[str, list[tuple[int, int | None]]] = {}
        self.cases: dict[int, Case] = {}
        self.may_change: set[int] = set()
        self.open = doubles.OpenCases(setting.now, setting.actor)
        self.work: list[Work] = []
        self.made: list[Made] = []

    def prepare(self, rows: Sequence[Said]) -> None:
        """Nothing: each batch is looked up by itself."""

    def finish(self, rows: Sequence[Said], report: Report, *, dry: bool) -> None:
        """Nothing is left for the end."""

    def look_up(self, rows: Sequence[Said]) -> None:
        """The cases and firms that the batch may speak of, and the replies these cases have."""
        keys = {key for row in rows for key in keys_of(row)} - self.known.keys()
        by_origin: dict[str, list[str]] = {}
        for where, ref in keys:
            by_origin.setdefault(where, []).append(ref)
        found: dict[int, KnownCase] = {}
        for origin, refs in by_origin.items():
            for row in self._cases(Case.origin == origin, Case.external_ref.in_(refs)):
                found[row.id] = self.known[(origin, row.external_ref or "")] = known_case(row)
        numbers = {row["external_ref"] for row in rows if OUR_NUMBER.match(row["external_ref"])} - self.by_number.keys()
        for row in self._cases(Case.number.in_(numbers)) if numbers else ():
            if row.seen:
                found[row.id] = self.by_number[row.number] = known_case(row)
                found[row.id].number = row.number
        self.cases, self.may_change = {}, {key for key, known in found.items() if known.values}
        self._look_up_notes(found)
        self._look_up_firms(rows)
        firm_ids = {key for listed in self.firms.values() for key, _ in listed}
        self.open.look_up(firm_ids, {contact(row)[1][:30] for row in rows})

    def _cases(self, *conditions: Any) -> Any:
        """What is compared of cases; ``seen``: the actor may know of it."""
        actor = self.setting.actor
        seen = sa.true() if actor is None else queries.visible_to(actor)
        columns = (Case.id, Case.number, Case.external_ref, Case.title, Case.is_open, CaseType.zh)
        compared = [getattr(Case, name) for name in COMPARED]
        query = sa.select(*columns, *compared, seen.label("seen")).join(CaseType, CaseType.id == Case.type_id)
        return db.session.execute(query.where(*conditions)).all()

    def _look_up_notes(self, found: dict[int, KnownCase]) -> None:
        query = (
            sa.select(Event.case_id, EventPayload.payload)
            .join(EventPayload, EventPayload.event_id == Event.id)
            .where(Event.case_id.in_(found), Event.verb == NoteAdded.__name__)
        )
        for case_id, payload in db.session.execute(query) if found else ():
            if case_id is not None:
                found[case_id].notes |= {payload.get("text", "")}

    def _look_up_firms(self, rows: Sequence[Said]) -> None:
        names = {name_key(row["enterprise"]) for row in rows if row["enterprise"]} - self.firms.keys()
        codes = {compact(row["uscc"]) for row in rows if row["uscc"]} - self.firms.keys()
        wanted = sa.or_(Enterprise.name_key.in_(names), Enterprise.uscc.in_(codes))
        query = sa.select(Enterprise.id, Enterprise.name_key, Enterprise.uscc, Enterprise.district_id).where(wanted)
        for key, name, code, district in db.session.execute(query) if names or codes else ():
            for word in (name, code):
                if word:
                    self.firms.setdefault(word, []).append((key, district))

    # -- a row

    def plan(self, row: Said) -> Step:
        """A new case, a reply to one that is here, fields of it, or nothing."""
        title = title_of(row)
        when = self._moment(row, "submitted_at")
        where, ref, known = self._recognise(row, title)
        entries = self._entries(row, where)
        if known is None:
            return self._create(row, title, when, entries, (where, ref))
        return self._meet(row, title, known, where, [entry for entry in entries if entry.text not in known.notes])

    def _recognise(self, row: Said, title: str) -> tuple[str, str, KnownCase | None]:
        """Its key, and the case under it. One reference over two titles is two cases; our own number is always one."""
        first, second = keys_of(row)
        if row["external_ref"] in self.by_number:
            return (*first, self.by_number[row["external_ref"]])
        known = self.known.get(first)
        if known is None or known.title == title:
            return (*first, known)
        return (*second, self.known.get(second))

    def _create(
        self, row: Said, title: str, when: datetime | None, entries: Sequence[Dated], key: tuple[str, str]
    ) -> Step:
        area = self._area(row)
        self._may_submit(area)
        type_id, notes = self.types.meant(row["type"])
        if title != (row["title"] or row["text"]):
            notes.append(because(TITLE_SHORTENED, limit=TITLE))
        values = said_of(row, title)
        draft = service.CaseDraft(
            title=title,
            text=text_of(row, title),
            type_id=type_id,
            area_id=area.id,
            source=Source.IMPORT,
            requester=values["requester"] or str(Reason(NOT_NAMED)),
            enterprise_id=self._firm(row, area),
            contact_name=values["contact_name"],
            contact_phone=values["contact_phone"],
            place=values["place"],
        )
        like = self.open.like(title, draft.text, draft.enterprise_id, draft.contact_phone)
        if like and self.setting.leave_doubles:
            raise RowRefused("title", *doubles.refusal(like))
        known = self.known[key] = KnownCase(title, notes=frozenset(entry.text for entry in entries))
        new = bulk.NewCase(draft=draft, origin=key[0], external_ref=key[1], submitted_at=when, notes=entries)
        work = Work(known, row.number, key[0], new)
        why = (like, Reason(doubles.SAME_FIRM_MATTER)) if like else None
        return Step(Outcome.CREATED, None, notes, lambda: self.work.append(work), name=title, like=why)

    def _meet(self, row: Said, title: str, known: KnownCase, where: str, fresh: Sequence[Dated]) -> Step:
        """A case that is here: its blanks, what the file says otherwise, and notes that came later."""
        said, values = said_of(row, title), {}
        parts: tuple[Differs, ...] = ()
        if known.values:
            pairs = [(name, known.values[name], said[name]) for name in COMPARED]
            if known.number:
                pairs.append(("title", known.title, title))
            parts = differing(pairs, take_over=self.setting.take_over)
            values = {part.field: said.get(part.field, title) for part in parts if part.taken}
            parts += self._other_type(row, known, values)
        if values:
            self._may_correct(known)
        told = tuple(shown(part) for part in parts)
        if not (fresh or values):
            return Step(Outcome.EXISTING, name=title, differs=told)
        if fresh:
            self._may_submit(self._area(row))
        known.notes |= {entry.text for entry in fresh}
        if values:
            taken = {name: str(value) for name, value in values.items() if name in COMPARED}
            known.values = {**known.values, **taken}
        work = Work(known, row.number, where, None, values, fresh)
        return Step(Outcome.CHANGED, None, (), lambda: self.work.append(work), name=title, differs=told)

    def _other_type(self, row: Said, known: KnownCase, values: dict[str, Any]) -> tuple[Differs, ...]:
        named = self.types.named(row["type"])
        if named is None or named.zh == known.values["type"]:
            return ()
        take = self.setting.take_over
        if take:
            values["type_id"] = named.id
        return (Differs("type", known.values["type"], named.zh, take),)

    def _may_correct(self, known: KnownCase) -> None:
        case = self._case(known.id) if known.id else None
        if case is not None and self.setting.actor is not None and not can(self.setting.actor, "case.edit", case):
            raise RowRefused("external_ref", because(NOT_YOURS, number=case.number), Reason(ASK_TEAM))

    def _case(self, key: int) -> Case:
        """A case that is corrected; with the first of a batch all are read that may be."""
        if key not in self.cases:
            found = db.session.scalars(sa.select(Case).where(Case.id.in_(self.may_change | {key})))
            self.cases |= {case.id: case for case in found}
        return self.cases[key]

    # -- a batch

    def complete(self) -> None:
        """Write the batch: the new cases at once, then what changes of those that are here, then later notes."""
        work, self.work = self.work, []
        new = [one for one in work if one.new is not None]
        cases = bulk.submit_all([one.new for one in new if one.new], actor=self.setting.actor, now=self.setting.now)
        for one, case in zip(new, cases, strict=True):
            one.known.id = case.id
            self.made.append(Made("case", case.id, one.row, case.number))
        for one in work:
            if one.values:
                self._write_fields(one)
        # The right to submit was asked for; a desk may enter the reply of the board it imports from.
        later = [(one, note) for one in work if one.new is None for note in one.notes]
        entries = bulk.add_notes([(one.known.id or 0, note) for one, note in later], now=self.setting.now)
        self.made += [
            Made("note", entry, one.row, one.known.title, after={"case": one.known.id})
            for (one, _), entry in zip(later, entries, strict=True)
        ]

    def _write_fields(self, work: Work) -> None:
        case = self._case(work.known.id or 0)
        before = {name: getattr(case, name) for name in work.values}
        if self.setting.actor is not None:
            reason = str(Reason(FROM_FILE))
            editing.correct(case, work.values, reason=reason, actor=self.setting.actor, now=self.setting.now)
        self.made.append(Made("case_fields", case.id, work.row, case.number, before, work.values))

    def _entries(self, row: Said, where: str) -> list[Dated]:
        entries = []
        if row["reply"]:
            entries.append(Dated(row["reply"], where, self._moment(row, "replied_at")))
        if row["note"]:
            entries.append(Dated(row["note"], where))
        return entries

    def _moment(self, row: Said, name: str) -> datetime | None:
        if not row[name]:
            return None
        moment = parse_moment(row[name], name)
        if moment > self.setting.now:
            raise RowRefused(name, because(TO_COME, text=row[name]), Reason(MEND_TIME))
        return moment

    def _area(self, row: Said) -> Area:
        district = row["district"]
        found = self.places.find(district, row["subdistrict"], row["community"], row["place"]).area
        if found is None and district:
            any_place = self.places.any_named(district)  # a default may name a subdistrict or a community
            found = any_place if any_place is not None and any_place.level != Level.CITY else None
        if found is not None:
            return found
        if district:
            raise RowRefused("district", because(NO_DISTRICT, name=district), Reason(ADD_DISTRICT))
        raise RowRefused("district", Reason(NO_PLACE), Reason(GIVE_DISTRICT))

    def _may_submit(self, area: Area) -> None:
        if self.setting.actor is not None and not can(self.setting.actor, "case.submit", area):
            raise NotPermitted("case.submit")

    def _firm(self, row: Said, area: Area) -> int | None:
        """The firm by credit code, else the only one of that name, in the district or anywhere."""
        code = compact(row["uscc"])
        if code and (fault := uscc_fault(code)):
            raise RowRefused("uscc", fault)
        found = self.firms.get(code, []) or self.firms.get(name_key(row["enterprise"]), [])
        district = area.own_district_id
        here = [key for key, place in found if place == district] or [key for key, _ in found]
        return here[0] if len(here) == 1 else None
