"""Why a hand-over is refused, and who answers while nobody has accepted: facts in, reasons or people out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from casework.handover.words import OPEN_STAGES, PENDING, Answer, Stage, Why
from casework.kernel.errors import N_, Reason, because

AHEAD = 14  # days before the end of a posting at which a hand-over is suggested
LONG = 7  # days away from which on one is suggested
FURTHEST = 366
NOTE, ITEM_NOTE, REASON = 2000, 500, 300
TOO_LONG = N_("Note to the successors: shorten it to %(most)s characters.")


def beginning_faults(why: str, from_on: date | None, today: date) -> list[Reason]:
    """Why a hand-over cannot begin so."""
    found = []
    if why not in set(Why):
        found.append(because(N_("Reason: pick one of those offered."), "why"))
    if from_on is None:
        found.append(because(N_("From which day: write a day."), "from_on"))
    elif not today <= from_on <= today + timedelta(days=FURTHEST):
        found.append(because(N_("From which day: today or a later day, at most a year ahead."), "from_on"))
    return found


def giving_faults(stage: str) -> list[Reason]:
    """Why nobody can be named any more."""
    if stage in OPEN_STAGES:
        return []
    return [because(N_("This hand-over is over: begin another for what is left."))]


def sending_faults(stage: str, missing: int, unfit: int, note: str) -> list[Reason]:
    """Why it cannot be sent; ``missing`` have no successor, ``unfit`` one who cannot take them."""
    if stage != Stage.DRAFT:
        return [because(N_("This hand-over was sent already, or is over: look where it stands."))]
    found = []
    if missing:
        found.append(because(N_("%(n)s things have no successor yet: choose one for each."), n=missing))
    if unfit:
        found.append(because(N_("%(n)s things have a successor who does not serve there: choose another."), n=unfit))
    if len(note) > NOTE:
        found.append(because(TOO_LONG, "note", most=NOTE))
    return found


def answering_faults(stage: str, strange: int, reasons: Collection[str]) -> list[Reason]:
    """Why an answer does not count; ``strange`` things wait for this person no more, ``reasons`` are those given."""
    if stage == Stage.CALLED_OFF:
        return [because(N_("This hand-over was called off: there is nothing to answer any more."))]
    if stage != Stage.SENT or strange:
        return [because(N_("Some of this does not wait for you any more: look at the list again."))]
    if any(not reason.strip() for reason in reasons):
        return [because(N_("Why you refuse: write it for each, or once for all."), "reason")]
    if any(len(reason) > REASON for reason in reasons):
        return [because(N_("Why you refuse: shorten it to %(most)s characters."), "reason", most=REASON)]
    return []


def may_be_given(stage: str, state: str, *, named: bool) -> bool:
    """Whether a thing may get another successor: before sending always; afterwards what was refused, and what waits
    when it is named one by one.
    """
    if stage == Stage.DRAFT or state == Answer.CHOSEN:
        return True
    return state == Answer.REFUSED or (named and state in PENDING)


@dataclass(frozen=True, slots=True)
class Hands:
    """Who could answer for a thing on a day: who holds it, the deputy, the stand-in, the leads of the unit."""

    holder: int
    deputy: int | None
    stand_in: int | None
    leads: Sequence[int]


def who_answers(hands: Hands, acting: Collection[int], *, left: bool) -> int:
    """The holder as long as they act; else the deputy, the stand-in or the lead, whoever acts first in this order.

    ``acting`` are those who serve and are not away; ``left``: the day of the hand-over has come. Never nobody:
    when none of them acts, the first lead is asked, or whoever is named, in the same order.
    """
    if hands.holder in acting and not left:
        return hands.holder
    named = [one for one in (hands.deputy, hands.stand_in, *hands.leads) if one and one != hands.holder]
    return next((one for one in named if one in acting), next(iter((*hands.leads, *named)), hands.holder))
