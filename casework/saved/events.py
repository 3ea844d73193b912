"""What happens to views that others use: facts on the security chain. One's own views are nobody else's matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_

REACHES = {"own": N_("For me"), "team": N_("For my team"), "all": N_("For the whole district")}


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfView(Fact):
    """What every fact of a view says: which, on what list, for whom."""

    words: ClassVar[dict[str, dict[str, str]]] = {"list": {}, "reach": REACHES}
    view: int
    name: str
    list: str
    reach: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewShared(_OfView):
    """A view stands above the lists of others from now on."""

    sentence: ClassVar[str] = N_("Shared the saved view “%(name)s” (%(list)s): %(reach)s")
    filters: dict[str, Any]
    unit: int | None = None
    district: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewChanged(_OfView):
    """A view that others use has another name, or is for others than before: old and new side by side."""

    sentence: ClassVar[str] = N_("Changed the shared view “%(name)s” (%(list)s): %(reach)s")
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewRemoved(_OfView):
    """A view that others used was taken away."""

    sentence: ClassVar[str] = N_("Removed the shared view “%(name)s” (%(list)s): %(reach)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewRestored(_OfView):
    """A view that others used came back."""

    sentence: ClassVar[str] = N_("Brought back the shared view “%(name)s” (%(list)s): %(reach)s")
