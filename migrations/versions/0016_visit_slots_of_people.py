"""Visits on site are found by who offered them and when: for the week of a person."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_visit_slots_offered_by_id"), "visit_slots", ["offered_by_id", "begins_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_visit_slots_offered_by_id"), table_name="visit_slots")
