"""Writes: a process on a case, from its start over each step to its end. Nothing commits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.cases.models import Case
from casework.cases.service import touch
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.errors import N_, NotPermitted, Reason, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day
from casework.processes import answers, flow, issuing, queries, rules, running, stepping
from casework.processes.definition import Step
from casework.processes.events import ProcessStarted, StepSubmitted
from casework.processes.models import ProcessRun, ProcessTemplate, StepDraft, StepRun, Submission
from casework.processes.policy import filling, step_of
from casework.processes.running import Course
from casework.processes.words import ENTERPRISE, FieldKind, Result, RunState

MOST_NOTE = 1000
WORKING = (State.IN_PROGRESS, State.WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What an actor sends for a step. ``to`` is the step that a return opens again, ``note`` why."""

    step: str
    result: Result = Result.DONE
    given: Mapping[str, Any] = field(default_factory=dict)
    to: str = ""
    note: str = ""


def start(case: Case, template: ProcessTemplate, *, type_code: str, actor: Actor, now: datetime) -> ProcessRun:
    """Begin a process on a case, under the version that is valid today.

    Raises:
        NotPermitted: the actor does not work on this case, or the case has ended.
        Refused: the template is retired, not valid today, or does not serve this case.
    """
    authorise(actor, "process.start", case)
    if case.state not in WORKING:
        raise Refused(because(N_("A process begins while the case is worked on: acknowledge it or take it up again.")))
    return _begin(case, template, type_code, actor, now)


def start_by_requester(case: Case, template: ProcessTemplate, *, type_code: str, now: datetime) -> ProcessRun:
    """Begin a process that the portal offers on a case that an enterprise has just reported.

    Raises:
        Refused: it is not offered (any more), or does not serve this case.
    """
    if not template.portal or not case.is_open:
        raise Refused(because(NOT_VALID, name=template.zh))
    return _begin(case, template, type_code, None, now)


def _begin(case: Case, template: ProcessTemplate, type_code: str, actor: Actor | None, now: datetime) -> ProcessRun:
    version = queries.version_on(template.id, local_day(now))
    if template.retired_at is not None or version is None:
        raise Refused(because(NOT_VALID, name=template.zh))
    if type_code not in template.serves or template.area_id not in case.area_ids:
        raise Refused(
            because(N_("“%(name)s” does not serve this kind of case here: choose another."), name=template.zh)
        )
    run = ProcessRun(
        case_id=case.id,
        template_id=template.id,
        version_id=version.id,
        state=RunState.RUNNING,
        started_by_id=actor.user_id if actor else template.author_id,
        by_requester=actor is None,
        started_at=now,
        sent=0,
    )
    db.session.add(run)
    db.session.flush()  # its steps and the entry name it
    course = running.course_of(run)
    stepping.open_steps(course, course.now, now)
    name = course.definition.name.zh
    fact = ProcessStarted(run=run.id, template=template.code, name=name, no=version.no, by_requester=actor is None)
    audit.record(fact, by=actor, at=now, case_id=case.id)
    _mark(case, template, now)
    return run


NOT_VALID = N_("“%(name)s” is retired or not valid today: nothing can begin under it. Choose another template.")


def _mark(case: Case, template: ProcessTemplate, now: datetime) -> None:
    touch(case, "process", now)
    for table, row, values in (
        (Case, case.id, {"processed": True}),
        (ProcessTemplate, template.id, {"runs": ProcessTemplate.runs + 1}),
    ):
        counted = sa.update(table).where(table.id == row).values(values)
        db.session.execute(counted.execution_options(synchronize_session=False))


def submit(
    case: Case, run: ProcessRun, sent: Sent, *, actor: Actor | None, now: datetime, locale: str = "zh"
) -> Course:
    """Send a step: fill it in, approve, return or reject. By nobody when the enterprise does it for itself.

    Raises:
        NotPermitted: it is not the actor's step.
        Refused: the step is not open (any more), or answers are missing or wrong: all of them, each at its field.
    """
    stepping.hold(run)
    course = running.course_of(run)
    step = course.step(sent.step)
    _may_fill(case, step, actor)
    if run.state != RunState.RUNNING:
        raise Refused(Reason(N_("This process has ended: nothing more can be filled in.")))
    wanted = flow.Submission(step=step.key, result=sent.result, to=sent.to)
    if refused := flow.refusals(course.definition, course.now, wanted, locale=locale):
        raise Refused(refused)
    row = _row(case, course, step, sent, actor, now, locale)
    db.session.add(row)
    db.session.flush()  # append-only: the number is taken, or somebody else was first
    return _carried_on(case, course, step, row, actor, now)


def _may_fill(case: Case, step: Step, actor: Actor | None) -> None:
    if actor is not None:
        authorise(actor, filling(step), step_of(case, step))
    elif step.role != ENTERPRISE or not case.is_open:
        raise NotPermitted(filling(step))


def _row(
    case: Case, course: Course, step: Step, sent: Sent, actor: Actor | None, now: datetime, locale: str
) -> Submission:
    kept, wrong = answers.check(step, sent.given, locale=locale)
    goes_on = sent.result in (Result.DONE, Result.APPROVE)
    faults = list(wrong) if goes_on else []
    faults += _note_faults(sent)
    for_them = step.role == ENTERPRISE and actor is not None
    if for_them and any(asked.kind is FieldKind.DECLARATION for asked in step.asked):
        faults.append(Reason(ONLY_THEY_DECLARE))
    if not _own_files(case, step, kept):
        faults.append(Reason(N_("A file does not belong to this case: attach it again.")))
    if faults:
        raise Refused(faults)
    course.run.sent += 1
    return Submission(
        run_id=course.run.id,
        no=course.run.sent,
        step=step.key,
        result=sent.result,
        answers=kept,
        to_step=sent.to if sent.result is Result.RETURN else "",
        note=sent.note.strip(),
        by_id=actor.user_id if actor else None,
        on_behalf=for_them,
        at=now,
    )


ONLY_THEY_DECLARE = N_("Only the enterprise itself can make this declaration: send it the link.")


def _note_faults(sent: Sent) -> list[Reason]:
    if len(sent.note) > MOST_NOTE:
        return [because(N_("Shorten this to %(limit)s characters."), "note", limit=MOST_NOTE)]
    if sent.result in (Result.RETURN, Result.REJECT) and not sent.note.strip():
        return [because(N_("Why: write it, so that the enterprise knows what to mend."), "note")]
    return []


def _own_files(case: Case, step: Step, kept: Mapping[str, Any]) -> bool:
    """Whether every file named is one of this case."""
    ids = set(running.file_ids(step, kept))
    return {file.id for file in running.files_of(ids) if file.case_id == case.id} == ids


def _carried_on(case: Case, before: Course, step: Step, row: Submission, actor: Actor | None, now: datetime) -> Course:
    """What follows from a submission: steps close and open, documents are issued or revoked, the run may end."""
    sent = [*before.sent, row]
    course = Course(
        before.run, before.template, before.version, before.definition, sent, running.folded(before.definition, sent)
    )
    opened = _close_step(course, step, row, now)
    void = sorted({course.known[place].step for place in course.now.void - before.now.void})
    _tell(case, course, step, row, opened, [key for key in void if key != step.key], actor, now)
    issuing.revoke_void(case, course, void, actor=actor, now=now)
    if actor is not None and row.result in (Result.DONE, Result.APPROVE) and step.issues:
        issuing.issue(case, course, step, actor=actor, now=now)
    stepping.open_steps(course, course.now, now)
    if course.now.has_ended:
        stepping.end(case, course, RunState.REJECTED if course.now.rejected_at else RunState.DONE, row.note, actor, now)
    touch(case, "process", now)
    db.session.flush()  # the version check of the run
    return course


def _close_step(course: Course, step: Step, row: Submission, now: datetime) -> StepRun | None:
    db.session.execute(sa.delete(StepDraft).where(StepDraft.run_id == course.run.id, StepDraft.step == step.key))
    query = sa.select(StepRun).where(
        StepRun.run_id == course.run.id, StepRun.step == step.key, StepRun.done_at.is_(None)
    )
    opened = db.session.scalar(query)
    if opened is not None:
        stepping.close(opened, row.result, now)
    return opened


def _tell(
    case: Case,
    course: Course,
    step: Step,
    row: Submission,
    opened: StepRun | None,
    void: list[str],
    actor: Actor | None,
    now: datetime,
) -> None:
    titles = course.definition.by_key
    fact = StepSubmitted(
        run=course.run.id,
        step=step.key,
        title=step.title.zh,
        result=row.result,
        actor=step.actor,
        sha256=rules.seal(row.answers),
        minutes=opened.minutes if opened else None,
        limit=step.limit.minutes if step.limit else None,
        to_title=titles[row.to_step].title.zh if row.to_step else "",
        note=row.note,
        on_behalf=row.on_behalf,
        void=[titles[key].title.zh for key in void],
        files=[
            {"id": file.id, "name": file.name, "sha256": file.sha256}
            for file in running.files_of(running.file_ids(step, row.answers))
        ],
    )
    audit.record(fact, by=actor, at=now, case_id=case.id)


def cancel(case: Case, run: ProcessRun, reason: str, *, actor: Actor, now: datetime) -> None:
    """End a run before its end. What was sent and issued stays on record; documents are revoked one by one.

    Raises:
        NotPermitted: the actor does not work on this case.
        Refused: it has ended already, or no reason is given.
    """
    authorise(actor, "process.cancel", case)
    stepping.hold(run)
    if run.state != RunState.RUNNING:
        raise Refused(because(N_("This process has ended already.")))
    if not reason.strip():
        raise Refused(because(N_("Reason: write why it is cancelled; it stays on record."), "reason"))
    stepping.end(case, running.course_of(run), RunState.CANCELLED, reason.strip(), actor, now)
    touch(case, "process", now)
    db.session.flush()  # the version check


def keep_draft(
    case: Case, run: ProcessRun, key: str, given: Mapping[str, Any], *, actor: Actor | None, now: datetime
) -> None:
    """Keep what was typed for an open step, as it was typed: only its own fields, and nothing too long.

    Raises:
        NotPermitted: it is not the actor's step.
        Refused: the step is not open (any more).
    """
    course = running.course_of(run)
    step = course.step(key)
    _may_fill(case, step, actor)
    if key not in course.now.ready or run.state != RunState.RUNNING:
        raise Refused(because(N_("This step is not open any more: look where the process stands.")))
    typed = {field.key: given[field.key] for field in step.asked if field.key in given}
    draft = db.session.get(StepDraft, (run.id, key))
    if draft is None:
        db.session.add(StepDraft(run_id=run.id, step=key, answers=typed, at=now))
    else:
        draft.answers, draft.at = typed, now
    db.session.flush()  # two first drafts at once: one is told of it here
