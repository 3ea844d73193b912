"""Cases of February 2020, closed in their time."""

from __future__ import annotations

from datetime import date, timedelta

from casework.demo.plans import DAY, HOUR, Act, Plan, until_callback
from casework.kernel.time import at_local

LOOKED_AT = at_local(date(2020, 2, 29), 9)  # the time that the cases are dated back from

PLEASED: Act = (
    "desk",
    "callback",
    DAY,
    {"result": "reached", "contacted": "yes", "solved": "yes", "satisfied": "5", "text": "很快就办好了，谢谢"},
)
CONTENT: Act = (
    "desk",
    "callback",
    DAY,
    {"result": "reached", "contacted": "yes", "solved": "yes", "satisfied": "4", "text": ""},
)

CLOSED: tuple[Plan, ...] = (
    Plan(
        "复工备案等了三天没有回音",
        "材料交了三天没人理，员工都到了。",
        "filing",
        "汉木家具有限公司",
        "990104002002",
        timedelta(days=19),
        [
            *until_callback(
                "team-21",
                "officer3",
                "regulator2",
                [("filing", "备案回执")],
                ["inspected", "true"],
                "街道当天查验，备案回执已发。",
            ),
            PLEASED,
        ],
    ),
    Plan(
        "江滨里商户请求缓交租金",
        "沿街商户没有生意，想缓交两个月。",
        "rent",
        "阿芝热干面馆",
        "990104001001",
        timedelta(days=16),
        [
            *until_callback(
                "team-17",
                "officer",
                "regulator",
                [("agreement", "缓交协议")],
                ["signed", "sum", "true"],
                "房东同意缓交两个月，分三期补齐。",
                outcome="partly_solved",
            ),
            CONTENT,
        ],
    ),
    Plan(
        "快递车进不了园区",
        "园区门岗不让外地牌照进。",
        "pass",
        "顺达快递服务部",
        "990104002001-1",
        timedelta(days=14),
        [
            *until_callback(
                "team-21",
                "officer3",
                "lead2",
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
        timedelta(days=13),
        [
            (
                "desk",
                "decline",
                40,
                {"code": "in_court", "route": "court", "reason": "已在法院立案，请按诉讼程序办理。"},
            )
        ],
    ),
)
