"""The first chapters: what the case is, who had it, what was asked and done about it, and its time limits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from casework.casefile import blocks
from casework.casefile.blocks import Block
from casework.casefile.words import moment
from casework.cases.clockwork import CLOCK_LABELS
from casework.cases.models import Case
from casework.cases.presenting import CaseView
from casework.cases.workflow import SOURCE_LABELS
from casework.clocks import queries as clocks
from casework.clocks.explain import amount
from casework.clocks.models import Deadline
from casework.kernel.errors import N_
from casework.kernel.i18n import language
from casework.kernel.i18n import translate as _


def cover(case: Case, view: CaseView) -> list[Block]:
    """What stands on the cover under the title."""
    holders = "、".join(f"{holder.name}（{holder.unit}）" for holder in view.holders if holder.part == "lead")
    last = next((f"{holder.name}（{holder.unit}）" for holder in reversed(view.past) if holder.part == "lead"), "")
    return blocks.facts(
        (
            (_("Matter"), case.title),
            (_("Enterprise"), case.requester),
            (_("Type"), view.type_label),
            (_("Area"), view.area.replace("▸", " ")),
            (_("State"), "　".join(one for one in (view.state_label, view.outcome) if one)),
            (_("Lead officer"), holders or last),
            (_("Submitted"), moment(case.submitted_at)),
            (_("Closed"), moment(case.closed_at)),
        )
    )


def facts(case: Case, view: CaseView, phone: str) -> list[Block]:
    """Everything that is known of the case itself. ``phone`` as its reader may see it."""
    found = blocks.facts(
        (
            (_("Case number"), case.number),
            (_("Type"), view.type_label),
            (_("Urgent"), _("Yes") if case.urgent else ""),
            (_("How it came"), _(SOURCE_LABELS.get(case.source, case.source))),
            (_("Imported"), f"{case.origin or ''} {case.external_ref or ''}".strip()),
            (_("Requester"), case.requester),
            (_("Contact person"), f"{case.contact_name}　{phone}".strip("　")),
            (_("Area"), view.area.replace("▸", " ")),
            (_("Place"), case.place),
            (_("Co-units"), "、".join(view.co_units)),
            (_("Reviewer"), view.authority),
            (_("Submitted"), moment(case.submitted_at)),
            (_("First contact"), moment(case.contacted_at)),
            (_("Closed"), moment(case.closed_at)),
            (_("State"), view.state_label),
            (_("Outcome"), view.outcome),
            (_("Rating"), _("%(n)s of 5") % {"n": case.rating} if case.rating else ""),
            *((_(link.label), f"{link.number} {link.title}".strip()) for link in view.links),
        )
    )
    return found + _hands(view)


def _hands(view: CaseView) -> list[Block]:
    """Who had it, from when to when."""
    held = sorted((*view.past, *view.holders), key=lambda holder: holder.since)
    if not held:
        return []
    rows = [
        (
            holder.name,
            holder.unit,
            _("Lead") if holder.part == "lead" else _("Support"),
            moment(holder.since),
            moment(holder.until) or _("until today"),
        )
        for holder in held
    ]
    head = (_("Person"), _("Unit"), _("Lead or support"), _("From"), _("Until when"))
    return [blocks.heading(_("Who had it")), blocks.table(head, ("26mm", "1fr", "22mm", "32mm", "32mm"), rows)]


def matter(case: Case, view: CaseView) -> list[Block]:
    """The requester's words, and what the office says it did."""
    found = blocks.words(case.text)
    if result := dict(case.result or {}):
        found.append(blocks.heading(_("The result that was submitted"), view.outcome))
        found += blocks.words(str(result.get("text", "")))
    return found


def limits(case: Case, now: datetime) -> list[Block]:
    """Every clock that ran: its limit, when it was due and whether it was kept, and why it was due then."""
    listed = clocks.deadlines_of(case.id)
    if not listed:
        return []
    head = (_("What is timed"), _("Began"), _("Time allowed"), _("Due at"), _("Ended at"), _("Kept?"))
    widths = ("1fr", "31mm", "25mm", "31mm", "31mm", "19mm")
    found = [blocks.table(head, widths, (_clock(deadline, now) for deadline in listed))]
    found.append(blocks.heading(_("How the due times were worked out")))
    for deadline in listed:
        why = (" " if language() == "en" else "").join(map(str, clocks.explanation_of(deadline, now=now)))
        label = f"{_(CLOCK_LABELS[deadline.clock])} {moment(deadline.started_at)}"
        found += blocks.words(f"{label}　{why}", quiet=True)
    return found


def _clock(deadline: Deadline, now: datetime) -> tuple[Any, ...]:
    calendar = clocks.calendar_of(deadline.calendar_id)
    return (
        _(CLOCK_LABELS[deadline.clock]),
        moment(deadline.started_at),
        amount(deadline.limit_minutes + deadline.extension_minutes, calendar),
        moment(deadline.due_at) or "—",
        moment(deadline.done_at) or "—",
        _(kept(deadline, now)),
    )


def kept(deadline: Deadline, now: datetime) -> str:
    """Whether a clock was met, in one word."""
    if deadline.cancelled:
        return N_("called off")
    if deadline.done_at is not None:
        return N_("kept") if deadline.met else N_("missed")
    if deadline.due_at is None:
        return N_("paused")
    return N_("overdue") if deadline.due_at < now else N_("running")
