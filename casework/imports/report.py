"""What becomes of the rows of a file: counts that add up, refusals with their remedy, old beside new, doubles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from casework.kernel.errors import Reason, reason_kept

NOTES_KEPT = 200
NAMES_KEPT = 500
SHOWN_KEPT = 500
"""Of so many rows old and new are kept side by side, and of so many what they look like."""
CELLS_KEPT = 2000
"""Of so many refused rows the cells are kept, to be downloaded with remarks."""
COUNTS = ("rows", "created", "existing", "changed")


class Outcome(StrEnum):
    """What becomes of a row that is not refused."""

    CREATED = "created"
    EXISTING = "existing"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row stays out: its number in the file, the field, the reason and what to do."""

    row: int
    field: str
    reason: Reason
    remedy: Reason
    column: str = ""
    cells: tuple[str, ...] = ()


@dataclass(slots=True)
class Note:
    """Something worth mentioning, with the first row it is about and how many rows share it."""

    reason: Reason
    row: int | None = None
    times: int = 1


@dataclass(frozen=True, slots=True)
class Differs:
    """A field of something that is there, of which the file says otherwise; ``taken`` when the file's word counts."""

    field: str
    old: str
    new: str
    taken: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A row about something that is there, with what stands here and what the file says."""

    row: int
    name: str
    fields: tuple[Differs, ...]


@dataclass(frozen=True, slots=True)
class Suspect:
    """A row that may be a double of something that is there under another name or number."""

    row: int
    name: str
    like: str
    why: Reason


@dataclass
class Report:
    """What became of a file. ``rows`` is always the sum of the four counts.

    ``effects`` counts what was made or ended beside the rows, by kind; ``named`` lists the first of each.
    ``differing`` and ``suspected`` count the rows of which ``changes`` and ``suspects`` list the first.
    """

    rows: int = 0
    created: int = 0
    existing: int = 0
    changed: int = 0
    refused: list[Refusal] = field(default_factory=list)
    unmapped: list[str] = field(default_factory=list)
    notes: dict[str, Note] = field(default_factory=dict)
    effects: dict[str, int] = field(default_factory=dict)
    named: dict[str, list[str]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    differing: int = 0
    suspects: list[Suspect] = field(default_factory=list)
    suspected: int = 0

    def effect(self, kind: str, name: str = "", times: int = 1) -> None:
        """Count something that was made or ended beside the rows; the first ones are named."""
        self.effects[kind] = self.effects.get(kind, 0) + times
        listed = self.named.setdefault(kind, [])
        if name and len(listed) < NAMES_KEPT:
            listed.append(name)

    def refuse(self, refusal: Refusal) -> None:
        """Add a row that stays out."""
        self.rows += 1
        self.refused.append(refusal)

    def note(self, note: Note) -> None:
        """Mention something; the same sentence is kept once, with the number of its rows."""
        key = f"{note.reason.text} {sorted(note.reason.values.items())}"
        if key in self.notes:
            earlier = self.notes[key]
            self.notes[key] = Note(earlier.reason, earlier.row, earlier.times + note.times)
        elif len(self.notes) < NOTES_KEPT:
            self.notes[key] = note

    def differ(self, change: Change) -> None:
        """Show old and new of a row side by side."""
        self.differing += 1
        if len(self.changes) < SHOWN_KEPT:
            self.changes.append(change)

    def suspect(self, suspect: Suspect) -> None:
        """Show what a row looks like a double of."""
        self.suspected += 1
        if len(self.suspects) < SHOWN_KEPT:
            self.suspects.append(suspect)

    def plus(self, other: Report) -> Report:
        """The sum of both, as a new report: this one and what a later batch did."""
        sums = {name: getattr(self, name) + getattr(other, name) for name in (*COUNTS, "differing", "suspected")}
        total = Report(
            **sums,
            refused=self.refused + other.refused,
            unmapped=self.unmapped,
            notes=dict(self.notes),
            changes=(self.changes + other.changes)[:SHOWN_KEPT],
            suspects=(self.suspects + other.suspects)[:SHOWN_KEPT],
        )
        for note in other.notes.values():
            total.note(note)
        for kind in (*self.effects, *(kind for kind in other.effects if kind not in self.effects)):
            total.effects[kind] = self.effects.get(kind, 0) + other.effects.get(kind, 0)
            total.named[kind] = (self.named.get(kind, []) + other.named.get(kind, []))[:NAMES_KEPT]
        return total

    def adds_up(self) -> bool:
        """Whether every row is accounted for exactly once."""
        return self.rows == self.created + self.existing + self.changed + len(self.refused)

    def as_json(self) -> dict[str, Any]:
        """The report as the commands print it, in the reader's language."""
        return {
            "rows": self.rows,
            "created": self.created,
            "existing": self.existing,
            "changed": self.changed,
            "refused": [
                {"row": one.row, "field": one.field, "reason": str(one.reason), "remedy": str(one.remedy)}
                for one in self.refused
            ],
            "unmapped": self.unmapped,
            "effects": self.effects,
            "named": self.named,
            "suspected": [
                {"row": one.row, "name": one.name, "like": one.like, "why": str(one.why)} for one in self.suspects
            ],
            "notes": [{"row": note.row, "note": str(note.reason), "times": note.times} for note in self.notes.values()],
        }


# -- kept in the database


def packed(report: Report) -> dict[str, Any]:
    """A report as JSON that keeps its sentences unsaid, so that each reader gets their own language."""
    refused = [
        {
            "row": one.row,
            "field": one.field,
            "column": one.column,
            "reason": one.reason.kept(),
            "remedy": one.remedy.kept(),
            "cells": list(one.cells) if at < CELLS_KEPT else [],
        }
        for at, one in enumerate(report.refused)
    ]
    return {
        **{name: getattr(report, name) for name in (*COUNTS, "differing", "suspected")},
        "refused": refused,
        "unmapped": report.unmapped,
        "notes": [{"reason": one.reason.kept(), "row": one.row, "times": one.times} for one in report.notes.values()],
        "effects": report.effects,
        "named": report.named,
        "changes": [
            [one.row, one.name, [[part.field, part.old, part.new, part.taken] for part in one.fields]]
            for one in report.changes
        ],
        "suspects": [[one.row, one.name, one.like, one.why.kept()] for one in report.suspects],
    }


def unpacked(kept: Mapping[str, Any]) -> Report:
    """The report that was packed."""
    counts = {name: kept.get(name, 0) for name in (*COUNTS, "differing", "suspected")}
    report = Report(**counts, unmapped=list(kept.get("unmapped", [])))
    report.effects, report.named = dict(kept.get("effects", {})), dict(kept.get("named", {}))
    report.refused = [_refusal(one) for one in kept.get("refused", [])]
    for note in kept.get("notes", []):
        report.note(Note(reason_kept(note["reason"]), note["row"], note["times"]))
    report.changes = [
        Change(row, name, tuple(Differs(*part) for part in parts)) for row, name, parts in kept.get("changes", [])
    ]
    report.suspects = [Suspect(row, name, like, reason_kept(why)) for row, name, like, why in kept.get("suspects", [])]
    return report


def _refusal(kept: Mapping[str, Any]) -> Refusal:
    reason, remedy = reason_kept(kept["reason"]), reason_kept(kept["remedy"])
    return Refusal(kept["row"], kept["field"], reason, remedy, kept["column"], tuple(kept["cells"]))


def differing(pairs: Sequence[tuple[str, str, str]], *, take_over: bool) -> tuple[Differs, ...]:
    """What differs among (field, here, in the file): a blank here is filled, else the file counts when so chosen."""
    return tuple(
        Differs(name, here, said, take_over or not here) for name, here, said in pairs if said and said != here
    )
