"""A case in every state, dated from today."""

from __future__ import annotations

from datetime import timedelta

from casework.cases.workflow import Source
from casework.demo.plans import DAY, HOUR, Act, Plan, until_callback

IN_THREE_DAYS, IN_NINE_DAYS = timedelta(days=3), timedelta(days=9)

ACCEPT: Act = ("desk", "accept", 10, {})
TO_17: Act = ("desk", "dispatch", 8, {"unit": "team-17", "officer": "officer"})
TO_21: Act = ("desk", "dispatch", 8, {"unit": "team-21", "officer": "officer3"})
ACKNOWLEDGE: Act = ("officer", "acknowledge", 25, {})
ACKNOWLEDGE_21: Act = ("officer3", "acknowledge", 25, {})
CALLED: Act = (
    "officer",
    "contact",
    15,
    {"way": "call", "person": "负责人", "text": "已联系，负责人说明天上午都在店里。"},
)
VISITED_21: Act = (
    "officer3",
    "contact",
    15,
    {"way": "visit", "person": "负责人", "text": "上门见到负责人，情况属实。"},
)

OPEN: tuple[Plan, ...] = (
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
        [ACCEPT],
    ),
    Plan(
        "员工返岗缺 12 间隔离房",
        "外地员工十二人明天到，没有隔离房，无法上岗。",
        "labour",
        "汉木家具有限公司",
        "990104002002",
        timedelta(hours=1, minutes=40),
        [ACCEPT, TO_21],
    ),
    Plan(
        "临时出入证被小区门岗拒收",
        "送货员凭区里发的证进不了小区，货压在门口。",
        "pass",
        "锦川包装制品厂",
        "990104001002",
        timedelta(days=2, hours=5),
        [ACCEPT, TO_17, ACKNOWLEDGE],
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
            ACCEPT,
            TO_17,
            ACKNOWLEDGE,
            CALLED,
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
        [ACCEPT, TO_21, ACKNOWLEDGE_21, VISITED_21],
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
            ACCEPT,
            TO_17,
            ACKNOWLEDGE,
            CALLED,
            (
                "officer",
                "wait",
                5 * HOUR,
                {
                    "code": "authority",
                    "whom": "区供电公司",
                    "until": IN_THREE_DAYS,
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
            ACCEPT,
            TO_17,
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
            ACCEPT,
            TO_17,
            ACKNOWLEDGE,
            CALLED,
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
            ACCEPT,
            TO_21,
            ACKNOWLEDGE_21,
            VISITED_21,
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
            ACCEPT,
            TO_21,
            ACKNOWLEDGE_21,
            VISITED_21,
            ("lead2", "park", 3 * DAY, {"reason": "街道下月统一整改", "until": IN_NINE_DAYS}),
        ],
    ),
    Plan(
        "补齐贷款展期材料",
        "想申请贷款展期，银行说材料不齐。",
        "finance",
        "锦川包装制品厂",
        "990104001002",
        timedelta(hours=9),
        [("desk", "supplement", 30, {"reason": "缺上一年度流水和贷款合同复印件", "until": IN_THREE_DAYS})],
    ),
    Plan(
        "社保缓缴怎么办",
        "三个月没有收入，想缓缴社保。",
        "tax",
        "青苗托管中心",
        "990104001001",
        timedelta(days=5),
        until_callback(
            "team-17",
            "officer",
            "regulator2",
            [("reply", "书面答复")],
            ["basis", "talked"],
            "按缓缴政策网上申请，六个月内补缴不收滞纳金，已指导填报。",
            outcome="explained",
        ),
    ),
)
