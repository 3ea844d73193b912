"""Units and postings."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.models import User
from casework.areas.models import Area
from casework.kernel.db import Id, Model, Versioned, closed_set, key, ref
from casework.kernel.permissions import Role


class UnitKind(StrEnum):
    """A reopening team, an intake desk, a supervising authority, or an administration."""

    TEAM = "team"
    DESK = "desk"
    AUTHORITY = "authority"
    OFFICE = "office"


class Unit(Versioned, Model):
    """A body that cases are dispatched to. An authority has domains (housing, transport …).

    ``sent_by`` names the body that set the team up and sends it out (派出单位), as the lists write it.
    """

    __tablename__ = "units"
    __table_args__ = (
        closed_set(UnitKind, "kind"),
        sa.UniqueConstraint("code"),
        sa.Index("ix_units_area_id", "area_id"),
        sa.Index("ix_units_name", "name"),
    )

    id: Mapped[int] = key()
    code: Mapped[str] = mapped_column(sa.String(30))
    name: Mapped[str] = mapped_column(sa.String(80))
    kind: Mapped[str] = mapped_column(sa.String(12))
    area_id: Mapped[int] = ref("areas.id")
    domains: Mapped[list[Any]] = mapped_column(default=list)
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    sent_by: Mapped[str] = mapped_column(sa.String(80), default="")
    closed_on: Mapped[date | None]
    area: Mapped[Area] = relationship()

    @property
    def area_ids(self) -> frozenset[int]:
        """Where it is, and everything that lies around it."""
        return self.area.area_ids

    @property
    def unit_ids(self) -> frozenset[int]:
        """Itself."""
        return frozenset((self.id,))

    @property
    def holder_ids(self) -> frozenset[int]:
        """A unit is nobody's own."""
        return frozenset()

    @property
    def domain(self) -> str:
        """A unit is edited by its district, whatever its domains."""
        return ""


class Posting(Versioned, Model):
    """A person in a unit with a role and an area, from a day to a day (both included; no end = open).

    ``sent_by`` is the person's home body (原单位), as one team mixes people of several; ``partner_id`` is the other of
    the lasting pair (AB岗), who stands in whenever this one is away.
    """

    __tablename__ = "postings"
    __table_args__ = (
        closed_set(Role, "role"),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_it_begins"),
        sa.CheckConstraint("partner_id IS NULL OR partner_id <> user_id", name="partner_is_another"),
        sa.Index("ix_postings_user_id", "user_id"),
        sa.Index("ix_postings_unit_id", "unit_id"),
        sa.Index("ix_postings_area_id", "area_id", "role"),
        sa.Index("ix_postings_to_on", "to_on"),
        sa.Index("ix_postings_sent_by", "sent_by"),
    )

    id: Mapped[int] = key()
    user_id: Mapped[int] = ref("users.id")
    unit_id: Mapped[int] = ref("units.id")
    role: Mapped[str] = mapped_column(sa.String(16))
    area_id: Mapped[int] = ref("areas.id")
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    sent_by: Mapped[str] = mapped_column(sa.String(80), default="")
    partner_id: Mapped[int | None] = ref("users.id", null=True)
    user: Mapped[User] = relationship(foreign_keys=[user_id])
    unit: Mapped[Unit] = relationship()
    area: Mapped[Area] = relationship()

    @property
    def area_ids(self) -> frozenset[int]:
        """The area it reaches, and everything around that."""
        return self.area.area_ids

    @property
    def unit_ids(self) -> frozenset[int]:
        """The unit it is in."""
        return frozenset((self.unit_id,))

    @property
    def holder_ids(self) -> frozenset[int]:
        """The person posted."""
        return frozenset((self.user_id,))

    @property
    def domain(self) -> str:
        """Postings are granted by place."""
        return ""

    def is_valid_on(self, day: date) -> bool:
        """Whether it gives its role on this day."""
        return self.from_on <= day and (self.to_on is None or self.to_on >= day)


class AbsenceKind(StrEnum):
    """Why somebody is away."""

    LEAVE = "leave"
    ILL = "ill"
    TRAINING = "training"
    OTHER = "other"


class Absence(Versioned, Model):
    """A person who is away from a day to a day (both included), and who stands in: the other of the pair (AB岗)."""

    __tablename__ = "absences"
    __table_args__ = (
        closed_set(AbsenceKind, "kind"),
        sa.CheckConstraint("to_on >= from_on", name="ends_after_it_begins"),
        sa.CheckConstraint("deputy_id IS NULL OR deputy_id <> user_id", name="deputy_is_another"),
        sa.Index("ix_absences_user_id_to_on", "user_id", "to_on"),
        sa.Index("ix_absences_to_on", "to_on", "from_on", "user_id"),
    )

    id: Mapped[int] = key()
    user_id: Mapped[int] = ref("users.id")
    deputy_id: Mapped[int | None] = ref("users.id", null=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    from_on: Mapped[date]
    to_on: Mapped[date]


class DutyShift(Versioned, Model):
    """A person who answers at a desk from a moment to a moment."""

    __tablename__ = "duty_shifts"
    __table_args__ = (
        sa.CheckConstraint("ends_at > begins_at", name="ends_after_it_begins"),
        sa.Index("ix_duty_shifts_unit_id_ends_at", "unit_id", "ends_at"),
        sa.Index("ix_duty_shifts_user_id_ends_at", "user_id", "ends_at"),
    )

    id: Mapped[int] = key()
    unit_id: Mapped[int] = ref("units.id")
    user_id: Mapped[int] = ref("users.id")
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    user: Mapped[User] = relationship()
    unit: Mapped[Unit] = relationship()


class DistrictLimits(Versioned, Model):
    """What one person can carry in a district, and when a contact is stale. No row: the presets of ``rules``."""

    __tablename__ = "district_limits"

    district_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("areas.id"), primary_key=True, autoincrement=False)
    most_cases: Mapped[int]
    most_firms: Mapped[int]
    stale_days: Mapped[int]
