"""What a step costs: `python -m benchmarks.runs [--database URL]`. CPU milliseconds, in process, on a fresh database."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask_migrate import upgrade

from benchmarks.templates import lanes
from casework import create_app
from casework.cases.workflow import State
from casework.config import ROOT, Settings
from casework.kernel.db import db, transaction
from casework.kernel.time import utcnow
from casework.processes import running, runs
from casework.processes.models import ProcessRun
from tests.factories import a_case, an_office, signed_in
from tests.harness.client import InspectingClient
from tests.processes.shipment import a_template, publish


def cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU milliseconds of one call, and what it returned."""
    start = time.process_time()
    found = work()
    return (time.process_time() - start) * 1000, found


def median(values: list[float]) -> float:
    """The middle one."""
    return sorted(values)[len(values) // 2]


def procedure(steps: int) -> dict[str, Any]:
    """A template of so many steps that serves shipping."""
    return lanes(steps) | {"purpose": {"zh": "测"}, "owner": "transport", "basis": "测", "serves": ["shipping"]}


def main() -> None:
    """Start a run and complete steps at 60 and 200 steps; edit a draft of 100 steps through its page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", default="")
    with tempfile.TemporaryDirectory() as folder:
        url = parser.parse_args().database or f"sqlite:///{Path(folder) / 'runs.db'}"
        app = create_app(Settings(database_url=url, secret_key="x" * 40, storage=folder, testing=True))
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            office = an_office()
            for steps in (60, 200):
                follow(office, steps)
            edit(app, office)


def follow(office: Any, steps: int) -> None:
    """Publish, start, and complete forty steps."""
    now = utcnow()
    template, version = a_template(office, procedure(steps), code=f"B-{steps}", now=now)
    publish(office, template, version, now=now)
    case = a_case(office, State.IN_PROGRESS, kind="shipping", now=now)
    actor = office.actor("officer", day=now.date())
    started: list[float] = []
    for _ in range(5):
        db.session.expire_all()

        def start() -> int:
            with transaction():
                return runs.start(case, template, type_code="shipping", actor=actor, now=now).id

        taken, run_id = cpu(start)
        started.append(taken)
    sent: list[float] = []
    for number in range(40):
        run = db.session.get_one(ProcessRun, run_id)
        key = running.course_of(run).now.ready[0]
        given = {f"f{place}": "yes" for place in range(5)}
        db.session.expire_all()

        def send(run: Any = run, step: str = key, minutes: int = number, answers: Any = given) -> None:
            with transaction():
                what = runs.Sent(step=step, given=answers)
                runs.submit(case, run, what, actor=actor, now=now + timedelta(minutes=minutes))

        taken, _ = cpu(send)
        sent.append(taken)
    print(
        f"{steps:3} steps: start {median(started):5.1f} ms, complete a step {median(sent):5.1f} ms, last {sent[-1]:5.1f} ms"
    )


def edit(app: Any, office: Any) -> None:
    """Change a title in a draft of a hundred steps: the post, and the page that follows."""
    template, version = a_template(office, procedure(100), code="B-100", now=utcnow())
    app.test_client_class = InspectingClient
    client = signed_in(app.test_client(), office.people["officer"])
    client.inspects = False
    here, posted, shown = f"/templates/{template.code}/design", [], []
    for number in range(8):
        db.session.expire_all()
        data = {"version": version.version, "do": "save", "step": "s50", "title_zh": f"步骤 {number}", "actor": "officer",
                "limit_number": "1", "limit_unit": "hours", "after": [f"s{n}" for n in range(40, 48)]}  # fmt: skip
        taken, answer = cpu(lambda data=data: client.post(here, data=data))
        assert answer.status_code == 303, answer.status_code
        posted.append(taken)
        taken, _ = cpu(lambda: client.get(f"{here}?step=s50"))
        shown.append(taken)
    print(f"100 steps: an edit {median(posted):5.1f} ms, the page after it {median(shown):5.1f} ms")


if __name__ == "__main__":
    main()
