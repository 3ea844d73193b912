"""A case asks for supplies; they are delivered in parts, block closing until then, and stand on its story."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casework.audit.queries import timeline, verify
from casework.cases import story
from casework.cases.queries import BLOCKERS, blocking
from casework.cases.workflow import State
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import NotFound, NotPermitted, Refused
from casework.supplies import blockers, demand, queries, requests
from casework.supplies.requests import LineDraft
from casework.supplies.words import Standing
from tests.factories import NOW, a_case, take
from tests.supplies.store import TODAY, Store, a_line, a_stock, adds_up, give


def test_a_line_is_delivered_in_parts(store: Store) -> None:
    kept, line = a_stock(store, 5000), a_line(store, 2000)
    assert line.standing is Standing.OPEN
    give(store, line, kept, 800)
    assert (line.standing, line.left, kept.quantity) == (Standing.PARTLY, 1200, 4200)
    with pytest.raises(Refused, match="still to be delivered"):
        give(store, line, kept, 1201)
    give(store, line, kept, 1200)
    assert (line.standing, line.is_open, kept.quantity) == (Standing.FULFILLED, False, 3000)
    with pytest.raises(Refused, match="has ended"):
        give(store, line, kept, 1)
    assert [one.movement.party for one in demand.deliveries_of([line.id])[line.id]] == ["何秀芝", "何秀芝"]
    assert adds_up(kept.id)


def test_the_first_to_expire_of_the_own_stock_is_offered_first(store: Store) -> None:
    team, far, near = store.office.units["team"].id, TODAY + timedelta(days=90), TODAY + timedelta(days=9)
    a_stock(store, 5, batch="别组", unit="team2", expires_on=TODAY)
    for batch, expires_on in (("长期", None), ("远", far), ("近", near)):
        a_stock(store, 5, batch=batch, expires_on=expires_on)
    offered = queries.batches_to_give(store.office.actor("desk"), store.items["口罩"].id, TODAY, first=team)
    assert [one.stock.batch for one in offered] == ["近", "远", "长期", "别组"]
    own = queries.batches_to_give(store.office.actor("lead"), store.items["口罩"].id, near + timedelta(days=1))
    assert [one.stock.batch for one in own] == ["远", "长期"]


def test_who_received_it_is_always_noted(store: Store) -> None:
    kept, line = a_stock(store, 10), a_line(store, 5)
    with pytest.raises(Refused, match="of the firm"):
        requests.deliver(line, store.office.units["team"], kept, 5, "  ", "", actor=store.office.actor("lead"), now=NOW)
    assert (line.delivered, kept.quantity) == (0, 10)


def test_a_batch_of_another_item_does_not_fulfil_it(store: Store) -> None:
    with pytest.raises(Refused, match="batch"):
        give(store, a_line(store, 5), a_stock(store, 10, item="酒精"), 5)


def test_a_delivery_that_was_wrong_is_to_be_delivered_again(store: Store) -> None:
    kept, line = a_stock(store, 10), a_line(store, 10)
    movement = give(store, line, kept, 10)
    requests.reverse(store.office.units["team"], movement, "送错了企业", actor=store.office.actor("lead"), now=NOW)
    assert (line.standing, line.left, kept.quantity) == (Standing.OPEN, 10, 10)
    assert [one.reversed for one in demand.deliveries_of([line.id])[line.id]] == [True]


def test_what_is_cancelled_keeps_what_was_delivered(store: Store) -> None:
    kept, line = a_stock(store, 10), a_line(store, 10)
    give(store, line, kept, 4)
    with pytest.raises(Refused):
        requests.cancel(line, "", actor=store.office.actor("officer"), now=NOW)
    requests.cancel(line, "企业自己买到了", actor=store.office.actor("officer"), now=NOW)
    assert (line.standing, line.delivered, line.left) == (Standing.CANCELLED, 4, 0)
    with pytest.raises(Refused, match="has ended"):
        requests.cancel(line, "再取消", actor=store.office.actor("officer"), now=NOW)


@pytest.mark.parametrize(
    ("who", "may"),
    [("officer", True), ("lead", True), ("desk", True), ("officer2", False), ("officer3", False),
     ("regulator", False), ("district_admin", False), ("helper", False)],
)  # fmt: skip
def test_who_asks_on_a_case(store: Store, who: str, may: bool) -> None:
    case = a_case(store.office, State.IN_PROGRESS)
    draft = LineDraft(item=store.items["口罩"], quantity=1, needed_on=TODAY)
    if may:
        requests.request(case, [draft], actor=store.office.actor(who), now=NOW)
    else:
        with pytest.raises(NotPermitted):
            requests.request(case, [draft], actor=store.office.actor(who), now=NOW)


def test_nothing_is_asked_for_or_delivered_on_a_closed_case(store: Store) -> None:
    kept, line = a_stock(store, 10), a_line(store, 5)
    case = demand.visible_line(line.id, to=store.office.actor("officer")).case
    take(store.office, case, "withdraw")
    db.session.commit()
    with pytest.raises(Refused, match="case has ended"):
        give(store, line, kept, 5)
    draft = LineDraft(item=store.items["口罩"], quantity=1, needed_on=TODAY)
    with pytest.raises(NotPermitted):
        requests.request(case, [draft], actor=store.office.actor("officer"), now=NOW)
    seen = demand.overview(store.office.actor("desk"), store.office.areas["8801"].id, TODAY)
    assert (seen.needed, seen.shortages) == ({}, [])  # what a withdrawn case asked for is no demand


def test_a_line_names_its_faults_at_its_own_row(store: Store) -> None:
    drafts = [
        LineDraft(item=store.items["口罩"], quantity=5, needed_on=TODAY, place=0),
        LineDraft(item=None, quantity=0, needed_on=TODAY - timedelta(days=1), note="长" * 201, place=3),
    ]
    with pytest.raises(Refused) as refused:
        requests.request(a_case(store.office, State.IN_PROGRESS), drafts, actor=store.office.actor("officer"), now=NOW)
    assert {reason.field for reason in refused.value.reasons} == {"item_3", "quantity_3", "needed_on_3", "note_3"}


def test_open_lines_block_closing_and_lead_to_where_they_are_delivered(store: Store) -> None:
    kept, line = a_stock(store, 10), a_line(store, 5)
    case = demand.visible_line(line.id, to=store.office.actor("officer")).case
    [item] = blockers.blocking(case)
    assert (item.href, item.detail) == (f"/supplies/requests/{line.id}", "5 只")
    assert blockers.blocking in BLOCKERS
    assert item.title in [one.title for one in blocking(case)]
    take(store.office, case, "contact")
    take(store.office, case, "evidence")
    with pytest.raises(Refused):
        take(store.office, case, "submit_result")
    give(store, line, kept, 5)
    assert blockers.blocking(case) == []
    take(store.office, case, "submit_result")


def test_the_story_tells_it_and_its_chain_holds(store: Store) -> None:
    kept, line = a_stock(store, 10), a_line(store, 10)
    movement = give(store, line, kept, 4)
    requests.reverse(store.office.units["team"], movement, "数错了", actor=store.office.actor("lead"), now=NOW)
    requests.cancel(line, "不用了", actor=store.office.actor("officer"), now=NOW)
    db.session.commit()
    told = [
        (one.what.text.split(" %(")[0], one.quote) for one in story.tell(timeline(line.case_id, kind="supplies"), {})
    ]
    assert told == [
        ("cancelled the request for", "不用了"),
        ("took the delivery of", "数错了"),
        ("delivered", ""),
        ("asked for supplies:", ""),
    ]
    assert verify().ok


def test_what_waits_is_listed_by_when_it_is_needed(store: Store) -> None:
    days = (5, 1, 3)
    lines = [a_line(store, 1, needed_on=TODAY + timedelta(days=day)) for day in days]
    district = store.office.areas["8801"].id
    found = demand.open_lines(store.office.actor("lead"), paging.FIRST, district_id=district)
    assert [row.line.id for row in found.rows] == [lines[1].id, lines[2].id, lines[0].id]
    elsewhere = demand.open_lines(store.office.actor("lead2"), paging.FIRST, district_id=district)
    assert elsewhere.rows == []
    with pytest.raises(NotFound):
        demand.visible_line(lines[0].id, to=store.office.actor("lead2"))
