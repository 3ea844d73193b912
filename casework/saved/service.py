"""Every write to saved views, each on the chain where others use the view; and the digest of what is new in one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, NotFound, NotPermitted, Refused, because
from casework.kernel.permissions import Actor
from casework.kernel.time import at_local, local_day
from casework.kernel.waiting import each
from casework.notifications.service import News, notify
from casework.roster.queries import actor_for
from casework.saved import queries
from casework.saved.events import ViewChanged, ViewRemoved, ViewRestored, ViewShared
from casework.saved.lists import LISTS, Listed
from casework.saved.models import Every, Reach, SavedView, ViewSubscription
from casework.saved.queries import may_change, place_of

MOST_OWN = 30
LONGEST = 30
SEEN = 1000
HOUR = 8


def save(
    listed: Listed, name: str, filters: Mapping[str, str], reach: str, *, actor: Actor, now: datetime
) -> SavedView:
    """Save the filter of a list under a name.

    Raises:
        NotPermitted: it is not theirs to share so far.
        Refused: no name, too long a name, or too many views.
    """
    unit, district = place_of(reach, actor)
    _check(name)
    mine = sa.and_(SavedView.by_id == actor.user_id, SavedView.list_name == listed.name)
    count = sa.select(sa.func.count()).where(mine, SavedView.removed_at.is_(None))
    if (db.session.scalar(count) or 0) >= MOST_OWN:
        raise Refused(because(N_("You have %(most)s views: remove one first."), most=MOST_OWN))
    view = SavedView(
        list_name=listed.name,
        name=name,
        query=listed.read(filters),
        reach=reach,
        by_id=actor.user_id,
        unit_id=unit,
        district_id=district,
        made_at=now,
    )
    db.session.add(view)
    db.session.flush()  # the address and the fact name the id
    if reach != Reach.OWN:
        fact = ViewShared(**_told(view), filters=dict(view.query), unit=unit, district=district)
        audit.record(fact, by=actor, at=now)
    return view


def _told(view: SavedView) -> dict[str, Any]:
    """What every fact of a view says."""
    return {"view": view.id, "name": view.name, "list": LISTS[view.list_name].label, "reach": view.reach}


def _check(name: str) -> None:
    if not name:
        raise Refused(because(N_("Name: give the view a short one."), "name"))
    if len(name) > LONGEST:
        raise Refused(because(N_("Name: shorten it to %(most)s characters."), "name", most=LONGEST))


def change(view: SavedView, name: str, reach: str, *, actor: Actor, now: datetime) -> None:
    """Rename a view, or share it with others than before.

    Raises:
        NotPermitted: it is not theirs to change, or not to share so far.
        Refused: no name, or too long a name.
    """
    if not may_change(view, actor):
        raise NotPermitted("view")
    _check(name)
    before = _shown(view)
    view.name = name
    if reach != view.reach:
        view.unit_id, view.district_id = place_of(reach, actor)
        view.reach = reach
    db.session.flush()  # the version check before the entry
    after = _shown(view)
    changes = {key: [before[key], after[key]] for key in before if before[key] != after[key]}
    if changes and (before["reach"], view.reach) != (Reach.OWN, Reach.OWN):
        audit.record(ViewChanged(**_told(view), changes=changes), by=actor, at=now)


def _shown(view: SavedView) -> dict[str, Any]:
    return {"name": view.name, "reach": view.reach, "unit": view.unit_id, "district": view.district_id}


def remove(view: SavedView, *, actor: Actor, now: datetime) -> None:
    """Take a view away; ``restore`` brings it back.

    Raises:
        NotPermitted: it is not theirs to remove.
    """
    if not may_change(view, actor):
        raise NotPermitted("view")
    view.removed_at = now
    db.session.flush()  # the version check before the entry
    if view.reach != Reach.OWN:
        audit.record(ViewRemoved(**_told(view)), by=actor, at=now)


def restore(listed: Listed, key: int, *, actor: Actor, now: datetime) -> SavedView:
    """Bring back a view that was removed.

    Raises:
        NotFound: there is none that is theirs.
    """
    view = db.session.get(SavedView, key)
    if view is None or view.list_name != listed.name or view.removed_at is None or not may_change(view, actor):
        raise NotFound("view")
    view.removed_at = None
    db.session.flush()  # the version check before the entry
    if view.reach != Reach.OWN:
        audit.record(ViewRestored(**_told(view)), by=actor, at=now)
    return view


# -- the digest


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
    query = LISTS[view.list_name].ids(actor, view.query, now)
    return list(db.session.scalars(query.order_by(query.selected_columns[0].desc()).limit(SEEN)))


def send_digests(now: datetime) -> int:
    """Tell everybody whose hour has come what is new in their views; returns how many are told. The job."""
    query = sa.select(ViewSubscription.view_id, ViewSubscription.user_id).where(ViewSubscription.next_at <= now)
    due = [(row[0], row[1]) for row in db.session.execute(query.order_by(ViewSubscription.next_at).limit(500))]

    def tell(key: tuple[int, int]) -> int:
        with transaction():
            return _digest(*key, now)

    return each(due, tell, "a digest was put off")


def _digest(view_id: int, user_id: int, now: datetime) -> int:
    """One digest, with the rights of this very morning: who lost sight of the view is told no more."""
    found = db.session.get(ViewSubscription, (view_id, user_id), with_for_update=True, populate_existing=True)
    if found is None or found.next_at > now:
        return 0
    actor = actor_for(user_id, local_day(now))
    view = queries.seen_still(view_id, actor) if actor else None
    if actor is None or view is None:
        db.session.delete(found)
        return 0
    ids = _ids(view, actor, now)
    found.new, found.seen = len(set(ids) - set(found.seen)), ids
    found.next_at = next_at(found.every, now)
    if not found.new:
        return 0
    key, path = f"view{view_id}-{local_day(now)}", f"{LISTS[view.list_name].views}/{view_id}/open"
    db.session.flush()  # what is said of it is read by who is told
    return notify(
        News(kind="view_digest", subject="view", subject_id=view_id, to=[user_id], key=key, path=path), now=now
    )
