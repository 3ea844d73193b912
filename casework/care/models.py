"""Residents who are looked after, by whom from when to when, and what was found. Personal fields stand in one row."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.areas.models import Placed
from casework.kernel.db import Id, Model, Versioned, closed_set, key, ref
from casework.kernel.rhythm import Rhythm


class Kind(StrEnum):
    """Why a resident is looked after."""

    ELDERLY = "elderly"
    QUARANTINED = "quarantined"
    PATIENT = "patient"
    CHILD = "child"
    PREGNANT = "pregnant"
    OTHER = "other"


class Condition(StrEnum):
    """How a resident was found."""

    WELL = "well"
    HELP = "help"
    UNREACHED = "unreached"
    HOSPITAL = "hospital"


class End(StrEnum):
    """Why care came to an end; what else there is to say stands with the resident."""

    RECOVERED = "recovered"
    MOVED = "moved"
    OTHERS = "others"
    DECLINED = "declined"
    DIED = "died"


class Resident(Placed, Versioned, Model):
    """A person who is looked after by a keeper and a deputy of a team, every so many days.

    ``keeper_id`` and ``deputy_id`` are those of now; from–to stands in ``Keeping``. Once care has ended nobody is.
    """

    __tablename__ = "residents"
    __table_args__ = (
        closed_set(Kind, "kind"),
        closed_set(End, "ended_by"),
        sa.CheckConstraint("every_days BETWEEN 1 AND 365", name="every_days_of_a_year"),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday_known"),
        sa.CheckConstraint("deputy_id IS NULL OR deputy_id <> keeper_id", name="deputy_is_another"),
        sa.Index("ix_residents_keeper_id", "keeper_id"),
        sa.Index("ix_residents_deputy_id", "deputy_id"),
        sa.Index("ix_residents_unit_id_ended_on", "unit_id", "ended_on", "id"),
        sa.Index("ix_residents_district_id_ended_on", "district_id", "ended_on"),
    )

    id: Mapped[int] = key()
    name: Mapped[str] = mapped_column(sa.String(60))
    phone: Mapped[str] = mapped_column(sa.String(30), default="")
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    needs: Mapped[str] = mapped_column(sa.String(500), default="")
    kind: Mapped[str] = mapped_column(sa.String(12))
    unit_id: Mapped[int] = ref("units.id")
    keeper_id: Mapped[int | None] = ref("users.id", null=True)
    deputy_id: Mapped[int | None] = ref("users.id", null=True)
    since: Mapped[date]
    every_days: Mapped[int]
    weekday: Mapped[int | None]
    ended_on: Mapped[date | None]
    ended_by: Mapped[str | None] = mapped_column(sa.String(12))
    ended_note: Mapped[str] = mapped_column(sa.String(300), default="")
    created_at: Mapped[datetime]

    @property
    def unit_ids(self) -> frozenset[int]:
        """The team that answers for the care."""
        return frozenset((self.unit_id,))

    @property
    def holder_ids(self) -> frozenset[int]:
        """The two who look after them now."""
        return frozenset(person for person in (self.keeper_id, self.deputy_id) if person)

    @property
    def domain(self) -> str:
        """Care belongs to no authority."""
        return ""

    @property
    def rhythm(self) -> Rhythm:
        """How often somebody looks in."""
        return Rhythm(self.every_days, self.weekday)


class Keeping(Versioned, Model):
    """Who looks after a resident, and the deputy, from a day to a day (both included). One that was replaced on its
    first day ends the day before and never counts.
    """

    __tablename__ = "keepings"
    __table_args__ = (
        sa.Index("ix_keepings_resident_id", "resident_id"),
        sa.Index(
            "uq_keepings_current",
            "resident_id",
            unique=True,
            sqlite_where=sa.text("to_on IS NULL"),
            postgresql_where=sa.text("to_on IS NULL"),
        ),
    )

    id: Mapped[int] = key()
    resident_id: Mapped[int] = ref("residents.id")
    keeper_id: Mapped[int] = ref("users.id")
    deputy_id: Mapped[int | None] = ref("users.id", null=True)
    from_on: Mapped[date]
    to_on: Mapped[date | None]


class CareEntry(Model):
    """That one of the two looked in or called, and how the resident was. Never changed (migration 0006)."""

    __tablename__ = "care_entries"
    __table_args__ = (
        closed_set(Condition, "condition"),
        sa.Index("ix_care_entries_resident_id_id", "resident_id", "id"),
        sa.Index("ix_care_entries_by_id_day", "by_id", "day"),
    )

    id: Mapped[int] = key()
    resident_id: Mapped[int] = ref("residents.id")
    by_id: Mapped[int] = ref("users.id")
    at: Mapped[datetime]
    day: Mapped[date]
    way: Mapped[str] = mapped_column(sa.String(10))
    condition: Mapped[str] = mapped_column(sa.String(12))


class CareWords(Model):
    """What an entry says, apart from the entry: it cannot be changed, and legal erasure takes it out whole."""

    __tablename__ = "care_words"

    entry_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("care_entries.id"), primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(sa.String(1000))
