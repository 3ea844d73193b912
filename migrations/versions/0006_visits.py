"""Visits and care: how often firms are visited and what was said, routes and appointments, residents in care."""

# ruff: noqa: E501 -- a closed set stays on one line

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC = sa.DateTime(timezone=True)

# In the order of their making; a table comes after those that it refers to.
TABLES = (
    "contact_entries",
    "residents",
    "keepings",
    "care_entries",
    "care_words",
    "visit_plans",
    "visit_presets",
    "appointments",
    "day_turns",
    "entry_files",
)
# What is never changed, with every key that a REPLACE could collide with. Words may be taken out whole, as the law may
# ask for it, never changed.
SEALED = {"contact_entries": "id = NEW.id", "care_entries": "id = NEW.id"}
SEAL_SQLITE = (
    "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    "CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
)
SEAL_POSTGRESQL = (
    "CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
)
WORDS_SQLITE = (
    "CREATE TRIGGER care_words_no_update BEFORE UPDATE ON care_words BEGIN SELECT RAISE(ABORT, 'care_words are never changed'); END",
    "CREATE TRIGGER care_words_no_replace BEFORE INSERT ON care_words WHEN EXISTS (SELECT 1 FROM care_words WHERE entry_id = NEW.entry_id) BEGIN SELECT RAISE(ABORT, 'care_words are never changed'); END",
)
WORDS_POSTGRESQL = (
    "CREATE TRIGGER care_words_no_change BEFORE UPDATE ON care_words FOR EACH ROW EXECUTE FUNCTION refuse_change()",
)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    _contacts()
    _care()
    _visits()
    _seal()


def _contacts() -> None:
    op.create_table(
        "contact_entries",
        sa.Column("id", ID, nullable=False),
        sa.Column("enterprise_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("met", sa.String(length=10), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.CheckConstraint("met IN ('spoke', 'nobody', 'moved', 'refused')", name=op.f("ck_contact_entries_met_known")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_contact_entries_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_contact_entries_case_id")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_contact_entries_enterprise_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_entries")),
    )
    op.create_index("ix_contact_entries_by_id_day", "contact_entries", ["by_id", "day"])
    op.create_index("ix_contact_entries_enterprise_id_at", "contact_entries", ["enterprise_id", "at"])


def _care() -> None:
    op.create_table(
        "residents",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("needs", sa.String(length=500), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("keeper_id", ID, nullable=True),
        sa.Column("deputy_id", ID, nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("every_days", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_by", sa.String(length=12), nullable=True),
        sa.Column("ended_note", sa.String(length=300), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("area_id", ID, nullable=False),
        sa.Column("city_id", ID, nullable=True),
        sa.Column("district_id", ID, nullable=True),
        sa.Column("subdistrict_id", ID, nullable=True),
        sa.Column("community_id", ID, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "ended_by IN ('recovered', 'moved', 'others', 'declined', 'died')", name=op.f("ck_residents_ended_by_known")
        ),
        sa.CheckConstraint(
            "kind IN ('elderly', 'quarantined', 'patient', 'child', 'pregnant', 'other')",
            name=op.f("ck_residents_kind_known"),
        ),
        sa.CheckConstraint("deputy_id IS NULL OR deputy_id <> keeper_id", name=op.f("ck_residents_deputy_is_another")),
        sa.CheckConstraint("every_days BETWEEN 1 AND 365", name=op.f("ck_residents_every_days_of_a_year")),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_residents_weekday_known")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_residents_area_id")),
        sa.ForeignKeyConstraint(["city_id"], ["areas.id"], name=op.f("fk_residents_city_id")),
        sa.ForeignKeyConstraint(["community_id"], ["areas.id"], name=op.f("fk_residents_community_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["users.id"], name=op.f("fk_residents_deputy_id")),
        sa.ForeignKeyConstraint(["district_id"], ["areas.id"], name=op.f("fk_residents_district_id")),
        sa.ForeignKeyConstraint(["keeper_id"], ["users.id"], name=op.f("fk_residents_keeper_id")),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["areas.id"], name=op.f("fk_residents_subdistrict_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_residents_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residents")),
    )
    op.create_index("ix_residents_deputy_id", "residents", ["deputy_id"])
    op.create_index("ix_residents_district_id_ended_on", "residents", ["district_id", "ended_on"])
    op.create_index("ix_residents_keeper_id", "residents", ["keeper_id"])
    op.create_index("ix_residents_unit_id_ended_on", "residents", ["unit_id", "ended_on", "id"])
    op.create_table(
        "keepings",
        sa.Column("id", ID, nullable=False),
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("keeper_id", ID, nullable=False),
        sa.Column("deputy_id", ID, nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["deputy_id"], ["users.id"], name=op.f("fk_keepings_deputy_id")),
        sa.ForeignKeyConstraint(["keeper_id"], ["users.id"], name=op.f("fk_keepings_keeper_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_keepings_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keepings")),
    )
    op.create_index("ix_keepings_resident_id", "keepings", ["resident_id"])
    op.create_index(
        "uq_keepings_current",
        "keepings",
        ["resident_id"],
        unique=True,
        sqlite_where=sa.text("to_on IS NULL"),
        postgresql_where=sa.text("to_on IS NULL"),
    )
    op.create_table(
        "care_entries",
        sa.Column("id", ID, nullable=False),
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("condition", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "condition IN ('well', 'help', 'unreached', 'hospital')", name=op.f("ck_care_entries_condition_known")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_care_entries_by_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_care_entries_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_entries")),
    )
    op.create_index("ix_care_entries_by_id_day", "care_entries", ["by_id", "day"])
    op.create_index("ix_care_entries_resident_id_id", "care_entries", ["resident_id", "id"])
    op.create_table(
        "care_words",
        sa.Column("entry_id", ID, autoincrement=False, nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["care_entries.id"], name=op.f("fk_care_words_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_care_words")),
    )


def _visits() -> None:
    op.create_table(
        "visit_plans",
        sa.Column("id", ID, nullable=False),
        sa.Column("enterprise_id", ID, nullable=False),
        sa.Column("every_days", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("begins", sa.Integer(), nullable=True),
        sa.Column("ends", sa.Integer(), nullable=True),
        sa.Column("ask", sa.String(length=300), nullable=False),
        sa.Column("visitor_id", ID, nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("begins < ends", name=op.f("ck_visit_plans_ends_after_it_begins")),
        sa.CheckConstraint("every_days BETWEEN 1 AND 365", name=op.f("ck_visit_plans_every_days_of_a_year")),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_visit_plans_weekday_known")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_visit_plans_enterprise_id")),
        sa.ForeignKeyConstraint(["visitor_id"], ["users.id"], name=op.f("fk_visit_plans_visitor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_plans")),
        sa.UniqueConstraint("enterprise_id", name=op.f("uq_visit_plans_enterprise_id")),
    )
    op.create_index("ix_visit_plans_visitor_id", "visit_plans", ["visitor_id"])
    op.create_table(
        "visit_presets",
        sa.Column("id", ID, nullable=False),
        sa.Column("district_id", ID, nullable=False),
        sa.Column("size", sa.String(length=20), nullable=False),
        sa.Column("every_days", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.CheckConstraint("every_days BETWEEN 1 AND 365", name=op.f("ck_visit_presets_every_days_of_a_year")),
        sa.ForeignKeyConstraint(["district_id"], ["areas.id"], name=op.f("fk_visit_presets_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_presets")),
        sa.UniqueConstraint("district_id", "size", name=op.f("uq_visit_presets_district_id_size")),
    )
    op.create_table(
        "appointments",
        sa.Column("id", ID, nullable=False),
        sa.Column("enterprise_id", ID, nullable=False),
        sa.Column("visitor_id", ID, nullable=True),
        sa.Column("at", UTC, nullable=False),
        sa.Column("with_whom", sa.String(length=120), nullable=False),
        sa.Column("about", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('agreed', 'kept', 'cancelled')", name=op.f("ck_appointments_state_known")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_appointments_enterprise_id")),
        sa.ForeignKeyConstraint(["visitor_id"], ["users.id"], name=op.f("fk_appointments_visitor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
    )
    op.create_index("ix_appointments_enterprise_id_state", "appointments", ["enterprise_id", "state", "at"])
    op.create_index("ix_appointments_visitor_id_state", "appointments", ["visitor_id", "state", "at"])
    op.create_table(
        "day_turns",
        sa.Column("id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("enterprise_id", ID, nullable=True),
        sa.Column("resident_id", ID, nullable=True),
        sa.Column("to_user_id", ID, nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.CheckConstraint("(enterprise_id IS NULL) <> (resident_id IS NULL)", name=op.f("ck_day_turns_one_subject")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_day_turns_enterprise_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_day_turns_resident_id")),
        sa.ForeignKeyConstraint(["to_user_id"], ["users.id"], name=op.f("fk_day_turns_to_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_turns")),
        sa.UniqueConstraint("day", "enterprise_id", name=op.f("uq_day_turns_day_enterprise_id")),
        sa.UniqueConstraint("day", "resident_id", name=op.f("uq_day_turns_day_resident_id")),
    )
    op.create_index("ix_day_turns_enterprise_id_day", "day_turns", ["enterprise_id", "day"])
    op.create_index("ix_day_turns_to_user_id_day", "day_turns", ["to_user_id", "day"])
    op.create_table(
        "entry_files",
        sa.Column("entry_id", ID, autoincrement=False, nullable=False),
        sa.Column("attachment_id", ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachments.id"], name=op.f("fk_entry_files_attachment_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["contact_entries.id"], name=op.f("fk_entry_files_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", "attachment_id", name=op.f("pk_entry_files")),
    )
    op.create_index("ix_liaisons_deputy_id", "liaisons", ["deputy_id"])


def _seal() -> None:
    for table, same in SEALED.items():
        for statement in SEAL_SQLITE if _is_sqlite() else SEAL_POSTGRESQL:
            op.get_bind().exec_driver_sql(statement.format(table=table, same=same))
    for statement in WORDS_SQLITE if _is_sqlite() else WORDS_POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    if _is_sqlite():
        # A dropped table deletes its rows first: the seals go before it.
        for table in SEALED:
            for verb in ("update", "delete", "replace"):
                op.get_bind().exec_driver_sql(f"DROP TRIGGER {table}_no_{verb}")
        for verb in ("update", "replace"):
            op.get_bind().exec_driver_sql(f"DROP TRIGGER care_words_no_{verb}")
    op.drop_index("ix_liaisons_deputy_id", table_name="liaisons")
    for table in reversed(TABLES):
        op.drop_table(table)
