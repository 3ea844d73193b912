"""The papers of supervision as values: the order (督办单) and the interview notice (约谈通知书), always in Chinese.

Both are a head with the issuing body, a number, a table, a place for the stamp, and a slip that comes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from casework.cases.models import Case
from casework.kernel.db import db
from casework.orders import queries
from casework.orders.models import Interview, OrderRound, SupervisionOrder
from casework.papers.slip import clean, day, moment
from casework.roster.models import Unit
from casework.roster.queries import names

LONGEST = 6000
MOST_LISTED = 40
BLANK = "　"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What both files of a paper show. ``rows`` and ``slip`` are (label, text) pairs; a text may have several lines."""

    number: str
    heading: str
    title: str
    to: str
    rows: tuple[tuple[str, str], ...]
    opening: str
    closing: str
    issuer: str
    issued_on: str
    slip_title: str
    slip: tuple[tuple[str, str], ...]

    def as_data(self) -> dict[str, object]:
        """Everything as plain values, cleaned of what no document may hold."""
        plain = ("number", "heading", "title", "to", "opening", "closing", "issuer", "issued_on", "slip_title")
        lists = {name: _pairs(getattr(self, name)) for name in ("rows", "slip")}
        return {**{name: clean(getattr(self, name), LONGEST) for name in plain}, **lists}


def _pairs(pairs: Sequence[tuple[str, str]]) -> list[dict[str, object]]:
    return [{"label": clean(label), "lines": clean(text, LONGEST).split("\n")} for label, text in pairs]


def of_order(order: SupervisionOrder) -> Paper:
    """The order as it was issued: later rounds have their own deadlines, the paper keeps the first."""
    units = queries.unit_names([order.unit_id, order.issuer_unit_id, order.delister_unit_id])
    first = queries.rounds_of(order.id)[-1]
    issuer, unit = units[order.issuer_unit_id], units[order.unit_id]
    was_listed = order.listed_at is not None and order.listed_at == order.issued_at
    rows = [
        ("督办事项", order.title),
        ("承办单位", unit),
        ("督办要求", order.demands),
        ("督办依据", order.basis or "——"),
        ("办结时限", _limit(first)),
        ("涉及诉求", _listed(queries.all_cases_of(order.id)) or "本单位工作，不限于具体诉求"),
    ]
    if was_listed:
        delister = units.get(order.delister_unit_id or 0, "")
        rows.append(("挂牌督办", f"列入挂牌督办：{order.listed_why}\n由{delister}摘牌"))
    rows.append(("督办人", _person(order.issued_by_id, order.issuer_unit_id)))
    return Paper(
        number=order.number,
        heading=issuer,
        title="挂牌督办单" if was_listed else "督办单",
        to=unit,
        rows=tuple(rows),
        opening="现将下列事项交你单位办理。请按要求组织落实，并在时限内书面报告办理情况、附佐证材料。",
        closing="逾期未报告或办理不实的，将退回重办，并视情况约谈。",
        issuer=issuer,
        issued_on=day(order.issued_at),
        slip_title="办理情况反馈",
        slip=(
            ("签收人及时间", BLANK),
            ("办理情况", f"{BLANK}\n{BLANK}\n{BLANK}"),
            ("单位负责人", BLANK),
            ("核查意见", f"{BLANK}\n{BLANK}"),
            ("销号时间", BLANK),
        ),
    )


def _limit(first: OrderRound) -> str:
    due = f"{moment(first.due_at)}前" if first.due_at else "——"
    return f"{due}（{first.limit_days} 个工作日）"


def _listed(cases: Sequence[Case]) -> str:
    """The cases by number and title; the requester stands in the system, as papers go from hand to hand."""
    lines = [f"{case.number}　{case.title}" for case in cases[:MOST_LISTED]]
    if len(cases) > MOST_LISTED:
        lines.append(f"等共 {len(cases)} 件，全部清单见系统")
    return "\n".join(lines)


def _person(user_id: int, unit_id: int) -> str:
    """Who can be asked: the name, with the phone of the unit where it has one."""
    name, phone = names({user_id}).get(user_id, ""), db.session.get_one(Unit, unit_id).phone
    return f"{name}（{phone}）" if phone else name


def of_interview(interview: Interview, order: SupervisionOrder) -> Paper:
    """The notice that calls the heads of a unit."""
    units = queries.unit_names([order.unit_id, interview.issuer_unit_id])
    issuer, unit = units[interview.issuer_unit_id], units[order.unit_id]
    return Paper(
        number=interview.number,
        heading=issuer,
        title="约谈通知书",
        to=unit,
        rows=(
            ("约谈对象", interview.who),
            ("约谈时间", moment(interview.at)),
            ("约谈地点", interview.place),
            ("约谈事由", interview.matter),
            ("相关督办单", f"{order.number}　{order.title}"),
            ("联系人", _person(interview.called_by_id, interview.issuer_unit_id)),
        ),
        opening="因下列事项办理不到位，现就有关情况进行约谈。请被约谈人准时到场，并携带书面情况说明和佐证材料。",
        closing="因故不能到场的，请提前一天书面说明并另约时间。",
        issuer=issuer,
        issued_on=day(interview.called_at),
        slip_title="送达回执",
        slip=(("签收人", BLANK), ("签收时间", BLANK), ("到场人员", BLANK)),
    )
