"""Temporary processes: the templates in force, the runs of a case, and the steps of a run."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from casework.api.answering import Answer, Order, chosen
from casework.api.asking import Asked
from casework.api.fields import Flag, Many, Moment, OneOf, RowId, Shape, Text, Whole
from casework.api.operations import address, operation
from casework.api.shapes import Chosen, Paged
from casework.cases import queries as cases
from casework.cases.models import Case
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.i18n import language
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor
from casework.processes import queries, running, runs
from casework.processes.definition import Step
from casework.processes.models import ProcessRun, ProcessTemplate
from casework.processes.policy import filling, step_of
from casework.processes.running import Course
from casework.processes.words import FIELD_KINDS, PRIVATE, Result, RunState, Stand

GROUP = N_("Processes")
_TEMPLATES = Order("templates", (paging.Key(ProcessTemplate.runs, int, down=True), paging.Key(ProcessTemplate.id, int)))


class TemplateQuery(Paged):
    """Filters of the templates."""

    q = Text(most=60, metadata={"description": N_("Words in its name, purpose or code")})


class TemplateLine(Shape):
    """A template that is published."""

    code = Text(required=True)
    name = Text(required=True, most=400)
    purpose = Text(required=True, most=2000)
    serves = Many(Text(), required=True, metadata={"description": N_("Codes of the case types it serves")})
    runs = Whole(required=True)
    version = Whole(required=True, allow_none=True, metadata={"description": N_("The version in force today")})


class TemplateWhole(TemplateLine):
    """A template with what it asks for."""

    definition = fields.Dict(required=True, allow_none=True)


class RunNew(Shape):
    """Which template a process begins from."""

    template = Text(required=True, least=1, most=30, metadata={"example": "heavy-vehicle-pass"})


class StepLine(Shape):
    """A step of a run."""

    key = Text(required=True)
    title = Text(required=True, most=400)
    stand = OneOf(tuple(Stand), required=True)
    mine = Flag(required=True, metadata={"description": N_("Whether the owner of the token may fill it in now")})


class RunWhole(Shape):
    """A process under way, with where it stands."""

    id = RowId(required=True)
    template = Text(required=True)
    version = Whole(required=True, metadata={"description": N_("Of the run; stands in the ETag too")})
    state = OneOf(tuple(RunState), required=True)
    started_at = Moment(required=True)
    ended_at = Moment(required=True, allow_none=True)
    steps = Many(fields.Nested(StepLine), required=True)


class Question(Shape):
    """A field of a step."""

    key = Text(required=True)
    kind = OneOf(FIELD_KINDS, required=True)
    label = Text(required=True, most=400)
    required = Flag(required=True)
    choices = Many(Text(), required=True)


class StepWhole(StepLine):
    """A step with what it asks for and what was answered last."""

    run = RowId(required=True)
    fields_ = Many(fields.Nested(Question), required=True, data_key="fields")
    answers = fields.Dict(
        required=True, metadata={"description": N_("Without phones, lists of people and files, which stay on the page")}
    )


class StepSent(Shape):
    """What is sent for a step."""

    result = OneOf(tuple(Result), load_default=Result.DONE.value)
    answers = fields.Dict(
        keys=Text(most=60), load_default=dict, metadata={"description": N_("By the keys of its fields")}
    )
    to = Text(most=60, load_default="", metadata={"description": N_("The step that a return opens again")})
    note = Text(most=1000, load_default="", metadata={"description": N_("Why it is returned or rejected")})


def _template(row: ProcessTemplate, no: int | None) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.label(language()),
        "purpose": row.purpose(language()),
        "serves": list(row.serves),
        "runs": row.runs,
        "version": no,
    }


def _run(course: Course, case: Case) -> dict[str, Any]:
    run = course.run
    return {
        "id": run.id,
        "template": course.template.code,
        "version": run.version,
        "state": run.state,
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "steps": [_step(course, step, case) for step in course.definition.steps],
    }


def _step(course: Course, step: Step, case: Case) -> dict[str, Any]:
    ready = step.key in course.now.ready and course.run.state == RunState.RUNNING
    return {
        "key": step.key,
        "title": step.title.said(language()),
        "stand": course.now.stands[step.key],
        "mine": ready and can(current_actor(), filling(step), step_of(case, step)),
    }


@operation(
    name="listTemplates",
    method="GET",
    path="/templates",
    permission="template.read",
    group=GROUP,
    summary=N_("The published templates, the most used first"),
    query=TemplateQuery,
    answer=TemplateLine,
    paged=True,
)
def list_templates(asked: Asked) -> Answer:
    """One page of the library."""
    keep, at = chosen(asked.query.get("fields_"), TemplateLine), _TEMPLATES.at(asked.query.get("cursor"))
    text, size = asked.query.get("q", ""), asked.query["limit"]
    found = queries.library(current_actor(), at, text=text, state="published", size=size)
    numbers = queries.numbers_on([row.id for row in found.rows], local_day(utcnow()))
    return Answer(body=_TEMPLATES.listed(found, (keep(_template(row, numbers.get(row.id))) for row in found.rows)))


@operation(
    name="readTemplate",
    method="GET",
    path="/templates/{code}",
    permission="template.read",
    group=GROUP,
    summary=N_("One template with its definition"),
    query=Chosen,
    answer=TemplateWhole,
)
def read_template(asked: Asked, code: str) -> Answer:
    """One template; its definition is that of the version in force today."""
    row = queries.visible_template(code, to=current_actor())
    version = queries.version_on(row.id, local_day(utcnow()))
    body = _template(row, version.no if version else None) | {"definition": version.definition if version else None}
    return Answer(body=chosen(asked.query.get("fields_"), TemplateWhole)(body))


@operation(
    name="listRuns",
    method="GET",
    path="/cases/{number}/runs",
    permission="process.read",
    group=GROUP,
    summary=N_("The processes of a case"),
    query=Chosen,
    answer=RunWhole,
    paged=True,
)
def list_runs(asked: Asked, number: str) -> Answer:
    """Those under way first."""
    case, keep = cases.visible_case(number, to=current_actor()), chosen(asked.query.get("fields_"), RunWhole)
    rows = [keep(_run(running.course_of(run), case)) for run in running.runs_of(case.id)]
    return Answer(body={"items": rows, "next": None})


@operation(
    name="startRun",
    method="POST",
    path="/cases/{number}/runs",
    permission="process.start",
    group=GROUP,
    summary=N_("Begin a process on a case"),
    body=RunNew,
    takes={"template": "heavy-vehicle-pass"},
    answer=RunWhole,
    status=201,
    keyed=True,
    tagged=True,
)
def start_run(asked: Asked, number: str) -> Answer:
    """A process begins under the version that is valid today."""
    case = cases.visible_case(number, to=current_actor())
    template = queries.visible_template(asked.body["template"], to=current_actor())
    code = cases.type_of(case).code
    run = runs.start(case, template, type_code=code, actor=current_actor(), now=utcnow())
    return _stands(run, case, 201)


@operation(
    name="readRun",
    method="GET",
    path="/runs/{id}",
    permission="process.read",
    group=GROUP,
    summary=N_("Where a process stands"),
    query=Chosen,
    answer=RunWhole,
    tagged=True,
)
def read_run(asked: Asked, id: int) -> Answer:  # noqa: A002 - named as in the address
    """One run."""
    run, case = running.visible_run(id, to=current_actor())
    body = chosen(asked.query.get("fields_"), RunWhole)(_run(running.course_of(run), case))
    return Answer(body=body, version=run.version)


@operation(
    name="readStep",
    method="GET",
    path="/runs/{id}/steps/{key}",
    permission="process.read",
    group=GROUP,
    summary=N_("A step: what it asks for and what was answered"),
    answer=StepWhole,
    tagged=True,
)
def read_step(asked: Asked, id: int, key: str) -> Answer:  # noqa: A002 - named as in the address
    """One step, with the ETag of its run."""
    run, case = running.visible_run(id, to=current_actor())
    course = running.course_of(run)
    step, sent = course.step(key), course.latest(key)
    public = {asked_for.key for asked_for in step.asked if asked_for.kind not in PRIVATE}
    body = _step(course, step, case) | {
        "run": run.id,
        "fields": [_question(one) for one in step.asked],
        "answers": {name: value for name, value in (sent.answers if sent else {}).items() if name in public},
    }
    return Answer(body=body, version=run.version)


def _question(one: Any) -> dict[str, Any]:
    return {
        "key": one.key,
        "kind": one.kind,
        "label": one.label.said(language()),
        "required": one.required,
        "choices": [choice.key for choice in one.choices],
    }


@operation(
    name="sendStep",
    method="POST",
    path="/runs/{id}/steps/{key}",
    permission="process.read",
    group=GROUP,
    summary=N_("Send a step: fill it in, approve, return or reject"),
    text=N_("Files are attached to the case first; answers name them by id."),
    body=StepSent,
    takes={"result": "done", "answers": {"plate": "鄂A12345"}},
    answer=RunWhole,
    keyed=True,
    versioned=True,
    tagged=True,
)
def send_step(asked: Asked, id: int, key: str) -> Answer:  # noqa: A002 - named as in the address
    """What is sent for a step."""
    run, case = running.visible_run(id, to=current_actor())
    asked.meets(run.version)
    body = asked.body
    sent = runs.Sent(step=key, result=Result(body["result"]), given=body["answers"], to=body["to"], note=body["note"])
    runs.submit(case, run, sent, actor=current_actor(), now=utcnow(), locale="en" if language() == "en" else "zh")
    return _stands(run, case, 200)


def _stands(run: ProcessRun, case: Case, status: int) -> Answer:
    db.session.flush()  # the version that it has from now on
    body = _run(running.course_of(run), case)
    return Answer(body=body, status=status, version=run.version, location=address(f"/runs/{run.id}"))
