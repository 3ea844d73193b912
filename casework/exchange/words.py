"""What an import makes or ends beside its rows, in words."""

from __future__ import annotations

from casework.kernel.errors import N_, Reason

EFFECTS = {
    "teams": N_("Teams made: %(count)s"),
    "people": N_("Accounts made: %(count)s"),
    "postings": N_("Postings made: %(count)s"),
    "ended": N_("Postings ended: %(count)s"),
    "pairs": N_("Pairs (AB) set: %(count)s"),
}


def effect_said(kind: str, count: int) -> str:
    """One line of the report, in the reader's language."""
    return str(Reason(EFFECTS[kind], {"count": f"{count:,}"}))
