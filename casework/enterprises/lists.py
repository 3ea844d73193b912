"""The list of firms: filters from the address bar, what they find, how they are said, and the usual views by role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from casework.areas import queries as areas
from casework.areas.models import Area
from casework.enterprises import queries
from casework.enterprises.models import Enterprise, Liaison
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.forms import row_id
from casework.kernel.i18n import translate
from casework.kernel.permissions import Actor, Role
from casework.roster import queries as roster
from casework.roster.limits import limits_of

NONE = "none"
LONGEST_QUIET = 365
QUIET = (30, 60, 90)
"""Days without a contact that can be picked, beside those after which the district calls one stale."""
ROLE_VIEWS: Mapping[Role, tuple[str, ...]] = {
    Role.OFFICER: ("mine", "deputy", "mine_quiet"),
    Role.LEAD: ("mine", "deputy", "none", "quiet"),
    **dict.fromkeys((Role.DESK, Role.AREA_LEADER, Role.DISTRICT_ADMIN), ("none", "quiet")),
}
"""What a role finds above the list before anyone has saved a view; all firms are everybody's."""
VIEW_LABELS: Mapping[str, str] = {
    "all": N_("All enterprises"),
    "mine": N_("Mine"),
    "deputy": N_("As deputy"),
    "mine_quiet": N_("Mine, long not contacted"),
    "none": N_("No officer"),
    "quiet": N_("Long not contacted"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the address bar asks for. ``held`` is the firms that nobody answers for, ``quiet`` the days without contact.

    Both of these mean firms in business.
    """

    q: str = ""
    area: int | None = None
    officer: int | None = None
    deputy: int | None = None
    held: str = ""
    quiet: int | None = None

    def as_query(self, **changes: Any) -> dict[str, str]:
        """The filters as address parameters, with changes; empty ones left out."""
        return {name: str(value) for name, value in {**asdict(self), **changes}.items() if value not in (None, "")}


def read_filters(args: Mapping[str, str]) -> Filters:
    """Filters from the address bar; what is not understood is ignored, never an error."""
    days = row_id(args.get("quiet", ""))
    return Filters(
        q=args.get("q", "").strip()[:100],
        **{name: row_id(args.get(name, "")) for name in ("area", "officer", "deputy")},
        held=NONE if args.get("held") == NONE else "",
        quiet=days if days and days <= LONGEST_QUIET else None,
    )


def filtered(actor: Actor, filters: Filters, today: date) -> sa.Select[Enterprise]:
    """The firms that the filters find among those of the actor's areas, not yet sorted."""
    query = queries.matching(queries.visible_to(actor), filters.q)
    if filters.area is not None:
        area = db.session.get(Area, filters.area)
        query = queries.within(query, area) if area else query.where(sa.false())
    query = queries.held_by(query, today, officer=filters.officer, deputy=filters.deputy)
    if filters.held or filters.quiet:
        query = query.where(Enterprise.active.is_(True))
    if filters.held:
        held = sa.select(Liaison.id).where(Liaison.enterprise_id == Enterprise.id, Liaison.to_on.is_(None))
        query = query.where(~held.exists())
    if filters.quiet:
        last = Enterprise.contacted_on
        query = query.where(sa.or_(last.is_(None), last < today - timedelta(days=filters.quiet)))
    return query


def stale_days(actor: Actor) -> int:
    """After how many days without contact a firm is stale where this person serves."""
    return limits_of(areas.district_served(actor)).stale_days


def quiet_choices(actor: Actor) -> list[tuple[int, str]]:
    """The days without contact that the filter offers."""
    return [(days, _quiet(days)) for days in sorted({stale_days(actor), *QUIET})]


def _quiet(days: int) -> str:
    return translate(N_("not contacted for %(n)s days")) % {"n": days}


def chosen_filters(actor: Actor, filters: Filters) -> list[tuple[str, dict[str, str]]]:
    """Each filter in force in words, with the address that leaves it out."""
    people = roster.names_for(actor, {key for key in (filters.officer, filters.deputy) if key})
    area = db.session.get(Area, filters.area) if filters.area else None
    said = {
        "q": filters.q,
        "area": area.name if area else str(filters.area or ""),
        "officer": people.get(filters.officer or 0, ""),
        "deputy": translate(N_("%(name)s as deputy")) % {"name": people.get(filters.deputy or 0, "")},
        "held": translate(VIEW_LABELS["none"]),
        "quiet": _quiet(filters.quiet or 0),
    }
    return [(said[name], filters.as_query(**{name: None})) for name in said if getattr(filters, name)]


def usual_views(actor: Actor, filters: Filters) -> list[tuple[str, dict[str, str], bool]]:
    """The ready-made views of this person's roles as links: label, filters, whether it is the present one."""
    stale = stale_days(actor)
    wanted = {
        "all": Filters(),
        "mine": Filters(officer=actor.user_id),
        "deputy": Filters(deputy=actor.user_id),
        "mine_quiet": Filters(officer=actor.user_id, quiet=stale),
        "none": Filters(held=NONE),
        "quiet": Filters(quiet=stale),
    }
    own = {view for role, views in ROLE_VIEWS.items() if actor.has(role) for view in views}
    shown = [view for view in VIEW_LABELS if view == "all" or view in own]
    return [(translate(VIEW_LABELS[view]), wanted[view].as_query(), wanted[view] == filters) for view in shown]
