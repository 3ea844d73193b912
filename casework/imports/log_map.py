"""An event log as a table: which column says what, and the rows gathered to cases, each with what is wrong with it.

Two shapes are read. A log has a row a step (``case``, ``activity``, ``time``); a ledger has a row a case, and
``activities`` names the column that holds the time of each step.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from casework.cases.workflow import Outcome
from casework.clocks.kinds import WORKING, Limit
from casework.imports.importing import MEND
from casework.imports.report import Refusal
from casework.kernel.errors import N_, Reason, Refused, because
from casework.sheets.cells import parse_moment
from casework.sheets.reading import Table

FIELDS = (
    "case",
    "activity",
    "time",
    "resource",
    "group",
    "ref",
    "submitted_at",
    "closed_at",
    "due_at",
    "title",
    "text",
    "requester",
    "type",
    "district",
)
NO_MAP = N_("The mapping cannot be read as JSON: %(fault)s.")
NO_SOURCE = N_('The mapping must name the log: {"source": "permits"}, at most 60 characters.')
NEEDS = N_('The mapping must say in "columns" which column is “%(field)s”.')
UNKNOWN = N_("The mapping says “%(field)s”, which means nothing here. Known are: %(known)s.")
NO_COLUMN = N_("The file has no column “%(column)s”. It has: %(headers)s.")
NO_CASE = N_("The row does not say which case it is of.")
NO_ACTIVITY = N_("The row does not say what was done.")
BAD_OUTCOME = N_("“%(text)s” is no outcome. Known are: %(known)s.")
KNOWN = ("source", "columns", "activities", "contact", "defaults", "due", "outcome", "title")


@dataclass(frozen=True, slots=True)
class LogMap:
    """A mapping as it was written: field → header, step → header of its time, and what holds for every case."""

    source: str
    columns: Mapping[str, str]
    activities: Mapping[str, str]
    contact: str
    defaults: Mapping[str, str]
    limit: Limit | None
    outcome: Outcome
    title: str

    @property
    def origin(self) -> str:
        """Where the cases come from, as the case row keeps it."""
        return f"log:{self.source}"


@dataclass(frozen=True, slots=True)
class Logged:
    """A step as a row says it."""

    row: int
    activity: str
    at: datetime
    resource: str = ""
    group: str = ""
    ref: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """By which it is known again."""
        return self.activity, self.at.isoformat(), self.ref


@dataclass(slots=True)
class LoggedCase:
    """A case with its rows. The first row that says a field counts."""

    ref: str
    rows: list[int] = field(default_factory=list)
    steps: list[Logged] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    moments: dict[str, datetime] = field(default_factory=dict)

    @property
    def submitted_at(self) -> datetime:
        """When it began: as the file says, and never after its first step."""
        first = min(step.at for step in self.steps)
        return min(self.moments.get("submitted_at", first), first)

    @property
    def closed_at(self) -> datetime:
        """When it ended: as the file says; where it says nothing, its last step."""
        return self.moments.get("closed_at") or max(step.at for step in self.steps)


def read_log_map(path: Path) -> LogMap:
    """A mapping from its file.

    Raises:
        Refused: it is no JSON, or something in it is missing or unknown.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as fault:
        raise Refused(because(NO_MAP, fault=str(fault)[:120])) from fault
    if not isinstance(said, dict):
        raise Refused(because(NO_MAP, fault="{ }"))
    return _checked(said)


def _checked(said: Mapping[str, Any]) -> LogMap:
    columns, activities = dict(said.get("columns") or {}), dict(said.get("activities") or {})
    source = str(said.get("source") or "")
    faults = [because(UNKNOWN, field=name, known=", ".join(KNOWN)) for name in said if name not in KNOWN]
    faults += [because(UNKNOWN, field=name, known=", ".join(FIELDS)) for name in columns if name not in FIELDS]
    faults += [because(NEEDS, field=name) for name in _needed(activities) if name not in columns]
    if not source or len(source) > 60:
        faults.append(Reason(NO_SOURCE))
    outcome = str(said.get("outcome") or Outcome.SOLVED)
    if outcome not in set(Outcome):
        faults.append(because(BAD_OUTCOME, text=outcome, known=", ".join(Outcome)))
    if faults:
        raise Refused(faults)
    due = said.get("due") or {}
    limit = Limit(int(due["days"]), str(due.get("calendar", WORKING)), in_days=True) if due else None
    defaults = {str(name): str(value) for name, value in (said.get("defaults") or {}).items()}
    titled = str(said.get("title") or "{case}")
    return LogMap(
        source, columns, activities, str(said.get("contact") or ""), defaults, limit, Outcome(outcome), titled
    )


def _needed(activities: Mapping[str, str]) -> tuple[str, ...]:
    return ("case",) if activities else ("case", "activity", "time")


class Reader:
    """Gathers the rows of a table to cases; ``refused`` names each row that stays out, and why."""

    def __init__(self, table: Table, said: LogMap, *, now: datetime):
        self.said, self.now = said, now
        self.refused: list[Refusal] = []
        at = {header.strip(): place for place, header in enumerate(table.headers)}
        wanted = [*said.columns.values(), *said.activities.values()]
        if missing := [header for header in wanted if header not in at]:
            headers = ", ".join(table.headers)
            raise Refused([because(NO_COLUMN, column=header, headers=headers) for header in missing])
        self.place = {name: at[header] for name, header in said.columns.items()}
        self.step_places = {name: at[header] for name, header in said.activities.items()}
        self.table = table

    def cases(self) -> list[LoggedCase]:
        """The cases in the order in which the file begins them; those without a single good row are not among them."""
        found: dict[str, LoggedCase] = {}
        for row in self.table.rows:
            try:
                self._take(row.number, row.cells, found)
            except Refused as refusal:
                reason = refusal.reasons[0]
                name = reason.field or "case"
                column = self.said.columns.get(name, name)
                self.refused.append(Refusal(row.number, name, reason, Reason(MEND), column))
        return [case for case in found.values() if case.steps]

    def _take(self, number: int, cells: Sequence[str], found: dict[str, LoggedCase]) -> None:
        said = {name: cells[place].strip() for name, place in self.place.items()}
        if not said["case"]:
            raise Refused(because(NO_CASE, "case"))
        steps = list(self._steps(number, cells, said))
        moments = {
            name: self._moment(said[name], name) for name in ("submitted_at", "closed_at", "due_at") if said.get(name)
        }
        case = found.setdefault(said["case"], LoggedCase(said["case"]))
        case.rows.append(number)
        case.steps += steps
        for name, value in said.items():
            if value:
                case.said.setdefault(name, value)
        for name, moment in moments.items():
            case.moments.setdefault(name, moment)

    def _steps(self, number: int, cells: Sequence[str], said: Mapping[str, str]) -> Iterator[Logged]:
        if self.step_places:
            given = {name: cells[place].strip() for name, place in self.step_places.items()}
            for name, text in given.items():
                if text:
                    yield Logged(number, name, self._moment(text, name))
            if not any(given.values()):
                raise Refused(because(NO_ACTIVITY, next(iter(given))))
            return
        if not said["activity"]:
            raise Refused(because(NO_ACTIVITY, "activity"))
        at = self._moment(said["time"], "time")
        rest = {name: said.get(name, "")[:80] for name in ("resource", "group", "ref")}
        yield Logged(number, said["activity"][:120], at, **rest)

    def _moment(self, text: str, name: str) -> datetime:
        """A time with an offset as logs write it, exact to the microsecond; else as people write it, in Shanghai."""
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return parse_moment(text, name)
        return moment.astimezone(UTC) if moment.tzinfo else parse_moment(text, name)
