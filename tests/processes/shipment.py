"""The shipping procedure, published and under way on a case, by the services."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from casework.cases.models import Case
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.time import local_day
from casework.processes import approving, runs, templates
from casework.processes.models import ProcessRun, ProcessTemplate, TemplateVersion
from casework.processes.running import Course, course_of
from casework.processes.words import Result
from tests.factories import NOW, Office, a_case, a_file

SHIPPED = Path(templates.__file__).with_name("shipped")
APPLIED: dict[str, Any] = {
    "company": "临江冷鲜食品有限公司",
    "uscc": "91440300MA5E8AMP0R",
    "contact": "秦远",
    "phone": "13900003317",
    "goods": "冷冻水产",
    "category": "living",
    "weight": "18.6",
    "cold": "no",
    "origin": "临江物流园",
    "destination": "襄北冷链中心",
    "leave_on": "2020-03-17",
    "leave_at": "06:30",
    "plate": "粤B12345",
    "crew": "苗小军 3317 13900001111",
}


def shipping() -> dict[str, Any]:
    """The shipped definition, as a file has it."""
    found: dict[str, Any] = json.loads((SHIPPED / "shipping.json").read_text("utf-8"))
    return found


def a_template(
    office: Office,
    definition: dict[str, Any] | None = None,
    *,
    code: str = "",
    area: str = "8801",
    by: str = "officer",
    now: datetime = NOW,
) -> tuple[ProcessTemplate, TemplateVersion]:
    """A draft of the shipping procedure, or of another definition."""
    drafted = templates.begin(
        definition or shipping(), office.areas[area], source="import", actor=office.actor(by), now=now, code=code
    )
    db.session.commit()
    return db.session.get_one(ProcessTemplate, drafted.template_id), drafted


def published(
    office: Office,
    definition: dict[str, Any] | None = None,
    *,
    valid_from: date | None = None,
    now: datetime = NOW,
    **draft: Any,
) -> tuple[ProcessTemplate, TemplateVersion]:
    """The same, drafted by the officer and published by the transport authority."""
    template, version = a_template(office, definition, now=now, **draft)
    publish(office, template, version, valid_from=valid_from, now=now)
    return template, version


def publish(
    office: Office,
    template: ProcessTemplate,
    version: TemplateVersion,
    *,
    valid_from: date | None = None,
    now: datetime = NOW,
    by: str = "regulator2",
) -> None:
    """Send a draft to its authority, which publishes it for ninety days."""
    approving.submit(template, version, actor=office.actor("officer"), now=now)
    first = valid_from or local_day(now)
    approving.publish(
        template,
        version,
        valid_from=first,
        sunset_on=first + timedelta(days=90),
        actor=office.actor(by),
        now=now,
    )
    db.session.commit()


@dataclass
class Shipment:
    """A run on a case of the first officer."""

    office: Office
    case: Case
    run: ProcessRun

    @property
    def course(self) -> Course:
        """Where it stands now."""
        return course_of(self.run)

    def ready(self) -> list[str]:
        """The steps that are open."""
        return self.course.now.ready

    def send(
        self, step: str, by: str | None = None, *, now: datetime = NOW, commit: bool = True, **sent: Any
    ) -> Course:
        """Send a step; by nobody when the enterprise does it."""
        given = sent.pop("given", ANSWERS.get(step, {}))
        if step == "apply" or (step == "inspect" and "photos" not in given):
            given = {**given, **self.papers(step)}
        result = sent.pop("result", RESULTS.get(step, Result.DONE))
        actor = self.office.actor(by) if by else None
        what = runs.Sent(step=step, result=result, given=given, **sent)
        course = runs.submit(self.case, self.run, what, actor=actor, now=now)
        if commit:
            db.session.commit()
        return course

    def papers(self, step: str) -> dict[str, Any]:
        """The files that a step asks for, attached to the case."""
        if step == "apply":
            return {"licence": [a_file(self.case).id], "order": [a_file(self.case).id]}
        return {"photos": [a_file(self.case).id, a_file(self.case).id]}

    def go_to(self, step: str) -> Shipment:
        """Carry it on until a step is open."""
        for key, who in WAY:
            if step in self.ready():
                return self
            if key in self.ready():
                self.send(key, who)
        return self


ANSWERS: dict[str, dict[str, Any]] = {
    "apply": APPLIED,
    "check": {"spoken": "yes"},
    "promise": {"declared": True, "signed_by": "秦远"},
    "inspect": {"seal": "LJ 440913"},
    "arrival": {"arrived_on": "2020-03-18"},
}
RESULTS = {"check": Result.APPROVE, "inspect": Result.APPROVE}
WAY = (
    ("apply", None),
    ("check", "officer"),
    ("promise", None),
    ("inspect", "regulator2"),
    ("issue", "regulator2"),
    ("arrival", None),
)


def a_shipment(office: Office, template: ProcessTemplate | None = None, *, now: datetime = NOW) -> Shipment:
    """A shipping case in the officer's hands, and the procedure begun on it."""
    if template is None:
        template, _ = published(office, now=now)
    case = a_case(office, State.IN_PROGRESS, kind="shipping")
    run = runs.start(case, template, type_code="shipping", actor=office.actor("officer"), now=now)
    db.session.commit()
    return Shipment(office, case, run)
