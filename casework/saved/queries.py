"""Every read of saved views: which stand above whose list, how many rows they hold, which name what is gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.areas import queries as areas
from casework.areas.models import Area
from casework.kernel.db import db, one
from casework.kernel.errors import NotPermitted, Reason
from casework.kernel.permissions import Actor, Known, Role, can
from casework.saved.lists import LISTS, Listed
from casework.saved.models import Reach, SavedView, ViewSubscription

MOST_SHOWN = 40
CAP = 99
"""Counts above the list stop here: they are read one index each, and nobody reads further."""


def reaches(actor: Actor) -> list[Reach]:
    """For whom this person may save: oneself; as a lead the team; as the district's administrator everybody."""
    found = [Reach.OWN]
    found += [Reach.TEAM] if actor.has(Role.LEAD) else []
    return found + ([Reach.ALL] if actor.has(Role.DISTRICT_ADMIN) else [])


def place_of(reach: str, actor: Actor) -> tuple[int | None, int | None]:
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
    return area.own_district_id


def _seen_by(actor: Actor) -> sa.ColumnElement[bool]:
    readable = [name for name, listed in LISTS.items() if can(actor, listed.permission)]
    districts = areas.districts_served(actor.duties)
    return sa.and_(
        SavedView.removed_at.is_(None),
        SavedView.list_name.in_(readable),
        sa.or_(
            SavedView.by_id == actor.user_id,
            SavedView.unit_id.in_(sorted({duty.unit_id for duty in actor.duties})),
            SavedView.district_id.in_(sorted(districts)),
        ),
    )


def views_of(listed: Listed, actor: Actor) -> list[SavedView]:
    """The views that stand above this person's list: own, the teams', everybody's; by name in each."""
    order = sa.case({Reach.OWN: 0, Reach.TEAM: 1}, value=SavedView.reach, else_=2)
    here = sa.and_(SavedView.list_name == listed.name, _seen_by(actor))
    query = sa.select(SavedView).where(here).order_by(order, SavedView.name, SavedView.id)
    return list(db.session.scalars(query.limit(MOST_SHOWN)))


def visible_view(listed: Listed, key: int, *, to: Actor) -> SavedView:
    """A view of a list that one may use.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    here = sa.and_(SavedView.id == key, SavedView.list_name == listed.name, _seen_by(to))
    return one(sa.select(SavedView).where(here), "view")


def seen_still(key: int, actor: Actor) -> SavedView | None:
    """A view of any list, if this person may use it now."""
    return db.session.scalar(sa.select(SavedView).where(SavedView.id == key, _seen_by(actor)))


def may_change(view: SavedView, actor: Actor) -> bool:
    """Whether a view is theirs to rename, share and remove: their own, or a shared one that they could share today."""
    if view.reach == Reach.OWN:
        return view.by_id == actor.user_id
    if view.reach == Reach.TEAM:
        return any(duty.role is Role.LEAD and duty.unit_id == view.unit_id for duty in actor.duties)
    return any(
        duty.role is Role.DISTRICT_ADMIN and _district(duty.area_id) == view.district_id for duty in actor.duties
    )


def counts(listed: Listed, views: Sequence[SavedView], actor: Actor, now: datetime) -> dict[int, int]:
    """How many rows each view holds for this person, counted no further than 100. One query each."""
    return {view.id: _count(listed.ids(actor, view.query, now)) for view in views}


def _count(query: sa.Select[Any]) -> int:
    inner = query.with_only_columns(sa.literal(1)).order_by(None).limit(CAP + 1).subquery()
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(inner)) or 0)


def broken(listed: Listed, views: Sequence[SavedView]) -> dict[int, Reason]:
    """The views that name something which is gone, and what. One query for each kind of thing named."""
    found: dict[int, Reason] = {}
    for word, gone in listed.named.items():
        named = {view.id: int(view.query[word]) for view in views if view.query.get(word, "0") != "0"}
        if not named:
            continue
        there = set(db.session.scalars(sa.select(gone.column).where(gone.column.in_(set(named.values())), gone.alive)))
        found |= {key: Reason(gone.said) for key, wanted in named.items() if wanted not in there}
    return found


def wishes(views: Sequence[SavedView], actor: Actor) -> dict[int, str]:
    """How often this person is told of which views."""
    query = sa.select(ViewSubscription.view_id, ViewSubscription.every).where(
        ViewSubscription.user_id == actor.user_id, ViewSubscription.view_id.in_([view.id for view in views])
    )
    return {view_id: every for view_id, every in db.session.execute(query)}  # noqa: C416 - rows are no pairs to mypy


def known_views(actor: Actor | None, ids: Collection[int]) -> Mapping[int, Known]:
    """The views among the ids that exist for a person, with how many are new; stands in ``SUBJECTS``."""
    if actor is None:
        return {key: Known("", "") for key in db.session.scalars(sa.select(SavedView.id).where(SavedView.id.in_(ids)))}
    mine = sa.and_(ViewSubscription.view_id == SavedView.id, ViewSubscription.user_id == actor.user_id)
    query = sa.select(SavedView.id, SavedView.name, ViewSubscription.new).outerjoin(ViewSubscription, mine)
    rows = db.session.execute(query.where(SavedView.id.in_(ids), _seen_by(actor)))
    return {key: Known(str(new or 0), "", title=name) for key, name, new in rows}
