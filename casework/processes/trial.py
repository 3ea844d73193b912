"""A draft tried out with made-up answers: nothing is stored, the page carries what was sent so far."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from casework.kernel.errors import N_, Reason, Refused, because
from casework.processes import answers, flow, patterns
from casework.processes.definition import Definition, Field, Step
from casework.processes.words import FieldKind, Result

LONGEST = 200_000
MOST_SENT = 200
SHORT = 20
MADE_UP: Mapping[FieldKind, Any] = {
    FieldKind.DATE: "2026-03-16",
    FieldKind.TIME: "09:30",
    FieldKind.PHONE: "13900000000",
    FieldKind.PLATE: "粤B12345",
    FieldKind.USCC: "91440300MA5E8AMP0R",
    FieldKind.DECLARATION: True,
}


def read(text: str) -> list[flow.Submission]:
    """What a try-run has sent so far, as its page carries it.

    Raises:
        Refused: it is not what the page carried.
    """
    try:
        if len(text) > LONGEST:
            raise ValueError("too long")
        rows = json.loads(text or "[]")
        sent = [_row(row) for row in rows]
        if len(sent) > MOST_SENT:
            raise ValueError("too many")
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Refused(Reason(N_("The try-run cannot be carried on: begin it again."))) from None
    return sent


def _row(row: Mapping[str, Any]) -> flow.Submission:
    if not isinstance(row["answers"], dict) or not all(isinstance(row[name], str) for name in ("step", "to")):
        raise TypeError("no submission")
    return flow.Submission(step=row["step"], result=Result(row["result"]), answers=row["answers"], to=row["to"])


def written(sent: list[flow.Submission]) -> str:
    """What the page carries on."""
    rows = [{"step": one.step, "result": one.result.value, "answers": dict(one.answers), "to": one.to} for one in sent]
    return json.dumps(rows, ensure_ascii=False)


def standing(definition: Definition, sent: list[flow.Submission]) -> flow.Standing:
    """Where the try-run stands.

    Raises:
        Refused: what was carried does not fit the draft, which may have changed since.
    """
    now = flow.standing(definition, [])
    for place, one in enumerate(sent):
        if flow.refusals(definition, now, one) or not _fits(definition.by_key[one.step], one.answers):
            raise Refused(Reason(N_("The draft has changed since: begin the try-run again.")))
        now = flow.standing(definition, sent[: place + 1])
    return now


def _fits(step: Step, kept: Mapping[str, Any]) -> bool:
    """Whether these could be answers of the step as a run keeps them: conditions compare them."""
    asked = {field.key: field for field in step.asked}
    return all(key in asked and _is_kept(asked[key], value) for key, value in kept.items())


def _is_kept(field: Field, value: Any) -> bool:
    if field.kind is FieldKind.PEOPLE:
        return _is_list(value, dict) and all(
            "name" in one and all(isinstance(said, str) for said in one.values()) for one in value
        )
    if field.kind in (FieldKind.FILE, FieldKind.PHOTO):
        return _is_list(value, int)
    if field.kind is FieldKind.CHOICES:
        return _is_list(value, str)
    if field.kind in (FieldKind.NUMBER, FieldKind.MONEY):
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
    return value is True if field.kind is FieldKind.DECLARATION else isinstance(value, str)


def _is_list(value: Any, of: type) -> bool:
    return isinstance(value, list) and all(isinstance(one, of) for one in value)


def send(
    definition: Definition,
    sent: list[flow.Submission],
    step: Step,
    given: Mapping[str, Any],
    result: Result,
    to: str,
    locale: str,
) -> list[flow.Submission]:
    """One more submission; what a real one would be refused for is refused here. Files are taken as attached.

    Raises:
        Refused: the reasons, each at its field.
    """
    now = standing(definition, sent)
    kept, wrong = answers.check(step, {**given, **_files(step)}, locale=locale)
    one = flow.Submission(step=step.key, result=result, answers=kept, to=to)
    refused = flow.refusals(definition, now, one, locale=locale)
    if refused or (wrong and result in (Result.DONE, Result.APPROVE)):
        raise Refused(refused or wrong)
    if len(sent) >= MOST_SENT:
        raise Refused(because(N_("A try-run has at most %(most)s answers: begin it again."), most=MOST_SENT))
    return [*sent, one]


def _files(step: Step) -> dict[str, list[int]]:
    """A file for each that is asked for: a try-run attaches none."""
    kinds = (FieldKind.FILE, FieldKind.PHOTO)
    return {field.key: list(range(1, 1 + max(int(field.min or 1), 1))) for field in step.asked if field.kind in kinds}


def made_up(step: Step) -> dict[str, Any]:
    """Plausible answers for a step, so that trying it takes one click."""
    return {field.key: _made_up(field) for field in step.asked if field.kind not in (FieldKind.FILE, FieldKind.PHOTO)}


def _made_up(field: Field) -> Any:
    if field.kind is FieldKind.CHOICE:
        return field.choices[0].key if field.choices else ""
    if field.kind is FieldKind.CHOICES:
        return [choice.key for choice in field.choices[: max(int(field.min or 1), 1)]]
    if field.kind in (FieldKind.NUMBER, FieldKind.MONEY):
        return f"{field.min if field.min is not None else min(field.max or 10, 10):g}"
    if field.kind is FieldKind.PEOPLE:
        return "\n".join(f"张三{number} 1234" for number in range(1, 1 + max(int(field.min or 1), 1)))
    if field.kind in (FieldKind.TEXT, FieldKind.LONG_TEXT):
        return _of_form(field.pattern) if field.pattern else _text(field)
    return MADE_UP[field.kind]


def _text(field: Field) -> str:
    """A text within the bounds of its field."""
    least, most = int(field.min or 0), int(field.max) if field.max is not None else SHORT
    return ("试填" * least)[: max(least, min(2, most))] or "试填"[:most]


def _of_form(pattern: str) -> str:
    """A text of a pattern: for each of its characters the first that it takes."""
    offered = f"1A试{pattern}"
    elements = patterns.read(pattern)
    return "".join(next(filter(one.takes, offered), "1") * max(one.least, int(not one.least)) for one in elements)
