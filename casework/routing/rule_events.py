"""What happens to the rules: facts on the security chain, as no case is touched."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class RoutingRuleSaved(Fact):
    """A rule was written or changed; it rests until it is tried and switched on again."""

    sentence: ClassVar[str] = N_("Saved the routing rule “%(name)s”")
    rule: int
    name: str
    says: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoutingRuleSwitched(Fact):
    """A rule went live, or rests."""

    sentence: ClassVar[str] = N_("Switched the routing rule “%(name)s”")
    rule: int
    name: str
    live: bool = False


@dataclass(frozen=True, slots=True)
class RoutingRuleMoved(Fact):
    """A rule was put before or behind its neighbour."""

    sentence: ClassVar[str] = N_("Moved the routing rule “%(name)s”")
    rule: int
    name: str
    position: int
