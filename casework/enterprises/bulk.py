"""Many firms at once, as lists have them, and what an import takes back: it asks who may, and keeps the fact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from casework.areas.models import Area
from casework.enterprises import history
from casework.enterprises.models import Enterprise, Liaison
from casework.enterprises.service import Draft, fill, liaison_follows, make_findable, place, shown
from casework.kernel.db import db
from casework.kernel.time import local_day


def enter(draft: Draft, *, now: datetime) -> Enterprise:
    """One of many firms that an import enters: it has asked who may, and looked for codes and names; it keeps the fact.

    Stored with the next flush, when ``make_findable`` is due; the unique rules of the database stand behind it.
    """
    enterprise = Enterprise(created_at=now, active=draft.active)
    place(enterprise, draft.area)
    fill(enterprise, draft)
    history.set_closed(enterprise, local_day(now))
    db.session.add(enterprise)
    return enterprise


def amend(
    enterprise: Enterprise, values: Mapping[str, Any], area: Area | None, *, now: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write fields of a firm, and place it, as an import does or takes back: what changed, before and after.

    The import has asked who may, and keeps the fact.
    """
    before = shown(enterprise)
    for name in values:
        if name not in before or name == "area_id":
            raise ValueError(f"{name} is no field of a firm")
    if area is not None:
        place(enterprise, area)
    draft = Draft(area=area or db.session.get_one(Area, enterprise.area_id), **_plain({**before, **values}))
    fill(enterprise, draft)
    if area is not None or "active" in values:
        liaison_follows(enterprise, local_day(now))
    make_findable(enterprise)
    after = shown(enterprise)
    changed = [name for name in before if before[name] != after[name]]
    return {name: before[name] for name in changed}, {name: after[name] for name in changed}


def _plain(shown: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value or "" if name == "uscc" else value for name, value in shown.items() if name != "area_id"}


def take_liaison_back(row: Liaison, before: Liaison | None) -> None:
    """Let an entry count no more, and whoever answered before answer again. The caller has authorised it."""
    row.to_on = row.from_on - timedelta(days=1)
    db.session.flush()  # only one is current
    if before is not None and before.to_on == row.to_on:
        before.to_on = None
