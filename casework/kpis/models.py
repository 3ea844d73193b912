"""Marks with the sums over them, what waits to be counted, the dated settings, and what is left out of account.

A mark can always be made again from the case; a sum always from the marks. Nothing here is a source of truth but the
settings and the exclusions.
"""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel.db import Id, Model, Versioned, key, ref


class KpiMark(Model):
    """One thing that counts for figures, on a day, with where and whose it is. Written by the job alone."""

    __tablename__ = "kpi_marks"
    __table_args__ = (
        sa.Index(
            "ix_kpi_marks_district",
            "district_id",
            "base",
            "day",
            "type_id",
            "flags",
            "bucket",
            "domain",
            "unit_id",
            "value",
        ),
        sa.Index("ix_kpi_marks_city", "city_id", "base", "day", "id"),
        sa.Index("ix_kpi_marks_community", "community_id", "base", "day"),
        sa.Index("ix_kpi_marks_unit", "unit_id", "base", "day"),
        sa.Index("ix_kpi_marks_officer", "officer_id", "base", "day"),
        sa.Index("ix_kpi_marks_case", "case_id"),
    )

    id: Mapped[int] = key()
    case_id: Mapped[int] = ref("cases.id")
    base: Mapped[str] = mapped_column(sa.String(10))
    nth: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    day: Mapped[date]
    at: Mapped[datetime | None]
    flags: Mapped[int]
    value: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    bucket: Mapped[int] = mapped_column(default=0)
    type_id: Mapped[int] = mapped_column(Id)
    domain: Mapped[str] = mapped_column(sa.String(30))
    city_id: Mapped[int | None] = mapped_column(Id)
    district_id: Mapped[int | None] = mapped_column(Id)
    subdistrict_id: Mapped[int | None] = mapped_column(Id)
    community_id: Mapped[int | None] = mapped_column(Id)
    unit_id: Mapped[int | None] = mapped_column(Id)
    officer_id: Mapped[int | None] = mapped_column(Id)


class KpiSum(Model):
    """How many marks of a month are alike in an area: the city, each district, each subdistrict."""

    __tablename__ = "kpi_sums"

    area_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    month: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    base: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    type_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    domain: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    flags: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bucket: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int]
    total: Mapped[int] = mapped_column(sa.BigInteger)


class KpiWaiting(Model):
    """A case that changed and is not counted yet; ``spread`` when others of the same enterprise may change with it."""

    __tablename__ = "kpi_waiting"

    id: Mapped[int] = key()
    case_id: Mapped[int] = mapped_column(Id)
    spread: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]


class KpiState(Model):
    """One row: grows with every portion that was counted, so that what is kept of an answer is known to be old."""

    __tablename__ = "kpi_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(sa.BigInteger)


class KpiRecheck(Model):
    """When time alone will add a mark to a case: something falls due."""

    __tablename__ = "kpi_rechecks"

    case_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)


class KpiRule(Model):
    """A setting of the definitions from a day on, in an area or everywhere. A later one stands beside the earlier."""

    __tablename__ = "kpi_rules"
    __table_args__ = (
        sa.CheckConstraint("value >= 0", name="value_not_negative"),
        sa.Index("ix_kpi_rules_name", "name", "from_on"),
    )

    id: Mapped[int] = key()
    district_id: Mapped[int | None] = ref("areas.id", null=True)
    name: Mapped[str] = mapped_column(sa.String(20))
    value: Mapped[int]
    from_on: Mapped[date]
    why: Mapped[str] = mapped_column(sa.String(300))
    by_id: Mapped[int | None] = ref("users.id", null=True)
    at: Mapped[datetime]


class KpiExclusion(Versioned, Model):
    """A case that a reviewer left out of a group of figures, or of all, and perhaps took back in."""

    __tablename__ = "kpi_exclusions"
    __table_args__ = (
        sa.Index(
            "uq_kpi_exclusions_current",
            "case_id",
            "what",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = key()
    case_id: Mapped[int] = ref("cases.id")
    what: Mapped[str] = mapped_column(sa.String(10))
    reason: Mapped[str] = mapped_column(sa.String(500))
    by_id: Mapped[int] = ref("users.id")
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = ref("users.id", null=True)
    ended_why: Mapped[str] = mapped_column(sa.String(500), default="")
