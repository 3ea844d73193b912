"""What a template needs before others rely on it, and whose validity meets whose. Facts in, reasons out."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from casework.audit.rules import canonical
from casework.kernel.errors import N_, Reason, because
from casework.processes.definition import Checked, Definition, Mistake

LONGEST = 366
MOST_REASON = 500
NOTICE = timedelta(days=14)
"""How long before its sunset a template appears on the desk of its authority."""


def seal(definition: Mapping[str, Any]) -> str:
    """The SHA-256 of a definition or of answers. Numbers with a point are sealed as they are written."""
    return hashlib.sha256(canonical(_plain(definition))).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def readiness(
    checked: Checked, *, types: Collection[str], layouts: Collection[str], taken: Collection[str]
) -> list[Mistake]:
    """Everything that keeps a definition from review: the checker's mistakes, and what only its surroundings know.

    ``types`` are the codes of case types, ``layouts`` the uploaded ones, ``taken`` the series of other templates.
    """
    if checked.definition is None:
        return checked.errors
    return [*checked.errors, *_head(checked.definition, types), *_papers(checked.definition, layouts, taken)]


def _head(definition: Definition, types: Collection[str]) -> list[Mistake]:
    found = []
    if not definition.owner:
        found.append(Mistake("/owner", Reason(N_("Owner: choose the authority that answers for it and approves it."))))
    if not definition.basis:
        found.append(Mistake("/basis", Reason(N_("Legal basis: write the notice or rule that it rests on."))))
    if not definition.purpose.zh:
        found.append(Mistake("/purpose", Reason(N_("Purpose: say in a sentence what it is for."))))
    if not definition.serves:
        found.append(Mistake("/serves", Reason(N_("Case types: choose at least one that it serves."))))
    for index, code in enumerate(definition.serves):
        if code not in types:
            said = N_("There is no case type “%(code)s” here: choose one of those offered.")
            found.append(Mistake(f"/serves/{index}", because(said, code=code)))
    return found


def _papers(definition: Definition, layouts: Collection[str], taken: Collection[str]) -> list[Mistake]:
    found = []
    for number, step in enumerate(definition.steps):
        for index, issue in enumerate(step.issues):
            place = f"/steps/{number}/issues/{index}"
            if issue.layout and issue.layout not in layouts:
                said = N_("The layout “%(name)s” is not uploaded: upload it, or leave it empty for the standard one.")
                found.append(Mistake(f"{place}/layout", because(said, name=issue.layout), step.key))
            if issue.series in taken:
                said = N_("Another template already numbers its documents “%(series)s”: choose another word.")
                found.append(Mistake(f"{place}/series", because(said, series=issue.series), step.key))
    return found


def validity_faults(
    valid_from: date | None, sunset: date | None, *, permanent: bool, today: date, others: Sequence[tuple[int, date]]
) -> list[Reason]:
    """Why a version may not be valid for these days. ``others`` are number and first day of published versions."""
    if valid_from is None:
        return [Reason(N_("Valid from: write the first day."), {}, "valid_from")]
    found = []
    if valid_from < today:
        found.append(Reason(N_("Valid from: a day that has passed; choose today or later."), {}, "valid_from"))
    found += [because(_OVERLAPS, "valid_from", no=no, day=first) for no, first in others if first >= valid_from]
    if not permanent:
        found += sunset_faults(sunset, after=valid_from)
    return found


_OVERLAPS = N_("Valid from: version %(no)s begins on %(day)s, the two would overlap; choose a later day.")


def sunset_faults(sunset: date | None, *, after: date) -> list[Reason]:
    """Why a template may not last until this day: it is temporary."""
    if sunset is None:
        return [Reason(N_("Sunset: write the day on which it ends; it is temporary."), {}, "sunset_on")]
    if sunset < after:
        return [Reason(N_("Sunset: this is before it begins; choose a later day."), {}, "sunset_on")]
    if sunset > after + timedelta(days=LONGEST):
        return [Reason(N_("Sunset: at most a year ahead; it can be renewed then."), {}, "sunset_on")]
    return []
