"""What the designer's buttons do: the draft with all that the form holds, then changed by the one that was pressed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from casework.kernel.errors import N_, Refused, because
from casework.kernel.forms import row_id
from casework.processes import design_input, editing
from casework.processes.checker import check


@dataclass(frozen=True, slots=True)
class Edited:
    """A draft after a change: what changed, and which step and field are edited next."""

    draft: Mapping[str, Any]
    what: str
    step: str = ""
    field: str = ""
    paper: int = 0


def posted_to(draft: Mapping[str, Any], posted: design_input.Posted) -> Edited:
    """The draft with everything that the form holds: the head, or a step with its open field and its paper."""
    if "name_zh" in posted:
        return Edited(editing.set_head(draft, design_input.head(posted)), N_("the head"))
    key, asked = posted.get("step", ""), posted.get("field", "")
    if not key or "title_zh" not in posted:
        return Edited(draft, "", key)
    definition = check(draft).definition
    draft = editing.set_step(draft, key, design_input.step(posted, draft, key, definition))
    if asked and "f_kind" in posted:
        before: Mapping[str, Any] = next(
            (one for one in editing.step_in(draft, key).get("fields", ()) if one["key"] == asked), {}
        )
        draft = editing.set_field(draft, key, asked, design_input.field(posted, before))
    paper = min(row_id(posted.get("i_at", "")) or 0, editing.MOST_ISSUES)
    return Edited(_paper(draft, key, paper, posted), N_("a step"), key, asked, paper)


def _paper(draft: Mapping[str, Any], key: str, place: int, posted: design_input.Posted) -> Mapping[str, Any]:
    """The open paper of a step as the form has it: given, changed or taken away."""
    known = len(editing.step_in(draft, key).get("issues", ()))
    if posted.get("i_on"):
        return editing.set_issue(draft, key, min(place, known), design_input.issue(posted))
    return editing.set_issue(draft, key, place, None) if place < known and "i_shown" in posted else draft


def _save(at: Edited, argument: str) -> Edited:
    return at


def _add(at: Edited, argument: str) -> Edited:
    """A step: behind the chosen one, beside it, or behind all that nothing waits for yet."""
    steps = editing.steps_of(at.draft)
    if argument == "beside" and at.step:
        draft, key = editing.add_step(at.draft, beside=at.step)
    elif argument == "join" or not at.step:
        waited = {one for step in steps for one in step.get("after", ())}
        draft, key = editing.add_step(at.draft, after=[step["key"] for step in steps if step["key"] not in waited])
    elif argument == "branch":
        draft, key = editing.add_step(at.draft, after=[at.step])
    else:
        draft, key = editing.insert_after(at.draft, at.step)
    return Edited(draft, N_("a new step"), key)


def _remove(at: Edited, argument: str) -> Edited:
    return Edited(editing.remove_step(at.draft, argument or at.step), N_("a step removed"))


def _up(at: Edited, argument: str) -> Edited:
    return Edited(editing.shift_step(at.draft, at.step, -1), N_("the order of steps"), at.step)


def _down(at: Edited, argument: str) -> Edited:
    return Edited(editing.shift_step(at.draft, at.step, 1), N_("the order of steps"), at.step)


def _dropped(argument: str) -> tuple[str, int]:
    """What was dragged to which place: ``key:place``."""
    key, _, place = argument.partition(":")
    number = row_id(place)
    if number is None:
        raise Refused(because(N_("This place is not in the list.")))
    return key, number


def _place(at: Edited, argument: str) -> Edited:
    """A step dragged to a place."""
    return Edited(editing.move_step(at.draft, *_dropped(argument)), N_("the order of steps"), at.step)


def _place_field(at: Edited, argument: str) -> Edited:
    """A field dragged to a place of its step."""
    draft = editing.move_field(at.draft, at.step, *_dropped(argument))
    return Edited(draft, N_("the order of fields"), at.step, at.field)


def _add_field(at: Edited, argument: str) -> Edited:
    draft, field = editing.add_field(at.draft, at.step)
    return Edited(draft, N_("a new field"), at.step, field)


def _remove_field(at: Edited, argument: str) -> Edited:
    return Edited(editing.remove_field(at.draft, at.step, argument), N_("a field removed"), at.step)


def _field_up(at: Edited, argument: str) -> Edited:
    return Edited(editing.shift_field(at.draft, at.step, argument, -1), N_("the order of fields"), at.step, at.field)


def _field_down(at: Edited, argument: str) -> Edited:
    return Edited(editing.shift_field(at.draft, at.step, argument, 1), N_("the order of fields"), at.step, at.field)


def _open_field(at: Edited, argument: str) -> Edited:
    return Edited(at.draft, at.what, at.step, argument)


def _open_step(at: Edited, argument: str) -> Edited:
    return Edited(at.draft, at.what, argument)


def _open_paper(at: Edited, argument: str) -> Edited:
    return Edited(at.draft, at.what, at.step, paper=row_id(argument) or 0)


def _add_paper(at: Edited, argument: str) -> Edited:
    place = len(editing.step_in(at.draft, at.step).get("issues", ()))
    new = {"title": {"zh": "新的单证"}, "series": design_input.SERIES, "valid_hours": 24}
    return Edited(editing.set_issue(at.draft, at.step, place, new), N_("a document to issue"), at.step, paper=place)


def _clear_when(at: Edited, argument: str) -> Edited:
    return Edited(editing.set_step(at.draft, at.step, {"when": None}), N_("a condition removed"), at.step)


ACTS: Mapping[str, Callable[[Edited, str], Edited]] = {
    "save": _save,
    "add": _add,
    "remove": _remove,
    "up": _up,
    "down": _down,
    "place": _place,
    "add_field": _add_field,
    "remove_field": _remove_field,
    "place_field": _place_field,
    "open_paper": _open_paper,
    "add_paper": _add_paper,
    "field_up": _field_up,
    "field_down": _field_down,
    "open": _open_field,
    "step": _open_step,
    "clear_when": _clear_when,
    "submit": _save,
}
"""What a button of the designer does to the draft, by the name that it posts; ``argument`` is what follows a colon."""
