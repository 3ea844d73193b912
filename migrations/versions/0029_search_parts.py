"""Cases go before the index again, for the letters of their requesters; counterparties and orders for the first time.

Nothing is filled in here but where the filling has to go: it goes on by itself afterwards, in small transactions.
"""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

BACKLOG = {"cases": "cases", "parties": "counterparties", "orders": "supervision_orders"}


def upgrade() -> None:
    for what, table in BACKLOG.items():
        op.execute(f"DELETE FROM search_backlog WHERE what = '{what}'")
        op.execute(
            f"INSERT INTO search_backlog (what, done_to, up_to) SELECT '{what}', 0, coalesce(max(id), 0) FROM {table}"
        )


def downgrade() -> None:
    op.execute("DELETE FROM search_docs WHERE kind IN ('party', 'order')")
    op.execute("DELETE FROM search_backlog WHERE what IN ('parties', 'orders')")
