"""The case list as one whose filters can be kept under a name."""

from __future__ import annotations

from casework.cases import listing
from casework.cases.lists import filtered, read_filters
from casework.cases.models import CaseType
from casework.kernel.errors import N_
from casework.kernel.permissions import Actor
from casework.saved.lists import OPEN_UNIT, PERSON, PLACE, Gone, Listed, Words


def _said(actor: Actor, words: Words) -> list[str]:
    options = listing.filter_options(actor)
    return [label for label, _ in listing.chosen_filters(actor, read_filters(words), options)]


LISTED = Listed(
    name="cases",
    label=N_("Cases"),
    path="/cases",
    permission="case.read",
    hint=N_("Filter the list of cases, then save the filter under a name."),
    read=lambda words: read_filters(words).as_query(),
    ids=lambda actor, words, now: filtered(actor, read_filters(words), now),
    said=_said,
    named={
        "type": Gone(CaseType.id, CaseType.active.is_(True), N_("its case type is no longer in use")),
        "area": PLACE,
        "unit": OPEN_UNIT,
        "officer": PERSON,
    },
)
