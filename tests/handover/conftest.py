"""An officer whose posting ends, with firms, cases and promises of theirs, and the colleagues who may take over."""

from __future__ import annotations

from datetime import date, timedelta

from casework.cases.models import Case
from casework.cases.workflow import State
from casework.enterprises.models import Enterprise
from casework.handover import queries, service
from casework.handover.models import Handover, HandoverItem
from casework.kernel.db import db
from casework.kernel.time import local_day
from casework.negotiations import promises
from casework.negotiations.models import Commitment
from casework.negotiations.rules import PromiseDraft
from casework.negotiations.words import Debtor
from tests.factories import NOW, Office, a_case, a_firm, a_liaison

TODAY = local_day(NOW)


def some_firms(
    office: Office, count: int = 3, *, officer: str = "officer", deputy: str | None = None
) -> list[Enterprise]:
    firms = [a_firm(office, name=f"{officer}第{n}号店") for n in range(count)]
    for firm in firms:
        liaison = a_liaison(firm, office.people[officer])
        liaison.deputy_id = office.people[deputy].id if deputy else None
    db.session.flush()
    return firms


def a_promise(office: Office, case: Case, *, by: str = "officer") -> Commitment:
    draft = PromiseDraft(
        debtor=Debtor.US,
        who=office.people[by].name,
        what="周五前把防疫物资清单送到",
        promised_on=TODAY,
        due_on=TODAY + timedelta(days=4),
        promiser_id=office.people[by].id,
    )
    made = promises.promise(case, draft, actor=office.actor(by), now=NOW)
    db.session.flush()
    return made


def begun(office: Office, leaver: str = "officer", *, by: str | None = None, from_on: date | None = None) -> Handover:
    made = service.begin(
        office.people[leaver],
        why="posting",
        from_on=from_on or TODAY + timedelta(days=3),
        actor=office.actor(by or leaver),
        now=NOW,
    )
    db.session.flush()
    return made


def sent(office: Office, *successors: str, by: str = "officer") -> Handover:
    """Everything of the officer, dealt in turn to the successors, and sent."""
    made = begun(office)
    keys = [(thing.kind, thing.ref) for thing, _ in service.open_things(made, NOW)]
    shares = {key: office.people[successors[n % len(successors)]].id for n, key in enumerate(keys)}
    service.give_shares(made, shares, actor=office.actor(by), now=NOW)
    service.send(made, "钥匙在门卫处", actor=office.actor(by), now=NOW)
    db.session.commit()
    return made


def items(handover: Handover, kind: str = "") -> list[HandoverItem]:
    return [row for row in queries.items(handover) if kind in ("", row.kind)]


def a_whole_desk(office: Office, firms: int = 3) -> tuple[list[Enterprise], Case, Commitment]:
    """Firms, one open case of the first of them, and a promise of the officer on it."""
    some = some_firms(office, firms)
    case = a_case(office, State.IN_PROGRESS, enterprise_id=some[0].id)
    owed = a_promise(office, case)
    db.session.commit()
    return some, case, owed
