"""An edited ledger, compared: for each row what was taken out, what the file says now, and what stands now.

A cell counts as changed by whoever edited the file when it differs from what was taken out, which the mark of the row
knows. If what stands differs from that too, somebody else changed the same cell meanwhile: a conflict, unless both mean
the same. Whatever the file says of other cells is as old as the file, and is left alone.

A cell that cannot be written stays out alone: the others of its row are taken. Cells that mean something only
together (whom to call, and the number) stay out together; what concerns the row as a whole refuses all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from flask_babel import force_locale

from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.i18n import LANGUAGES, speaking, translate
from casework.kernel.masking import masked
from casework.kernel.permissions import Actor
from casework.ledgers import marks as ledger_marks
from casework.ledgers.models import RowKind
from casework.ledgers.returning import MARK, RETURNING, Reader, Returning, Standing, key
from casework.sheets.headers import plain_header
from casework.sheets.layout import Row
from casework.sheets.reading import Table

PORTION = 500
NO_MARKS = N_(
    "This is no ledger that was taken out here: the column “%(mark)s” is missing. Take it out anew and edit that."
)
NO_ROWS = N_("The ledger holds no rows.")
BAD_MARK = N_("The mark of the row was changed, or is of another installation: take the ledger out anew.")
NOT_YOURS = N_("It is not yours to edit in this state.")
GOES_WITH = N_("It goes with “%(column)s”, which cannot be taken over: mend that one and send both again.")


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
    """A row that differs from what was taken out.

    ``changes`` are the cells that can be written, or all that were tried when none can. A reason is about the cell that
    its field names, one for each cell that stays out; without a field it is about the row.
    """

    row: int
    number: str
    kind: RowKind
    changes: Mapping[str, Change] = field(default_factory=dict)
    reasons: Sequence[Reason] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The ledger in a file: which it is, its rows, which column stands where, and the language it was taken out in."""

    of: Returning
    rows: Sequence[Row]
    places: Mapping[str, int]
    mark: int
    locale: str

    def texts(self, row: Row) -> dict[str, str]:
        """The cells of a row by column, as far as the file has the columns."""
        return {name: self.of.text(name, row.cells[at]) for name, at in self.places.items()}


def understand(table: Table) -> Sheet:
    """Find the columns of a ledger in a table, whatever their order; those that were deleted are not missed.

    Raises:
        Refused: it is not one that was taken out here.
    """
    headers = [plain_header(one) for one in table.headers]
    for locale in LANGUAGES:
        with speaking(locale):
            mark = plain_header(translate(MARK))
            if mark not in headers:
                continue
            if not table.rows:
                raise Refused(because(NO_ROWS, "file"))
            of = _which(table, headers.index(mark))
            said = {plain_header(translate(title)): name for name, (title, *_) in of.columns.items()}
        places = {said[header]: at for at, header in enumerate(headers) if header in said}
        return Sheet(of, table.rows, places, headers.index(mark), locale)
    raise Refused(because(NO_MARKS, "file", mark=Reason(MARK)))


def _which(table: Table, mark: int) -> Returning:
    """Which ledger it is, by the first of its marks; rows whose mark is of another are refused one by one."""
    signs = {one.sign: one for one in RETURNING.values()}
    found = (signs.get(ledger_marks.sign_of(row.cells[mark])) for row in table.rows)
    return next((one for one in found if one), RETURNING["cases"])


def compare(sheet: Sheet, actor: Actor) -> tuple[int, list[Compared]]:
    """How many rows say nothing new, and those that do."""
    unchanged, found, first = 0, list[Compared](), dict[str, tuple[int, Mapping[str, str]]]()
    secret = key()
    with speaking(sheet.locale), force_locale(LANGUAGES[sheet.locale]):
        reader = sheet.of.reader(actor)
        for start in range(0, len(sheet.rows), PORTION):
            rows = sheet.rows[start : start + PORTION]
            marks = {row.number: sheet.of.read_mark(secret, row.cells[sheet.mark]) for row in rows}
            standing = reader.standing({mark.number for mark in marks.values() if mark})
            changed = {
                row.number: changed_cells(secret, mark, sheet.texts(row)) for row in rows if (mark := marks[row.number])
            }
            edited = {mark.number for row in rows if (mark := marks[row.number]) and changed[row.number]}
            reader.hold({standing[number].id for number in edited & standing.keys()})
            for row in rows:
                cells = changed.get(row.number, {})
                one = _row(row, sheet, marks[row.number], cells, standing, first, reader)
                unchanged += one is None
                found += [one] if one else []
    return unchanged, found


def _row(
    row: Row,
    sheet: Sheet,
    mark: ledger_marks.Mark | None,
    changed: Mapping[str, str],
    standing: Mapping[str, Standing],
    first: dict[str, tuple[int, Mapping[str, str]]],
    reader: Reader,
) -> Compared | None:
    """What a row says; None when it says nothing new."""
    of, places = sheet.of, sheet.places
    said = of.text("number", row.cells[places["number"]]) if "number" in places else ""
    if mark is None:
        return _refused(row, said, because(BAD_MARK if row.cells[sheet.mark].strip() else of.new_row))
    number = mark.number
    if changed.get(of.known_by):  # an empty cell names nobody else
        return _refused(row, said or number, because(of.other_row, number=number))
    if of.many and not changed:
        return None
    before, same = first.setdefault(number, (row.number, changed))
    if before != row.number:
        return None if of.many and same == changed else _refused(row, number, because(of.twice, row=before))
    found = standing.get(number)
    if not changed:
        return None
    if found is None:
        return _refused(row, number, because(of.not_there))
    aside = [
        because(of.elsewhere, name, column=Reason(of.columns[name][0])) for name in changed if name not in of.editable
    ]
    mine = {name: text for name, text in changed.items() if name in of.editable}
    return _judged(row, of, mark, mine, found, aside, reader)


def changed_cells(secret: bytes, mark: ledger_marks.Mark, texts: Mapping[str, str]) -> dict[str, str]:
    """The cells that differ from what was taken out."""
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
    of: Returning,
    mark: ledger_marks.Mark,
    mine: Mapping[str, str],
    found: Standing,
    aside: Sequence[Reason],
    reader: Reader,
) -> Compared | None:
    """Whether what the file changed can be taken over, and where somebody else changed the same."""
    moved = found.version != mark.version
    compared = {
        name: change(mark, name, text, found.texts[name], starred=name == of.masked, moved=moved)
        for name, text in mine.items()
    }
    changes = {name: one for name, one in compared.items() if one}
    if not changes:  # somebody else wrote the same meanwhile
        return _refused(row, mark.number, *aside) if aside else None
    good, faults = sifted(of, reader, found.id, {name: one.mine for name, one in changes.items()})
    if not good:
        return _refused(row, mark.number, *faults, *aside, changes=changes)
    changes = {name: one for name, one in changes.items() if name in good}
    kind = RowKind.CONFLICT if any(one.conflict for one in changes.values()) else RowKind.CHANGED
    return Compared(row.number, mark.number, kind, changes, [*faults, *aside])


def sifted(of: Returning, reader: Reader, key: int, mine: Mapping[str, str]) -> tuple[dict[str, str], list[Reason]]:
    """The cells that can be written to a thing, and why each of the others cannot, or why none can."""
    good, found = dict(mine), list[Reason]()
    while good and (faults := reader.faults(key, good)):
        if any(fault.field not in good for fault in faults):
            return {}, [*found, *faults]
        for fault in faults:
            if fault.field in good:  # the first word on a cell is enough
                found.append(fault)
                del good[fault.field]
        found += _bound(of, good, {str(fault.field) for fault in faults})
    return good, found


def _bound(of: Returning, good: dict[str, str], bad: Set[str]) -> list[Reason]:
    """Takes out of ``good`` what goes with a cell that is bad, and says so."""
    found = list[Reason]()
    for group in of.together:
        for name in group if not bad.isdisjoint(group) else ():
            if name in good:
                other = next(one for one in group if one in bad)
                found.append(because(GOES_WITH, name, column=Reason(of.columns[other][0])))
                del good[name]
    return found


def change(
    mark: ledger_marks.Mark, name: str, mine: str, now: str, *, starred: bool = False, moved: bool = False
) -> Change | None:
    """A cell that the file changed, beside what stands now; None when both say the same.

    Of a phone that left masked the mark knows only the stars: there ``moved`` decides, that it was changed since.
    """
    if now == mine:
        return None
    secret = key()
    seen = ledger_marks.digest(secret, mark.number, name, now)
    if not starred:
        return Change(now, mine, seen, conflict=seen != mark.digests[name])
    stars = ledger_marks.digest(secret, mark.number, name, masked(now))
    same = mark.digests[name] == seen or (mark.digests[name] == stars and not moved)
    return Change(masked(now), mine, seen, conflict=not same)
