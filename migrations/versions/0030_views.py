"""Saved views of any list, ledgers of any list that come back, and jobs by the names of their packages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


JOBS = {
    "cases.send_digests": "saved.send_digests",
    "exchange.run_imports": "imports.run",
    "exchange.make_lists": "ledgers.make",
    "exchange.take_back_ledgers": "ledgers.take_back",
    "exchange.seal_documents": "papers.seal",
}
"""Jobs that go by another name from now on: how they ran and who holds their lease goes with them."""


def _name_jobs(names: dict[str, str]) -> None:
    for old, new in names.items():
        op.execute(f"UPDATE job_states SET job = '{new}' WHERE job = '{old}'")


def upgrade() -> None:
    _name_jobs(JOBS)
    # what is there already is of cases; from now on every row says which list it belongs to
    for table in ("saved_views", "ledger_returns"):
        op.add_column(table, sa.Column("list_name", sa.String(20), nullable=False, server_default="cases"))


def downgrade() -> None:
    _name_jobs({new: old for old, new in JOBS.items()})
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
