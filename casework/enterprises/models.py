"""Enterprises, contacts and liaisons."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import Mapped, mapped_column

from casework.areas.models import Placed
from casework.kernel.db import Id, Model, Versioned, closed_set, key, ref
from casework.kernel.masking import tail
from casework.kernel.named import letters
from casework.kernel.permissions import OfPlace

FOUND_BY = ("initials", "pinyin", "brand_key", "brand_initials", "brand_pinyin")
"""The columns by whose beginning a firm is found, beside the beginning of its name."""


class Enterprise(OfPlace, Placed, Versioned, Model):
    """A firm or sole trader. ``name_key`` is its name without blanks and widths, to know it again; ``contacted_on`` is
    when one of us last spoke with it, ``closed_on`` the first day on which it was no longer in business.

    By the other keys it is found: ``pinyin`` and ``initials`` of the whole name, and the same of its ``brand``, which
    is the name without the city and district before it (empty where there is none). The service keeps them.
    """

    __tablename__ = "enterprises"
    __table_args__ = (
        sa.UniqueConstraint("uscc"),
        sa.UniqueConstraint("name_key", "district_id"),
        sa.Index("ix_enterprises_district_id_id", "district_id", "id"),
        sa.Index("ix_enterprises_community_id", "community_id"),
        sa.Index("ix_enterprises_subdistrict_id", "subdistrict_id"),
        *(sa.Index(f"ix_enterprises_{name}", name, "district_id") for name in FOUND_BY),
        sa.Index("ix_enterprises_coverage", "district_id", "active", "community_id", "contacted_on"),
        sa.Index("ix_enterprises_history", "district_id", "community_id", "created_at", "active", "closed_on"),
    )

    id: Mapped[int] = key()
    name: Mapped[str] = mapped_column(sa.String(200))
    name_key: Mapped[str] = mapped_column(sa.String(200))
    initials: Mapped[str] = letters()
    pinyin: Mapped[str] = letters()
    brand_key: Mapped[str] = letters()
    brand_initials: Mapped[str] = letters()
    brand_pinyin: Mapped[str] = letters()
    uscc: Mapped[str | None] = mapped_column(sa.String(18))
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    size: Mapped[str] = mapped_column(sa.String(20), default="")
    industry: Mapped[str] = mapped_column(sa.String(60), default="")
    active: Mapped[bool] = mapped_column(default=True)
    closed_on: Mapped[date | None]
    contacted_on: Mapped[date | None]
    created_at: Mapped[datetime]


class Contact(Versioned, Model):
    """A person to call at a firm. The phone is shown masked, found by its last four digits; a reveal is logged."""

    __tablename__ = "contacts"
    __table_args__ = (
        sa.Index("ix_contacts_enterprise_id", "enterprise_id"),
        sa.Index("ix_contacts_phone_tail", "phone_tail", "id"),
    )

    id: Mapped[int] = key()
    enterprise_id: Mapped[int] = ref("enterprises.id")
    name: Mapped[str] = mapped_column(sa.String(60))
    duty: Mapped[str] = mapped_column(sa.String(60), default="")
    phone: Mapped[str] = mapped_column(sa.String(30), default="")
    phone_tail: Mapped[str] = mapped_column(sa.String(4), default="", server_default="")
    left_at: Mapped[datetime | None]

    @orm.validates("phone")
    def _keeps_its_tail(self, _key: str, phone: str) -> str:
        self.phone_tail = tail(phone)
        return phone


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


class Met(StrEnum):
    """How it went: somebody spoke with us, nobody was there, the firm is somewhere else, they would not speak."""

    SPOKE = "spoke"
    NOBODY = "nobody"
    MOVED = "moved"
    REFUSED = "refused"


REACHED = frozenset((Met.SPOKE, Met.REFUSED))
"""With these the firm counts as contacted: somebody of it was met."""


class ContactEntry(Model):
    """That one of us went to a firm, called or wrote: what freshness is counted from. Never changed (migration 0006).

    What was said on a case stands in the story of that case: here ``text`` is then empty.
    """

    __tablename__ = "contact_entries"
    __table_args__ = (
        closed_set(Met, "met"),
        sa.Index("ix_contact_entries_enterprise_id_at", "enterprise_id", "at"),
        sa.Index("ix_contact_entries_by_id_day", "by_id", "day"),
    )

    id: Mapped[int] = key()
    enterprise_id: Mapped[int] = ref("enterprises.id")
    case_id: Mapped[int | None] = ref("cases.id", null=True)
    by_id: Mapped[int] = ref("users.id")
    at: Mapped[datetime]
    day: Mapped[date]
    way: Mapped[str] = mapped_column(sa.String(10))
    met: Mapped[str] = mapped_column(sa.String(10))
    text: Mapped[str] = mapped_column(sa.String(1000), default="")


class ContactDay(Model):
    """A day on which one of us spoke with a firm. It is the newest until ``until_on``: the day of the next contact, or
    the day on which the firm went out of business. So a firm that was fresh on a past day has one row that says so.

    District and community are those of the firm, so that a board counts in one index.
    """

    __tablename__ = "contact_days"
    __table_args__ = (sa.Index("ix_contact_days_board", "district_id", "day", "until_on", "community_id"),)

    enterprise_id: Mapped[int] = mapped_column(
        Id, sa.ForeignKey("enterprises.id"), primary_key=True, autoincrement=False
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    until_on: Mapped[date | None]
    district_id: Mapped[int | None] = ref("areas.id", null=True)
    community_id: Mapped[int | None] = ref("areas.id", null=True)
