"""Notices: the inbox, the outbox, what each person set, robots of units, webhooks and the hosts they may go to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UTC = sa.DateTime(timezone=True)

# In the order of their making; a table comes after those that it refers to.
TABLES = ("notices", "deliveries", "notice_prefs", "notice_choices", "robots", "webhooks", "webhook_hosts")


def upgrade() -> None:
    _inbox()
    _outbox()
    _settings()
    _robots()
    _webhooks()
    _index("ix_commitments_remind", "commitments", ["due_on", "id"], "state IN ('open', 'proven')")


def _index(name: str, table: str, columns: list[str], where: str | None = None) -> None:
    condition = sa.text(where) if where else None
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def _inbox() -> None:
    op.create_table(
        "notices",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=12), nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("due_at", UTC, nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("for_id", ID, nullable=True),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("is_read", sa.SmallInteger(), nullable=False),
        sa.Column("read_at", UTC, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notices_user_id")),
        sa.ForeignKeyConstraint(["for_id"], ["users.id"], name=op.f("fk_notices_for_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("user_id", "kind", "key", name=op.f("uq_notices_user_id_kind_key")),
    )
    _index("ix_notices_inbox", "notices", ["user_id", "is_read", "id"])
    _index("ix_notices_unread", "notices", ["user_id"], "is_read = 0")


def _outbox() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", ID, nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("target_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=12), nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("due_at", UTC, nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("bundle", sa.String(length=40), nullable=True),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("claimed_until", UTC, nullable=True),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("next_at", UTC, nullable=False),
        sa.Column("tried_at", UTC, nullable=True),
        sa.Column("sent_at", UTC, nullable=True),
        sa.Column("error", sa.String(length=30), nullable=False),
        sa.Column("said", sa.String(length=300), nullable=False),
        sa.CheckConstraint("channel IN ('email', 'robot', 'webhook')", name=op.f("ck_deliveries_channel_known")),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'dead', 'dropped')", name=op.f("ck_deliveries_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("token", name=op.f("uq_deliveries_token")),
    )
    _index("ix_deliveries_due", "deliveries", ["channel", "target_id", "next_at", "id"], "state = 'waiting'")
    _index("ix_deliveries_dead", "deliveries", ["id"], "state = 'dead'")
    _index("ix_deliveries_sent", "deliveries", ["channel", "target_id", "tried_at"])
    _index("ix_deliveries_claim", "deliveries", ["claim"])
    _index("ix_deliveries_created_at", "deliveries", ["created_at"])


def _settings() -> None:
    op.create_table(
        "notice_prefs",
        sa.Column("user_id", ID, autoincrement=False, nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_to", sa.Integer(), nullable=True),
        sa.Column("feed_hash", sa.String(length=64), nullable=True),
        sa.Column("feed_made_at", UTC, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notice_prefs_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_notice_prefs")),
        sa.UniqueConstraint("feed_hash", name=op.f("uq_notice_prefs_feed_hash")),
    )
    op.create_table(
        "notice_choices",
        sa.Column("user_id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notice_choices_user_id")),
        sa.PrimaryKeyConstraint("user_id", "kind", "channel", name=op.f("pk_notice_choices")),
    )


def _robots() -> None:
    op.create_table(
        "robots",
        sa.Column("id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("token", sa.String(length=100), nullable=False),
        sa.Column("secret", sa.String(length=100), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("kinds", JSON, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("sent", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('wecom', 'dingtalk', 'feishu')", name=op.f("ck_robots_kind_known")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_robots_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_robots")),
    )
    _index("ix_robots_unit_id", "robots", ["unit_id"])


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", ID, nullable=False),
        sa.Column("area_id", ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("secret", sa.String(length=80), nullable=False),
        sa.Column("old_secret", sa.String(length=80), nullable=False),
        sa.Column("old_until", UTC, nullable=True),
        sa.Column("kinds", JSON, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_webhooks_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    _index("ix_webhooks_area_id", "webhooks", ["area_id"])
    op.create_table(
        "webhook_hosts",
        sa.Column("host", sa.String(length=200), nullable=False),
        sa.Column("added_by_id", ID, nullable=False),
        sa.Column("added_at", UTC, nullable=False),
        sa.ForeignKeyConstraint(["added_by_id"], ["users.id"], name=op.f("fk_webhook_hosts_added_by_id")),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_webhook_hosts")),
    )


def downgrade() -> None:
    op.drop_index("ix_commitments_remind", "commitments")
    for table in reversed(TABLES):
        op.drop_table(table)
