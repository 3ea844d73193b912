"""The negotiation log: talks, rounds and positions, promises, agreements, who gets what, and what arrived."""

# ruff: noqa: E501 -- a closed set stays on one line

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

# In the order of their making; a table comes after those that it refers to.
TABLES = (
    "counterparties",
    "negotiations",
    "negotiation_cases",
    "rounds",
    "positions",
    "commitments",
    "agreements",
    "allocations",
    "shares",
    "receipts",
    "confirm_links",
)
# What is never changed, with every key that a REPLACE could collide with.
SEALED = {
    "rounds": "id = NEW.id OR corrects_id = NEW.corrects_id",
    "positions": "id = NEW.id",
    "allocations": "id = NEW.id OR (agreement_id = NEW.agreement_id AND no = NEW.no)",
    "shares": "allocation_id = NEW.allocation_id AND beneficiary_id = NEW.beneficiary_id",
    "receipts": "id = NEW.id OR corrects_id = NEW.corrects_id",
}
SEAL_SQLITE = (
    "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    "CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
)
SEAL_POSTGRESQL = (
    "CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _talks() -> None:
    op.create_table(
        "counterparties",
        sa.Column("id", ID, nullable=False),
        sa.Column("district_id", ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("above_id", ID, nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('owner', 'sub_lessor', 'agent', 'bank', 'supplier', 'other')",
            name=op.f("ck_counterparties_kind_known"),
        ),
        sa.CheckConstraint("above_id IS NULL OR above_id <> id", name=op.f("ck_counterparties_not_above_itself")),
        sa.ForeignKeyConstraint(["above_id"], ["counterparties.id"], name=op.f("fk_counterparties_above_id")),
        sa.ForeignKeyConstraint(["district_id"], ["areas.id"], name=op.f("fk_counterparties_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counterparties")),
        sa.UniqueConstraint("district_id", "name_key", name=op.f("uq_counterparties_district_id_name_key")),
    )
    op.create_table(
        "negotiations",
        sa.Column("id", ID, nullable=False),
        sa.Column("counterparty_id", ID, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_id", ID, nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stance", sa.String(length=12), nullable=True),
        sa.Column("next_step", sa.String(length=300), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.CheckConstraint("rounds >= 0", name=op.f("ck_negotiations_rounds_counted")),
        sa.ForeignKeyConstraint(
            ["counterparty_id"], ["counterparties.id"], name=op.f("fk_negotiations_counterparty_id")
        ),
        sa.ForeignKeyConstraint(["opened_by_id"], ["users.id"], name=op.f("fk_negotiations_opened_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_negotiations")),
    )
    op.create_index("ix_negotiations_counterparty", "negotiations", ["counterparty_id", "id"])
    op.create_table(
        "negotiation_cases",
        sa.Column("negotiation_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_negotiation_cases_case_id")),
        sa.ForeignKeyConstraint(
            ["negotiation_id"], ["negotiations.id"], name=op.f("fk_negotiation_cases_negotiation_id")
        ),
        sa.PrimaryKeyConstraint("negotiation_id", "case_id", name=op.f("pk_negotiation_cases")),
    )
    op.create_index("ix_negotiation_cases_case_id", "negotiation_cases", ["case_id"])
    op.create_table(
        "rounds",
        sa.Column("id", ID, nullable=False),
        sa.Column("negotiation_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("latitude", sa.Integer(), nullable=True),
        sa.Column("longitude", sa.Integer(), nullable=True),
        sa.Column("ours", JSON, nullable=False),
        sa.Column("theirs", JSON, nullable=False),
        sa.Column("stance", sa.String(length=12), nullable=False),
        sa.Column("objections", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("next_step", sa.String(length=300), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("files", JSON, nullable=False),
        sa.Column("corrects_id", ID, nullable=True),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("logged_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "stance IN ('refuses', 'hesitates', 'conditional', 'agrees')", name=op.f("ck_rounds_stance_known")
        ),
        sa.CheckConstraint("way IN ('visit', 'call', 'meeting', 'message')", name=op.f("ck_rounds_way_known")),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_rounds_coordinates_whole")),
        sa.CheckConstraint("until_at IS NULL OR until_at >= at", name=op.f("ck_rounds_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_rounds_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_rounds_case_id")),
        sa.ForeignKeyConstraint(["corrects_id"], ["rounds.id"], name=op.f("fk_rounds_corrects_id")),
        sa.ForeignKeyConstraint(["negotiation_id"], ["negotiations.id"], name=op.f("fk_rounds_negotiation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rounds")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_rounds_corrects_id")),
    )
    op.create_index("ix_rounds_negotiation", "rounds", ["negotiation_id", "at", "id"])
    op.create_table(
        "positions",
        sa.Column("id", ID, nullable=False),
        sa.Column("round_id", ID, nullable=False),
        sa.Column("side", sa.String(length=4), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("percent_bp", sa.Integer(), nullable=True),
        sa.Column("months_tenths", sa.Integer(), nullable=True),
        sa.Column("worth_fen", sa.BigInteger(), nullable=True),
        sa.Column("conditions", sa.String(length=500), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('ask', 'offer')", name=op.f("ck_positions_kind_known")),
        sa.CheckConstraint(
            "method IN ('waive', 'reduce', 'defer', 'offset', 'other')", name=op.f("ck_positions_method_known")
        ),
        sa.CheckConstraint("side IN ('us', 'them')", name=op.f("ck_positions_side_known")),
        sa.CheckConstraint("amount_fen IS NULL OR amount_fen >= 0", name=op.f("ck_positions_amount_not_negative")),
        sa.CheckConstraint(
            "months_tenths IS NULL OR months_tenths >= 0", name=op.f("ck_positions_months_not_negative")
        ),
        sa.CheckConstraint(
            "percent_bp IS NULL OR percent_bp BETWEEN 0 AND 10000", name=op.f("ck_positions_percent_in_range")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_positions_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_positions")),
    )
    op.create_index("ix_positions_round_id", "positions", ["round_id"])
    op.create_table(
        "commitments",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("negotiation_id", ID, nullable=True),
        sa.Column("counterparty_id", ID, nullable=True),
        sa.Column("promiser_id", ID, nullable=True),
        sa.Column("debtor", sa.String(length=5), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("what", sa.String(length=300), nullable=False),
        sa.Column("condition", sa.String(length=300), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("proof", sa.String(length=500), nullable=False),
        sa.Column("proof_files", JSON, nullable=False),
        sa.Column("proven_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proven_by_id", ID, nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", ID, nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("made_by_id", ID, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("debtor IN ('them', 'us', 'firms')", name=op.f("ck_commitments_debtor_known")),
        sa.CheckConstraint(
            "state <> 'kept' OR (proven_at IS NOT NULL AND settled_by_id IS NOT NULL)",
            name=op.f("ck_commitments_kept_is_proven"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'proven', 'kept', 'broken', 'released')", name=op.f("ck_commitments_state_known")
        ),
        sa.CheckConstraint("due_on >= promised_on", name=op.f("ck_commitments_due_after_promise")),
        sa.CheckConstraint(
            "settled_by_id IS NULL OR promiser_id IS NULL OR settled_by_id <> promiser_id",
            name=op.f("ck_commitments_not_by_the_promiser"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_commitments_case_id")),
        sa.ForeignKeyConstraint(
            ["counterparty_id"], ["counterparties.id"], name=op.f("fk_commitments_counterparty_id")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["users.id"], name=op.f("fk_commitments_made_by_id")),
        sa.ForeignKeyConstraint(["negotiation_id"], ["negotiations.id"], name=op.f("fk_commitments_negotiation_id")),
        sa.ForeignKeyConstraint(["promiser_id"], ["users.id"], name=op.f("fk_commitments_promiser_id")),
        sa.ForeignKeyConstraint(["proven_by_id"], ["users.id"], name=op.f("fk_commitments_proven_by_id")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["users.id"], name=op.f("fk_commitments_settled_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitments")),
    )
    op.create_index("ix_commitments_case_id", "commitments", ["case_id", "id"])
    op.create_index("ix_commitments_counterparty", "commitments", ["counterparty_id", "state"])
    op.create_index(
        "ix_commitments_due",
        "commitments",
        ["case_id", "due_on"],
        sqlite_where=sa.text("state IN ('open', 'proven')"),
        postgresql_where=sa.text("state IN ('open', 'proven')"),
    )


def _agreements() -> None:
    op.create_table(
        "agreements",
        sa.Column("id", ID, nullable=False),
        sa.Column("negotiation_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("chain", sa.String(length=300), nullable=False),
        sa.Column("signed_file_id", ID, nullable=True),
        sa.Column("ours_name", sa.String(length=100), nullable=False),
        sa.Column("ours_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ours_by_id", ID, nullable=True),
        sa.Column("theirs_name", sa.String(length=100), nullable=False),
        sa.Column("theirs_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("theirs_how", sa.String(length=5), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.String(length=300), nullable=False),
        sa.Column("made_by_id", ID, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "method IN ('waive', 'reduce', 'defer', 'offset', 'other')", name=op.f("ck_agreements_method_known")
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR (ours_at IS NOT NULL AND theirs_at IS NOT NULL)",
            name=op.f("ck_agreements_confirmed_by_both"),
        ),
        sa.CheckConstraint("state IN ('proposed', 'confirmed', 'ended')", name=op.f("ck_agreements_state_known")),
        sa.CheckConstraint(
            "to_on IS NULL OR from_on IS NULL OR to_on >= from_on", name=op.f("ck_agreements_ends_after_it_begins")
        ),
        sa.CheckConstraint("total_fen > 0", name=op.f("ck_agreements_total_positive")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_agreements_case_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["users.id"], name=op.f("fk_agreements_made_by_id")),
        sa.ForeignKeyConstraint(["negotiation_id"], ["negotiations.id"], name=op.f("fk_agreements_negotiation_id")),
        sa.ForeignKeyConstraint(["ours_by_id"], ["users.id"], name=op.f("fk_agreements_ours_by_id")),
        sa.ForeignKeyConstraint(["signed_file_id"], ["attachments.id"], name=op.f("fk_agreements_signed_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
    )
    op.create_index(
        "uq_agreements_in_force",
        "agreements",
        ["negotiation_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'ended'"),
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_table(
        "allocations",
        sa.Column("id", ID, nullable=False),
        sa.Column("agreement_id", ID, nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=6), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("made_by_id", ID, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("basis IN ('rent', 'area', 'equal', 'hand')", name=op.f("ck_allocations_basis_known")),
        sa.CheckConstraint("total_fen > 0", name=op.f("ck_allocations_total_positive")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreements.id"], name=op.f("fk_allocations_agreement_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["users.id"], name=op.f("fk_allocations_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocations")),
        sa.UniqueConstraint("agreement_id", "no", name=op.f("uq_allocations_agreement_id_no")),
    )
    op.create_table(
        "shares",
        sa.Column("allocation_id", ID, nullable=False),
        sa.Column("beneficiary_id", ID, nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("share_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("share_fen >= 0", name=op.f("ck_shares_share_not_negative")),
        sa.ForeignKeyConstraint(["allocation_id"], ["allocations.id"], name=op.f("fk_shares_allocation_id")),
        sa.ForeignKeyConstraint(["beneficiary_id"], ["beneficiaries.id"], name=op.f("fk_shares_beneficiary_id")),
        sa.PrimaryKeyConstraint("allocation_id", "beneficiary_id", name=op.f("pk_shares")),
    )
    op.create_index("ix_shares_beneficiary_id", "shares", ["beneficiary_id"])
    op.create_table(
        "receipts",
        sa.Column("id", ID, nullable=False),
        sa.Column("agreement_id", ID, nullable=False),
        sa.Column("beneficiary_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("files", JSON, nullable=False),
        sa.Column("corrects_id", ID, nullable=True),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind = 'received' OR amount_fen = 0", name=op.f("ck_receipts_dispute_has_no_amount")),
        sa.CheckConstraint("kind IN ('received', 'disputed')", name=op.f("ck_receipts_kind_known")),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_receipts_amount_not_negative")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreements.id"], name=op.f("fk_receipts_agreement_id")),
        sa.ForeignKeyConstraint(["beneficiary_id"], ["beneficiaries.id"], name=op.f("fk_receipts_beneficiary_id")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_receipts_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_receipts_case_id")),
        sa.ForeignKeyConstraint(["corrects_id"], ["receipts.id"], name=op.f("fk_receipts_corrects_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_receipts_corrects_id")),
    )
    op.create_index("ix_receipts_agreement", "receipts", ["agreement_id", "beneficiary_id"])
    op.create_index("ix_receipts_case_id", "receipts", ["case_id"])
    op.create_table(
        "confirm_links",
        sa.Column("id", ID, nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("agreement_id", ID, nullable=False),
        sa.Column("beneficiary_id", ID, nullable=True),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_by_id", ID, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(purpose = 'receipt') = (beneficiary_id IS NOT NULL)", name=op.f("ck_confirm_links_receipt_names_firm")
        ),
        sa.CheckConstraint("purpose IN ('agreement', 'receipt')", name=op.f("ck_confirm_links_purpose_known")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreements.id"], name=op.f("fk_confirm_links_agreement_id")),
        sa.ForeignKeyConstraint(["beneficiary_id"], ["beneficiaries.id"], name=op.f("fk_confirm_links_beneficiary_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["users.id"], name=op.f("fk_confirm_links_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirm_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_confirm_links_token_hash")),
    )
    op.create_index("ix_confirm_links_agreement", "confirm_links", ["agreement_id", "beneficiary_id"])


def _seal() -> None:
    for table, same in SEALED.items():
        for statement in SEAL_SQLITE if _is_sqlite() else SEAL_POSTGRESQL:
            op.get_bind().exec_driver_sql(statement.format(table=table, same=same))


def upgrade() -> None:
    _talks()
    _agreements()
    _seal()


def downgrade() -> None:
    if _is_sqlite():
        # A dropped table deletes its rows first: the seals go before it.
        for table in SEALED:
            for verb in ("update", "delete", "replace"):
                op.get_bind().exec_driver_sql(f"DROP TRIGGER {table}_no_{verb}")
    for table in reversed(TABLES):
        op.drop_table(table)
