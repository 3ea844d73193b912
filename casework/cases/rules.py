"""The rules of the life cycle: facts in, reasons or values out. No Flask, no database, no clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from casework.cases.workflow import (
    CHOICES,
    OUTCOME_LABELS,
    STATE_LABELS,
    Action,
    Need,
    Outcome,
    State,
)
from casework.kernel.errors import N_, Reason, because

Answer = Mapping[str, Any]
TEXT_LIMIT = 5000
LONGEST_EXTENSION_DAYS = 30
CALLBACK_TRIES = 3


@dataclass(frozen=True, slots=True)
class BlockingItem:
    """Something that must be settled before the case may close, with the link to it."""

    title: Reason
    href: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What the guards know of a case."""

    state: State
    left_state: State | None = None
    contacted: bool = False
    missing_evidence: Sequence[str] = ()
    blocking: Sequence[BlockingItem] = ()
    outcomes: frozenset[str] = frozenset()
    checklist: Mapping[str, str] = field(default_factory=dict)
    extension_asked: bool = False
    invited: bool = False
    callback_tries: int = 0
    callback_most: int = CALLBACK_TRIES
    signed: bool = False
    signed_changed: Sequence[Reason] = ()
    needs_second: bool = False
    proof_asked: bool = False
    other_is_open: bool = True
    today: date | None = None


Guard = Callable[[CaseFacts, Answer], list[Reason]]


def _was_contacted(facts: CaseFacts, answer: Answer) -> list[Reason]:
    return [] if facts.contacted else [Reason(N_("Log a contact with the enterprise first."))]


def _evidence_is_complete(facts: CaseFacts, answer: Answer) -> list[Reason]:
    return [because(N_("Attach the closing evidence: %(item)s."), item=item) for item in facts.missing_evidence]


def nothing_blocks(facts: CaseFacts, answer: Answer) -> list[Reason]:
    """Every blocking item as a reason of its own, so that all are named at once."""
    return [because(N_("Settle first: %(item)s."), item=item.title) for item in facts.blocking]


def _outcome_is_known(facts: CaseFacts, answer: Answer) -> list[Reason]:
    outcome = answer.get("outcome")
    if not outcome or not facts.outcomes or outcome in facts.outcomes:
        return []
    label = OUTCOME_LABELS.get(outcome, outcome)
    return [because(N_("This case type has no outcome “%(outcome)s”: pick another."), "outcome", outcome=Reason(label))]


def _no_extension_asked(facts: CaseFacts, answer: Answer) -> list[Reason]:
    return [Reason(N_("An extension is already asked for: wait for the answer."))] if facts.extension_asked else []


def _extension_asked(facts: CaseFacts, answer: Answer) -> list[Reason]:
    return [] if facts.extension_asked else [Reason(N_("No extension is asked for."))]


def _invited(facts: CaseFacts, answer: Answer) -> list[Reason]:
    return [] if facts.invited else [Reason(N_("You have no assignment to accept here."))]


def _other_is_open(facts: CaseFacts, answer: Answer) -> list[Reason]:
    if facts.other_is_open:
        return []
    return [Reason(N_("Merge into another case that is still open: check the number."), {}, "other")]


def _checklist_passes(facts: CaseFacts, answer: Answer) -> list[Reason]:
    marks = answer.get("checklist") or {}
    return [
        because(N_("Mark “%(item)s” as met, or return the case."), "checklist", item=label)
        for key, label in facts.checklist.items()
        if marks.get(key, {}).get("mark") != "yes"
    ]


def _names_a_fault(facts: CaseFacts, answer: Answer) -> list[Reason]:
    marks = answer.get("checklist") or {}
    if not facts.checklist or any(mark.get("mark") in ("no", "unclear") for mark in marks.values()):
        return []
    return [
        Reason(
            N_("Mark at least one item as not met or unclear, so that the officer knows what to mend."),
            {},
            "checklist",
        )
    ]


def _is_unsigned(facts: CaseFacts, answer: Answer) -> list[Reason]:
    """Where a signature stands the next one is a countersignature; one that fell is given anew."""
    if not facts.signed or facts.signed_changed:
        return []
    return [Reason(N_("It is signed already: it waits for the second signature."))]


def _is_signed(facts: CaseFacts, answer: Answer) -> list[Reason]:
    return [] if facts.signed else [Reason(N_("Nobody has signed it yet: review it with the checklist."))]


def _signature_stands(facts: CaseFacts, answer: Answer) -> list[Reason]:
    return [
        because(N_("The first signature is void, as this has changed since: %(what)s. Review it anew."), what=what)
        for what in facts.signed_changed
    ]


def _no_proof_asked(facts: CaseFacts, answer: Answer) -> list[Reason]:
    return [Reason(N_("A proof is already asked for: wait for it."))] if facts.proof_asked else []


def _proof_asked(facts: CaseFacts, answer: Answer) -> list[Reason]:
    return [] if facts.proof_asked else [Reason(N_("No proof is asked for."))]


def _callback_is_whole(facts: CaseFacts, answer: Answer) -> list[Reason]:
    if answer.get("result") != "reached":
        return []
    labels = {
        "contacted": N_("Were you contacted?"),
        "solved": N_("Is it solved?"),
        "satisfied": N_("How satisfied?"),
    }
    return [
        because(N_("%(field)s: pick an answer."), name, field=Reason(label))
        for name, label in labels.items()
        if not answer.get(name)
    ]


GUARDS: Mapping[str, Guard] = {
    "was_contacted": _was_contacted,
    "evidence_is_complete": _evidence_is_complete,
    "nothing_blocks": nothing_blocks,
    "outcome_is_known": _outcome_is_known,
    "no_extension_asked": _no_extension_asked,
    "extension_asked": _extension_asked,
    "invited": _invited,
    "other_is_open": _other_is_open,
    "checklist_passes": _checklist_passes,
    "names_a_fault": _names_a_fault,
    "callback_is_whole": _callback_is_whole,
    "is_unsigned": _is_unsigned,
    "is_signed": _is_signed,
    "signature_stands": _signature_stands,
    "no_proof_asked": _no_proof_asked,
    "proof_asked": _proof_asked,
}

# Guards that the page can judge before anything is typed: an action that they rule out is not offered.
OFFER_GUARDS = frozenset(
    {
        "no_extension_asked",
        "extension_asked",
        "invited",
        "is_unsigned",
        "is_signed",
        "signature_stands",
        "no_proof_asked",
        "proof_asked",
    }
)


def objections(action: Action, facts: CaseFacts, answer: Answer) -> list[Reason]:
    """Why this action is not lawful now, all reasons at once; an empty list means it is."""
    if facts.state not in action.sources:
        return [because(N_("The case is now “%(state)s”: reload the page."), state=Reason(STATE_LABELS[facts.state]))]
    faults = answer_faults(action, answer, facts.today)
    return faults + [reason for guard in action.guards for reason in GUARDS[guard](facts, answer)]


def is_offered(action: Action, facts: CaseFacts) -> bool:
    """Whether the page offers it: the state fits and nothing rules it out beforehand."""
    return facts.state in action.sources and not any(
        GUARDS[guard](facts, {}) for guard in action.guards if guard in OFFER_GUARDS
    )


def answer_faults(action: Action, answer: Answer, today: date | None) -> list[Reason]:
    """What is wrong with an answer by itself: missing, unknown, too long, past."""
    known = {need.name for need in action.needs}
    faults = [
        because(N_("Unknown field %(name)s: leave it out."), name, name=name) for name in answer if name not in known
    ]
    for need in action.needs:
        value = answer.get(need.name)
        if value in (None, "", [], {}):
            if need.required and need.kind != "checklist":
                faults.append(because(N_("%(field)s: fill this in."), need.name, field=Reason(need.label)))
        elif fault := _value_fault(need, value, today):
            faults.append(fault)
    return faults


def _value_fault(need: Need, value: Any, today: date | None) -> Reason | None:
    label = Reason(need.label)
    if need.kind == "text" and len(value) > TEXT_LIMIT:
        return because(N_("%(field)s: shorten it to %(limit)s characters."), need.name, field=label, limit=TEXT_LIMIT)
    if need.kind == "day" and today and value <= today:
        return because(N_("%(field)s: pick a day after today."), need.name, field=label)
    if need.kind == "days" and not 1 <= value <= LONGEST_EXTENSION_DAYS:
        return because(
            N_("%(field)s: write a number from 1 to %(limit)s."),
            need.name,
            field=label,
            limit=LONGEST_EXTENSION_DAYS,
        )
    if need.kind in CHOICES and str(value) not in CHOICES[need.kind]:
        return because(N_("%(field)s: pick one of the answers offered."), need.name, field=label)
    return None


def phone_fault(phone: str) -> Reason | None:
    """Why nobody could call a number; short ones like 110 are fine, an empty one too."""
    digits = "".join(character for character in phone if character.isdigit())
    if not phone or (len(digits) >= 3 and all(character in "0123456789+-() 转ext." for character in phone)):
        return None
    return because(N_("Phone: write digits, like 13800001234 or 0755-26680000."), "contact_phone")


def target(action: Action, answer: Answer, facts: CaseFacts) -> State:
    """The state that an action leads to; where several stand, the answer picks."""
    if not action.targets:
        return facts.state
    if len(action.targets) == 1:
        return action.targets[0]
    return _PICKS[action.name](answer, facts)


def _pick_ruling(answer: Answer, facts: CaseFacts) -> State:
    return State.DISPATCHED if answer["ruling"] == "upheld" else State.IN_PROGRESS


def _pick_resume(answer: Answer, facts: CaseFacts) -> State:
    return facts.left_state or State.IN_PROGRESS


def _pick_callback(answer: Answer, facts: CaseFacts) -> State:
    """Unsolved or dissatisfied goes back to work; three tries unreached, or a refusal, close it."""
    if answer["result"] == "reached":
        unhappy = answer.get("solved") == "no" or str(answer.get("satisfied")) in ("1", "2")
        return State.IN_PROGRESS if unhappy else State.CLOSED
    if answer["result"] == "unreached" and facts.callback_tries + 1 < facts.callback_most:
        return State.CALLBACK
    return State.CLOSED


def _pick_approve(answer: Answer, facts: CaseFacts) -> State:
    """A large sum stays under review with one signature, until somebody else countersigns."""
    return State.UNDER_REVIEW if facts.needs_second else State.CALLBACK


_PICKS: Mapping[str, Callable[[Answer, CaseFacts], State]] = {
    "rule": _pick_ruling,
    "resume": _pick_resume,
    "approve": _pick_approve,
    "callback": _pick_callback,
}


def allowed_outcomes(outcomes: Sequence[str]) -> frozenset[str]:
    """The outcomes of a type; a type that names none has all."""
    return frozenset(outcomes) or frozenset(outcome.value for outcome in Outcome)
