"""Who is told of what the requester does on the page of the case."""

from __future__ import annotations

from collections.abc import Iterable

from casework.cases.notices import TELLS, Happening, Told


def _wrote(happening: Happening) -> Iterable[Told]:
    return [Told("requester_wrote", happening.case.handler_ids or [])]


def install() -> None:
    """Let the notices tell of it."""
    TELLS["RequesterWrote"] = _wrote
