"""How jobs went, when the clock of a scheduler was not believed, and which cases ask for supplies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("job_states", sa.Column("last_count", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("job_states", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("cases", sa.Column("supplied", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE cases SET supplied = true WHERE id IN (SELECT case_id FROM supply_lines)")
    op.create_table(
        "clock_alarms",
        sa.Column("id", ID, nullable=False),
        sa.Column("node", sa.String(length=80), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offset_seconds", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_alarms")),
    )
    op.create_index(op.f("ix_clock_alarms_ended_at"), "clock_alarms", ["ended_at"])


def downgrade() -> None:
    op.drop_table("clock_alarms")
    op.drop_column("cases", "supplied")
    op.drop_column("job_states", "failures")
    op.drop_column("job_states", "last_count")
