"""The foundation: all first tables, the append-only triggers of the event chains, and the full-text index."""

# ruff: noqa: E501 -- a closed set stays on one line

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

# In the order of their making; a table comes after those that it refers to.
TABLES = (
    "attempts",
    "done_once",
    "job_states",
    "search_docs",
    "areas",
    "users",
    "api_tokens",
    "auth_sessions",
    "units",
    "postings",
    "enterprises",
    "contacts",
    "liaisons",
    "case_types",
    "case_counters",
    "cases",
    "assignments",
    "beneficiaries",
    "calendar_days",
    "deadlines",
    "deadline_pauses",
    "attachments",
    "import_runs",
    "chain_heads",
    "events",
    "event_payloads",
)
SEALED = {"events": "id", "event_payloads": "event_id"}

SEAL_SQLITE = """
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}{also})
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
"""
REFUSE_POSTGRESQL = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$;
"""
SEAL_POSTGRESQL = """
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
# The tokens come as plain words between blanks: "ascii" takes everything above 7F as a letter and splits nothing.
INDEX_SQLITE = """
CREATE VIRTUAL TABLE search_index
USING fts5(tokens, content='search_docs', content_rowid='id', tokenize='ascii', columnsize=0);
CREATE TRIGGER search_docs_added AFTER INSERT ON search_docs
BEGIN INSERT INTO search_index(rowid, tokens) VALUES (NEW.id, NEW.tokens); END;
CREATE TRIGGER search_docs_removed AFTER DELETE ON search_docs
BEGIN INSERT INTO search_index(search_index, rowid, tokens) VALUES ('delete', OLD.id, OLD.tokens); END;
CREATE TRIGGER search_docs_changed AFTER UPDATE ON search_docs
BEGIN
INSERT INTO search_index(search_index, rowid, tokens) VALUES ('delete', OLD.id, OLD.tokens);
INSERT INTO search_index(rowid, tokens) VALUES (NEW.id, NEW.tokens);
END;
"""
# Stored, since reading a vector is cheaper than making it, when a plan tests row after row for a common word.
INDEX_POSTGRESQL = """
ALTER TABLE search_docs
ADD COLUMN vector tsvector GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, tokens)) STORED;
CREATE INDEX ix_search_docs_vector ON search_docs USING gin (vector);
"""


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _run(script: str) -> None:
    """Run statements that each begin a line with CREATE or ALTER; a trigger keeps its inner semicolons."""
    statements: list[str] = []
    for line in script.strip().splitlines():
        if line.startswith(("CREATE ", "ALTER ")):
            statements.append(line)
        else:
            statements[-1] += "\n" + line
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def _kernel() -> None:
    op.create_table(
        "attempts",
        sa.Column("bucket", sa.String(length=120), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_attempts")),
    )
    op.create_index(op.f("ix_attempts_until"), "attempts", ["until"])
    op.create_table(
        "done_once",
        sa.Column("id", ID, nullable=False),
        sa.Column("principal", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("location", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_done_once")),
        sa.UniqueConstraint("principal", "key", name=op.f("uq_done_once_principal_key")),
    )
    op.create_index(op.f("ix_done_once_at"), "done_once", ["at"])
    op.create_table(
        "job_states",
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("next_due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("node", sa.String(length=80), nullable=False),
        sa.Column("last_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=300), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_job_states")),
    )
    op.create_table(
        "search_docs",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("ref_id", ID, nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("tokens", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_docs")),
        sa.UniqueConstraint("kind", "ref_id", "part", name=op.f("uq_search_docs_kind_ref_id_part")),
    )
    op.create_index(op.f("ix_search_docs_case_id"), "search_docs", ["case_id"])


def _areas() -> None:
    op.create_table(
        "areas",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("parent_id", ID, nullable=True),
        sa.Column("city_id", ID, nullable=True),
        sa.Column("district_id", ID, nullable=True),
        sa.Column("subdistrict_id", ID, nullable=True),
        sa.Column("community_id", ID, nullable=True),
        sa.Column("full_name", sa.String(length=300), nullable=False),
        sa.Column("path", sa.String(length=320), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "level IN ('city', 'district', 'subdistrict', 'community', 'site')", name=op.f("ck_areas_level_known")
        ),
        sa.ForeignKeyConstraint(["city_id"], ["areas.id"], name=op.f("fk_areas_city_id")),
        sa.ForeignKeyConstraint(["community_id"], ["areas.id"], name=op.f("fk_areas_community_id")),
        sa.ForeignKeyConstraint(["district_id"], ["areas.id"], name=op.f("fk_areas_district_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["areas.id"], name=op.f("fk_areas_parent_id")),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["areas.id"], name=op.f("fk_areas_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_areas")),
        sa.UniqueConstraint("code", name=op.f("uq_areas_code")),
    )
    op.create_index(op.f("ix_areas_name"), "areas", ["name"])
    op.create_index(op.f("ix_areas_parent_id_code"), "areas", ["parent_id", "code"])


def _accounts() -> None:
    op.create_table(
        "users",
        sa.Column("id", ID, nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=True),
        sa.Column("theme", sa.String(length=10), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    op.create_index(op.f("ix_users_name"), "users", ["name"])
    op.create_table(
        "api_tokens",
        sa.Column("id", ID, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=12), nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_tokens_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    op.create_index(op.f("ix_api_tokens_user_id"), "api_tokens", ["user_id"])
    op.create_table(
        "auth_sessions",
        sa.Column("id", ID, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_minutes", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_auth_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_auth_sessions_token_hash")),
    )
    op.create_index(op.f("ix_auth_sessions_user_id"), "auth_sessions", ["user_id"])


def _roster() -> None:
    op.create_table(
        "units",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("area_id", ID, nullable=False),
        sa.Column("domains", JSON, nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('team', 'desk', 'authority', 'office')", name=op.f("ck_units_kind_known")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_units_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("code", name=op.f("uq_units_code")),
    )
    op.create_index(op.f("ix_units_area_id"), "units", ["area_id"])
    op.create_table(
        "postings",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("area_id", ID, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "role IN ('officer', 'helper', 'desk', 'lead', 'area_leader', 'regulator', 'district_admin', 'sysadmin', 'secadmin', 'auditor')",
            name=op.f("ck_postings_role_known"),
        ),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_postings_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_postings_area_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_postings_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_postings_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postings")),
    )
    op.create_index(op.f("ix_postings_unit_id"), "postings", ["unit_id"])
    op.create_index(op.f("ix_postings_user_id"), "postings", ["user_id"])


def _enterprises() -> None:
    op.create_table(
        "enterprises",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=True),
        sa.Column("area_id", ID, nullable=False),
        sa.Column("city_id", ID, nullable=True),
        sa.Column("district_id", ID, nullable=True),
        sa.Column("subdistrict_id", ID, nullable=True),
        sa.Column("community_id", ID, nullable=True),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("size", sa.String(length=20), nullable=False),
        sa.Column("industry", sa.String(length=60), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_enterprises_area_id")),
        sa.ForeignKeyConstraint(["city_id"], ["areas.id"], name=op.f("fk_enterprises_city_id")),
        sa.ForeignKeyConstraint(["community_id"], ["areas.id"], name=op.f("fk_enterprises_community_id")),
        sa.ForeignKeyConstraint(["district_id"], ["areas.id"], name=op.f("fk_enterprises_district_id")),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["areas.id"], name=op.f("fk_enterprises_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprises")),
        sa.UniqueConstraint("name_key", "district_id", name=op.f("uq_enterprises_name_key_district_id")),
        sa.UniqueConstraint("uscc", name=op.f("uq_enterprises_uscc")),
    )
    op.create_index(op.f("ix_enterprises_community_id"), "enterprises", ["community_id"])
    op.create_index(op.f("ix_enterprises_district_id_id"), "enterprises", ["district_id", "id"])
    op.create_index(op.f("ix_enterprises_subdistrict_id"), "enterprises", ["subdistrict_id"])
    op.create_table(
        "contacts",
        sa.Column("id", ID, nullable=False),
        sa.Column("enterprise_id", ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("duty", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_contacts_enterprise_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_enterprise_id"), "contacts", ["enterprise_id"])
    op.create_table(
        "liaisons",
        sa.Column("id", ID, nullable=False),
        sa.Column("enterprise_id", ID, nullable=False),
        sa.Column("officer_id", ID, nullable=False),
        sa.Column("deputy_id", ID, nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["deputy_id"], ["users.id"], name=op.f("fk_liaisons_deputy_id")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_liaisons_enterprise_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["users.id"], name=op.f("fk_liaisons_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_liaisons")),
    )
    op.create_index(op.f("ix_liaisons_enterprise_id"), "liaisons", ["enterprise_id"])
    op.create_index(op.f("ix_liaisons_officer_id"), "liaisons", ["officer_id"])
    op.create_index(
        op.f("uq_liaisons_current"),
        "liaisons",
        ["enterprise_id"],
        unique=True,
        sqlite_where=sa.text("to_on IS NULL"),
        postgresql_where=sa.text("to_on IS NULL"),
    )


def _cases() -> None:
    op.create_table(
        "case_types",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("zh", sa.String(length=40), nullable=False),
        sa.Column("en", sa.String(length=60), nullable=False),
        sa.Column("hint_zh", sa.String(length=200), nullable=False),
        sa.Column("hint_en", sa.String(length=200), nullable=False),
        sa.Column("domain", sa.String(length=30), nullable=False),
        sa.Column("reviewer", sa.String(length=12), nullable=False),
        sa.Column("limits", JSON, nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("checklist", JSON, nullable=False),
        sa.Column("outcomes", JSON, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_types")),
        sa.UniqueConstraint("code", name=op.f("uq_case_types_code")),
    )
    op.create_table(
        "case_counters",
        sa.Column("district_id", ID, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["areas.id"], name=op.f("fk_case_counters_district_id")),
        sa.PrimaryKeyConstraint("district_id", "year", name=op.f("pk_case_counters")),
    )
    op.create_table(
        "cases",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("type_id", ID, nullable=False),
        sa.Column("domain", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("joint", sa.Boolean(), nullable=False),
        sa.Column("negotiated", sa.Boolean(), nullable=False),
        sa.Column("processed", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("origin", sa.String(length=80), nullable=True),
        sa.Column("external_ref", sa.String(length=80), nullable=True),
        sa.Column("enterprise_id", ID, nullable=True),
        sa.Column("requester", sa.String(length=200), nullable=False),
        sa.Column("contact_name", sa.String(length=60), nullable=False),
        sa.Column("contact_phone", sa.String(length=30), nullable=False),
        sa.Column("area_id", ID, nullable=False),
        sa.Column("city_id", ID, nullable=True),
        sa.Column("district_id", ID, nullable=True),
        sa.Column("subdistrict_id", ID, nullable=True),
        sa.Column("community_id", ID, nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("unit_id", ID, nullable=True),
        sa.Column("lead_id", ID, nullable=True),
        sa.Column("co_unit_ids", JSON, nullable=False),
        sa.Column("held_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", ID, nullable=True),
        sa.Column("result_by_id", ID, nullable=True),
        sa.Column("handler_ids", JSON, nullable=False),
        sa.Column("handled_by", JSON, nullable=False),
        sa.Column("reviewer", sa.String(length=12), nullable=False),
        sa.Column("left_state", sa.String(length=16), nullable=True),
        sa.Column("waiting", JSON, nullable=True),
        sa.Column("extension", JSON, nullable=True),
        sa.Column("result", JSON, nullable=True),
        sa.Column("callback_tries", sa.Integer(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", ID, nullable=True),
        sa.Column("split_from_id", ID, nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_clock", sa.String(length=16), nullable=True),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_limit", sa.Integer(), nullable=True),
        sa.Column("next_calendar", sa.String(length=8), nullable=True),
        sa.Column("next_paused", sa.Boolean(), nullable=False),
        sa.Column("last_verb", sa.String(length=40), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "is_open = (state IN ('accepted', 'callback', 'dispatched', 'in_progress', 'objected', 'parked', 'submitted', 'under_review', 'waiting'))",
            name=op.f("ck_cases_open_follows_state"),
        ),
        sa.CheckConstraint(
            "outcome IN ('solved', 'partly_solved', 'explained', 'unsolvable', 'statutory_route')",
            name=op.f("ck_cases_outcome_known"),
        ),
        sa.CheckConstraint(
            "source IN ('phone', 'walk_in', 'visit', 'portal', 'letter', 'import', 'api', 'split')",
            name=op.f("ck_cases_source_known"),
        ),
        sa.CheckConstraint(
            "state <> 'closed' OR (outcome IS NOT NULL AND closed_at IS NOT NULL)",
            name=op.f("ck_cases_closed_has_outcome"),
        ),
        sa.CheckConstraint(
            "state IN ('submitted', 'accepted', 'dispatched', 'in_progress', 'waiting', 'objected', 'parked', 'under_review', 'callback', 'closed', 'declined', 'withdrawn', 'merged')",
            name=op.f("ck_cases_state_known"),
        ),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_cases_area_id")),
        sa.ForeignKeyConstraint(["city_id"], ["areas.id"], name=op.f("fk_cases_city_id")),
        sa.ForeignKeyConstraint(["community_id"], ["areas.id"], name=op.f("fk_cases_community_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_cases_created_by_id")),
        sa.ForeignKeyConstraint(["district_id"], ["areas.id"], name=op.f("fk_cases_district_id")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_cases_enterprise_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["users.id"], name=op.f("fk_cases_lead_id")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["cases.id"], name=op.f("fk_cases_merged_into_id")),
        sa.ForeignKeyConstraint(["result_by_id"], ["users.id"], name=op.f("fk_cases_result_by_id")),
        sa.ForeignKeyConstraint(["split_from_id"], ["cases.id"], name=op.f("fk_cases_split_from_id")),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["areas.id"], name=op.f("fk_cases_subdistrict_id")),
        sa.ForeignKeyConstraint(["type_id"], ["case_types.id"], name=op.f("fk_cases_type_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_cases_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("code", name=op.f("uq_cases_code")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
        sa.UniqueConstraint("origin", "external_ref", name=op.f("uq_cases_origin_external_ref")),
    )
    op.create_index(op.f("ix_cases_community_open"), "cases", ["community_id", "is_open", "id"])
    op.create_index(op.f("ix_cases_district_due"), "cases", ["district_id", "is_open", "next_due_at", "id"])
    op.create_index(op.f("ix_cases_district_open"), "cases", ["district_id", "is_open", "id"])
    op.create_index(op.f("ix_cases_district_state"), "cases", ["district_id", "state", "type_id", "next_due_at", "id"])
    op.create_index(op.f("ix_cases_district_type"), "cases", ["district_id", "type_id", "id"])
    op.create_index(op.f("ix_cases_domain_state"), "cases", ["domain", "state", "next_due_at", "id"])
    op.create_index(op.f("ix_cases_enterprise"), "cases", ["enterprise_id", "id"])
    op.create_index(op.f("ix_cases_lead_due"), "cases", ["lead_id", "is_open", "next_due_at", "id"])
    op.create_index(op.f("ix_cases_lead_open"), "cases", ["lead_id", "is_open", "id"])
    op.create_index(op.f("ix_cases_merged_into"), "cases", ["merged_into_id"])
    op.create_index(op.f("ix_cases_split_from"), "cases", ["split_from_id"])
    op.create_index(op.f("ix_cases_subdistrict_open"), "cases", ["subdistrict_id", "is_open", "id"])
    op.create_index(op.f("ix_cases_unit_due"), "cases", ["unit_id", "is_open", "next_due_at", "id"])
    op.create_index(op.f("ix_cases_unit_open"), "cases", ["unit_id", "is_open", "id"])
    op.create_table(
        "assignments",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("part", sa.String(length=8), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("to_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("part IN ('lead', 'support')", name=op.f("ck_assignments_part_known")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_assignments_case_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_assignments_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_assignments_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
    )
    op.create_index(op.f("ix_assignments_case_id"), "assignments", ["case_id"])
    op.create_index(op.f("ix_assignments_user_open"), "assignments", ["user_id", "to_at", "accepted_at"])
    op.create_index(
        op.f("uq_assignments_lead"),
        "assignments",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("part = 'lead' AND to_at IS NULL"),
        postgresql_where=sa.text("part = 'lead' AND to_at IS NULL"),
    )
    op.create_table(
        "beneficiaries",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("enterprise_id", ID, nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=True),
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("monthly_rent_fen", sa.BigInteger(), nullable=True),
        sa.Column("floor_area_cm2", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("status_reason", sa.String(length=300), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('pending', 'settled', 'excluded')", name=op.f("ck_beneficiaries_status_known")),
        sa.CheckConstraint(
            "monthly_rent_fen IS NULL OR monthly_rent_fen >= 0", name=op.f("ck_beneficiaries_rent_not_negative")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_beneficiaries_case_id")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_beneficiaries_enterprise_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_beneficiaries")),
        sa.UniqueConstraint("case_id", "name", name=op.f("uq_beneficiaries_case_id_name")),
    )
    op.create_index("ix_beneficiaries_case_status", "beneficiaries", ["case_id", "status", "id"])


def _clocks() -> None:
    op.create_table(
        "calendar_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('holiday', 'workday')", name=op.f("ck_calendar_days_kind_known")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_days")),
    )
    op.create_table(
        "deadlines",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("clock", sa.String(length=20), nullable=False),
        sa.Column("calendar", sa.String(length=10), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("limit_minutes", sa.Integer(), nullable=False),
        sa.Column("extension_minutes", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("met", sa.Boolean(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("calendar IN ('always', 'working')", name=op.f("ck_deadlines_calendar_known")),
        sa.CheckConstraint(
            "clock IN ('acknowledge', 'first_contact', 'resolve', 'review', 'callback', 'parked', 'answer')",
            name=op.f("ck_deadlines_clock_known"),
        ),
        sa.CheckConstraint("NOT cancelled OR done_at IS NOT NULL", name=op.f("ck_deadlines_cancelled_is_stopped")),
        sa.CheckConstraint("limit_minutes >= 0", name=op.f("ck_deadlines_limit_minutes_positive")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_deadlines_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadlines")),
    )
    op.create_index(op.f("ix_deadlines_case_id"), "deadlines", ["case_id"])
    op.create_index(
        op.f("ix_deadlines_sweep"),
        "deadlines",
        ["clock", "due_at", "id"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(
        op.f("uq_deadlines_open"),
        "deadlines",
        ["case_id", "clock"],
        unique=True,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "deadline_pauses",
        sa.Column("id", ID, nullable=False),
        sa.Column("deadline_id", ID, nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("to_at IS NULL OR to_at >= from_at", name=op.f("ck_deadline_pauses_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["deadline_id"], ["deadlines.id"], name=op.f("fk_deadline_pauses_deadline_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_pauses")),
    )
    op.create_index(op.f("ix_deadline_pauses_deadline_id"), "deadline_pauses", ["deadline_id"])
    op.create_index(
        op.f("uq_deadline_pauses_open"),
        "deadline_pauses",
        ["deadline_id"],
        unique=True,
        sqlite_where=sa.text("to_at IS NULL"),
        postgresql_where=sa.text("to_at IS NULL"),
    )


def _files() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("storage_key", sa.String(length=80), nullable=False),
        sa.Column("thumbnail_key", sa.String(length=80), nullable=True),
        sa.Column("thumbnail_sha256", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("uploaded_by_id", ID, nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_attachments_sha256_whole")),
        sa.CheckConstraint("size > 0", name=op.f("ck_attachments_size_positive")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_attachments_case_id")),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["users.id"], name=op.f("fk_attachments_uploaded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_attachments_storage_key")),
        sa.UniqueConstraint("thumbnail_key", name=op.f("uq_attachments_thumbnail_key")),
        sa.UniqueConstraint("token", name=op.f("uq_attachments_token")),
    )
    op.create_index(op.f("ix_attachments_case_id"), "attachments", ["case_id"])


def _exchange() -> None:
    op.create_table(
        "import_runs",
        sa.Column("id", ID, nullable=False),
        sa.Column("target", sa.String(length=20), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("storage_key", sa.String(length=80), nullable=False),
        sa.Column("mapping", JSON, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("preview", JSON, nullable=False),
        sa.Column("report", JSON, nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('checked', 'waiting', 'running', 'done', 'stopped')", name=op.f("ck_import_runs_status_known")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_import_runs_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_runs")),
    )
    op.create_index(op.f("ix_import_runs_by_id_id"), "import_runs", ["by_id", "id"])
    op.create_index(op.f("ix_import_runs_status"), "import_runs", ["status"])


def _audit() -> None:
    op.create_table(
        "chain_heads",
        sa.Column("chain", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_chain_heads")),
    )
    op.create_table(
        "events",
        sa.Column("id", ID, nullable=False),
        sa.Column("chain", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("alg", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_events_actor_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_events_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("chain", "seq", name=op.f("uq_events_chain_seq")),
    )
    op.create_index(op.f("ix_events_case_id_id"), "events", ["case_id", "id"])
    op.create_table(
        "event_payloads",
        sa.Column("event_id", ID, autoincrement=False, nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_event_payloads_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_payloads")),
    )


def _seal() -> None:
    if not _is_sqlite():
        _run(REFUSE_POSTGRESQL)
    for table, key in SEALED.items():
        # REPLACE walks past the delete trigger, by whichever unique key it collides with.
        also = " OR (chain = NEW.chain AND seq = NEW.seq)" if table == "events" else ""
        _run((SEAL_SQLITE if _is_sqlite() else SEAL_POSTGRESQL).format(table=table, key=key, also=also))


def upgrade() -> None:
    _kernel()
    _areas()
    _accounts()
    _roster()
    _enterprises()
    _cases()
    _clocks()
    _files()
    _exchange()
    _audit()
    _seal()
    _run(INDEX_SQLITE if _is_sqlite() else INDEX_POSTGRESQL)


def downgrade() -> None:
    connection = op.get_bind()
    if _is_sqlite():
        # A dropped table deletes its rows first: the seals go before it.
        for table in SEALED:
            for verb in ("update", "delete", "replace"):
                connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{verb}")
        connection.exec_driver_sql("DROP TABLE search_index")
    for table in reversed(TABLES):
        op.drop_table(table)
    if not _is_sqlite():
        connection.exec_driver_sql("DROP FUNCTION refuse_change()")
