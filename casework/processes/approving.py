"""Writes: a version goes to its authority, is returned or published; and what becomes of a template at its sunset."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa

from casework import audit
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day
from casework.processes import queries, rules
from casework.processes.models import ProcessTemplate, TemplateEdit, TemplateVersion
from casework.processes.template_events import (
    TemplateDecided,
    TemplateOffered,
    TemplatePublished,
    TemplateReturned,
    TemplateSubmitted,
)
from casework.processes.templates import hold, named, ready, writable
from casework.processes.words import ENTERPRISE, Fate, VersionState


def submit(template: ProcessTemplate, version: TemplateVersion, *, actor: Actor, now: datetime) -> None:
    """Send a draft to the authority that owns it.

    Raises:
        NotPermitted: the actor drafts nothing there.
        Refused: it is no draft any more, or has mistakes: all of them, each with its step.
    """
    writable(template, version, actor)
    ready(template, version)
    if template.published and template.owner != version.definition["owner"]:
        raise Refused(because(N_("Owner: it stays with the authority that published it; copy it for another.")))
    version.state, version.submitted_at, version.note = VersionState.IN_REVIEW, now, ""
    template.owner = version.definition["owner"]
    db.session.flush()  # the version check before the entry
    fact = TemplateSubmitted(
        template=template.id, code=template.code, name=template.zh, no=version.no, sha256=rules.seal(version.definition)
    )
    audit.record(fact, by=actor, at=now)


def send_back(template: ProcessTemplate, version: TemplateVersion, note: str, *, actor: Actor, now: datetime) -> None:
    """Return a version to its author with what to change.

    Raises:
        NotPermitted: it is not the actor's authority, or their own work.
        Refused: it is not in review, or no reason is given.
    """
    _reviewable(template, version, actor)
    if not note.strip():
        raise Refused(because(N_("What to change: write it, so that the author knows."), "note"))
    version.state, version.note = VersionState.DRAFT, note.strip()[: rules.MOST_REASON]
    db.session.flush()  # the version check before the entry
    fact = TemplateReturned(
        template=template.id, code=template.code, name=template.zh, no=version.no, note=version.note
    )
    audit.record(fact, by=actor, at=now)


def publish(
    template: ProcessTemplate,
    version: TemplateVersion,
    *,
    valid_from: date | None,
    sunset_on: date | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Publish a version: from its first day runs begin under it, and the version before ends the day before.

    Raises:
        NotPermitted: it is not the actor's authority, or they wrote at it themselves.
        Refused: it is not in review, has mistakes, or its days overlap with another version's.
    """
    _reviewable(template, version, actor)
    ready(template, version)
    hold(template)
    others = [row for row in queries.versions_of(template.id) if row.state == VersionState.PUBLISHED and row.valid_from]
    faults = rules.validity_faults(
        valid_from,
        sunset_on,
        permanent=template.permanent,
        today=local_day(now),
        others=[(row.no, row.valid_from) for row in others if row.valid_from],
    )
    if faults or valid_from is None:
        raise Refused(faults)
    for row in others:
        row.valid_to = min(filter(None, (row.valid_to, valid_from - timedelta(days=1))))
    _publish(template, version, valid_from, None if template.permanent else sunset_on, actor, now)


def _publish(
    template: ProcessTemplate,
    version: TemplateVersion,
    valid_from: date,
    until: date | None,
    actor: Actor,
    now: datetime,
) -> None:
    version.state, version.sha256 = VersionState.PUBLISHED, rules.seal(version.definition)
    version.valid_from, version.valid_to = valid_from, until
    version.decided_by_id, version.decided_at = actor.user_id, now
    template.published, template.sunset_on = True, until
    named(template, version.definition)
    db.session.execute(sa.delete(TemplateEdit).where(TemplateEdit.version_id == version.id))
    db.session.flush()  # the version check before the entry
    fact = TemplatePublished(
        template=template.id,
        code=template.code,
        name=template.zh,
        no=version.no,
        sha256=version.sha256,
        valid_from=valid_from,
        valid_to=until,
    )
    audit.record(fact, by=actor, at=now)


def _reviewable(template: ProcessTemplate, version: TemplateVersion, actor: Actor) -> None:
    authorise(actor, "template.approve", queries.reach_of(template, actor, version))
    if version.state != VersionState.IN_REVIEW:
        raise Refused(because(N_("Version %(no)s is not in review: reload the page."), no=version.no))


def decide(
    template: ProcessTemplate, fate: Fate, *, until: date | None, reason: str, actor: Actor, now: datetime
) -> None:
    """Decide at the sunset of a template: renew it until a day, make it permanent, or retire it.

    Raises:
        NotPermitted: it is neither the actor's authority nor their district.
        Refused: it is retired or was never published, no reason is given, or the day does not fit.
    """
    authorise(actor, "template.retire", queries.reach_of(template, actor))
    hold(template)
    faults = []
    if template.retired_at is not None or not template.published:
        faults.append(Reason(N_("Only a published template has a sunset to decide on.")))
    if not reason.strip():
        faults.append(Reason(N_("Reason: write why, it stays on record."), {}, "reason"))
    if fate is Fate.RENEW:
        faults += rules.sunset_faults(until, after=local_day(now))
    if faults:
        raise Refused(faults)
    _decide(template, fate, until, now)
    template.reason = reason.strip()[: rules.MOST_REASON]
    db.session.flush()  # the version check before the entry
    fact = TemplateDecided(
        template=template.id,
        code=template.code,
        name=template.zh,
        fate=fate,
        reason=template.reason,
        until=template.sunset_on,
    )
    audit.record(fact, by=actor, at=now)


def offer(template: ProcessTemplate, offered: bool, *, actor: Actor, now: datetime) -> None:
    """Let enterprises begin a template at the portal, or no longer.

    Raises:
        NotPermitted: it is neither the actor's authority nor their district.
        Refused: it is not published, serves no type, or no step that begins it is the enterprise's.
    """
    authorise(actor, "template.retire", queries.reach_of(template, actor))
    if template.portal == offered:
        return
    if offered and (faults := _unfit(template, now)):
        raise Refused(faults)
    template.portal = offered
    db.session.flush()  # the version check before the entry
    fact = TemplateOffered(template=template.id, code=template.code, name=template.zh, offered=offered)
    audit.record(fact, by=actor, at=now)


def _unfit(template: ProcessTemplate, now: datetime) -> list[Reason]:
    version = queries.version_on(template.id, local_day(now))
    if template.retired_at is not None or version is None:
        return [Reason(N_("Only a template that is in force today can be offered at the portal."))]
    if not template.serves:
        return [Reason(N_("It serves no case type yet: name one in the next version."))]
    steps = queries.definition_of(version).steps
    if not any(step.role == ENTERPRISE and not step.after for step in steps):
        return [Reason(N_("Its first step is not the enterprise's: an officer has to begin it."))]
    return []


def _decide(template: ProcessTemplate, fate: Fate, until: date | None, now: datetime) -> None:
    published = [row for row in queries.versions_of(template.id) if row.state == VersionState.PUBLISHED]
    template.permanent = fate is Fate.PERMANENT
    template.sunset_on = until if fate is Fate.RENEW else None
    if fate is not Fate.RETIRE:
        published[0].valid_to = template.sunset_on  # of the newest: those before it ended where it began
        return
    template.retired_at = now
    for row in published:
        row.state = VersionState.RETIRED
    if writing := queries.unpublished(template.id):
        writing.state = VersionState.RETIRED
