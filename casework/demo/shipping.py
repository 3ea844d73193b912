"""Story B: an officer drafts a procedure overnight, the first lorry leaves with a slip, the next firm just uses it.

February 2020 as it ended, and the same procedure under way today; two more templates, one of them near its sunset.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from casework.cases.models import Case
from casework.cases.queries import type_of
from casework.demo.closed_cases import PLEASED
from casework.demo.office import Office
from casework.demo.plans import HOUR, Act, Plan, carry_out, paper_picture, take_step
from casework.files import service as files
from casework.kernel.db import db, transaction
from casework.kernel.time import at_local, local_day
from casework.processes import __file__ as processes_file
from casework.processes import approving, runs, slots, templates
from casework.processes.models import ProcessRun, ProcessTemplate
from casework.processes.words import Fate, Result

SHIPPED = Path(processes_file).with_name("shipped")
NIGHT = at_local(date(2020, 2, 11), 22, 40)
PERMITTED = at_local(date(2020, 5, 8), 10)

BEGUN: tuple[Act, ...] = (
    ("desk", "accept", 9, {}),
    ("desk", "dispatch", 6, {"unit": "team-21", "officer": "officer3"}),
    ("officer3", "acknowledge", 14, {}),
    ("officer3", "contact", 12, {"way": "call", "person": "负责人", "text": "货已装好，等放行手续。"}),
)
FIRMS: tuple[Mapping[str, str], ...] = (
    {
        "title": "冷冻水产出不了城",
        "text": "两车冷冻水产要发外省，路口不放行，再放就坏了。",
        "firm": "临江冷鲜食品有限公司",
        "area": "990104002001-1",
        "contact": "秦远",
        "phone": "13900003317",
        "goods": "冷冻水产",
        "weight": "18.6",
        "cold": "yes",
        "from": "柳堤物流园",
        "to": "襄北冷链中心",
        "plate": "鄂A7K52Q",
        "crew": "苗小军 3317 13900001111",
        "seal": "LJ 440913",
    },
    {
        "title": "包装箱急送口罩厂",
        "text": "口罩厂等纸箱，货车被拦在桥头。",
        "firm": "锦川包装制品厂",
        "area": "990104002001-1",
        "contact": "田青",
        "phone": "13900004428",
        "goods": "纸箱",
        "weight": "6.2",
        "cold": "no",
        "from": "桥东路 88 号",
        "to": "望山防护用品厂",
        "plate": "鄂AF3088",
        "crew": "罗大海 8021",
        "seal": "LJ 440917",
    },
)


def plant_templates(office: Office, *, now: datetime) -> None:
    """The three templates that ship with the product; the filing procedure dates from the night of 11 February 2020."""
    shipping = _published(office, "shipping", "officer3", "regulator2", NIGHT, at_local(date(2020, 5, 10)).date())
    with transaction():
        template = db.session.get_one(ProcessTemplate, shipping)
        actor = office.actors["regulator2"]
        approving.decide(template, Fate.PERMANENT, until=None, reason="好用，常态化保留", actor=actor, now=PERMITTED)
    today = local_day(now)
    weeks_ago = now - timedelta(days=18)
    pass_id = _published(office, "access-pass", "officer", "regulator", weeks_ago, today + timedelta(days=9))
    _published(office, "resumption-filing", "officer2", "regulator2", weeks_ago, today + timedelta(days=60))
    for key, approver in ((pass_id, "regulator"), (shipping, "regulator2")):
        with transaction():
            template = db.session.get_one(ProcessTemplate, key)
            approving.offer(template, True, actor=office.actors[approver], now=now)


def _published(office: Office, name: str, author: str, approver: str, at: datetime, sunset: date) -> int:
    definition = json.loads((SHIPPED / f"{name}.json").read_text("utf-8"))
    with transaction():
        version = templates.begin(
            definition, office.areas["990104"], source="import", actor=office.actors[author], now=at,
            code=definition["code"],
        )  # fmt: skip
        template = db.session.get_one(ProcessTemplate, version.template_id)
        later, morning = at + timedelta(minutes=70), at + timedelta(hours=9)
        approving.submit(template, version, actor=office.actors[author], now=later)
        approving.publish(
            template, version, valid_from=local_day(morning), sunset_on=sunset, actor=office.actors[approver],
            now=morning,
        )  # fmt: skip
        return template.id


@dataclass
class Shipment:
    """One firm's run of the procedure."""

    office: Office
    case_id: int
    run_id: int
    firm: Mapping[str, str]

    def send(
        self, step: str, who: str | None, at: datetime, given: Mapping[str, Any], result: Result = Result.DONE
    ) -> None:
        """Send a step, with the papers that it asks for; by nobody when the firm does it on its phone."""
        papers = {"apply": ("licence", "order"), "inspect": ("photos", "photos")}.get(step, ())
        sealed = [
            (key, files.take_in(paper_picture(f"{key}{n}"), f"{PAPERS[key]}{n + 1}.png"))
            for n, key in enumerate(papers)
        ]
        with transaction():
            case, run = db.session.get_one(Case, self.case_id), db.session.get_one(ProcessRun, self.run_id)
            attached: dict[str, list[int]] = {}
            actor = self.office.actors[who] if who else None
            for key, one in sealed:
                made = files.attach(sealed=one, case_id=case.id, actor_id=actor.user_id if actor else None, now=at)
                attached.setdefault(key, []).append(made.id)
            sent = runs.Sent(step=step, result=result, given={**given, **attached})
            runs.submit(case, run, sent, actor=actor, now=at)

    def apply(self, at: datetime) -> None:
        """The firm files on its phone."""
        firm = self.firm
        day = local_day(at)
        self.send("apply", None, at, {
            "company": firm["firm"], "uscc": CODES[firm["firm"]], "contact": firm["contact"], "phone": firm["phone"],
            "goods": firm["goods"], "category": "living" if firm["cold"] == "yes" else "production",
            "weight": firm["weight"], "cold": firm["cold"], "origin": firm["from"], "destination": firm["to"],
            "leave_on": day.isoformat(), "leave_at": "18:00", "plate": firm["plate"], "crew": firm["crew"],
        })  # fmt: skip

    def check(self, at: datetime) -> None:
        """The officer checks while the firm declares."""
        self.send("promise", None, at, {"declared": True, "signed_by": self.firm["contact"]})
        self.send(
            "check",
            "officer3",
            at + timedelta(minutes=12),
            {"spoken": "yes", "note": "电话核对，车货一致。"},
            Result.APPROVE,
        )

    def inspect(self, at: datetime) -> None:
        """The authority serves on site, and issues the slip."""
        self.send("inspect", "regulator2", at, {"seal": self.firm["seal"], "remark": "现场查验无误。"}, Result.APPROVE)
        if self.firm["cold"] == "yes":
            self.send("cold_check", "regulator2", at + timedelta(minutes=3), {"temperature": "-18"})
        self.send("issue", "regulator2", at + timedelta(minutes=8), {})

    def offer(self, begins: list[datetime], at: datetime, *, choose: bool) -> None:
        """The authority offers times to come; the firm chooses the first."""
        with transaction():
            case, run = db.session.get_one(Case, self.case_id), db.session.get_one(ProcessRun, self.run_id)
            offered = slots.offer(case, run, "inspect", begins, actor=self.office.actors["regulator2"], now=at)
            if choose:
                slots.choose(case, run, "inspect", offered[0].id, actor=None, now=at)


PAPERS = {"licence": "营业执照", "order": "送货单", "photos": "查验照片"}
CODES = {"临江冷鲜食品有限公司": "91990104MA0K7X3C2K", "锦川包装制品厂": "91990104MA0K8B5T6F"}


def plant_closed(office: Office) -> None:
    """The first firm on the day after the night, the second on the next morning with nobody drafting anything.

    The files of their slips are written by the job: what sets them must not run in the process that serving forks from.
    """
    for number, firm in enumerate(FIRMS):
        begins = at_local(date(2020, 2, 12 + number), 9 if number == 0 else 8)
        ended = at_local(date(2020, 2, 29), 9)
        acts = (*BEGUN,)
        plan = Plan(
            firm["title"], firm["text"], "shipping", firm["firm"], firm["area"], ended - begins, acts, urgent=True
        )
        case_id = carry_out(plan, office, now=ended)
        shipment = _started(office, case_id, firm, begins + timedelta(minutes=50))
        shipment.apply(begins + timedelta(hours=1, minutes=10))
        shipment.check(begins + timedelta(hours=1, minutes=25))
        if number == 0:
            shipment.offer([begins + timedelta(hours=n) for n in (3, 5)], begins + timedelta(hours=2), choose=True)
        shipment.inspect(begins + timedelta(hours=3, minutes=20))
        shipment.send("arrival", None, begins + timedelta(hours=30), {"arrived_on": f"2020-02-{13 + number}"})
        _close(office, case_id, begins + timedelta(hours=31))


def _started(office: Office, case_id: int, firm: Mapping[str, str], at: datetime) -> Shipment:
    with transaction():
        case = db.session.get_one(Case, case_id)
        template = db.session.scalars(sa.select(ProcessTemplate).where(ProcessTemplate.code == "LS-FH-01")).one()
        run = runs.start(case, template, type_code=type_of(case).code, actor=office.actors["officer3"], now=at)
        return Shipment(office, case_id, run.id, firm)


def _close(office: Office, case_id: int, at: datetime) -> None:
    checked = {key: {"mark": "yes", "note": ""} for key in ("filed", "safe", "true")}
    acts: tuple[Act, ...] = (
        ("officer3", "attach", 10, {"kind": "slip", "title": "报备单"}),
        ("officer3", "submit_result", HOUR, {"outcome": "solved", "text": "凭报备单按时发货，已收到回执。"}),
        ("regulator2", "approve", 3 * HOUR, {"checklist": checked}),
        PLEASED,
    )
    for who, name, minutes, answer in acts:
        at += timedelta(minutes=minutes)
        take_step(office, case_id, who, name, answer, at)


def plant_open(office: Office, *, now: datetime) -> None:
    """Today's lorry: filed and checked, the authority has offered times to come."""
    query = sa.select(Case.id).where(Case.title == "两车冷链今日要发外省", Case.is_open.is_(True))
    shipment = _started(office, db.session.scalars(query).one(), FIRMS[0], now - timedelta(hours=3))
    shipment.apply(now - timedelta(hours=2, minutes=30))
    shipment.check(now - timedelta(hours=2))
    shipment.offer([now + timedelta(hours=n) for n in (2, 4, 20)], now - timedelta(hours=1), choose=False)
