"""What an order must say, and what stands in the way of an act: facts in, reasons out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from casework.kernel.errors import N_, Reason, because
from casework.orders.workflow import STATE_LABELS, Action, State

TITLE, TEXT, SHORT = 120, 5000, 300
MOST_CASES, MOST_DAYS = 200, 60
PRESET_DAYS, AGAIN_DAYS = 3, 2
SOONEST = timedelta(hours=1)
INTERVIEW_AHEAD = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an order says; texts already trimmed. ``delister`` takes it off the list, where it is listed."""

    title: str
    demands: str
    basis: str = ""
    days: int | None = PRESET_DAYS
    listed_why: str = ""
    delister: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was filled in for an act."""

    text: str = ""
    days: int | None = None
    delister: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewDraft:
    """Whom, when, where and why."""

    who: str
    at: datetime | None
    place: str
    matter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """How an order stands, as far as it decides what may be done."""

    state: State
    listed: bool = False
    delister: str = ""
    calls: Sequence[str] = field(default_factory=tuple)


def draft_faults(draft: Draft) -> list[Reason]:
    """Why an order cannot be issued so."""
    reasons = _text_faults(draft.title, "title", N_("Matter: write in a few words what is to be put right."), TITLE)
    reasons += _text_faults(draft.demands, "demands", N_("What is demanded: write it point by point."), TEXT)
    if len(draft.basis) > SHORT:
        reasons.append(because(N_("Basis: shorten it to %(most)s characters."), "basis", most=SHORT))
    reasons += day_faults(draft.days)
    if draft.delister and not draft.listed_why:
        reasons.append(because(N_("Why it is listed: write it, or list nobody."), "listed_why"))
    if draft.listed_why and not draft.delister:
        reasons.append(because(N_("Who takes it off the list: pick a unit."), "delister"))
    return reasons


def day_faults(days: int | None) -> list[Reason]:
    """Why so many days are no limit."""
    if days is None or not 1 <= days <= MOST_DAYS:
        return [because(N_("Working days: from 1 to %(most)s."), "days", most=MOST_DAYS)]
    return []


def _text_faults(text: str, name: str, missing: str, most: int) -> list[Reason]:
    if not text:
        return [because(missing, name)]
    if len(text) > most:
        return [because(N_("Too long: shorten it to %(most)s characters."), name, most=most)]
    return []


def answer_faults(action: Action, answer: Answer) -> list[Reason]:
    """Why an act cannot be taken with this answer."""
    reasons: list[Reason] = []
    if action.text:
        missing = N_("%(what)s: write at least one sentence.")
        if not answer.text:
            reasons.append(because(missing, "text", what=Reason(action.text)))
        elif len(answer.text) > TEXT:
            reasons.append(because(N_("Too long: shorten it to %(most)s characters."), "text", most=TEXT))
    if action.days:
        reasons += day_faults(answer.days)
    if action.name == "list" and not answer.delister:
        reasons.append(because(N_("Who takes it off the list: pick a unit."), "delister"))
    return reasons


def hindrances(action: Action, facts: OrderFacts) -> list[Reason]:
    """Why the act cannot be taken now, whatever is filled in."""
    if facts.state not in action.sources:
        said = N_("The order is “%(state)s” now: reload the page and look at it again.")
        return [because(said, state=Reason(STATE_LABELS[facts.state]))]
    if action.name == "write_off" and facts.listed:
        return [because(N_("It is still listed: %(unit)s takes it off the list first."), unit=facts.delister)]
    if action.name in ("write_off", "withdraw") and facts.calls:
        said = N_("Interview %(numbers)s is still open: record whether it was held, or call it off.")
        return [because(said, numbers="、".join(facts.calls))]
    if action.name == "list" and facts.listed:
        return [because(N_("It is listed already."))]
    if action.name == "delist" and not facts.listed:
        return [because(N_("It is not listed."))]
    return []


def is_offered(action: Action, facts: OrderFacts) -> bool:
    """Whether the act fits the state; what hinders it otherwise is said on its page."""
    if facts.state not in action.sources:
        return False
    return {"list": not facts.listed, "delist": facts.listed}.get(action.name, True)


def interview_faults(draft: InterviewDraft, now: datetime) -> list[Reason]:
    """Why nobody can be called so."""
    reasons = _text_faults(draft.who, "who", N_("Who is to come: write names or posts."), 200)
    if draft.at is None:
        reasons.append(because(N_("When: give day and time."), "at"))
    elif not now + SOONEST <= draft.at <= now + INTERVIEW_AHEAD:
        reasons.append(because(N_("When: at the earliest in an hour, at the latest in 90 days."), "at"))
    reasons += _text_faults(draft.place, "place", N_("Where: write the place and the room."), 200)
    return reasons + _text_faults(draft.matter, "matter", N_("What it is about: write it."), TEXT)


def shared_place(places: Iterable[Any]) -> dict[str, int | None]:
    """The columns of the smallest area in which all of these lie, by the areas that they name."""
    listed = list(places)
    columns: dict[str, int | None] = {}
    area_id = None
    for name in ("city_id", "district_id", "subdistrict_id", "community_id"):
        found = {getattr(place, name) for place in listed}
        columns[name] = found.pop() if len(found) == 1 and (not columns or None not in columns.values()) else None
        area_id = columns[name] or area_id
    ids = {place.area_id for place in listed}
    return {**columns, "area_id": ids.pop() if len(ids) == 1 else area_id}


def short_name(district: str) -> str:
    """The name of a district as numbers carry it: 临江区 gives 临江."""
    return district[:-1] if len(district) > 2 and district[-1] in "区县市" else district


SERIES_WORDS = {"order": "督", "interview": "约"}


def number(district: str, series: str, year: int, seq: int) -> str:
    """A number as offices write it: 临江督〔2020〕3号."""
    return f"{short_name(district)}{SERIES_WORDS[series]}〔{year}〕{seq}号"
