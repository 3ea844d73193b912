"""The check of a long file is a job: an import may be on its way to being checked."""

from __future__ import annotations

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BEFORE = "status IN ('draft', 'checked', 'waiting', 'running', 'done', 'cancelled', 'stopped', 'undoing', 'undone')"
NOW = BEFORE.replace("'draft',", "'draft', 'checking',")


def upgrade() -> None:
    _known(NOW)


def downgrade() -> None:
    op.execute("UPDATE import_runs SET status = 'draft' WHERE status = 'checking'")
    _known(BEFORE)


def _known(states: str) -> None:
    aside = op.get_bind().dialect.name == "sqlite"
    if aside:  # SQLite writes the table anew, and does not drop one that rows refer to
        op.execute("CREATE TABLE marks_aside AS SELECT * FROM import_marks")
        op.execute("DELETE FROM import_marks")
    with op.batch_alter_table("import_runs") as batch:
        batch.drop_constraint(op.f("ck_import_runs_status_known"), type_="check")
        batch.create_check_constraint(op.f("ck_import_runs_status_known"), states)
    if aside:
        op.execute("INSERT INTO import_marks SELECT * FROM marks_aside")
        op.execute("DROP TABLE marks_aside")
