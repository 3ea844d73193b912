"""The front door: who is away and who has the desk, what one can carry, routing rules, reports of the portal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UTC = sa.DateTime(timezone=True)

# In the order of their making; a table comes after those that it refers to.
TABLES = ("absences", "duty_shifts", "district_limits", "routing_rules", "portal_reports", "coverages")


def upgrade() -> None:
    _roster()
    _routing()
    _portal()
    _coverage()


def _roster() -> None:
    op.create_table(
        "absences",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("deputy_id", ID, nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('leave', 'ill', 'training', 'other')", name=op.f("ck_absences_kind_known")),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_absences_ends_after_it_begins")),
        sa.CheckConstraint("deputy_id IS NULL OR deputy_id <> user_id", name=op.f("ck_absences_deputy_is_another")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_absences_user_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["users.id"], name=op.f("fk_absences_deputy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index("ix_absences_user_id_to_on", "absences", ["user_id", "to_on"])
    op.create_table(
        "duty_shifts",
        sa.Column("id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("begins_at", UTC, nullable=False),
        sa.Column("ends_at", UTC, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > begins_at", name=op.f("ck_duty_shifts_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_duty_shifts_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_duty_shifts_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_shifts")),
    )
    op.create_index("ix_duty_shifts_unit_id_ends_at", "duty_shifts", ["unit_id", "ends_at"])
    op.create_index("ix_duty_shifts_user_id_ends_at", "duty_shifts", ["user_id", "ends_at"])
    op.create_table(
        "district_limits",
        sa.Column("district_id", ID, autoincrement=False, nullable=False),
        sa.Column("most_cases", sa.Integer(), nullable=False),
        sa.Column("most_firms", sa.Integer(), nullable=False),
        sa.Column("stale_days", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["areas.id"], name=op.f("fk_district_limits_district_id")),
        sa.PrimaryKeyConstraint("district_id", name=op.f("pk_district_limits")),
    )


def _routing() -> None:
    op.create_table(
        "routing_rules",
        sa.Column("id", ID, nullable=False),
        sa.Column("district_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("conditions", JSON, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("officer_id", ID, nullable=True),
        sa.Column("co_unit_ids", JSON, nullable=False),
        sa.Column("own_officer", sa.Boolean(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("by_itself", sa.Boolean(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("tried_at", UTC, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["areas.id"], name=op.f("fk_routing_rules_district_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_routing_rules_unit_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["users.id"], name=op.f("fk_routing_rules_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_rules")),
    )
    op.create_index("ix_routing_rules_district_id_position", "routing_rules", ["district_id", "position"])


def _portal() -> None:
    op.create_table(
        "portal_reports",
        sa.Column("id", ID, nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("updated_at", UTC, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_portal_reports_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_reports")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_portal_reports_token_sha256")),
    )
    op.create_index("ix_portal_reports_digest", "portal_reports", ["digest"])
    op.create_index("ix_portal_reports_updated_at", "portal_reports", ["updated_at"])


def _coverage() -> None:
    op.create_table(
        "coverages",
        sa.Column("id", ID, nullable=False),
        sa.Column("area_id", ID, nullable=False),
        sa.Column("district_id", ID, nullable=False),
        sa.Column("leader_id", ID, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_coverages_area_id")),
        sa.ForeignKeyConstraint(["district_id"], ["areas.id"], name=op.f("fk_coverages_district_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["users.id"], name=op.f("fk_coverages_leader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverages")),
    )
    op.create_index("ix_coverages_district_id_to_on", "coverages", ["district_id", "to_on"])
    op.create_index("ix_coverages_leader_id", "coverages", ["leader_id"])
    op.create_index(
        "uq_coverages_current",
        "coverages",
        ["area_id"],
        unique=True,
        sqlite_where=sa.text("to_on IS NULL"),
        postgresql_where=sa.text("to_on IS NULL"),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
