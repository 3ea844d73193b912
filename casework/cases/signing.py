"""What a signature stands on: how much money, whether that needs a second one, and a print of each part it approved.

A higher package knows the sums: it puts its weigher into ``WEIGHERS`` in the wiring.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from casework.cases.models import Beneficiary, Case
from casework.files.models import Attachment
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason

PARTS: Mapping[str, str] = {
    "result": N_("the result"),
    "files": N_("the evidence"),
    "firms": N_("the firms"),
    "money": N_("the agreed sums"),
    "other": N_("the case"),
}


@dataclass(frozen=True, slots=True)
class Weight:
    """What higher packages say of a result: its sum in fen, from which one two must sign, and what it is made of."""

    amount_fen: int = 0
    limit_fen: int | None = None
    made_of: Any = None

    @property
    def needs_second(self) -> bool:
        """Whether one signature is not enough."""
        return self.limit_fen is not None and self.amount_fen >= self.limit_fen


WEIGHERS: list[Callable[[Case], Weight]] = []


def weigh(case: Case) -> Weight:
    """The sum of a case and the limit that holds for it; nothing where no package knows of money."""
    for weigher in WEIGHERS:
        return weigher(case)
    return Weight()


def prints(case: Case, weight: Weight) -> dict[str, str]:
    """A short print of each part that a reviewer approves; a part that changes prints otherwise."""
    files = db.session.execute(
        sa.select(Attachment.id, Attachment.sha256, Attachment.kind)
        .where(Attachment.case_id == case.id)
        .order_by(Attachment.id)
    )
    firms = db.session.execute(
        sa.select(Beneficiary.id, Beneficiary.status, Beneficiary.monthly_rent_fen)
        .where(Beneficiary.case_id == case.id)
        .order_by(Beneficiary.id)
    )
    return {
        "result": _print(case.result),
        "files": _print([list(row) for row in files]),
        "firms": _print([list(row) for row in firms]) if case.joint else "",
        "money": _print([weight.amount_fen, weight.made_of]),
        "other": _print([case.type_id, case.enterprise_id, case.requester, case.area_id]),
    }


def _print(value: Any) -> str:
    said = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def changed_since(case: Case, weight: Weight) -> Sequence[Reason]:
    """The parts that are not what the first signature stands on."""
    if case.signature is None:
        return ()
    before, after = case.signature.get("prints", {}), prints(case, weight)
    return [Reason(PARTS[part]) for part in PARTS if before.get(part) != after[part]]
