"""Many new cases at once: each is entered by itself, and said of by itself."""

from __future__ import annotations

import json
from typing import Any

from casework.accounts.queries import digest
from casework.api.answering import Answer, done_once, earlier
from casework.api.asking import Asked, fingerprint, loaded
from casework.api.cases import EXAMPLE, GROUP, like_it, submitted
from casework.api.operations import operation
from casework.api.shapes import Bulk, BulkDone, CaseNew
from casework.kernel.errors import N_, CaseworkError, Refused, Unavailable


@operation(
    name="createCases",
    method="POST",
    path="/cases/bulk",
    permission="case.submit",
    group=GROUP,
    summary=N_("Report up to a hundred difficulties at once"),
    text=N_(
        "Each is entered by itself: one that is refused keeps no other back. A key that comes again enters none twice."
    ),
    body=Bulk,
    takes={"cases": [EXAMPLE, {**EXAMPLE, "external_ref": "A-2020-18"}]},
    answer=BulkDone,
    keyed=True,
    own_transactions=True,
)
def create_cases(asked: Asked, key: str) -> Answer:
    """Many new cases, each in a transaction of its own, under a key of its own that follows from the request's."""
    content = fingerprint(None)
    if known := earlier(key, content):
        return known
    items = [_one_of(index, sent, f"{key}#{index}") for index, sent in enumerate(asked.body["cases"])]
    return done_once(lambda: Answer(body=_told(items)), key, content)


def _one_of(index: int, sent: Any, key: str) -> dict[str, Any]:
    def work() -> Answer:
        case = submitted(loaded(CaseNew, sent))
        return Answer(body=[case.number, *(one.case.number for one in like_it(case))], status=201)

    try:
        made = done_once(work, key, digest(json.dumps(sent, sort_keys=True)))
        number, *alike = made.body if isinstance(made.body, list) else [made.body]  # one kept from before said no more
        return {"index": index, "status": made.status, "number": number, "likely_repeats": alike, "errors": []}
    except Unavailable:  # no answer that may be kept: the same key comes again and enters the rest
        raise
    except CaseworkError as error:
        reasons = error.reasons if isinstance(error, Refused) else []
        told = [{"detail": str(one)} | ({"field": one.field} if one.field else {}) for one in reasons]
        return {"index": index, "status": error.status, "number": None, "likely_repeats": [], "errors": told}


def _told(items: list[dict[str, Any]]) -> dict[str, Any]:
    created = sum(item["number"] is not None for item in items)
    return {"created": created, "refused": len(items) - created, "items": items}
