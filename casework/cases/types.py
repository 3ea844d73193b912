"""Case types: the presets of the field, and their editing by the district administrator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa

from casework import audit
from casework.audit.vocabulary import Fact
from casework.cases.models import CaseType
from casework.cases.rules import CALLBACK_TRIES
from casework.cases.workflow import Outcome
from casework.kernel.db import db, one
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import Actor, authorise


def _item(key: str, zh: str, en: str, required: bool = True) -> dict[str, Any]:
    return {"key": key, "zh": zh, "en": en, "required": required}


LONG = 10
"""Working days from which on a plan is asked for first (江门: plan 24 h, close 7 days)."""


def _limits(contact_hours: int, resolve_days: int) -> dict[str, Any]:
    """Presets after 深圳 民意速办 2024 (dispatch 2 h) and 首接负责 2020-03 (other matters 3 working days)."""
    return {
        "acknowledge": {"minutes": 120, "calendar": "always"},
        "first_contact": {"minutes": contact_hours * 60, "calendar": "working"},
        **({"plan": {"days": 2, "calendar": "working"}} if resolve_days >= LONG else {}),
        "resolve": {"days": resolve_days, "calendar": "working"},
        "review": {"days": 2, "calendar": "working"},
        "callback": {"days": 2, "calendar": "working", "tries": CALLBACK_TRIES},
        "rework": {"days": 2, "calendar": "working"},
    }


_RECORD = _item("record", "办理记录", "Record of what was done")
_REPLY = _item("reply", "书面答复", "Written reply")
_TALKED = _item("talked", "已与企业当面或电话说明", "The enterprise was told in person or by phone")
_TRUE = _item("true", "办理记录与事实相符", "The record agrees with the facts")
_ENDED = _item("ended", "没有未了的承诺", "No promise is left open")
_ALL = [outcome.value for outcome in Outcome]

# fmt: off
# code, 名称, name, hint zh, hint en, domain, reviewer, limits, evidence, checklist
PRESETS: tuple[tuple[Any, ...], ...] = (
    ("rent", "租金减免", "Rent relief", "想减免、缓交，或房东不传导", "Waive, reduce or defer rent", "housing", "regulator",
     _limits(2, 10), [_item("agreement", "减免协议（签字）", "Signed agreement"),
                      _item("list", "商户月租清单", "List of firms and rents", False)],
     [_item("signed", "协议有双方签字", "Both sides signed"), _item("sum", "金额与分摊合计相等", "The sum equals the shares"), _TRUE]),
    ("shipping", "临时发货报备", "Temporary shipping", "货要出库，车要上路", "Goods must leave, lorries must pass", "transport", "regulator",
     _limits(1, 2), [_item("slip", "报备单或放行凭证", "Filing slip or release")],
     [_item("filed", "已在监管部门报备", "Filed with the regulator"), _item("safe", "防疫措施到位", "Health measures in place"), _TRUE]),
    ("pass", "临时出入证", "Access pass", "小区、园区门岗不放行", "The gate lets nobody through", "community", "lead",
     _limits(1, 2), [_item("pass", "证件或放行说明", "Pass or release note")], [_item("valid", "证件有效期已说明", "Validity was explained"), _TRUE]),
    ("supplies", "防疫物资", "Supplies", "口罩、消杀、测温", "Masks, disinfectant, thermometers", "health", "regulator",
     _limits(2, 3), [_item("receipt", "签收单", "Signed receipt")], [_item("count", "数量与需求相符", "Quantity as asked"), _TRUE]),
    ("labour", "用工返岗", "Labour", "员工回不来、招不到人、隔离房", "Staff cannot return or be found", "labour", "regulator",
     _limits(2, 5), [_RECORD], [_TALKED, _TRUE]),
    ("finance", "融资贷款", "Financing", "展期、贴息、授信", "Rollover, subsidised interest, credit", "finance", "regulator",
     _limits(4, 10), [_REPLY], [_item("bank", "银行或金融办已答复", "The bank or finance office replied"), _TALKED]),
    ("tax", "税费", "Tax and fees", "缓缴、减免、社保", "Deferral, reduction, social insurance", "tax", "regulator",
     _limits(4, 5), [_REPLY], [_item("basis", "政策依据写明", "The policy basis is named"), _TALKED]),
    ("logistics", "物流运输", "Logistics", "车辆通行、司机、仓储", "Lorries, drivers, storage", "transport", "regulator",
     _limits(1, 3), [_RECORD], [_TALKED, _TRUE]),
    ("filing", "复工备案", "Resumption filing", "复工备案、查验、承诺书", "Filing, inspection, declaration", "industry", "regulator",
     _limits(2, 3), [_item("filing", "备案回执", "Filing receipt")], [_item("inspected", "现场查验合格", "On-site inspection passed"), _TRUE]),
    ("utilities", "水电气网", "Utilities", "欠费不停供、错峰、恢复供应", "Supply despite arrears, off-peak, restoring", "utilities", "regulator",
     _limits(2, 5), [_REPLY], [_TALKED, _TRUE]),
    ("policy", "政策咨询", "Policy question", "哪些政策能用、怎么申请", "Which policy applies, how to apply", "industry", "lead",
     _limits(4, 1), [_REPLY], [_item("basis", "政策依据写明", "The policy basis is named"), _TALKED]),
    ("other", "其他困难", "Other", "用自己的话说", "In your own words", "general", "lead", _limits(4, 5), [_RECORD], [_TALKED, _ENDED]),
)
# fmt: on
DOMAINS = {
    "housing": N_("Housing"),
    "transport": N_("Transport"),
    "community": N_("Community"),
    "health": N_("Health"),
    "labour": N_("Labour"),
    "finance": N_("Finance"),
    "tax": N_("Tax"),
    "industry": N_("Industry"),
    "utilities": N_("Utilities"),
    "general": N_("General"),
}


@dataclass(frozen=True, slots=True)
class CaseTypeChanged(Fact):
    """A case type was changed: the new values."""

    kind: ClassVar[str] = "system"
    code: str
    values: dict[str, Any]


# What people say when they mean it: suggests the type from the text. The first of two equals wins.
WORDS: Mapping[str, tuple[str, ...]] = {
    "rent": ("租金", "房租", "减租", "免租", "房东", "业主", "物业费", "二房东", "租户", "缓交租", "商铺租"),
    "shipping": (
        "发货",
        "出货",
        "货车",
        "物流",
        "运输",
        "货运",
        "通行证",
        "车辆通行",
        "出库",
        "快递",
        "报备",
        "绿色通道",
    ),
    "pass": ("出入证", "进不去", "门岗", "保安不让", "小区不让", "封闭管理", "通行卡", "进小区"),
    "supplies": ("口罩", "消毒", "酒精", "测温", "防护服", "额温枪", "防疫物资", "手套", "护目镜"),
    "labour": ("员工", "工人", "招工", "用工", "返岗", "隔离", "返深", "社保", "社会保险", "工资", "稳岗", "加班"),
    "finance": ("贷款", "融资", "利息", "银行", "续贷", "抵押", "担保", "贴息", "资金周转", "信贷", "还款"),
    "utilities": ("用电", "用水", "燃气", "停电", "停水", "电费", "水费", "气费", "供电", "断电", "欠费"),
    "tax": (
        "税务",
        "纳税",
        "所得税",
        "个税",
        "税款",
        "税",
        "缴税",
        "税费",
        "减税",
        "免税",
        "税收",
        "财税",
        "报税",
        "缓缴",
        "发票",
        "增值税",
    ),
    "logistics": ("司机", "仓库", "仓储", "冷链", "集装箱", "港口", "配送"),
    "policy": ("政策", "补贴", "怎么申请", "申请条件", "扶持", "奖励", "能不能享受"),
    "filing": ("复工", "停工", "复工备案", "备案", "复工申请", "开业", "复工复产", "复产", "复工证明", "开工"),
}


def plant() -> int:
    """Make the preset types that are missing; edited ones are left alone. Returns how many were made."""
    present = set(db.session.scalars(sa.select(CaseType.code)))
    made = [
        CaseType(
            code=code,
            zh=zh,
            en=en,
            hint_zh=hint_zh,
            hint_en=hint_en,
            words=list(WORDS.get(code, ())),
            domain=domain,
            reviewer=reviewer,
            limits=limits,
            evidence=evidence,
            checklist=checklist,
            outcomes=_ALL,
            position=position,
            active=True,
        )
        for position, (code, zh, en, hint_zh, hint_en, domain, reviewer, limits, evidence, checklist) in enumerate(
            PRESETS
        )
        if code not in present
    ]
    db.session.add_all(made)
    db.session.flush()  # so that the caller can use their ids
    return len(made)


def type_with(code: str) -> CaseType:
    """The type with this code.

    Raises:
        NotFound: there is none.
    """
    return one(sa.select(CaseType).where(CaseType.code == code), code)


def change(kind: CaseType, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Change a type: names, hints, domain, reviewer, limits, evidence, checklist, outcomes, whether it is offered.

    Cases under way keep the clocks that were started; what starts afterwards follows the new limits.

    Raises:
        NotPermitted: only the district administrator.
        Refused: a limit is not positive, or no outcome is left.
    """
    authorise(actor, "case_type.edit")
    if reasons := _faults(values):
        raise Refused(reasons)
    for name, value in values.items():
        setattr(kind, name, value)
    db.session.flush()  # the version check before the entry
    audit.record(CaseTypeChanged(code=kind.code, values=dict(values)), by=actor, at=now)


def _faults(values: Mapping[str, Any]) -> list[Any]:
    faults = []
    for clock, limit in values.get("limits", {}).items():
        if not (0 < int(limit.get("days", 1)) <= 400 and 0 < int(limit.get("minutes", 1)) <= 400 * 24 * 60):
            faults.append(because(N_("Time limit: write a number above zero, at most 400 days."), f"limit_{clock}"))
    if "outcomes" in values and not values["outcomes"]:
        faults.append(because(N_("Outcomes: leave at least one."), "outcomes"))
    return faults
