"""What still blocks closing: processes that are under way, each with the way to it."""

from __future__ import annotations

from casework.cases.models import Case
from casework.cases.rules import BlockingItem
from casework.kernel.db import db
from casework.kernel.errors import N_, because
from casework.kernel.i18n import language
from casework.processes import running
from casework.processes.models import ProcessTemplate


def blocking(case: Case) -> list[BlockingItem]:
    """The runs of a case that have not ended."""
    if not case.processed:
        return []
    items = []
    for run in running.has_unfinished(case.id):
        template = db.session.get_one(ProcessTemplate, run.template_id)
        said = because(N_("the process “%(name)s” is under way"), name=template.label(language()))
        items.append(BlockingItem(said, f"/runs/{run.id}"))
    return items
