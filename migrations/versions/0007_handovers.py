"""Hand-overs: who leaves, what of theirs goes to whom, and the answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC = sa.DateTime(timezone=True)
OPEN = sa.text("stage IN ('draft', 'sent')")
UNSETTLED = sa.text("state IN ('open', 'proven')")


def _refs(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))
        for column, target in targets.items()
    ]


def upgrade() -> None:
    _handovers()
    _items()
    op.create_index(
        "ix_commitments_promiser_id",
        "commitments",
        ["promiser_id"],
        sqlite_where=UNSETTLED,
        postgresql_where=UNSETTLED,
    )


def _handovers() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", ID, nullable=False),
        sa.Column("leaver_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("area_id", ID, nullable=False),
        sa.Column("district_id", ID, nullable=True),
        sa.Column("why", sa.String(length=10), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("begun_by_id", ID, nullable=False),
        sa.Column("begun_at", UTC, nullable=False),
        sa.Column("changed_at", UTC, nullable=False),
        sa.Column("sent_at", UTC, nullable=True),
        sa.Column("ended_at", UTC, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("why IN ('posting', 'ill', 'leave', 'other')", name=op.f("ck_handovers_why_known")),
        sa.CheckConstraint("stage IN ('draft', 'sent', 'done', 'called_off')", name=op.f("ck_handovers_stage_known")),
        *_refs(
            "handovers",
            leaver_id="users.id",
            unit_id="units.id",
            area_id="areas.id",
            district_id="areas.id",
            begun_by_id="users.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    op.create_index(
        "uq_handovers_open", "handovers", ["leaver_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index("ix_handovers_leaver_id", "handovers", ["leaver_id", "id"])
    op.create_index("ix_handovers_unit_id", "handovers", ["unit_id", "stage", "id"])
    op.create_index("ix_handovers_district_id", "handovers", ["district_id", "stage", "id"])


def _items() -> None:
    op.create_table(
        "handover_items",
        sa.Column("id", ID, nullable=False),
        sa.Column("handover_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("ref_id", ID, nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.Column("href", sa.String(length=200), nullable=False),
        sa.Column("grouped", sa.String(length=100), nullable=False),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("enterprise_id", ID, nullable=True),
        sa.Column("successor_id", ID, nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("answered_at", UTC, nullable=True),
        sa.Column("told_at", UTC, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('chosen', 'waiting', 'accepted', 'refused', 'gone', 'kept')",
            name=op.f("ck_handover_items_state_known"),
        ),
        sa.CheckConstraint(
            "state IN ('chosen', 'gone', 'kept') OR successor_id IS NOT NULL",
            name=op.f("ck_handover_items_sent_to_somebody"),
        ),
        *_refs(
            "handover_items",
            handover_id="handovers.id",
            case_id="cases.id",
            enterprise_id="enterprises.id",
            successor_id="users.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_items")),
        sa.UniqueConstraint("handover_id", "kind", "ref_id", name=op.f("uq_handover_items_handover_id_kind_ref_id")),
    )
    op.create_index("ix_handover_items_handover_id", "handover_items", ["handover_id", "state", "id"])
    op.create_index("ix_handover_items_successor_id", "handover_items", ["successor_id", "state", "handover_id"])
    op.create_index("ix_handover_items_kind", "handover_items", ["kind", "state", "ref_id"])
    op.create_index("ix_handover_items_case_id", "handover_items", ["case_id", "state"])


def downgrade() -> None:
    op.drop_index("ix_commitments_promiser_id", "commitments")
    op.drop_table("handover_items")
    op.drop_table("handovers")
