"""What each column of a table most likely is, and why: as it was last time, by its header, or by its cells. Pure."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any

from casework.kernel.errors import N_, Reason, because
from casework.sheets import columns
from casework.sheets.columns import column_letter, header_key
from casework.sheets.header_words import TARGETS

LAST_TIME = N_("As last time (%(day)s, %(by)s).")
BY_MAPPING = N_("As the mapping says.")
BY_HEADER = N_("“%(header)s” is a usual header for it.")
BY_LEVEL = N_("“%(word)s”, a level of the header, is a usual header for it.")
BY_PART = N_("The header holds “%(word)s”.")
BY_CELLS = N_("%(fitting)s of %(count)s cells look like it.")
RUNNING = N_("A running number: not needed.")
EMPTY = N_("The column is empty.")
UNKNOWN = N_("Neither its header nor its cells are known: it stays out unless you choose.")
TAKEN = N_("Another column fits “%(header)s” better: it stays out unless you choose.")
LEFT = N_("Left out, as last time.")
SAMPLES, SAMPLED = 3, 200
LONGEST = 40
CERTAIN = 0.8
FEWEST = 3
"""Fewer cells than that prove nothing."""
_RUNNING = frozenset(("序号", "no", "no.", "编号#", "行号"))


@dataclasses.dataclass(slots=True)
class Proposal:
    """A column: its place, header, some cells, what it is taken for (``also``: and for more), and why."""

    at: int
    letter: str
    header: str
    samples: list[str]
    filled: int
    field: str = ""
    why: Reason = dataclasses.field(default_factory=lambda: Reason(UNKNOWN))
    also: list[str] = dataclasses.field(default_factory=list)


def propose(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    target: str,
    offered: Sequence[str],
    said: Mapping[str, Any],
) -> list[Proposal]:
    """What the columns are, among the ``offered`` fields. ``said`` is a mapping file; ``places`` in it are those of
    last time, with ``day`` and ``by``.
    """
    width = max([len(headers), *(len(row) for row in rows[:SAMPLED])], default=0)
    found = [_column(at, headers, rows) for at in range(width)]
    if "places" in said:
        _as_last_time(found, said, offered)
        return found
    plain = {key: value for key, value in said.items() if key in ("columns", "defaults")}
    mapped = columns.map_columns(headers, target, plain or None, [list(row) for row in rows[:SAMPLED]])
    named = {header_key(header) for header in plain.get("columns", {})}
    for name, at in mapped.fields.items():
        if name in offered and at < width:
            _take(found[at], name, _why(found[at], name, target, rows, named, guessed=mapped.guessed))
    _by_levels(found, target, offered)
    _by_parts(found, target, offered)
    _by_cells(found, rows, offered)
    for one in found:
        if not one.field:
            one.why = _why_not(one, target, offered, said)
    return found


def _column(at: int, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Proposal:
    cells = [row[at] for row in rows if at < len(row) and row[at]]
    samples = [cell if len(cell) <= LONGEST else f"{cell[:LONGEST]}…" for cell in dict.fromkeys(cells[:SAMPLED])]
    return Proposal(at, column_letter(at), headers[at] if at < len(headers) else "", samples[:SAMPLES], len(cells))


def _take(one: Proposal, name: str, why: Reason) -> None:
    if one.field:
        one.also.append(name)
    else:
        one.field, one.why = name, why


def _as_last_time(found: Sequence[Proposal], said: Mapping[str, Any], offered: Sequence[str]) -> None:
    why = because(LAST_TIME, day=said.get("day", ""), by=said.get("by", ""))
    for one in found:
        one.why = Reason(LEFT)
    for name, at in said["places"].items():
        if name in offered and 0 <= at < len(found):
            _take(found[at], name, why)


def _why(
    one: Proposal, name: str, target: str, rows: Sequence[Sequence[str]], named: set[str], *, guessed: bool
) -> Reason:
    if guessed:
        return _cells_say(one, name, rows)
    if header_key(one.header) in named:
        return Reason(BY_MAPPING)
    if header_key(one.header) in {header_key(word) for word in TARGETS[target][name]}:
        return because(BY_HEADER, header=one.header[:LONGEST])
    return because(BY_LEVEL, word=one.header.rsplit(" / ", 1)[-1][:LONGEST])


def _open(found: Sequence[Proposal]) -> list[Proposal]:
    return [one for one in found if not one.field and one.filled]


def _left(found: Sequence[Proposal], offered: Sequence[str]) -> list[str]:
    taken = {name for one in found for name in (one.field, *one.also)}
    return [name for name in offered if name not in taken]


def _by_levels(found: Sequence[Proposal], target: str, offered: Sequence[str]) -> None:
    """A group of a header may say what its parts do not: 联系人 / 姓名."""
    for name in _left(found, offered):
        words = {header_key(word) for word in TARGETS[target][name]}
        for one in _open(found):
            level = next((part for part in one.header.split(" / ")[:-1] if header_key(part) in words), "")
            if level:
                _take(one, name, because(BY_LEVEL, word=level[:LONGEST]))
                break


def _by_parts(found: Sequence[Proposal], target: str, offered: Sequence[str]) -> None:
    """申请企业名称 holds 企业名称. The longest word that fits counts, and none of one or two characters."""
    for name in _left(found, offered):
        words = sorted((header_key(word) for word in TARGETS[target][name]), key=len, reverse=True)
        for word in (word for word in words if len(word) > 2 and not word.isascii()):
            fitting = [one for one in _open(found) if word in header_key(one.header)]
            if len(fitting) == 1:
                _take(fitting[0], name, because(BY_PART, word=word))
                break


def _by_cells(found: Sequence[Proposal], rows: Sequence[Sequence[str]], offered: Sequence[str]) -> None:
    for name in _left(found, offered):
        pattern = columns.CONTENT.get(name)
        if pattern is None or name in columns.VAGUE:
            continue
        for one in _open(found):
            if _share(one, pattern, rows) >= CERTAIN:
                _take(one, name, _cells_say(one, name, rows))
                break


def _share(one: Proposal, pattern: re.Pattern[str], rows: Sequence[Sequence[str]]) -> float:
    fitting, count = _fitting(one, pattern, rows)
    return fitting / count if count >= FEWEST else 0.0


def _fitting(one: Proposal, pattern: re.Pattern[str], rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    cells = [row[one.at] for row in rows[:SAMPLED] if one.at < len(row) and row[one.at]]
    return sum(1 for cell in cells if pattern.search(cell.strip())), len(cells)


def _cells_say(one: Proposal, name: str, rows: Sequence[Sequence[str]]) -> Reason:
    fitting, count = _fitting(one, columns.CONTENT[name], rows)
    return because(BY_CELLS, fitting=fitting, count=count)


def _why_not(one: Proposal, target: str, offered: Sequence[str], said: Mapping[str, Any]) -> Reason:
    if one.header in said.get("columns", {}):
        return Reason(BY_MAPPING)
    if header_key(one.header) in _RUNNING:
        return Reason(RUNNING)
    if not one.filled:
        return Reason(EMPTY)
    keys = set(columns.spellings(one.header)) if one.header else set()
    if any(header_key(word) in keys for name in offered for word in TARGETS[target].get(name, ())):
        return because(TAKEN, header=one.header[:LONGEST])
    return Reason(UNKNOWN)
