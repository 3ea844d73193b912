"""A token says which program it is for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_tokens", sa.Column("name", sa.String(60), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("api_tokens", "name")
