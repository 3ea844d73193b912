"""Work kept without signal: a key remembers what was sent with it, so that other content is refused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("done_once", sa.Column("content", sa.String(length=64), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("done_once") as table:
        table.drop_column("content")
