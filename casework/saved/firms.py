"""The list of enterprises as one whose filters can be kept under a name; said here, as enterprises lie below."""

from __future__ import annotations

from casework.enterprises.lists import chosen_filters, filtered, read_filters
from casework.enterprises.models import Enterprise
from casework.kernel.errors import N_
from casework.kernel.time import local_day
from casework.saved.lists import PERSON, PLACE, Listed

LISTED = Listed(
    name="enterprises",
    label=N_("Enterprises"),
    path="/enterprises",
    permission="enterprise.read",
    hint=N_("Filter the list of enterprises, then save the filter under a name."),
    read=lambda words: read_filters(words).as_query(),
    ids=lambda actor, words, now: filtered(actor, read_filters(words), local_day(now)).with_only_columns(Enterprise.id),
    said=lambda actor, words: [label for label, _ in chosen_filters(actor, read_filters(words))],
    named={"area": PLACE, "officer": PERSON, "deputy": PERSON},
)
