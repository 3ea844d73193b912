"""Supplies on the story of a case: asked for, delivered in parts, taken back, not needed any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.cases.story import SHORT, TELLERS, Told
from casework.kernel.errors import N_, Reason, because

Base = dict[str, Any]
Data = Mapping[str, Any]


def amount(data: Data) -> str:
    """So much of what: ``口罩 2,000 只``."""
    return f"{data.get('item', '')} {int(data.get('quantity') or 0):,} {data.get('measure', '')}"


def _requested(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    lines = data.get("lines", [])
    notes = "\n".join(str(line["note"]) for line in lines if line.get("note"))
    by = "、".join(sorted({str(line.get("needed_on", "")) for line in lines}))
    what = because(N_("asked for supplies: %(what)s"), what="、".join(amount(line) for line in lines))
    return Told(**base, what=what, details=((Reason(N_("Needed by")), by),), quote=notes, icon="box")


def _delivered(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    words = N_("delivered %(what)s from %(unit)s, received by %(receiver)s")
    what = because(words, what=amount(data), unit=data.get("unit", ""), receiver=data.get("receiver", ""))
    details: list[tuple[Reason, Reason | str]] = []
    if left := data.get("left"):
        details.append((Reason(N_("Still to be delivered")), f"{int(left):,} {data.get('measure', '')}"))
    if batch := data.get("batch"):
        details.append((Reason(N_("Batch")), str(batch)))
    return Told(**base, what=what, details=tuple(details), quote=data.get("note", ""), icon="box")


def _reversed(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    words = N_("took the delivery of %(what)s back to the stock of %(unit)s")
    what = because(words, what=amount(data), unit=data.get("unit", ""))
    return Told(**base, what=what, quote=data.get("reason", ""), icon="undo")


def _cancelled(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    what = because(N_("cancelled the request for %(what)s"), what=amount(data))
    return Told(**base, what=what, quote=data.get("reason", ""), icon="box")


def install() -> None:
    """Let the story of a case tell these entries, and the lists name the latest progress."""
    TELLERS.update(
        SuppliesRequested=_requested,
        SuppliesDelivered=_delivered,
        SuppliesDeliveryReversed=_reversed,
        SuppliesRequestCancelled=_cancelled,
    )
    SHORT["supplies"] = N_("Supplies")
