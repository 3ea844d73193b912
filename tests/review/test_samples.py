"""Samples of closed cases: by chance, to be drawn again, judged by others; what is not in order goes to rework."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from casework.audit import queries as audit
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.clocks.queries import open_deadlines
from casework.kernel.db import db
from casework.kernel.errors import NotPermitted, Refused
from casework.kernel.time import local_day
from casework.review import rules, sampling
from casework.review.models import AuditSample, SampleItem
from casework.review.sampling import Draft
from tests.factories import NOW, Office, a_case, a_type, take
from tests.harness.statements import Statements
from tests.review.results import approve, simple

SignIn = Callable[..., Any]
Counter = Callable[[], AbstractContextManager[Statements]]
LATER = NOW + timedelta(days=3)


def closed(office: Office, count: int = 6, **changes: Any) -> list[Case]:
    return [a_case(office, State.CLOSED, **{"title": f"办结的事 {n}", **changes}) for n in range(count)]


def drawn(office: Office, size: int = 3, **changes: Any) -> AuditSample:
    values = {"area_id": office.areas["8801"].id, "from_on": date(2020, 3, 1), "to_on": date(2020, 3, 18), "size": size}
    draft = Draft(**{**values, **changes})  # type: ignore[arg-type]
    made = sampling.draw(draft=draft, actor=office.actor("regulator"), now=LATER)
    db.session.commit()
    return made


def items(office: Office, sample: AuditSample) -> list[tuple[SampleItem, Case]]:
    return [(item, case) for item, case, *_ in sampling.items_of(sample, office.actor("regulator"), "zh")]


def test_the_recorded_seed_draws_the_same_cases_again(office: Office) -> None:
    cases = closed(office, 12)
    a_case(office, State.CALLBACK)
    sample = drawn(office, 4)
    assert (sample.population, sample.size) == (12, 4)
    numbers = [case.number for case in cases]
    assert [case.number for _, case in items(office, sample)] == rules.draw(sample.seed, numbers, sample.size)
    assert sample.population_hash == rules.population_hash(numbers)
    again = drawn(office, 4, seed=sample.seed)
    assert [case.id for _, case in items(office, again)] == [case.id for _, case in items(office, sample)]


def test_only_the_closed_cases_of_the_authority_area_and_days_are_drawn_from(office: Office) -> None:
    closed(office, 2)
    a_type("logistics", reviewer="lead")
    closed(office, 1, kind="logistics", title="运输")
    assert drawn(office, 9).population == 2
    assert drawn(office, 9, area_id=office.areas["8801001"].id).size == 2
    with pytest.raises(Refused, match="No case was closed"):
        drawn(office, from_on=date(2020, 3, 17))
    with pytest.raises(NotPermitted):
        drawn(office, area_id=office.areas["8802"].id)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"from_on": date(2020, 3, 18), "to_on": date(2020, 3, 17)}, "before the first"),
        ({"to_on": date(2030, 1, 1)}, "today or an earlier"),
        ({"size": 0}, "from 1"),
        ({"size": 201}, "from 1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(office: Office, changes: dict[str, Any], said: str) -> None:
    closed(office, 1)
    with pytest.raises(Refused, match=said):
        drawn(office, **changes)


def test_what_is_not_in_order_goes_back_to_work_for_the_reason_given(office: Office) -> None:
    closed(office, 2)
    [(bad, case), (good, other)] = items(office, drawn(office, 2))
    regulator = office.actor("regulator")
    with pytest.raises(Refused, match="not in order"):
        sampling.judge(bad, case, "not_in_order", " ", actor=regulator, now=LATER)
    sampling.judge(bad, case, "not_in_order", "签收单与数量不符", actor=regulator, now=LATER)
    sampling.judge(good, other, "in_order", "", actor=regulator, now=LATER)
    db.session.commit()
    assert (case.state, other.state) == (State.IN_PROGRESS, State.CLOSED)
    assert [one.clock for one in open_deadlines(case.id)] == ["rework"]
    told = audit.timeline(case.id)
    assert [entry.data.get("action") or entry.verb for entry in told[:3]] == ["reopen", "SampleJudged", "CaseSampled"]
    with pytest.raises(Refused, match="judged already"):
        sampling.judge(good, other, "in_order", "", actor=regulator, now=LATER)


def test_nobody_judges_what_they_handled_or_reviewed_themselves(office: Office) -> None:
    [one, two] = closed(office, 2)
    found = {case.id: item for item, case in items(office, drawn(office, 2))}
    one.handled_by = [*one.handled_by, office.people["regulator"].id]
    with pytest.raises(Refused, match="handled this case"):
        sampling.judge(found[one.id], one, "in_order", "", actor=office.actor("regulator"), now=LATER)
    with pytest.raises(NotPermitted):
        sampling.judge(found[two.id], two, "in_order", "", actor=office.actor("lead"), now=LATER)
    [mine] = simple(office)
    approve(office, mine)
    take(office, mine, "callback")
    db.session.commit()
    sample = drawn(office, 3, to_on=local_day(LATER))
    found = {case.id: item for item, case in items(office, sample)}
    with pytest.raises(Refused, match="reviewed this case"):
        sampling.judge(found[mine.id], mine, "in_order", "", actor=office.actor("regulator"), now=LATER)


def test_a_sample_is_drawn_and_judged_on_its_page(office: Office, as_: SignIn) -> None:
    cases = closed(office, 3)
    regulator, where = as_("regulator"), str(office.areas["8801"].id)
    form = {"area_id": where, "type_id": "", "from_on": "2020-03-01", "to_on": "2020-03-18", "size": "3", "seed": "s"}
    assert "还没有抽查" in regulator.get("/reviews/samples").text
    assert regulator.post("/reviews/samples", data={**form, "size": ""}).status_code == 422
    answer = regulator.post("/reviews/samples", data=form)
    assert answer.status_code == 303
    page = regulator.get(answer.location).text
    assert all(case.title in page for case in cases)
    item = db.session.scalars(sa.select(SampleItem).order_by(SampleItem.position)).first()
    assert item is not None
    here = f"{answer.location}/{item.id}"
    refused = regulator.post(here, data={"version": str(item.version), "verdict": "not_in_order", "reason": ""})
    assert refused.status_code == 422
    done = regulator.post(here, data={"version": str(item.version), "verdict": "not_in_order", "reason": "缺签收"})
    assert done.status_code == 303
    assert "缺签收" in regulator.get(answer.location).text
    assert "1 件有问题" in regulator.get("/reviews/samples").text
    leader = as_("district_admin")
    assert leader.get(answer.location).status_code == 200
    assert leader.post("/reviews/samples", data=form).status_code == 404
    assert as_("desk_b").get(answer.location).status_code == 403


def test_the_pages_of_samples_cost_the_same_few_queries_for_many_cases(
    office: Office, as_: SignIn, query_count: Counter
) -> None:
    closed(office, 6)
    regulator = as_("regulator")

    def cost(path: str) -> int:
        regulator.get(path)
        with query_count() as sent:
            assert regulator.get(path).status_code == 200
        return len(sent)

    few = drawn(office, 2)
    costs = cost(f"/reviews/samples/{few.id}"), cost("/reviews/samples")
    many = drawn(office, 6)
    assert (cost(f"/reviews/samples/{many.id}"), cost("/reviews/samples")) == costs
    assert max(costs) <= 9


def test_the_district_sets_limits_of_its_own_area_and_each_change_is_logged(office: Office, as_: SignIn) -> None:
    admin, where = as_("district_admin"), str(office.areas["8801"].id)
    page = "/settings/countersigning"
    assert "还没有" in admin.get(page).text
    assert admin.post(page, data={"area_id": where, "amount": "很多"}).status_code == 422
    assert admin.post(page, data={"area_id": where, "amount": "50万"}).status_code == 303
    assert "500,000.00" in admin.get(page).text
    assert admin.post(page, data={"area_id": where, "amount": "", "op": "b"}).status_code == 303
    assert "500,000.00" not in admin.get(page).text
    verbs = [(entry.verb, entry.data.get("after")) for entry in audit.security_log().rows]
    assert verbs[:2] == [("CountersignLimitSet", None), ("CountersignLimitSet", 50_000_000)]
    assert as_("regulator").get(page).status_code == 403
