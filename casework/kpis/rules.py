"""From what happened to a case to the marks that count for the figures. Pure: the same facts make the same marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from casework.kernel.time import local_day
from casework.kpis.figures import GROUP_OF, Base, Flag, bucket_of

GIVEN = ("dispatch", "transfer", "level_up")
ENDED_OTHERWISE = ("declined", "withdrawn", "merged")
B, F = Base, Flag
NO = Flag(0)


@dataclass(frozen=True, slots=True)
class Step:
    """An action of the life cycle, as its entry tells it."""

    action: str
    at: datetime
    target: str
    answer: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a clock; ``first_due`` is when it would have been due without extensions."""

    clock: str
    started_at: datetime
    due_at: datetime | None
    first_due: datetime | None
    done_at: datetime | None
    met: bool | None
    cancelled: bool = False
    extended: bool = False
    subject: int = 0


@dataclass(frozen=True, slots=True)
class Grant:
    """What one firm was granted, and what of it it confirmed, in fen."""

    firm: int
    day: date
    fen: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """A sum that a firm confirmed, in fen."""

    key: int
    day: date
    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the marks of a case follow from. ``repeats`` and ``repeated``: it follows, or is followed by, a case of the
    same enterprise and matter within the days that the definitions set. ``excluded``: the groups it is left out of.
    """

    state: str
    submitted_at: datetime
    contacted_at: datetime | None
    closed_at: datetime | None
    unit_id: int | None
    lead_id: int | None
    outcome: str | None = None
    processed: bool = False
    imported: bool = False
    steps: Sequence[Step] = ()
    runs: Sequence[Run] = ()
    working_minutes: int | None = None
    repeats: bool = False
    repeated: bool = False
    excluded: frozenset[str] = frozenset()
    grants: Sequence[Grant] = ()
    receipts: Sequence[Receipt] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that counts, on a day. ``nth`` tells several of one base on one case apart."""

    base: Base
    nth: int
    day: date
    at: datetime | None
    flags: Flag
    unit_id: int | None
    officer_id: int | None
    value: int = 0
    bucket: int = 0


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a case now, and when time alone will add one."""

    found: tuple[Mark, ...]
    again_at: datetime | None


def marks_of(facts: Facts, now: datetime) -> Marks:
    """All marks of a case as things stand."""
    made = [*_contact(facts, now), *_due(facts, now), *_dispatched(facts), *_orders(facts, now), *_money(facts)]
    if facts.closed_at is not None:
        made += [*_dispatches(facts), *_closed(facts), *_called(facts), *_results(facts), *_response(facts)]
    coming = [due for run in facts.runs for due in (run.due_at, run.first_due) if due and due > now]
    return Marks(tuple(made), min(coming, default=None))


def _mark(
    facts: Facts, base: Base, at: datetime, flags: Flag, *, nth: int = 0, value: int = 0, day: date | None = None,
    unit: int | None = None, officer: int | None = None,
) -> Mark:  # fmt: skip
    common = F.OUT if facts.state in ENDED_OTHERWISE else NO
    common |= F.EXCLUDED if GROUP_OF[base] in facts.excluded or "all" in facts.excluded else NO
    common |= F.IMPORTED if facts.imported else NO
    timed = base in (B.RESPONSE, B.RESPONSE_WORK)
    return Mark(
        base, nth, day or local_day(at), at, flags | common, unit or facts.unit_id, officer or facts.lead_id,
        value, bucket_of(value) if timed else 0,
    )  # fmt: skip


def _last(facts: Facts, clock: str) -> Run | None:
    """The run that binds: the newest that was not called off; of a case that ended otherwise the newest of all."""
    out = facts.state in ENDED_OTHERWISE
    found = [run for run in facts.runs if run.clock == clock and (out or not run.cancelled)]
    return max(found, key=lambda run: run.started_at, default=None)


def _contact(facts: Facts, now: datetime) -> Iterator[Mark]:
    run = next((run for run in facts.runs if run.clock == "first_contact"), None)
    if run is None or run.due_at is None or run.due_at > now:
        return
    done = facts.contacted_at
    yield _mark(facts, B.CONTACT, run.due_at, F.IN_TIME if done and done <= run.due_at else F.LATE)


def _due(facts: Facts, now: datetime) -> Iterator[Mark]:
    run = _last(facts, "resolve")
    if run is None:
        return
    extended = F.EXTENDED if run.extended else NO
    for base, due in ((B.DUE, run.due_at), (B.DUE_FIRST, run.first_due)):
        if due is not None and due <= now:
            in_time = run.done_at is not None and not run.cancelled and run.done_at <= due
            yield _mark(facts, base, due, (F.IN_TIME if in_time else F.LATE) | extended)


def _dispatched(facts: Facts) -> Iterator[Mark]:
    """The case by its first dispatch: whether it is resolved, and in time."""
    first = next((step for step in facts.steps if step.action == "dispatch"), None)
    if first is None:
        return
    resolved = facts.state in ("callback", "closed")
    run = _last(facts, "resolve")
    in_time = resolved and run is not None and run.met is True
    flags = (F.RESOLVED if resolved else NO) | (F.IN_TIME if in_time else NO)
    yield _mark(facts, B.DISPATCHED, first.at, flags)


def _orders(facts: Facts, now: datetime) -> Iterator[Mark]:
    for nth, run in enumerate(run for run in facts.runs if run.clock == "order" and not run.cancelled):
        if run.due_at is not None and run.due_at <= now:
            yield _mark(facts, B.ORDER, run.due_at, F.IN_TIME if run.met else F.LATE, nth=nth)


def _dispatches(facts: Facts) -> Iterator[Mark]:
    """Each time a unit was given the case: whether it acknowledged in time, or objected and how that was ruled."""
    closed = _ending(facts)
    for nth, (given, later) in enumerate(_givings(facts.steps)):
        flags = _acknowledged(facts, given, later) | _objected(later)
        unit, officer = given.answer.get("unit"), given.answer.get("officer")
        yield _mark(facts, B.DISPATCH, closed, flags, nth=nth, unit=_id(unit), officer=_id(officer))


def _givings(steps: Sequence[Step]) -> Iterator[tuple[Step, Sequence[Step]]]:
    """Each giving with the steps up to the next one; the ruling that ends an objection belongs to the one before."""
    places = [at for at, step in enumerate(steps) if _gives(step)]
    for place, following in zip(places, [*places, len(steps)][1:], strict=True):
        yield steps[place], steps[place + 1 : following + 1]


def _gives(step: Step) -> bool:
    return step.action in GIVEN or (step.action == "rule" and step.target == "dispatched")


def _acknowledged(facts: Facts, given: Step, later: Sequence[Step]) -> Flag:
    run = next((run for run in facts.runs if run.clock == "acknowledge" and run.started_at == given.at), None)
    taken = next((step for step in later if step.action == "acknowledge"), None)
    if taken is None:
        return NO
    return F.IN_TIME if run is None or run.due_at is None or taken.at <= run.due_at else F.LATE


def _objected(later: Sequence[Step]) -> Flag:
    if not any(step.action == "object" for step in later):
        return NO
    ruling = next((step for step in later if step.action == "rule"), None)
    if ruling is None:
        return F.OBJECTED
    return F.OBJECTED | F.RULED | (F.OVERRULED if ruling.answer.get("ruling") == "overruled" else NO)


def _ending(facts: Facts) -> datetime:
    if facts.closed_at is None:
        raise AssertionError("only what has ended is counted by its end")
    return facts.closed_at


def _closed(facts: Facts) -> Iterator[Mark]:
    again = any(_goes_back(step) or step.action == "reopen" for step in facts.steps)
    flags = F.REPEAT if facts.repeats else NO
    flags |= F.TEMPLATE if facts.processed else NO
    if facts.state == "closed":
        flags |= F.RESOLVED | (F.ONE_TIME if not again and not facts.repeated else NO)
        flags |= {"solved": F.CLAIM_SOLVED, "partly_solved": F.CLAIM_PARTLY}.get(facts.outcome or "", NO)
    yield _mark(facts, B.CLOSED, _ending(facts), flags)


def _goes_back(step: Step) -> bool:
    """Sent back by review, or by the call-back."""
    return step.action == "return" or (step.action == "callback" and step.target == "in_progress")


def _results(facts: Facts) -> Iterator[Mark]:
    places = [at for at, step in enumerate(facts.steps) if step.action == "submit_result"]
    for nth, (place, following) in enumerate(zip(places, [*places, len(facts.steps)][1:], strict=True)):
        back = any(_goes_back(step) for step in facts.steps[place:following])
        yield _mark(facts, B.RESULT, _ending(facts), F.SENT_BACK if back else NO, nth=nth)


def _called(facts: Facts) -> Iterator[Mark]:
    """What the last call-back found, and each bad rating with whether it was put right."""
    closed = _ending(facts)
    calls = [step for step in facts.steps if step.action == "callback"]
    if facts.state != "closed" or not any(step.target == "callback" for step in facts.steps):
        return
    yield _mark(facts, B.CALLED, closed, _answer(calls[-1].answer, facts.outcome) if calls else F.UNREACHED)
    bad = [step for step in calls if str(step.answer.get("satisfied", "")) in ("1", "2")]
    for nth, step in enumerate(bad):
        yield _mark(facts, B.BAD, closed, F.IN_TIME if _mended(facts, step) else F.LATE, nth=nth)


def _answer(answer: Mapping[str, Any], outcome: str | None) -> Flag:
    result, solved = answer.get("result"), answer.get("solved")
    if result != "reached":
        return F.REFUSED if result == "refused" else F.UNREACHED
    flags = F.REACHED | (F.CONTACTED if answer.get("contacted") == "yes" else NO)
    if solved:
        partly = solved == "partly" or (solved == "yes" and outcome == "partly_solved")
        flags |= F.ANSWERED | (F.PARTLY if partly else F.SOLVED if solved == "yes" else NO)
    if satisfied := str(answer.get("satisfied", "")):
        flags |= F.RATED | (F.PLEASED if satisfied in ("3", "4", "5") else NO)
    return flags


def _mended(facts: Facts, step: Step) -> bool:
    run = next((run for run in facts.runs if run.clock == "resolve" and run.started_at == step.at), None)
    return run is not None and run.met is True


def _response(facts: Facts) -> Iterator[Mark]:
    if facts.contacted_at is None:
        return
    closed = _ending(facts)
    took = int((facts.contacted_at - facts.submitted_at).total_seconds() // 60)
    yield _mark(facts, B.RESPONSE, closed, NO, value=max(took, 0))
    if facts.working_minutes is not None:
        yield _mark(facts, B.RESPONSE_WORK, closed, NO, value=max(facts.working_minutes, 0))


def _money(facts: Facts) -> Iterator[Mark]:
    at = facts.submitted_at
    for grant in facts.grants:
        nth = 2 * grant.firm
        yield _mark(facts, B.GRANT, at, F.GRANTED, nth=nth, value=grant.fen, day=grant.day)
        if grant.confirmed:
            yield _mark(facts, B.GRANT, at, F.CONFIRMED, nth=nth + 1, value=grant.confirmed, day=grant.day)
    for receipt in facts.receipts:
        yield _mark(facts, B.RECEIPT, at, F.CONFIRMED, nth=receipt.key, value=receipt.fen, day=receipt.day)


def _id(value: object) -> int | None:
    return value if isinstance(value, int) else None
