"""Every write to a supervision order: issue it, and whatever follows by the table of its workflow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from casework import audit
from casework.areas import queries as areas
from casework.areas.models import Area
from casework.cases import service as cases
from casework.cases.models import Case
from casework.files.models import Attachment
from casework.kernel import numbers, search
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, Reason, Refused, because
from casework.kernel.permissions import REACH, TABLE, Actor, Scope, authorise, can
from casework.kernel.time import local
from casework.orders import notices, queries, rules, timing
from casework.orders.events import OrderMoved
from casework.orders.models import OrderCase, OrderCounter, OrderFile, OrderRound, Series, SupervisionOrder
from casework.orders.policy import ISSUE
from casework.orders.unit_events import UnitOrderMoved
from casework.orders.workflow import ACTIONS, OPEN, Action, State, action_named
from casework.roster.models import Unit


def issue_for_cases(
    case_ids: Sequence[int], draft: rules.Draft, *, actor: Actor, now: datetime
) -> list[SupervisionOrder]:
    """Issue an order to each unit that leads some of the cases, one for each of its domains.

    Raises:
        NotPermitted: a case is not the actor's to supervise.
        Refused: a word is missing, no case is ticked, one has ended or has no unit yet.
    """
    found = queries.cases_to_order(case_ids[: rules.MOST_CASES + 1], actor)
    reasons = rules.draft_faults(draft) + case_faults(found)
    if reasons:
        raise Refused(reasons)
    for case in found:
        authorise(actor, ISSUE, case)
    groups: dict[tuple[int, int | None, str], list[Case]] = {}
    for case in found:
        groups.setdefault((case.unit_id or 0, case.district_id, case.domain), []).append(case)
    return [
        _issue(db.session.get_one(Unit, unit_id), listed, domain, draft, actor, now)
        for (unit_id, _, domain), listed in groups.items()
    ]


def case_faults(found: Sequence[Case]) -> list[Reason]:
    """Why no order can be issued on these cases."""
    if not found:
        return [because(N_("Tick the cases that the order is about."), "cases")]
    if len(found) > rules.MOST_CASES:
        return [because(N_("An order covers at most %(most)s cases."), "cases", most=rules.MOST_CASES)]
    return [reason for case in found if (reason := case_fault(case))]


def case_fault(case: Case) -> Reason | None:
    """Why no order can be issued on a case."""
    if not case.is_open:
        return because(N_("%(number)s has ended: leave it out."), "cases", number=case.number)
    if case.unit_id is None:
        return because(N_("%(number)s is with no unit yet: dispatch it first."), "cases", number=case.number)
    return None


def issue_for_unit(unit: Unit, draft: rules.Draft, *, actor: Actor, now: datetime) -> SupervisionOrder:
    """Issue an order on the unit itself.

    Raises:
        NotPermitted: the unit is not the actor's to supervise.
        Refused: a word is missing.
    """
    if reasons := rules.draft_faults(draft):
        raise Refused(reasons)
    own = sorted({domain for duty in actor.duties if duty.role in queries.SUPERVISING for domain in duty.domains})
    domain = "general" if "general" in own or not own else own[0]
    return _issue(unit, [], domain, draft, actor, now)


def _order(
    unit: Unit, found: Sequence[Case], domain: str, draft: rules.Draft, actor: Actor, now: datetime
) -> SupervisionOrder:
    """An order as it begins, without number and issuing unit, not stored yet."""
    area = db.session.get_one(Area, unit.area_id)
    place = rules.shared_place(found) if found else {**areas.placed(area), "area_id": area.id}
    return SupervisionOrder(
        **place,
        title=draft.title,
        demands=draft.demands,
        basis=draft.basis,
        domain=domain,
        unit_id=unit.id,
        issued_by_id=actor.user_id,
        issued_at=now,
        state=State.ISSUED,
        is_open=True,
        case_count=len(found),
        round=1,
        handed_by=_handlers(found),
    )


def _issue(
    unit: Unit, found: Sequence[Case], domain: str, draft: rules.Draft, actor: Actor, now: datetime
) -> SupervisionOrder:
    order = _order(unit, found, domain, draft, actor, now)
    authorise(actor, ISSUE, order)
    order.issuer_unit_id = speaks_for(actor, order)
    if draft.delister:
        _list(order, draft.listed_why, draft.delister, actor, now)
    order.number = next_number(order, Series.ORDER, now)
    db.session.add(order)
    db.session.flush()  # the cases and the first round name it
    db.session.add_all(OrderCase(order_id=order.id, case_id=case.id) for case in found)
    search.put("order", order.id, 0, None, findable(order), new=True, place=order.district_id)
    timing.begin(order, found, days=draft.days or rules.PRESET_DAYS, now=now)
    db.session.flush()  # who is told is asked of the tables
    record(order, found, "issue", draft.demands, actor=actor, now=now)
    notices.tell(order, "issue", by=actor, now=now)
    return order


def findable(order: Any) -> str:
    """The words by which an order is found: they are fixed once it is issued."""
    return f"{order.number} {order.title}\n{order.demands}\n{order.basis}"


def speaks_for(actor: Actor, order: SupervisionOrder) -> int:
    """The unit for which a person supervises: of the first duty that reaches the order."""
    grants = TABLE[ISSUE].grants
    return next(
        duty.unit_id
        for duty in actor.duties
        if any(REACH[Scope(scope)](actor, duty, order) for scope in grants.get(duty.role, ()))
    )


def next_number(order: SupervisionOrder, series: Series, now: datetime) -> str:
    """The next number of the district in this year, as it is written."""
    district_id, year = order.district_id or order.city_id or order.area_id, local(now).year
    last = numbers.next_number(OrderCounter, district_id=district_id, series=series.value, year=year)
    return rules.number(db.session.get_one(Area, district_id).name, series, year, last)


def act(
    order: SupervisionOrder,
    name: str,
    answer: rules.Answer,
    *,
    actor: Actor,
    now: datetime,
    files: Sequence[Attachment] = (),
) -> None:
    """Take an act of the workflow.

    Raises:
        NotFound: there is no such act.
        NotPermitted: it is not the actor's.
        Refused: the order does not stand so, something stands in the way, or a word is missing.
    """
    action = action_named(name)
    if action is None:
        raise NotFound(name)
    hold(order)
    authorise(actor, action.permission, order)
    reasons = rules.hindrances(action, queries.facts(order)) or rules.answer_faults(action, answer)
    if reasons:
        raise Refused(reasons)
    found = queries.all_cases_of(order.id)
    present = queries.rounds_of(order.id)[0]
    _DOES[name](order, Taken(present, found, answer, actor, now))
    if action.target is not None:
        order.state, order.is_open = action.target, action.target in OPEN
    db.session.add_all(OrderFile(round_id=present.id, attachment_id=file.id) for file in files)
    db.session.flush()  # a stale row must refuse before the fact is written
    record(order, found, name, answer.text, actor=actor, now=now, files=files)
    notices.tell(order, name, by=actor, now=now)


@dataclass(frozen=True, slots=True)
class Taken:
    """An act under way: in which round, on which cases, with what answer, by whom and when."""

    present: OrderRound
    found: Sequence[Case]
    answer: rules.Answer
    actor: Actor
    now: datetime


def hold(order: SupervisionOrder) -> None:
    """Let one writer at a time carry an order on, and see what is true now."""
    db.session.refresh(order, with_for_update=True)


def _receive(order: SupervisionOrder, taken: Taken) -> None:
    order.received_at, order.received_by_id = taken.now, taken.actor.user_id
    order.handed_by = sorted({*_handlers(taken.found), *order.handed_by, taken.actor.user_id})


def _report(order: SupervisionOrder, taken: Taken) -> None:
    present = taken.present
    present.reply, present.replied_at, present.replied_by_id = taken.answer.text, taken.now, taken.actor.user_id
    order.handed_by = sorted({*_handlers(taken.found), *order.handed_by, taken.actor.user_id})
    timing.end(order, taken.found, present, judged=True, now=taken.now)


def _verify(order: SupervisionOrder, taken: Taken) -> None:
    _judge(taken, "verified")


def _return(order: SupervisionOrder, taken: Taken) -> None:
    _judge(taken, "returned")
    order.round += 1
    timing.begin(order, taken.found, days=taken.answer.days or rules.AGAIN_DAYS, now=taken.now)


def _judge(taken: Taken, verdict: str) -> None:
    present = taken.present
    present.verdict, present.verdict_text = verdict, taken.answer.text
    present.verdict_at, present.verdict_by_id = taken.now, taken.actor.user_id


def _end(order: SupervisionOrder, taken: Taken) -> None:
    order.ended_at, order.ended_by_id, order.ended_text = taken.now, taken.actor.user_id, taken.answer.text
    if taken.present.done_at is None:
        timing.end(order, taken.found, taken.present, judged=False, now=taken.now)


def _put_on_list(order: SupervisionOrder, taken: Taken) -> None:
    _list(order, taken.answer.text, taken.answer.delister or 0, taken.actor, taken.now)


def _list(order: SupervisionOrder, why: str, unit_id: int, actor: Actor, now: datetime) -> None:
    able = dict(queries.who_may_delist(order.area_ids, order.domain, now))
    if unit_id not in able or unit_id == order.unit_id:
        said = N_("Who takes it off the list: pick a unit that supervises this domain here.")
        raise Refused(because(said, "delister"))
    order.listed_at, order.listed_by_id, order.listed_why = now, actor.user_id, why
    order.delister_unit_id = unit_id
    order.delisted_at, order.delisted_by_id, order.delisted_why = None, None, ""


def _take_off_list(order: SupervisionOrder, taken: Taken) -> None:
    order.delisted_at, order.delisted_by_id, order.delisted_why = taken.now, taken.actor.user_id, taken.answer.text


_DOES = {
    "receive": _receive,
    "report": _report,
    "verify": _verify,
    "return": _return,
    "write_off": _end,
    "withdraw": _end,
    "list": _put_on_list,
    "delist": _take_off_list,
}


def _handlers(found: Sequence[Case]) -> list[int]:
    """Everybody whose work the order looks at."""
    return sorted({user_id for case in found for user_id in (case.handled_by or ())})


def record(
    order: SupervisionOrder,
    found: Sequence[Case],
    name: str,
    text: str,
    *,
    actor: Actor,
    now: datetime,
    files: Sequence[Attachment] = (),
) -> None:
    """Write the act into the chain of each case, of the office when there is none."""
    unit = db.session.get_one(Unit, order.unit_id)
    listed = [{"id": file.id, "name": file.name, "sha256": file.sha256} for file in files]
    said = (order.id, order.number, name, unit.name, order.round, text, order.due_at, order.case_count, listed)
    if not found:
        audit.record(UnitOrderMoved(*said), by=actor, at=now)
    audit.record_each([(OrderMoved(*said), case.id) for case in found], by=actor, at=now)
    for case in found:
        cases.touch(case, "order", now)


def offered(order: SupervisionOrder, actor: Actor) -> list[Action]:
    """The acts that are the actor's now, as the table has them in order."""
    facts = queries.facts(order)
    return [action for action in ACTIONS if rules.is_offered(action, facts) and can(actor, action.permission, order)]
