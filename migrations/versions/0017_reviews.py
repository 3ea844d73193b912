"""Second signatures, proofs asked for, the clock of rework, rating links, limits of countersigning, audit samples."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
AT = sa.DateTime(timezone=True)
CLOCKS = (
    "acknowledge", "first_contact", "resolve", "review", "callback", "parked", "answer", "plan", "step", "promise",
    "order",
)  # fmt: skip


def _clocks(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Widen or narrow the closed set of clocks. SQLite keeps it as text: no row is copied there either."""
    old, new = (", ".join(f"'{clock}'" for clock in clocks) for clocks in (before, after))
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.execute("ALTER TABLE deadlines DROP CONSTRAINT ck_deadlines_clock_known")
        op.execute(f"ALTER TABLE deadlines ADD CONSTRAINT ck_deadlines_clock_known CHECK (clock IN ({new}))")
        return
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar() or 0
    bind.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = sa.text("UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE name = 'deadlines'")
    bind.execute(changed, {"old": f"clock IN ({old})", "new": f"clock IN ({new})"})
    bind.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema = OFF")


def upgrade() -> None:
    _clocks(CLOCKS, (*CLOCKS, "rework"))
    op.add_column("cases", sa.Column("signed_by_id", ID, nullable=True))
    op.add_column("cases", sa.Column("signature", JSON, nullable=True))
    op.add_column("cases", sa.Column("proof_asked", JSON, nullable=True))
    op.add_column("cases", sa.Column("callback_result", sa.String(length=10), nullable=True))
    op.create_index("ix_cases_state_due", "cases", ["district_id", "state", "next_due_at", "id"])
    op.create_index("ix_cases_closed", "cases", ["district_id", "state", "closed_at", "id"])
    _limits()
    _links()
    _samples()


def _limits() -> None:
    op.create_table(
        "countersign_limits",
        sa.Column("id", ID, nullable=False),
        sa.Column("area_id", ID, nullable=False),
        sa.Column("type_id", ID, nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("set_by_id", ID, nullable=False),
        sa.Column("set_at", AT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_countersign_limits_amount_positive")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_countersign_limits_area_id")),
        sa.ForeignKeyConstraint(["type_id"], ["case_types.id"], name=op.f("fk_countersign_limits_type_id")),
        sa.ForeignKeyConstraint(["set_by_id"], ["users.id"], name=op.f("fk_countersign_limits_set_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_countersign_limits")),
    )
    whole = sa.text("type_id IS NULL")
    op.create_index("uq_countersign_limits_type", "countersign_limits", ["area_id", "type_id"], unique=True)
    op.create_index(
        "uq_countersign_limits_area", "countersign_limits", ["area_id"], unique=True,
        sqlite_where=whole, postgresql_where=whole,
    )  # fmt: skip


def _links() -> None:
    op.create_table(
        "rating_links",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_by_id", ID, nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("used_at", AT, nullable=True),
        sa.Column("revoked_at", AT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_rating_links_case_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["users.id"], name=op.f("fk_rating_links_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_rating_links_token_hash")),
    )
    op.create_index("ix_rating_links_case_id", "rating_links", ["case_id"])


def _samples() -> None:
    op.create_table(
        "audit_samples",
        sa.Column("id", ID, nullable=False),
        sa.Column("area_id", ID, nullable=False),
        sa.Column("city_id", ID, nullable=True),
        sa.Column("district_id", ID, nullable=True),
        sa.Column("subdistrict_id", ID, nullable=True),
        sa.Column("community_id", ID, nullable=True),
        sa.Column("type_id", ID, nullable=True),
        sa.Column("domains", JSON, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("seed", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("population_hash", sa.String(length=64), nullable=False),
        sa.Column("drawn_by_id", ID, nullable=False),
        sa.Column("drawn_at", AT, nullable=False),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_audit_samples_ends_after_it_begins")),
        sa.CheckConstraint("size > 0 AND size <= population", name=op.f("ck_audit_samples_size_fits")),
        *(
            sa.ForeignKeyConstraint([column], ["areas.id"], name=op.f(f"fk_audit_samples_{column}"))
            for column in ("area_id", "city_id", "district_id", "subdistrict_id", "community_id")
        ),
        sa.ForeignKeyConstraint(["type_id"], ["case_types.id"], name=op.f("fk_audit_samples_type_id")),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["users.id"], name=op.f("fk_audit_samples_drawn_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_samples")),
    )
    op.create_index("ix_audit_samples_area", "audit_samples", ["area_id", "id"])
    op.create_table(
        "audit_sample_items",
        sa.Column("id", ID, nullable=False),
        sa.Column("sample_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("judged_by_id", ID, nullable=True),
        sa.Column("judged_at", AT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("verdict IN ('in_order', 'not_in_order')", name=op.f("ck_audit_sample_items_verdict_known")),
        sa.CheckConstraint(
            "(verdict IS NULL) = (judged_by_id IS NULL)", name=op.f("ck_audit_sample_items_verdict_has_judge")
        ),
        sa.CheckConstraint(
            "verdict IS NULL OR verdict = 'in_order' OR reason <> ''",
            name=op.f("ck_audit_sample_items_fault_has_reason"),
        ),
        sa.ForeignKeyConstraint(["sample_id"], ["audit_samples.id"], name=op.f("fk_audit_sample_items_sample_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_audit_sample_items_case_id")),
        sa.ForeignKeyConstraint(["judged_by_id"], ["users.id"], name=op.f("fk_audit_sample_items_judged_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_sample_items")),
        sa.UniqueConstraint("sample_id", "case_id", name=op.f("uq_audit_sample_items_sample_id_case_id")),
    )
    op.create_index("ix_audit_sample_items_case_id", "audit_sample_items", ["case_id"])


def downgrade() -> None:
    for table in ("audit_sample_items", "audit_samples", "rating_links", "countersign_limits"):
        op.drop_table(table)
    op.drop_index("ix_cases_closed", "cases")
    op.drop_index("ix_cases_state_due", "cases")
    for column in ("callback_result", "proof_asked", "signature", "signed_by_id"):
        op.drop_column("cases", column)
    op.execute("DELETE FROM deadline_pauses WHERE deadline_id IN (SELECT id FROM deadlines WHERE clock = 'rework')")
    op.execute("DELETE FROM deadlines WHERE clock = 'rework'")
    _clocks((*CLOCKS, "rework"), CLOCKS)
