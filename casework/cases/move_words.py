"""An action in the words of the story: what was done, with which details, what was said and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from casework.cases.workflow import CHOICES, OUTCOME_LABELS, Action
from casework.kernel.errors import N_, Reason
from casework.kernel.money import yuan

MOVED: Mapping[str, str] = {
    "accept": N_("accepted the case"),
    "decline": N_("declined the case"),
    "supplement": N_("asked the requester for more"),
    "dispatch": N_("dispatched to %(unit_name)s, %(officer_name)s"),
    "acknowledge": N_("acknowledged"),
    "object": N_("objected to the dispatch"),
    "rule": N_("ruled on the objection"),
    "contact": N_("logged a contact"),
    "plan": N_("wrote down the plan"),
    "assign": N_("changed who works on it"),
    "join": N_("accepted the assignment"),
    "wait": N_("put it on hold"),
    "resume": N_("resumed it"),
    "extend": N_("asked for %(days)s more working days"),
    "grant_extension": N_("granted %(days)s more working days"),
    "refuse_extension": N_("refused the extension"),
    "transfer": N_("transferred to %(unit_name)s, %(officer_name)s"),
    "level_up": N_("levelled up to %(unit_name)s, %(officer_name)s"),
    "submit_result": N_("submitted the result"),
    "approve": N_("approved the result"),
    "countersign": N_("countersigned the result that %(beside)s signed"),
    "ask_proof": N_("asked for one more proof"),
    "give_proof": N_("handed in the proof"),
    "return": N_("returned it for rework"),
    "callback": N_("called back"),
    "reopen": N_("reopened the case"),
    "withdraw": N_("withdrew the case"),
    "merge": N_("merged it into %(other)s"),
    "split": N_("split off %(new_number)s"),
    "park": N_("parked it"),
    "unpark": N_("brought it back"),
}
SIGNED = N_("signed the result; the sum needs a second signature")
BLANKS = ("unit_name", "officer_name", "days", "other", "new_number", "beside")
AUTOMATIC: Mapping[str, str] = {
    "acknowledge": N_("acknowledged by itself after the limit"),
    "unpark": N_("brought back by itself on the review date"),
    "resume": N_("resumed by itself when the wait was over"),
}


def what_was_done(data: Mapping[str, Any]) -> Reason:
    """The sentence of an action, from the entry that it left."""
    name, answer = data.get("action", ""), dict(data.get("answer", {}))
    words = AUTOMATIC.get(name, MOVED.get(name, name)) if data.get("automatic") else MOVED.get(name, name)
    if answer.get("first"):
        words = SIGNED
    return Reason(words, {key: answer.get(key, "—") for key in BLANKS})


def quote(answer: Mapping[str, Any]) -> str:
    """The free text of an answer: a reason, a note, what was done or said."""
    return "\n".join(str(answer[name]) for name in ("reason", "text", "note") if answer.get(name))


def details(action: Action, answer: Mapping[str, Any]) -> Iterable[tuple[Reason, Reason | str]]:
    """What was filled in, by the label of its field; free text is the quote, and the sentence names the rest."""
    for need in action.needs:
        value = answer.get(need.name)
        if value in (None, "") or (
            need.kind in ("text", "unit", "officer", "checklist", "days", "case") and need.name != "whom"
        ):
            continue
        label = Reason(need.label)
        if need.kind in CHOICES:
            yield label, Reason(CHOICES[need.kind].get(str(value), str(value)))
        elif need.kind == "units":
            yield label, "、".join(answer.get("co_unit_names", []))
        elif need.kind == "officers":
            yield label, "、".join(answer.get("support_names", []))
        else:
            yield label, str(value)
    yield from _beside(action, answer)


def _beside(action: Action, answer: Mapping[str, Any]) -> Iterable[tuple[Reason, Reason | str]]:
    """What an action adds to its answer by itself."""
    if action.name == "assign" and answer.get("officer_name"):
        yield Reason(N_("Lead officer")), answer["officer_name"]
    if answer.get("amount_fen"):
        yield Reason(N_("Sum in yuan")), yuan(int(answer["amount_fen"]))
    if answer.get("outcome_before"):
        yield Reason(N_("Outcome before")), Reason(OUTCOME_LABELS.get(answer["outcome_before"], ""))


def marks(answer: Mapping[str, Any], checklist: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    """The checklist as it was marked: item, mark and note."""
    marked = answer.get("checklist") or {}
    return tuple((checklist.get(key, key), mark.get("mark", ""), mark.get("note", "")) for key, mark in marked.items())
