"""Saved views of any list, and ledgers of any list that come back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # what is there already is of cases; from now on every row says which list it belongs to
    for table in ("saved_views", "ledger_returns"):
        op.add_column(table, sa.Column("list_name", sa.String(20), nullable=False, server_default="cases"))


def downgrade() -> None:
    op.execute(
        "DELETE FROM view_subscriptions WHERE view_id IN (SELECT id FROM saved_views WHERE list_name <> 'cases')"
    )
    op.execute("DELETE FROM saved_views WHERE list_name <> 'cases'")
    op.execute(
        "DELETE FROM ledger_return_rows WHERE return_id IN (SELECT id FROM ledger_returns WHERE list_name <> 'cases')"
    )
    op.execute("DELETE FROM ledger_returns WHERE list_name <> 'cases'")
    for table in ("ledger_returns", "saved_views"):
        op.drop_column(table, "list_name")
