"""``python -m benchmarks.negotiation``: a case with 200 rounds and 2,000 firms, and a sum shared by 5,000.

On the real server with two workers, as ``make bench``. CPU is that of the web workers and the database's processes.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from benchmarks.__main__ import HEAD, Bench, row, seeded, tidy
from benchmarks.client import Answer, Person, key
from casework.cases import joint, service, types
from casework.cases.models import Case
from casework.cases.workflow import Source
from casework.kernel.db import db, transaction
from casework.negotiations import agreements, talks
from casework.negotiations.models import Agreement, Negotiation
from casework.negotiations.rounds import log_round
from casework.negotiations.rules import AgreementDraft, PositionDraft, RoundDraft
from casework.negotiations.talks import PartyDraft
from casework.negotiations.words import Basis, CounterpartyKind, Method, PositionKind, Side, Stance, Way
from casework.roster.queries import actor_for

ROUNDS, FIRMS, MANY = 200, 2_000, 5_000


def actor(username: str) -> Any:
    """One of the demo's people."""
    user_id = db.session.scalar(sa.text("SELECT id FROM users WHERE username = :name"), {"name": username})
    return actor_for(user_id, datetime.now(UTC).date())


def large_case(firms: int, rounds: int) -> tuple[str, int, int]:
    """A case in the officer's hands with so many firms and rounds; its number, and the ids of talks and agreement."""
    now = datetime.now(UTC) - timedelta(days=rounds + 2)
    desk, officer = actor("desk"), actor("officer")
    area = db.session.scalar(sa.text("SELECT id FROM areas WHERE code = '990104001001'"))
    unit = db.session.scalar(sa.text("SELECT id FROM units WHERE code = 'team-17'"))
    draft = service.CaseDraft(
        title="大商场请求免租", text="两个月没有营业。", type_id=types.type_with("rent").id, area_id=area,
        source=Source.PHONE, requester="大商场商户", joint=True,
    )  # fmt: skip
    with transaction():
        case_id = service.submit(draft=draft, actor=desk, now=now).id
    steps = (
        (desk, "accept", {}),
        (desk, "dispatch", {"unit": unit, "officer": officer.user_id}),
        (officer, "acknowledge", {}),
    )
    for who, name, answer in steps:
        with transaction():
            service.act(db.session.get_one(Case, case_id), name, answer, actor=who, now=now)
    tenants = [joint.Joining(name=f"第 {n} 号铺", monthly_rent_fen=100_000 + n * 137) for n in range(firms)]
    with transaction():
        joint.add(db.session.get_one(Case, case_id), tenants, actor=officer, now=now)
        party = PartyDraft(name=f"商场业主 {firms}", kind=CounterpartyKind.OWNER)
        talk = talks.open_talks(db.session.get_one(Case, case_id), party, actor=officer, now=now).id
    for place in range(rounds):
        with transaction():
            log_round(
                db.session.get_one(Case, case_id), db.session.get_one(Negotiation, talk), a_round(place, now),
                actor=officer, now=now + timedelta(days=place + 1),
            )  # fmt: skip
    draft_of = AgreementDraft(
        method=Method.WAIVE, total_fen=61_234_567, agreed_on=datetime.now(UTC).date() - timedelta(days=1), terms="免租"
    )
    with transaction():
        case = db.session.get_one(Case, case_id)
        made = agreements.agree(
            case, db.session.get_one(Negotiation, talk), draft_of, actor=officer, now=datetime.now(UTC)
        )
        return case.number, talk, made.id


def a_round(place: int, start: datetime) -> RoundDraft:
    """One of many rounds, with an ask and an offer."""
    sums = ((Side.US, PositionKind.ASK, 96_000_000 - place * 100_000), (Side.THEM, PositionKind.OFFER, place * 200_000))
    return RoundDraft(
        way=Way.VISIT, at=start + timedelta(days=place), stance=Stance.HESITATES, said="业主还在犹豫，下次再谈。",
        positions=[PositionDraft(side=side, kind=kind, method=Method.WAIVE, amount_fen=fen) for side, kind, fen in sums],
    )  # fmt: skip


def allocate(agreement_id: int, times: int = 5) -> list[float]:
    """Milliseconds of sharing a sum out, version after version, the commit included."""
    spent = []
    for no in range(times):
        began = time.perf_counter()
        with transaction():
            agreement = db.session.get_one(Agreement, agreement_id)
            agreements.allocate(
                db.session.get_one(Case, agreement.case_id), agreement, Basis.RENT,
                actor=actor("officer"), now=datetime.now(UTC), reason="再算一遍" if no else "", after=no,
            )  # fmt: skip
        spent.append((time.perf_counter() - began) * 1000)
    return spent


def measure(bench: Bench, requests: int) -> None:
    """Open the page, log a round, share out: each printed."""
    with bench.app.app_context():
        number, talk, agreement = large_case(FIRMS, ROUNDS)
        first = allocate(agreement, 1)
        _, _, many = large_case(MANY, 1)
        times = allocate(many)
        db.session.remove()

    tidy(bench.url)
    bench.username = "officer"

    def shown(person: Person) -> Answer:
        return _must(person.get(f"/cases/{number}"), 200)

    def logged(person: Person) -> Answer:
        fields = {"talks": str(talk), "way": "call", "stance": "hesitates", "said": "电话再谈了一次。", "op": key(),
                  "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M")}  # fmt: skip
        return _must(person.post(f"/cases/{number}/rounds/new", fields), 303)

    print(HEAD)
    for name, task in ((f"page, {ROUNDS} rounds, {FIRMS:,} firms", shown), ("log a round", logged)):
        for connections in (1, 8):
            print(row(bench.run(name, task, connections, requests)), flush=True)
    print(f"allocate to {FIRMS:,}: {first[0]:.0f} ms; to {MANY:,}: " + ", ".join(f"{one:.0f}" for one in times) + " ms")


def _must(answer: Answer, status: int) -> Answer:
    assert answer.status == status, f"{answer.status}: {answer.body[-2000:].decode(errors='replace')}"
    return answer


def main() -> None:
    """Parse and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.negotiation", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--requests", type=int, default=80)
    given = parser.parse_args()
    with seeded(given.database, 2_000) as bench:
        measure(bench, given.requests)


if __name__ == "__main__":
    sys.exit(main())
