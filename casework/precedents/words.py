"""Why a closed case is like this one, and what came of it, in a few words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta

from casework.intake.comparing import WHY
from casework.kernel.errors import N_, Reason, because
from casework.kernel.i18n import language
from casework.negotiations.words import Method

ASKED: Mapping[str, str] = {
    Method.WAIVE: N_("a waiver"),
    Method.REDUCE: N_("a reduction"),
    Method.DEFER: N_("a deferral"),
    Method.OFFSET: N_("an offset"),
    Method.OTHER: N_("other relief"),
}
ORDER = ("kind", "landlord", "firm", "asks", "phone", "place", "text")


def why(reasons: Collection[str], asked: Collection[str]) -> str:
    """Why two cases are alike: same type, same landlord, both ask for a waiver."""
    return (", " if language() == "en" else "，").join(str(one) for one in _parts(reasons, asked))


def _parts(reasons: Collection[str], asked: Collection[str]) -> Iterator[Reason]:
    for name in ORDER:
        if name not in reasons:
            continue
        if name == "asks":
            what = (" / " if language() == "en" else "、").join(
                str(Reason(ASKED[one])) for one in ASKED if one in asked
            )
            yield because(N_("both ask for %(what)s"), what=what)
        else:
            yield Reason(WHY[name])


def lasted(time: timedelta) -> Reason:
    """How long a case took, for a glance: 17 days, 5 h."""
    if time < timedelta(days=1):
        return because(N_("%(n)s h"), n=max(round(time.total_seconds() / 3600), 1))
    return because(N_("%(n)s days"), n=max(round(time.total_seconds() / 86400), 1))
