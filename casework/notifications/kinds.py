"""KINDS: everything that a person is told of, in the order of the settings page.

The texts of a kind are ``templates/email/<kind>.zh.txt`` and ``.en.txt``: the subject on the first line, then the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notice. ``mail`` is the preset; ``group`` says whether a unit's robot tells it unless told otherwise.

    Urgent ones come in quiet hours too. ``icon`` is how the inbox marks it.
    """

    label: str
    icon: str
    mail: bool = True
    group: bool = False
    urgent: bool = False


KINDS: Mapping[str, Kind] = {
    "dispatched": Kind(N_("Dispatched to you"), "forward", group=True),
    "transferred": Kind(N_("Transferred to you"), "forward", group=True),
    "assigned": Kind(N_("You lead this case now"), "person"),
    "support": Kind(N_("Your support is asked for"), "people"),
    "acknowledged": Kind(N_("Acknowledged by itself after the limit"), "clock", mail=False),
    "to_rule": Kind(N_("An objection to rule on"), "hand"),
    "ruled": Kind(N_("The objection was ruled on"), "check"),
    "extension_asked": Kind(N_("An extension is asked for"), "clock"),
    "granted": Kind(N_("The extension was granted"), "check", mail=False),
    "refused": Kind(N_("The extension was refused"), "x"),
    "to_review": Kind(N_("A result to review"), "check"),
    "returned": Kind(N_("Returned for rework"), "undo"),
    "proof_asked": Kind(N_("One more proof is asked for"), "file"),
    "callback": Kind(N_("A call-back is due"), "call"),
    "reopened": Kind(N_("Back to work: it is not solved yet"), "undo"),
    "resumed": Kind(N_("The wait is over"), "clock", mail=False),
    "requester_wrote": Kind(N_("The requester wrote"), "note", group=True),
    "step": Kind(N_("A step of a process is yours"), "flow"),
    "visit": Kind(N_("A visit is set"), "visit"),
    "promise_due": Kind(N_("A promise falls due"), "hand"),
    "soon": Kind(N_("Due soon"), "soon"),
    "late": Kind(N_("Late"), "late", group=True),
    "escalated": Kind(N_("A late case is brought before you"), "late"),
    "urged": Kind(N_("You are urged to act"), "bell", group=True, urgent=True),
    "supervision": Kind(N_("A supervision order"), "order", group=True, urgent=True),
    "order_reported": Kind(N_("A report on a supervision order"), "order"),
    "order_returned": Kind(N_("Your report on a supervision order was returned"), "undo", group=True, urgent=True),
    "order_judged": Kind(N_("A supervision order was verified or ended"), "check", mail=False),
    "interview": Kind(N_("An interview notice"), "people", urgent=True),
    "brief": Kind(N_("A brief is written"), "file"),
    "view_digest": Kind(N_("New in a view that you follow"), "list"),
    "export_second": Kind(N_("A list waits for you to agree"), "file"),
    "export_ready": Kind(N_("A list that you asked for"), "file"),
    "dead_letter": Kind(N_("Messages could not be delivered"), "late"),
}
TEST = "test"
"""A message that somebody sends to try a channel; it is about nothing and stands in no inbox."""
