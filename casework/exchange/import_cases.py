"""Cases from message boards, hotlines and spreadsheets: a row becomes a submitted case, a reply a dated entry.

A row is known again by its reference and title, whatever file brings it; without a reference, by what it says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from casework.areas.models import Area, Level
from casework.areas.places import Places
from casework.audit.models import Event, EventPayload
from casework.cases import service
from casework.cases.events import NoteAdded
from casework.cases.models import Case, CaseType
from casework.cases.workflow import Source
from casework.enterprises.models import Enterprise
from casework.enterprises.rules import compact, name_key, uscc_fault
from casework.exchange.cells import parse_moment
from casework.exchange.headers import header_key
from casework.exchange.importing import Outcome, RowRefused, Said, Setting, Step
from casework.kernel.db import db
from casework.kernel.errors import N_, NotPermitted, Reason, because
from casework.kernel.permissions import can

TITLE = 120
TYPE_WORDS = {
    "rent": ("租金", "房租", "租赁", "rent"),
    "shipping": ("发货", "出库", "shipping"),
    "pass": ("出入证", "通行证", "pass"),
    "supplies": ("物资", "口罩", "supplies"),
    "labour": ("用工", "劳动", "社会保障", "返岗", "labour", "social_insurance"),
    "finance": ("融资", "贷款", "金融", "finance"),
    "tax": ("税", "费", "tax"),
    "logistics": ("物流", "运输", "交通", "logistics", "logistics_pass"),
    "filing": ("备案", "复工", "filing", "reopening"),
    "utilities": ("水电", "供电", "供水", "燃气", "utilities"),
    "policy": ("政策", "咨询", "policy"),
}
NO_TEXT = N_("The row says neither what it is about nor what happened.")
NO_PLACE = N_("No district is given.")
GIVE_DISTRICT = N_(
    'Write the district in the row, or give one for all rows in the mapping: {"defaults": {"district": "福田区"}}.'
)
NO_DISTRICT = N_("“%(name)s” is not among the areas here.")
ADD_DISTRICT = N_("Write a district by its name or code as on the page “Areas”, or import the area first.")
NO_TYPE = N_("“%(type)s” is no case type here: taken as “%(taken)s”.")
NO_TYPES = N_("No case type is set up yet: run the migrations and the seed first.")
TO_COME = N_("The time %(text)s lies in the future.")
MEND_TIME = N_("Write when it was reported, such as 2020-02-03 09:30.")
NOT_NAMED = N_("Name not left")
TITLE_SHORTENED = N_("Titles longer than %(limit)s characters were shortened; the text holds them whole.")


@dataclass(slots=True)
class KnownCase:
    """A case that came in before: its id (none before it is written), its title and the notes it has."""

    title: str
    id: int | None = None
    row: Case | None = None
    notes: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Entry:
    """A note to add: its text and when it was written elsewhere."""

    text: str
    written_at: datetime | None = None


class CaseImporter:
    """Submits cases that are not known, and adds replies that came later."""

    target = "cases"
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
        self.places = Places(db.session.scalars(sa.select(Area)))
        types = db.session.scalars(sa.select(CaseType).where(CaseType.active).order_by(CaseType.position)).all()
        self.types = {kind.code: (kind.id, kind.zh) for kind in types}
        self.type_words = {word.casefold(): kind.code for kind in types for word in (kind.code, kind.zh, kind.en)}
        self.known: dict[tuple[str, str], KnownCase | None] = {}
        self.firms: dict[str, list[tuple[int, int | None]]] = {}

    def look_up(self, rows: Sequence[Said]) -> None:
        """The cases and firms that the batch may speak of, and the replies these cases have."""
        keys = {key for row in rows for key in _keys(row)} - self.known.keys()
        by_origin: dict[str, list[str]] = {}
        for where, ref in keys:
            by_origin.setdefault(where, []).append(ref)
        found: dict[int, KnownCase] = {}
        for origin, refs in by_origin.items():
            query = sa.select(Case.id, Case.external_ref, Case.title).where(
                Case.origin == origin, Case.external_ref.in_(refs)
            )
            for case_id, known_ref, title in db.session.execute(query):
                found[case_id] = self.known[(origin, known_ref or "")] = KnownCase(title, case_id)
        for key in keys:
            self.known.setdefault(key, None)
        self._look_up_notes(found)
        self._look_up_firms(rows)

    def _look_up_notes(self, found: dict[int, KnownCase]) -> None:
        query = (
            sa.select(Event.case_id, EventPayload.payload)
            .join(EventPayload, EventPayload.event_id == Event.id)
            .where(Event.case_id.in_(found), Event.verb == NoteAdded.__name__)
        )
        for case_id, payload in db.session.execute(query) if found else ():
            if case_id is not None:
                found[case_id].notes.add(payload.get("text", ""))

    def _look_up_firms(self, rows: Sequence[Said]) -> None:
        names = {name_key(row["enterprise"]) for row in rows if row["enterprise"]} - self.firms.keys()
        codes = {compact(row["uscc"]) for row in rows if row["uscc"]} - self.firms.keys()
        wanted = sa.or_(Enterprise.name_key.in_(names), Enterprise.uscc.in_(codes))
        query = sa.select(Enterprise.id, Enterprise.name_key, Enterprise.uscc, Enterprise.district_id).where(wanted)
        for key, name, code, district in db.session.execute(query) if names or codes else ():
            for word in (name, code):
                if word:
                    self.firms.setdefault(word, []).append((key, district))

    def plan(self, row: Said) -> Step:
        """A new case, a reply to one that is here, or nothing."""
        title = _title(row)
        when = self._moment(row, "submitted_at")
        entries = self._entries(row)
        where, ref, known = self._recognise(row, title)
        if known is None:
            return self._create(row, title, when, entries, (where, ref))
        fresh = [entry for entry in entries if entry.text not in known.notes]
        if not fresh:
            return Step(Outcome.EXISTING)
        self._may_submit(self._area(row))
        known.notes |= {entry.text for entry in fresh}
        return Step(Outcome.CHANGED, lambda: self._answer(known, where, fresh))

    def _recognise(self, row: Said, title: str) -> tuple[str, str, KnownCase | None]:
        """Its key, and the case under it. One reference over two titles is two cases."""
        first, second = _keys(row)
        known = self.known.get(first)
        if known is None or known.title == title:
            return (*first, known)
        return (*second, self.known.get(second))

    def _create(
        self, row: Said, title: str, when: datetime | None, entries: Sequence[Entry], key: tuple[str, str]
    ) -> Step:
        area = self._area(row)
        self._may_submit(area)
        type_id, notes = self._type(row)
        if title != (row["title"] or row["text"]):
            notes.append(because(TITLE_SHORTENED, limit=TITLE))
        draft = service.CaseDraft(
            title=title,
            text=_text(row, title),
            type_id=type_id,
            area_id=area.id,
            source=Source.IMPORT,
            requester=(row["requester"] or row["enterprise"] or str(Reason(NOT_NAMED)))[:200],
            enterprise_id=self._firm(row, area),
            contact_name=row["contact_name"][:60],
            contact_phone=row["contact_phone"][:30],
            place=row["place"][:200],
        )
        known = self.known[key] = KnownCase(title, notes={entry.text for entry in entries})

        def write() -> None:
            actor, now = self.setting.actor, self.setting.now
            case = service.submit(draft=draft, actor=actor, now=now, origin=key[0], external_ref=key[1])
            if when is not None:
                # The chain says when it came in here; the case says when it was reported.
                case.submitted_at = when
            known.row, known.id = case, case.id
            self._write_entries(case, key[0], entries)

        return Step(Outcome.CREATED, write, notes)

    def _answer(self, known: KnownCase, where: str, entries: Sequence[Entry]) -> None:
        case = db.session.get(Case, known.id)
        if case is None:
            raise AssertionError("a case is never deleted")
        self._write_entries(case, where, entries)

    def _write_entries(self, case: Case, where: str, entries: Sequence[Entry]) -> None:
        for entry in entries:
            service.add_note(
                # The right to submit was asked for; a desk may enter the reply of the board it imports from.
                case,
                entry.text,
                actor=None,
                now=self.setting.now,
                imported_from=where,
                written_at=entry.written_at,
            )

    def _entries(self, row: Said) -> list[Entry]:
        entries = []
        if row["reply"]:
            entries.append(Entry(row["reply"], self._moment(row, "replied_at")))
        if row["note"]:
            entries.append(Entry(row["note"]))
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

    def _type(self, row: Said) -> tuple[int, list[Reason]]:
        """The type that the words name; what nobody knows is the last resort “other”, and is said."""
        if not self.types:
            raise RowRefused("type", Reason(NO_TYPES))
        said = row["type"].strip()
        other = "other" if "other" in self.types else next(reversed(self.types))
        if not said:
            return self.types[other][0], []
        for part in (said, *said.replace("；", ";").replace(",", ";").replace("|", ";").split(";")):
            if code := self._type_of(part.strip().casefold()):
                return self.types[code][0], []
        return self.types[other][0], [because(NO_TYPE, type=said[:40], taken=self.types[other][1])]

    def _type_of(self, word: str) -> str | None:
        if code := self.type_words.get(word):
            return code
        for code, words in TYPE_WORDS.items():
            if code in self.types and any(known == word or (known in word and not known.isascii()) for known in words):
                return code
        return None

    def _firm(self, row: Said, area: Area) -> int | None:
        """The firm by credit code, else the only one of that name, in the district or anywhere."""
        code = compact(row["uscc"])
        if code and (fault := uscc_fault(code)):
            raise RowRefused("uscc", fault)
        found = self.firms.get(code, []) or self.firms.get(name_key(row["enterprise"]), [])
        district = area.district_id or area.id
        here = [key for key, place in found if place == district] or [key for key, _ in found]
        return here[0] if len(here) == 1 else None


def _title(row: Said) -> str:
    whole = " ".join((row["title"] or row["text"]).split())
    if not whole:
        raise RowRefused("title", Reason(NO_TEXT))
    return whole if len(whole) <= TITLE else f"{whole[: TITLE - 1]}…"


def _text(row: Said, title: str) -> str:
    """What happened, whole: a title that had to be shortened stands above it."""
    full, text = row["title"], row["text"] or row["title"]
    return f"{full}\n\n{text}" if title.endswith("…") and full and full != text else text


def _keys(row: Said) -> tuple[tuple[str, str], tuple[str, str]]:
    """Two keys: by reference alone, and by reference with what is said, for references that are used twice."""
    content = hashlib.sha256(f"{row['title']}\n{row['text']}\n{row['submitted_at']}".encode()).hexdigest()[:24]
    ref = row["external_ref"]
    if not ref:
        return ("import:content", content), ("import:content", content)
    where = "import:" + header_key(row.column_of("external_ref"))[:60]
    short = ref if len(ref) <= 50 else hashlib.sha256(ref.encode()).hexdigest()[:40]
    return (where, short), (where, f"{short}~{content}")
