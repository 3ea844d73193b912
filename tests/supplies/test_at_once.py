"""Several at once, with real commits: of what is there once, one gets it and the other is told; nothing is lost."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from casework.kernel.db import db
from casework.roster.models import Unit
from casework.supplies import requests, stock, transfers
from casework.supplies.models import SupplyLine, SupplyMovement, SupplyStock, SupplyTransfer
from tests.factories import NOW
from tests.harness.threads import Job
from tests.negotiations.test_together import together
from tests.supplies.store import Store, a_line, a_stock, adds_up


def test_two_who_take_the_last_cannot_both_have_it(app: Flask, store: Store) -> None:
    kept, team = a_stock(store, 10).id, store.office.units["team"].id
    actors = [store.office.actor(name) for name in ("lead", "desk", "desk2", "district_admin")]

    def take(place: int) -> Job:
        return lambda: stock.give_out(
            db.session.get_one(Unit, team), db.session.get_one(SupplyStock, kept), 4, "值班室", "", actor=actors[place], now=NOW
        )  # fmt: skip

    assert together(app, [take(place) for place in range(4)]) == {"done": 2, "Refused": 2}
    assert db.session.get_one(SupplyStock, kept).quantity == 2
    assert adds_up(kept)


def test_two_deliveries_at_once_never_give_more_than_was_asked_for(app: Flask, store: Store) -> None:
    kept, line, team = a_stock(store, 100).id, a_line(store, 10).id, store.office.units["team"].id
    actors = [store.office.actor(name) for name in ("lead", "desk")]

    def hand_over(place: int) -> Job:
        return lambda: requests.deliver(
            db.session.get_one(SupplyLine, line),
            db.session.get_one(Unit, team),
            db.session.get_one(SupplyStock, kept),
            7,
            "何秀芝",
            "",
            actor=actors[place],
            now=NOW,
        )

    assert together(app, [hand_over(0), hand_over(1)]) == {"done": 1, "Refused": 1}
    assert db.session.get_one(SupplyLine, line).delivered == 7
    assert db.session.get_one(SupplyStock, kept).quantity == 93


def test_a_transfer_confirmed_and_recalled_at_once_ends_once(app: Flask, store: Store) -> None:
    kept, units = a_stock(store, 100), store.office.units
    sent = transfers.send(units["team"], kept, units["team2"], 40, "", actor=store.office.actor("lead"), now=NOW)
    transfer, sender, receiver = sent.id, store.office.actor("lead"), store.office.actor("lead2")
    jobs: list[Job] = [
        lambda: transfers.receive(db.session.get_one(SupplyTransfer, transfer), actor=receiver, now=NOW),
        lambda: transfers.recall(db.session.get_one(SupplyTransfer, transfer), "改送别处", actor=sender, now=NOW),
    ]
    ended = together(app, jobs)
    assert ended["done"] == 1
    assert ended["Refused"] + ended["Conflict"] == 1
    assert db.session.scalar(sa.select(sa.func.sum(SupplyStock.quantity))) == 100


def test_an_entry_taken_back_by_two_is_taken_back_once(app: Flask, store: Store) -> None:
    kept, team, lead = a_stock(store, 100), store.office.units["team"], store.office.actor("lead")
    wrong = stock.give_out(team, kept, 30, "值班室", "", actor=lead, now=NOW).id
    team_id, actors = team.id, [lead, store.office.actor("desk")]

    def back(place: int) -> Job:
        return lambda: requests.reverse(
            db.session.get_one(Unit, team_id),
            db.session.get_one(SupplyMovement, wrong),
            "记错了",
            actor=actors[place],
            now=NOW,
        )

    ended = together(app, [back(0), back(1)])
    assert ended["done"] == 1
    assert ended["Refused"] + ended["Conflict"] == 1
    assert adds_up(kept.id)


def test_two_counts_of_the_same_shelf_do_not_both_count(app: Flask, store: Store) -> None:
    kept, team = a_stock(store, 10).id, store.office.units["team"].id
    actors = [store.office.actor(name) for name in ("lead", "desk")]

    def tally(place: int) -> Job:
        return lambda: stock.count(
            db.session.get_one(Unit, team),
            db.session.get_one(SupplyStock, kept),
            8,
            "少两只",
            seen=10,
            actor=actors[place],
            now=NOW,
        )

    assert together(app, [tally(0), tally(1)]) == {"done": 1, "Conflict": 1}
    assert db.session.get_one(SupplyStock, kept).quantity == 8
