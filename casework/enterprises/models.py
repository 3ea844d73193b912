"""Enterprises, contacts and liaisons."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.areas.models import Placed
from casework.kernel.db import Model, Versioned, key, ref


class Enterprise(Placed, Versioned, Model):
    """A firm or sole trader. ``name_key`` is its name without blanks and widths, to know it again; ``contacted_on`` is
    when one of us last spoke with it.
    """

    __tablename__ = "enterprises"
    __table_args__ = (
        sa.UniqueConstraint("uscc"),
        sa.UniqueConstraint("name_key", "district_id"),
        sa.Index("ix_enterprises_district_id_id", "district_id", "id"),
        sa.Index("ix_enterprises_community_id", "community_id"),
        sa.Index("ix_enterprises_subdistrict_id", "subdistrict_id"),
        sa.Index("ix_enterprises_coverage", "district_id", "active", "community_id", "contacted_on"),
    )

    id: Mapped[int] = key()
    name: Mapped[str] = mapped_column(sa.String(200))
    name_key: Mapped[str] = mapped_column(sa.String(200))
    uscc: Mapped[str | None] = mapped_column(sa.String(18))
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    size: Mapped[str] = mapped_column(sa.String(20), default="")
    industry: Mapped[str] = mapped_column(sa.String(60), default="")
    active: Mapped[bool] = mapped_column(default=True)
    contacted_on: Mapped[date | None]
    created_at: Mapped[datetime]

    @property
    def unit_ids(self) -> frozenset[int]:
        return frozenset()

    @property
    def holder_ids(self) -> frozenset[int]:
        return frozenset()

    @property
    def domain(self) -> str:
        return ""


class Contact(Versioned, Model):
    """A person to call at a firm. The phone is shown masked; a reveal is logged."""

    __tablename__ = "contacts"
    __table_args__ = (sa.Index("ix_contacts_enterprise_id", "enterprise_id"),)

    id: Mapped[int] = key()
    enterprise_id: Mapped[int] = ref("enterprises.id")
    name: Mapped[str] = mapped_column(sa.String(60))
    duty: Mapped[str] = mapped_column(sa.String(60), default="")
    phone: Mapped[str] = mapped_column(sa.String(30), default="")
    left_at: Mapped[datetime | None]


class Liaison(Versioned, Model):
    """One enterprise, one officer: who answers for a firm, and the deputy, from a day to a day (both included).

    District and community are those of the firm, so that a board counts in one index. One that was replaced on its
    first day ends the day before and never counts.
    """

    __tablename__ = "liaisons"
    __table_args__ = (
        sa.Index("ix_liaisons_enterprise_id", "enterprise_id"),
        sa.Index("ix_liaisons_officer_id", "officer_id"),
        sa.Index("ix_liaisons_deputy_id", "deputy_id"),
        sa.Index("ix_liaisons_board", "district_id", "to_on", "community_id", "officer_id", "deputy_id", "from_on"),
        sa.Index(
            "uq_liaisons_current",
            "enterprise_id",
            unique=True,
            sqlite_where=sa.text("to_on IS NULL"),
            postgresql_where=sa.text("to_on IS NULL"),
        ),
    )

    id: Mapped[int] = key()
    enterprise_id: Mapped[int] = ref("enterprises.id")
    officer_id: Mapped[int] = ref("users.id")
    deputy_id: Mapped[int | None] = ref("users.id", null=True)
    district_id: Mapped[int | None] = ref("areas.id", null=True)
    community_id: Mapped[int | None] = ref("areas.id", null=True)
    from_on: Mapped[date]
    to_on: Mapped[date | None]
