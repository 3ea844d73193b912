"""Indexes that the board of the command room counts in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

OPEN = [
    "district_id",
    "subdistrict_id",
    "community_id",
    "unit_id",
    "domain",
    "submitted_at",
    "held_since",
    "next_due_at",
]


def upgrade() -> None:
    op.create_index(
        "ix_cases_board",
        "cases",
        OPEN,
        sqlite_where=sa.text("is_open IS 1"),
        postgresql_where=sa.text("is_open IS TRUE"),
    )
    op.create_index("ix_cases_district_submitted", "cases", ["district_id", "submitted_at"])
    op.create_index("ix_cases_district_ended", "cases", ["district_id", "closed_at"])
    op.create_index(
        "ix_process_runs_running",
        "process_runs",
        ["template_id", "case_id"],
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )


def downgrade() -> None:
    op.drop_index("ix_process_runs_running", "process_runs")
    op.drop_index("ix_cases_district_ended", "cases")
    op.drop_index("ix_cases_district_submitted", "cases")
    op.drop_index("ix_cases_board", "cases")
