"""A value in a table of a brief: the way to its rows, and how it stands on a page or on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from casework.kernel.money import yuan
from casework.kernel.time import local
from casework.kpis import presenting

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Linked:
    """A value and where its rows are; ``label`` says what it is, for whoever hears the link alone."""

    value: Any
    href: str
    label: str


def bare(value: Any) -> Any:
    """The value of a cell without its way."""
    return value.value if isinstance(value, Linked) else value


def shown(kind: str, value: Any) -> str:
    """A value as it stands on a page or on paper; a dash for none."""
    value = bare(value)
    if value is None or value == "":
        return "—"
    if kind == "money":
        return yuan(value)
    if kind == "percent":
        return presenting.percent(value)
    if kind == "change":
        return f"+{value:,}" if value > 0 else f"{MINUS}{-value:,}" if value < 0 else "0"
    if isinstance(value, datetime):
        return f"{local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return presenting.plain(value) if kind == "number" else str(value)


class Ways:
    """Where the rows behind the figures are; ``area_id`` and ``district_id`` are of the brief's place."""

    def __init__(self, brief_id: int, area_id: int, district_id: int | None) -> None:
        self.base = f"/reports/{brief_id}"
        self.area_id, self.district_id = area_id, district_id

    def cases(self, value: int | None, of: str, label: str, by: str = "", key: int | None = None) -> Any:
        """The cases behind a count."""
        if not value:
            return value
        more = f"&by={by}&key={key or 0}" if by else ""
        return Linked(value, f"{self.base}/rows?of={of}{more}", label)

    def rate(self, value: Any, key: str, part: str, then: bool, label: str) -> Any:
        """The rows behind a rate."""
        if not value:
            return value
        more = "&before=1" if then else ""
        return Linked(value, f"{self.base}/figures/{key}?part={part}{more}", label)

    def page(self, value: int, href: str, label: str) -> Any:
        """Another page with its rows."""
        return Linked(value, href, label) if value else value
