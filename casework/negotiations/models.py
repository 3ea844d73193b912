"""Tables of the negotiation log. Rounds, positions, allocations, shares and receipts are append-only by trigger."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel.db import Id, Model, Versioned, closed_set, key, ref
from casework.negotiations.words import (
    Basis,
    CounterpartyKind,
    Debtor,
    Method,
    PositionKind,
    Promise,
    Purpose,
    ReceiptKind,
    Side,
    Stance,
    Standing,
    Way,
)

_IN_FORCE = sa.text("state <> 'ended'")
_UNSETTLED = sa.text("state IN ('open', 'proven')")


class Counterparty(Versioned, Model):
    """Whom a district negotiates with, over all its cases. ``above`` is the next one up the chain to the owner."""

    __tablename__ = "counterparties"
    __table_args__ = (
        closed_set(CounterpartyKind, "kind"),
        sa.UniqueConstraint("district_id", "name_key"),
        sa.CheckConstraint("above_id IS NULL OR above_id <> id", name="not_above_itself"),
    )

    id: Mapped[int] = key()
    district_id: Mapped[int] = ref("areas.id")
    name: Mapped[str] = mapped_column(sa.String(200))
    name_key: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[str] = mapped_column(sa.String(12))
    contact: Mapped[str] = mapped_column(sa.String(60), default="")
    phone: Mapped[str] = mapped_column(sa.String(30), default="")
    above_id: Mapped[int | None] = ref("counterparties.id", null=True)
    added_at: Mapped[datetime]


class Negotiation(Model):
    """Talks with one counterparty, for one case or several. The last columns repeat its latest round for lists."""

    __tablename__ = "negotiations"
    __table_args__ = (
        sa.Index("ix_negotiations_counterparty", "counterparty_id", "id"),
        sa.CheckConstraint("rounds >= 0", name="rounds_counted"),
    )

    id: Mapped[int] = key()
    counterparty_id: Mapped[int] = ref("counterparties.id")
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[int] = ref("users.id")
    rounds: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime | None]
    stance: Mapped[str | None] = mapped_column(sa.String(12))
    next_step: Mapped[str] = mapped_column(sa.String(300), default="")
    next_on: Mapped[date | None]


class NegotiationCase(Model):
    """A case that a negotiation serves."""

    __tablename__ = "negotiation_cases"
    __table_args__ = (sa.Index("ix_negotiation_cases_case_id", "case_id"),)

    negotiation_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("negotiations.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("cases.id"), primary_key=True)
    joined_at: Mapped[datetime]


class Round(Model):
    """A visit, call, meeting or message. Never changed: a correction is a new round that names the one it corrects.

    Coordinates are millionths of a degree. ``ours`` and ``theirs`` are names of people, ``files`` ids of attachments.
    """

    __tablename__ = "rounds"
    __table_args__ = (
        closed_set(Way, "way"),
        closed_set(Stance, "stance"),
        sa.UniqueConstraint("corrects_id"),
        sa.CheckConstraint("until_at IS NULL OR until_at >= at", name="ends_after_it_begins"),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="coordinates_whole"),
        sa.Index("ix_rounds_negotiation", "negotiation_id", "at", "id"),
    )

    id: Mapped[int] = key()
    negotiation_id: Mapped[int] = ref("negotiations.id")
    case_id: Mapped[int] = ref("cases.id")
    way: Mapped[str] = mapped_column(sa.String(10))
    at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    place: Mapped[str] = mapped_column(sa.String(200), default="")
    latitude: Mapped[int | None]
    longitude: Mapped[int | None]
    ours: Mapped[list[Any]]
    theirs: Mapped[list[Any]]
    stance: Mapped[str] = mapped_column(sa.String(12))
    objections: Mapped[str] = mapped_column(sa.Text, default="")
    said: Mapped[str] = mapped_column(sa.Text, default="")
    next_step: Mapped[str] = mapped_column(sa.String(300), default="")
    next_on: Mapped[date | None]
    files: Mapped[list[Any]]
    corrects_id: Mapped[int | None] = ref("rounds.id", null=True)
    by_id: Mapped[int] = ref("users.id")
    logged_at: Mapped[datetime]


class Position(Model):
    """An ask or offer made in a round. ``worth_fen`` is what it came to then: the sum, or months and share of rent.

    ``percent_bp`` is hundredths of a per cent, ``months_tenths`` tenths of a month.
    """

    __tablename__ = "positions"
    __table_args__ = (
        closed_set(Side, "side"),
        closed_set(PositionKind, "kind"),
        closed_set(Method, "method"),
        sa.CheckConstraint("amount_fen IS NULL OR amount_fen >= 0", name="amount_not_negative"),
        sa.CheckConstraint("percent_bp IS NULL OR percent_bp BETWEEN 0 AND 10000", name="percent_in_range"),
        sa.CheckConstraint("months_tenths IS NULL OR months_tenths >= 0", name="months_not_negative"),
        sa.Index("ix_positions_round_id", "round_id"),
    )

    id: Mapped[int] = key()
    round_id: Mapped[int] = ref("rounds.id")
    side: Mapped[str] = mapped_column(sa.String(4))
    kind: Mapped[str] = mapped_column(sa.String(5))
    method: Mapped[str] = mapped_column(sa.String(8))
    amount_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    percent_bp: Mapped[int | None]
    months_tenths: Mapped[int | None]
    worth_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    conditions: Mapped[str] = mapped_column(sa.String(500), default="")
    expires_on: Mapped[date | None]


class Commitment(Versioned, Model):
    """Who owes what by when, on what condition; proven with words or files, settled never by the promiser alone."""

    __tablename__ = "commitments"
    __table_args__ = (
        closed_set(Debtor, "debtor"),
        closed_set(Promise, "state"),
        sa.CheckConstraint("due_on >= promised_on", name="due_after_promise"),
        sa.CheckConstraint(
            "state <> 'kept' OR (proven_at IS NOT NULL AND settled_by_id IS NOT NULL)", name="kept_is_proven"
        ),
        sa.CheckConstraint(
            "settled_by_id IS NULL OR promiser_id IS NULL OR settled_by_id <> promiser_id", name="not_by_the_promiser"
        ),
        sa.Index("ix_commitments_case_id", "case_id", "id"),
        sa.Index("ix_commitments_counterparty", "counterparty_id", "state"),
        sa.Index("ix_commitments_promiser_id", "promiser_id", sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED),
        sa.Index("ix_commitments_due", "case_id", "due_on", sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED),
    )

    id: Mapped[int] = key()
    case_id: Mapped[int] = ref("cases.id")
    negotiation_id: Mapped[int | None] = ref("negotiations.id", null=True)
    counterparty_id: Mapped[int | None] = ref("counterparties.id", null=True)
    promiser_id: Mapped[int | None] = ref("users.id", null=True)
    debtor: Mapped[str] = mapped_column(sa.String(5))
    who: Mapped[str] = mapped_column(sa.String(200))
    what: Mapped[str] = mapped_column(sa.String(300))
    condition: Mapped[str] = mapped_column(sa.String(300), default="")
    promised_on: Mapped[date]
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(sa.String(8), default=Promise.OPEN)
    proof: Mapped[str] = mapped_column(sa.String(500), default="")
    proof_files: Mapped[list[Any]] = mapped_column(default=list)
    proven_at: Mapped[datetime | None]
    proven_by_id: Mapped[int | None] = ref("users.id", null=True)
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = ref("users.id", null=True)
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    made_by_id: Mapped[int] = ref("users.id")
    made_at: Mapped[datetime]


class Agreement(Versioned, Model):
    """What was agreed, for how much and from when to when; in force until it is ended. One at a time a negotiation."""

    __tablename__ = "agreements"
    __table_args__ = (
        closed_set(Method, "method"),
        closed_set(Standing, "state"),
        sa.CheckConstraint("total_fen > 0", name="total_positive"),
        sa.CheckConstraint("to_on IS NULL OR from_on IS NULL OR to_on >= from_on", name="ends_after_it_begins"),
        sa.CheckConstraint(
            "state <> 'confirmed' OR (ours_at IS NOT NULL AND theirs_at IS NOT NULL)", name="confirmed_by_both"
        ),
        sa.Index(
            "uq_agreements_in_force",
            "negotiation_id",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
    )

    id: Mapped[int] = key()
    negotiation_id: Mapped[int] = ref("negotiations.id")
    case_id: Mapped[int] = ref("cases.id")
    state: Mapped[str] = mapped_column(sa.String(10), default=Standing.PROPOSED)
    method: Mapped[str] = mapped_column(sa.String(8))
    total_fen: Mapped[int] = mapped_column(sa.BigInteger)
    agreed_on: Mapped[date]
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    terms: Mapped[str] = mapped_column(sa.Text)
    chain: Mapped[str] = mapped_column(sa.String(300), default="")
    signed_file_id: Mapped[int | None] = ref("attachments.id", null=True)
    ours_name: Mapped[str] = mapped_column(sa.String(100), default="")
    ours_at: Mapped[datetime | None]
    ours_by_id: Mapped[int | None] = ref("users.id", null=True)
    theirs_name: Mapped[str] = mapped_column(sa.String(100), default="")
    theirs_at: Mapped[datetime | None]
    theirs_how: Mapped[str] = mapped_column(sa.String(5), default="")
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str] = mapped_column(sa.String(300), default="")
    made_by_id: Mapped[int] = ref("users.id")
    made_at: Mapped[datetime]


class Allocation(Model):
    """One version of how an agreed sum is shared; a later version stands beside it and never replaces it."""

    __tablename__ = "allocations"
    __table_args__ = (
        closed_set(Basis, "basis"),
        sa.UniqueConstraint("agreement_id", "no"),
        sa.CheckConstraint("total_fen > 0", name="total_positive"),
    )

    id: Mapped[int] = key()
    agreement_id: Mapped[int] = ref("agreements.id")
    no: Mapped[int]
    basis: Mapped[str] = mapped_column(sa.String(6))
    total_fen: Mapped[int] = mapped_column(sa.BigInteger)
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    made_by_id: Mapped[int] = ref("users.id")
    made_at: Mapped[datetime]


class Share(Model):
    """What one firm gets in one version, and the weight that it follows from (fen of rent, cm², 1, or by hand)."""

    __tablename__ = "shares"
    __table_args__ = (
        sa.CheckConstraint("share_fen >= 0", name="share_not_negative"),
        sa.Index("ix_shares_beneficiary_id", "beneficiary_id"),
    )

    allocation_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("allocations.id"), primary_key=True)
    beneficiary_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("beneficiaries.id"), primary_key=True)
    weight: Mapped[int] = mapped_column(sa.BigInteger)
    share_fen: Mapped[int] = mapped_column(sa.BigInteger)


class Receipt(Model):
    """That a sum reached a firm, or that the firm disputes it. A correction names the receipt it puts right."""

    __tablename__ = "receipts"
    __table_args__ = (
        closed_set(ReceiptKind, "kind"),
        sa.UniqueConstraint("corrects_id"),
        sa.CheckConstraint("amount_fen >= 0", name="amount_not_negative"),
        sa.CheckConstraint("kind = 'received' OR amount_fen = 0", name="dispute_has_no_amount"),
        sa.Index("ix_receipts_agreement", "agreement_id", "beneficiary_id"),
        sa.Index("ix_receipts_case_id", "case_id"),
    )

    id: Mapped[int] = key()
    agreement_id: Mapped[int] = ref("agreements.id")
    beneficiary_id: Mapped[int] = ref("beneficiaries.id")
    case_id: Mapped[int] = ref("cases.id")
    kind: Mapped[str] = mapped_column(sa.String(8))
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    received_on: Mapped[date]
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    files: Mapped[list[Any]]
    corrects_id: Mapped[int | None] = ref("receipts.id", null=True)
    by_id: Mapped[int | None] = ref("users.id", null=True)
    at: Mapped[datetime]


class ConfirmLink(Model):
    """A one-time link for somebody without an account.

    The token is never stored: its hash finds the row, and the server's key with ``nonce`` makes it again for
    the officer who sends it once more.
    """

    __tablename__ = "confirm_links"
    __table_args__ = (
        closed_set(Purpose, "purpose"),
        sa.UniqueConstraint("token_hash"),
        sa.CheckConstraint("(purpose = 'receipt') = (beneficiary_id IS NOT NULL)", name="receipt_names_firm"),
        sa.Index("ix_confirm_links_agreement", "agreement_id", "beneficiary_id"),
    )

    id: Mapped[int] = key()
    purpose: Mapped[str] = mapped_column(sa.String(10))
    agreement_id: Mapped[int] = ref("agreements.id")
    beneficiary_id: Mapped[int | None] = ref("beneficiaries.id", null=True)
    nonce: Mapped[str] = mapped_column(sa.String(32))
    token_hash: Mapped[str] = mapped_column(sa.String(64))
    made_by_id: Mapped[int] = ref("users.id")
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
