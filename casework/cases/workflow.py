"""The life cycle of a case: one table of actions, checked when it is imported.

Buttons, forms, the API, the diagram of the help page and the tests are made from ``ACTIONS``. An action names its
sources, its targets (none: the state stays; several: the answer picks), the permission, the guards, and what
the answer must hold. Nothing else in the product knows which step may follow which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from casework.cases.proof import prove
from casework.kernel.errors import N_


class State(StrEnum):
    """Where a case stands."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    OBJECTED = "objected"
    PARKED = "parked"
    UNDER_REVIEW = "under_review"
    CALLBACK = "callback"
    CLOSED = "closed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


S = State
MAIN_LINE = (S.SUBMITTED, S.ACCEPTED, S.DISPATCHED, S.IN_PROGRESS, S.UNDER_REVIEW, S.CALLBACK, S.CLOSED)
ENDS = frozenset({S.CLOSED, S.DECLINED, S.WITHDRAWN, S.MERGED})
OPEN = frozenset(State) - ENDS

STATE_LABELS: Mapping[State, str] = {
    S.SUBMITTED: N_("Submitted"),
    S.ACCEPTED: N_("Accepted"),
    S.DISPATCHED: N_("Dispatched"),
    S.IN_PROGRESS: N_("In progress"),
    S.WAITING: N_("Waiting"),
    S.OBJECTED: N_("Objected"),
    S.PARKED: N_("Parked"),
    S.UNDER_REVIEW: N_("Under review"),
    S.CALLBACK: N_("Call-back"),
    S.CLOSED: N_("Closed"),
    S.DECLINED: N_("Declined"),
    S.WITHDRAWN: N_("Withdrawn"),
    S.MERGED: N_("Merged"),
}


class Outcome(StrEnum):
    """How a case ended, apart from the state."""

    SOLVED = "solved"
    PARTLY_SOLVED = "partly_solved"
    EXPLAINED = "explained"
    UNSOLVABLE = "unsolvable"
    STATUTORY_ROUTE = "statutory_route"


OUTCOME_LABELS: Mapping[str, str] = {
    Outcome.SOLVED: N_("Solved"),
    Outcome.PARTLY_SOLVED: N_("Partly solved"),
    Outcome.EXPLAINED: N_("Explained"),
    Outcome.UNSOLVABLE: N_("Cannot be solved"),
    Outcome.STATUTORY_ROUTE: N_("Statutory route"),
}


class Source(StrEnum):
    """How a case reached us."""

    PHONE = "phone"
    WALK_IN = "walk_in"
    VISIT = "visit"
    PORTAL = "portal"
    LETTER = "letter"
    IMPORT = "import"
    API = "api"
    SPLIT = "split"


SOURCE_LABELS: Mapping[str, str] = {
    Source.PHONE: N_("Phone call"),
    Source.WALK_IN: N_("Walk-in"),
    Source.VISIT: N_("Visit"),
    Source.PORTAL: N_("Public portal"),
    Source.LETTER: N_("Letter"),
    Source.IMPORT: N_("Import"),
    Source.API: N_("Interface"),
    Source.SPLIT: N_("Split from a case"),
}

# Codes that an answer picks from. The first column is stored, the second is said.
DECLINE_REASONS = {
    "not_enterprise": N_("Not a matter of an enterprise"),
    "outside_area": N_("Outside this district"),
    "in_court": N_("Already before a court or in arbitration"),
    "in_review": N_("Already in administrative review"),
    "petition": N_("Belongs to the petition route"),
    "no_substance": N_("No factual difficulty named"),
}
STATUTORY_ROUTES = {
    "court": N_("Court"),
    "arbitration": N_("Labour arbitration"),
    "review": N_("Administrative review"),
    "petition": N_("Petition office"),
    "hotline": N_("Hotline 12345"),
    "other_district": N_("The other district's desk"),
}
WAIT_REASONS = {
    "requester": N_("Waiting for the requester"),
    "third_party": N_("Waiting for a third party"),
    "authority": N_("Waiting for an authority"),
    "policy": N_("Waiting for a policy to take effect"),
    "workload": N_("Waiting for capacity of our own"),
}
OBJECTION_REASONS = {
    "not_ours_area": N_("Not in our area"),
    "not_ours_duty": N_("Not our duty"),
    "wrong_unit": N_("Another unit should lead"),
    "unclear": N_("The matter is unclear"),
}
RULINGS = {"upheld": N_("Upheld: goes to another unit"), "overruled": N_("Overruled: stays here")}
CALLBACK_RESULTS = {
    "reached": N_("Reached"),
    "unreached": N_("Not reached"),
    "refused": N_("Refused to answer"),
}
SATISFACTION = {
    "5": N_("Very satisfied"),
    "4": N_("Satisfied"),
    "3": N_("Basically satisfied"),
    "2": N_("Dissatisfied"),
    "1": N_("Very dissatisfied"),
}
YES_NO = {"yes": N_("Yes"), "no": N_("No")}
WAYS = {"call": N_("Call"), "visit": N_("Visit"), "message": N_("Message"), "meeting": N_("Meeting")}

CHOICES: Mapping[str, Mapping[str, str]] = {
    "decline_reason": DECLINE_REASONS,
    "route": STATUTORY_ROUTES,
    "wait_reason": WAIT_REASONS,
    "objection_reason": OBJECTION_REASONS,
    "ruling": RULINGS,
    "callback_result": CALLBACK_RESULTS,
    "satisfaction": SATISFACTION,
    "yes_no": YES_NO,
    "way": WAYS,
    "outcome": OUTCOME_LABELS,
}


PLAIN_KINDS = {"text", "day", "days", "unit", "units", "officer", "officers", "case", "checklist"}


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that an answer holds. ``kind``: text, day, days, unit, units, officer, officers, case, checklist,
    or the name of a set in ``CHOICES``.
    """

    name: str
    kind: str
    label: str
    required: bool = True
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One lawful step. The life cycle is a tuple of these and nothing else.

    ``tone`` says how it is offered: ``main`` (the big button when it is yours), ``plain``, or ``grave`` (asks on a page
    of its own, in plain words, before it is done).
    """

    name: str
    label: str
    sources: frozenset[State]
    targets: tuple[State, ...] = ()
    guards: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    tone: str = "plain"
    says: str = ""

    @property
    def permission(self) -> str:
        """The row of the permission table that it asks."""
        return f"case.{self.name}"


def _from(*states: State) -> frozenset[State]:
    return frozenset(states)


_REASON = Need("reason", "text", N_("Reason"))
_WORKED = _from(S.DISPATCHED, S.IN_PROGRESS, S.WAITING, S.OBJECTED)

# A table is read by its rows.
# fmt: off
ACTIONS: tuple[Action, ...] = (
    Action(name="accept", label=N_("Accept"), sources=_from(S.SUBMITTED), targets=(S.ACCEPTED,), tone="main",
           needs=(Need("note", "text", N_("Note"), required=False),),
           says=N_("The desk takes the case on.")),
    Action(name="decline", label=N_("Decline"), sources=_from(S.SUBMITTED), targets=(S.DECLINED,), tone="grave",
           needs=(Need("code", "decline_reason", N_("Why it is not accepted")),
                  Need("route", "route", N_("Statutory route")),
                  Need("reason", "text", N_("What the requester is told"))),
           says=N_("The requester is told why, and which route is open.")),
    Action(name="supplement", label=N_("Ask for more"), sources=_from(S.SUBMITTED), targets=(S.WAITING,),
           needs=(Need("reason", "text", N_("What is missing")), Need("until", "day", N_("Until"))),
           says=N_("The answer brings the case back to the desk.")),
    Action(name="dispatch", label=N_("Dispatch"), sources=_from(S.ACCEPTED), targets=(S.DISPATCHED,), tone="main",
           needs=(Need("unit", "unit", N_("Lead unit")), Need("officer", "officer", N_("Lead officer")),
                  Need("co_units", "units", N_("Co-units"), required=False),
                  Need("note", "text", N_("Note"), required=False)),
           says=N_("One unit and one officer answer for it.")),
    Action(name="acknowledge", label=N_("Acknowledge"), sources=_from(S.DISPATCHED), targets=(S.IN_PROGRESS,),
           tone="main", says=N_("The officer takes the case in hand; it happens by itself after the limit.")),
    Action(name="object", label=N_("Object"), sources=_from(S.DISPATCHED), targets=(S.OBJECTED,), tone="grave",
           needs=(Need("code", "objection_reason", N_("Ground")), _REASON),
           says=N_("The district rules; the clock of the case goes on.")),
    Action(name="rule", label=N_("Rule on the objection"), sources=_from(S.OBJECTED),
           targets=(S.DISPATCHED, S.IN_PROGRESS), tone="main",
           needs=(Need("ruling", "ruling", N_("Ruling")),
                  Need("unit", "unit", N_("Lead unit"), required=False, help=N_("Only when the objection is upheld.")),
                  Need("officer", "officer", N_("Lead officer"), required=False), _REASON),
           says=N_("The ruling binds.")),
    Action(name="contact", label=N_("Log the contact"), sources=_from(S.DISPATCHED, S.IN_PROGRESS, S.WAITING),
           needs=(Need("way", "way", N_("How")), Need("person", "text", N_("Spoke with")),
                  Need("text", "text", N_("What was said"))),
           says=N_("The first real contact stops the first-contact clock.")),
    Action(name="plan", label=N_("Write the plan"), sources=_from(S.IN_PROGRESS),
           needs=(Need("text", "text", N_("What will be done, by whom, by when")),),
           says=N_("Stops the plan clock, where the type has one; a later plan stands beside the earlier.")),
    Action(name="assign", label=N_("Assign"), sources=_WORKED,
           needs=(Need("officer", "officer", N_("Lead officer"), required=False, help=N_("Leave empty to keep.")),
                  Need("support", "officers", N_("Support"), required=False), _REASON),
           says=N_("Inside the unit; a new lead officer acknowledges by accepting.")),
    Action(name="join", label=N_("Accept the assignment"), sources=_WORKED, guards=("invited",), tone="main",
           says=N_("Support is yours once you accept.")),
    Action(name="wait", label=N_("Put on hold"), sources=_from(S.IN_PROGRESS), targets=(S.WAITING,),
           needs=(Need("code", "wait_reason", N_("Why")), Need("whom", "text", N_("Waiting for whom")),
                  Need("until", "day", N_("Until")), Need("note", "text", N_("Note"), required=False)),
           says=N_("Only some reasons stop the clock; first contact never stops.")),
    Action(name="resume", label=N_("Resume"), sources=_from(S.WAITING), targets=(S.SUBMITTED, S.IN_PROGRESS),
           tone="main", needs=(Need("note", "text", N_("What came in"), required=False),),
           says=N_("Back to where it was.")),
    Action(name="extend", label=N_("Ask for an extension"), sources=_from(S.IN_PROGRESS, S.WAITING),
           guards=("no_extension_asked",),
           needs=(Need("days", "days", N_("Working days")), _REASON), says=N_("The lead or the regulator answers.")),
    Action(name="grant_extension", label=N_("Grant the extension"), sources=_from(S.IN_PROGRESS, S.WAITING),
           guards=("extension_asked",), tone="main", needs=(Need("note", "text", N_("Note"), required=False),),
           says=N_("The due date moves by the days asked.")),
    Action(name="refuse_extension", label=N_("Refuse the extension"), sources=_from(S.IN_PROGRESS, S.WAITING),
           guards=("extension_asked",), needs=(_REASON,), says=N_("The due date stays.")),
    Action(name="transfer", label=N_("Transfer"), sources=_from(S.DISPATCHED, S.IN_PROGRESS), targets=(S.DISPATCHED,),
           needs=(Need("unit", "unit", N_("To unit")), Need("officer", "officer", N_("Lead officer")), _REASON),
           says=N_("The receiver acknowledges or objects.")),
    Action(name="level_up", label=N_("Level up"), sources=_from(S.DISPATCHED, S.IN_PROGRESS), targets=(S.DISPATCHED,),
           needs=(Need("unit", "unit", N_("To unit")), Need("officer", "officer", N_("Lead officer")), _REASON),
           says=N_("A higher unit takes the lead.")),
    Action(name="submit_result", label=N_("Submit the result"), sources=_from(S.IN_PROGRESS), targets=(S.UNDER_REVIEW,),
           guards=("was_contacted", "evidence_is_complete", "nothing_blocks", "outcome_is_known"), tone="main",
           needs=(Need("outcome", "outcome", N_("Outcome")), Need("text", "text", N_("What was done"))),
           says=N_("Someone else reviews it with the checklist.")),
    Action(name="approve", label=N_("Approve"), sources=_from(S.UNDER_REVIEW), targets=(S.CALLBACK, S.UNDER_REVIEW),
           guards=("is_unsigned", "nothing_blocks", "checklist_passes"), tone="main",
           needs=(Need("checklist", "checklist", N_("Checklist")), Need("note", "text", N_("Opinion"), required=False)),
           says=N_("Never by the one who wrote the result; a large sum waits for a second signature.")),
    Action(name="countersign", label=N_("Countersign"), sources=_from(S.UNDER_REVIEW), targets=(S.CALLBACK,),
           guards=("is_signed", "signature_stands", "nothing_blocks"), tone="main",
           needs=(Need("note", "text", N_("Opinion"), required=False),),
           says=N_("A second person approves what the first signed; a signature falls when what it signed changes.")),
    Action(name="ask_proof", label=N_("Ask for one more proof"), sources=_from(S.UNDER_REVIEW),
           guards=("no_proof_asked",),
           needs=(Need("reason", "text", N_("Which proof, and what it should show")),
                  Need("until", "day", N_("Until"))),
           says=N_("It stays under review; meanwhile the clock of the case runs, not that of the review.")),
    Action(name="give_proof", label=N_("Hand in the proof"), sources=_from(S.UNDER_REVIEW), guards=("proof_asked",),
           tone="main", needs=(Need("text", "text", N_("What the proof shows")),),
           says=N_("Attach the file first; the review goes on.")),
    Action(name="return", label=N_("Return for rework"), sources=_from(S.UNDER_REVIEW), targets=(S.IN_PROGRESS,),
           guards=("names_a_fault",),
           needs=(Need("checklist", "checklist", N_("Checklist"), required=False), _REASON),
           says=N_("With the reasons, item by item; the clock goes on.")),
    Action(name="callback", label=N_("Log the call-back"), sources=_from(S.CALLBACK),
           targets=(S.CLOSED, S.IN_PROGRESS, S.CALLBACK), tone="main", guards=("callback_is_whole",),
           needs=(Need("result", "callback_result", N_("Reached?")),
                  Need("contacted", "yes_no", N_("Were you contacted?"), required=False),
                  Need("solved", "yes_no", N_("Is it solved?"), required=False),
                  Need("satisfied", "satisfaction", N_("How satisfied?"), required=False),
                  Need("text", "text", N_("Their words"), required=False)),
           says=N_("By someone who did not handle it; three tries unreached close it as unreached.")),
    Action(name="reopen", label=N_("Reopen"), sources=_from(S.CLOSED), targets=(S.IN_PROGRESS,), tone="grave",
           needs=(_REASON,), says=N_("Visible for ever.")),
    Action(name="withdraw", label=N_("Withdraw"), sources=OPEN, targets=(S.WITHDRAWN,), tone="grave",
           needs=(_REASON,), says=N_("The requester no longer asks for it.")),
    Action(name="merge", label=N_("Merge"), sources=OPEN, targets=(S.MERGED,), guards=("other_is_open",), tone="grave",
           needs=(Need("other", "case", N_("Into case")), _REASON), says=N_("The other case goes on for both.")),
    Action(name="split", label=N_("Split"), sources=OPEN,
           needs=(Need("title", "text", N_("Title of the new case")), Need("text", "text", N_("What it is about")),
                  _REASON),
           says=N_("A new case for the part that goes its own way.")),
    Action(name="park", label=N_("Park"), sources=_from(S.IN_PROGRESS), targets=(S.PARKED,), tone="grave",
           needs=(_REASON, Need("until", "day", N_("Review date"))), says=N_("It comes back by itself on that day.")),
    Action(name="unpark", label=N_("Bring back"), sources=_from(S.PARKED), targets=(S.IN_PROGRESS,), tone="main",
           needs=(Need("note", "text", N_("Note"), required=False),), says=N_("Work goes on.")),
)
# fmt: on

_BY_NAME: Mapping[str, Action] = {action.name: action for action in ACTIONS}


def action_named(name: str) -> Action | None:
    """The action of that name, or None."""
    return _BY_NAME.get(name)


def actions_from(state: State) -> list[Action]:
    """The actions that may leave a state, in the order of the table."""
    return [action for action in ACTIONS if state in action.sources]


prove(ACTIONS, _BY_NAME, first=S.SUBMITTED, ends=ENDS, kinds=PLAIN_KINDS | set(CHOICES))
