"""JOBS: everything that happens by itself, with how often. The scheduler runs them, the page of jobs shows them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from casework.kernel.errors import N_

JobFunction = Callable[..., int]


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is done again and again. ``path`` is ``module:function``, imported when it is run."""

    name: str
    every: timedelta
    path: str
    label: str = ""

    def load(self) -> JobFunction:
        """The function: takes ``now``, opens its own transactions and returns how much it did."""
        module, _, function = self.path.partition(":")
        loaded: JobFunction = getattr(importlib.import_module(module), function)
        return loaded


JOBS = (
    Job(
        "casefile.make",
        timedelta(seconds=15),
        "casework.casefile.jobs:make",
        N_("Makes the files of large cases"),
    ),
    Job(
        "cases.auto_acknowledge",
        timedelta(seconds=15),
        "casework.cases.jobs:auto_acknowledge",
        N_("Acknowledges what was dispatched and not answered within the limit"),
    ),
    Job(
        "cases.bring_back",
        timedelta(seconds=60),
        "casework.cases.jobs:bring_back",
        N_("Brings back parked and waiting cases on their day"),
    ),
    Job(
        "cases.follow_calendars",
        timedelta(seconds=15),
        "casework.cases.jobs:follow_calendars",
        N_("Lets open deadlines follow a changed calendar"),
    ),
    Job(
        "saved.send_digests",
        timedelta(minutes=10),
        "casework.saved.service:send_digests",
        N_("Tells in the morning what is new in saved views"),
    ),
    Job(
        "commons.carry_on_moves",
        timedelta(seconds=15),
        "casework.commons.jobs:carry_on_moves",
        N_("Carries on moving the cases of a common issue together"),
    ),
    Job(
        "imports.run",
        timedelta(seconds=15),
        "casework.imports.jobs:run_imports",
        N_("Carries on imports"),
    ),
    Job(
        "ledgers.make",
        timedelta(seconds=15),
        "casework.ledgers.jobs:make_lists",
        N_("Writes the long lists that somebody takes out"),
    ),
    Job(
        "ledgers.take_back",
        timedelta(seconds=15),
        "casework.ledgers.jobs:take_back_ledgers",
        N_("Carries on taking edited ledgers back in"),
    ),
    Job(
        "papers.seal",
        timedelta(minutes=5),
        "casework.papers.jobs:seal_documents",
        N_("Writes the files of issued documents"),
    ),
    Job(
        "files.sweep",
        timedelta(hours=6),
        "casework.files.service:sweep_orphans",
        N_("Removes files that belong to nothing"),
    ),
    Job(
        "scratch.sweep",
        timedelta(hours=1),
        "casework.kernel.scratch:sweep",
        N_("Removes what work that was cut off left half-read"),
    ),
    Job(
        "orders.follow_calendars",
        timedelta(seconds=60),
        "casework.orders.jobs:follow_calendars",
        N_("Lets the deadlines of supervision orders follow a changed calendar"),
    ),
    Job(
        "handover.sweep",
        timedelta(minutes=10),
        "casework.handover.jobs:sweep",
        N_("Drops from hand-overs what was settled otherwise"),
    ),
    Job(
        "intake.tidy",
        timedelta(hours=6),
        "casework.intake.jobs:tidy",
        N_("Forgets reports that nobody went on with"),
    ),
    Job(
        "kpis.count",
        timedelta(seconds=15),
        "casework.kpis.jobs:count",
        N_("Counts what changed into the figures"),
    ),
    Job(  # after the figures are counted: a brief takes them up
        "briefs.write",
        timedelta(seconds=15),
        "casework.briefs.jobs:write",
        N_("Writes the briefs that are planned or asked for"),
    ),
    Job(
        "notifications.deliver",
        timedelta(seconds=15),
        "casework.notifications.jobs:deliver",
        N_("Sends what stands in the outbox"),
    ),
    Job(
        "notifications.tidy",
        timedelta(hours=6),
        "casework.notifications.jobs:tidy",
        N_("Forgets old notices and messages that arrived"),
    ),
    Job(
        "search.read_files",
        timedelta(seconds=15),
        "casework.search.jobs:read_files",
        N_("Reads the text inside documents, so that it can be searched for"),
    ),
    Job(
        "search.catch_up",
        timedelta(seconds=15),
        "casework.search.jobs:catch_up",
        N_("Brings older cases and files into the search"),
    ),
    Job(
        "supervision.sweep",
        timedelta(seconds=15),
        "casework.supervision.jobs:sweep",
        N_("Reminds before the due time, and brings late cases before those above"),
    ),
    Job(
        "supervision.tidy",
        timedelta(hours=6),
        "casework.supervision.jobs:tidy",
        N_("Takes off the desks what was brought before somebody and is settled"),
    ),
    Job(
        "registers.tidy",
        timedelta(hours=6),
        "casework.registers.jobs:tidy",
        N_("Forgets who read which case after 400 days"),
    ),
    Job(
        "kernel.tidy",
        timedelta(hours=1),
        "casework.scheduler:tidy",
        N_("Forgets old sign-ins, counters and answered forms"),
    ),
)
