"""The import wizard: what a run made, how layouts were read before, and runs that are stopped or taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UTC = sa.DateTime(timezone=True)
BEFORE = "status IN ('checked', 'waiting', 'running', 'done', 'stopped')"
NOW = "status IN ('draft', 'checked', 'waiting', 'running', 'done', 'cancelled', 'stopped', 'undoing', 'undone')"
MOVING = sa.text("status IN ('waiting', 'running')")


def upgrade() -> None:
    with op.batch_alter_table("import_runs") as batch:  # nothing refers to it yet
        batch.drop_constraint(op.f("ck_import_runs_status_known"), type_="check")
        batch.create_check_constraint(op.f("ck_import_runs_status_known"), NOW)
        batch.add_column(sa.Column("cancel_at", UTC, nullable=True))
        batch.add_column(sa.Column("undone_at", UTC, nullable=True))
        batch.add_column(sa.Column("undo_reason", sa.String(length=300), nullable=False, server_default=""))
        batch.create_index("ix_import_runs_file", ["sha256", "target"])
    _one_at_a_time()
    op.create_index(
        "uq_import_runs_moving",
        "import_runs",
        ["sha256", "target"],
        unique=True,
        sqlite_where=MOVING,
        postgresql_where=MOVING,
    )
    op.create_table(
        "import_marks",
        sa.Column("id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("thing_id", ID, nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("before", JSON, nullable=True),
        sa.Column("after", JSON, nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("why", JSON, nullable=True),
        sa.CheckConstraint("state IN ('kept', 'undone', 'stays')", name=op.f("ck_import_marks_state_known")),
        sa.ForeignKeyConstraint(["run_id"], ["import_runs.id"], name=op.f("fk_import_marks_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_marks")),
    )
    op.create_index("ix_import_marks_run_id", "import_marks", ["run_id", "state", "id"])
    op.create_index("ix_import_marks_thing", "import_marks", ["kind", "thing_id"])
    op.create_table(
        "import_layouts",
        sa.Column("id", ID, nullable=False),
        sa.Column("target", sa.String(length=20), nullable=False),
        sa.Column("print", sa.String(length=64), nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("district_id", ID, nullable=True),
        sa.Column("mapping", JSON, nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_import_layouts_by_id")),
        sa.ForeignKeyConstraint(["district_id"], ["areas.id"], name=op.f("fk_import_layouts_district_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_import_layouts_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_layouts")),
        sa.UniqueConstraint("target", "print", "unit_id", name=op.f("uq_import_layouts_target_print_unit_id")),
    )
    op.create_index("ix_import_layouts_district_id", "import_layouts", ["district_id", "target", "print"])


def _one_at_a_time() -> None:
    """Of runs of one file that wait at once the first goes on; the others wait for their owners again."""
    runs = sa.table(
        "import_runs",
        sa.column("id", ID),
        sa.column("sha256", sa.String),
        sa.column("target", sa.String),
        sa.column("status", sa.String),
    )
    first = sa.select(sa.func.min(runs.c.id)).where(MOVING).group_by(runs.c.sha256, runs.c.target)
    op.execute(runs.update().where(MOVING, runs.c.id.not_in(first)).values(status="checked"))


def downgrade() -> None:
    op.drop_table("import_layouts")
    op.drop_table("import_marks")
    op.execute("UPDATE import_runs SET status = 'done' WHERE status IN ('undoing', 'undone')")
    op.execute("UPDATE import_runs SET status = 'stopped' WHERE status IN ('draft', 'cancelled')")
    with op.batch_alter_table("import_runs") as batch:
        batch.drop_index("uq_import_runs_moving")
        batch.drop_index("ix_import_runs_file")
        batch.drop_column("undo_reason")
        batch.drop_column("undone_at")
        batch.drop_column("cancel_at")
        batch.drop_constraint(op.f("ck_import_runs_status_known"), type_="check")
        batch.create_check_constraint(op.f("ck_import_runs_status_known"), BEFORE)
