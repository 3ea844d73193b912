"""Who may draft, approve and retire templates, and who fills which step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from casework.kernel.permissions import Actor, Role, grant
from casework.processes.definition import Step

R = Role
READERS = {
    R.OFFICER: "R",
    R.DESK: "R",
    R.LEAD: "R",
    R.AREA_LEADER: "R",
    R.REGULATOR: "R",
    R.DISTRICT_ADMIN: "D",
}


@dataclass(frozen=True, slots=True)
class Reach:
    """What a template or a step is to the table: where it lies, who works on it, which authority's it is."""

    area_ids: frozenset[int]
    unit_ids: frozenset[int] = frozenset()
    holder_ids: frozenset[int] = frozenset()
    domain: str = ""
    editor_ids: frozenset[int] = frozenset()
    is_open: bool = True


def step_of(case: Any, step: Step) -> Reach:
    """A step on a case: the case's place and people, the step's authority."""
    return Reach(case.area_ids, case.unit_ids, case.holder_ids, step.domain, is_open=case.is_open)


def filling(step: Step) -> str:
    """The permission that filling a step asks for, by who acts."""
    return f"process.{step.role}"


def has_written(actor: Actor, subject: Any) -> bool:
    """Nobody approves what they wrote or changed."""
    return actor.user_id in subject.editor_ids


def is_over(actor: Actor, subject: Any) -> bool:
    """Nothing runs for a case that has ended."""
    return not subject.is_open


_WORKS: Mapping[Role, str] = {R.OFFICER: "O", R.LEAD: "OT"}

grant("template.read", READERS)
grant("template.draft", {R.OFFICER: "R", R.LEAD: "R"})
grant("template.approve", {R.REGULATOR: "Q"}, never=[has_written])
grant("template.retire", {R.DISTRICT_ADMIN: "D", R.REGULATOR: "Q"})
grant("process.read", {**READERS, R.OFFICER: "OT", R.LEAD: "OT", R.REGULATOR: "Q"})
grant("process.start", _WORKS, never=[is_over])
grant("process.cancel", _WORKS)
grant("process.migrate", _WORKS, never=[is_over])
# The enterprise fills its own steps; whoever works on the case may do it for them, never a declaration.
grant("process.enterprise", _WORKS, never=[is_over])
grant("process.officer", _WORKS, never=[is_over])
grant("process.lead", {R.LEAD: "T"}, never=[is_over])
grant("process.authority", {R.REGULATOR: "Q"}, never=[is_over])
grant("document.revoke", {R.REGULATOR: "Q", R.LEAD: "T"})
