"""Figures: marks and sums, what waits to be counted, dated settings, and what is left out of account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC = sa.DateTime(timezone=True)
TABLES = ("kpi_marks", "kpi_sums", "kpi_waiting", "kpi_state", "kpi_rechecks", "kpi_rules", "kpi_exclusions")
BY = ("district_id", "base", "day", "type_id", "flags", "bucket", "domain", "unit_id", "value")


def upgrade() -> None:
    _marks()
    _sums()
    _waiting()
    _settings()
    # What is there already is counted by the job, in portions.
    op.execute("INSERT INTO kpi_waiting (case_id, spread, at) SELECT id, false, last_at FROM cases")


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _marks() -> None:
    op.create_table(
        "kpi_marks",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("base", sa.String(length=10), nullable=False),
        sa.Column("nth", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", UTC, nullable=True),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("type_id", ID, nullable=False),
        sa.Column("domain", sa.String(length=30), nullable=False),
        sa.Column("city_id", ID, nullable=True),
        sa.Column("district_id", ID, nullable=True),
        sa.Column("subdistrict_id", ID, nullable=True),
        sa.Column("community_id", ID, nullable=True),
        sa.Column("unit_id", ID, nullable=True),
        sa.Column("officer_id", ID, nullable=True),
        _to("kpi_marks", "case_id", "cases"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kpi_marks")),
    )
    op.create_index("ix_kpi_marks_district", "kpi_marks", list(BY))
    op.create_index("ix_kpi_marks_city", "kpi_marks", ["city_id", "base", "day", "id"])
    op.create_index("ix_kpi_marks_community", "kpi_marks", ["community_id", "base", "day"])
    op.create_index("ix_kpi_marks_unit", "kpi_marks", ["unit_id", "base", "day"])
    op.create_index("ix_kpi_marks_officer", "kpi_marks", ["officer_id", "base", "day"])
    op.create_index("ix_kpi_marks_case", "kpi_marks", ["case_id"])


def _sums() -> None:
    key = ("area_id", "month", "base", "type_id", "domain", "flags", "bucket")
    op.create_table(
        "kpi_sums",
        sa.Column("area_id", ID, autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("base", sa.String(length=10), nullable=False),
        sa.Column("type_id", ID, autoincrement=False, nullable=False),
        sa.Column("domain", sa.String(length=30), nullable=False),
        sa.Column("flags", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_kpi_sums")),
    )


def _waiting() -> None:
    op.create_table(
        "kpi_waiting",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("spread", sa.Boolean(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kpi_waiting")),
    )
    op.create_table(
        "kpi_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kpi_state")),
    )
    op.execute("INSERT INTO kpi_state (id, revision) VALUES (1, 0)")
    op.create_table(
        "kpi_rechecks",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_kpi_rechecks")),
    )
    op.create_index(op.f("ix_kpi_rechecks_at"), "kpi_rechecks", ["at"])


def _settings() -> None:
    op.create_table(
        "kpi_rules",
        sa.Column("id", ID, nullable=False),
        sa.Column("district_id", ID, nullable=True),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("at", UTC, nullable=False),
        sa.CheckConstraint("value >= 0", name=op.f("ck_kpi_rules_value_not_negative")),
        _to("kpi_rules", "district_id", "areas"),
        _to("kpi_rules", "by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kpi_rules")),
    )
    op.create_index("ix_kpi_rules_name", "kpi_rules", ["name", "from_on"])
    op.create_table(
        "kpi_exclusions",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("ended_at", UTC, nullable=True),
        sa.Column("ended_by_id", ID, nullable=True),
        sa.Column("ended_why", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _to("kpi_exclusions", "case_id", "cases"),
        _to("kpi_exclusions", "by_id", "users"),
        _to("kpi_exclusions", "ended_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kpi_exclusions")),
    )
    op.create_index(
        "uq_kpi_exclusions_current",
        "kpi_exclusions",
        ["case_id", "what"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
