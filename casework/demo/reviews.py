"""What reviewers find: equal simple results, one that lacks a proof, one to countersign, a sample."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import current_app

from casework.cases import service
from casework.cases.models import Case
from casework.cases.types import type_with
from casework.cases.workflow import State
from casework.demo.office import Office
from casework.demo.open_cases import ACCEPT, ACKNOWLEDGE, CALLED, TO_17
from casework.demo.plans import HOUR, Act, Plan, carry_out, take_step
from casework.kernel.db import db, transaction
from casework.kernel.time import local_day
from casework.negotiations import agreements, talks
from casework.negotiations.rules import AgreementDraft
from casework.negotiations.talks import PartyDraft
from casework.negotiations.words import CounterpartyKind, Method
from casework.review import calling, limits, sampling

LIMIT_FEN, SUM_FEN = 50_000_000, 86_400_000
CHECKED = {key: {"mark": "yes", "note": ""} for key in ("signed", "sum", "true")}
PAPER: Act = ("officer", "attach", 2 * HOUR, {"kind": "agreement", "title": "缓交物业费协议（签字）"})
WORK: tuple[Act, ...] = (ACCEPT, TO_17, ACKNOWLEDGE, CALLED, PAPER)


def _done(said: str) -> Act:
    return ("officer", "submit_result", HOUR, {"outcome": "solved", "text": said})


SIMPLE = (
    Plan("物业费想缓交一个月", "复工头一个月没有收入，物业费想缓交一个月。", "rent", "拾光文化传播有限公司",
         "990104001002", timedelta(days=1, hours=8), [*WORK, _done("物业同意缓交一个月，已签协议。")]),
    Plan("铺面物业费想缓交", "店里刚开门，物业费想缓一个月。", "rent", "青苗托管中心",
         "990104001001", timedelta(days=1, hours=7), [*WORK, _done("物业同意缓交一个月，已签协议。")]),
)  # fmt: skip
LACKING = Plan(
    "仓库租金想分期交", "三月租金一次拿不出，想分三期。", "rent", "拾光文化传播有限公司", "990104001002",
    timedelta(days=1, hours=6), [*WORK, _done("房东同意分三期，已签协议。")],
)  # fmt: skip
LARGE = Plan(
    "写字楼整层租金减半", "整层租下的办公区停用两个月，请业主减免租金。", "rent", "拾光文化传播有限公司",
    "990104001002", timedelta(days=2), WORK,
)  # fmt: skip
TERMS = "2 月、3 月租金减半，共减免 864,000 元，从二季度租金中扣除。"


def plant(office: Office, *, now: datetime) -> None:
    """Set the limit, bring four results under review, send a rating link, draw a sample of February 2020."""
    housing, today = office.actors["regulator"], local_day(now)
    with transaction():
        district, kind = office.areas["990104"].id, type_with("rent").id
        limits.put(area_id=district, type_id=kind, amount_fen=LIMIT_FEN, actor=office.actors["district"], now=now)
    for plan in SIMPLE:
        carry_out(plan, office, now=now)
    lacking = carry_out(LACKING, office, now=now)
    wanted = {"reason": "补房东身份证明或授权书，协议上只有经办人签字", "until": today + timedelta(days=3)}
    take_step(office, lacking, "regulator", "ask_proof", wanted, now - timedelta(hours=2))
    _large(office, now)
    with transaction():
        case = db.session.query(Case).filter_by(state=State.CALLBACK).order_by(Case.id).first()
        if case is not None:
            calling.make_link(case, key=str(current_app.secret_key), actor=office.actors["desk2"], now=now)
    with transaction():
        place, first, last = office.areas["990104"].id, date(2020, 2, 1), date(2020, 3, 31)
        draft = sampling.Draft(area_id=place, from_on=first, to_on=last, size=3, seed="2020-02")
        sampling.draw(draft=draft, actor=housing, now=now)


def _large(office: Office, now: datetime) -> None:
    """Talks that came to 864,000 yuan, signed by the authority: the leader of the area countersigns."""
    case_id = carry_out(LARGE, office, now=now)
    officer, at = office.actors["officer"], now - timedelta(hours=12)
    with transaction():
        case = db.session.get_one(Case, case_id)
        owner = PartyDraft(name="江城置业有限公司", kind=CounterpartyKind.OWNER, contact="贺经理", phone="13900007711")
        found = talks.open_talks(case, owner, actor=officer, now=at)
        draft = AgreementDraft(method=Method.WAIVE, total_fen=SUM_FEN, agreed_on=local_day(at), terms=TERMS)
        made = agreements.agree(case, found, draft, actor=officer, now=at)
        agreements.confirm_ours(case, made, "拾光文化传播有限公司", actor=officer, now=at)
        agreements.confirm_theirs_by_link(made, "贺经理", now=at)
    result = {"outcome": "solved", "text": TERMS}
    take_step(office, case_id, "officer", "submit_result", result, now - timedelta(hours=10))
    with transaction():
        case = db.session.get_one(Case, case_id)
        service.act(
            case, "approve", {"checklist": CHECKED}, actor=office.actors["regulator"], now=now - timedelta(hours=1)
        )
