"""Words on cases, and moves of any selection of cases that can be taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "case_tags",
        sa.Column("id", ID, primary_key=True),
        sa.Column("case_id", ID, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("district_id", ID, sa.ForeignKey("areas.id"), nullable=False),
        sa.Column("word", sa.String(20), nullable=False),
        sa.Column("by_id", ID, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.UniqueConstraint("case_id", "word"),
    )
    op.create_index("ix_case_tags_district", "case_tags", ["district_id", "word"])
    op.create_index("ix_case_tags_word", "case_tags", ["word", "case_id"])
    aside = _steps_aside()
    with op.batch_alter_table("common_moves") as batch:
        batch.alter_column("issue_id", existing_type=ID, nullable=True)
        batch.add_column(sa.Column("filters", JSON, nullable=True))
        batch.add_column(sa.Column("undoes_id", ID, nullable=True))
        batch.create_foreign_key(op.f("fk_common_moves_undoes_id"), "common_moves", ["undoes_id"], ["id"])
        batch.create_index("ix_common_moves_by_id", ["by_id", "id"])
        batch.create_index("ix_common_moves_undoes_id", ["undoes_id"])
    if aside:
        _steps_back()
    op.add_column("common_steps", sa.Column("before", JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    alone = "SELECT id FROM common_moves WHERE issue_id IS NULL"
    op.execute(f"DELETE FROM common_steps WHERE move_id IN ({alone})")
    op.execute("UPDATE common_moves SET undoes_id = NULL")
    op.execute("DELETE FROM common_moves WHERE issue_id IS NULL")
    op.drop_column("common_steps", "before")
    aside = _steps_aside()
    with op.batch_alter_table("common_moves") as batch:
        batch.drop_index("ix_common_moves_undoes_id")
        batch.drop_index("ix_common_moves_by_id")
        batch.drop_constraint(op.f("fk_common_moves_undoes_id"), type_="foreignkey")
        batch.drop_column("undoes_id")
        batch.drop_column("filters")
        batch.alter_column("issue_id", existing_type=ID, nullable=False)
    if aside:
        _steps_back()
    op.drop_table("case_tags")


def _steps_aside() -> bool:
    """SQLite changes a table by making it anew, which it refuses while rows of another one refer to it."""
    if op.get_bind().dialect.name != "sqlite":
        return False
    op.execute("CREATE TABLE steps_aside AS SELECT * FROM common_steps")
    op.drop_table("common_steps")
    return True


def _steps_back() -> None:
    op.create_table(
        "common_steps",
        sa.Column("move_id", ID, sa.ForeignKey("common_moves.id"), primary_key=True, autoincrement=False),
        sa.Column("case_id", ID, sa.ForeignKey("cases.id"), primary_key=True, autoincrement=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("at", UTC, nullable=True),
        sa.CheckConstraint("status IN ('waiting', 'done', 'refused')", name="status_known"),
    )
    op.create_index("ix_common_steps_status", "common_steps", ["move_id", "status"])
    op.execute(
        "INSERT INTO common_steps (move_id, case_id, status, reasons, at) "
        "SELECT move_id, case_id, status, reasons, at FROM steps_aside"
    )
    op.drop_table("steps_aside")
