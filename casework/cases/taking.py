"""An action of the life cycle, from the word of the rules to the entry in the story: of one case or of many alike.

Who may is asked in ``service``; the one place that sets ``state`` is here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from casework import audit
from casework.cases import clockwork, effects, queries, rules, timing, workflow
from casework.cases.events import CaseMoved
from casework.cases.models import Case
from casework.cases.workflow import ENDS, State
from casework.kernel import search
from casework.kernel.db import db
from casework.kernel.errors import Refused
from casework.kernel.permissions import Actor


@dataclass(frozen=True, slots=True)
class Taking:
    """An action that the rules have nothing against: on which case, with which answer, and where it leads."""

    case: Case
    action: workflow.Action
    answer: Mapping[str, Any]
    target: State
    other: Case | None = None


def planned(
    case: Case, action: workflow.Action, answer: Mapping[str, Any], actor: Actor | None, now: datetime
) -> Taking:
    """What an action would do, when the rules allow it; nothing is changed yet.

    Raises:
        Refused: the rules object; every reason is named.
    """
    other = effects.other_case(answer, actor) if action.name == "merge" else None
    facts = queries.facts(case, actor, now=now, other=other, deep=bool(action.guards))
    if reasons := rules.objections(action, facts, answer):
        raise Refused(reasons)
    return Taking(case, action, answer, rules.target(action, answer, facts), other)


def carry_out(taken: Sequence[Taking], *, actor: Actor | None, now: datetime, automatic: bool = False) -> None:
    """Do what was planned: each effect, then the clocks, then the entries; of many cases with few statements."""
    facts, changes = [], []
    for one in taken:
        facts.append(_move(one, actor, now, automatic=automatic))
        changes.append((one.case, _clock_changes(one, now)))
    timing.apply_all(changes, now)
    for one in taken:
        one.case.last_verb, one.case.last_at = one.action.name, now
    db.session.flush()  # the rows with their version checks first: a stale one must not leave an entry
    moved = [(fact, one.case.id) for fact, one in zip(facts, taken, strict=True)]
    entries = audit.record_each(moved, by=actor, at=now)
    texts = zip(entries, taken, facts, strict=True)
    search.put_all(
        [
            search.Text("entry", entry, one.case.id, words, one.case.district_id)
            for entry, one, fact in texts
            if (words := _words_of(fact))
        ]
    )


def _move(one: Taking, actor: Actor | None, now: datetime, *, automatic: bool) -> audit.Fact:
    """Let the action take effect on its case; what the story says of it."""
    case, source, target = one.case, State(one.case.state), one.target
    said = effects.apply(
        case, one.action, one.answer, actor=actor, now=now, source=source, target=target, other=one.other
    )
    case.state, case.is_open = target, target not in ENDS
    if isinstance(said, audit.Fact):
        return said
    return CaseMoved(action=one.action.name, source=source, target=target, answer=said, automatic=automatic)


def _clock_changes(one: Taking, now: datetime) -> Sequence[clockwork.ClockChange]:
    ahead = effects.minutes_until(one.answer, now)
    limits, urgent = queries.type_of(one.case).limits, one.case.urgent
    return clockwork.on_action(one.action.name, one.answer, one.target, limits, urgent=urgent, minutes_ahead=ahead)


def _words_of(fact: audit.Fact) -> str:
    """What was written in an answer, if any of it is Chinese: the rest says nothing that anybody looks for."""
    said = fact.payload()
    words = " ".join(str(value) for value in said.get("answer", said).values() if isinstance(value, str))
    return words if any("\u4e00" <= character <= "\u9fff" for character in words) else ""
