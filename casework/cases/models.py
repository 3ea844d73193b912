"""The case and what hangs on it. Only ``service.take`` sets ``state``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import Mapped, mapped_column

from casework.areas.models import Placed
from casework.cases.workflow import OPEN, Outcome, Source, State
from casework.kernel.db import Id, Model, Versioned, closed_set, key, ref
from casework.kernel.masking import tail

_OPEN_SQL = ", ".join(f"'{state}'" for state in sorted(OPEN))


class CaseType(Versioned, Model):
    """A kind of difficulty: its limits, closing evidence, checklist and outcomes, as the district set them.

    ``words`` in what somebody tells suggest this type.

    ``limits`` maps a clock to ``{"minutes" | "days": int, "calendar": code}``; ``evidence`` and
    ``checklist`` are lists of ``{"key", "zh", "en", "required"}``; ``reviewer`` is ``regulator`` or ``lead``.
    """

    __tablename__ = "case_types"
    __table_args__ = (sa.UniqueConstraint("code"),)

    id: Mapped[int] = key()
    code: Mapped[str] = mapped_column(sa.String(30))
    zh: Mapped[str] = mapped_column(sa.String(40))
    en: Mapped[str] = mapped_column(sa.String(60))
    hint_zh: Mapped[str] = mapped_column(sa.String(200), default="")
    hint_en: Mapped[str] = mapped_column(sa.String(200), default="")
    words: Mapped[list[Any]] = mapped_column(default=list)
    domain: Mapped[str] = mapped_column(sa.String(30))
    reviewer: Mapped[str] = mapped_column(sa.String(12), default="regulator")
    limits: Mapped[dict[str, Any]]
    evidence: Mapped[list[Any]] = mapped_column(default=list)
    checklist: Mapped[list[Any]] = mapped_column(default=list)
    outcomes: Mapped[list[Any]] = mapped_column(default=list)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)

    def label(self, locale: str) -> str:
        """Its name in the reader's language."""
        return self.en if locale == "en" else self.zh


class Case(Placed, Versioned, Model):
    """A difficulty, from report to closure. ``number`` is for staff, ``code`` opens the requester's page."""

    __tablename__ = "cases"
    __table_args__ = (
        closed_set(State, "state"),
        closed_set(Outcome, "outcome"),
        closed_set(Source, "source"),
        sa.CheckConstraint(f"is_open = (state IN ({_OPEN_SQL}))", name="open_follows_state"),
        sa.CheckConstraint(
            "state <> 'closed' OR (outcome IS NOT NULL AND closed_at IS NOT NULL)", name="closed_has_outcome"
        ),
        sa.UniqueConstraint("number"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("origin", "external_ref"),
        sa.Index("ix_cases_district_open", "district_id", "is_open", "id"),
        sa.Index("ix_cases_subdistrict_open", "subdistrict_id", "is_open", "id"),
        sa.Index("ix_cases_community_open", "community_id", "is_open", "id"),
        # With the district, so that a search sees in the index alone in which ones the cases of a team lie.
        sa.Index("ix_cases_unit_open", "unit_id", "is_open", "id", "district_id"),
        sa.Index("ix_cases_lead_open", "lead_id", "is_open", "id"),
        sa.Index("ix_cases_enterprise", "enterprise_id", "id"),
        sa.Index("ix_cases_contact_phone", "contact_phone", "id"),
        sa.Index("ix_cases_phone_tail", "phone_tail", "id"),
        sa.Index("ix_cases_domain_state", "domain", "state", "next_due_at", "id"),
        sa.Index("ix_cases_district_type", "district_id", "type_id", "id"),
        sa.Index("ix_cases_district_state", "district_id", "state", "type_id", "next_due_at", "id"),
        sa.Index("ix_cases_district_due", "district_id", "is_open", "next_due_at", "id"),
        sa.Index("ix_cases_state_due", "district_id", "state", "next_due_at", "id"),
        sa.Index("ix_cases_closed", "district_id", "state", "closed_at", "id"),
        sa.Index("ix_cases_unit_due", "unit_id", "is_open", "next_due_at", "id"),
        sa.Index("ix_cases_lead_due", "lead_id", "is_open", "next_due_at", "id"),
        sa.Index("ix_cases_district_submitted", "district_id", "submitted_at"),
        sa.Index("ix_cases_district_ended", "district_id", "closed_at"),
        sa.Index(  # the board counts the open cases in it and reads no row
            "ix_cases_board",
            *("district_id", "subdistrict_id", "community_id", "unit_id", "domain"),
            *("submitted_at", "held_since", "next_due_at"),
            sqlite_where=sa.text("is_open IS 1"),
            postgresql_where=sa.text("is_open IS TRUE"),
        ),
        sa.Index("ix_cases_merged_into", "merged_into_id"),
        sa.Index("ix_cases_split_from", "split_from_id"),
    )

    id: Mapped[int] = key()
    number: Mapped[str] = mapped_column(sa.String(30))
    code: Mapped[str] = mapped_column(sa.String(12))
    title: Mapped[str] = mapped_column(sa.String(120))
    text: Mapped[str] = mapped_column(sa.Text)
    type_id: Mapped[int] = ref("case_types.id")
    domain: Mapped[str] = mapped_column(sa.String(30))
    state: Mapped[str] = mapped_column(sa.String(16))
    is_open: Mapped[bool] = mapped_column(default=True)
    outcome: Mapped[str | None] = mapped_column(sa.String(20))
    urgent: Mapped[bool] = mapped_column(default=False)
    joint: Mapped[bool] = mapped_column(default=False)
    negotiated: Mapped[bool] = mapped_column(default=False)
    processed: Mapped[bool] = mapped_column(default=False)
    supplied: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(sa.String(10))
    origin: Mapped[str | None] = mapped_column(sa.String(80))
    external_ref: Mapped[str | None] = mapped_column(sa.String(80))

    enterprise_id: Mapped[int | None] = ref("enterprises.id", null=True)
    requester: Mapped[str] = mapped_column(sa.String(200))
    contact_name: Mapped[str] = mapped_column(sa.String(60), default="")
    contact_phone: Mapped[str] = mapped_column(sa.String(30), default="")
    phone_tail: Mapped[str] = mapped_column(sa.String(4), default="", server_default="")
    place: Mapped[str] = mapped_column(sa.String(200), default="")

    unit_id: Mapped[int | None] = ref("units.id", null=True)
    lead_id: Mapped[int | None] = ref("users.id", null=True)
    co_unit_ids: Mapped[list[Any]] = mapped_column(default=list)
    held_since: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = ref("users.id", null=True)
    result_by_id: Mapped[int | None] = ref("users.id", null=True)
    handler_ids: Mapped[list[Any]] = mapped_column(default=list)
    handled_by: Mapped[list[Any]] = mapped_column(default=list)
    reviewer: Mapped[str] = mapped_column(sa.String(12))

    left_state: Mapped[str | None] = mapped_column(sa.String(16))
    waiting: Mapped[dict[str, Any] | None]
    extension: Mapped[dict[str, Any] | None]
    result: Mapped[dict[str, Any] | None]
    signed_by_id: Mapped[int | None] = mapped_column(Id)
    signature: Mapped[dict[str, Any] | None]
    proof_asked: Mapped[dict[str, Any] | None]
    callback_result: Mapped[str | None] = mapped_column(sa.String(10))
    callback_tries: Mapped[int] = mapped_column(default=0)
    rating: Mapped[int | None]
    merged_into_id: Mapped[int | None] = ref("cases.id", null=True)
    split_from_id: Mapped[int | None] = ref("cases.id", null=True)

    submitted_at: Mapped[datetime]
    contacted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    next_clock: Mapped[str | None] = mapped_column(sa.String(16))
    next_due_at: Mapped[datetime | None]
    next_limit: Mapped[int | None]
    next_calendar_id: Mapped[int | None] = mapped_column(Id)
    next_paused: Mapped[bool] = mapped_column(default=False)
    last_verb: Mapped[str] = mapped_column(sa.String(40), default="")
    last_at: Mapped[datetime]

    @orm.validates("contact_phone")
    def _keeps_its_tail(self, _key: str, phone: str) -> str:
        self.phone_tail = tail(phone)
        return phone

    @property
    def unit_ids(self) -> frozenset[int]:
        """The lead unit and the co-units."""
        return frozenset(unit for unit in (self.unit_id, *(self.co_unit_ids or ())) if unit)

    @property
    def holder_ids(self) -> frozenset[int]:
        """The people it is assigned to now: ``handler_ids`` is kept by assignment."""
        return frozenset(self.handler_ids or ())


class CaseCounter(Model):
    """The last sequence number of a district and year; locked while a case is made, so that none is skipped."""

    __tablename__ = "case_counters"

    district_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("areas.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class Assignment(Versioned, Model):
    """A person on a case, lead or support, from–to; accepted or not yet."""

    __tablename__ = "assignments"
    __table_args__ = (
        sa.CheckConstraint("part IN ('lead', 'support')", name="part_known"),
        sa.Index("ix_assignments_case_id", "case_id"),
        sa.Index("ix_assignments_user_open", "user_id", "to_at", "accepted_at"),
        sa.Index(
            "uq_assignments_lead",
            "case_id",
            unique=True,
            sqlite_where=sa.text("part = 'lead' AND to_at IS NULL"),
            postgresql_where=sa.text("part = 'lead' AND to_at IS NULL"),
        ),
    )

    id: Mapped[int] = key()
    case_id: Mapped[int] = ref("cases.id")
    user_id: Mapped[int] = ref("users.id")
    unit_id: Mapped[int] = ref("units.id")
    part: Mapped[str] = mapped_column(sa.String(8))
    from_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    to_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(sa.String(20), default="")


class Beneficiary(Versioned, Model):
    """One of the firms of a joint case, with what the relief is shared by (fen a month, cm²)."""

    __tablename__ = "beneficiaries"
    __table_args__ = (
        sa.CheckConstraint("status IN ('pending', 'settled', 'excluded')", name="status_known"),
        sa.CheckConstraint("monthly_rent_fen IS NULL OR monthly_rent_fen >= 0", name="rent_not_negative"),
        sa.UniqueConstraint("case_id", "name"),
        sa.Index("ix_beneficiaries_case_status", "case_id", "status", "id"),
    )

    id: Mapped[int] = key()
    case_id: Mapped[int] = ref("cases.id")
    enterprise_id: Mapped[int | None] = ref("enterprises.id", null=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    uscc: Mapped[str | None] = mapped_column(sa.String(18))
    contact: Mapped[str] = mapped_column(sa.String(60), default="")
    phone: Mapped[str] = mapped_column(sa.String(30), default="")
    monthly_rent_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    floor_area_cm2: Mapped[int | None] = mapped_column(sa.BigInteger)
    status: Mapped[str] = mapped_column(sa.String(10), default="pending")
    status_reason: Mapped[str] = mapped_column(sa.String(300), default="")
    added_at: Mapped[datetime]
    settled_on: Mapped[date | None]
