"""The dated settings of the figures: what held on a day in a district, and how a new one is laid down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from casework import audit
from casework.areas.models import Area
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day
from casework.kpis.figures import RULES
from casework.kpis.models import KpiRule
from casework.kpis.policy import DEFINE
from casework.kpis.setting_events import DefinitionChanged

LONGEST = 300


def rules_on(district_id: int | None, day: date) -> dict[str, int]:
    """What holds on a day: the newest setting of the district, else of everywhere, else the preset."""
    return _in_force(_laid_down(), district_id, day)


@dataclass(frozen=True, slots=True)
class _Laid:
    name: str
    district_id: int | None
    from_on: date
    value: int
    id: int


def _laid_down() -> list[_Laid]:
    """Every setting; read once a transaction, as a batch asks it for each case."""
    kept: list[_Laid] | None = db.session.info.get("kpi_rules")
    if kept is None:
        columns = (KpiRule.name, KpiRule.district_id, KpiRule.from_on, KpiRule.value, KpiRule.id)
        kept = [_Laid(*row) for row in db.session.execute(sa.select(*columns))]
        db.session.info["kpi_rules"] = kept
    return kept


def forget() -> None:
    """Read the settings anew at the next question."""
    db.session.info.pop("kpi_rules", None)


def _in_force(laid: list[_Laid], district_id: int | None, day: date) -> dict[str, int]:
    found = {name: preset for name, (_, preset, _, _) in RULES.items()}
    ranked = sorted(
        (one for one in laid if one.from_on <= day and one.district_id in (None, district_id)),
        key=lambda one: (one.district_id is not None, one.from_on, one.id),
    )
    for one in ranked:
        found[one.name] = one.value
    return found


def history(district_id: int | None) -> list[KpiRule]:
    """Every setting that was laid down for a district or everywhere, newest first."""
    query = sa.select(KpiRule).where(sa.or_(KpiRule.district_id.is_(None), KpiRule.district_id == district_id))
    return list(db.session.scalars(query.order_by(KpiRule.from_on.desc(), KpiRule.id.desc()).limit(200)))


def lay_down(*, name: str, value: int, from_on: date, why: str, district: Area, actor: Actor, now: datetime) -> KpiRule:
    """Let a setting hold from a day on; what is past stays as it was worked out.

    Raises:
        NotPermitted: the actor may not define figures for this district.
        Refused: the name is unknown, the value out of range, the day past, or no reason is given.
    """
    authorise(actor, DEFINE, district)
    if reasons := _objections(name, value, from_on, why, local_day(now)):
        raise Refused(reasons)
    row = KpiRule(
        district_id=district.id, name=name, value=value, from_on=from_on, why=why, by_id=actor.user_id, at=now
    )
    db.session.add(row)
    fact = DefinitionChanged(name=name, value=value, from_on=from_on, why=why, district=district.id)
    audit.record(fact, by=actor, at=now)
    forget()
    return row


def _objections(name: str, value: int, from_on: date, why: str, today: date) -> list[Reason]:
    reasons: list[Reason] = []
    _, _, least, most = RULES.get(name, ("", 0, 0, 0))
    if name not in RULES:
        reasons.append(because(N_("Setting: pick one of those offered."), "name"))
    elif not least <= value <= most:
        text = N_("Value: write a whole number from %(least)s to %(most)s.")
        reasons.append(because(text, "value", least=least, most=most))
    if from_on < today:
        reasons.append(because(N_("From: pick today or a later day; what is past stays as it was."), "from_on"))
    if not why.strip() or len(why) > LONGEST:
        text = N_("Reason: say in at most %(most)s characters who decided this and where.")
        reasons.append(because(text, "why", most=LONGEST))
    return reasons


Rules = Mapping[str, int]
