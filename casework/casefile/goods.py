"""The chapter of supplies: what the case asked for, what was handed over, when and to whom."""

from __future__ import annotations

from casework.casefile import blocks
from casework.casefile.blocks import Block
from casework.casefile.words import day, moment
from casework.cases.models import Case
from casework.kernel.i18n import translate as _
from casework.kernel.permissions import Actor, can
from casework.supplies import demand
from casework.supplies.models import SupplyItem, SupplyLine
from casework.supplies.policy import READ
from casework.supplies.words import STANDINGS

WIDTHS = ("1fr", "24mm", "24mm", "20mm", "64mm")


def asked_for(case: Case, actor: Actor) -> list[Block]:
    """Every line of the case, the oldest first, with its deliveries; those that were taken back are left out."""
    lines = demand.lines_of(case.id) if case.supplied and can(actor, READ) else []
    if not lines:
        return []
    handed = demand.deliveries_of(line.id for line, _item in lines)
    head = (_("Item"), _("Quantity"), _("Needed by"), _("How it stands"), _("Delivered so far"))
    rows = [_line(line, item, handed.get(line.id, [])) for line, item in lines]
    return [blocks.table(head, WIDTHS, rows, numbers="1")]


def _line(line: SupplyLine, item: SupplyItem, handed: list[demand.Handed]) -> tuple[str, ...]:
    given = [
        f"{moment(one.movement.at)}　{-one.movement.quantity:,} {item.measure}　{one.movement.party}（{one.unit_name}）"
        for one in handed
        if not one.reversed
    ]
    remarks = [one for one in (line.note, line.reason) if one]
    asked = f"{line.quantity:,} {item.measure}"
    return (item.name, asked, day(line.needed_on), _(STANDINGS[line.standing]), "\n".join([*given, *remarks]))
