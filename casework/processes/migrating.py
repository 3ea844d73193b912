"""A run moves to a newer version of its template: previewed, refused where its data would not fit, and logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from casework import audit
from casework.cases.models import Case
from casework.cases.service import touch
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day
from casework.processes import answers, flow, queries, running, stepping
from casework.processes.definition import Definition
from casework.processes.events import ProcessMigrated
from casework.processes.models import ProcessRun, TemplateVersion
from casework.processes.running import Course
from casework.processes.words import RunState, Stand


@dataclass(frozen=True, slots=True)
class Preview:
    """What a move would do: finished steps that stay, that are lost, and answers that would not fit."""

    version: TemplateVersion
    definition: Definition
    kept: Sequence[str]
    lost: Sequence[str]
    misfits: Sequence[Reason]
    standing: flow.Standing

    @property
    def opens(self) -> list[str]:
        """The titles of the steps that would be open after it."""
        return [self.definition.by_key[key].title.zh for key in self.standing.ready]


def newer(run: ProcessRun, now: datetime) -> TemplateVersion | None:
    """The version valid today, if it is newer than the run's."""
    if run.state != RunState.RUNNING:
        return None
    today = queries.version_on(run.template_id, local_day(now))
    return today if today is not None and today.id > run.version_id else None


def preview(course: Course, version: TemplateVersion, *, locale: str = "zh") -> Preview:
    """What moving a run to a version would keep and lose, without moving it."""
    to = queries.definition_of(version)
    finished = [key for key, stand in course.now.stands.items() if stand in (Stand.DONE, Stand.HELD)]
    misfits: list[Reason] = []
    for key in finished:
        if step := to.by_key.get(key):
            _, wrong = answers.check(step, course.now.answers.get(key, {}), locale=locale)
            misfits += [because(N_("%(step)s: %(reason)s"), step=step.title.said(locale), reason=one) for one in wrong]
    return Preview(
        version=version,
        definition=to,
        kept=[course.definition.by_key[key].title.said(locale) for key in finished if key in to.by_key],
        lost=[course.definition.by_key[key].title.said(locale) for key in finished if key not in to.by_key],
        misfits=misfits,
        standing=running.folded(to, course.sent),
    )


def migrate(case: Case, run: ProcessRun, *, to_no: int, actor: Actor, now: datetime, locale: str = "zh") -> None:
    """Move a run to the version that was previewed.

    Raises:
        NotPermitted: the actor does not work on this case.
        Refused: it has ended, there is no newer version by that number, or a finished step's data would not fit.
    """
    authorise(actor, "process.migrate", case)
    stepping.hold(run)
    version = newer(run, now)
    if version is None or version.no != to_no:
        raise Refused(because(N_("There is no newer version %(no)s to move to: reload the page."), no=to_no))
    course = running.course_of(run)
    seen = preview(course, version, locale=locale)
    if seen.misfits:
        raise Refused(list(seen.misfits))
    old = course.version.no
    run.version_id = version.id
    db.session.flush()  # the version check before the entry
    moved = running.course_of(run)
    fact = ProcessMigrated(
        run=run.id, name=moved.definition.name.zh, from_no=old, to_no=version.no, lost=list(seen.lost)
    )
    audit.record(fact, by=actor, at=now, case_id=case.id)
    stepping.reopen(moved, now)
    if moved.now.has_ended:
        stepping.end(case, moved, RunState.DONE, "", actor, now)
    touch(case, "process", now)
