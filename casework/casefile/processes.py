"""The chapter of the temporary processes: each run with its steps, answers and times, and what it issued."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from casework.casefile import blocks
from casework.casefile.blocks import Block
from casework.casefile.words import moment
from casework.cases.models import Case
from casework.kernel.errors import N_
from casework.kernel.i18n import language
from casework.kernel.i18n import translate as _
from casework.kernel.permissions import Actor
from casework.papers.slip import grouped
from casework.processes import run_pages, running
from casework.processes.models import IssuedDocument
from casework.processes.run_pages import RunView, StepView
from casework.processes.story import lasted
from casework.processes.words import RESULTS, RUN_STATES, Stand

STANDINGS = {"valid": N_("Valid"), "expired": N_("Expired"), "revoked": N_("Revoked")}


def runs(case: Case, actor: Actor, now: datetime) -> list[Block]:
    """Every run of the case, the oldest first."""
    if not case.processed:
        return []
    found: list[Block] = []
    for run in sorted(running.runs_of(case.id), key=lambda run: run.id):
        found += _run(run_pages.run_view(run, case, actor, now=now))
    return found


def _run(view: RunView) -> list[Block]:
    version = _("version %(no)s") % {"no": view.course.version.no}
    stands = _(RUN_STATES[view.run.state])
    ended = moment(view.run.ended_at)
    return [
        blocks.heading(view.title, f"{version}　{stands}"),
        *blocks.facts(
            (
                (_("Began"), f"{moment(view.run.started_at)}　{view.started_by}".strip("　")),
                (_("Ended at"), f"{ended}　{view.run.reason}".strip("　")),
                (_("Legal basis"), view.course.definition.basis),
            )
        ),
        *(_step(step) for step in view.steps),
        *_documents(view.documents),
    ]


def _step(view: StepView) -> Block:
    sent = view.sent
    done = _(RESULTS[sent.result]) if sent is not None else view.stand_label
    by = view.who or (str(view.actor) if sent is not None and view.stand is not Stand.SKIPPED else "")
    lines = [(answer.label, _with_files(answer)) for answer in view.answers]
    if view.visit is not None:
        lines.append((_("Visit"), f"{moment(view.visit.begins_at)}–{moment(view.visit.ends_at)[-5:]}"))
    return {
        "kind": "entry",
        "left": blocks.said(_("Step %(no)s") % {"no": view.number}),
        "at": moment(sent.at) if sent is not None else "",
        "what": blocks.said(f"{view.title}　{done}"),
        "lines": [[blocks.said(label), blocks.said(value)] for label, value in lines if value],
        "quote": blocks.said(sent.note if sent is not None else ""),
        "foot": blocks.said("　".join(one for one in (by, _took(view)) if one)),
        "struck": False,
    }


def _with_files(answer: run_pages.Answer) -> str:
    return "、".join(file.name for file in answer.files) if answer.files else answer.words


def _took(view: StepView) -> str:
    if view.minutes is None:
        return ""
    took = _("took %(time)s") % {"time": lasted(view.minutes)}
    if not view.limit:
        return took
    limit = _("limit %(time)s") % {"time": lasted(view.limit)}
    return f"{took}　{limit}　{_('late') if view.late else _('in time')}"


def _documents(listed: Iterable[tuple[IssuedDocument, str]]) -> list[Block]:
    rows = [
        (
            document.number,
            document.title(language()),
            moment(document.issued_at),
            moment(document.valid_until),
            _(STANDINGS[standing]) + (f"\n{document.revoke_reason}" if document.revoke_reason else ""),
            grouped(document.code),
        )
        for document, standing in reversed(list(listed))
    ]
    if not rows:
        return []
    head = (_("Number"), _("Document"), _("Issued"), _("Valid until"), _("Standing"), _("Code"))
    return [blocks.table(head, ("30mm", "1fr", "31mm", "31mm", "16mm", "35mm"), rows)]
