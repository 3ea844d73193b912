"""The page of jobs: when each ran last and runs next, how long it took, what failed; run now; the clock's alarms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Blueprint, flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework import audit
from casework.audit.vocabulary import Fact
from casework.jobs import JOBS, Job
from casework.kernel import drift, leases
from casework.kernel.attempts import carry_out
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound
from casework.kernel.forms import Form
from casework.kernel.models import JobState
from casework.kernel.permissions import Role, authorise, grant
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, needs, page, principal

blueprint = Blueprint("operations", __name__, url_prefix="/settings/jobs")
OPERATE = "jobs.operate"
SILENT = timedelta(minutes=2)

grant(OPERATE, {Role.SYSADMIN: "A"})


@dataclass(frozen=True, slots=True)
class ClockBelieved(Fact):
    """Somebody said that the clock is right, after a jump held the jobs back."""

    sentence = N_("Said that the clock is right")
    alarms: int


@dataclass(frozen=True, slots=True)
class JobHastened(Fact):
    """A job was asked to run at once."""

    sentence = N_("Ran the job %(job)s at once")
    job: str


@dataclass(frozen=True, slots=True)
class Line:
    """A job as the page shows it; ``took`` is None while it has not ended yet."""

    job: Job
    state: JobState | None
    running: bool
    took: timedelta | None


def lines(now: datetime) -> list[Line]:
    """Every job with how it went."""
    states = {state.job: state for state in db.session.scalars(sa.select(JobState))}
    return [_line(job, states.get(job.name), now) for job in JOBS]


def _line(job: Job, state: JobState | None, now: datetime) -> Line:
    if state is None or state.last_start is None:
        return Line(job, state, False, None)
    ended = state.last_end if state.last_end and state.last_end >= state.last_start else None
    running = ended is None and state.lease_until is not None and state.lease_until > now
    return Line(job, state, running, ended - state.last_start if ended else None)


@blueprint.get("")
@needs(OPERATE)
def index() -> ResponseReturnValue:
    """Every job, and whether the clock is believed."""
    return _page(Form(formdata=None))


def _page(form: Form) -> ResponseReturnValue:
    now = utcnow()
    listed = lines(now)
    last = max((one.state.last_end for one in listed if one.state and one.state.last_end), default=None)
    return page(
        "operations/jobs.html",
        lines=listed,
        last=last,
        silent=last is None or now - last > SILENT,
        alarm=drift.open_alarm(),
        alarms=drift.alarms(),
        form=form,
        status=form.http_status,
    )


@blueprint.post("/<name>/run")
@needs(OPERATE)
def run(name: str) -> ResponseReturnValue:
    """Let a job run at once."""
    if name not in {job.name for job in JOBS}:
        raise NotFound("job")
    actor, form = current_actor(), Form()

    def work() -> str:
        authorise(actor, OPERATE)
        if not leases.hasten(name):
            raise NotFound("job")
        audit.record(JobHastened(name), by=actor, at=utcnow())
        flash(gettext("It runs within a quarter of a minute."))
        return "/settings/jobs"

    location = carry_out(form, work, principal=principal())
    return redirect(location, 303) if location else _page(form)


@blueprint.post("/clock")
@needs(OPERATE)
def believe() -> ResponseReturnValue:
    """The clock is right: jobs go on."""
    actor, form = current_actor(), Form()

    def work() -> str:
        authorise(actor, OPERATE)
        ended = drift.settle(by=actor.user_id, now=utcnow())
        if ended:
            audit.record(ClockBelieved(ended), by=actor, at=utcnow())
        flash(gettext("Jobs go on."))
        return "/settings/jobs"

    location = carry_out(form, work, principal=principal())
    return redirect(location, 303) if location else _page(form)
