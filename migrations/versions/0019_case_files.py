"""Printings of whole cases, and the registers: who read a case, and entries found by what they say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "case_files",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("office", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("full", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("head_seq", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.Column("storage_key", sa.String(length=80), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'running', 'done', 'stopped')", name=op.f("ck_case_files_status_known")
        ),
        sa.CheckConstraint(
            "status <> 'done' OR (sha256 <> '' AND pages > 0 AND head_seq > 0)",
            name=op.f("ck_case_files_done_is_sealed"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_case_files_by_id_users")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_files_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_files")),
        sa.UniqueConstraint("code", name=op.f("uq_case_files_code")),
    )
    op.create_index("ix_case_files_case", "case_files", ["case_id", "id"])
    op.create_index("ix_case_files_status", "case_files", ["status", "id"])
    op.create_table(
        "case_reads",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("user_id", ID, autoincrement=False, nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_reads_case_id_cases")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_case_reads_user_id_users")),
        sa.PrimaryKeyConstraint("case_id", "day", "user_id", name=op.f("pk_case_reads")),
    )
    op.create_index("ix_case_reads_person", "case_reads", ["user_id", "day"])
    op.create_index("ix_events_verb_id", "events", ["verb", "id"])


def downgrade() -> None:
    op.drop_index("ix_events_verb_id", "events")
    op.drop_table("case_reads")
    op.drop_table("case_files")
