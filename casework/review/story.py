"""Reviews, call-back links and samples on the story of a case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from casework.cases.signing import PARTS
from casework.cases.story import SHORT, TELLERS, Told
from casework.clocks.explain import moment
from casework.kernel.errors import N_, Reason, because
from casework.review.rules import VERDICTS

Base = dict[str, Any]
Data = Mapping[str, Any]


def _voided(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    what = because(N_("the signature of %(name)s is void: what it signed has changed"), name=data.get("name", ""))
    changed = tuple((Reason(N_("Changed")), Reason(PARTS.get(part, part))) for part in data.get("parts", []))
    return Told(**base, what=what, details=changed, icon="undo")


def _together(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    return Told(**base, what=because(N_("approved %(n)s equal cases at once"), n=data.get("count", 0)), icon="check")


def _link(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    until = data.get("until", "")
    day = moment(datetime.fromisoformat(until)) if until else ""
    return Told(**base, what=because(N_("made a link for the enterprise to rate, valid until %(day)s"), day=day))


def _sampled(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    words = N_("drew it into sample %(sample)s: %(size)s of %(all)s closed cases")
    numbers = {"sample": data.get("sample", 0), "size": data.get("size", 0), "all": data.get("population", 0)}
    return Told(**base, what=because(words, **numbers), icon="find")


def _judged(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    found = Reason(VERDICTS.get(data.get("verdict", ""), ""))
    what = because(N_("judged it in sample %(sample)s: %(found)s"), sample=data.get("sample", 0), found=found)
    return Told(**base, what=what, quote=data.get("reason", ""), icon="check")


def install() -> None:
    """Let the story tell of them."""
    TELLERS.update(
        SignatureVoided=_voided,
        ApprovedTogether=_together,
        RatingLinkMade=_link,
        CaseSampled=_sampled,
        SampleJudged=_judged,
    )
    SHORT["sample"] = N_("Sampled")
