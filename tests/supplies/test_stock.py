"""What is in stock is the sum of its sealed ledger; nothing is given out that is not there or has expired."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import Conflict, NotPermitted, Refused
from casework.supplies import catalogue, demand, queries, requests, stock, transfers
from casework.supplies.catalogue import ItemDraft
from casework.supplies.models import SupplyStock, SupplyTransfer
from casework.supplies.stock import Delivery
from casework.supplies.words import Kind, Transfer
from tests.factories import NOW
from tests.supplies.store import TODAY, Store, a_line, a_stock, adds_up, entries, give


def test_what_comes_in_and_goes_out_adds_up(store: Store) -> None:
    kept, team, lead = a_stock(store, 100), store.office.units["team"], store.office.actor("lead")
    a_stock(store, 50)  # the same batch again
    stock.give_out(team, kept, 30, "值班室", "", actor=lead, now=NOW)
    stock.write_off(team, kept, 5, "受潮", actor=lead, now=NOW)
    stock.count(team, kept, 110, "少了五只", seen=115, actor=lead, now=NOW)
    assert kept.quantity == 110
    assert [(row.kind, row.quantity, row.balance) for row in entries(kept.id)] == [
        (Kind.IN, 100, 100),
        (Kind.IN, 50, 150),
        (Kind.OUT, -30, 120),
        (Kind.WRITE_OFF, -5, 115),
        (Kind.COUNT, -5, 110),
    ]
    assert adds_up(kept.id)


def test_no_more_than_there_is_goes_out(store: Store) -> None:
    kept, lead = a_stock(store, 10), store.office.actor("lead")
    for quantity in (11, 0, -3, None):
        with pytest.raises(Refused):
            stock.give_out(store.office.units["team"], kept, quantity, "值班室", "", actor=lead, now=NOW)
        with pytest.raises(Refused):
            stock.write_off(store.office.units["team"], kept, quantity, "坏了", actor=lead, now=NOW)
    assert kept.quantity == 10


def test_the_database_itself_keeps_a_stock_above_zero(store: Store) -> None:
    kept = a_stock(store, 10)
    with pytest.raises(sa.exc.IntegrityError, match="never_below_zero"):
        db.session.execute(sa.update(SupplyStock).where(SupplyStock.id == kept.id).values(quantity=-1))
    db.session.rollback()


def test_an_expired_batch_is_written_off_and_never_given_out(store: Store) -> None:
    kept, team, lead = a_stock(store, 10, expires_on=TODAY), store.office.units["team"], store.office.actor("lead")
    tomorrow = NOW + timedelta(days=1)
    for work in (
        lambda: stock.give_out(team, kept, 1, "值班室", "", actor=lead, now=tomorrow),
        lambda: transfers.send(team, kept, store.office.units["team2"], 1, "", actor=lead, now=tomorrow),
        lambda: give(store, a_line(store, 5), kept, 1, now=tomorrow),
    ):
        with pytest.raises(Refused, match="expired"):
            work()
    assert queries.batches_to_give(lead, store.items["口罩"].id, TODAY + timedelta(days=1)) == []
    stock.write_off(team, kept, 10, "过期", actor=lead, now=tomorrow)
    assert kept.quantity == 0


def test_a_batch_has_one_expiry_day(store: Store) -> None:
    a_stock(store, 10)
    with pytest.raises(Refused, match="on the books"):
        a_stock(store, 10, expires_on=TODAY + timedelta(days=3))
    a_stock(store, 10, batch="", expires_on=None)
    a_stock(store, 10, batch="", expires_on=TODAY + timedelta(days=3))  # nothing printed: the day tells them apart


def test_a_count_without_difference_is_proof_and_one_with_needs_its_reason(store: Store) -> None:
    kept, team, lead = a_stock(store, 10), store.office.units["team"], store.office.actor("lead")
    stock.count(team, kept, 10, "", seen=10, actor=lead, now=NOW)
    assert [(row.kind, row.quantity) for row in entries(kept.id)][-1] == (Kind.COUNT, 0)
    with pytest.raises(Refused, match="differs"):
        stock.count(team, kept, 9, " ", seen=10, actor=lead, now=NOW)


def test_a_count_against_older_books_is_told_so(store: Store) -> None:
    kept, team, lead = a_stock(store, 10), store.office.units["team"], store.office.actor("lead")
    stock.give_out(team, kept, 4, "值班室", "", actor=lead, now=NOW)
    with pytest.raises(Conflict):
        stock.count(team, kept, 9, "少一只", seen=10, actor=lead, now=NOW)
    assert kept.quantity == 6


def test_a_wrong_entry_is_taken_back_once_by_a_new_one(store: Store) -> None:
    kept, team, lead = a_stock(store, 100), store.office.units["team"], store.office.actor("lead")
    wrong = stock.give_out(team, kept, 30, "值班室", "", actor=lead, now=NOW)
    back = requests.reverse(team, wrong, "记错了", actor=lead, now=NOW)
    assert (back.kind, back.quantity, back.corrects_id, kept.quantity) == (Kind.REVERSAL, 30, wrong.id, 100)
    for again in (wrong, back):
        with pytest.raises(Refused):
            requests.reverse(team, again, "再来一次", actor=lead, now=NOW)
    assert adds_up(kept.id)


def test_what_was_used_meanwhile_is_not_taken_back_below_zero(store: Store) -> None:
    kept, team, lead = a_stock(store, 10), store.office.units["team"], store.office.actor("lead")
    stock.give_out(team, kept, 4, "值班室", "", actor=lead, now=NOW)
    with pytest.raises(Refused, match="there are"):
        requests.reverse(team, entries(kept.id)[0], "没有收到", actor=lead, now=NOW)
    assert kept.quantity == 6


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE supply_movements SET quantity = quantity + 1",
        "UPDATE supply_movements SET reason = 'x'",
        "DELETE FROM supply_movements",
    ],
)
def test_the_ledger_is_sealed(store: Store, statement: str) -> None:
    a_stock(store, 10)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        db.session.execute(sa.text(statement))
    db.session.rollback()


def test_the_ledger_cannot_be_replaced(store: Store, database_kind: str) -> None:
    a_stock(store, 10)
    replacing = "INSERT OR REPLACE INTO supply_movements SELECT * FROM supply_movements"
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        db.session.execute(sa.text(replacing if database_kind == "sqlite" else "TRUNCATE supply_movements CASCADE"))
    db.session.rollback()


# -- transfers


def sent(store: Store, kept: SupplyStock, quantity: int = 40) -> SupplyTransfer:
    found = transfers.send(
        store.office.units["team"], kept, store.office.units["team2"], quantity, "", actor=store.office.actor("lead"), now=NOW
    )  # fmt: skip
    db.session.commit()
    return found


def in_stock(store: Store, unit: str) -> int:
    query = sa.select(sa.func.coalesce(sa.func.sum(SupplyStock.quantity), 0))
    return int(db.session.scalar(query.where(SupplyStock.unit_id == store.office.units[unit].id)) or 0)


def test_a_transfer_leaves_at_once_and_arrives_when_it_is_confirmed(store: Store) -> None:
    transfer = sent(store, a_stock(store, 100))
    assert (in_stock(store, "team"), in_stock(store, "team2"), transfer.state) == (60, 0, Transfer.SENT)
    coming = queries.coming(store.office.actor("district_admin"), store.office.areas["8801"].id)
    assert coming == {(store.items["口罩"].id, store.office.units["team2"].id): 40}
    transfers.receive(transfer, actor=store.office.actor("lead2"), now=NOW)
    assert (in_stock(store, "team"), in_stock(store, "team2"), transfer.state) == (60, 40, Transfer.RECEIVED)
    there = db.session.scalars(
        sa.select(SupplyStock).where(SupplyStock.unit_id == store.office.units["team2"].id)
    ).one()
    assert (there.batch, there.expires_on) == ("A1", TODAY + timedelta(days=200))
    assert adds_up(there.id)


@pytest.mark.parametrize(("how", "who", "state"), [("refuse", "lead2", "refused"), ("recall", "lead", "recalled")])
def test_what_is_refused_or_recalled_is_the_senders_again(store: Store, how: str, who: str, state: str) -> None:
    kept = a_stock(store, 100)
    transfer, end = sent(store, kept), getattr(transfers, how)
    with pytest.raises(Refused):
        end(transfer, " ", actor=store.office.actor(who), now=NOW)
    end(transfer, "箱子破了", actor=store.office.actor(who), now=NOW)
    assert (in_stock(store, "team"), in_stock(store, "team2"), transfer.state) == (100, 0, state)
    with pytest.raises(Refused, match="ended already"):
        transfers.receive(transfer, actor=store.office.actor("lead2"), now=NOW)
    assert adds_up(kept.id)


def test_only_the_receiver_confirms_and_only_the_sender_recalls(store: Store) -> None:
    transfer = sent(store, a_stock(store, 100))
    with pytest.raises(NotPermitted):
        transfers.receive(transfer, actor=store.office.actor("lead"), now=NOW)
    with pytest.raises(NotPermitted):
        transfers.recall(transfer, "算了", actor=store.office.actor("lead2"), now=NOW)


def test_a_transfer_stays_in_the_district(store: Store) -> None:
    kept = a_stock(store, 100)
    for unit in ("desk-b", "team"):
        with pytest.raises(Refused, match="another unit"):
            transfers.send(
                store.office.units["team"], kept, store.office.units[unit], 1, "", actor=store.office.actor("lead"), now=NOW
            )  # fmt: skip


# -- who may


@pytest.mark.parametrize(
    ("who", "unit", "may"),
    [("lead", "team", True), ("lead", "team2", False), ("desk", "team2", True), ("district_admin", "team", True),
     ("officer", "team", False), ("regulator", "team", False), ("area_leader", "team", False), ("desk_b", "team", False)],
)  # fmt: skip
def test_who_keeps_a_stock(store: Store, who: str, unit: str, may: bool) -> None:
    what = Delivery(quantity=1, source="市物资组")

    def work() -> object:
        return stock.take_in(
            store.office.units[unit], store.items["酒精"], what, actor=store.office.actor(who), now=NOW
        )

    if may:
        work()
    else:
        with pytest.raises(NotPermitted):
            work()


@pytest.mark.parametrize(
    ("who", "seen"),
    [("officer", 1), ("lead", 1), ("officer3", 1), ("desk", 2), ("district_admin", 2), ("regulator", 2),
     ("area_leader", 1), ("desk_b", 0), ("helper", 0), ("sysadmin", 0), ("auditor", 0)],
)  # fmt: skip
def test_whose_stock_one_sees(store: Store, who: str, seen: int) -> None:
    a_stock(store, 10)
    a_stock(store, 10, unit="team2")
    actor = store.office.actor(who)
    assert len(queries.batches(actor, paging.FIRST, today=TODAY).rows) == seen
    assert len(queries.counts(actor, store.office.areas["8801"].id, TODAY)) == seen


# -- the catalogue


def test_an_item_keeps_its_measure_once_it_was_counted_in_it(store: Store) -> None:
    masks, admin, district = store.items["口罩"], store.office.actor("district_admin"), store.office.areas["8801"]
    draft = ItemDraft(name="医用口罩", measure="包", category="protection")
    catalogue.save_item(district, masks, draft, actor=admin, now=NOW)
    a_stock(store, 1)
    with pytest.raises(Refused, match="stays"):
        catalogue.save_item(district, masks, ItemDraft(name="医用口罩", measure="只", category="protection"), actor=admin, now=NOW)  # fmt: skip
    with pytest.raises(Refused, match="already"):
        catalogue.save_item(district, None, draft, actor=admin, now=NOW)
    with pytest.raises(NotPermitted):
        catalogue.save_item(district, None, draft, actor=store.office.actor("lead"), now=NOW)


def test_nothing_is_taken_in_of_what_is_out_of_use(store: Store) -> None:
    draft = ItemDraft(name="口罩", measure="只", category="protection", active=False)
    catalogue.save_item(
        store.office.areas["8801"], store.items["口罩"], draft, actor=store.office.actor("district_admin"), now=NOW
    )
    with pytest.raises(Refused, match="catalogue"):
        a_stock(store, 1)


def test_the_overview_counts_and_compares(store: Store) -> None:
    a_stock(store, 300)
    a_stock(store, 100, batch="B", expires_on=TODAY + timedelta(days=10))
    a_stock(store, 900, unit="team2")
    a_line(store, 1000)
    seen = demand.overview(store.office.actor("district_admin"), store.office.areas["8801"].id, TODAY)
    masks, team = store.items["口罩"].id, store.office.units["team"].id
    assert (seen.stock[masks].usable, seen.stock[masks].expiring, seen.needed[masks]) == (1300, 100, 1000)
    assert seen.short(masks) == 600  # enough in the district, yet not where it is needed
    assert [(one.unit_id, one.short, one.elsewhere) for one in seen.shortages] == [(team, 600, 900)]
    assert seen.low == [((masks, team), 400)]
