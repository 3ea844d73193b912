"""What still blocks closing: supplies that were asked for and neither delivered nor cancelled."""

from __future__ import annotations

from casework.cases.models import Case
from casework.cases.rules import BlockingItem
from casework.kernel.errors import N_, because
from casework.supplies import demand


def blocking(case: Case) -> list[BlockingItem]:
    """One item a line that waits, with the way to it."""
    if not case.supplied:
        return []
    told = N_("%(item)s not delivered yet")
    return [
        BlockingItem(because(told, item=item.name), f"/supplies/requests/{line.id}", f"{line.left:,} {item.measure}")
        for line, item in demand.open_of(case.id)
    ]
