"""What a negotiation accepts: drafts and facts in, reasons and values out. No database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from casework.kernel.errors import N_, Reason, because
from casework.kernel.money import yuan
from casework.kernel.time import local_day
from casework.negotiations.words import UNSETTLED, Debtor, Method, PositionKind, Promise, Side, Stance, Way

MOST_FEN = 10**12
"""A hundred hundred-million yuan: no rent of a plaza comes near; a sum above it was mistyped."""
MOST_MONTHS_TENTHS = 600
TEXT_LIMIT = 5_000
LINE_LIMIT = 300
AHEAD = timedelta(minutes=10)
"""A phone's clock may go before ours by as much."""
FAR = timedelta(days=5 * 366)
NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionDraft:
    """An ask or offer as it was said. Fen, hundredths of a per cent, tenths of a month; ``field`` is its prefix."""

    side: Side
    kind: PositionKind
    method: Method
    amount_fen: int | None = None
    percent_bp: int | None = None
    months_tenths: int | None = None
    conditions: str = ""
    expires_on: date | None = None
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundDraft:
    """A round as the officer tells it; coordinates in millionths of a degree."""

    way: Way
    at: datetime
    stance: Stance
    said: str = ""
    until: datetime | None = None
    place: str = ""
    latitude: int | None = None
    longitude: int | None = None
    ours: Sequence[str] = ()
    theirs: Sequence[str] = ()
    objections: str = ""
    next_step: str = ""
    next_on: date | None = None
    positions: Sequence[PositionDraft] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseDraft:
    """What somebody promised. ``promiser_id`` is the account of the promiser, where it is one of ours."""

    debtor: Debtor
    who: str
    what: str
    promised_on: date
    due_on: date
    condition: str = ""
    promiser_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementDraft:
    """What was agreed: method, total in fen, from when to when, in which words, and how it passes down the chain."""

    method: Method
    total_fen: int
    agreed_on: date
    terms: str
    from_on: date | None = None
    to_on: date | None = None
    chain: str = ""


# -- rounds and positions


def round_faults(draft: RoundDraft, *, now: datetime, agreed_on: date | None) -> list[Reason]:
    """Everything that keeps a round from being entered. ``agreed_on`` is set while an agreement is in force."""
    return [
        *_when_faults(draft, now),
        *_text_faults(draft),
        *_place_faults(draft),
        *(fault for position in draft.positions for fault in position_faults(position, draft.at)),
        *_after_agreement(draft, agreed_on),
    ]


def _when_faults(draft: RoundDraft, now: datetime) -> Iterable[Reason]:
    if draft.at > now + AHEAD:
        yield because(N_("When: this is still to come. Write when it took place."), "at")
    if draft.at < now - FAR:
        yield because(N_("When: this is more than five years ago. Check the year."), "at")
    if draft.until is not None and draft.until < draft.at:
        yield because(N_("Until: it ended before it began. Write a later time."), "until")
    if draft.next_on is not None and draft.next_on < local_day(draft.at):
        yield because(N_("Next date: it lies before the round. Pick a later day."), "next_on")
    if draft.next_on is not None and draft.next_on > local_day(now) + FAR:
        yield because(N_("Next date: it is more than five years ahead. Check the year."), "next_on")


def _text_faults(draft: RoundDraft) -> Iterable[Reason]:
    if not (draft.said.strip() or draft.objections.strip() or draft.positions):
        yield because(N_("What was said: write a sentence, or what was asked and offered."), "said")
    for field, text in (("said", draft.said), ("objections", draft.objections)):
        if len(text) > TEXT_LIMIT:
            yield because(N_("Shorten this to %(limit)s characters."), field, limit=TEXT_LIMIT)
    for field, text in (("place", draft.place), ("next_step", draft.next_step)):
        if len(text) > 200:
            yield because(N_("Shorten this to %(limit)s characters."), field, limit=200)


def _place_faults(draft: RoundDraft) -> Iterable[Reason]:
    given = (draft.latitude, draft.longitude)
    if given == (None, None):
        return
    latitude, longitude = given
    if latitude is None or longitude is None or abs(latitude) > 90_000_000 or abs(longitude) > 180_000_000:
        yield because(N_("Place: these coordinates lie nowhere on earth. Leave them out or take them again."), "place")


def _after_agreement(draft: RoundDraft, agreed_on: date | None) -> Iterable[Reason]:
    if agreed_on is not None and draft.positions and local_day(draft.at) > agreed_on:
        text = N_("The agreement of %(day)s is in force: leave the sums out, or end it before there is a new offer.")
        yield because(text, draft.positions[0].field + "_amount", day=agreed_on.isoformat())


def position_faults(position: PositionDraft, at: datetime) -> Iterable[Reason]:
    """What is wrong with one ask or offer."""
    amount, months, percent = position.amount_fen, position.months_tenths, position.percent_bp
    if amount is None and months is None and percent is None:
        yield because(N_("Write an amount, or months, or months and a percentage."), position.field + "_amount")
    if amount is not None and not 0 <= amount <= MOST_FEN:
        yield because(ABSURD, position.field + "_amount", limit=yuan(MOST_FEN))
    if months is not None and not 0 < months <= MOST_MONTHS_TENTHS:
        yield because(N_("Months: write a number above 0 and up to 60, like 2 or 2.5."), position.field + "_months")
    if percent is not None and not 0 < percent <= 10_000:
        yield because(N_("Per cent: write a number above 0 and up to 100."), position.field + "_percent")
    if percent is not None and months is None and amount is None:
        yield because(N_("Per cent: of how many months' rent? Write the months too."), position.field + "_months")
    if position.expires_on is not None and position.expires_on < local_day(at):
        yield because(N_("Valid until: it lies before the round. Pick a later day."), position.field + "_expires")


ABSURD = N_("Amount: write a sum between 0 and %(limit)s yuan.")


def worth(position: PositionDraft, monthly_rent_fen: int) -> int | None:
    """What a position comes to in fen: its sum, or months of the joint rent, times the percentage if one is given.

    None when it cannot be told (months of an unknown rent). A deferral is worth nothing: it is owed all the same.
    """
    if position.method is Method.DEFER:
        return 0
    if position.amount_fen is not None:
        return position.amount_fen
    if position.months_tenths is None or monthly_rent_fen <= 0:
        return None
    parts = monthly_rent_fen * position.months_tenths * (position.percent_bp or 10_000)
    return (parts + 50_000) // 100_000  # tenths of a month, hundredths of a per cent; half a fen goes up


# -- commitments


def promise_faults(draft: PromiseDraft, *, today: date) -> list[Reason]:
    """Everything that keeps a commitment from being entered."""
    faults = []
    if not draft.what.strip() or len(draft.what) > LINE_LIMIT:
        faults.append(
            because(N_("What was promised: write it in at most %(limit)s characters."), "what", limit=LINE_LIMIT)
        )
    if not draft.who.strip() or len(draft.who) > 200:
        faults.append(because(N_("Who promised: write the name."), "who"))
    if draft.promised_on > today:
        faults.append(because(N_("Promised on: this day is still to come."), "promised_on"))
    if draft.due_on < draft.promised_on:
        faults.append(
            because(N_("Due: it lies before the day of the promise. Pick that day or a later one."), "due_on")
        )
    if draft.due_on > today + FAR:
        faults.append(because(N_("Due: it is more than five years ahead. Check the year."), "due_on"))
    return faults


def settling_faults(state: str, target: Promise, *, is_promiser: bool, proven: bool, reason: str) -> list[Reason]:
    """Why a commitment cannot be settled so: it is never closed by the promiser alone, nor kept without proof."""
    faults = []
    if state not in UNSETTLED:
        faults.append(because(N_("This commitment is settled already.")))
    if is_promiser:
        faults.append(because(N_("You made this promise yourself: hand in the proof, somebody else settles it.")))
    if target is Promise.KEPT and not proven:
        faults.append(because(N_("Proof: write what shows that it was kept, or attach it."), "proof"))
    if target in (Promise.BROKEN, Promise.RELEASED) and not reason.strip():
        faults.append(because(N_("Reason: say why, in a few words."), "reason"))
    return faults


# -- agreements, allocations, receipts


def agreement_faults(draft: AgreementDraft, *, today: date) -> list[Reason]:
    """Everything that keeps terms from being written down."""
    faults = []
    if not 0 < draft.total_fen <= MOST_FEN:
        faults.append(
            because(N_("Total: write a sum above 0 and up to %(limit)s yuan."), "total", limit=yuan(MOST_FEN))
        )
    if not draft.terms.strip() or len(draft.terms) > TEXT_LIMIT:
        faults.append(
            because(N_("Terms: write what was agreed, in at most %(limit)s characters."), "terms", limit=TEXT_LIMIT)
        )
    if draft.agreed_on > today:
        faults.append(because(N_("Agreed on: this day is still to come."), "agreed_on"))
    if draft.from_on and draft.to_on and draft.to_on < draft.from_on:
        faults.append(because(N_("To: it lies before the beginning. Pick a later day."), "to_on"))
    return faults


def receipt_faults(
    amount_fen: int, outstanding_fen: int, *, received_on: date, agreed_on: date, today: date, name: str
) -> list[Reason]:
    """Why a receipt cannot be entered: nothing, too much, or at a time that cannot be."""
    faults = []
    if amount_fen < 0 or (amount_fen == 0 and outstanding_fen <= 0):
        faults.append(because(N_("%(name)s has nothing outstanding."), "amount", name=name))
    elif amount_fen > outstanding_fen:
        text = N_("%(name)s has %(left)s yuan outstanding: write at most that.")
        faults.append(because(text, "amount", name=name, left=yuan(max(outstanding_fen, 0))))
    if received_on > today:
        faults.append(because(N_("Received on: this day is still to come."), "received_on"))
    if received_on < agreed_on:
        faults.append(because(N_("Received on: it lies before the agreement. Check the day."), "received_on"))
    return faults
