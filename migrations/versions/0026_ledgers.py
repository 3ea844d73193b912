"""Lists that are taken out, ledgers that come back edited, saved views and who follows them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    _exports()
    _returns()
    _views()


def downgrade() -> None:
    for table in ("view_subscriptions", "saved_views", "ledger_return_rows", "ledger_returns", "list_exports"):
        op.drop_table(table)


def _exports() -> None:
    op.create_table(
        "list_exports",
        sa.Column("id", ID, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("args", JSON, nullable=False),
        sa.Column("form", sa.String(4), nullable=False),
        sa.Column("locale", sa.String(10), nullable=False),
        sa.Column("full", sa.Boolean, nullable=False),
        sa.Column("purpose", sa.String(300), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("rows_total", sa.Integer, nullable=False),
        sa.Column("rows_done", sa.Integer, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("storage_key", sa.String(80), nullable=False),
        sa.Column("district_id", ID, sa.ForeignKey("areas.id"), nullable=True),
        sa.Column("by_id", ID, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("asked_at", UTC, nullable=False),
        sa.Column("second_id", ID, sa.ForeignKey("users.id"), nullable=True),
        sa.Column("decided_at", UTC, nullable=True),
        sa.Column("answer", sa.String(300), nullable=False),
        sa.Column("beat_at", UTC, nullable=True),
        sa.Column("made_at", UTC, nullable=True),
        sa.Column("expires_at", UTC, nullable=True),
        sa.CheckConstraint(
            "status IN ('asked', 'waiting', 'running', 'done', 'refused', 'stopped')", name="status_known"
        ),
        sa.CheckConstraint("second_id IS NULL OR second_id <> by_id", name="second_is_another"),
        sa.CheckConstraint("status <> 'done' OR sha256 <> ''", name="done_is_hashed"),
    )
    op.create_index("ix_list_exports_by", "list_exports", ["by_id", "id"])
    op.create_index("ix_list_exports_status", "list_exports", ["status", "id"])


def _returns() -> None:
    op.create_table(
        "ledger_returns",
        sa.Column("id", ID, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("filename", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("locale", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("rows_total", sa.Integer, nullable=False),
        sa.Column("unchanged", sa.Integer, nullable=False),
        sa.Column("by_id", ID, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("beat_at", UTC, nullable=True),
        sa.Column("finished_at", UTC, nullable=True),
        sa.CheckConstraint("status IN ('compared', 'waiting', 'running', 'done')", name="status_known"),
    )
    op.create_index("ix_ledger_returns_by", "ledger_returns", ["by_id", "id"])
    op.create_index("ix_ledger_returns_status", "ledger_returns", ["status", "id"])
    op.create_table(
        "ledger_return_rows",
        sa.Column("return_id", ID, sa.ForeignKey("ledger_returns.id"), primary_key=True, autoincrement=False),
        sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.String(30), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("changes", JSON, nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("take", sa.Boolean, nullable=False),
        sa.Column("result", sa.String(10), nullable=False),
        sa.CheckConstraint("kind IN ('changed', 'conflict', 'refused')", name="kind_known"),
        sa.CheckConstraint("result IN ('waiting', 'done', 'kept', 'refused')", name="result_known"),
    )
    op.create_index("ix_ledger_return_rows_result", "ledger_return_rows", ["return_id", "result", "row"])


def _views() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", ID, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String(30), nullable=False),
        sa.Column("query", JSON, nullable=False),
        sa.Column("reach", sa.String(4), nullable=False),
        sa.Column("by_id", ID, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("unit_id", ID, sa.ForeignKey("units.id"), nullable=True),
        sa.Column("district_id", ID, sa.ForeignKey("areas.id"), nullable=True),
        sa.Column("made_at", UTC, nullable=False),
        sa.Column("removed_at", UTC, nullable=True),
        sa.CheckConstraint("reach IN ('own', 'team', 'all')", name="reach_known"),
        sa.CheckConstraint(
            "(reach = 'team') = (unit_id IS NOT NULL) AND (reach = 'all') = (district_id IS NOT NULL)",
            name="reach_has_place",
        ),
    )
    op.create_index("ix_saved_views_by", "saved_views", ["by_id", "removed_at"])
    op.create_index("ix_saved_views_unit", "saved_views", ["unit_id", "removed_at"])
    op.create_index("ix_saved_views_district", "saved_views", ["district_id", "removed_at"])
    op.create_table(
        "view_subscriptions",
        sa.Column("view_id", ID, sa.ForeignKey("saved_views.id"), primary_key=True, autoincrement=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id"), primary_key=True, autoincrement=False),
        sa.Column("every", sa.String(4), nullable=False),
        sa.Column("seen", JSON, nullable=False),
        sa.Column("new", sa.Integer, nullable=False),
        sa.Column("next_at", UTC, nullable=False),
        sa.CheckConstraint("every IN ('day', 'week')", name="every_known"),
    )
    op.create_index("ix_view_subscriptions_next", "view_subscriptions", ["next_at"])
