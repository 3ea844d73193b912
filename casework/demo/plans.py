"""A case of the demo as a plan: what is reported, then who does what. `carry_out` does it through the services."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from PIL import Image, ImageDraw

from casework.cases import joint, service, types
from casework.cases.models import Case
from casework.cases.workflow import Source
from casework.demo.firms import FIRMS, TENANTS
from casework.demo.office import Office
from casework.files import service as files
from casework.kernel.db import db, transaction
from casework.kernel.time import local_day

HOUR, DAY = 60, 60 * 24  # in minutes

# Who, which act, how many minutes after the last, and the answer. Units and people stand in it by their short names;
# "until" is a timedelta from the day on which the plan starts to be carried out.
Act = tuple[str, str, int, dict[str, Any]]


@dataclass(frozen=True)
class Plan:
    """One case: what is reported ``ago`` before the plan's time, and the acts that follow, none after that time."""

    title: str
    text: str
    kind: str
    firm: str
    area: str
    ago: timedelta
    acts: Sequence[Act] = ()
    urgent: bool = False
    tenants: bool = False
    source: Source = Source.PHONE


def carry_out(plan: Plan, office: Office, *, now: datetime) -> int:
    """Report the case and do its acts, one transaction each, as the pages would. Returns the id of the case."""
    at = now - plan.ago
    case_id = _report(plan, office, at)
    for who, name, minutes, answer in plan.acts:
        at = min(at + timedelta(minutes=minutes), now)
        take_step(office, case_id, who, name, _resolved(office, answer, now), at)
    if plan.tenants:
        _join(office, case_id, at)
    return case_id


def _report(plan: Plan, office: Office, at: datetime) -> int:
    _, _, place, contact_name, contact_phone = next(row for row in FIRMS if row[0] == plan.firm)
    with transaction():
        draft = service.CaseDraft(
            title=plan.title,
            text=plan.text,
            type_id=types.type_with(plan.kind).id,
            area_id=office.areas[plan.area].id,
            source=plan.source,
            requester=plan.firm,
            enterprise_id=office.firms[plan.firm],
            contact_name=contact_name,
            contact_phone=contact_phone,
            place=place,
            urgent=plan.urgent,
            joint=plan.tenants,
        )
        return service.submit(draft=draft, actor=office.actors["desk"], now=at).id


def take_step(office: Office, case_id: int, who: str, name: str, answer: dict[str, Any], at: datetime) -> None:
    """Let somebody take one act on a case, in one transaction: an action, a note or a sealed paper."""
    actor = office.actors[who]
    # A file is taken in before the transaction, as the pages do.
    paper = files.take_in(paper_picture(answer["title"]), f"{answer['title']}.png") if name == "attach" else None
    with transaction():
        case = db.session.get_one(Case, case_id)
        if name == "note":
            service.add_note(case, answer["text"], actor=actor, now=at)
        elif paper is not None:
            made = files.attach(sealed=paper, case_id=case.id, kind=answer["kind"], actor_id=actor.user_id, now=at)
            service.attach(case, [made], actor=actor, now=at)
        else:
            service.act(case, name, answer, actor=actor, now=at)


def _resolved(office: Office, answer: dict[str, Any], now: datetime) -> dict[str, Any]:
    plain = dict(answer)
    if "unit" in plain:
        plain["unit"] = office.units[plain["unit"]].id
    if "officer" in plain:
        plain["officer"] = office.actors[plain["officer"]].user_id
    if "support" in plain:
        plain["support"] = [office.actors[name].user_id for name in plain["support"]]
    if "until" in plain:
        plain["until"] = local_day(now) + plain["until"]
    return plain


def _join(office: Office, case_id: int, at: datetime) -> None:
    firms = [
        joint.Joining(name=name, monthly_rent_fen=rent, floor_area_cm2=area * 10_000) for name, rent, area in TENANTS
    ]
    with transaction():
        joint.add(db.session.get_one(Case, case_id), firms, actor=office.actors["desk"], now=at)


def paper_picture(title: str) -> io.BytesIO:
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


def until_callback(
    team: str,
    officer: str,
    reviewer: str,
    evidence: Sequence[tuple[str, str]],
    marks: Sequence[str],
    said: str,
    *,
    outcome: str = "solved",
) -> list[Act]:
    """The acts from acceptance to an approved result; ``evidence`` is kinds of papers with their titles."""
    checked = {key: {"mark": "yes", "note": ""} for key in marks}
    return [
        ("desk", "accept", 12, {}),
        ("desk", "dispatch", 9, {"unit": team, "officer": officer}),
        (officer, "acknowledge", 35, {}),
        (officer, "contact", 20, {"way": "call", "person": "负责人", "text": "电话了解情况，约定上门时间。"}),
        (officer, "note", 4 * HOUR, {"text": f"上门核实：{said}"}),
        *[(officer, "attach", 30, {"kind": key, "title": title}) for key, title in evidence],
        (officer, "submit_result", 4 * HOUR, {"outcome": outcome, "text": said}),
        (reviewer, "approve", 4 * HOUR, {"checklist": checked}),
    ]
