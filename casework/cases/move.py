"""One action on its way: what the effects of an action are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from casework.cases.models import Case
from casework.cases.workflow import State
from casework.kernel.permissions import Actor

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Move:
    """The case, what the action's form answers, who acts (None: the clock), and the state that the case comes to.

    ``other`` is the case that the answer names, for a merge.
    """

    case: Case
    answer: Answer
    actor: Actor | None
    now: datetime
    target: State
    other: Case | None
