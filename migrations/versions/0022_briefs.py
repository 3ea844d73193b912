"""Briefs, the schedules that ask for them, and the counters of their numbers. A written brief is sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UTC = sa.DateTime(timezone=True)
PLACES = ("city_id", "district_id", "subdistrict_id", "community_id")
KINDS = "kind IN ('daily', 'weekly', 'special')"
REACHES = "reach IN ('area', 'authority', 'team')"
REFUSE = "BEGIN SELECT RAISE(ABORT, 'a written brief never changes'); END"
THERE = "EXISTS (SELECT 1 FROM briefs WHERE id = NEW.id AND status = 'done')"
SEAL_SQLITE = (
    f"CREATE TRIGGER briefs_no_update BEFORE UPDATE ON briefs WHEN OLD.status = 'done' {REFUSE}",
    f"CREATE TRIGGER briefs_no_delete BEFORE DELETE ON briefs WHEN OLD.status = 'done' {REFUSE}",
    f"CREATE TRIGGER briefs_no_replace BEFORE INSERT ON briefs WHEN {THERE} {REFUSE}",
)
DONE, CALL = "OLD.status = 'done'", "EXECUTE FUNCTION refuse_change()"
SEAL_POSTGRESQL = (
    f"CREATE TRIGGER briefs_no_change BEFORE UPDATE OR DELETE ON briefs FOR EACH ROW WHEN ({DONE}) {CALL}",
    f"CREATE TRIGGER briefs_no_truncate BEFORE TRUNCATE ON briefs FOR EACH STATEMENT {CALL}",
)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _places(table: str) -> list[sa.schema.SchemaItem]:
    columns = [sa.Column("area_id", ID, nullable=False), *(sa.Column(name, ID, nullable=True) for name in PLACES)]
    return [*columns, *(_to(table, name, "areas") for name in ("area_id", *PLACES))]


def upgrade() -> None:
    _schedules()
    _briefs()
    op.create_table(
        "brief_counters",
        sa.Column("area_id", ID, autoincrement=False, nullable=False),
        sa.Column("unit_id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        _to("brief_counters", "area_id", "areas"),
        sa.PrimaryKeyConstraint("area_id", "unit_id", "kind", "year", name=op.f("pk_brief_counters")),
    )
    for statement in SEAL_SQLITE if _is_sqlite() else SEAL_POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def _schedules() -> None:
    table = "brief_schedules"
    op.create_table(
        table,
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("reach", sa.String(length=10), nullable=False),
        sa.Column("unit_id", ID, nullable=True),
        sa.Column("type_id", ID, nullable=True),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("red_head", sa.Boolean(), nullable=False),
        sa.Column("tell", JSON, nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("made_at", UTC, nullable=False),
        sa.Column("next_at", UTC, nullable=False),
        sa.Column("stopped_at", UTC, nullable=True),
        sa.Column("stopped_by_id", ID, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_brief_schedules_kind_known")),
        sa.CheckConstraint(REACHES, name=op.f("ck_brief_schedules_reach_known")),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name=op.f("ck_brief_schedules_minute_of_a_day")),
        sa.CheckConstraint(
            "(kind = 'weekly') = (weekday IS NOT NULL)", name=op.f("ck_brief_schedules_weekly_has_a_weekday")
        ),
        *_places(table),
        _to(table, "unit_id", "units"),
        _to(table, "type_id", "case_types"),
        _to(table, "by_id", "users"),
        _to(table, "stopped_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brief_schedules")),
    )
    op.create_index("ix_brief_schedules_next", table, ["stopped_at", "next_at"])
    op.create_index("ix_brief_schedules_district", table, ["district_id", "id"])


def _briefs() -> None:
    table = "briefs"
    op.create_table(
        table,
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("reach", sa.String(length=10), nullable=False),
        sa.Column("unit_id", ID, nullable=True),
        sa.Column("type_id", ID, nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("issue", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("replaces_id", ID, nullable=True),
        sa.Column("schedule_id", ID, nullable=True),
        sa.Column("due_at", UTC, nullable=True),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("red_head", sa.Boolean(), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("office", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", UTC, nullable=False),
        *(sa.Column(f"{name}_at", UTC, nullable=True) for name in ("beat", "counted", "made")),
        sa.Column("figures", JSON, nullable=True),
        sa.Column("told", JSON, nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        *(sa.Column(f"{name}_id", ID, nullable=True) for name in ("pdf", "docx", "xlsx")),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_briefs_kind_known")),
        sa.CheckConstraint(REACHES, name=op.f("ck_briefs_reach_known")),
        sa.CheckConstraint("status IN ('waiting', 'running', 'done', 'stopped')", name=op.f("ck_briefs_status_known")),
        sa.CheckConstraint("first_on <= last_on", name=op.f("ck_briefs_days_in_order")),
        sa.CheckConstraint(
            "status <> 'done' OR (sha256 <> '' AND figures IS NOT NULL AND pdf_id IS NOT NULL)",
            name=op.f("ck_briefs_done_is_sealed"),
        ),
        *_places(table),
        _to(table, "unit_id", "units"),
        _to(table, "type_id", "case_types"),
        _to(table, "replaces_id", "briefs"),
        _to(table, "schedule_id", "brief_schedules"),
        _to(table, "by_id", "users"),
        *(_to(table, f"{name}_id", "attachments") for name in ("pdf", "docx", "xlsx")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_briefs")),
        sa.UniqueConstraint("schedule_id", "due_at", name=op.f("uq_briefs_schedule_id_due_at")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_briefs_replaces_id")),
    )
    for name, columns in (
        ("district", ["district_id", "id"]),
        ("district_kind", ["district_id", "kind", "id"]),
        ("subdistrict", ["subdistrict_id", "id"]),
        ("community", ["community_id", "id"]),
        ("unit", ["unit_id", "id"]),
        ("status", ["status", "id"]),
    ):
        op.create_index(f"ix_{table}_{name}", table, columns)


def downgrade() -> None:
    if _is_sqlite():
        # A dropped table deletes its rows first: the seals go before it.
        for verb in ("update", "delete", "replace"):
            op.get_bind().exec_driver_sql(f"DROP TRIGGER briefs_no_{verb}")
    for table in ("brief_counters", "briefs", "brief_schedules"):
        op.drop_table(table)
