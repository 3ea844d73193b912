"""Actions of the life cycle: one operation for each row of the workflow table, with the body that its needs make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from casework.api import operations
from casework.api.answering import Answer
from casework.api.asking import Asked
from casework.api.cases import GROUP, answer
from casework.api.fields import Day, Many, OneOf, RowId, Shape, Text, Whole
from casework.api.operations import PARTS, Operation
from casework.api.shapes import CaseWhole
from casework.cases import queries, service
from casework.cases.forms import MARKS
from casework.cases.rules import LONGEST_EXTENSION_DAYS, TEXT_LIMIT
from casework.cases.workflow import ACTIONS, CHOICES, Action, Need, action_named
from casework.kernel.errors import N_, NotFound
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs

PATH = "/cases/{number}/actions/{action}"


class Mark(Shape):
    """What a reviewer says of one item of the checklist."""

    mark = OneOf(MARKS, required=True)
    note = Text(load_default="")


def _field(need: Need) -> Any:
    """The field of a need; that a text is filled in is said by the rules, with all other reasons."""
    said: dict[str, Any] = {"required": need.required, "metadata": {"description": need.help or need.label}}
    plain: Mapping[str, Any] = {
        "text": lambda: Text(most=TEXT_LIMIT, least=int(need.required), **said),
        "case": lambda: Text(most=40, least=1, **said),
        "day": lambda: Day(**said),
        "days": lambda: Whole(least=1, most=LONGEST_EXTENSION_DAYS, **said),
        "unit": lambda: RowId(**said),
        "officer": lambda: RowId(**said),
        "units": lambda: Many(RowId(), most=50, **said),
        "officers": lambda: Many(RowId(), most=50, **said),
        "checklist": lambda: fields.Dict(keys=Text(most=60), values=fields.Nested(Mark), **said),
    }
    made = plain.get(need.kind) or (lambda: OneOf(CHOICES[need.kind], **said))
    return made()


def _example(action: Action) -> dict[str, Any]:
    plain: Mapping[str, Any] = {
        "text": "已与企业电话核实。",
        "case": PARTS["number"].example,
        "day": "2026-12-31",
        "days": 5,
        "unit": 3,
        "officer": 7,
        "units": [4],
        "officers": [8],
        "checklist": {"contacted": {"mark": "yes"}},
    }
    return {
        need.name: plain[need.kind] if need.kind in plain else next(iter(CHOICES[need.kind]))
        for need in action.needs
        if need.required
    }


BODIES: Mapping[str, type[Shape]] = {
    action.name: type(
        f"{''.join(part.title() for part in action.name.split('_'))}Answer",
        (Shape,),
        {need.name: _field(need) for need in action.needs} | {"__doc__": action.label},
    )
    for action in ACTIONS
}
DESCRIBED: Mapping[str, Operation] = {
    action.name: Operation(
        name=f"{action.name}Case",
        method="POST",
        path=PATH.replace("{action}", action.name),
        permission=action.permission,
        group=N_("Actions"),
        summary=action.label,
        text=action.says,
        body=BODIES[action.name],
        takes=_example(action),
        answer=CaseWhole,
        keyed=True,
        versioned=True,
        tagged=True,
    )
    for action in ACTIONS
}
_ANY = Operation(
    name="actOnCase",
    method="POST",
    path=PATH,
    permission="case.read",
    group=GROUP,
    summary=N_("Action"),
    answer=CaseWhole,
    keyed=True,
    versioned=True,
    tagged=True,
)


def _act(asked: Asked, number: str, action: str) -> Answer:
    case = queries.visible_case(number, to=current_actor())
    asked.meets(case.version)
    given = {name: value for name, value in asked.body.items() if value not in (None, "", [], {})}
    service.act(case, action, given, actor=current_actor(), now=utcnow())
    return answer(case)


def act(number: str, action: str) -> Any:
    """Take the action of this name."""
    if action_named(action) is None:
        raise NotFound(action)
    return operations.answered(_ANY, _act, {"number": number, "action": action}, BODIES[action])


operations.blueprint.add_url_rule(_ANY.rule, _ANY.name, needs(_ANY.permission)(act), methods=["POST"])
