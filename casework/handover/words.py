"""The closed sets of a hand-over and what pages call them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from casework.kernel.errors import N_


class Why(StrEnum):
    """Why somebody hands over."""

    POSTING = "posting"
    ILL = "ill"
    LEAVE = "leave"
    OTHER = "other"


class Stage(StrEnum):
    """Where a hand-over stands."""

    DRAFT = "draft"
    SENT = "sent"
    DONE = "done"
    CALLED_OFF = "called_off"


class Answer(StrEnum):
    """Where one thing of it stands. ``chosen`` is not sent yet; ``gone`` is no longer with who leaves; ``kept`` was
    not accepted when the hand-over was called off.
    """

    CHOSEN = "chosen"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    GONE = "gone"
    KEPT = "kept"


OPEN_STAGES = (Stage.DRAFT, Stage.SENT)
PENDING = (Answer.WAITING, Answer.REFUSED)

WHY_LABELS: Mapping[str, str] = {
    Why.POSTING: N_("The posting ends"),
    Why.ILL: N_("Ill"),
    Why.LEAVE: N_("On leave for longer"),
    Why.OTHER: N_("Another reason"),
}
STAGE_LABELS: Mapping[str, str] = {
    Stage.DRAFT: N_("Being prepared"),
    Stage.SENT: N_("Handing over"),
    Stage.DONE: N_("Handed over"),
    Stage.CALLED_OFF: N_("Called off"),
}
ANSWER_LABELS: Mapping[str, str] = {
    Answer.CHOSEN: N_("not sent yet"),
    Answer.WAITING: N_("waits for an answer"),
    Answer.ACCEPTED: N_("taken over"),
    Answer.REFUSED: N_("refused"),
    Answer.GONE: N_("settled otherwise"),
    Answer.KEPT: N_("stayed"),
}
