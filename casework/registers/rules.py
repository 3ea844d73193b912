"""Which entries stand in which register. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from casework.kernel.errors import N_

REVEALS, EXPORTS = "reveals", "exports"
VERBS: Mapping[str, tuple[str, ...]] = {
    REVEALS: ("ContactRevealed", "EnterprisePhoneRevealed", "CarePhoneRevealed", "FullListExported"),
    EXPORTS: (
        "CaseFileMade",
        "LedgerExported",
        "OrdersExported",
        "EventLogExported",
        "AgreementExported",
        "RosterExported",
        "SupplyLedgerExported",
        "RegisterExported",
        "BriefExported",
        "ListExported",
        "FullListExported",
        "ListRefused",
    ),
}
TITLES: Mapping[str, str] = {
    REVEALS: N_("Personal data seen in full"),
    EXPORTS: N_("Data taken out"),
}
KEPT_DAYS = 400


def handles(user_id: int, holders: Collection[int], handled_by: Collection[int]) -> bool:
    """Whether a case is theirs to read: assigned to them now, or handled by them before."""
    return user_id in holders or user_id in handled_by
