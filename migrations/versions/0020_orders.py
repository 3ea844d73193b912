"""Supervision orders with their cases, rounds, files and interviews, and the counters of their numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UTC = sa.DateTime(timezone=True)

# In the order of their making; a table comes after those that it refers to.
TABLES = (
    "supervision_orders",
    "supervision_order_cases",
    "supervision_order_rounds",
    "supervision_order_files",
    "supervision_interviews",
    "supervision_counters",
)
OPEN = "'issued', 'received', 'reported', 'returned', 'verified'"


def upgrade() -> None:
    _orders()
    _cases()
    _rounds()
    _interviews()
    op.create_table(
        "supervision_counters",
        sa.Column("district_id", ID, autoincrement=False, nullable=False),
        sa.Column("series", sa.String(length=12), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        _to("supervision_counters", "district_id", "areas"),
        sa.PrimaryKeyConstraint("district_id", "series", "year", name=op.f("pk_supervision_counters")),
    )


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _orders() -> None:
    table = "supervision_orders"
    places = ("city_id", "district_id", "subdistrict_id", "community_id")
    people = ("received_by_id", "ended_by_id", "listed_by_id", "delisted_by_id")
    op.create_table(
        table,
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("demands", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.Column("domain", sa.String(length=30), nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("issuer_unit_id", ID, nullable=False),
        sa.Column("issued_by_id", ID, nullable=False),
        sa.Column("issued_at", UTC, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("case_count", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("due_at", UTC, nullable=True),
        *(sa.Column(f"{name}_at", UTC, nullable=True) for name in ("received", "ended", "listed", "delisted")),
        *(sa.Column(name, ID, nullable=True) for name in people),
        sa.Column("ended_text", sa.Text(), nullable=False),
        sa.Column("listed_why", sa.Text(), nullable=False),
        sa.Column("delister_unit_id", ID, nullable=True),
        sa.Column("delisted_why", sa.Text(), nullable=False),
        sa.Column("handed_by", JSON, nullable=False),
        sa.Column("pdf_id", ID, nullable=True),
        sa.Column("docx_id", ID, nullable=True),
        sa.Column("area_id", ID, nullable=False),
        *(sa.Column(name, ID, nullable=True) for name in places),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            f"state IN ({OPEN}, 'written_off', 'withdrawn')", name=op.f("ck_supervision_orders_state_known")
        ),
        sa.CheckConstraint(
            "is_open = (state IN ('issued', 'received', 'reported', 'returned', 'verified'))",
            name=op.f("ck_supervision_orders_open_follows_state"),
        ),
        sa.CheckConstraint(
            "listed_at IS NULL OR delister_unit_id IS NOT NULL",
            name=op.f("ck_supervision_orders_listed_by_whom_it_is_taken_off"),
        ),
        *(_to(table, name, "units") for name in ("unit_id", "issuer_unit_id", "delister_unit_id")),
        *(_to(table, name, "users") for name in ("issued_by_id", *people)),
        *(_to(table, name, "attachments") for name in ("pdf_id", "docx_id")),
        *(_to(table, name, "areas") for name in ("area_id", *places)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_orders")),
        sa.UniqueConstraint("number", name=op.f("uq_supervision_orders_number")),
    )
    for name, columns in (
        ("district_due", ["district_id", "is_open", "due_at", "id"]),
        ("district_new", ["district_id", "id"]),
        ("unit_due", ["unit_id", "is_open", "due_at", "id"]),
        ("unit_new", ["unit_id", "id"]),
        ("issuer_unit_id", ["issuer_unit_id", "id"]),
    ):
        op.create_index(f"ix_{table}_{name}", table, columns)


def _cases() -> None:
    table = "supervision_order_cases"
    op.create_table(
        table,
        sa.Column("order_id", ID, autoincrement=False, nullable=False),
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        _to(table, "order_id", "supervision_orders"),
        _to(table, "case_id", "cases"),
        sa.PrimaryKeyConstraint("order_id", "case_id", name=op.f("pk_supervision_order_cases")),
    )
    op.create_index("ix_supervision_order_cases_case_id", table, ["case_id", "order_id"])


def _rounds() -> None:
    table = "supervision_order_rounds"
    op.create_table(
        table,
        sa.Column("id", ID, nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("started_at", UTC, nullable=False),
        sa.Column("limit_days", sa.Integer(), nullable=False),
        sa.Column("limit_minutes", sa.Integer(), nullable=False),
        sa.Column("calendar_id", ID, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("due_at", UTC, nullable=True),
        sa.Column("done_at", UTC, nullable=True),
        sa.Column("met", sa.Boolean(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("replied_at", UTC, nullable=True),
        sa.Column("replied_by_id", ID, nullable=True),
        sa.Column("verdict", sa.String(length=10), nullable=True),
        sa.Column("verdict_text", sa.Text(), nullable=False),
        sa.Column("verdict_at", UTC, nullable=True),
        sa.Column("verdict_by_id", ID, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('verified', 'returned')", name=op.f("ck_supervision_order_rounds_verdict_known")
        ),
        sa.CheckConstraint(
            "verdict IS NULL OR replied_at IS NOT NULL",
            name=op.f("ck_supervision_order_rounds_judged_once_reported"),
        ),
        _to(table, "order_id", "supervision_orders"),
        _to(table, "calendar_id", "calendars"),
        _to(table, "replied_by_id", "users"),
        _to(table, "verdict_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_order_rounds")),
        sa.UniqueConstraint("order_id", "no", name=op.f("uq_supervision_order_rounds_order_id_no")),
    )
    running = sa.text("done_at IS NULL")
    where = {"sqlite_where": running, "postgresql_where": running}
    op.create_index("ix_supervision_order_rounds_open", table, ["calendar_id", "revision"], **where)
    files = "supervision_order_files"
    op.create_table(
        files,
        sa.Column("round_id", ID, autoincrement=False, nullable=False),
        sa.Column("attachment_id", ID, autoincrement=False, nullable=False),
        _to(files, "round_id", table),
        _to(files, "attachment_id", "attachments"),
        sa.PrimaryKeyConstraint("round_id", "attachment_id", name=op.f("pk_supervision_order_files")),
    )


def _interviews() -> None:
    table = "supervision_interviews"
    op.create_table(
        table,
        sa.Column("id", ID, nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("called_at", UTC, nullable=False),
        sa.Column("called_by_id", ID, nullable=False),
        sa.Column("issuer_unit_id", ID, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("closed_at", UTC, nullable=True),
        sa.Column("closed_by_id", ID, nullable=True),
        sa.Column("pdf_id", ID, nullable=True),
        sa.Column("docx_id", ID, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('called', 'held', 'not_held', 'called_off')",
            name=op.f("ck_supervision_interviews_state_known"),
        ),
        sa.CheckConstraint(
            "(state = 'called') = (closed_at IS NULL)", name=op.f("ck_supervision_interviews_closed_by_somebody")
        ),
        _to(table, "order_id", "supervision_orders"),
        _to(table, "called_by_id", "users"),
        _to(table, "closed_by_id", "users"),
        _to(table, "issuer_unit_id", "units"),
        _to(table, "pdf_id", "attachments"),
        _to(table, "docx_id", "attachments"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_interviews")),
        sa.UniqueConstraint("number", name=op.f("uq_supervision_interviews_number")),
    )
    op.create_index("ix_supervision_interviews_order_id", table, ["order_id", "id"])
    op.create_index("ix_supervision_interviews_at", table, ["state", "at"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
