"""What the designer's form says of a step, a field, a paper and the head, as the properties of a draft."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from casework.kernel.errors import N_, Refused, because
from casework.processes import editing
from casework.processes.conditions_said import ROWS, read_rows
from casework.processes.definition import Definition
from casework.processes.shapes import ACTOR, KEY, PATH
from casework.processes.words import ENTERPRISE, FieldKind

Posted = MultiDict[str, str]
UNITS = {"minutes": 1, "hours": 60, "days": 1440}
WORKDAY = 420
SERIES = "临"


def text(posted: Posted, name: str, most: int = 2000) -> str:
    """A posted text without blanks at its ends and without what no database takes."""
    return posted.get(name, "").replace("\0", "").replace("\r\n", "\n").strip()[:most]


def words(posted: Posted, name: str) -> dict[str, str] | None:
    """A text in both languages; None when both are empty."""
    said = {"zh": text(posted, f"{name}_zh"), "en": text(posted, f"{name}_en")}
    return {key: value for key, value in said.items() if value or key == "zh"} if any(said.values()) else None


def whole(posted: Posted, name: str, label: str, low: int, high: int) -> int | None:
    """A posted whole number in a range; None when it is empty.

    Raises:
        Refused: it is no number, or out of range.
    """
    typed = text(posted, name)
    if not typed:
        return None
    if not re.fullmatch(r"\d{1,7}", typed, re.ASCII) or not low <= int(typed) <= high:
        raise Refused(because(label, name, low=low, high=high))
    return int(typed)


def head(posted: Posted) -> dict[str, Any]:
    """Name, purpose, owner, basis and served types."""
    return {
        "name": words(posted, "name") or {"zh": ""},
        "purpose": words(posted, "purpose"),
        "owner": text(posted, "owner", 30),
        "basis": text(posted, "basis", 500),
        "serves": [code for code in posted.getlist("serves") if re.fullmatch(KEY, code)],
    }


def step(posted: Posted, draft: Mapping[str, Any], key: str, definition: Definition | None) -> dict[str, Any]:
    """The properties of a step as the form has them.

    Raises:
        Refused: a number or the value of a condition cannot be read.
    """
    known = [one["key"] for one in editing.steps_of(draft)]
    actor = text(posted, "actor", 40)
    found: dict[str, Any] = {
        "title": words(posted, "title") or {"zh": ""},
        "help": words(posted, "help"),
        "actor": actor if re.fullmatch(ACTOR, actor) else "officer",
        "after": [one for one in known if one in posted.getlist("after") and one != key],
        "limit": _limit(posted),
        "visit": _visit(posted),
        "decision": _decision(posted, known),
        "documents": _papers(posted, editing.step_in(draft, key)),
    }
    if found["actor"] == ENTERPRISE:
        found["decision"] = found["visit"] = None
    if "when_join" in posted and definition is not None:
        rows = [
            (text(posted, f"when_field_{n}"), text(posted, f"when_op_{n}"), text(posted, f"when_value_{n}"))
            for n in range(ROWS)
        ]
        found["when"] = read_rows(posted["when_join"], rows, definition)
    return found


def _limit(posted: Posted) -> dict[str, Any] | None:
    number = whole(posted, "limit_number", N_("Time limit: a whole number from %(low)s to %(high)s."), 1, 9999)
    if number is None:
        return None
    calendar = "working" if posted.get("limit_calendar") == "working" else "always"
    unit = posted.get("limit_unit", "hours")
    a_day = WORKDAY if calendar == "working" else UNITS["days"]
    minutes = number * (a_day if unit == "days" else UNITS.get(unit, 60))
    return {"minutes": min(minutes, 525_600)} | ({"calendar": calendar} if calendar == "working" else {})


def limit_shown(limit: Mapping[str, Any] | None) -> tuple[str, str, str]:
    """A limit as the form shows it: number, unit, calendar."""
    if not limit:
        return "", "hours", "always"
    minutes, calendar = int(limit.get("minutes", 0)), str(limit.get("calendar", "always"))
    a_day = WORKDAY if calendar == "working" else UNITS["days"]
    for unit, size in (("days", a_day), ("hours", 60)):
        if minutes % size == 0 and minutes:
            return str(minutes // size), unit, calendar
    return str(minutes), "minutes", calendar


def _visit(posted: Posted) -> dict[str, int] | None:
    if not posted.get("visit"):
        return None
    length = whole(posted, "slot_minutes", N_("Length of a visit: %(low)s to %(high)s minutes."), 5, 480)
    offers = whole(posted, "offers", N_("Times to offer: %(low)s to %(high)s."), 1, 20)
    return {"slot_minutes": length or 30, "offers": offers or 3}


def _decision(posted: Posted, known: Sequence[str]) -> dict[str, Any] | None:
    back = [one for one in known if one in posted.getlist("return_to")]
    if not posted.get("decides") and not back and not posted.get("reject"):
        return None
    made: dict[str, Any] = {"approve": True}
    return made | ({"return_to": back} if back else {}) | ({"reject": True} if posted.get("reject") else {})


def _papers(posted: Posted, before: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Documents one a line; a line in the second box is optional. A line that stays keeps its key."""
    old = {
        paper.get("label", {}).get("zh"): paper["key"]
        for paper in before.get("documents", ())
        if isinstance(paper.get("label"), dict)
    }
    taken = [field["key"] for field in before.get("fields", ())] + list(old.values())
    made = []
    for name, required in (("papers", True), ("papers_optional", False)):
        for line in text(posted, name).split("\n")[:20]:
            if said := _line(line):
                key = old.get(said["zh"]) or editing.new_key(taken, "paper")
                taken.append(key)
                made.append({"key": key, "label": said} | ({} if required else {"required": False}))
    return made


def _line(line: str) -> dict[str, str] | None:
    zh, _, en = (piece.strip() for piece in line.partition("|"))
    return {"zh": zh[:200]} | ({"en": en[:200]} if en else {}) if zh else None


def lines_shown(items: Sequence[Mapping[str, Any]]) -> str:
    """Labels one a line, Chinese | English."""
    labels = [item.get("label", {}) for item in items]
    said = [label if isinstance(label, dict) else {"zh": str(label)} for label in labels]
    return "\n".join(" | ".join(filter(None, (one.get("zh", ""), one.get("en", "")))) for one in said)


def papers_shown(step: Mapping[str, Any]) -> tuple[str, str]:
    """The documents of a step as the form shows them: those required, those optional."""
    papers = step.get("documents", ())
    return (
        lines_shown([paper for paper in papers if paper.get("required", True)]),
        lines_shown([paper for paper in papers if not paper.get("required", True)]),
    )


def field(posted: Posted, before: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a field as its editor has them.

    Raises:
        Refused: a bound cannot be read.
    """
    kind = text(posted, "f_kind", 20)
    return {
        "label": words(posted, "f_label") or {"zh": ""},
        "help": words(posted, "f_help"),
        "text": words(posted, "f_text"),
        "kind": kind if kind in {one.value for one in FieldKind} else "text",
        "required": bool(posted.get("f_required")),
        "unit": text(posted, "f_unit", 20),
        "min": _bound(posted, "f_min"),
        "max": _bound(posted, "f_max"),
        "pattern": text(posted, "f_pattern", 200),
        "choices": _choices(posted, before),
    }


def _bound(posted: Posted, name: str) -> float | int | None:
    typed = text(posted, name)
    if not typed:
        return None
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,6})?", typed, re.ASCII):
        raise Refused(because(N_("Least and most: write a number, such as 18.6."), name))
    return float(typed) if "." in typed else int(typed)


def _choices(posted: Posted, before: Mapping[str, Any]) -> list[dict[str, Any]]:
    old = {
        choice.get("label", {}).get("zh"): choice["key"]
        for choice in before.get("choices", ())
        if isinstance(choice.get("label"), dict)
    }
    taken, made = list(old.values()), []
    for line in text(posted, "f_choices", 20_000).split("\n")[:100]:
        if said := _line(line):
            key = old.get(said["zh"]) or editing.new_key(taken, "choice")
            taken.append(key)
            made.append({"key": key, "label": said})
    return made


def issue(posted: Posted) -> dict[str, Any]:
    """A document that the step issues, as the form has it; the word of its number is taken from its title at first.

    Raises:
        Refused: its hours cannot be read.
    """
    hours = whole(posted, "i_hours", N_("Valid for: %(low)s to %(high)s hours."), 1, 8784)
    layout, title = text(posted, "i_layout", 100), words(posted, "i_title") or {"zh": ""}
    made: dict[str, Any] = {
        "title": title,
        "series": text(posted, "i_series", 20) or title["zh"][:2] or SERIES,
        "valid_hours": hours or 24,
        "facts": [path for path in posted.getlist("i_facts") if re.fullmatch(PATH, path)][:12],
    }
    return made | ({"layout": layout} if layout else {})
