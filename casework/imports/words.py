"""What an import makes or ends beside its rows, and what a run made, in words."""

from __future__ import annotations

from casework.kernel.errors import N_, Reason

EFFECTS = {
    "teams": N_("Teams made: %(count)s"),
    "people": N_("Accounts made: %(count)s"),
    "postings": N_("Postings made: %(count)s"),
    "ended": N_("Postings ended: %(count)s"),
    "pairs": N_("Pairs (AB) set: %(count)s"),
    "liaisons": N_("Enterprises given to somebody: %(count)s"),
    "leaders": N_("Places given to a leader: %(count)s"),
}
KINDS = {
    "case": N_("Cases"),
    "case_fields": N_("Fields of cases"),
    "note": N_("Entries on cases"),
    "enterprise": N_("Enterprises"),
    "firm_fields": N_("Fields of enterprises"),
    "contact": N_("Contacts"),
    "area": N_("Areas"),
    "account": N_("Accounts"),
    "team": N_("Teams"),
    "posting": N_("Postings"),
    "posting_end": N_("Endings of postings"),
    "pair": N_("Pairs (AB)"),
    "beneficiary": N_("Firms of a joint case"),
    "joined_fields": N_("Fields of firms of a joint case"),
    "liaison": N_("Liaison officers"),
    "leader": N_("Area leaders of places"),
    "stock": N_("Stock entries"),
}


def effect_said(kind: str, count: int) -> str:
    """One line of the report, in the reader's language."""
    return str(Reason(EFFECTS[kind], {"count": f"{count:,}"}))


def kind_said(kind: str) -> str:
    """What a run made, in the reader's language."""
    return str(Reason(KINDS[kind]))
