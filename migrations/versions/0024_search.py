"""Search: names in letters, the last four digits of phones, the texts of files, and what is still to be indexed.

Nothing is filled in here but where the filling has to go: it goes on by itself afterwards, in small transactions.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LETTERS = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
NAMED = ("users", "areas")
PHONES = ("cases", "contacts")
# What is worked off, and the table whose rows it goes through.
BACKLOG = {
    "cases": "cases",
    "entries": "search_docs",
    "files": "attachments",
    "firms": "enterprises",
    "contacts": "contacts",
    "people": "users",
    "areas": "areas",
}
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    for table in NAMED:
        for column in ("initials", "pinyin"):
            op.add_column(table, sa.Column(column, LETTERS, server_default="", nullable=False))
            op.create_index(f"ix_{table}_{column}", table, [column])
    for table in PHONES:
        op.add_column(table, sa.Column("phone_tail", sa.String(length=4), server_default="", nullable=False))
        op.create_index(f"ix_{table}_phone_tail", table, ["phone_tail", "id"])
    _file_texts()
    op.create_table(
        "search_backlog",
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("done_to", ID, nullable=False),
        sa.Column("up_to", ID, nullable=False),
        sa.PrimaryKeyConstraint("what", name=op.f("pk_search_backlog")),
    )
    for what, table in BACKLOG.items():
        op.execute(
            f"INSERT INTO search_backlog (what, done_to, up_to) SELECT '{what}', 0, coalesce(max(id), 0) FROM {table}"
        )


def _file_texts() -> None:
    op.create_table(
        "file_texts",
        sa.Column("attachment_id", ID, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'read', 'empty', 'encrypted', 'damaged', 'too_large', 'gone')",
            name=op.f("ck_file_texts_state_known"),
        ),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachments.id"], name=op.f("fk_file_texts_attachment_id")),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_file_texts")),
    )
    op.create_index(
        "ix_file_texts_waiting", "file_texts", ["attachment_id"], sqlite_where=WAITING, postgresql_where=WAITING
    )


def downgrade() -> None:
    op.drop_table("search_backlog")
    op.drop_table("file_texts")
    for table in PHONES:
        op.drop_index(f"ix_{table}_phone_tail", table)
        op.drop_column(table, "phone_tail")
    for table in NAMED:
        for column in ("initials", "pinyin"):
            op.drop_index(f"ix_{table}_{column}", table)
            op.drop_column(table, column)
