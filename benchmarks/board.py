"""What the board costs: `python -m benchmarks.board [--cases N] [--database URL]`.

Seeded cases with agreements, receipts, processes and requests beside them, in process, on a fresh database; cold is
every figure counted anew, warm is what half a minute keeps. ``--plans`` prints how each query is answered.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_migrate import upgrade

from benchmarks.coverage import insert
from casework import create_app
from casework.board import queries
from casework.board.figures import count
from casework.cases.models import Beneficiary, Case
from casework.config import ROOT, Settings
from casework.kernel import keep
from casework.kernel.db import db
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day, utcnow
from casework.negotiations.models import Agreement, Counterparty, Negotiation, Receipt
from casework.processes.models import ProcessRun, ProcessTemplate, TemplateVersion
from casework.roster.queries import actor_for
from casework.seeding import seed
from casework.supplies.models import SupplyItem, SupplyLine
from tests.factories import Office, an_office, signed_in
from tests.harness.client import InspectingClient
from tests.harness.statements import counted

AGREED, FIRMS, RUNS, LINES, ROUNDS = 2_000, 15, 10_000, 2_000, 9
READERS = ("district_admin", "area_leader", "regulator", "lead")


def timed(name: str, work: Callable[[], object], bar: str, rounds: int = ROUNDS) -> None:
    """Print the median and the worst of some rounds, and the median of the CPU that this process took."""
    took, spent = [], []
    for _ in range(rounds):
        db.session.rollback()
        start, cpu = time.perf_counter(), time.process_time()
        work()
        took.append((time.perf_counter() - start) * 1000)
        spent.append((time.process_time() - cpu) * 1000)
    middle = rounds // 2
    print(
        f"{name:<30}{sorted(took)[middle]:8.1f} ms, worst {max(took):8.1f} ms, CPU {sorted(spent)[middle]:8.1f} ms, bar {bar}",
        flush=True,
    )


def main() -> None:
    """Seed, then measure each reader's board."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", default="")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--plans", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{Path(folder) / 'board.db'}"
        app = create_app(Settings(database_url=url, secret_key="x" * 40, storage=folder, testing=True))
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            office = an_office()
            seed(given.cases, now=utcnow())
            db.session.add_all([*office.people.values(), *office.areas.values()])  # seeding let go of them
            fill(office)
            measure(app, office, plans=given.plans)


def fill(office: Office) -> None:
    """Agreements with their receipts, processes of which one in twenty is under way, and requests for supplies."""
    rng, now = random.Random(5), utcnow()
    today, person = local_day(now), office.people["officer"].id
    district = office.areas["8801"].id
    cases = list(db.session.scalars(sa.select(Case.id).where(Case.district_id == district)))
    party = Counterparty(district_id=district, name="房东", name_key="房东", kind="owner", added_at=now)
    db.session.add(party)
    db.session.flush()
    talks = {"counterparty_id": party.id, "opened_at": now, "opened_by_id": person, "rounds": 0}
    insert(Negotiation, [{**talks, "id": n} for n in range(1, AGREED + 1)])
    agreed = {"total_fen": 61_234_567, "method": "waive", "terms": "", "agreed_on": today, "made_by_id": person}
    agreed |= {"made_at": now, "version": 1, "ours_at": now, "theirs_at": now}
    chosen = rng.sample(cases, AGREED)
    insert(
        Agreement,
        [
            {**agreed, "id": n, "negotiation_id": n, "case_id": case, "state": rng.choice(("proposed", "confirmed"))}
            for n, case in enumerate(chosen, 1)
        ],
    )
    insert(
        Beneficiary,
        [
            {"case_id": case, "name": f"商户{n}", "status": "settled", "added_at": now, "version": 1}
            for case in chosen
            for n in range(FIRMS)
        ],
    )
    firms = db.session.execute(sa.select(Beneficiary.id, Beneficiary.case_id)).all()
    of_case = {case: n for n, case in enumerate(chosen, 1)}
    got = {"kind": "received", "amount_fen": 4_000_000, "received_on": today, "files": [], "at": now}
    insert(
        Receipt, [{**got, "agreement_id": of_case[case], "beneficiary_id": key, "case_id": case} for key, case in firms]
    )
    processes(office, rng, cases)
    item = SupplyItem(district_id=district, name="医用口罩", measure="只", category="protection", least=None)
    db.session.add(item)
    db.session.flush()
    line = {"item_id": item.id, "quantity": 500, "delivered": 0, "needed_on": today, "is_open": True}
    line |= {"added_by_id": person, "added_at": now, "version": 1}
    open_ = list(db.session.scalars(sa.select(Case.id).where(Case.district_id == district, Case.is_open.is_(True))))
    insert(SupplyLine, [{**line, "case_id": case} for case in rng.sample(open_, min(LINES, len(open_)))])
    db.session.execute(sa.text("ANALYZE"))
    db.session.commit()


def processes(office: Office, rng: random.Random, cases: list[int]) -> None:
    """Ten templates, a thousand runs of each."""
    now, person = utcnow(), office.people["officer"].id
    area = office.areas["8801"]
    for n in range(10):
        template = ProcessTemplate(
            code=f"p{n}", zh=f"流程{n}", serves=[], author_id=person, made_at=now,
            area_id=area.id, city_id=area.city_id, district_id=area.id,
        )  # fmt: skip
        db.session.add(template)
        db.session.flush()
        version = TemplateVersion(template_id=template.id, no=1, **version_words(person, now))
        db.session.add(version)
        db.session.flush()
        run = {"template_id": template.id, "version_id": version.id, "started_by_id": person, "started_at": now}
        under_way = {"state": "running", "ended_at": None, "version": 1}
        over = {"state": "done", "ended_at": now + timedelta(hours=1), "version": 1}
        rows = [
            {**run, "case_id": rng.choice(cases), **(under_way if rng.random() < 0.05 else over)}
            for _ in range(RUNS // 10)
        ]
        insert(ProcessRun, rows)


def version_words(person: int, now: Any) -> dict[str, Any]:
    """What a version must hold."""
    return {"definition": {}, "state": "draft", "author_id": person, "editor_ids": [], "made_at": now, "saved_at": now}


def measure(app: Any, office: Office, *, plans: bool) -> None:
    """The figures of each reader, counted and kept, and the whole page."""
    total = db.session.scalar(sa.select(sa.func.count()).select_from(Case))
    print(f"{db.engine.dialect.name}: {total:,} cases, {AGREED * FIRMS:,} receipts, {RUNS:,} processes")
    day = local_day(utcnow())
    for name in READERS:
        actor = actor_for(office.people[name].id, day)
        assert actor is not None
        area = queries.places(actor)[0]
        timed(f"{name}: figures", lambda actor=actor, area=area: count(actor, area, now=utcnow()), "300 ms")
        if plans:
            explain(name, actor, area.id)
    app.test_client_class = InspectingClient
    for name in READERS:
        client = signed_in(app.test_client(), office.people[name])
        client.inspects = False

        def cold(client: Any = client) -> None:
            keep.forget()
            client.get("/board")

        timed(f"{name}: cold page", cold, "300 ms")
        timed(f"{name}: warm page", lambda client=client: client.get("/board"), "30 ms", 30)


def explain(name: str, actor: Actor, area_id: int) -> None:
    """What takes longest, and how the database answers it."""
    from casework.areas.models import Area

    area, spent = db.session.get_one(Area, area_id), []

    def began(*_: Any) -> None:
        spent.append(time.perf_counter())

    times: list[tuple[float, str, Any]] = []

    def ended(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        times.append((time.perf_counter() - spent.pop(), statement, parameters))

    sa.event.listen(sa.Engine, "before_cursor_execute", began)
    sa.event.listen(sa.Engine, "after_cursor_execute", ended)
    with counted() as sent:
        count(actor, area, now=utcnow())
    sa.event.remove(sa.Engine, "before_cursor_execute", began)
    sa.event.remove(sa.Engine, "after_cursor_execute", ended)
    print(f"  {name}: {len(sent)} statements, {sum(one for one, *_ in times) * 1000:.0f} ms")
    lead = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN (ANALYZE, COSTS OFF, SUMMARY OFF) "
    for took, statement, parameters in sorted(times, key=lambda one: -one[0])[:6]:
        print(f"  -- {took * 1000:.1f} ms: {' '.join(statement.split())[:150]}")
        for line in db.session.connection().exec_driver_sql(lead + statement, parameters):
            print("     ", line[-1])


if __name__ == "__main__":
    main()
