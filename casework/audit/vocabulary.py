"""Facts: frozen past-tense dataclasses. Each package declares its own; their names are the verbs of the log."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

VOCABULARY: dict[str, type[Fact]] = {}


@dataclass(frozen=True, slots=True)
class Fact:
    """Base of all facts. ``kind`` groups them on the timeline: move, note, file, people, clock, money, system."""

    kind: ClassVar[str] = "system"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # slots=True builds the class twice; the second is the one in use.
        VOCABULARY[cls.__name__] = cls

    def payload(self) -> dict[str, Any]:
        """The fact as plain JSON values, without what is empty."""
        said = ((one.name, getattr(self, one.name)) for one in fields(self))
        return {name: _plain(value) for name, value in said if value not in (None, "", [], ())}


def _plain(value: Any) -> Any:
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return _plain(asdict(value)) if is_dataclass(value) and not isinstance(value, type) else value
