"""Writes: a brief is asked for, begun and sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from casework import audit
from casework.briefs import queries, rules
from casework.briefs.events import BriefExported, BriefWritten
from casework.briefs.figures import seal_of
from casework.briefs.models import Brief, BriefCounter, BriefSchedule
from casework.briefs.policy import WRITE
from casework.briefs.scopes import Counted, allowed, of_row
from casework.briefs.words import BriefState
from casework.files import service as files
from casework.files.models import Attachment
from casework.files.service import Sealed
from casework.kernel import waiting
from casework.kernel.db import db
from casework.kernel.errors import N_, Conflict, NotPermitted, Refused, because
from casework.kernel.numbers import next_number
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day
from casework.notifications.service import News, notify


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a brief is to be: its kind, the days, what is counted, and how its papers look."""

    kind: str
    counted: Counted
    first: date
    last: date
    locale: str = "zh-CN"
    red_head: bool = True


def ask(wanted: Wanted, *, actor: Actor, now: datetime) -> Brief:
    """Ask for a brief; the job writes it.

    Raises:
        NotPermitted: the actor may not write briefs of this scope.
        Refused: the days are none that a brief can be about.
    """
    may_write(wanted.counted, actor)
    rules.checked(wanted.kind, wanted.first, wanted.last, local_day(now))
    brief = asked(wanted, actor, now)
    db.session.add(brief)
    db.session.flush()  # the address of its page names the id
    return brief


def may_write(counted: Counted, actor: Actor) -> None:
    """Let pass who may write briefs of this scope.

    Raises:
        NotPermitted: the actor may not.
    """
    authorise(actor, WRITE)
    if not allowed(counted, actor, WRITE):
        raise NotPermitted(WRITE)


def asked(wanted: Wanted, actor: Actor, now: datetime) -> Brief:
    """A brief as it begins, with its number, not stored yet."""
    year = wanted.last.year
    return Brief(
        kind=wanted.kind,
        **wanted.counted.columns(),
        first_on=wanted.first,
        last_on=wanted.last,
        year=year,
        issue=_next_issue(wanted, year),
        locale=wanted.locale,
        red_head=wanted.red_head,
        by_id=actor.user_id,
        office=actor.title,
        asked_at=now,
    )


def _next_issue(wanted: Wanted, year: int) -> int:
    unit_id = wanted.counted.unit.id if wanted.counted.unit else 0
    return next_number(BriefCounter, area_id=wanted.counted.area.id, unit_id=unit_id, kind=wanted.kind, year=year)


def ask_anew(brief: Brief, *, actor: Actor, now: datetime) -> Brief:
    """A new edition from the present data. The old one stays as it is, and the new one names it.

    Raises:
        NotPermitted: the actor may not write briefs of this scope.
        Refused: it is not written yet, or there is a newer edition.
    """
    counted = of_row(brief)
    may_write(counted, actor)
    if brief.status != BriefState.DONE:
        raise Refused(because(N_("This brief is not written yet: wait until it is, then write it anew.")))
    if queries.replaced_by(brief) is not None:
        raise Refused(because(N_("There is a newer edition of this brief: open that one and write it anew.")))
    anew = Brief(
        **counted.columns(),
        **{
            name: getattr(brief, name)
            for name in ("kind", "first_on", "last_on", "year", "issue", "locale", "red_head")
        },
        edition=brief.edition + 1,
        replaces_id=brief.id,
        by_id=actor.user_id,
        office=actor.title,
        asked_at=now,
    )
    db.session.add(anew)
    db.session.flush()  # the address of its page names the id
    return anew


def try_again(brief: Brief, *, actor: Actor, now: datetime) -> None:
    """Have a brief that was given up written after all.

    Raises:
        NotPermitted: the actor may not write briefs of this scope.
    """
    may_write(of_row(brief), actor)
    if brief.status == BriefState.STOPPED:
        brief.status, brief.tries, brief.step = BriefState.WAITING, 0, 0
        brief.by_id, brief.office, brief.asked_at = actor.user_id, actor.title, now


# -- the job


def begin(key: int, *, now: datetime) -> Brief | None:
    """Take a brief into one's hands; None when it is done or in other hands. After three tries it is given up."""
    brief: Brief | None = waiting.take(Brief, key, now=now)
    if brief is None:
        return None
    if brief.tries >= rules.TRIES:
        brief.status = BriefState.STOPPED
        return None
    brief.step, brief.tries = 0, brief.tries + 1
    return brief


def beat(key: int, *, tries: int, step: int, now: datetime) -> None:
    """Say how far it is.

    Raises:
        Conflict: another process has begun it anew meanwhile.
    """
    brief = db.session.get_one(Brief, key)
    if brief.status != BriefState.RUNNING or brief.tries != tries:
        raise Conflict("another process writes this brief")
    brief.step, brief.beat_at = step, now


def stop(key: int) -> None:
    """Give it up."""
    brief = db.session.get(Brief, key)
    if brief is not None and brief.status != BriefState.DONE:
        brief.status = BriefState.STOPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written: the archived figures and sentences, and the stored files by form."""

    figures: Mapping[str, Any]
    told: Mapping[str, Any]
    counted_at: datetime
    files: Mapping[str, Sealed]


def seal(key: int, written: Written, *, tries: int, actor: Actor, now: datetime) -> None:
    """What was written counts from now on and never changes; whoever wants to know is told.

    Raises:
        Conflict: somebody else was faster.
    """
    brief = db.session.get_one(Brief, key)
    if brief.status != BriefState.RUNNING or brief.tries != tries:
        raise Conflict("another process wrote this brief")
    for form, sealed in written.files.items():
        kept = files.attach(sealed=sealed, case_id=None, kind="brief", actor_id=actor.user_id, now=now)
        setattr(brief, f"{form}_id", kept.id)
    brief.figures, brief.told = dict(written.figures), dict(written.told)
    brief.sha256 = seal_of(written.figures, written.told)
    brief.counted_at, brief.made_at, brief.status = written.counted_at, now, BriefState.DONE
    db.session.flush()  # the version check before the entry
    audit.record(_fact(brief, written), by=actor, at=now)
    _tell(brief, now)


def _fact(brief: Brief, written: Written) -> BriefWritten:
    return BriefWritten(
        brief=brief.id,
        what=brief.kind,
        area=of_row(brief).area.name,
        first=brief.first_on,
        last=brief.last_on,
        edition=brief.edition,
        sha256=brief.sha256,
        replaces=brief.replaces_id,
        **{form: sealed.sha256 for form, sealed in written.files.items()},
    )


def _tell(brief: Brief, now: datetime) -> None:
    """Those whom the plan names, or whoever asked; only those who may read it today."""
    plan = db.session.get(BriefSchedule, brief.schedule_id) if brief.schedule_id else None
    readers = queries.readers(of_row(brief), local_day(now))
    wanted = plan.tell if plan is not None else [brief.by_id]
    news = News(
        kind="brief",
        subject="brief",
        subject_id=brief.id,
        to=[user_id for user_id in wanted if user_id in readers],
        key=f"brief{brief.id}",
        path=f"/reports/{brief.id}",
    )
    notify(news, now=now)


def note_export(brief: Brief, form: str, file: Attachment, *, actor: Actor, now: datetime) -> None:
    """Enter that a file was taken out, in the caller's transaction."""
    audit.record(BriefExported(brief=brief.id, form=form.upper(), sha256=file.sha256), by=actor, at=now)
