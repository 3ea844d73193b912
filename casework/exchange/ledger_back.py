"""An edited ledger, compared: for each row what was taken out, what the file says now, and what stands now.

A cell counts as changed by whoever edited the file when it differs from what was taken out, which the mark of the row
knows. If what stands differs from that too, somebody else changed the same cell meanwhile: a conflict, unless both mean
the same. Whatever the file says of other cells is as old as the file, and is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale

from casework.areas import queries as areas
from casework.areas.models import Area
from casework.cases import editing, queries
from casework.cases.models import Case
from casework.exchange import ledger, ledger_marks
from casework.exchange.headers import plain_header
from casework.exchange.layout import Row
from casework.exchange.ledger import COLUMNS, EDITABLE, MARK, Line
from casework.exchange.list_models import RowKind
from casework.exchange.sheets import Table
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.i18n import LANGUAGES, language, speaking, translate
from casework.kernel.masking import masked
from casework.kernel.permissions import Actor, can

PORTION = 500
COLUMN_NAMES = tuple(COLUMNS)
PHONE = "contact_phone"
FIELDS = {"type": "type_id", "area": "area_id"}
NO_MARKS = N_(
    "This is no ledger that was taken out here: the column “%(mark)s” is missing. Take it out anew and edit that."
)
NO_ROWS = N_("The ledger holds no rows.")
NO_MARK = N_("The row has no mark: new cases come in by the import.")
BAD_MARK = N_("The mark of the row was changed, or is of another installation: take the ledger out anew.")
OTHER_ROW = N_("The mark belongs to case %(number)s: cells were moved between rows.")
TWICE = N_("The case stands in the file twice: row %(row)s is read, this one is not.")
NOT_THERE = N_("There is no such case in your reach.")
CLOSED = N_("The case has ended: nothing of it is edited any more.")
NOT_YOURS = N_("It is not yours to edit in this state.")
NOT_HERE = N_("“%(column)s” is not changed in a ledger: do it on the page of the case.")
MASKED = N_("Phone: a number with stars is no number. Write it in full, or leave it as it was.")
NO_TYPE = N_("Type: there is none called “%(text)s”.")
NO_AREA = N_("Area: there is none called “%(text)s” in your reach.")
NO_URGENT = N_("Urgent: write “%(yes)s” or leave it empty.")


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that the file changed: what stands now (as it is shown), what the file says, and whether both moved."""

    now: str
    mine: str
    seen: str
    conflict: bool

    def packed(self) -> dict[str, Any]:
        """As JSON."""
        return {"now": self.now, "mine": self.mine, "seen": self.seen, "conflict": self.conflict}


@dataclass(frozen=True, slots=True)
class Compared:
    """A row that differs from what was taken out."""

    row: int
    number: str
    kind: RowKind
    changes: Mapping[str, Change] = field(default_factory=dict)
    reasons: Sequence[Reason] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The ledger in a file: its rows, which column stands where, and the language that it was taken out in."""

    rows: Sequence[Row]
    places: Mapping[str, int]
    mark: int
    locale: str

    def texts(self, row: Row) -> dict[str, str]:
        """The cells of a row by column, as far as the file has the columns."""
        return {name: ledger.canonical(name, row.cells[at]) for name, at in self.places.items()}


def understand(table: Table) -> Sheet:
    """Find the columns of a ledger in a table, whatever their order; those that were deleted are not missed.

    Raises:
        Refused: it is not one that was taken out here.
    """
    headers = [plain_header(one) for one in table.headers]
    for locale in LANGUAGES:
        with speaking(locale):
            said = {plain_header(translate(title)): name for name, (title, *_) in COLUMNS.items()}
            mark = plain_header(translate(MARK))
        if mark in headers:
            places = {said[header]: at for at, header in enumerate(headers) if header in said}
            if not table.rows:
                raise Refused(because(NO_ROWS, "file"))
            return Sheet(table.rows, places, headers.index(mark), locale)
    raise Refused(because(NO_MARKS, "file", mark=Reason(MARK)))


def compare(sheet: Sheet, actor: Actor) -> tuple[int, list[Compared]]:
    """How many rows say nothing new, and those that do."""
    unchanged, found, first = 0, list[Compared](), dict[str, int]()
    secret = ledger.key()
    with speaking(sheet.locale), force_locale(LANGUAGES[sheet.locale]):
        reader = Reader(actor)
        for start in range(0, len(sheet.rows), PORTION):
            rows = sheet.rows[start : start + PORTION]
            marks = {row.number: ledger_marks.read(secret, row.cells[sheet.mark], COLUMN_NAMES) for row in rows}
            standing = reader.standing({mark.number for mark in marks.values() if mark})
            edited = [
                mark.number for row in rows if (mark := marks[row.number]) and changed_cells(mark, sheet.texts(row))
            ]
            reader.hold({standing[number].line.id for number in edited if number in standing})
            for row in rows:
                one = _row(row, sheet, marks[row.number], standing, first, reader)
                unchanged += one is None
                found += [one] if one else []
    return unchanged, found


def _row(
    row: Row,
    sheet: Sheet,
    mark: ledger_marks.Mark | None,
    standing: Mapping[str, Standing],
    first: dict[str, int],
    reader: Reader,
) -> Compared | None:
    """What a row says; None when it says nothing new."""
    texts = sheet.texts(row)
    number = texts.get("number", "") or (mark.number if mark else "")
    if mark is None:
        return _refused(row, number, because(BAD_MARK if row.cells[sheet.mark].strip() else NO_MARK))
    if number != mark.number:
        return _refused(row, number, because(OTHER_ROW, number=mark.number))
    if first.setdefault(number, row.number) != row.number:
        return _refused(row, number, because(TWICE, row=first[number]))
    changed = changed_cells(mark, texts)
    found = standing.get(number)
    if not changed:
        return None
    if found is None:
        return _refused(row, number, because(NOT_THERE))
    aside = [because(NOT_HERE, column=Reason(COLUMNS[name][0])) for name in changed if name not in EDITABLE]
    mine = {name: text for name, text in changed.items() if name in EDITABLE}
    return _judged(row, mark, mine, found, aside, reader)


def changed_cells(mark: ledger_marks.Mark, texts: Mapping[str, str]) -> dict[str, str]:
    """The cells that differ from what was taken out."""
    secret = ledger.key()
    digests = mark.digests
    return {
        name: text
        for name, text in texts.items()
        if ledger_marks.digest(secret, mark.number, name, text) != digests[name]
    }


def _refused(row: Row, number: str, *reasons: Reason, changes: Mapping[str, Change] | None = None) -> Compared:
    return Compared(row.number, number, RowKind.REFUSED, changes or {}, reasons)


def _judged(
    row: Row,
    mark: ledger_marks.Mark,
    mine: Mapping[str, str],
    found: Standing,
    aside: Sequence[Reason],
    reader: Reader,
) -> Compared | None:
    """Whether what the file changed can be taken over, and where somebody else changed the same."""
    moved = found.line.version != mark.version
    changes = {
        name: one for name, text in mine.items() if (one := change(mark, name, text, found.texts[name], moved=moved))
    }
    if not changes:  # somebody else wrote the same meanwhile
        return _refused(row, mark.number, *aside) if aside else None
    if faults := reader.faults(found.line.id, {name: one.mine for name, one in changes.items()}):
        return _refused(row, mark.number, *faults, *aside, changes=changes)
    kind = RowKind.CONFLICT if any(one.conflict for one in changes.values()) else RowKind.CHANGED
    return Compared(row.number, mark.number, kind, changes, aside)


def change(mark: ledger_marks.Mark, name: str, mine: str, now: str, *, moved: bool) -> Change | None:
    """A cell that the file changed, beside what stands now; None when both say the same.

    Of a phone that left masked the mark knows only the stars: there ``moved`` decides, that the case was changed since.
    """
    if now == mine:
        return None
    secret = ledger.key()
    seen = ledger_marks.digest(secret, mark.number, name, now)
    if name != PHONE:
        return Change(now, mine, seen, conflict=seen != mark.digests[name])
    starred = ledger_marks.digest(secret, mark.number, name, masked(now))
    same = mark.digests[name] == seen or (mark.digests[name] == starred and not moved)
    return Change(masked(now), mine, seen, conflict=not same)


@dataclass(frozen=True, slots=True)
class Standing:
    """A case as it stands: its row of the ledger, and how its cells read."""

    line: Line
    texts: Mapping[str, str]


class Reader:
    """What stands now, and whether a person may write something else there. Labels are those of the file's language."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.types: dict[str, str] = {
            ledger.canonical("type", name): str(type_id) for type_id, name in queries.type_choices(language())
        }
        self.areas: dict[str, str] = {}
        self.yes = translate(N_("Yes"))
        self.held: dict[int, Case] = {}

    def hold(self, ids: set[int]) -> None:
        """Read at once the cases whose faults will be asked for."""
        query = sa.select(Case).where(Case.id.in_(ids))
        self.held = {case.id: case for case in db.session.scalars(query)} if ids else {}

    def standing(self, numbers: set[str]) -> dict[str, Standing]:
        """The cases of these numbers that the person may see."""
        here = sa.and_(Case.number.in_(sorted(numbers)), queries.visible_to(self.actor))
        line = ledger.liner(full=True)  # compared, never shown
        rows = (line(row) for row in db.session.execute(ledger.select(here))) if numbers else ()
        return {one.number: Standing(one, one.texts) for one in rows}

    def faults(self, case_id: int, mine: Mapping[str, str]) -> list[Reason]:
        """Why these values cannot be written to the case; none when they can."""
        case = self.held.get(case_id) or db.session.get_one(Case, case_id)
        if not can(self.actor, "case.edit", case):
            return [because(NOT_YOURS if case.is_open else CLOSED)]
        try:
            self.values(case, mine)
        except Refused as refusal:
            return list(refusal.reasons)
        return []

    def values(self, case: Case, mine: Mapping[str, str]) -> dict[str, Any]:
        """The values as the correction of a case takes them: what its own form would say to them is asked there.

        Raises:
            Refused: with a reason for each that cannot stand.
        """
        given, faults = dict[str, str](), list[Reason]()
        for name, text in mine.items():
            try:
                given[FIELDS.get(name, name)] = self._value(name, text)
            except Refused as refusal:
                faults += refusal.reasons
        form = editing.filled_form(case, self.actor, given)
        if not form.validate():
            wrong = {name: errors for name, errors in form.errors.items() if name in given}
            faults += [because("%(said)s", said=str(error)) for errors in wrong.values() for error in errors]
        if faults:
            raise Refused(faults)
        return {name: value for name, value in editing.changes_of(form).items() if name in given}

    def _value(self, name: str, text: str) -> str:
        if name == "type":
            return _known(self.types.get(text), because(NO_TYPE, text=text))
        if name == "area":
            return _known(self._area(text), because(NO_AREA, text=text))
        if name == "urgent" and text:
            return _known(
                "y" if text in (self.yes, "是", "Yes", "1", "y", "TRUE") else None, because(NO_URGENT, yes=self.yes)
            )
        if name == PHONE and "*" in text:
            raise Refused(because(MASKED))
        return text

    def _area(self, text: str) -> str | None:
        if text not in self.areas:
            query = areas.visible_to(self.actor).where(Area.full_name == text).with_only_columns(Area.id)
            self.areas[text] = str(db.session.scalar(query) or "")
        return self.areas[text] or None


def _known(value: str | None, fault: Reason) -> str:
    if value is None:
        raise Refused(fault)
    return value
