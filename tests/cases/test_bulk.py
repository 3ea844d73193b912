"""Many cases at once come out as they would one by one: in the tables, on the chains, in the index and for the figures."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from casework.audit import queries as audit
from casework.audit.models import Event, EventPayload
from casework.cases import bulk, service
from casework.cases.bulk import Dated, NewCase
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.clocks.models import Deadline
from casework.kernel.db import db
from casework.kernel.models import SearchDoc
from casework.kpis.models import KpiWaiting
from tests import factories
from tests.factories import NOW, Office

OWN = {"id", "number", "code", "case_id", "ref_id", "event_id", "origin", "external_ref"}
"""What tells two cases apart that were told alike."""


@pytest.fixture
def office(app) -> Office:
    return factories.an_office()


def rows(model: Any, case: Case, *conditions: Any) -> list[dict[str, Any]]:
    """Rows of a case, without what is each one's own."""
    listed = db.session.execute(sa.select(model.__table__).where(*conditions).order_by(model.__table__.c[0])).mappings()
    return [
        {
            name: value.replace(case.number.replace("-", " "), "N") if isinstance(value, str) else value
            for name, value in row.items()
            if name not in OWN
        }
        for row in listed
    ]


def everything(case: Case) -> dict[str, Any]:
    """All that the database holds of a case."""
    said = sa.select(Event.actor_id, Event.verb, Event.kind, Event.at, Event.channel, EventPayload.payload)
    story = db.session.execute(
        said.join(EventPayload, EventPayload.event_id == Event.id).where(Event.case_id == case.id).order_by(Event.seq)
    )
    own = {"number", "origin", "ref"}
    return {
        "case": rows(Case, case, Case.id == case.id),
        "clocks": rows(Deadline, case, Deadline.case_id == case.id),
        "story": [(*row[:5], {name: value for name, value in row.payload.items() if name not in own}) for row in story],
        "texts": rows(SearchDoc, case, SearchDoc.case_id == case.id),
        "waiting": rows(KpiWaiting, case, KpiWaiting.case_id == case.id),
    }


def test_cases_that_come_in_together_are_as_they_would_be_one_by_one(office: Office) -> None:
    desk = office.actor("desk")
    drafts = [
        factories.a_draft(office, kind="rent", contact_phone="13800001234", title="请求减租", place="某路1号"),
        factories.a_draft(office, urgent=True),
        factories.a_draft(office, area="8801", kind="rent"),
    ]
    note = Dated("已减免", "留言板", NOW)
    alone = [
        service.submit(draft=draft, actor=desk, now=NOW, origin="one", external_ref=str(at))
        for at, draft in enumerate(drafts)
    ]
    service.add_note(alone[0], note.text, actor=None, now=NOW, imported_from=note.imported_from, written_at=NOW)
    wanted = [
        NewCase(draft=draft, origin="all", external_ref=str(at), notes=() if at else (note,))
        for at, draft in enumerate(drafts)
    ]
    made = bulk.submit_all(wanted, actor=desk, now=NOW)
    db.session.expire_all()
    together = [db.session.get_one(Case, one.id) for one in made]
    assert [case.number for case in together] == [one.number for one in made]
    assert len({case.number for case in (*alone, *together)}) == 6
    for one, other in zip(alone, together, strict=True):
        assert everything(one) == everything(other)
    assert audit.verify().ok


def test_cases_that_are_taken_back_together_end_as_those_that_are_withdrawn_one_by_one(office: Office) -> None:
    one, *others = (factories.a_case(office) for _ in range(3))
    desk, reason = office.actor("desk"), "导错了表"
    service.take(one, "withdraw", {"reason": reason}, actor=desk, now=NOW)
    taken = [service.taking_back(case, reason, actor=desk, now=NOW) for case in others]
    assert {case.state for case in others} == {State.SUBMITTED}
    service.take_back(taken, actor=desk, now=NOW)
    assert {case.state for case in others} == {State.WITHDRAWN}
    for case in others:
        assert everything(case) == everything(one)
    assert audit.verify().ok
