"""What happens to views that others use: facts on the security chain. One's own views are nobody else's matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_

REACHES = {"own": N_("For me"), "team": N_("For my team"), "all": N_("For the whole district")}
_WORDS: dict[str, dict[str, str]] = {"list": {}, "reach": REACHES}


@dataclass(frozen=True, slots=True)
class ViewShared(Fact):
    """A view stands above the lists of others from now on."""

    sentence: ClassVar[str] = N_("Shared the saved view “%(name)s” (%(list)s): %(reach)s")
    words: ClassVar[dict[str, dict[str, str]]] = _WORDS
    view: int
    name: str
    list: str
    reach: str
    filters: dict[str, Any]
    unit: int | None = None
    district: int | None = None


@dataclass(frozen=True, slots=True)
class ViewChanged(Fact):
    """A view that others use has another name, or is for others than before: old and new side by side."""

    sentence: ClassVar[str] = N_("Changed the shared view “%(name)s” (%(list)s): %(reach)s")
    words: ClassVar[dict[str, dict[str, str]]] = _WORDS
    view: int
    name: str
    list: str
    reach: str
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ViewRemoved(Fact):
    """A view that others used was taken away."""

    sentence: ClassVar[str] = N_("Removed the shared view “%(name)s” (%(list)s): %(reach)s")
    words: ClassVar[dict[str, dict[str, str]]] = _WORDS
    view: int
    name: str
    list: str
    reach: str


@dataclass(frozen=True, slots=True)
class ViewRestored(Fact):
    """A view that others used came back."""

    sentence: ClassVar[str] = N_("Brought back the shared view “%(name)s” (%(list)s): %(reach)s")
    words: ClassVar[dict[str, dict[str, str]]] = _WORDS
    view: int
    name: str
    list: str
    reach: str
