"""Story A, February 2020: three visits, one landlord, 37 tenants, 612,345.67 yuan; and the same still under way today.

Every step is taken through the services by those whose step it is, as the pages would.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app

from casework.cases import joint, queries
from casework.cases.models import Case
from casework.demo.office import Office
from casework.demo.plans import HOUR, Act, Plan, carry_out, take_step
from casework.demo.rent_talks import AGENT, OWNER, SUB_LESSOR, TOTAL_FEN, Story, three_rounds
from casework.imports.joining import joining_of
from casework.kernel.db import db, transaction
from casework.kernel.time import at_local, local_day
from casework.negotiations import agreements, ledger, links, promises, receipts
from casework.negotiations.models import Agreement, Commitment
from casework.negotiations.rules import AgreementDraft
from casework.negotiations.words import Basis, Method, Promise
from casework.sheets.reading import read_table

SPREADSHEET = Path(__file__).with_name("tenants.csv")
TERMS = (
    "免收 2 月、3 月租金，扣除已免水电费 27,654.33 元，合计减免 612,345.67 元，从 4 月、5 月租金单中抵扣。"
    "转租的 11 户由鸿聚物业租赁部按同一比例逐户减免，不得截留。"
)

REPORTED: tuple[Act, ...] = (
    ("desk", "accept", 17, {}),
    ("desk", "dispatch", 9, {"unit": "team-17", "officer": "officer"}),
    ("officer", "acknowledge", 26, {}),
    (
        "officer",
        "contact",
        40,
        {"way": "call", "person": "何秀芝", "text": "电话问明情况：37 户，请求减免 2 至 4 月租金。"},
    ),
    ("lead", "assign", 2 * HOUR, {"support": ["officer2"], "reason": "涉及二房东，两人一起跑"}),
)


def plant_closed(office: Office) -> None:
    """The story as it ended in February 2020: agreed, shared out, received by all, reviewed, called back, rated."""
    story = _begun(
        office, now=at_local(date(2020, 2, 29), 9), ago=timedelta(days=19), title="南贤广场 37 户商户请求减免租金"
    )
    three_rounds(story)
    _agree(story)
    _receive(story, story.at(10, 10), by_link=30, by_officer=7)
    _keep_promises(story)
    for who, name, day, answer in _ending():
        take_step(story.office, story.case_id, who, name, answer, story.at(day, 15))


def plant_open(office: Office, *, now: datetime) -> None:
    """The same work under way today: agreed, shared out, and some firms still to confirm."""
    story = _begun(office, now=now, ago=timedelta(days=13), title="南贤广场二期 37 户商户请求减免 2 至 4 月租金")
    three_rounds(story)
    _agree(story)
    _receive(story, story.at(11, 10), by_link=26, by_officer=3)


def _begun(office: Office, *, now: datetime, ago: timedelta, title: str) -> Story:
    plan = Plan(
        title,
        "广场商户两个月没有营业，联合请求业主减免租金，二房东转租的 11 户也在内。代表何秀芝。",
        "rent",
        "阿芝热干面馆",
        "990104001001-1",
        ago,
        REPORTED,
    )
    case_id = carry_out(plan, office, now=now)
    story = Story(office, case_id, local_day(now - ago), now)
    firms, refused, _ = _tenants()
    if refused:
        raise ValueError(f"the tenants of the demo do not join: {refused}")
    story.act("officer", story.at(1, 11), lambda case, actor, at: joint.add(case, firms, actor=actor, now=at))
    return story


def _tenants() -> Any:
    return joining_of(read_table(SPREADSHEET, SPREADSHEET.name))


def _prove(story: Story, key: str, prover: str, settler: str, words: str, when: datetime) -> None:
    def prove(case: Case, actor: Any, at: datetime) -> None:
        promises.prove(case, db.session.get_one(Commitment, story.promises[key]), words, actor=actor, now=at)

    def settle(case: Case, actor: Any, at: datetime) -> None:
        commitment = db.session.get_one(Commitment, story.promises[key])
        promises.settle(case, commitment, Promise.KEPT, "", actor=actor, now=at)

    story.act(prover, when, prove)
    story.act(settler, when, settle)


def _agree(story: Story) -> None:
    """Terms, both confirmations (theirs by link), and the sum shared out by rent."""
    _prove(story, "bank", "officer2", "officer", "展期批复已出，半年", story.at(7, 11))
    _prove(story, "list", "officer", "officer", "37 份合同复印件已核对", story.at(6, 10))
    take_step(
        story.office,
        story.case_id,
        "officer",
        "attach",
        {"kind": "agreement", "title": "减免协议（签字扫描件）"},
        story.at(9, 11),
    )
    draft = AgreementDraft(
        method=Method.WAIVE,
        total_fen=TOTAL_FEN,
        agreed_on=story.first_day + timedelta(days=9),
        terms=TERMS,
        chain=f"{OWNER} ▸ {SUB_LESSOR} ▸ 商户",
    )

    def work(case: Case, actor: Any, at: datetime) -> None:
        if story.talks is None:
            return
        made = agreements.agree(case, story.talks, draft, actor=actor, now=at)
        agreements.confirm_ours(case, made, "何秀芝", actor=actor, now=at)
        link = links.send_to_counterparty(case, made, key=_key(), actor=actor, now=at)
        links.spend(link, now=at)
        agreements.confirm_theirs_by_link(made, AGENT, now=at)
        agreements.allocate(case, made, Basis.RENT, actor=actor, now=at)

    story.act("officer", story.at(9, 11, 30), work)


def _key() -> str:
    return str(current_app.secret_key)


def _agreement(story: Story) -> Agreement:
    return ledger.agreements_of(story.case_id)[0]


def _receive(story: Story, when: datetime, *, by_link: int, by_officer: int) -> None:
    """Firms confirm by their links, a few through the officer with proof; one later than the other."""

    def send(case: Case, actor: Any, at: datetime) -> None:
        links.send_to_firms(case, _agreement(story), queries.beneficiaries(case.id), key=_key(), actor=actor, now=at)

    story.act("officer", when, send)
    firms = queries.beneficiaries(story.case_id)
    for place, firm in enumerate(firms[: by_link + by_officer]):
        at = min(when + timedelta(minutes=7 * (place + 1)), story.now)
        with transaction():
            agreement = _agreement(story)
            if place < by_link:
                links.spend(links.live_links(agreement.id, [firm.id], now=at)[firm.id], now=at)
                receipts.confirm_by_link(agreement, firm, now=at)
            else:
                _by_officer(story, agreement, firm, at)


def _by_officer(story: Story, agreement: Agreement, firm: Any, at: datetime) -> None:
    allocation = ledger.current_allocation(agreement.id)
    share = ledger.beside([firm], allocation)[0].outstanding_fen
    receipts.confirm_by_officer(
        db.session.get_one(Case, story.case_id),
        agreement,
        firm,
        share,
        local_day(at),
        "看过 4 月租金单，已抵扣",
        actor=story.office.actors["officer"],
        now=at,
    )


def _keep_promises(story: Story) -> None:
    _prove(story, "sub", "officer", "officer", "补充协议复印件已收，11 户逐户列明", story.at(12, 10))


def _ending() -> tuple[tuple[str, str, int, dict[str, Any]], ...]:
    checked = {key: {"mark": "yes", "note": ""} for key in ("signed", "sum", "true")}
    said = "三次上门，业主同意减免 612,345.67 元，37 户逐户确认收到。"
    rated = {
        "result": "reached",
        "contacted": "yes",
        "solved": "yes",
        "satisfied": "5",
        "text": "没想到真能减下来，谢谢。",
    }
    return (
        ("officer", "attach", 14, {"kind": "list", "title": "商户月租清单"}),
        ("officer", "submit_result", 15, {"outcome": "solved", "text": said}),
        ("regulator", "approve", 16, {"checklist": checked}),
        ("desk", "callback", 17, rated),
    )
