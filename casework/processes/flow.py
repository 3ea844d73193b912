"""Where a run stands: a fold over what was submitted. Nothing else decides which step may act next.

A step may begin when every step in its ``after`` has passed; if its condition does not hold it is skipped, and a
skipped step has passed. A return opens an earlier step again: steps that rely on it are held, and when its answers
come back changed, what they approved is void (both stay on record); unchanged, they stand. As steps form no cycle,
the first that has not passed can always act, so no run is ever stuck.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from casework.kernel.errors import N_, Reason, because
from casework.processes.conditions import holds
from casework.processes.definition import Definition, Step
from casework.processes.words import Result, Stand


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What an actor sent for a step, in the order in which it came. ``to`` is the step that a return opens again."""

    step: str
    result: Result = Result.DONE
    answers: Mapping[str, Any] = field(default_factory=dict)
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a run stands: each step, the answers that count, and which submissions (by place) are void by now."""

    stands: Mapping[str, Stand]
    answers: Mapping[str, Mapping[str, Any]]
    void: frozenset[int] = frozenset()
    rejected_at: str = ""

    @property
    def ready(self) -> list[str]:
        """The steps whose actors may act now; none when the run has ended."""
        return [] if self.has_ended else [key for key, stand in self.stands.items() if stand is Stand.READY]

    @property
    def has_ended(self) -> bool:
        """Whether every step has passed, or one rejected it."""
        return bool(self.rejected_at) or all(stand in (Stand.DONE, Stand.SKIPPED) for stand in self.stands.values())


def standing(definition: Definition, submissions: Sequence[Submission]) -> Standing:
    """Where a run of a checked definition stands after these submissions, the oldest first."""
    counts: dict[str, int] = {}
    returned: dict[str, int] = {}
    void: set[int] = set()
    rejected_at = ""
    for place, sent in enumerate(submissions):
        if sent.result is Result.REJECT:
            rejected_at = sent.step
        elif sent.result is Result.RETURN:
            returned[sent.to] = counts.pop(sent.to)
        else:
            counts[sent.step] = place
            earlier = returned.pop(sent.step, None)
            if earlier is not None:
                void.add(earlier)
                if dict(submissions[earlier].answers) != dict(sent.answers):
                    void |= _voided(definition.behind(sent.step), counts, returned)
    answers = {key: submissions[place].answers for key, place in counts.items()}
    return Standing(stands=_stands(definition, answers), answers=answers, void=frozenset(void), rejected_at=rejected_at)


def _voided(behind: frozenset[str], counts: dict[str, int], returned: dict[str, int]) -> set[int]:
    """Take what relied on a changed answer out of what counts."""
    gone = {counts.pop(key) for key in behind & counts.keys()}
    return gone | {returned.pop(key) for key in behind & returned.keys()}


def _stands(definition: Definition, answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Stand]:
    stands: dict[str, Stand] = {}
    passed: set[str] = set()
    for key in definition.order:
        step = definition.by_key[key]
        stands[key] = _stand(step, passed.issuperset(step.after), answers)
        if stands[key] in (Stand.DONE, Stand.SKIPPED):
            passed.add(key)
    return {step.key: stands[step.key] for step in definition.steps}


def _stand(step: Step, may_begin: bool, answers: Mapping[str, Mapping[str, Any]]) -> Stand:
    if not may_begin:
        return Stand.HELD if step.key in answers else Stand.WAITING
    if not holds(step.when, answers):
        return Stand.SKIPPED
    return Stand.DONE if step.key in answers else Stand.READY


def refusals(definition: Definition, now: Standing, sent: Submission, *, locale: str = "zh") -> list[Reason]:
    """Why a submission may not be taken now; empty when it may. ``locale`` is the language that names the step."""
    step = definition.by_key.get(sent.step)
    if step is None:
        return [Reason(N_("This process has no such step: open it again from the case."))]
    if now.has_ended:
        return [Reason(N_("This process has ended: nothing more can be filled in."))]
    if now.stands[sent.step] is not Stand.READY:
        moved = N_("“%(step)s” is not open any more, or not yet: your text is kept, look where the process stands.")
        return [because(moved, step=step.title.said(locale))]
    return _of_result(step, now, sent, locale)


def _of_result(step: Step, now: Standing, sent: Submission, locale: str) -> list[Reason]:
    decision = step.decision
    if decision is None:
        allowed = sent.result is Result.DONE
    else:
        allowed = {
            Result.APPROVE: decision.approve,
            Result.RETURN: sent.to in decision.return_to,
            Result.REJECT: decision.reject,
        }.get(sent.result, False)
    if not allowed:
        return [
            because(
                N_("“%(step)s” cannot end like this: choose one of the answers offered."), step=step.title.said(locale)
            )
        ]
    if sent.result is Result.RETURN and now.stands.get(sent.to) is not Stand.DONE:
        return [Reason(N_("Return: that step was skipped, choose one that was filled in."))]
    return []
