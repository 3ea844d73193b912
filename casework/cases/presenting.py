"""What the case pages show, worked out once for the template: the stepper, the clocks, who holds it, what is next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext

from casework.accounts.models import User
from casework.areas.models import Area
from casework.cases import forms, queries, related, rules, workflow
from casework.cases.clockwork import CLOCK_LABELS
from casework.cases.models import Assignment, Case, CaseType
from casework.cases.workflow import MAIN_LINE, STATE_LABELS, Action, State
from casework.clocks import queries as clock_queries
from casework.clocks.drawing import Strip
from casework.clocks.explain import moment, remaining_text, said_due
from casework.files.models import Attachment
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.i18n import language
from casework.kernel.masking import masked
from casework.kernel.permissions import TABLE, Actor, can
from casework.roster.models import Unit
from casework.roster.words import ROLES


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the stepper."""

    label: str
    detail: str
    kind: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Someone who holds or held the case."""

    name: str
    unit: str
    part: str
    since: datetime
    until: datetime | None
    accepted: bool


@dataclass(frozen=True, slots=True)
class Button:
    """A way to something that one may do from the case page."""

    label: str
    href: str
    icon: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a higher package adds to the case page: panels beside the story, ways on, perhaps the one next act."""

    aside: str = ""
    buttons: Sequence[Button] = ()
    menu: Sequence[Button] = ()
    main: Button | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """Everything that the case page shows beside the story."""

    type: CaseType
    type_label: str
    area: str
    state_label: str
    steps: Sequence[Step]
    clocks: Sequence[Any]
    holders: Sequence[Holder]
    past: Sequence[Holder]
    blocking: Sequence[rules.BlockingItem]
    evidence: Sequence[tuple[str, str, bool, int]]
    actions: Sequence[Action]
    main: Action | None
    files: Sequence[Attachment]
    firms: queries.FirmCounts
    checklist: Mapping[str, str]
    phone: str
    outcome: str
    waiting: Mapping[str, Any]
    co_units: Sequence[str]
    links: Sequence[related.Linked]
    authority: str


# Actions with a page of their own: name → address with the case's number; higher packages fill it in the wiring.
PAGES: dict[str, str] = {}


def case_view(case: Case, actor: Actor, *, now: datetime) -> CaseView:
    """Read what the page needs: a dozen queries, whatever the size of the case."""
    kind = queries.type_of(case)
    files = queries.attachments(case.id)
    firms = queries.firm_counts(case.id) if case.joint else queries.NO_FIRMS
    facts = queries.facts(case, actor, now=now, locale=language(), files=files, firms=firms)
    offered = offered_actions(case, actor, facts)
    held = _holders(case)
    area = db.session.get(Area, case.area_id)
    return CaseView(
        type=kind,
        type_label=kind.label(language()),
        area=area.path if area else "",
        state_label=gettext(STATE_LABELS[State(case.state)]),
        steps=_steps(case, held),
        clocks=_clocks(case, now),
        holders=[holder for holder in held if holder.until is None],
        past=[holder for holder in held if holder.until is not None],
        blocking=facts.blocking if case.is_open else (),
        evidence=_evidence(kind, files),
        actions=offered,
        main=_main_action(offered, case),
        files=files,
        firms=firms,
        checklist=facts.checklist,
        phone=masked(case.contact_phone),
        outcome=gettext(workflow.OUTCOME_LABELS[case.outcome]) if case.outcome else "",
        waiting=_waiting(case),
        co_units=_unit_names(case.co_unit_ids),
        links=related.links_of(case, actor),
        authority=related.reviewer_of(case),
    )


def offered_actions(case: Case, actor: Actor, facts: rules.CaseFacts) -> list[Action]:
    """The actions that the actor may take now, as far as can be said before anything is filled in."""
    return [
        action
        for action in workflow.actions_from(State(case.state))
        if can(actor, action.permission, case) and rules.is_offered(action, facts)
    ]


def _main_action(offered: Sequence[Action], case: Case) -> Action | None:
    """The one next act that is theirs: the first that the table marks so; contact first while it is owed."""
    owes_contact = case.contacted_at is None and case.state == State.IN_PROGRESS
    if owes_contact and (owed := next((action for action in offered if action.name == "contact"), None)):
        return owed
    return next((action for action in offered if action.tone == "main"), None)


def _steps(case: Case, held: Sequence[Holder]) -> list[Step]:
    """The main line with where the case stands; side tracks stand at the step they left."""
    aside = {
        State.WAITING: State(case.left_state or State.IN_PROGRESS),
        State.OBJECTED: State.DISPATCHED,
        State.PARKED: State.IN_PROGRESS,
    }
    state = State(case.state)
    at = aside.get(state, state)
    place = MAIN_LINE.index(at) if at in MAIN_LINE else -1
    steps = []
    for index, step in enumerate(MAIN_LINE):
        kind = "now" if index == place else "done" if index < place else "todo"
        if at is State.CLOSED:
            kind = "done"
        detail = gettext(STATE_LABELS[state]) if index == place and state is not at else ""
        if index == 0:
            detail = detail or str(moment(case.submitted_at))
        steps.append(Step(gettext(STATE_LABELS[step]), detail, kind))
    if place < 0:
        steps = [
            steps[0],
            Step(gettext(STATE_LABELS[state]), str(moment(case.closed_at)) if case.closed_at else "", "now"),
        ]
    return steps


@dataclass(frozen=True, slots=True)
class PageClock:
    """A clock on the case page, with the reason for its due time."""

    name: str
    tone: str
    remaining: Any
    used: int
    due: Any
    why: str
    strip: Strip | None = None


def _clocks(case: Case, now: datetime) -> list[PageClock]:
    """Running clocks first, then what was kept or missed."""
    shown = []
    for deadline in clock_queries.worth_showing(case.id):
        standing = clock_queries.standing_of(deadline, now=now)
        why = "".join(str(reason) for reason in clock_queries.explanation_of(deadline, now=now))
        shown.append(
            (
                deadline.done_at is not None,
                deadline.due_at or now,
                PageClock(
                    gettext(CLOCK_LABELS[deadline.clock]),
                    standing.tone,
                    remaining_text(standing),
                    standing.bar_width,
                    moment(said_due(deadline.clock, deadline.due_at)) if deadline.due_at else "",
                    why,
                    clock_queries.strip_of(deadline, now=now),
                ),
            )
        )
    shown.sort(key=lambda item: item[:2])
    return [clock for _, _, clock in shown]


def _holders(case: Case) -> list[Holder]:
    query = (
        sa.select(
            User.name,
            Unit.name,
            Assignment.part,
            Assignment.from_at,
            Assignment.to_at,
            Assignment.accepted_at,
        )
        .join(User, User.id == Assignment.user_id)
        .join(Unit, Unit.id == Assignment.unit_id)
        .where(Assignment.case_id == case.id)
        .order_by(Assignment.part, Assignment.from_at)
    )
    return [
        Holder(name, unit, part, since, until, bool(accepted))
        for name, unit, part, since, until, accepted in db.session.execute(query)
    ]


def _evidence(kind: CaseType, files: Sequence[Attachment]) -> list[tuple[str, str, bool, int]]:
    """Closing evidence: key, label, required, how many files there are."""
    label = "en" if language() == "en" else "zh"
    counts: dict[str, int] = {}
    for file in files:
        counts[file.kind] = counts.get(file.kind, 0) + 1
    return [
        (item["key"], item[label], bool(item.get("required")), counts.get(item["key"], 0)) for item in kind.evidence
    ]


def _waiting(case: Case) -> Mapping[str, Any]:
    waiting = case.waiting or {}
    if not waiting:
        return {}
    label = workflow.WAIT_REASONS.get(waiting.get("code", ""), N_("Waiting for the requester"))
    return {**waiting, "label": gettext(label) if case.state == State.WAITING else gettext(N_("Parked"))}


def _unit_names(unit_ids: Sequence[int] | None) -> list[str]:
    if not unit_ids:
        return []
    return list(db.session.scalars(sa.select(Unit.name).where(Unit.id.in_(unit_ids)).order_by(Unit.name)))


def done_text(case: Case, action: Action) -> str:
    """What the toast says after an action."""
    return str(gettext("%(action)s: %(title)s", action=gettext(action.label), title=case.title))


def files_form(view: CaseView, formdata: Any = None) -> forms.FilesForm:
    """The upload form with what the closing evidence of the type is."""
    form = forms.FilesForm(formdata)
    form.kind.choices = [
        ("", gettext("Something else")),
        *((key, label) for key, label, _, _ in view.evidence),
    ]
    return form


def diagram() -> list[tuple[str, str, str]]:
    """The arrows of the life cycle: from, to, action; made from the table."""
    return [
        (source.value, target.value, gettext(action.label))
        for action in workflow.ACTIONS
        for source in sorted(action.sources)
        for target in action.targets
    ]


def roles_of_actions() -> dict[str, str]:
    """Who may take each action, read from the permission table."""
    return {
        action.name: "、".join(gettext(ROLES[role]) for role in TABLE[action.permission].grants)
        for action in workflow.ACTIONS
    }
