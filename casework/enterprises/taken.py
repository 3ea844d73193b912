"""Whether a firm is on file already under a credit code or a name; one that somebody may not know of is not named."""

from __future__ import annotations

from casework.enterprises import queries
from casework.enterprises.models import Enterprise
from casework.kernel.errors import N_, Reason, because
from casework.kernel.permissions import Actor, can

TAKEN_CODE = N_("This credit code belongs to “%(name)s” already: open that one.")
TAKEN_ELSEWHERE = N_(
    "This credit code belongs to an enterprise outside your areas: check it, or ask the administrator of the district."
)
TAKEN_NAME = N_("“%(name)s” is already listed in this district: open that one.")


def faults(
    name: str, code: str | None, district_id: int | None, *, itself: Enterprise | None, actor: Actor | None
) -> list[Reason]:
    """Why a firm cannot have this code, or this name in this district: another has it."""
    other = queries.with_code(code) if code else None
    if other is not None and other is not itself:
        known = actor is None or can(actor, "enterprise.read", other)
        return [because(TAKEN_CODE, "uscc", name=other.name) if known else because(TAKEN_ELSEWHERE, "uscc")]
    other = queries.with_name(name, district_id)
    if other is not None and other is not itself:
        return [because(TAKEN_NAME, "name", name=other.name)]
    return []
