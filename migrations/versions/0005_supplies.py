"""Supplies: the catalogue, stocks that never fall below zero, their sealed ledger, transfers, requests of cases."""

# ruff: noqa: E501 -- a closed set stays on one line

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC = sa.DateTime(timezone=True)

# In the order of their making; a table comes after those that it refers to.
TABLES = ("supply_items", "supply_stocks", "supply_transfers", "supply_lines", "supply_movements")
# What is never changed, with every key that a REPLACE could collide with.
SEALED = {
    "supply_movements": "id = NEW.id OR corrects_id = NEW.corrects_id OR (transfer_id = NEW.transfer_id AND kind = NEW.kind)"
}
SEAL_SQLITE = (
    "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    "CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
)
SEAL_POSTGRESQL = (
    "CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _stocks() -> None:
    op.create_table(
        "supply_items",
        sa.Column("id", ID, nullable=False),
        sa.Column("district_id", ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("measure", sa.String(length=12), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("least", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "category IN ('protection', 'disinfection', 'measuring', 'medicine', 'daily', 'other')",
            name=op.f("ck_supply_items_category_known"),
        ),
        sa.CheckConstraint("least IS NULL OR least > 0", name=op.f("ck_supply_items_least_is_a_number")),
        sa.ForeignKeyConstraint(["district_id"], ["areas.id"], name=op.f("fk_supply_items_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_items")),
        sa.UniqueConstraint("district_id", "name", name=op.f("uq_supply_items_district_id_name")),
    )
    op.create_table(
        "supply_stocks",
        sa.Column("id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("batch", sa.String(length=40), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_supply_stocks_never_below_zero")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_supply_stocks_unit_id")),
        sa.ForeignKeyConstraint(["item_id"], ["supply_items.id"], name=op.f("fk_supply_stocks_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_stocks")),
        sa.UniqueConstraint(
            "unit_id", "item_id", "batch", "expires_on", name=op.f("uq_supply_stocks_unit_id_item_id_batch_expires_on")
        ),
    )
    op.create_index("ix_supply_stocks_item_id", "supply_stocks", ["item_id", "expires_on", "id"])
    op.create_index("ix_supply_stocks_expires_on", "supply_stocks", ["expires_on", "id"])
    op.create_table(
        "supply_transfers",
        sa.Column("id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("from_unit_id", ID, nullable=False),
        sa.Column("to_unit_id", ID, nullable=False),
        sa.Column("from_stock_id", ID, nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("sent_by_id", ID, nullable=False),
        sa.Column("sent_at", UTC, nullable=False),
        sa.Column("settled_by_id", ID, nullable=True),
        sa.Column("settled_at", UTC, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('sent', 'received', 'refused', 'recalled')", name=op.f("ck_supply_transfers_state_known")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_supply_transfers_carries_something")),
        sa.CheckConstraint("from_unit_id <> to_unit_id", name=op.f("ck_supply_transfers_goes_elsewhere")),
        sa.CheckConstraint("(state = 'sent') = (settled_at IS NULL)", name=op.f("ck_supply_transfers_ended_has_time")),
        sa.ForeignKeyConstraint(["item_id"], ["supply_items.id"], name=op.f("fk_supply_transfers_item_id")),
        sa.ForeignKeyConstraint(["from_unit_id"], ["units.id"], name=op.f("fk_supply_transfers_from_unit_id")),
        sa.ForeignKeyConstraint(["to_unit_id"], ["units.id"], name=op.f("fk_supply_transfers_to_unit_id")),
        sa.ForeignKeyConstraint(
            ["from_stock_id"], ["supply_stocks.id"], name=op.f("fk_supply_transfers_from_stock_id")
        ),
        sa.ForeignKeyConstraint(["sent_by_id"], ["users.id"], name=op.f("fk_supply_transfers_sent_by_id")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["users.id"], name=op.f("fk_supply_transfers_settled_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_transfers")),
    )
    op.create_index("ix_supply_transfers_from", "supply_transfers", ["from_unit_id", "state", "id"])
    op.create_index("ix_supply_transfers_to", "supply_transfers", ["to_unit_id", "state", "id"])
    op.create_index("ix_supply_transfers_item", "supply_transfers", ["item_id", "state", "id"])


def _requests() -> None:
    op.create_table(
        "supply_lines",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.Column("needed_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("added_by_id", ID, nullable=False),
        sa.Column("added_at", UTC, nullable=False),
        sa.Column("cancelled_at", UTC, nullable=True),
        sa.Column("cancelled_by_id", ID, nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_supply_lines_asks_for_something")),
        sa.CheckConstraint(
            "delivered >= 0 AND delivered <= quantity", name=op.f("ck_supply_lines_never_more_than_asked")
        ),
        sa.CheckConstraint(
            "is_open = (cancelled_at IS NULL AND delivered < quantity)",
            name=op.f("ck_supply_lines_open_follows_delivery"),
        ),
        sa.CheckConstraint("cancelled_at IS NULL OR reason <> ''", name=op.f("ck_supply_lines_cancelled_says_why")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_supply_lines_case_id")),
        sa.ForeignKeyConstraint(["item_id"], ["supply_items.id"], name=op.f("fk_supply_lines_item_id")),
        sa.ForeignKeyConstraint(["added_by_id"], ["users.id"], name=op.f("fk_supply_lines_added_by_id")),
        sa.ForeignKeyConstraint(["cancelled_by_id"], ["users.id"], name=op.f("fk_supply_lines_cancelled_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_lines")),
    )
    op.create_index("ix_supply_lines_case_id", "supply_lines", ["case_id", "id"])
    op.create_index("ix_supply_lines_item_open", "supply_lines", ["item_id", "is_open", "needed_on", "id"])
    op.create_index("ix_supply_lines_open", "supply_lines", ["is_open", "needed_on", "id"])


def _ledger() -> None:
    op.create_table(
        "supply_movements",
        sa.Column("id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("stock_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("party", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("line_id", ID, nullable=True),
        sa.Column("transfer_id", ID, nullable=True),
        sa.Column("corrects_id", ID, nullable=True),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.CheckConstraint(
            "kind IN ('in', 'out', 'sent', 'received', 'returned', 'count', 'write_off', 'reversal')",
            name=op.f("ck_supply_movements_kind_known"),
        ),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_supply_movements_balance_never_below_zero")),
        sa.CheckConstraint(
            "kind NOT IN ('in', 'received', 'returned') OR quantity > 0", name=op.f("ck_supply_movements_in_adds")
        ),
        sa.CheckConstraint(
            "kind NOT IN ('out', 'sent', 'write_off') OR quantity < 0", name=op.f("ck_supply_movements_out_takes_away")
        ),
        sa.CheckConstraint(
            "(kind = 'reversal') = (corrects_id IS NOT NULL)", name=op.f("ck_supply_movements_reversal_names_entry")
        ),
        sa.CheckConstraint(
            "(kind IN ('sent', 'received', 'returned')) = (transfer_id IS NOT NULL)",
            name=op.f("ck_supply_movements_transfer_is_a_pair"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_supply_movements_unit_id")),
        sa.ForeignKeyConstraint(["item_id"], ["supply_items.id"], name=op.f("fk_supply_movements_item_id")),
        sa.ForeignKeyConstraint(["stock_id"], ["supply_stocks.id"], name=op.f("fk_supply_movements_stock_id")),
        sa.ForeignKeyConstraint(["line_id"], ["supply_lines.id"], name=op.f("fk_supply_movements_line_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["supply_transfers.id"], name=op.f("fk_supply_movements_transfer_id")),
        sa.ForeignKeyConstraint(["corrects_id"], ["supply_movements.id"], name=op.f("fk_supply_movements_corrects_id")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_supply_movements_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_movements")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_supply_movements_corrects_id")),
        sa.UniqueConstraint("transfer_id", "kind", name=op.f("uq_supply_movements_transfer_id_kind")),
    )
    op.create_index("ix_supply_movements_unit_id", "supply_movements", ["unit_id", "id"])
    op.create_index("ix_supply_movements_item", "supply_movements", ["unit_id", "item_id", "id"])
    op.create_index("ix_supply_movements_stock_id", "supply_movements", ["stock_id", "id"])
    op.create_index("ix_supply_movements_line_id", "supply_movements", ["line_id", "id"])


def _seal() -> None:
    for table, same in SEALED.items():
        for statement in SEAL_SQLITE if _is_sqlite() else SEAL_POSTGRESQL:
            op.get_bind().exec_driver_sql(statement.format(table=table, same=same))


def upgrade() -> None:
    _stocks()
    _requests()
    _ledger()
    _seal()


def downgrade() -> None:
    if _is_sqlite():
        # A dropped table deletes its rows first: the seals go before it.
        for table in SEALED:
            for verb in ("update", "delete", "replace"):
                op.get_bind().exec_driver_sql(f"DROP TRIGGER {table}_no_{verb}")
    for table in reversed(TABLES):
        op.drop_table(table)
