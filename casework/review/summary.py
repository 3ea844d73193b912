"""A result in a dozen lines, made from the data: talks, sums, promises, processes, clocks, what came back before.

So that nobody reads forty entries to see what was agreed. Each line leads to where it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext, ngettext

from casework.audit.queries import Entry
from casework.cases.models import Case
from casework.cases.presenting import CaseView
from casework.cases.story import Told, tell
from casework.cases.workflow import CALLBACK_RESULTS, SATISFACTION
from casework.clocks.explain import moment
from casework.kernel.db import db
from casework.kernel.i18n import language
from casework.kernel.money import yuan
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day
from casework.negotiations import presenting as talks
from casework.negotiations.words import STANCES, Standing
from casework.processes import running
from casework.processes.models import ProcessTemplate
from casework.processes.words import RUN_STATES
from casework.supplies import demand


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is about, what the data say, where they stand; ``tone`` is late, ok or empty."""

    label: str
    text: str
    href: str = ""
    tone: str = ""


def summary(case: Case, view: CaseView, moves: Sequence[Entry], actor: Actor, *, now: datetime) -> list[Line]:
    """What a reviewer needs to know, most decisive first; a part of which there is nothing is left out."""
    here = f"/cases/{case.number}"
    panel = talks.panel(case, actor, now=now)
    return [
        *_talks(panel, here),
        *_agreements(panel, here),
        *_promises(panel, here),
        *_firms(case, view, here),
        *_processes(case),
        *_supplies(case, here),
        *_clocks(view),
        *_before(moves),
    ]


def _talks(panel: talks.Panel, here: str) -> Iterable[Line]:
    for one in panel.talks:
        ladder = one.ladder
        if not ladder.rows:
            continue
        first, last = ladder.rows[0], ladder.rows[-1]
        days = str(first.day) if first.day == last.day else f"{first.day} – {last.day}"
        stances = " → ".join(dict.fromkeys(gettext(STANCES[row.stance]) for row in (first, last)))
        rounds = ngettext("%(num)s round", "%(num)s rounds", one.negotiation.rounds)
        parts = [one.party.name, rounds, days, stances]
        if last.ask_fen is not None or last.offer_fen is not None:
            asked, offered = yuan(last.ask_fen) or "—", yuan(last.offer_fen) or "—"
            parts.append(gettext("last asked %(asked)s, offered %(offered)s yuan", asked=asked, offered=offered))
        yield Line(gettext("Talks"), " · ".join(parts), f"{here}/negotiation")


def _agreements(panel: talks.Panel, here: str) -> Iterable[Line]:
    for view in panel.agreements:
        if view.agreement.state == Standing.ENDED:
            continue
        confirmed = view.agreement.state == Standing.CONFIRMED
        said = gettext("confirmed by both sides") if confirmed else gettext("waits for confirmation")
        href = f"{here}/agreements/{view.agreement.id}"
        text = gettext("%(sum)s yuan", sum=yuan(view.agreement.total_fen))
        yield Line(gettext("Agreed"), f"{text} · {said}", href, "ok" if confirmed else "late")
        if not view.sums.firms:
            continue
        text = gettext("%(sum)s yuan over %(n)s firms", sum=yuan(view.sums.shared_fen), n=view.sums.firms)
        equal = view.sums.shared_fen == view.agreement.total_fen
        equals = gettext("equals the sum agreed") if equal else gettext("differs from the sum agreed")
        yield Line(gettext("Shared out"), f"{text} · {equals}", f"{href}/allocate", "ok" if equal else "late")
        yield _received(view.sums, here)


def _received(sums: Any, here: str) -> Line:
    text = gettext(
        "%(sum)s yuan, confirmed by %(n)s of %(all)s firms",
        sum=yuan(sums.received_fen), n=sums.firms_received, all=sums.firms,
    )  # fmt: skip
    if sums.disputes:
        text += " · " + ngettext("%(num)s says it is not right", "%(num)s say it is not right", sums.disputes)
    whole = sums.firms_received == sums.firms and not sums.disputes
    return Line(gettext("Received"), text, f"{here}/firms", "ok" if whole else "late")


def _promises(panel: talks.Panel, here: str) -> Iterable[Line]:
    if not panel.promises:
        return
    states = [promise.commitment.state for promise in panel.promises]
    left = sum(promise.is_open for promise in panel.promises)
    kept, broken = states.count("kept"), states.count("broken")
    text = gettext("%(all)s made, %(kept)s kept, %(broken)s broken", all=len(states), kept=kept, broken=broken)
    if left:
        text += " · " + gettext("%(n)s still open", n=left)
    yield Line(gettext("Promises"), text, f"{here}#promises", "late" if left or broken else "ok")


def _firms(case: Case, view: CaseView, here: str) -> Iterable[Line]:
    if case.joint:
        said = gettext(
            "%(settled)s of %(all)s settled, %(out)s excluded",
            settled=view.firms.settled, all=view.firms.total, out=view.firms.excluded,
        )  # fmt: skip
        whole = view.firms.settled + view.firms.excluded == view.firms.total
        yield Line(gettext("Firms"), said, f"{here}/firms", "ok" if whole else "late")


def _processes(case: Case) -> Iterable[Line]:
    if not case.processed:
        return
    for run in running.runs_of(case.id)[:5]:
        template = db.session.get_one(ProcessTemplate, run.template_id)
        days = str(moment(run.started_at)) + (f" – {moment(run.ended_at)}" if run.ended_at else "")
        text = f"{template.label(language())} · {gettext(RUN_STATES[run.state])} · {days}"
        yield Line(gettext("Process"), text, f"/runs/{run.id}", {"done": "ok", "running": "late"}.get(run.state, ""))


def _supplies(case: Case, here: str) -> Iterable[Line]:
    for line, item in demand.lines_of(case.id)[:5] if case.supplied else ():
        text = gettext(
            "%(name)s: %(n)s of %(all)s delivered", name=item.name, n=f"{line.delivered:,}", all=f"{line.quantity:,}"
        )
        yield Line(gettext("Supplies"), text, f"{here}/supplies", "late" if line.is_open else "ok")


def _clocks(view: CaseView) -> Iterable[Line]:
    done = [clock for clock in view.clocks if clock.tone == "done"]
    if done:
        yield Line(gettext("Clocks"), " · ".join(f"{clock.name} {clock.remaining}" for clock in done))


def _before(moves: Sequence[Entry]) -> Iterable[Line]:
    """What came back before: returns, reopenings and bad call-backs, newest first."""
    acted = [(entry.data.get("action"), entry) for entry in moves]
    returned = sum(name == "return" for name, _ in acted)
    if returned:
        yield Line(gettext("Returned before"), ngettext("%(num)s time", "%(num)s times", returned), tone="late")
    for name, entry in acted:
        if name == "reopen":
            text = str(entry.data.get("answer", {}).get("reason", ""))
            yield Line(gettext("Reopened"), f"{local_day(entry.at)} · {text}", tone="late")
        elif name == "callback" and entry.data.get("target") == "in_progress":
            yield Line(gettext("Called back"), f"{local_day(entry.at)} · {call_words(entry)}", tone="late")


def call_words(entry: Entry) -> str:
    """What a call-back said, in a line."""
    answer = entry.data.get("answer", {})
    parts = [gettext(CALLBACK_RESULTS.get(str(answer.get("result")), "—"))]
    if answer.get("satisfied"):
        parts.append(gettext(SATISFACTION[str(answer["satisfied"])]))
    if answer.get("solved") == "no":
        parts.append(gettext("not solved"))
    if answer.get("text"):
        parts.append(f"“{answer['text']}”")
    return " · ".join(parts)


def said_before(moves: Sequence[Entry], checklist: Any, *actions: str) -> list[Told]:
    """The newest entries of some actions as the story tells them, with the marks of each item."""
    return tell([entry for entry in moves if entry.data.get("action") in actions][:3], checklist)
