"""How a counterparty is found by search."""

from __future__ import annotations

from typing import Any

from casework.kernel import search
from casework.kernel.masking import tail
from casework.kernel.named import spelled
from casework.negotiations.models import Counterparty


def make_findable(party: Counterparty) -> None:
    """Let a counterparty be found as it stands now."""
    search.put("party", party.id, 0, None, findable(party), place=party.district_id)


def findable(party: Any) -> str:
    """The words by which a counterparty is found: its name, whom one calls there, the end of the phone, its letters."""
    return f"{party.name}\n{party.contact}\n{tail(party.phone)}\n{spelled(party.name)}"
