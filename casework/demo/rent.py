"""Story A, February 2020: three visits, one landlord, 37 tenants, 612,345.67 yuan; and the same still under way today.

Every step is taken through the services by those whose step it is, as the pages would.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app

from casework.cases import joint, queries
from casework.cases.models import Case
from casework.demo.office import Office
from casework.demo.plans import HOUR, Act, Plan, carry_out, take_step
from casework.exchange.joining import joining_of
from casework.exchange.sheets import read_table
from casework.kernel.db import db, transaction
from casework.kernel.time import at_local, local_day
from casework.negotiations import agreements, ledger, links, promises, receipts, rounds, talks
from casework.negotiations.models import Agreement, Commitment, Negotiation
from casework.negotiations.rules import AgreementDraft, PositionDraft, PromiseDraft, RoundDraft
from casework.negotiations.talks import PartyDraft
from casework.negotiations.words import (
    Basis,
    CounterpartyKind,
    Debtor,
    Method,
    PositionKind,
    Promise,
    Side,
    Stance,
    Way,
)

SPREADSHEET = Path(__file__).with_name("tenants.csv")
TOTAL_FEN = 61_234_567
OWNER, AGENT, SUB_LESSOR = "南贤商业管理有限公司", "罗启元", "鸿聚物业租赁部"
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


@dataclass
class Story:
    """One telling of the story: the case, the first day, and the office that plays it."""

    office: Office
    case_id: int
    first_day: date
    now: datetime
    talks: Negotiation | None = None
    promises: dict[str, int] = field(default_factory=dict)

    def at(self, day: int, hour: int, minute: int = 0) -> datetime:
        """A time of a day of the story; never later than now."""
        return min(at_local(self.first_day + timedelta(days=day), hour, minute), self.now)

    def act(self, who: str, when: datetime, work: Callable[[Case, Any, datetime], Any]) -> Any:
        """Let somebody do one thing in one transaction."""
        with transaction():
            return work(db.session.get_one(Case, self.case_id), self.office.actors[who], when)


def plant_closed(office: Office) -> None:
    """The story as it ended in February 2020: agreed, shared out, received by all, reviewed, called back, rated."""
    story = _begun(
        office, now=at_local(date(2020, 2, 29), 9), ago=timedelta(days=19), title="南贤广场 37 户商户请求减免租金"
    )
    _three_rounds(story)
    _agree(story)
    _receive(story, story.at(10, 10), by_link=30, by_officer=7)
    _keep_promises(story)
    for who, name, day, answer in _ending():
        take_step(story.office, story.case_id, who, name, answer, story.at(day, 15))


def plant_open(office: Office, *, now: datetime) -> None:
    """The same work under way today: agreed, shared out, and some firms still to confirm."""
    story = _begun(office, now=now, ago=timedelta(days=13), title="南贤广场二期 37 户商户请求减免 2 至 4 月租金")
    _three_rounds(story)
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


def _position(side: Side, fen: int, months: int | None, words: str, method: Method = Method.WAIVE) -> PositionDraft:
    kind = PositionKind.ASK if side is Side.US else PositionKind.OFFER
    return PositionDraft(side=side, kind=kind, method=method, amount_fen=fen, months_tenths=months, conditions=words)


def _three_rounds(story: Story) -> None:
    owner = PartyDraft(name=OWNER, kind=CounterpartyKind.OWNER, contact=AGENT, phone="13900007701")

    def open_talks(case: Case, actor: Any, at: datetime) -> Negotiation:
        return talks.open_talks(case, owner, actor=actor, now=at)

    story.talks = story.act("officer", story.at(2, 14, 20), open_talks)
    _round(
        story, 2, Stance.REFUSES, 96_000_000, 30, 0, None, "“我也要还贷”", "罗启元说，每月银行本息二十多万，免不了。"
    )
    _round(
        story,
        4,
        Stance.CONDITIONAL,
        80_000_000,
        25,
        16_000_000,
        5,
        "减半一个月，限 2 月",
        "担心银行月供。约定由区金融办对接展期，有结果再谈。",
    )
    _promise(story, "bank", "officer2", "对接银行贷款展期半年", Debtor.US, "陆景明", 4, 8)
    _promise(story, "list", "officer", "交 37 户租赁合同与月租清单", Debtor.FIRMS, "何秀芝", 4, 6)
    _round(
        story, 8, Stance.AGREES, 64_000_000, 20, TOTAL_FEN, 20, "扣已免水电 27,654.33",
        "银行已同意展期半年，租金可以让。只有一条：二房东那 11 户也要传到底。当场拨通鸿聚物业，对方答应同样比例。",
    )  # fmt: skip
    _call_sub_lessor(story)
    _promise(story, "sub", "officer", "与鸿聚物业租赁部签补充协议，交复印件", Debtor.THEM, AGENT, 8, 13)


def _call_sub_lessor(story: Story) -> None:
    """The sub-lessor stands under the owner in the chain, and says that it passes everything on."""
    draft = RoundDraft(
        way=Way.CALL,
        at=story.at(8, 15, 30),
        stance=Stance.AGREES,
        said="当场电话：转租的 11 户按同一比例逐户减免，不截留。",
        ours=("沈砚秋",),
        theirs=("鸿聚物业曹经理",),
    )

    def call(case: Case, actor: Any, at: datetime) -> None:
        above = story.talks.counterparty_id if story.talks else None
        party = PartyDraft(name=SUB_LESSOR, kind=CounterpartyKind.SUB_LESSOR, contact="曹经理", above_id=above)
        rounds.log_round(case, talks.open_talks(case, party, actor=actor, now=at), draft, actor=actor, now=at)

    story.act("officer", story.at(8, 16, 20), call)


def _round(
    story: Story,
    day: int,
    stance: Stance,
    ask: int,
    ask_months: int,
    offer: int,
    offer_months: int | None,
    words: str,
    said: str,
) -> None:
    draft = RoundDraft(
        way=Way.VISIT,
        at=story.at(day, 14, 30),
        until=story.at(day, 15, 40),
        stance=stance,
        said=said,
        place="南贤商业管理公司会议室",
        ours=("沈砚秋", "陆景明", "何秀芝"),
        theirs=(AGENT,),
        positions=(
            _position(Side.US, ask, ask_months, ""),
            _position(Side.THEM, offer, offer_months, words),
        ),
        next_on=story.first_day + timedelta(days=day + 2) if stance is not Stance.AGREES else None,
        next_step="再上门" if stance is not Stance.AGREES else "",
    )

    def log_round(case: Case, actor: Any, at: datetime) -> None:
        if story.talks is not None:
            rounds.log_round(case, story.talks, draft, actor=actor, now=at)

    story.act("officer", story.at(day, 16), log_round)


def _promise(story: Story, key: str, who: str, what: str, debtor: Debtor, name: str, day: int, due: int) -> None:
    draft = PromiseDraft(
        debtor=debtor,
        who=name,
        what=what,
        promised_on=story.first_day + timedelta(days=day),
        due_on=story.first_day + timedelta(days=due),
        promiser_id=story.office.actors[who].user_id if debtor is Debtor.US else None,
    )

    def enter(case: Case, actor: Any, at: datetime) -> int:
        negotiation = story.talks if debtor is Debtor.THEM else None
        return promises.promise(case, draft, actor=actor, now=at, negotiation=negotiation).id

    story.promises[key] = story.act("officer", story.at(day, 16, 38), enter)


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
