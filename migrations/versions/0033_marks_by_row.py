"""What an import made is read page by page in the order of its file."""

from __future__ import annotations

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_import_marks_row", "import_marks", ["run_id", "row", "id"])


def downgrade() -> None:
    op.drop_index("ix_import_marks_row", "import_marks")
