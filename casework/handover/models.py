"""A hand-over, and each thing of it with its successor and the answer."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.models import User
from casework.handover.words import Answer, Stage, Why
from casework.kernel.db import Id, Model, Versioned, closed_set, key, ref

_OPEN = sa.text("stage IN ('draft', 'sent')")


class Handover(Versioned, Model):
    """Somebody gives away what they hold, from a day on. One at a time a person.

    Unit, area and district are those of the posting that ends: they say who leads the person.
    """

    __tablename__ = "handovers"
    __table_args__ = (
        closed_set(Why, "why"),
        closed_set(Stage, "stage"),
        sa.Index("uq_handovers_open", "leaver_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ix_handovers_leaver_id", "leaver_id", "id"),
        sa.Index("ix_handovers_unit_id", "unit_id", "stage", "id"),
        sa.Index("ix_handovers_district_id", "district_id", "stage", "id"),
    )

    id: Mapped[int] = key()
    leaver_id: Mapped[int] = ref("users.id")
    unit_id: Mapped[int] = ref("units.id")
    area_id: Mapped[int] = ref("areas.id")
    district_id: Mapped[int | None] = ref("areas.id", null=True)
    why: Mapped[str] = mapped_column(sa.String(10))
    from_on: Mapped[date]
    note: Mapped[str] = mapped_column(sa.Text, default="")
    stage: Mapped[str] = mapped_column(sa.String(12), default=Stage.DRAFT)
    begun_by_id: Mapped[int] = ref("users.id")
    begun_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    leaver: Mapped[User] = relationship(foreign_keys=[leaver_id])

    @property
    def area_ids(self) -> frozenset[int]:
        """Where the person served."""
        return frozenset(area for area in (self.area_id, self.district_id) if area)

    @property
    def unit_ids(self) -> frozenset[int]:
        """The unit whose lead decides."""
        return frozenset((self.unit_id,))

    @property
    def holder_ids(self) -> frozenset[int]:
        """Who leaves."""
        return frozenset((self.leaver_id,))

    @property
    def domain(self) -> str:
        """None."""
        return ""


class HandoverItem(Versioned, Model):
    """One thing: which kind and row, who is to have it, the answer. Title and detail are as when it was sent.

    ``told_at`` is when the enterprise was told of its new contact.
    """

    __tablename__ = "handover_items"
    __table_args__ = (
        closed_set(Answer, "state"),
        sa.CheckConstraint("state IN ('chosen', 'gone', 'kept') OR successor_id IS NOT NULL", name="sent_to_somebody"),
        sa.UniqueConstraint("handover_id", "kind", "ref_id"),
        sa.Index("ix_handover_items_handover_id", "handover_id", "state", "id"),
        sa.Index("ix_handover_items_successor_id", "successor_id", "state", "handover_id"),
        sa.Index("ix_handover_items_kind", "kind", "state", "ref_id"),
        sa.Index("ix_handover_items_case_id", "case_id", "state"),
    )

    id: Mapped[int] = key()
    handover_id: Mapped[int] = ref("handovers.id")
    kind: Mapped[str] = mapped_column(sa.String(20))
    ref_id: Mapped[int] = mapped_column(Id)
    title: Mapped[str] = mapped_column(sa.String(300))
    detail: Mapped[str] = mapped_column(sa.String(300), default="")
    href: Mapped[str] = mapped_column(sa.String(200), default="")
    grouped: Mapped[str] = mapped_column(sa.String(100), default="")
    case_id: Mapped[int | None] = ref("cases.id", null=True)
    enterprise_id: Mapped[int | None] = ref("enterprises.id", null=True)
    successor_id: Mapped[int | None] = ref("users.id", null=True)
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    state: Mapped[str] = mapped_column(sa.String(10), default=Answer.CHOSEN)
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    answered_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
