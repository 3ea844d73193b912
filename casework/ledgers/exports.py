"""Long lists, and numbers in full: asked for with a purpose, agreed to by a second person, made by the job, kept a day.

The edge of making one stands at the end; everything else is called inside somebody's transaction.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
from flask_babel import force_locale

from casework import audit
from casework.accounts.models import User
from casework.areas import queries as areas
from casework.files import storage
from casework.kernel import paging, waiting
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, Conflict, NotFound, NotPermitted, Refused, because
from casework.kernel.i18n import LANGUAGES, speaking
from casework.kernel.permissions import Actor, Known, Role, authorise, can
from casework.kernel.time import local_day, utcnow
from casework.kernel.waiting import Beats
from casework.ledgers import taking_out
from casework.ledgers.events import ListRefused
from casework.ledgers.models import ExportState, ListExport
from casework.ledgers.policy import SECOND
from casework.ledgers.taking_out import LISTS, Asked, Paper, Taken
from casework.notifications.service import News, notify
from casework.roster.models import Posting
from casework.roster.queries import actor_for, valid_on

KEPT = timedelta(hours=24)
SHORTEST = 5
NO_PURPOSE = N_("What for: write it in a few words; it is printed on the list and logged.")
NOTHING = N_("There is nothing to take out: nothing fits these filters that you may take out so.")
OWN = N_("nobody agrees to their own list")
ANOTHERS = N_("another person asked for its link")
EXPIRED = N_("its link had expired")
DECLINED = N_("the second person said no")


def ask(name: str, asked: Asked, *, purpose: str, locale: str) -> ListExport:
    """Ask for a list that the job makes; one that needs a second person waits for them, and they are told.

    Raises:
        NotFound: there is no such list, or it is of something that is none of theirs.
        NotPermitted: they may not take it out, or not with numbers in full.
        Refused: too many rows, or none, or no purpose.
    """
    listed, actor = taking_out.list_named(name, asked.actor), asked.actor
    if asked.full:
        if not listed.reveal:
            raise NotPermitted(name)
        authorise(actor, listed.reveal)
    rows = taking_out.count(listed, asked)
    if taking_out.says_nothing(listed, rows, full=asked.full):
        raise Refused(because(NOTHING))
    second = taking_out.needs_a_second(listed, rows, full=asked.full)
    if second and len(purpose) < SHORTEST:
        raise Refused(because(NO_PURPOSE, "purpose"))
    export = ListExport(
        name=name,
        args=listed.words(asked.args),
        form=asked.form,
        locale=locale,
        full=asked.full,
        purpose=purpose[:300],
        status=ExportState.ASKED if second else ExportState.WAITING,
        rows_total=rows,
        district_id=areas.district_served(actor),  # there the second person is looked for
        by_id=actor.user_id,
        asked_at=asked.now,
    )
    db.session.add(export)
    db.session.flush()  # the address of its page names the id
    if second:
        _tell("export_second", export, _seconds(export, asked.now), asked.now, by=actor)
    return export


def _seconds(export: ListExport, now: datetime) -> list[int]:
    """Who may agree: administrators of the district and of security, never who asked."""
    query = (
        sa.select(Posting.user_id)
        .join(User, User.id == Posting.user_id)
        .where(
            Posting.role.in_((Role.DISTRICT_ADMIN, Role.SECADMIN)),
            Posting.area_id == export.district_id,
            valid_on(local_day(now)),
            User.disabled_at.is_(None),
            Posting.user_id != export.by_id,
        )
    )
    return sorted(set(db.session.scalars(query)))


def decide(export: ListExport, *, agreed: bool, answer: str, actor: Actor, now: datetime) -> None:
    """A second person agrees, or says why not. Whoever asked never agrees themselves; a try is logged.

    Raises:
        NotPermitted: it is not theirs to decide.
        Refused: it was decided before; or no reason is given for a no; or it is their own.
    """
    authorise(actor, SECOND, Place(export.district_id))
    if export.by_id == actor.user_id:
        raise Refused(because(N_("Nobody agrees to their own list: another person decides.")))
    if export.status != ExportState.ASKED:
        raise Refused(because(N_("It has been decided already.")))
    if not agreed and len(answer) < SHORTEST:
        raise Refused(because(N_("Reason: say why not, so that they can ask for what is needed."), "answer"))
    export.second_id, export.decided_at, export.answer = actor.user_id, now, answer[:300]
    export.status = ExportState.WAITING if agreed else ExportState.REFUSED
    db.session.flush()  # the version check before the entry
    if not agreed:
        refuse(export, DECLINED, actor=actor, now=now)
        _tell("export_ready", export, [export.by_id], now, by=actor)


class Place:
    """An export as a subject: it lies in the district of whoever asked."""

    unit_ids: frozenset[int] = frozenset()
    holder_ids: frozenset[int] = frozenset()
    domain = ""

    def __init__(self, district_id: int | None) -> None:
        self.area_ids = frozenset((district_id,)) if district_id else frozenset()


def refuse(export: ListExport, why: str, *, actor: Actor, now: datetime) -> None:
    """Enter that a list was not handed out, in the caller's transaction."""
    asker = db.session.get_one(User, export.by_id)
    fact = ListRefused(name=LISTS[export.name].title, who=asker.name, why=why, key=export.id)
    audit.record(fact, by=actor, at=now)


def visible_export(key: int, *, to: Actor) -> ListExport:
    """A list that one asked for, or may agree to.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    export = db.session.get(ListExport, key)
    if export is None or not (export.by_id == to.user_id or can(to, SECOND, Place(export.district_id))):
        raise NotFound("export")
    return export


def exports_of(actor: Actor, at: paging.At, size: int = 20) -> paging.Page[ListExport]:
    """What one asked for, newest first."""
    query = sa.select(ListExport).where(ListExport.by_id == actor.user_id)
    keys = (paging.Key(ListExport.id, int, down=True),)
    return paging.page_of(query, keys, at, size, values=lambda row: [row.id], whole=True)


def to_decide(actor: Actor, size: int = 50) -> list[ListExport]:
    """What waits for this person to agree, oldest first."""
    if not can(actor, SECOND):
        return []
    query = sa.select(ListExport).where(
        ListExport.status == ExportState.ASKED,
        ListExport.by_id != actor.user_id,
        ListExport.district_id.in_({duty.area_id for duty in actor.duties}),  # no other district's crowd mine out
    )
    rows = db.session.scalars(query.order_by(ListExport.id).limit(size))
    return [row for row in rows if can(actor, SECOND, Place(row.district_id))]


def known_exports(actor: Actor | None, ids: Collection[int]) -> Mapping[int, Known]:
    """The exports among the ids that exist for a person; stands in ``SUBJECTS``."""
    rows = db.session.scalars(sa.select(ListExport).where(ListExport.id.in_(ids)))
    return {
        row.id: Known(f"#{row.id}", str(because(LISTS[row.name].title)))
        for row in rows
        if actor is None or row.by_id == actor.user_id or can(actor, SECOND, Place(row.district_id))
    }


def _tell(kind: str, export: ListExport, to: list[int], now: datetime, *, by: Actor | None = None) -> None:
    path, key_ = f"/ledgers/{export.id}", f"export{export.id}"
    by_id = by.user_id if by else None
    notify(News(kind=kind, subject="export", subject_id=export.id, to=to, key=key_, path=path, by_id=by_id), now=now)


# -- making one: the edge


def execute(key: int, *, now: datetime) -> bool:
    """Make a list that was asked for; whether it was made here. Rights are asked again, as of now.

    Raises:
        Conflict: another process makes it.
        Unavailable: the storage does not answer.
    """
    with transaction():
        export: ListExport | None = waiting.take(ListExport, key, now=now)
        if export is None:
            return False
        export.rows_done = 0
    actor = actor_for(export.by_id, local_day(now))
    second = db.session.get(User, export.second_id) if export.second_id else None
    paper = Paper(export.purpose, second.name if second else "")
    try:
        if actor is None:
            raise NotPermitted(export.name)
        asked = Asked(actor, dict(export.args), now, full=export.full, form=export.form)
        listed = taking_out.list_named(export.name, actor)
        if export.full and not can(actor, listed.reveal):
            raise NotPermitted(listed.reveal)
        rows = taking_out.count(listed, asked)
        if taking_out.needs_a_second(listed, rows, full=export.full) and export.second_id is None:
            raise NotPermitted(export.name)  # it has grown since
    except (NotFound, NotPermitted, Refused):
        with transaction():
            db.session.get_one(ListExport, key).status = ExportState.STOPPED
        return False
    _make(key, asked, paper, export.locale)
    return True


def _make(key: int, asked: Asked, paper: Paper, locale: str) -> None:
    name = db.session.get_one(ListExport, key).name
    with tempfile.TemporaryFile() as file:
        with speaking(locale), force_locale(LANGUAGES[locale]):
            taken = taking_out.write(file, LISTS[name], asked, paper, Beats(partial(_beat, key)).tell)
        place = storage.current().put(file)
    with transaction():
        _seal(key, name, asked, paper, taken, place)


def _beat(key: int, rows: int) -> None:
    """So many rows are written."""
    running = sa.and_(ListExport.id == key, ListExport.status == ExportState.RUNNING)
    db.session.execute(sa.update(ListExport).where(running).values(rows_done=rows, beat_at=utcnow()))


def _seal(key: int, name: str, asked: Asked, paper: Paper, taken: Taken, place: str) -> None:
    now = utcnow()
    export = db.session.get_one(ListExport, key)
    if export.status != ExportState.RUNNING:
        raise Conflict("another process made this list")
    export.status, export.storage_key = ExportState.DONE, place
    export.sha256, export.size, export.rows_done, export.rows_total = taken.sha256, taken.size, taken.rows, taken.rows
    export.made_at, export.expires_at = now, now + KEPT
    db.session.flush()  # the version check before the entry
    taking_out.note(name, asked, taken, paper)
    _tell("export_ready", export, [export.by_id], now)
