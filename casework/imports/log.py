"""The event log of another system as closed cases: each with its times, its steps as entries, its deadline decided.

A case is known again by the log's name and its own reference, a step by what, when and which: the same file twice is
once, and a longer one adds what is new. Portions of cases are whole transactions, so a kill loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from casework import audit
from casework.areas.models import Area, Level
from casework.audit.models import Event, EventPayload
from casework.cases import service
from casework.cases.entering import Ended, enter
from casework.cases.models import Case, CaseType
from casework.cases.workflow import Source
from casework.clocks.seed import seed_calendar
from casework.imports.case_rows import TITLE
from casework.imports.cases import ADD_DISTRICT, NO_PLACE
from casework.imports.events import RowsImported
from casework.imports.importing import GIVE_DISTRICT, NO_DISTRICT, all_places
from casework.imports.log_map import Logged, LoggedCase, LogMap
from casework.imports.report import Refusal
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, Reason, because
from casework.kernel.permissions import Actor, can
from casework.kpis.events import ActivityLogged

PORTION = 100
NO_TYPE = N_("“%(type)s” is no case type here.")
GIVE_TYPE = N_('Write the code of a type, or give one in the mapping: {"defaults": {"type": "other"}}.')
NOT_YOURS = N_("You may not enter cases there.")
ASK = N_("Let somebody import it who may submit cases in that area.")
TO_COME = N_("The time %(text)s lies in the future.")
LOOK = N_("Look whether day and month are in their places.")


@dataclass(slots=True)
class LogReport:
    """What became of each row and of each case; the counts of rows add up to ``rows``."""

    rows: int = 0
    created: int = 0
    existing: int = 0
    changed: int = 0
    refused: list[Refusal] = field(default_factory=list)
    cases: int = 0
    new_cases: int = 0
    steps: int = 0

    def as_json(self) -> dict[str, object]:
        """As every import reports."""
        refused = [
            {"row": one.row, "field": one.field, "reason": str(one.reason), "remedy": str(one.remedy)}
            for one in sorted(self.refused, key=lambda one: one.row)
        ]
        counts = {name: getattr(self, name) for name in ("rows", "created", "existing", "changed")}
        return {**counts, "refused": refused, "cases": self.cases, "new_cases": self.new_cases, "steps": self.steps}


@dataclass(frozen=True, slots=True)
class Work:
    """A file that is being taken in: by whom, when, what the mapping says, what the file is called."""

    said: LogMap
    actor: Actor | None
    now: datetime
    filename: str = ""
    sha256: str = ""


class LogImporter:
    """Enters the cases of a log, a portion a transaction."""

    def __init__(self, work: Work):
        self.work = work
        self.places = all_places()
        types = db.session.scalars(sa.select(CaseType).where(CaseType.active))
        self.types = {word: kind.id for kind in types for word in (kind.code, kind.zh, kind.en)}

    def run(
        self, cases: Sequence[LoggedCase], refused: Sequence[Refusal], after: Callable[[int], None] | None = None
    ) -> LogReport:
        """Take the cases in; ``after`` is told how many are through."""
        report = LogReport(rows=sum(len(case.rows) for case in cases) + len(refused), refused=list(refused))
        with transaction():
            years = {moment.year for case in cases for moment in (case.submitted_at, case.closed_at)}
            seed_calendar(db.session, sorted(years | {year + 1 for year in years}))
        for start in range(0, len(cases), PORTION):
            portion = cases[start : start + PORTION]
            with transaction():
                self._portion(portion, report)
            if after:
                after(min(start + PORTION, len(cases)))
        return report

    def _portion(self, cases: Sequence[LoggedCase], report: LogReport) -> None:
        known = self._known(cases)
        before = (report.created, report.changed, report.existing, len(report.refused))
        for case in cases:
            if case.ref in known:
                self._add(case, *known[case.ref], report)
            else:
                self._enter(case, report)
            report.cases += 1
        created, changed, existing, refused = before
        fact = RowsImported(
            target="log",
            filename=self.work.filename,
            sha256=self.work.sha256,
            first_row=min(row for case in cases for row in case.rows),
            last_row=max(row for case in cases for row in case.rows),
            created=report.created - created,
            changed=report.changed - changed,
            existing=report.existing - existing,
            refused=len(report.refused) - refused,
        )
        audit.record(fact, by=self.work.actor, at=self.work.now)

    def _known(self, cases: Sequence[LoggedCase]) -> dict[str, tuple[int, set[tuple[str, str, str]]]]:
        """The cases that are here already, with the steps that they have."""
        refs = [case.ref for case in cases]
        here = sa.select(Case.id, Case.external_ref).where(
            Case.origin == self.work.said.origin, Case.external_ref.in_(refs)
        )
        ids = {case_id: ref or "" for case_id, ref in db.session.execute(here)}
        found: dict[str, tuple[int, set[tuple[str, str, str]]]] = {ref: (key, set()) for key, ref in ids.items()}
        query = (
            sa.select(Event.case_id, EventPayload.payload)
            .join(EventPayload, EventPayload.event_id == Event.id)
            .where(Event.case_id.in_(ids), Event.verb == ActivityLogged.__name__)
        )
        for case_id, said in db.session.execute(query) if ids else ():
            key = (said["activity"], said["happened_at"], said.get("ref", ""))
            found[ids[case_id or 0]][1].add(key)
        return found

    def _enter(self, case: LoggedCase, report: LogReport) -> None:
        problem = self._problem(case)
        if problem:
            name, reason, remedy = problem
            report.refused += [Refusal(row, name, reason, remedy) for row in case.rows]
            return
        made = enter(
            self._draft(case),
            self._ended(case),
            actor=self.work.actor,
            now=self.work.now,
            origin=self.work.said.origin,
            external_ref=case.ref[:80],
        )
        self._log(made.id, case.steps)
        report.new_cases += 1
        report.steps += len(case.steps)
        report.created += len(case.rows)

    def _add(self, case: LoggedCase, case_id: int, has: set[tuple[str, str, str]], report: LogReport) -> None:
        fresh = [step for step in case.steps if step.key not in has]
        self._log(case_id, fresh)
        rows = {step.row for step in fresh}
        report.steps += len(fresh)
        report.changed += len(rows)
        report.existing += len(case.rows) - len(rows)

    def _log(self, case_id: int, steps: Sequence[Logged]) -> None:
        for step in sorted(steps, key=lambda one: one.at):
            fact = ActivityLogged(
                activity=step.activity,
                happened_at=step.at,
                resource=step.resource,
                group=step.group,
                ref=step.ref,
                origin=self.work.said.source,
            )
            audit.record(fact, by=self.work.actor, at=self.work.now, case_id=case_id)

    def _problem(self, case: LoggedCase) -> tuple[str, Reason, Reason] | None:
        """Why the case cannot go in: the field, the reason, what to do."""
        late = max(case.closed_at, *(step.at for step in case.steps))
        if late > self.work.now:
            return "time", because(TO_COME, text=late.isoformat()), Reason(LOOK)
        if self._said(case, "type") not in self.types:
            return "type", because(NO_TYPE, type=self._said(case, "type")), Reason(GIVE_TYPE)
        area = self._area(case)
        district = self._said(case, "district")
        if area is None and district:
            return "district", because(NO_DISTRICT, name=district), Reason(ADD_DISTRICT)
        if area is None:
            return "district", Reason(NO_PLACE), Reason(GIVE_DISTRICT)
        if self.work.actor is not None and not can(self.work.actor, "case.submit", area):
            return "district", Reason(NOT_YOURS), Reason(ASK)
        return None

    def _said(self, case: LoggedCase, name: str) -> str:
        preset = "other" if name == "type" else ""
        return case.said.get(name) or self.work.said.defaults.get(name, preset)

    def _area(self, case: LoggedCase) -> Area | None:
        area = self.places.any_named(self._said(case, "district"))
        return None if area is None or area.level == Level.CITY else area

    def _draft(self, case: LoggedCase) -> service.CaseDraft:
        area = self._area(case)
        title = (case.said.get("title") or self.work.said.title.replace("{case}", case.ref))[:TITLE]
        return service.CaseDraft(
            title=" ".join(title.split()) or case.ref[:TITLE],
            text=case.said.get("text") or title,
            type_id=self.types[self._said(case, "type")],
            area_id=area.id if area else 0,
            source=Source.IMPORT,
            requester=(self._said(case, "requester") or case.ref)[:200],
        )

    def _ended(self, case: LoggedCase) -> Ended:
        said = self.work.said
        contacts = [step.at for step in case.steps if step.activity == said.contact]
        return Ended(
            submitted_at=case.submitted_at,
            closed_at=case.closed_at,
            contacted_at=min(contacts, default=None),
            due_at=case.moments.get("due_at"),
            limit=said.limit,
            outcome=said.outcome,
        )
