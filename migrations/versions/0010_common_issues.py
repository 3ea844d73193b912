"""Common issues with their cases and moves; when firms closed, and on which days somebody spoke with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UTC = sa.DateTime(timezone=True)

# In the order of their making; a table comes after those that it refers to.
TABLES = ("common_issues", "common_issue_cases", "common_moves", "common_steps", "contact_days")
OUTCOMES = "'solved', 'partly_solved', 'explained', 'unsolvable', 'statutory_route'"


def upgrade() -> None:
    _issues()
    _members()
    _moves()
    _history()


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _issues() -> None:
    op.create_table(
        "common_issues",
        sa.Column("id", ID, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("district_id", ID, nullable=False),
        sa.Column("city_id", ID, nullable=True),
        sa.Column("domain", sa.String(length=30), nullable=False),
        sa.Column("unit_id", ID, nullable=True),
        sa.Column("lead_id", ID, nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("outcome_text", sa.Text(), nullable=False),
        sa.Column("opened_at", UTC, nullable=False),
        sa.Column("opened_by_id", ID, nullable=True),
        sa.Column("settled_at", UTC, nullable=True),
        sa.Column("settled_by_id", ID, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'settled')", name=op.f("ck_common_issues_state_known")),
        sa.CheckConstraint(f"outcome IN ({OUTCOMES})", name=op.f("ck_common_issues_outcome_known")),
        sa.CheckConstraint(
            "(state = 'settled') = (settled_at IS NOT NULL AND outcome IS NOT NULL)",
            name=op.f("ck_common_issues_settled_with_an_outcome"),
        ),
        _to("common_issues", "district_id", "areas"),
        _to("common_issues", "city_id", "areas"),
        _to("common_issues", "unit_id", "units"),
        _to("common_issues", "lead_id", "users"),
        _to("common_issues", "opened_by_id", "users"),
        _to("common_issues", "settled_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_common_issues")),
    )
    op.create_index("ix_common_issues_district_id_state", "common_issues", ["district_id", "state", "id"])
    op.create_index("ix_common_issues_unit_id", "common_issues", ["unit_id", "state", "id"])
    op.create_index("ix_common_issues_lead_id", "common_issues", ["lead_id", "state", "id"])


def _members() -> None:
    op.create_table(
        "common_issue_cases",
        sa.Column("id", ID, nullable=False),
        sa.Column("issue_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("from_at", UTC, nullable=False),
        sa.Column("added_by_id", ID, nullable=True),
        sa.Column("added_why", sa.String(length=300), nullable=False),
        sa.Column("to_at", UTC, nullable=True),
        sa.Column("removed_by_id", ID, nullable=True),
        sa.Column("removed_why", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _to("common_issue_cases", "issue_id", "common_issues"),
        _to("common_issue_cases", "case_id", "cases"),
        _to("common_issue_cases", "added_by_id", "users"),
        _to("common_issue_cases", "removed_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_common_issue_cases")),
    )
    op.create_index("ix_common_issue_cases_issue_id", "common_issue_cases", ["issue_id", "to_at", "case_id"])
    op.create_index("ix_common_issue_cases_case_id", "common_issue_cases", ["case_id", "to_at"])
    op.create_index(
        "uq_common_issue_cases_current",
        "common_issue_cases",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("to_at IS NULL"),
        postgresql_where=sa.text("to_at IS NULL"),
    )


def _moves() -> None:
    op.create_table(
        "common_moves",
        sa.Column("id", ID, nullable=False),
        sa.Column("issue_id", ID, nullable=False),
        sa.Column("action", sa.String(length=30), nullable=False),
        sa.Column("answer", JSON, nullable=False),
        sa.Column("files", JSON, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("beat_at", UTC, nullable=True),
        sa.Column("finished_at", UTC, nullable=True),
        sa.CheckConstraint("status IN ('waiting', 'running', 'done')", name=op.f("ck_common_moves_status_known")),
        _to("common_moves", "issue_id", "common_issues"),
        _to("common_moves", "by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_common_moves")),
    )
    op.create_index("ix_common_moves_issue_id", "common_moves", ["issue_id", "id"])
    op.create_index("ix_common_moves_status", "common_moves", ["status"])
    op.create_table(
        "common_steps",
        sa.Column("move_id", ID, autoincrement=False, nullable=False),
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("at", UTC, nullable=True),
        sa.CheckConstraint("status IN ('waiting', 'done', 'refused')", name=op.f("ck_common_steps_status_known")),
        _to("common_steps", "move_id", "common_moves"),
        _to("common_steps", "case_id", "cases"),
        sa.PrimaryKeyConstraint("move_id", "case_id", name=op.f("pk_common_steps")),
    )
    op.create_index("ix_common_steps_status", "common_steps", ["move_id", "status"])


def _history() -> None:
    op.add_column("enterprises", sa.Column("closed_on", sa.Date(), nullable=True))
    op.create_index(
        "ix_enterprises_history", "enterprises", ["district_id", "community_id", "created_at", "active", "closed_on"]
    )
    op.create_table(
        "contact_days",
        sa.Column("enterprise_id", ID, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("district_id", ID, nullable=True),
        sa.Column("community_id", ID, nullable=True),
        _to("contact_days", "enterprise_id", "enterprises"),
        _to("contact_days", "district_id", "areas"),
        _to("contact_days", "community_id", "areas"),
        sa.PrimaryKeyConstraint("enterprise_id", "day", name=op.f("pk_contact_days")),
    )
    op.create_index("ix_contact_days_board", "contact_days", ["district_id", "day", "until_on", "community_id"])
    # What is known of the time before: the last contact of each firm.
    op.execute(
        "INSERT INTO contact_days (enterprise_id, day, district_id, community_id) "
        "SELECT id, contacted_on, district_id, community_id FROM enterprises WHERE contacted_on IS NOT NULL AND active"
    )


def downgrade() -> None:
    op.drop_index("ix_enterprises_history", "enterprises")
    op.drop_column("enterprises", "closed_on")
    for table in reversed(TABLES):
        op.drop_table(table)
