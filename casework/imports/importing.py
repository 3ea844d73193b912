"""The engine of every import: plan each row, write it or say why not, and count so that the counts add up.

An importer plans a row by reading only; a step that is planned can be counted (a dry run) or carried out.
Rows go in batches, each in a transaction of the caller's; a run that was killed is simply run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

import sqlalchemy as sa

from casework.areas.models import Area
from casework.areas.places import Places
from casework.imports.masks import PHONES, notes_of, unmasked
from casework.imports.report import Change, Differs, Note, Outcome, Refusal, Report, Suspect
from casework.imports.years import completed, years_of
from casework.kernel.db import db, planned_anew
from casework.kernel.errors import N_, NotPermitted, Reason, Refused
from casework.kernel.permissions import Actor
from casework.sheets.columns import Mapping as Columns
from casework.sheets.columns import fields_of, map_columns
from casework.sheets.reading import Table

BATCH = 500
MEND = N_("Mend the row in the file and import the file again: what is in already stays as it is.")
OUTSIDE = N_("It lies outside your areas.")
ASK = N_("Let someone import it who is responsible for that area.")
NO_NEEDED = N_(
    "No column is known as one of: %(known)s. The file has: %(said)s. Name the columns with a mapping, "
    "or choose another kind of import."
)
MISSING_COLUMN = N_("The mapping names the column “%(column)s”, which the file lacks.")
NONE = frozenset(("/", "／", "\\", "-", "--", "—", "——", "N/A", "n/a"))
"""What officers write in a cell where there is nothing to say."""


GIVE_DISTRICT = N_(
    "Write the district in the row, or give one for all rows: on the page of columns, or in the defaults of a mapping."
)
NO_DISTRICT = N_("“%(name)s” is not among the areas here.")


class RowRefused(Exception):
    """Raised by an importer: this row stays out."""

    def __init__(self, field: str, reason: Reason, remedy: Reason | None = None):
        self.field, self.reason, self.remedy = field, reason, remedy or Reason(MEND)
        super().__init__(reason.text)


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done with a row: how it counts, how it is written, and what to mention.

    ``gather`` puts a row that no service can refuse any more aside, for ``Gathering.complete``. ``effects`` count what
    the row makes beside itself (a team, a posting), by kind, with a name to list. ``differs`` shows what is there
    beside what the file says; ``like`` is what the row may be a double of, and why.
    """

    outcome: Outcome
    write: Callable[[], None] | None = None
    notes: Sequence[Reason] = ()
    gather: Callable[[], None] | None = None
    effects: Sequence[tuple[str, str]] = ()
    name: str = ""
    differs: tuple[Differs, ...] = ()
    like: tuple[str, Reason] | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """One thing that a row made or changed, so that exactly this can be taken back: see ``ImportMark``."""

    kind: str
    id: int
    row: int
    name: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says, field by field, blanks for what it does not."""

    number: int
    cells: Sequence[str]
    columns: Columns
    headers: Sequence[str] = ()
    years: Mapping[str, int] = field(default_factory=dict)
    """Of which year the dates without one are, by field."""

    def column_of(self, name: str) -> str:
        """The header that feeds a field, or the field's own name."""
        at = self.columns.fields.get(name)
        return self.headers[at] if at is not None and at < len(self.headers) else name

    def __getitem__(self, name: str) -> str:
        said = self.columns.get(self.cells, name).strip()
        if name in PHONES:
            said = unmasked(said)
        return "" if said in NONE else completed(said, self.years.get(name)) if self.years else said


class Importer(Protocol):
    """What the engine asks of an importer."""

    target: str
    stored: frozenset[str]
    """The fields that reach the database; a column for any other is named as left out."""
    needs: tuple[str, ...]
    """One of these fields must have a column, or the file is of another kind."""
    whole: bool
    """Whether the rows are asked for again at the end, or when a batch is tried anew."""
    made: list[Made]
    """What was written since somebody last took this list away, to be taken back some day."""

    def look_up(self, rows: Sequence[Said]) -> None:
        """Read at once what a batch may need."""

    def plan(self, row: Said) -> Step:
        """What to do with a row.

        Raises:
            RowRefused: it cannot go in.
            Refused: likewise, from a service; the first reason counts.
        """


@runtime_checkable
class Gathering(Importer, Protocol):
    """An importer that knows the whole file beforehand, writes a batch at once, and has a last word."""

    def prepare(self, rows: Sequence[Said]) -> None:
        """Look over every row before the first is planned."""

    def complete(self) -> None:
        """Write what was gathered, in the transaction of the batch."""

    def finish(self, rows: Sequence[Said], report: Report, *, dry: bool) -> None:
        """What only the whole file decides, in one transaction after the last batch; running it twice is harmless."""


@dataclass(frozen=True, slots=True)
class Source:
    """A table with its columns understood."""

    rows: list[Said]
    columns: Columns
    headers: list[str]
    notes: list[Reason]

    def column_of(self, name: str) -> str:
        """The header that feeds a field, or the field's own name."""
        at = self.columns.fields.get(name)
        return self.headers[at] if at is not None and at < len(self.headers) else name


def understand(
    table: Table, target: str, needs: Sequence[str], mapping: Mapping[str, Any] | None = None, *, name: str = ""
) -> Source:
    """Which column of the table is what, and of which year its dates are; ``name`` is that of the file.

    Raises:
        Refused: the mapping names what is unknown, or no column holds what this kind of import needs.
    """
    columns = map_columns(table.headers, target, mapping, [row.cells for row in table.rows])
    if not any(name in columns.fields for name in needs):
        known = "、".join(dict.fromkeys(word for name in needs for word in fields_of(target)[name][:2]))
        said = "、".join(table.headers) or "—"
        raise Refused(Reason(NO_NEEDED, {"known": known, "said": said[:200]}, "file"))
    chosen = (mapping or {}).get("dates", {}).get("year")
    years, notes = years_of(table, target, columns, name, chosen)
    rows = [Said(row.number, row.cells, columns, table.headers, years) for row in table.rows]
    return Source(rows, columns, list(table.headers), [*table.notes, *notes, *notes_of(table, columns)])


def begin(source: Source, importer: Importer) -> Report:
    """An empty report that already names what is left out: columns without a field, titles, totals, other sheets."""
    fields = source.columns.fields
    used = {source.column_of(name) for name in fields if name in importer.stored}
    unused = [header for name in fields if (header := source.column_of(name)) not in used]
    left_out = [*source.columns.unmapped, *source.columns.ignored, *unused]
    report = Report(unmapped=list(dict.fromkeys(left_out)))
    for reason in source.notes:
        report.note(Note(reason))
    for header in source.columns.missing:
        report.note(Note(Reason(MISSING_COLUMN, {"column": header})))
    return report


def batches(source: Source, start: int = 0, size: int = BATCH, *, keep: bool = True) -> Iterator[list[Said]]:
    """The rows in portions, each for one transaction. Unless they are kept, those that are done are let go, so that
    what a long import learns of its cases takes their room.
    """
    spent = Said(0, (), source.columns)
    for at in range(start, len(source.rows), size):
        rows = source.rows[at : at + size]
        if not keep:
            source.rows[at : at + size] = [spent] * len(rows)
        yield rows


def take_in(rows: Sequence[Said], importer: Importer, *, dry: bool) -> Report:
    """Plan a batch and, unless dry, write it, in the caller's transaction. What it did is the report."""
    report = Report()
    with planned_anew():
        importer.look_up(rows)
    for row in rows:
        try:
            step = _carried_out(importer.plan(row), dry=dry)
        except RowRefused as stop:
            report.refuse(_refusal(row, stop.field, stop.reason, stop.remedy))
        except Refused as stop:
            report.refuse(_refusal(row, stop.reasons[0].field or "", stop.reasons[0], Reason(MEND)))
        except NotPermitted:
            report.refuse(_refusal(row, "area", Reason(OUTSIDE), Reason(ASK)))
        else:
            _count(report, step, row.number)
    if not dry:
        _complete(importer)
    if not report.adds_up():
        raise AssertionError(f"{report.rows} rows, but the counts say otherwise")
    return report


def _count(report: Report, step: Step, row: int) -> None:
    """Add a row that went in or was there."""
    report.rows += 1
    setattr(report, step.outcome, getattr(report, step.outcome) + 1)
    for reason in step.notes:
        report.note(Note(reason, row))
    for kind, name in step.effects:
        report.effect(kind, name)
    if step.differs:
        report.differ(Change(row, step.name, step.differs))
    if step.like:
        report.suspect(Suspect(row, step.name, *step.like))


def _carried_out(step: Step, *, dry: bool) -> Step:
    if step.gather is not None and not dry:
        step.gather()
    if step.write is not None and not dry:
        with db.session.begin_nested():  # a row that a service refuses half-way leaves nothing behind
            step.write()
    return step


def _complete(importer: Importer) -> None:
    if isinstance(importer, Gathering):
        importer.complete()


def _refusal(row: Said, name: str, reason: Reason, remedy: Reason) -> Refusal:
    return Refusal(row.number, name, reason, remedy, row.column_of(name), tuple(row.cells))


def all_places() -> Places:
    """Every place, apart from the session: after each batch that is committed it would be read again, one by one."""
    return Places(Area(**row._mapping) for row in db.session.execute(sa.select(Area.__table__)))


@dataclass(frozen=True, slots=True)
class Setting:
    """Who imports, and when; no actor is an operator at the command line.

    ``make_teams``: teams that are missing are made. ``whole``: the file is the whole truth for the teams in it, and who
    is not in it leaves them; no more than ``may_end`` people, as many as were shown and confirmed. ``take_over``: what
    the file says replaces what stands here, else only blanks are filled. ``leave_doubles``: rows that look like
    doubles stay out. ``case``: the number of the joint case whose firms these are.
    """

    actor: Actor | None
    now: datetime
    city: str = ""
    origin: str = ""
    make_teams: bool = False
    whole: bool = False
    may_end: int = 0
    take_over: bool = False
    leave_doubles: bool = False
    case: str = ""
