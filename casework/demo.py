"""A small office to try: every role, cases in every state dated from today, and closed ones of February 2020.

Built through the services, so that it obeys every rule. All names in it are invented; refused in production.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from PIL import Image, ImageDraw

from casework.accounts.models import User
from casework.accounts.service import make_user
from casework.areas.models import Area
from casework.areas.service import add_area
from casework.cases import joint, service, types
from casework.cases.models import Case
from casework.cases.workflow import Source
from casework.clocks.seed import seed_calendar
from casework.enterprises import service as enterprises
from casework.files import service as files
from casework.kernel.db import db, transaction
from casework.kernel.permissions import Actor
from casework.kernel.time import at_local, local_day
from casework.roster.models import Unit
from casework.roster.queries import actor_for
from casework.roster.service import add_unit, post

AREAS = (
    ("9901", "江城市", "city", None),
    ("990104", "临江区", "district", "9901"),
    ("990105", "望山区", "district", "9901"),
    ("990104001", "南贤街道", "subdistrict", "990104"),
    ("990104002", "柳堤街道", "subdistrict", "990104"),
    ("990104001001", "南贤社区", "community", "990104001"),
    ("990104001002", "桥东社区", "community", "990104001"),
    ("990104002001", "柳堤社区", "community", "990104002"),
    ("990104002002", "荷塘社区", "community", "990104002"),
    ("990104001001-1", "南贤广场", "site", "990104001001"),
    ("990104002001-1", "柳堤物流园", "site", "990104002001"),
    ("990105001", "望山街道", "subdistrict", "990105"),
)
UNITS = (
    ("desk", "诉求受理专班", "desk", "990104", ()),
    ("team-17", "第 17 复工小组", "team", "990104001", ()),
    ("team-21", "第 21 复工小组", "team", "990104002", ()),
    ("office", "区复工专班办公室", "office", "990104", ()),
    ("housing", "区住房建设局", "authority", "990104", ("housing", "general")),
    (
        "industry",
        "区工业和信息化局",
        "authority",
        "990104",
        ("industry", "transport", "health", "labour", "finance", "tax", "utilities"),
    ),
    ("platform", "区政务数据中心", "office", "990104", ()),
)
PEOPLE = (
    ("desk", "周文静", "desk", "desk", "990104"),
    ("officer", "沈砚秋", "team-17", "officer", "990104001"),
    ("officer2", "陆景明", "team-17", "officer", "990104001"),
    ("officer3", "温如玉", "team-21", "officer", "990104002"),
    ("lead", "方志恒", "team-17", "lead", "990104001"),
    ("lead2", "邵一帆", "team-21", "lead", "990104002"),
    ("helper", "何小满", "team-17", "helper", "990104001"),
    ("leader", "顾长青", "office", "area_leader", "990104001"),
    ("regulator", "韩露", "housing", "regulator", "990104"),
    ("regulator2", "马行川", "industry", "regulator", "990104"),
    ("district", "钟立群", "office", "district_admin", "990104"),
    ("sysadmin", "罗安", "platform", "sysadmin", "990104"),
    ("secadmin", "高审言", "platform", "secadmin", "990104"),
    ("auditor", "沈明鉴", "platform", "auditor", "990104"),
)
FIRMS = (
    ("阿芝热干面馆", "990104001001", "南贤广场 1 层 12 号", "何秀芝", "13900002206"),
    ("临江冷鲜食品有限公司", "990104002001", "柳堤物流园 3 号库", "秦远", "13900003317"),
    ("锦川包装制品厂", "990104001002", "桥东路 88 号", "田青", "13900004428"),
    ("汉木家具有限公司", "990104002002", "荷塘工业园 5 栋", "胡松", "13900005539"),
    ("恒通数码维修店", "990104001001", "南贤广场 B1 层 7 号", "赖小军", "13900006640"),
    ("拾光文化传播有限公司", "990104001002", "桥东写字楼 902", "苏晚", "13900007751"),
    ("顺达快递服务部", "990104002001", "柳堤物流园 1 号库", "冯力", "13900008862"),
    ("青苗托管中心", "990104001001", "南贤里 6 栋 1 层", "姚禾", "13900009973"),
)
TENANTS = (
    ("阿芝热干面", 880000, 42),
    ("周记牛骨粉", 562000, 30),
    ("拾光书屋", 1010000, 66),
    ("巧姐裁缝", 374000, 18),
    ("老郑修鞋", 458000, 12),
    ("佳佳文具", 678000, 35),
    ("鲜果时光", 728000, 40),
    ("童趣玩具", 394000, 22),
)


@dataclass
class Office:
    """The people and places of the demo, by their short names."""

    areas: dict[str, Area] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    firms: dict[str, int] = field(default_factory=dict)


def is_empty() -> bool:
    """Whether nobody has begun to furnish this database, so that a demo may be built."""
    return not any(db.session.scalar(sa.select(sa.exists().select_from(table))) for table in (User, Area, Unit))


def build(*, now: datetime, password: str) -> dict[str, int]:
    """Build the demo; one transaction an act, as the pages would. Returns how many people and cases there are."""
    office = Office()
    with transaction():
        seed_calendar(db.session)
        types.plant()
        _places(office)
        people = _people(office, now, password)
    with transaction():
        _firms(office, people, now)
    made = [_open_case(office, plan, now) for plan in _open_plans(now)]
    made += [_open_case(office, plan, at_local(date(2020, 2, 10), 9)) for plan in _closed_plans()]
    return {"people": len(PEOPLE), "cases": len(made)}


def _places(office: Office) -> None:
    for code, name, level, parent in AREAS:
        office.areas[code] = add_area(code=code, name=name, level=level, parent=office.areas.get(parent or ""))


def _people(office: Office, now: datetime, password: str) -> dict[str, User]:
    for code, name, kind, area, domains in UNITS:
        office.units[code] = add_unit(
            code=code,
            name=name,
            kind=kind,
            area=office.areas[area],
            domains=domains,
            phone="",
            actor=None,
            now=now,
        )
    people = {}
    for username, name, unit, role, area in PEOPLE:
        user = make_user(username=username, name=name, phone="", password=password, actor=None, now=now)
        post(
            user,
            unit=office.units[unit],
            role=role,
            area=office.areas[area],
            from_on=date(2020, 2, 1),
            actor=None,
            now=now,
        )
        people[username] = user
    db.session.flush()  # the actors are read from the postings
    for username, user in people.items():
        if actor := actor_for(user.id, local_day(now)):
            office.actors[username] = actor
    return people


def _firms(office: Office, people: Mapping[str, User], now: datetime) -> None:
    actor = office.actors["district"]
    for name, area, address, person, phone in FIRMS:
        draft = enterprises.Draft(name=name, area=office.areas[area], address=address)
        firm = enterprises.add_enterprise(draft, actor=actor, now=now)
        enterprises.save_contact(firm, None, name=person, duty="负责人", phone=phone, actor=actor, now=now)
        team = ("officer", "officer2") if area.startswith("990104001") else ("officer3", None)
        deputy = people[team[1]].id if team[1] else None
        enterprises.assign_liaison(firm, officer_id=people[team[0]].id, deputy_id=deputy, actor=actor, now=now)
        office.firms[name] = firm.id


# Who, which act, how many minutes after the last, and the answer.
Act = tuple[str, str, int, dict[str, Any]]


@dataclass
class Plan:
    """One case of the demo: what is reported, and the acts that follow, each so many minutes after the last."""

    title: str
    text: str
    kind: str
    firm: str
    area: str
    ago: timedelta
    acts: list[Act] = field(default_factory=list)
    urgent: bool = False
    tenants: bool = False
    source: Source = Source.PHONE


def _open_case(office: Office, plan: Plan, now: datetime) -> Case:
    at = now - plan.ago
    contact = next((item for item in FIRMS if item[0] == plan.firm), None)
    with transaction():
        kind = types.type_with(plan.kind)
        draft = service.CaseDraft(
            title=plan.title,
            text=plan.text,
            type_id=kind.id,
            area_id=office.areas[plan.area].id,
            source=plan.source,
            requester=plan.firm,
            enterprise_id=office.firms.get(plan.firm),
            contact_name=contact[3] if contact else "",
            contact_phone=contact[4] if contact else "",
            place=contact[2] if contact else "",
            urgent=plan.urgent,
            joint=plan.tenants,
        )
        case = service.submit(draft=draft, actor=office.actors["desk"], now=at)
        case_id = case.id
    for who, name, minutes, answer in plan.acts:
        at = min(at + timedelta(minutes=minutes), now)
        _step(office, case_id, who, name, answer, at)
    if plan.tenants:
        _join(office, case_id, at)
    return case


def _join(office: Office, case_id: int, at: datetime) -> None:
    with transaction():
        case = db.session.get_one(Case, case_id)
        firms = [
            joint.Joining(name=name, monthly_rent_fen=rent, floor_area_cm2=area * 10_000)
            for name, rent, area in TENANTS
        ]
        joint.add(case, firms, actor=office.actors["desk"], now=at)


def _step(office: Office, case_id: int, who: str, name: str, answer: dict[str, Any], at: datetime) -> None:
    actor = office.actors[who]
    sealed = (
        files.take_in(_picture(answer.get("title", "")), f"{answer.get('title', '现场照片')}.png")
        if name == "attach"
        else None
    )
    with transaction():
        case = db.session.get_one(Case, case_id)
        if name == "note":
            service.add_note(case, answer["text"], actor=actor, now=at)
        elif sealed is not None:
            made = files.attach(sealed=sealed, case_id=case.id, kind=answer["kind"], actor_id=actor.user_id, now=at)
            service.attach(case, [made], actor=actor, now=at)
        else:
            service.act(case, name, _resolved(office, answer), actor=actor, now=at)


def _resolved(office: Office, answer: dict[str, Any]) -> dict[str, Any]:
    """Short names of units and people become ids."""
    plain = dict(answer)
    if "unit" in plain:
        plain["unit"] = office.units[plain["unit"]].id
    if "officer" in plain:
        plain["officer"] = office.actors[plain["officer"]].user_id
    if "support" in plain:
        plain["support"] = [office.actors[name].user_id for name in plain["support"]]
    return plain


def _picture(title: str) -> io.BytesIO:
    """A small drawn sheet that stands for a scanned paper."""
    sheet = Image.new("RGB", (640, 880), "white")
    draw = ImageDraw.Draw(sheet)
    for line in range(12):
        draw.line(
            (70, 150 + line * 48, 570 - (line * 37 + len(title) * 11) % 200, 150 + line * 48),
            fill="#9aa5a2",
            width=6,
        )
    draw.rectangle((40, 40, 600, 840), outline="#0b5a63", width=4)
    stream = io.BytesIO()
    sheet.save(stream, "PNG")
    stream.seek(0)
    return stream


MIN, HOUR, DAY = 1, 60, 60 * 24


def _until_callback(
    team: str,
    officer: str,
    reviewer: str,
    kind: str,
    evidence: list[tuple[str, str]],
    marks: list[str],
    said: str,
    *,
    outcome: str = "solved",
    pace: int = 4 * HOUR,
) -> list[Act]:
    """The acts from acceptance to an approved result."""
    checked = {key: {"mark": "yes", "note": ""} for key in marks}
    return [
        ("desk", "accept", 12, {}),
        ("desk", "dispatch", 9, {"unit": team, "officer": officer}),
        (officer, "acknowledge", 35, {}),
        (officer, "contact", 20, {"way": "call", "person": "负责人", "text": "电话了解情况，约定上门时间。"}),
        (officer, "note", pace, {"text": f"上门核实：{said}"}),
        *[(officer, "attach", 30, {"kind": key, "title": title}) for key, title in evidence],
        (officer, "submit_result", pace, {"outcome": outcome, "text": said}),
        (reviewer, "approve", pace, {"checklist": checked}),
    ]


def _open_plans(now: datetime) -> list[Plan]:
    """A dozen open cases in every state, dated from today."""
    tomorrow = local_day(now) + timedelta(days=3)
    week = local_day(now) + timedelta(days=9)
    to_17 = ("desk", "dispatch", 8, {"unit": "team-17", "officer": "officer"})
    to_21 = ("desk", "dispatch", 8, {"unit": "team-21", "officer": "officer3"})
    accept: Act = ("desk", "accept", 10, {})
    ack: Act = ("officer", "acknowledge", 25, {})
    ack3: Act = ("officer3", "acknowledge", 25, {})
    called = (
        "officer",
        "contact",
        15,
        {"way": "call", "person": "负责人", "text": "已联系，负责人说明天上午都在店里。"},
    )
    called3 = (
        "officer3",
        "contact",
        15,
        {"way": "visit", "person": "负责人", "text": "上门见到负责人，情况属实。"},
    )
    return [
        Plan(
            "仓库租期到期房东要涨租",
            "仓库月底到期，房东要涨三成，否则搬走。想请专班帮忙谈一谈。",
            "rent",
            "拾光文化传播有限公司",
            "990104001002",
            timedelta(minutes=22),
        ),
        Plan(
            "核酸检测费能否统一结算",
            "四十名员工返岗要做检测，想知道能不能由街道统一结算。",
            "policy",
            "恒通数码维修店",
            "990104001001",
            timedelta(minutes=50),
            [accept],
        ),
        Plan(
            "员工返岗缺 12 间隔离房",
            "外地员工十二人明天到，没有隔离房，无法上岗。",
            "labour",
            "汉木家具有限公司",
            "990104002002",
            timedelta(hours=1, minutes=40),
            [accept, to_21],
        ),
        Plan(
            "临时出入证被小区门岗拒收",
            "送货员凭区里发的证进不了小区，货压在门口。",
            "pass",
            "锦川包装制品厂",
            "990104001002",
            timedelta(days=2, hours=5),
            [accept, to_17, ack],
            urgent=True,
        ),
        Plan(
            "南贤广场商户请求减免 2 至 4 月租金",
            "广场商户两个月没有营业，联合请求业主减免租金。代表何秀芝。",
            "rent",
            "阿芝热干面馆",
            "990104001001-1",
            timedelta(days=4),
            [
                accept,
                to_17,
                ack,
                called,
                ("lead", "assign", 60, {"support": ["officer2"], "reason": "涉及二房东，两人一起跑"}),
                ("officer", "note", 2 * DAY, {"text": "第一次上门，业主说自己也要还贷，没有松口。"}),
            ],
            tenants=True,
        ),
        Plan(
            "两车冷链今日要发外省",
            "两车冷链停在库里，没有放行手续，再放一天就坏了。",
            "shipping",
            "临江冷鲜食品有限公司",
            "990104002001-1",
            timedelta(hours=6),
            [accept, to_21, ack3, called3],
            urgent=True,
            source=Source.VISIT,
        ),
        Plan(
            "错峰用电申请",
            "想申请错峰用电，供电公司说要等批复。",
            "utilities",
            "青苗托管中心",
            "990104001001",
            timedelta(days=3),
            [
                accept,
                to_17,
                ack,
                called,
                (
                    "officer",
                    "wait",
                    5 * HOUR,
                    {
                        "code": "authority",
                        "whom": "区供电公司",
                        "until": tomorrow,
                        "note": "供电公司答应三天内批复",
                    },
                ),
            ],
        ),
        Plan(
            "写字楼要求整层复工才供空调",
            "物业说整层都复工才开空调，我们只回来了一半人。",
            "other",
            "拾光文化传播有限公司",
            "990104001002",
            timedelta(days=1),
            [
                accept,
                to_17,
                (
                    "officer",
                    "object",
                    40,
                    {"code": "wrong_unit", "reason": "物业在柳堤街道登记，由第 21 小组牵头更合适"},
                ),
            ],
        ),
        Plan(
            "口罩 2,000 只未到货",
            "订的口罩一直没到，员工没法上岗。",
            "supplies",
            "恒通数码维修店",
            "990104001001",
            timedelta(days=6),
            [
                accept,
                to_17,
                ack,
                called,
                (
                    "officer",
                    "extend",
                    2 * DAY,
                    {"days": 3, "reason": "厂家产能排到下周，已付款，提供了发货单"},
                ),
            ],
        ),
        Plan(
            "物流园消杀证明互认",
            "两个街道的消杀证明互不承认，车要消两遍。",
            "logistics",
            "顺达快递服务部",
            "990104002001-1",
            timedelta(days=4),
            [
                accept,
                to_21,
                ack3,
                called3,
                ("officer3", "attach", DAY, {"kind": "record", "title": "互认会议纪要"}),
                (
                    "officer3",
                    "submit_result",
                    30,
                    {"outcome": "solved", "text": "两个街道签了互认备忘，当天起只消一次。"},
                ),
            ],
        ),
        Plan(
            "老旧厂房消防复查",
            "消防整改要等街道统一安排，短期内办不了。",
            "filing",
            "汉木家具有限公司",
            "990104002002",
            timedelta(days=12),
            [
                accept,
                to_21,
                ack3,
                called3,
                ("lead2", "park", 3 * DAY, {"reason": "街道下月统一整改", "until": week}),
            ],
        ),
        Plan(
            "补齐贷款展期材料",
            "想申请贷款展期，银行说材料不齐。",
            "finance",
            "锦川包装制品厂",
            "990104001002",
            timedelta(hours=9),
            [("desk", "supplement", 30, {"reason": "缺上一年度流水和贷款合同复印件", "until": tomorrow})],
        ),
        Plan(
            "社保缓缴怎么办",
            "三个月没有收入，想缓缴社保。",
            "tax",
            "青苗托管中心",
            "990104001001",
            timedelta(days=5),
            _until_callback(
                "team-17",
                "officer",
                "regulator2",
                "tax",
                [("reply", "书面答复")],
                ["basis", "talked"],
                "按缓缴政策网上申请，六个月内补缴不收滞纳金，已指导填报。",
                outcome="explained",
            ),
        ),
    ]


def _closed_plans() -> list[Plan]:
    """Cases of February 2020, closed in their time."""
    called = (
        "desk",
        "callback",
        DAY,
        {
            "result": "reached",
            "contacted": "yes",
            "solved": "yes",
            "satisfied": "5",
            "text": "很快就办好了，谢谢",
        },
    )
    fine = (
        "desk",
        "callback",
        DAY,
        {"result": "reached", "contacted": "yes", "solved": "yes", "satisfied": "4", "text": ""},
    )
    return [
        Plan(
            "复工备案等了三天没有回音",
            "材料交了三天没人理，员工都到了。",
            "filing",
            "汉木家具有限公司",
            "990104002002",
            timedelta(0),
            [
                *_until_callback(
                    "team-21",
                    "officer3",
                    "regulator2",
                    "filing",
                    [("filing", "备案回执")],
                    ["inspected", "true"],
                    "街道当天查验，备案回执已发。",
                ),
                called,
            ],
        ),
        Plan(
            "江滨里商户请求缓交租金",
            "沿街商户没有生意，想缓交两个月。",
            "rent",
            "阿芝热干面馆",
            "990104001001",
            -timedelta(days=3),
            [
                *_until_callback(
                    "team-17",
                    "officer",
                    "regulator",
                    "rent",
                    [("agreement", "缓交协议")],
                    ["signed", "sum", "true"],
                    "房东同意缓交两个月，分三期补齐。",
                    outcome="partly_solved",
                ),
                fine,
            ],
        ),
        Plan(
            "快递车进不了园区",
            "园区门岗不让外地牌照进。",
            "pass",
            "顺达快递服务部",
            "990104002001-1",
            -timedelta(days=5),
            [
                *_until_callback(
                    "team-21",
                    "officer3",
                    "lead2",
                    "pass",
                    [("pass", "园区通行说明")],
                    ["valid", "true"],
                    "园区发了临时通行说明，全部车辆放行。",
                )[:-1],
                ("desk", "withdraw", HOUR, {"reason": "企业来电说已经放行，不用再办了"}),
            ],
        ),
        Plan(
            "某处房屋继承纠纷",
            "兄弟两人对铺面归属有争议。",
            "other",
            "阿芝热干面馆",
            "990104001001",
            -timedelta(days=6),
            [
                (
                    "desk",
                    "decline",
                    40,
                    {"code": "in_court", "route": "court", "reason": "已在法院立案，请按诉讼程序办理。"},
                )
            ],
        ),
    ]
