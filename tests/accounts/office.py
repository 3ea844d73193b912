"""A small office of two districts, made through the services, for tests of people and places."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from casework.accounts import service as accounts
from casework.accounts.models import User
from casework.areas import service as areas
from casework.areas.models import Area
from casework.kernel.db import db
from casework.kernel.permissions import Actor, Role
from casework.kernel.time import local_day, utcnow
from casework.roster import queries
from casework.roster import service as roster
from casework.roster.models import Unit

PASSWORD = "窗前 明月光 moon-light"


@dataclass
class Office:
    """Two districts with a subdistrict, a community, a team and an administration each."""

    areas: dict[str, Area] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)

    def person(
        self,
        username: str,
        role: Role | None = None,
        *,
        unit: str = "team-a",
        area: str | None = None,
        from_on: date | None = None,
        to_on: date | None = None,
        name: str = "",
    ) -> User:
        """A person with the usual password, posted from today when a role is given."""
        now = utcnow()
        user = accounts.make_user(username=username, name=name or username, password=PASSWORD, actor=None, now=now)
        if role:
            place = self.areas[area] if area else self.units[unit].area
            begin = from_on or local_day(now) - timedelta(days=30)
            db.session.add(
                roster.Posting(
                    user_id=user.id,
                    unit_id=self.units[unit].id,
                    role=role,
                    area_id=place.id,
                    from_on=begin,
                    to_on=to_on,
                )
            )
        db.session.commit()
        return user


def build() -> Office:
    """The office; committed."""
    now, office = utcnow(), Office()
    city = office.areas["city"] = areas.add_area(code="9901", name="江城市", level="city", parent=None)
    for letter, name in (("a", "临江区"), ("b", "望湖区")):
        district = areas.add_area(code=f"9901{letter}", name=name, level="district", parent=city)
        street = areas.add_area(code=f"9901{letter}1", name=f"{name[:1]}南街道", level="subdistrict", parent=district)
        community = areas.add_area(code=f"9901{letter}11", name=f"{name[:1]}桥社区", level="community", parent=street)
        office.areas |= {f"district-{letter}": district, f"street-{letter}": street, f"community-{letter}": community}
        for kind, place in (("team", street), ("office", district)):
            office.units[f"{kind}-{letter}"] = roster.add_unit(
                code=f"{kind}-{letter}", name=f"{name}{kind}", kind=kind, area=place, actor=None, now=now
            )
    db.session.commit()
    return office


def actor_of(user: User) -> Actor:
    """The person as they stand today."""
    actor = queries.actor_for(user.id, local_day(utcnow()))
    assert actor is not None
    return actor


def sign_in(client: Any, username: str, password: str = PASSWORD, **data: Any) -> Any:
    """Send the sign-in form."""
    return client.post("/sign-in", data={"username": username, "password": password, **data})


def later(moment: datetime, **delta: int) -> datetime:
    """A moment after another."""
    return moment + timedelta(**delta)
