"""Items, stocks, the sealed ledger of what changed them, transfers under way, and what cases ask for."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel.db import Model, Versioned, closed_set, key, ref
from casework.kernel.permissions import OfPlace
from casework.supplies.words import NEVER, Category, Kind, Standing, Transfer


class SupplyItem(OfPlace, Versioned, Model):
    """What a district keeps in stock, in whole numbers of its measure (只, 瓶). ``least``: what each unit that
    keeps it should have; below that it is shown.
    """

    __tablename__ = "supply_items"
    __table_args__ = (
        closed_set(Category, "category"),
        sa.CheckConstraint("least IS NULL OR least > 0", name="least_is_a_number"),
        sa.UniqueConstraint("district_id", "name"),
    )

    id: Mapped[int] = key()
    district_id: Mapped[int] = ref("areas.id")
    name: Mapped[str] = mapped_column(sa.String(60))
    measure: Mapped[str] = mapped_column(sa.String(12))
    category: Mapped[str] = mapped_column(sa.String(16))
    least: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)

    @property
    def area_ids(self) -> frozenset[int]:
        """The district that keeps it."""
        return frozenset((self.district_id,))


class SupplyStock(Model):
    """How much a unit has of one batch of an item: the fold of its ledger, never below zero.

    ``batch`` is empty where none is printed; ``expires_on`` is ``NEVER`` where it does not expire. Only
    ``stock.move`` sets ``quantity``.
    """

    __tablename__ = "supply_stocks"
    __table_args__ = (
        sa.CheckConstraint("quantity >= 0", name="never_below_zero"),
        sa.UniqueConstraint("unit_id", "item_id", "batch", "expires_on"),
        sa.Index("ix_supply_stocks_item_id", "item_id", "expires_on", "id"),
        sa.Index("ix_supply_stocks_expires_on", "expires_on", "id"),
    )

    id: Mapped[int] = key()
    unit_id: Mapped[int] = ref("units.id")
    item_id: Mapped[int] = ref("supply_items.id")
    batch: Mapped[str] = mapped_column(sa.String(40), default="")
    expires_on: Mapped[date] = mapped_column(default=NEVER)
    quantity: Mapped[int] = mapped_column(sa.BigInteger, default=0)

    @property
    def expiry(self) -> date | None:
        """The last day on which it may be given out; None when it does not expire."""
        return None if self.expires_on == NEVER else self.expires_on


class SupplyTransfer(Versioned, Model):
    """A part of a batch on its way from one unit to another; it counts as neither's stock until it has ended."""

    __tablename__ = "supply_transfers"
    __table_args__ = (
        closed_set(Transfer, "state"),
        sa.CheckConstraint("quantity > 0", name="carries_something"),
        sa.CheckConstraint("from_unit_id <> to_unit_id", name="goes_elsewhere"),
        sa.CheckConstraint("(state = 'sent') = (settled_at IS NULL)", name="ended_has_time"),
        sa.Index("ix_supply_transfers_from", "from_unit_id", "state", "id"),
        sa.Index("ix_supply_transfers_to", "to_unit_id", "state", "id"),
        sa.Index("ix_supply_transfers_item", "item_id", "state", "id"),
    )

    id: Mapped[int] = key()
    item_id: Mapped[int] = ref("supply_items.id")
    from_unit_id: Mapped[int] = ref("units.id")
    to_unit_id: Mapped[int] = ref("units.id")
    from_stock_id: Mapped[int] = ref("supply_stocks.id")
    quantity: Mapped[int] = mapped_column(sa.BigInteger)
    state: Mapped[str] = mapped_column(sa.String(10), default=Transfer.SENT)
    note: Mapped[str] = mapped_column(sa.String(300), default="")
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    sent_by_id: Mapped[int] = ref("users.id")
    sent_at: Mapped[datetime]
    settled_by_id: Mapped[int | None] = ref("users.id", null=True)
    settled_at: Mapped[datetime | None]


class SupplyLine(Model):
    """What a case asks for: so much of an item by a day, delivered in parts. Locked while it changes."""

    __tablename__ = "supply_lines"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="asks_for_something"),
        sa.CheckConstraint("delivered >= 0 AND delivered <= quantity", name="never_more_than_asked"),
        sa.CheckConstraint("is_open = (cancelled_at IS NULL AND delivered < quantity)", name="open_follows_delivery"),
        sa.CheckConstraint("cancelled_at IS NULL OR reason <> ''", name="cancelled_says_why"),
        sa.Index("ix_supply_lines_case_id", "case_id", "id"),
        sa.Index("ix_supply_lines_item_open", "item_id", "is_open", "needed_on", "id"),
        sa.Index("ix_supply_lines_open", "is_open", "needed_on", "id"),
    )

    id: Mapped[int] = key()
    case_id: Mapped[int] = ref("cases.id")
    item_id: Mapped[int] = ref("supply_items.id")
    quantity: Mapped[int]
    delivered: Mapped[int] = mapped_column(default=0)
    needed_on: Mapped[date]
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    is_open: Mapped[bool] = mapped_column(default=True)
    added_by_id: Mapped[int] = ref("users.id")
    added_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancelled_by_id: Mapped[int | None] = ref("users.id", null=True)
    reason: Mapped[str] = mapped_column(sa.String(300), default="")

    @property
    def left(self) -> int:
        """What is still to be delivered."""
        return self.quantity - self.delivered if self.is_open else 0

    @property
    def standing(self) -> Standing:
        """How it stands."""
        if self.cancelled_at is not None:
            return Standing.CANCELLED
        if not self.is_open:
            return Standing.FULFILLED
        return Standing.PARTLY if self.delivered else Standing.OPEN


class SupplyMovement(Model):
    """One entry of the ledger, sealed: ``quantity`` is the change, ``balance`` what the batch had afterwards.

    A wrong entry stays; its reversal names it. ``party`` is from whom it came or who received it.
    """

    __tablename__ = "supply_movements"
    __table_args__ = (
        closed_set(Kind, "kind"),
        sa.CheckConstraint("balance >= 0", name="balance_never_below_zero"),
        sa.CheckConstraint("kind NOT IN ('in', 'received', 'returned') OR quantity > 0", name="in_adds"),
        sa.CheckConstraint("kind NOT IN ('out', 'sent', 'write_off') OR quantity < 0", name="out_takes_away"),
        sa.CheckConstraint("(kind = 'reversal') = (corrects_id IS NOT NULL)", name="reversal_names_entry"),
        sa.CheckConstraint(
            "(kind IN ('sent', 'received', 'returned')) = (transfer_id IS NOT NULL)", name="transfer_is_a_pair"
        ),
        sa.UniqueConstraint("corrects_id"),
        sa.UniqueConstraint("transfer_id", "kind"),
        sa.Index("ix_supply_movements_unit_id", "unit_id", "id"),
        sa.Index("ix_supply_movements_item", "unit_id", "item_id", "id"),
        sa.Index("ix_supply_movements_stock_id", "stock_id", "id"),
        sa.Index("ix_supply_movements_line_id", "line_id", "id"),
    )

    id: Mapped[int] = key()
    unit_id: Mapped[int] = ref("units.id")
    item_id: Mapped[int] = ref("supply_items.id")
    stock_id: Mapped[int] = ref("supply_stocks.id")
    kind: Mapped[str] = mapped_column(sa.String(10))
    quantity: Mapped[int] = mapped_column(sa.BigInteger)
    balance: Mapped[int] = mapped_column(sa.BigInteger)
    party: Mapped[str] = mapped_column(sa.String(120), default="")
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    line_id: Mapped[int | None] = ref("supply_lines.id", null=True)
    transfer_id: Mapped[int | None] = ref("supply_transfers.id", null=True)
    corrects_id: Mapped[int | None] = ref("supply_movements.id", null=True)
    by_id: Mapped[int] = ref("users.id")
    at: Mapped[datetime]
