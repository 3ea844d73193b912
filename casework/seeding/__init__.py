"""Invented cases in any number, for trials and measurements: whole event chains, clocks and texts, written in bulk.

The rows are what the services would have left behind, so that ``verify`` passes and every page works; they are
only made faster. Cases grow older from the last to the first: the newest are open, most others have ended.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from casework.audit.models import ChainHead, Event, EventPayload
from casework.cases.models import Assignment, Case
from casework.cases.workflow import State
from casework.clocks.models import Deadline, Pause
from casework.kernel.db import db, transaction
from casework.kernel.models import SearchDoc
from casework.kpis.models import KpiWaiting
from casework.seeding.bulk import Rows, give_ids, ids, insert
from casework.seeding.clocks import run_clocks
from casework.seeding.office import World, world_for
from casework.seeding.story import PATHS, begun, number, tell

CHUNK = 1000
Progress = Callable[[int], None]


def seed(count: int, *, now: datetime, progress: Progress | None = None) -> dict[str, int]:
    """Add that many cases to an office that has areas, types and people; how many cases and entries were added."""
    world = world_for(count, now)
    entries = 0
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        with transaction():
            entries += _chunk(world, start, size, count)
        if progress:
            progress(start + size)
    with transaction():
        db.session.execute(sa.text("ANALYZE"))
    return {"cases": count, "entries": entries}


def _chunk(world: World, start: int, size: int, count: int) -> int:
    rows: Rows = {model: [] for model in
                  (Case, ChainHead, Event, EventPayload, Assignment, Deadline, Pause, SearchDoc,
                   KpiWaiting)}  # fmt: skip
    case_id = ids(Case, size)
    stories = [begun(world, case_id + offset, (start + offset + 0.5) / count) for offset in range(size)]
    number(world, stories)
    event_id = ids(Event, sum(1 + len(PATHS[State(story.row["state"])]) for story in stories))
    for story in stories:
        event_id = tell(world, story, event_id, rows)
        run_clocks(world, story, rows)
        rows[Case].append(story.row)
        rows[KpiWaiting].append({"case_id": story.row["id"], "spread": False, "at": world.now})
    give_ids(Deadline, rows)
    for pause in rows[Pause]:
        pause["deadline_id"] = pause["deadline_id"]["id"]
    for model in (Pause, SearchDoc, Assignment, KpiWaiting):
        give_ids(model, rows)
    for model, made in rows.items():
        insert(model, made)
    return len(rows[Event])
