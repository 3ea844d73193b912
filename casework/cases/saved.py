"""Saved views: a name for a filter, one's own, the team's or everybody's; and the digest of what is new in one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from casework.accounts.models import User
from casework.areas.models import Area
from casework.cases.lists import Filters, filtered, read_filters
from casework.cases.models import Case, CaseType
from casework.cases.saved_models import Every, Reach, SavedView, ViewSubscription
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, CaseworkError, NotFound, NotPermitted, Reason, Refused, because
from casework.kernel.permissions import Actor, Known, Role
from casework.kernel.time import at_local, local_day
from casework.notifications.service import News, notify
from casework.roster.models import Unit
from casework.roster.queries import actor_for

log = structlog.get_logger()
MOST_OWN = 30
MOST_SHOWN = 40
LONGEST = 30
CAP = 99
"""Counts above the list stop here: they are read one index each, and nobody reads further."""
SEEN = 1000
HOUR = 8
GONE: Mapping[str, str] = {
    "type": N_("its case type is no longer in use"),
    "area": N_("its area no longer exists"),
    "unit": N_("its unit is closed"),
    "officer": N_("its officer's account is closed"),
}


def reaches(actor: Actor) -> list[Reach]:
    """For whom this person may save: oneself; as a lead the team; as the district's administrator everybody."""
    found = [Reach.OWN]
    found += [Reach.TEAM] if actor.has(Role.LEAD) else []
    return found + ([Reach.ALL] if actor.has(Role.DISTRICT_ADMIN) else [])


def _place(reach: str, actor: Actor) -> tuple[int | None, int | None]:
    """The unit or district that a view of this reach stands for.

    Raises:
        NotPermitted: it is not theirs to share so far.
    """
    if reach not in reaches(actor):
        raise NotPermitted(reach)
    role = {Reach.TEAM: Role.LEAD, Reach.ALL: Role.DISTRICT_ADMIN}.get(Reach(reach))
    duty = next((duty for duty in actor.duties if duty.role is role), None)
    if duty is None:
        return None, None
    return (duty.unit_id, None) if reach == Reach.TEAM else (None, _district(duty.area_id))


def _district(area_id: int) -> int:
    area = db.session.get_one(Area, area_id)
    return area.district_id or area.id


def _seen_by(actor: Actor) -> sa.ColumnElement[bool]:
    districts = {_district(duty.area_id) for duty in actor.duties}
    return sa.and_(
        SavedView.removed_at.is_(None),
        sa.or_(
            SavedView.by_id == actor.user_id,
            SavedView.unit_id.in_(sorted({duty.unit_id for duty in actor.duties})),
            SavedView.district_id.in_(sorted(districts)),
        ),
    )


def views_of(actor: Actor) -> list[SavedView]:
    """The views that stand above this person's list: own, the teams', everybody's; by name in each."""
    order = sa.case({Reach.OWN: 0, Reach.TEAM: 1}, value=SavedView.reach, else_=2)
    query = sa.select(SavedView).where(_seen_by(actor)).order_by(order, SavedView.name, SavedView.id)
    return list(db.session.scalars(query.limit(MOST_SHOWN)))


def visible_view(key: int, *, to: Actor) -> SavedView:
    """A view that one may use.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    found = db.session.scalar(sa.select(SavedView).where(SavedView.id == key, _seen_by(to)))
    if found is None:
        raise NotFound("view")
    return found


def may_change(view: SavedView, actor: Actor) -> bool:
    """Whether a view is theirs to rename, share and remove: their own, or one they could have shared."""
    if view.by_id == actor.user_id:
        return True
    try:
        return view.reach != Reach.OWN and _place(view.reach, actor) == (view.unit_id, view.district_id)
    except NotPermitted:
        return False


def save(name: str, filters: Filters, reach: str, *, actor: Actor, now: datetime) -> SavedView:
    """Save a filter under a name.

    Raises:
        NotPermitted: it is not theirs to share so far.
        Refused: no name, too long a name, or too many views.
    """
    unit, district = _place(reach, actor)
    _check(name)
    mine = sa.select(sa.func.count()).where(SavedView.by_id == actor.user_id, SavedView.removed_at.is_(None))
    if (db.session.scalar(mine) or 0) >= MOST_OWN:
        raise Refused(because(N_("You have %(most)s views: remove one first."), most=MOST_OWN))
    view = SavedView(
        name=name,
        query=filters.as_query(),
        reach=reach,
        by_id=actor.user_id,
        unit_id=unit,
        district_id=district,
        made_at=now,
    )
    db.session.add(view)
    db.session.flush()  # the address names the id
    return view


def _check(name: str) -> None:
    if not name:
        raise Refused(because(N_("Name: give the view a short one."), "name"))
    if len(name) > LONGEST:
        raise Refused(because(N_("Name: shorten it to %(most)s characters."), "name", most=LONGEST))


def change(view: SavedView, name: str, reach: str, *, actor: Actor) -> None:
    """Rename a view, or share it with others than before.

    Raises:
        NotPermitted: it is not theirs to change, or not to share so far.
        Refused: no name, or too long a name.
    """
    if not may_change(view, actor):
        raise NotPermitted("view")
    _check(name)
    view.name = name
    if reach != view.reach:
        view.unit_id, view.district_id = _place(reach, actor)
        view.reach = reach
    db.session.flush()  # the version check


def remove(view: SavedView, *, actor: Actor, now: datetime) -> None:
    """Take a view away; ``restore`` brings it back.

    Raises:
        NotPermitted: it is not theirs to remove.
    """
    if not may_change(view, actor):
        raise NotPermitted("view")
    view.removed_at = now


def restore(key: int, *, actor: Actor) -> SavedView:
    """Bring back a view that was removed.

    Raises:
        NotFound: there is none that is theirs.
    """
    view = db.session.get(SavedView, key)
    if view is None or view.removed_at is None or not may_change(view, actor):
        raise NotFound("view")
    view.removed_at = None
    return view


def counts(views: Sequence[SavedView], actor: Actor, now: datetime) -> dict[int, int]:
    """How many cases each view holds for this person, counted no further than 100. One query each."""
    return {view.id: _count(filtered(actor, read_filters(view.query), now)) for view in views}


def _count(query: sa.Select[Any]) -> int:
    inner = query.with_only_columns(sa.literal(1)).order_by(None).limit(CAP + 1).subquery()
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(inner)) or 0)


def broken(views: Sequence[SavedView]) -> dict[int, Reason]:
    """The views that name something which is gone, and what. One query for each kind of thing named."""
    alive = {
        "type": (CaseType.id, CaseType.active.is_(True)),
        "area": (Area.id, sa.true()),
        "unit": (Unit.id, Unit.closed_on.is_(None)),
        "officer": (User.id, User.disabled_at.is_(None)),
    }
    found: dict[int, Reason] = {}
    for name, (column, condition) in alive.items():
        named = {view.id: int(view.query[name]) for view in views if view.query.get(name, "0") != "0"}
        if not named:
            continue
        there = set(db.session.scalars(sa.select(column).where(column.in_(set(named.values())), condition)))
        found |= {key: Reason(GONE[name]) for key, wanted in named.items() if wanted not in there}
    return found


# -- the digest


def wishes(views: Sequence[SavedView], actor: Actor) -> dict[int, str]:
    """How often this person is told of which views."""
    query = sa.select(ViewSubscription.view_id, ViewSubscription.every).where(
        ViewSubscription.user_id == actor.user_id, ViewSubscription.view_id.in_([view.id for view in views])
    )
    return {view_id: every for view_id, every in db.session.execute(query)}  # noqa: C416 - rows are no pairs to mypy


def subscribe(view: SavedView, every: str, *, actor: Actor, now: datetime) -> None:
    """Be told from now on what is new in a view, or no longer ("")."""
    found = db.session.get(ViewSubscription, (view.id, actor.user_id))
    if not every:
        if found is not None:
            db.session.delete(found)
        return
    if found is None:
        seen = _ids(view, actor, now)
        found = ViewSubscription(view_id=view.id, user_id=actor.user_id, seen=seen, new=0)
        db.session.add(found)
    found.every, found.next_at = Every(every), next_at(every, now)


def next_at(every: str, now: datetime) -> datetime:
    """The next morning, or the next Monday's."""
    today = local_day(now)
    ahead = 1 if every == Every.DAY else 7 - today.weekday()
    return at_local(today + timedelta(days=ahead), HOUR)


def _ids(view: SavedView, actor: Actor, now: datetime) -> list[int]:
    query = filtered(actor, read_filters(view.query), now).order_by(Case.id.desc()).limit(SEEN)
    return list(db.session.scalars(query))


def send_digests(now: datetime) -> int:
    """Tell everybody whose hour has come what is new in their views; returns how many are told. The job."""
    query = sa.select(ViewSubscription.view_id, ViewSubscription.user_id).where(ViewSubscription.next_at <= now)
    due = [tuple(row) for row in db.session.execute(query.order_by(ViewSubscription.next_at).limit(500))]
    db.session.rollback()
    told = 0
    for view_id, user_id in due:
        try:
            with transaction():
                told += _digest(view_id, user_id, now)
        except CaseworkError as error:
            log.warning("a digest was put off", view=view_id, error=str(error)[:200])
    return told


def _digest(view_id: int, user_id: int, now: datetime) -> int:
    """One digest, with the rights of this very morning: who lost sight of the view is told no more."""
    found = db.session.get(ViewSubscription, (view_id, user_id), with_for_update=True, populate_existing=True)
    if found is None or found.next_at > now:
        return 0
    actor = actor_for(user_id, local_day(now))
    view = _still_seen(view_id, actor) if actor else None
    if actor is None or view is None:
        db.session.delete(found)
        return 0
    ids = _ids(view, actor, now)
    found.new, found.seen = len(set(ids) - set(found.seen)), ids
    found.next_at = next_at(found.every, now)
    if not found.new:
        return 0
    key, path = f"view{view_id}-{local_day(now)}", f"/cases/views/{view_id}/open"
    db.session.flush()  # what is said of it is read by who is told
    return notify(
        News(kind="view_digest", subject="view", subject_id=view_id, to=[user_id], key=key, path=path), now=now
    )


def _still_seen(view_id: int, actor: Actor) -> SavedView | None:
    return db.session.scalar(sa.select(SavedView).where(SavedView.id == view_id, _seen_by(actor)))


def known_views(actor: Actor | None, ids: Collection[int]) -> Mapping[int, Known]:
    """The views among the ids that exist for a person, with how many are new; stands in ``SUBJECTS``."""
    if actor is None:
        return {key: Known("", "") for key in db.session.scalars(sa.select(SavedView.id).where(SavedView.id.in_(ids)))}
    mine = sa.and_(ViewSubscription.view_id == SavedView.id, ViewSubscription.user_id == actor.user_id)
    query = sa.select(SavedView.id, SavedView.name, ViewSubscription.new).outerjoin(ViewSubscription, mine)
    rows = db.session.execute(query.where(SavedView.id.in_(ids), _seen_by(actor)))
    return {key: Known(str(new or 0), "", title=name) for key, name, new in rows}
