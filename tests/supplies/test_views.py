"""Supplies on pages: numbers lead to their rows, refusals keep what was typed, strangers find nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from casework.audit.models import Event
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.time import local_day, utcnow
from casework.supplies import stock, transfers
from casework.supplies.models import SupplyItem, SupplyLine, SupplyMovement, SupplyStock, SupplyTransfer
from tests.factories import a_case, signed_in
from tests.harness.statements import Statements
from tests.supplies.store import Store, a_line, a_stock

QueryCount = Callable[[], AbstractContextManager[Statements]]


def as_(client: FlaskClient, store: Store, name: str, locale: str = "en") -> FlaskClient:
    return signed_in(client, store.office.people[name], locale=locale)


def a_batch(store: Store, quantity: int, **changes: Any) -> SupplyStock:
    now = utcnow()
    return a_stock(store, quantity, now=now, expires_on=local_day(now) + timedelta(days=200), **changes)


def test_each_number_of_the_overview_leads_to_its_rows(client: FlaskClient, store: Store) -> None:
    now = utcnow()
    a_batch(store, 800, batch="不急着用")
    a_stock(store, 70, batch="近", expires_on=local_day(now) + timedelta(days=9), now=now)
    a_line(store, 2000, now=now)
    masks, district = store.items["口罩"].id, store.office.areas["8801"].id
    text = as_(client, store, "lead").get("/supplies").text
    at = f"district={district}&amp;item={masks}"
    for href, number in (
        (f"/supplies/stock?{at}", "870"),
        (f"/supplies/requests?{at}", "2,000"),
        (f"/supplies/requests?{at}", "1,130"),
        (f"/supplies/stock?{at}&amp;show=expiring", "70"),
    ):
        assert f'href="{href}"' in text
        assert f": {number}" in text
        assert client.get(href.replace("&amp;", "&")).status_code == 200
    rows = client.get(f"/supplies/stock?district={district}&item={masks}&show=expiring").text
    assert "近" in rows
    assert "不急着用" not in rows


def test_taking_in_writes_one_entry_however_often_it_is_sent(client: FlaskClient, store: Store) -> None:
    form = {"item_id": store.items["口罩"].id, "quantity": "1,200", "batch": "KZ-1", "source": "市物资组", "op": "one"}
    path = f"/supplies/{store.office.units['team'].id}/in"
    as_(client, store, "lead")
    assert client.post(path, data=form).status_code == 303
    assert client.post(path, data=form).status_code == 303
    [entry] = db.session.scalars(sa.select(SupplyMovement)).all()
    assert (entry.quantity, entry.party, entry.by_id) == (1200, "市物资组", store.office.people["lead"].id)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"quantity": "很多"}, "whole number"),
        ({"quantity": "99999999999999999999"}, "whole number"),
        ({"item_id": "999999"}, "one of the catalogue"),
        ({"item_id": ""}, "one of the catalogue"),
        ({"source": ""}, "where it comes from"),
        ({"batch": "长" * 41}, "Shorten"),
        ({"expires_on": "2019-01-01"}, "this day is past"),
    ],
)
def test_what_does_not_fit_is_said_and_what_was_typed_stays(
    client: FlaskClient, store: Store, changes: dict[str, str], said: str
) -> None:
    form = {"item_id": store.items["口罩"].id, "quantity": "12", "batch": "KZ\0-1", "source": "市物资组", **changes}
    response = as_(client, store, "lead").post(f"/supplies/{store.office.units['team'].id}/in", data=form)
    assert response.status_code == 422
    assert said in response.text
    assert changes.get("quantity", "12") in response.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SupplyMovement)) == 0


def test_a_batch_is_given_out_counted_and_written_off_from_its_row(client: FlaskClient, store: Store) -> None:
    kept = a_batch(store, 100)
    at = f"/supplies/stock/{kept.id}"
    as_(client, store, "lead")
    assert client.post(f"{at}/out", data={"quantity": "10", "party": "值班室"}).status_code == 303
    assert client.post(f"{at}/write-off", data={"quantity": "5", "reason": "受潮"}).status_code == 303
    assert client.post(f"{at}/count", data={"quantity": "84", "reason": "少一只", "seen": "85"}).status_code == 303
    assert db.session.get_one(SupplyStock, kept.id).quantity == 84
    stale = client.post(f"{at}/count", data={"quantity": "80", "reason": "少", "seen": "85"})
    assert stale.status_code == 409
    assert 'value="80"' in stale.text
    assert client.post(f"{at}/out", data={"quantity": "85", "party": "值班室"}).status_code == 422
    assert client.get(f"{at}/nothing").status_code == 404


def test_a_transfer_is_confirmed_by_the_other_side(client: FlaskClient, store: Store) -> None:
    kept, there = a_batch(store, 100), store.office.units["team2"]
    as_(client, store, "lead")
    form = {"quantity": "40", "to_unit": str(there.id)}
    assert client.post(f"/supplies/stock/{kept.id}/send", data=form).status_code == 303
    transfer = db.session.scalars(sa.select(SupplyTransfer)).one().id
    page = f"/supplies/transfers/{transfer}"
    assert 'value="receive"' not in client.get(page).text
    assert client.post(page, data={"do": "receive"}).status_code == 403
    as_(client, store, "lead2")
    assert f"/supplies/transfers/{transfer}" in client.get("/supplies/transfers").text
    assert client.post(page, data={"do": "nothing"}).status_code == 422
    assert client.post(page, data={"do": "refuse"}).status_code == 422
    assert client.post(page, data={"do": "receive"}).status_code == 303
    assert client.post(page, data={"do": "receive"}).status_code == 422
    assert "40" in client.get(f"/supplies/{there.id}").text


def test_an_entry_is_taken_back_from_the_ledger(client: FlaskClient, store: Store) -> None:
    kept, team = a_batch(store, 100), store.office.units["team"].id
    [entry] = db.session.scalars(sa.select(SupplyMovement.id)).all()
    path = f"/supplies/{team}/entries/{entry}/reverse"
    as_(client, store, "lead")
    assert client.get(path).status_code == 200
    assert client.post(path, data={"reason": " "}).status_code == 422
    assert client.post(path, data={"reason": "记错单位"}).status_code == 303
    assert db.session.get_one(SupplyStock, kept.id).quantity == 0
    assert "taken back" in client.get(f"/supplies/{team}").text
    assert client.get(f"/supplies/{store.office.units['team2'].id}/entries/{entry}/reverse").status_code == 404


def test_a_case_asks_and_is_delivered_in_parts(client: FlaskClient, store: Store) -> None:
    case = a_case(store.office, State.IN_PROGRESS, now=utcnow())
    kept, masks = a_batch(store, 1500), store.items["口罩"].id
    as_(client, store, "officer")
    path = f"/cases/{case.number}/supplies/new"
    assert path in client.get(f"/cases/{case.number}").text
    day = (local_day(utcnow()) + timedelta(days=2)).isoformat()
    bad = client.post(path, data={"item_0": masks, "quantity_0": "两千", "needed_on_0": day, "note_1": "酒精也要"})
    assert bad.status_code == 422
    assert "两千" in bad.text
    assert "酒精也要" in bad.text
    assert client.post(path, data={}).status_code == 422
    assert client.post(path, data={"item_0": masks, "quantity_0": "2,000", "needed_on_0": day}).status_code == 303
    line = db.session.scalars(sa.select(SupplyLine)).one().id
    at = f"/supplies/requests/{line}"
    assert client.post(at, data={"stock": kept.id, "quantity": "1", "receiver": "何秀芝"}).status_code == 403

    as_(client, store, "lead")
    assert at in client.get("/supplies/requests").text
    assert f'value="{kept.id}"' in client.get(at).text
    assert client.post(at, data={"stock": kept.id, "quantity": "1000", "receiver": ""}).status_code == 422
    assert client.post(at, data={"stock": "0", "quantity": "1000", "receiver": "何秀芝"}).status_code == 422
    assert client.post(at, data={"stock": kept.id, "quantity": "1000", "receiver": "何秀芝"}).status_code == 303
    shown = client.get(f"/cases/{case.number}").text
    assert "partly delivered" in shown
    assert "received by 何秀芝" in shown
    assert f'href="{at}"' in shown  # it blocks closing, with the way to it
    assert client.post(f"{at}/cancel", data={"reason": ""}).status_code == 422
    assert client.post(f"{at}/cancel", data={"reason": "够用了"}).status_code == 303


def test_the_board_shows_what_is_short_today(client: FlaskClient, store: Store) -> None:
    now = utcnow()
    a_line(store, 2000, now=now)
    a_batch(store, 3000, unit="team2")
    as_(client, store, "desk")
    text = client.get("/coverage").text
    assert "Supplies short" in text
    assert "others can spare 3,000" in text
    yesterday = local_day(now) - timedelta(days=1)
    assert "Supplies short" not in client.get(f"/coverage?day={yesterday.isoformat()}").text


@pytest.mark.parametrize("name", ["lead2", "officer3", "desk_b"])
def test_what_is_out_of_scope_is_not_found(client: FlaskClient, store: Store, name: str) -> None:
    kept, line, team = a_batch(store, 10), a_line(store, 5, now=utcnow()), store.office.units["team"].id
    entry = db.session.scalars(sa.select(SupplyMovement.id)).one()
    as_(client, store, name)
    reads = (f"/supplies/{team}", f"/supplies/{team}/ledger.xlsx", f"/supplies/requests/{line.id}")
    writes = (f"/supplies/{team}/in", f"/supplies/stock/{kept.id}/out", f"/supplies/{team}/entries/{entry}/reverse")
    for path in reads + (() if name == "officer3" else writes):
        assert client.get(path).status_code == 404, path
    huge = 10**30
    for path in (f"/supplies/{huge}", f"/supplies/stock?item={huge}", f"/supplies/requests?unit={huge}&after=x"):
        assert client.get(path).status_code in (200, 404), path


def test_the_catalogue_is_the_districts(client: FlaskClient, store: Store) -> None:
    district = store.office.areas["8801"].id
    as_(client, store, "district_admin")
    form = {
        "name": "额温枪",
        "measure": "把",
        "category": "measuring",
        "least": "",
        "active": "y",
        "district": district,
    }
    assert client.post("/supplies/items/new", data=form).status_code == 303
    item = db.session.scalars(sa.select(SupplyItem).where(SupplyItem.name == "额温枪")).one()
    edit = f"/supplies/items/{item.id}"
    assert client.get(f"{edit}?district={district}").status_code == 200
    assert client.post(edit, data={**form, "least": "很多", "version": "1"}).status_code == 422
    assert client.post(edit, data={**form, "least": "3", "version": "1"}).status_code == 303
    assert client.post(edit, data={**form, "least": "4", "version": "1"}).status_code == 409
    assert "额温枪" in client.get("/security").text or client.get("/security").status_code == 403


def test_the_ledger_goes_out_as_a_spreadsheet_and_that_is_noted(client: FlaskClient, store: Store) -> None:
    a_batch(store, 120)
    team = store.office.units["team"]
    response = as_(client, store, "lead").get(f"/supplies/{team.id}/ledger.xlsx")
    assert response.status_code == 200
    rows = CalamineWorkbook.from_filelike(BytesIO(response.data)).get_sheet_by_index(0).to_python()
    assert rows[0][:4] == ["Entry", "When", "Kind of entry", "Item"]
    assert rows[1][2:5] == ["Taken in", "口罩", "A1"]
    assert rows[1][6] == rows[1][7] == 120
    assert db.session.scalar(sa.select(sa.func.count()).where(Event.verb == "ListExported")) == 1


def test_pages_cost_no_more_with_more_rows(client: FlaskClient, store: Store, query_count: QueryCount) -> None:
    now, paths = utcnow(), [f"/supplies/{store.office.units['team'].id}"]
    paths += ["/supplies", "/supplies/stock", "/supplies/requests", "/supplies/transfers", "/coverage"]
    as_(client, store, "desk")

    def more(first: int) -> None:
        for number in range(first, first + 4):
            kept = a_stock(store, 50, batch=f"B{number}", expires_on=None, now=now)
            lead, units = store.office.actor("lead"), store.office.units
            stock.give_out(units["team"], kept, 1, "值班室", "", actor=lead, now=now)
            transfers.send(units["team"], kept, units["team2"], 1, "", actor=lead, now=now)
            a_line(store, 5, now=now)

    def costs() -> dict[str, int]:
        found = {}
        for path in paths:
            client.get(path)
            with query_count() as sent:
                client.get(path)
            found[path] = len(sent)
        return found

    more(0)
    before = costs()
    more(4)
    assert costs() == before
    assert max(before.values()) <= 24, before


def test_lists_go_on_where_the_page_ends(client: FlaskClient, store: Store) -> None:
    now, case = utcnow(), a_case(store.office, State.IN_PROGRESS, now=utcnow())
    for number in range(53):
        a_stock(store, 1, batch=f"B{number:02}", expires_on=local_day(now) + timedelta(days=9 + number % 3), now=now)
        a_line(store, 1, case=case, now=now, needed_on=local_day(now) + timedelta(days=number % 5))
    as_(client, store, "lead")
    for path, rows in (("/supplies/stock", 'role="row"'), ("/supplies/requests", 'role="row"')):
        first = client.get(path).text
        assert first.count(rows) == 51
        href = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
        assert client.get(href).text.count(rows) == 4
