"""The talks of story A: three rounds with the owner, one call to the sub-lessor, and what was promised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from casework.cases.models import Case
from casework.demo.office import Office
from casework.kernel.db import db, transaction
from casework.kernel.time import at_local
from casework.negotiations import promises, rounds, talks
from casework.negotiations.models import Negotiation
from casework.negotiations.rules import PositionDraft, PromiseDraft, RoundDraft
from casework.negotiations.talks import PartyDraft
from casework.negotiations.words import CounterpartyKind, Debtor, Method, PositionKind, Side, Stance, Way

TOTAL_FEN = 61_234_567
OWNER, AGENT, SUB_LESSOR = "南贤商业管理有限公司", "罗启元", "鸿聚物业租赁部"


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


def _position(side: Side, fen: int, months: int | None, words: str, method: Method = Method.WAIVE) -> PositionDraft:
    kind = PositionKind.ASK if side is Side.US else PositionKind.OFFER
    return PositionDraft(side=side, kind=kind, method=method, amount_fen=fen, months_tenths=months, conditions=words)


def three_rounds(story: Story) -> None:
    """Refused, then half a month, then agreed; with the promises that were made in between."""
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
