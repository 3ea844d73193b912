"""What a resident's record and an entry must hold: facts in, reasons out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from casework.kernel.errors import N_, Reason, because
from casework.kernel.rhythm import LONGEST

KINDS = {
    "elderly": N_("Elderly, living alone"),
    "quarantined": N_("Quarantined at home"),
    "patient": N_("Patient"),
    "child": N_("Child"),
    "pregnant": N_("Pregnant"),
    "other": N_("Other reason for care"),
}
CONDITIONS = {
    "well": N_("Well"),
    "help": N_("Needs help"),
    "unreached": N_("Could not be met"),
    "hospital": N_("In hospital"),
}
ENDS = {
    "recovered": N_("Needs it no longer"),
    "moved": N_("Moved to another place"),
    "others": N_("Others look after them"),
    "declined": N_("Does not want it"),
    "died": N_("Has died"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is told of a resident; texts already trimmed."""

    name: str
    phone: str = ""
    address: str = ""
    needs: str = ""
    kind: str = "elderly"
    every_days: int = 1
    weekday: int | None = None


def objections(draft: Draft) -> list[Reason]:
    """Why this cannot be kept of a resident."""
    found = [] if draft.name else [because(N_("Name: write the resident's name."), "name")]
    digits = [sign for sign in draft.phone if sign.isdigit() or sign == "*"]
    if draft.phone and len(digits) < 7:
        found.append(because(N_("Write a number like 13800138000 or 0755-12345678."), "phone"))
    if draft.kind not in KINDS:
        found.append(because(N_("Why: pick one of the reasons."), "kind"))
    if not 1 <= draft.every_days <= LONGEST:
        found.append(because(N_("Every how many days: write a number from 1 to %(most)s."), "every_days", most=LONGEST))
    if draft.weekday is not None and not 1 <= draft.weekday <= 7:
        found.append(because(N_("Weekday: pick one, or leave it open."), "weekday"))
    return found


def since_objections(since: date, today: date) -> list[Reason]:
    """Why care cannot have begun on this day."""
    if since > today or (today - since).days > LONGEST:
        return [because(N_("Since: pick today or a day of the past year."), "since")]
    return []


def pair_objections(keeper_id: int | None, deputy_id: int | None, team: Collection[int]) -> list[Reason]:
    """Why these two cannot look after a resident; ``team`` are the people who may."""
    found = []
    if keeper_id not in team:
        found.append(because(N_("Who looks after them: pick somebody of this team."), "keeper_id"))
    if deputy_id and deputy_id not in team:
        found.append(because(N_("Deputy: pick somebody of this team."), "deputy_id"))
    if deputy_id and deputy_id == keeper_id:
        found.append(because(N_("Deputy: pick somebody other than the first."), "deputy_id"))
    return found


def entry_objections(condition: str, text: str) -> list[Reason]:
    """Why this cannot be logged: a need must be told, or nobody can help."""
    if condition not in CONDITIONS:
        return [because(N_("How they are: pick one."), "condition")]
    if not text and condition in ("help", "hospital"):
        return [because(N_("What was found: write in a few words what is needed."), "text")]
    return []


def shy(name: str) -> str:
    """A name as those see it who do not look after the person: the first character, and stars."""
    return f"{name[:1]}{'*' * min(max(len(name) - 1, 1), 3)}" if name else ""
