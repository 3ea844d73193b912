"""How a process goes in practice: the median time of its steps and how often it is returned to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from casework.kernel.db import db
from casework.processes.models import ProcessRun, StepRun, Submission
from casework.processes.words import Result


@dataclass(frozen=True, slots=True)
class StepFigures:
    """How a step went in the latest runs: median minutes, how many, and how often it was sent back to."""

    step: str
    median: int | None
    count: int
    returned: int


def figures(template_id: int, *, runs: int = 200) -> Mapping[str, StepFigures]:
    """Median time and returns of each step over the latest runs of a template."""
    latest = (
        sa.select(ProcessRun.id)
        .where(ProcessRun.template_id == template_id)
        .order_by(ProcessRun.id.desc())
        .limit(runs)
        .subquery()
    )
    times: dict[str, list[int]] = {}
    query = sa.select(StepRun.step, StepRun.minutes).join(latest, latest.c.id == StepRun.run_id)
    for step, minutes in db.session.execute(query.where(StepRun.minutes.is_not(None))):
        times.setdefault(step, []).append(int(minutes or 0))
    back = (
        sa.select(Submission.to_step, sa.func.count())
        .join(latest, latest.c.id == Submission.run_id)
        .where(Submission.result == Result.RETURN)
        .group_by(Submission.to_step)
    )
    returned: dict[str, int] = {row[0]: row[1] for row in db.session.execute(back)}
    return {
        step: StepFigures(step, _median(times.get(step, [])), len(times.get(step, [])), returned.get(step, 0))
        for step in times.keys() | returned.keys()
    }


def _median(values: list[int]) -> int | None:
    values = sorted(values)
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) // 2 if values else None
