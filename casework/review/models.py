"""From which sum two must sign, links by which an enterprise rates, and samples of closed cases."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.areas.models import Placed
from casework.kernel.db import Model, Versioned, key, ref
from casework.kernel.permissions import OfPlace

_WHOLE = sa.text("type_id IS NULL")


class CountersignLimit(Versioned, Model):
    """From which sum a result needs a second signature: in an area, for one type or (without one) for all."""

    __tablename__ = "countersign_limits"
    __table_args__ = (
        sa.CheckConstraint("amount_fen > 0", name="amount_positive"),
        sa.Index("uq_countersign_limits_type", "area_id", "type_id", unique=True),
        sa.Index("uq_countersign_limits_area", "area_id", unique=True, sqlite_where=_WHOLE, postgresql_where=_WHOLE),
    )

    id: Mapped[int] = key()
    area_id: Mapped[int] = ref("areas.id")
    type_id: Mapped[int | None] = ref("case_types.id", null=True)
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    set_by_id: Mapped[int] = ref("users.id")
    set_at: Mapped[datetime]


class RatingLink(Model):
    """A one-time link by which an enterprise answers the call-back; its token is that of ``kernel.onetime``."""

    __tablename__ = "rating_links"
    __table_args__ = (sa.UniqueConstraint("token_hash"),)

    id: Mapped[int] = key()
    case_id: Mapped[int] = ref("cases.id", index=True)
    nonce: Mapped[str] = mapped_column(sa.String(32))
    token_hash: Mapped[str] = mapped_column(sa.String(64))
    made_by_id: Mapped[int] = ref("users.id")
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class AuditSample(OfPlace, Placed, Model):
    """Closed cases of a period and area, drawn by chance: with ``seed`` anyone draws them again."""

    __tablename__ = "audit_samples"
    __table_args__ = (
        sa.CheckConstraint("to_on >= from_on", name="ends_after_it_begins"),
        sa.CheckConstraint("size > 0 AND size <= population", name="size_fits"),
        sa.Index("ix_audit_samples_area", "area_id", "id"),
    )

    id: Mapped[int] = key()
    type_id: Mapped[int | None] = ref("case_types.id", null=True)
    domains: Mapped[list[Any]]
    from_on: Mapped[date]
    to_on: Mapped[date]
    seed: Mapped[str] = mapped_column(sa.String(40))
    size: Mapped[int]
    population: Mapped[int]
    population_hash: Mapped[str] = mapped_column(sa.String(64))
    drawn_by_id: Mapped[int] = ref("users.id")
    drawn_at: Mapped[datetime]


class SampleItem(Versioned, Model):
    """A case of a sample and what the sampler found."""

    __tablename__ = "audit_sample_items"
    __table_args__ = (
        sa.CheckConstraint("verdict IN ('in_order', 'not_in_order')", name="verdict_known"),
        sa.CheckConstraint("(verdict IS NULL) = (judged_by_id IS NULL)", name="verdict_has_judge"),
        sa.CheckConstraint("verdict IS NULL OR verdict = 'in_order' OR reason <> ''", name="fault_has_reason"),
        sa.UniqueConstraint("sample_id", "case_id"),
    )

    id: Mapped[int] = key()
    sample_id: Mapped[int] = ref("audit_samples.id")
    case_id: Mapped[int] = ref("cases.id", index=True)
    position: Mapped[int]
    verdict: Mapped[str | None] = mapped_column(sa.String(12))
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    judged_by_id: Mapped[int | None] = ref("users.id", null=True)
    judged_at: Mapped[datetime | None]
