"""Temporary processes: templates and their versions, runs and what was submitted, visits, and issued documents."""

# ruff: noqa: E501 -- a closed set stays on one line

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

# In the order of their making; a table comes after those that it refers to.
TABLES = (
    "process_templates",
    "template_versions",
    "template_edits",
    "template_layouts",
    "process_runs",
    "step_runs",
    "submissions",
    "step_drafts",
    "visit_slots",
    "issue_counters",
    "issued_documents",
)
SEAL_SQLITE = (
    "CREATE TRIGGER submissions_no_update BEFORE UPDATE ON submissions BEGIN SELECT RAISE(ABORT, 'submissions is append-only'); END",
    "CREATE TRIGGER submissions_no_delete BEFORE DELETE ON submissions BEGIN SELECT RAISE(ABORT, 'submissions is append-only'); END",
    "CREATE TRIGGER submissions_no_replace BEFORE INSERT ON submissions WHEN EXISTS (SELECT 1 FROM submissions WHERE id = NEW.id OR (run_id = NEW.run_id AND no = NEW.no)) BEGIN SELECT RAISE(ABORT, 'submissions is append-only'); END",
    "CREATE TRIGGER template_versions_frozen BEFORE UPDATE OF definition, sha256, template_id, no ON template_versions WHEN OLD.state IN ('published', 'retired') BEGIN SELECT RAISE(ABORT, 'a published version never changes'); END",
    "CREATE TRIGGER template_versions_kept BEFORE DELETE ON template_versions WHEN OLD.state IN ('published', 'retired') BEGIN SELECT RAISE(ABORT, 'a published version stays'); END",
)
SEAL_POSTGRESQL = (
    "CREATE TRIGGER submissions_no_change BEFORE UPDATE OR DELETE ON submissions FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER submissions_no_truncate BEFORE TRUNCATE ON submissions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER template_versions_frozen BEFORE UPDATE OF definition, sha256, template_id, no ON template_versions FOR EACH ROW WHEN (OLD.state IN ('published', 'retired')) EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER template_versions_kept BEFORE DELETE ON template_versions FOR EACH ROW WHEN (OLD.state IN ('published', 'retired')) EXECUTE FUNCTION refuse_change()",
)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _templates() -> None:
    op.create_table(
        "process_templates",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("zh", sa.String(length=200), nullable=False),
        sa.Column("en", sa.String(length=200), nullable=False),
        sa.Column("purpose_zh", sa.String(length=2000), nullable=False),
        sa.Column("purpose_en", sa.String(length=2000), nullable=False),
        sa.Column("owner", sa.String(length=30), nullable=False),
        sa.Column("serves", JSON, nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sunset_on", sa.Date(), nullable=True),
        sa.Column("permanent", sa.Boolean(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("area_id", ID, nullable=False),
        sa.Column("city_id", ID, nullable=True),
        sa.Column("district_id", ID, nullable=True),
        sa.Column("subdistrict_id", ID, nullable=True),
        sa.Column("community_id", ID, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_process_templates_area_id")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_process_templates_author_id")),
        sa.ForeignKeyConstraint(["city_id"], ["areas.id"], name=op.f("fk_process_templates_city_id")),
        sa.ForeignKeyConstraint(["community_id"], ["areas.id"], name=op.f("fk_process_templates_community_id")),
        sa.ForeignKeyConstraint(["district_id"], ["areas.id"], name=op.f("fk_process_templates_district_id")),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["areas.id"], name=op.f("fk_process_templates_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_templates")),
        sa.UniqueConstraint("code", name=op.f("uq_process_templates_code")),
    )
    op.create_index("ix_process_templates_district", "process_templates", ["district_id", "id"], unique=False)
    op.create_index("ix_process_templates_sunset", "process_templates", ["owner", "sunset_on"], unique=False)
    op.create_table(
        "template_versions",
        sa.Column("id", ID, nullable=False),
        sa.Column("template_id", ID, nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("definition", JSON, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("editor_ids", JSON, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'published' OR (decided_by_id IS NOT NULL AND decided_by_id <> author_id AND valid_from IS NOT NULL)",
            name=op.f("ck_template_versions_published_by_another"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'in_review', 'published', 'retired')", name=op.f("ck_template_versions_state_known")
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_template_versions_ends_after_it_begins")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_template_versions_author_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["users.id"], name=op.f("fk_template_versions_decided_by_id")),
        sa.ForeignKeyConstraint(
            ["template_id"], ["process_templates.id"], name=op.f("fk_template_versions_template_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_versions")),
        sa.UniqueConstraint("template_id", "no", name=op.f("uq_template_versions_template_id_no")),
    )
    op.create_index(
        "uq_template_versions_unpublished",
        "template_versions",
        ["template_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('draft', 'in_review')"),
        postgresql_where=sa.text("state IN ('draft', 'in_review')"),
    )
    op.create_table(
        "template_edits",
        sa.Column("id", ID, nullable=False),
        sa.Column("version_id", ID, nullable=False),
        sa.Column("before", JSON, nullable=False),
        sa.Column("what", sa.String(length=120), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_template_edits_by_id")),
        sa.ForeignKeyConstraint(["version_id"], ["template_versions.id"], name=op.f("fk_template_edits_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_edits")),
    )
    op.create_index("ix_template_edits_version", "template_edits", ["version_id", "id"], unique=False)
    op.create_table(
        "template_layouts",
        sa.Column("version_id", ID, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("attachment_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachments.id"], name=op.f("fk_template_layouts_attachment_id")),
        sa.ForeignKeyConstraint(["version_id"], ["template_versions.id"], name=op.f("fk_template_layouts_version_id")),
        sa.PrimaryKeyConstraint("version_id", "name", name=op.f("pk_template_layouts")),
    )


def _runs() -> None:
    op.create_table(
        "process_runs",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("template_id", ID, nullable=False),
        sa.Column("version_id", ID, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("started_by_id", ID, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'running') = (ended_at IS NULL)", name=op.f("ck_process_runs_ended_or_running")),
        sa.CheckConstraint(
            "state IN ('running', 'done', 'rejected', 'cancelled')", name=op.f("ck_process_runs_state_known")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_process_runs_case_id")),
        sa.ForeignKeyConstraint(["started_by_id"], ["users.id"], name=op.f("fk_process_runs_started_by_id")),
        sa.ForeignKeyConstraint(["template_id"], ["process_templates.id"], name=op.f("fk_process_runs_template_id")),
        sa.ForeignKeyConstraint(["version_id"], ["template_versions.id"], name=op.f("fk_process_runs_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_runs")),
    )
    op.create_index("ix_process_runs_case", "process_runs", ["case_id", "id"], unique=False)
    op.create_index("ix_process_runs_template", "process_runs", ["template_id", "id"], unique=False)
    op.create_table(
        "step_runs",
        sa.Column("id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=12), nullable=False),
        sa.Column("domain", sa.String(length=30), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("limit_minutes", sa.Integer(), nullable=True),
        sa.Column("calendar", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.String(length=10), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.CheckConstraint("calendar IN ('always', 'working')", name=op.f("ck_step_runs_calendar_known")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_step_runs_case_id")),
        sa.ForeignKeyConstraint(["run_id"], ["process_runs.id"], name=op.f("fk_step_runs_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_runs")),
    )
    op.create_index(
        "ix_step_runs_case_open",
        "step_runs",
        ["case_id", "actor"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(
        "ix_step_runs_domain_open",
        "step_runs",
        ["domain", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index("ix_step_runs_run", "step_runs", ["run_id", "id"], unique=False)
    op.create_index(
        "uq_step_runs_open",
        "step_runs",
        ["run_id", "step"],
        unique=True,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "submissions",
        sa.Column("id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("result", sa.String(length=10), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("to_step", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("on_behalf", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "result IN ('done', 'approve', 'return', 'reject')", name=op.f("ck_submissions_result_known")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_submissions_by_id")),
        sa.ForeignKeyConstraint(["run_id"], ["process_runs.id"], name=op.f("fk_submissions_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
        sa.UniqueConstraint("run_id", "no", name=op.f("uq_submissions_run_id_no")),
    )
    op.create_table(
        "step_drafts",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["process_runs.id"], name=op.f("fk_step_drafts_run_id")),
        sa.PrimaryKeyConstraint("run_id", "step", name=op.f("pk_step_drafts")),
    )
    op.create_table(
        "visit_slots",
        sa.Column("id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_by_id", ID, nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > begins_at", name=op.f("ck_visit_slots_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["offered_by_id"], ["users.id"], name=op.f("fk_visit_slots_offered_by_id")),
        sa.ForeignKeyConstraint(["run_id"], ["process_runs.id"], name=op.f("fk_visit_slots_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_slots")),
    )
    op.create_index("ix_visit_slots_run", "visit_slots", ["run_id", "step", "begins_at"], unique=False)


def _issued() -> None:
    op.create_table(
        "issue_counters",
        sa.Column("template_id", ID, nullable=False),
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["template_id"], ["process_templates.id"], name=op.f("fk_issue_counters_template_id")),
        sa.PrimaryKeyConstraint("template_id", "series", "year", name=op.f("pk_issue_counters")),
    )
    op.create_table(
        "issued_documents",
        sa.Column("id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("template_id", ID, nullable=False),
        sa.Column("version_id", ID, nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("issue", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("zh", sa.String(length=200), nullable=False),
        sa.Column("en", sa.String(length=200), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by_id", ID, nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", ID, nullable=True),
        sa.Column("revoke_reason", sa.String(length=300), nullable=False),
        sa.Column("docx_id", ID, nullable=True),
        sa.Column("pdf_id", ID, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "revoked_at IS NOT NULL OR revoked_by_id IS NULL", name=op.f("ck_issued_documents_revoked_by_somebody")
        ),
        sa.CheckConstraint("valid_until > issued_at", name=op.f("ck_issued_documents_valid_for_a_time")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_issued_documents_case_id")),
        sa.ForeignKeyConstraint(["docx_id"], ["attachments.id"], name=op.f("fk_issued_documents_docx_id")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["users.id"], name=op.f("fk_issued_documents_issued_by_id")),
        sa.ForeignKeyConstraint(["pdf_id"], ["attachments.id"], name=op.f("fk_issued_documents_pdf_id")),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["users.id"], name=op.f("fk_issued_documents_revoked_by_id")),
        sa.ForeignKeyConstraint(["run_id"], ["process_runs.id"], name=op.f("fk_issued_documents_run_id")),
        sa.ForeignKeyConstraint(
            ["template_id"], ["process_templates.id"], name=op.f("fk_issued_documents_template_id")
        ),
        sa.ForeignKeyConstraint(["version_id"], ["template_versions.id"], name=op.f("fk_issued_documents_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_documents")),
        sa.UniqueConstraint("code", name=op.f("uq_issued_documents_code")),
        sa.UniqueConstraint(
            "template_id", "series", "year", "seq", name=op.f("uq_issued_documents_template_id_series_year_seq")
        ),
    )
    op.create_index("ix_issued_documents_case", "issued_documents", ["case_id", "id"], unique=False)
    op.create_index("ix_issued_documents_run", "issued_documents", ["run_id", "id"], unique=False)
    op.create_index(
        "ix_issued_documents_unsealed",
        "issued_documents",
        ["id"],
        unique=False,
        sqlite_where=sa.text("pdf_id IS NULL"),
        postgresql_where=sa.text("pdf_id IS NULL"),
    )


def upgrade() -> None:
    _templates()
    _runs()
    _issued()
    for statement in SEAL_SQLITE if _is_sqlite() else SEAL_POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    if _is_sqlite():
        # A dropped table deletes its rows first: the seals go before it.
        for statement in SEAL_SQLITE:
            op.get_bind().exec_driver_sql(f"DROP TRIGGER {statement.split()[2]}")
    for table in reversed(TABLES):
        op.drop_table(table)
