"""What the forms of the negotiation log say, as drafts for the services; every reason at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.forms import row_id
from casework.kernel.money import parse_yuan
from casework.kernel.time import SHANGHAI
from casework.negotiations.forms import POSITIONS, AgreementForm, PartyForm, PromiseForm, RoundForm
from casework.negotiations.rules import AgreementDraft, PositionDraft, PromiseDraft, RoundDraft
from casework.negotiations.talks import PartyDraft
from casework.negotiations.words import (
    CounterpartyKind,
    Debtor,
    Method,
    PositionKind,
    Side,
    Stance,
    Way,
)

Value = TypeVar("Value")


_TENTHS = re.compile(r"^(\d{1,4})(?:\.(\d))?\s*(?:个月|月|months?)?$")


_HUNDREDTHS = re.compile(r"^(\d{1,4})(?:\.(\d{1,2}))?\s*[%％]?$")


class _Reader:
    """Reads fields that need more than a type, and keeps every reason until the end."""

    def __init__(self) -> None:
        self.reasons: list[Reason] = []

    def read(self, work: Callable[[], Value]) -> Value | None:
        try:
            return work()
        except Refused as refusal:
            self.reasons.extend(refusal.reasons)
            return None

    def finish(self) -> None:
        if self.reasons:
            raise Refused(self.reasons)


def party_of(form: Any) -> PartyDraft:
    """The counterparty that a round names for the first time."""
    return PartyDraft(name=form.name.data or "", kind=CounterpartyKind(form.party.data or CounterpartyKind.OWNER))


def party_changes(form: PartyForm, name: str) -> PartyDraft:
    """What a counterparty is after its correction."""
    return PartyDraft(
        name=name,
        kind=CounterpartyKind(form.party.data),
        contact=form.contact.data or "",
        phone=form.phone.data or "",
        above_id=row_id(form.above.data),
    )


def round_of(form: RoundForm) -> RoundDraft:
    """A round as its form tells it.

    Raises:
        Refused: sums, months or coordinates that cannot be read, all at once.
    """
    reader = _Reader()
    positions = [draft for prefix, side, kind in POSITIONS if (draft := _position(form, prefix, side, kind, reader))]
    latitude, longitude = _coordinate(form.latitude.data), _coordinate(form.longitude.data)
    reader.finish()
    at = _utc(_given(form.at.data))
    return RoundDraft(
        way=Way(form.way.data),
        at=at,
        until=_utc(datetime.combine(_given(form.at.data).date(), form.until.data)) if form.until.data else None,
        stance=Stance(form.stance.data),
        said=form.said.data or "",
        place=form.place.data or "",
        latitude=latitude if longitude is not None else None,
        longitude=longitude if latitude is not None else None,
        ours=names(form.ours.data),
        theirs=names(form.theirs.data),
        objections=form.objections.data or "",
        next_step=form.next_step.data or "",
        next_on=form.next_on.data or _day(form.next.data),
        positions=positions,
    )


def _given(value: Value | None) -> Value:
    """What the form's validators have made sure of."""
    if value is None:
        raise ValueError("a form was read before it was validated")
    return value


def _utc(wall: datetime) -> datetime:
    return wall.replace(tzinfo=SHANGHAI).astimezone(UTC)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _coordinate(text: str | None) -> int | None:
    """Degrees as a phone gives them, in millionths; None when there are none or they cannot be read."""
    try:
        return round(float(text or "") * 1_000_000)
    except (ValueError, OverflowError):
        return None


def names(text: str | None) -> list[str]:
    """People's names as they are typed in one line, divided by any comma."""
    parts = re.split(r"[、,，;；\n]+", text or "")
    return [part.strip()[:100] for part in parts if part.strip()][:50]


def _position(form: RoundForm, prefix: str, side: Side, kind: PositionKind, reader: _Reader) -> PositionDraft | None:
    amount, months, percent = (form[f"{prefix}_{part}"].data or "" for part in ("amount", "months", "percent"))
    if not (amount or months or percent):
        return None
    return PositionDraft(
        side=side,
        kind=kind,
        method=Method(form[f"{prefix}_method"].data or Method.WAIVE),
        amount_fen=reader.read(lambda: parse_yuan(amount, f"{prefix}_amount")) if amount else None,
        months_tenths=reader.read(lambda: parse_months(months, f"{prefix}_months")) if months else None,
        percent_bp=reader.read(lambda: parse_percent(percent, f"{prefix}_percent")) if percent else None,
        conditions=(form[f"{prefix}_conditions"].data or "")[:500],
        expires_on=form[f"{prefix}_expires"].data,
        field=prefix,
    )


def parse_months(text: str, field: str) -> int:
    """Months as they are typed, in tenths: ``2.5`` is 25.

    Raises:
        Refused: it is no number of months.
    """
    if match := _TENTHS.match(text.strip()):
        return int(match[1]) * 10 + int(match[2] or 0)
    raise Refused(because(N_("Months: write a number above 0 and up to 60, like 2 or 2.5."), field))


def parse_percent(text: str, field: str) -> int:
    """Per cent as typed, in hundredths: ``12.5 %`` is 1250.

    Raises:
        Refused: it is no percentage.
    """
    if match := _HUNDREDTHS.match(text.strip()):
        return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))
    raise Refused(because(N_("Per cent: write a number above 0 and up to 100."), field))


def promise_of(form: PromiseForm, people: dict[int, str]) -> PromiseDraft:
    """A commitment as its form tells it; one of us is named by account."""
    debtor = Debtor(form.debtor.data)
    promiser = row_id(form.promiser.data) if debtor is Debtor.US else None
    return PromiseDraft(
        debtor=debtor,
        who=people.get(promiser or 0, "") or form.who.data or "",
        what=form.what.data or "",
        condition=form.condition.data or "",
        promised_on=_given(form.promised_on.data),
        due_on=_given(form.due_on.data),
        promiser_id=promiser if promiser in people else None,
    )


def promise_by(draft: PromiseDraft, who: str) -> PromiseDraft:
    """The same promise with the name of who made it."""
    return replace(draft, who=who)


def agreement_of(form: AgreementForm) -> AgreementDraft:
    """Terms as their form tells them.

    Raises:
        Refused: the total cannot be read.
    """
    return AgreementDraft(
        method=Method(form.method.data),
        total_fen=parse_yuan(form.total.data or "", "total"),
        agreed_on=_given(form.agreed_on.data),
        from_on=form.from_on.data,
        to_on=form.to_on.data,
        terms=form.terms.data or "",
        chain=(form.chain.data or "")[:300],
    )
