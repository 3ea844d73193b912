"""Tables of temporary processes. What was submitted is append-only by trigger, and so is a version once published."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.areas.models import Placed
from casework.clocks.kinds import CalendarKind
from casework.kernel.db import Id, Model, Versioned, closed_set, key, ref
from casework.processes.words import Result, RunState, VersionState

_UNPUBLISHED = sa.text("state IN ('draft', 'in_review')")
_OPEN = sa.text("done_at IS NULL")


class ProcessTemplate(Placed, Versioned, Model):
    """A temporary process that an area offers. Its texts repeat those of the newest published version, for lists.

    ``serves`` are codes of case types; ``owner`` is the domain of the authority that answers for it. No run starts
    after ``sunset_on`` unless it was made ``permanent``. With ``portal`` an enterprise may begin it for itself.
    """

    __tablename__ = "process_templates"
    __table_args__ = (
        sa.UniqueConstraint("code"),
        sa.Index("ix_process_templates_district", "district_id", "id"),
        sa.Index("ix_process_templates_sunset", "owner", "sunset_on"),
    )

    id: Mapped[int] = key()
    code: Mapped[str] = mapped_column(sa.String(30))
    zh: Mapped[str] = mapped_column(sa.String(200))
    en: Mapped[str] = mapped_column(sa.String(200), default="")
    purpose_zh: Mapped[str] = mapped_column(sa.String(2000), default="")
    purpose_en: Mapped[str] = mapped_column(sa.String(2000), default="")
    owner: Mapped[str] = mapped_column(sa.String(30), default="")
    serves: Mapped[list[Any]]
    author_id: Mapped[int] = ref("users.id")
    made_at: Mapped[datetime]
    sunset_on: Mapped[date | None]
    permanent: Mapped[bool] = mapped_column(default=False)
    retired_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    runs: Mapped[int] = mapped_column(default=0)
    published: Mapped[bool] = mapped_column(default=False)
    portal: Mapped[bool] = mapped_column(default=False, server_default=sa.false())

    def label(self, locale: str) -> str:
        """Its name in the reader's language."""
        return (self.en or self.zh) if locale == "en" else (self.zh or self.en)

    def purpose(self, locale: str) -> str:
        """What it is for, in the reader's language."""
        return (self.purpose_en or self.purpose_zh) if locale == "en" else (self.purpose_zh or self.purpose_en)


class TemplateVersion(Versioned, Model):
    """One version: the whole definition, and the days on which a run may begin under it. One at a time is unpublished.

    ``editor_ids`` are the people who changed it: none of them approves it. ``sha256`` seals the definition from
    publishing on.
    """

    __tablename__ = "template_versions"
    __table_args__ = (
        closed_set(VersionState, "state"),
        sa.UniqueConstraint("template_id", "no"),
        sa.CheckConstraint(
            "state <> 'published' OR "
            "(decided_by_id IS NOT NULL AND decided_by_id <> author_id AND valid_from IS NOT NULL)",
            name="published_by_another",
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ends_after_it_begins"),
        sa.Index(
            "uq_template_versions_unpublished",
            "template_id",
            unique=True,
            sqlite_where=_UNPUBLISHED,
            postgresql_where=_UNPUBLISHED,
        ),
    )

    id: Mapped[int] = key()
    template_id: Mapped[int] = ref("process_templates.id")
    no: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(10))
    definition: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    author_id: Mapped[int] = ref("users.id")
    editor_ids: Mapped[list[Any]]
    made_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = ref("users.id", null=True)
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


class TemplateEdit(Model):
    """What a draft was before a change, so that the change can be undone. ``what`` is a message id."""

    __tablename__ = "template_edits"
    __table_args__ = (sa.Index("ix_template_edits_version", "version_id", "id"),)

    id: Mapped[int] = key()
    version_id: Mapped[int] = ref("template_versions.id")
    before: Mapped[dict[str, Any]]
    what: Mapped[str] = mapped_column(sa.String(120), default="")
    by_id: Mapped[int] = ref("users.id")
    at: Mapped[datetime]


class TemplateLayout(Model):
    """A document layout (.docx) of a version, by the name under which its steps ask for it."""

    __tablename__ = "template_layouts"

    version_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("template_versions.id"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    attachment_id: Mapped[int] = ref("attachments.id")


class ProcessRun(Versioned, Model):
    """A process under way on a case, pinned to a version. Where it stands is folded from its submissions.

    ``started_by_id`` began it; where the enterprise did so for itself (``by_requester``) it is who offers the template.
    """

    __tablename__ = "process_runs"
    __table_args__ = (
        closed_set(RunState, "state"),
        sa.CheckConstraint("(state = 'running') = (ended_at IS NULL)", name="ended_or_running"),
        sa.Index("ix_process_runs_case", "case_id", "id"),
        sa.Index("ix_process_runs_template", "template_id", "id"),
        sa.Index(
            "ix_process_runs_running",
            *("template_id", "case_id"),
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        ),
    )

    id: Mapped[int] = key()
    case_id: Mapped[int] = ref("cases.id")
    template_id: Mapped[int] = ref("process_templates.id")
    version_id: Mapped[int] = ref("template_versions.id")
    state: Mapped[str] = mapped_column(sa.String(10))
    started_by_id: Mapped[int] = ref("users.id")
    by_requester: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    sent: Mapped[int] = mapped_column(default=0)


class StepRun(Model):
    """One opening of a step: since when its actor may act, until when it should be done, and when it was.

    Minutes are counted by ``calendar``. A step that a return holds or opens again gets a new row. The desk lists read
    these rows; what is true of the run is its submissions.
    """

    __tablename__ = "step_runs"
    __table_args__ = (
        closed_set(CalendarKind, "calendar"),
        sa.Index("ix_step_runs_run", "run_id", "id"),
        sa.Index("uq_step_runs_open", "run_id", "step", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ix_step_runs_case_open", "case_id", "actor", sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ix_step_runs_domain_open", "domain", "due_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[int] = key()
    run_id: Mapped[int] = ref("process_runs.id")
    case_id: Mapped[int] = ref("cases.id")
    step: Mapped[str] = mapped_column(sa.String(40))
    actor: Mapped[str] = mapped_column(sa.String(12))
    domain: Mapped[str] = mapped_column(sa.String(30), default="")
    ready_at: Mapped[datetime]
    limit_minutes: Mapped[int | None]
    calendar: Mapped[str] = mapped_column(sa.String(10))
    due_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(sa.String(10), default="")
    minutes: Mapped[int | None]


class Submission(Model):
    """What an actor sent for a step. Never changed: a return and a new submission both stay."""

    __tablename__ = "submissions"
    __table_args__ = (closed_set(Result, "result"), sa.UniqueConstraint("run_id", "no"))

    id: Mapped[int] = key()
    run_id: Mapped[int] = ref("process_runs.id")
    no: Mapped[int]
    step: Mapped[str] = mapped_column(sa.String(40))
    result: Mapped[str] = mapped_column(sa.String(10))
    answers: Mapped[dict[str, Any]]
    to_step: Mapped[str] = mapped_column(sa.String(40), default="")
    note: Mapped[str] = mapped_column(sa.String(1000), default="")
    by_id: Mapped[int | None] = ref("users.id", null=True)
    on_behalf: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]


class StepDraft(Model):
    """What was typed for a step and not yet sent, as it was typed."""

    __tablename__ = "step_drafts"

    run_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("process_runs.id"), primary_key=True)
    step: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    answers: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class VisitSlot(Versioned, Model):
    """A time at which whoever acts on site could come; the enterprise chooses one, and it becomes a visit."""

    __tablename__ = "visit_slots"
    __table_args__ = (
        sa.CheckConstraint("ends_at > begins_at", name="ends_after_it_begins"),
        sa.Index("ix_visit_slots_run", "run_id", "step", "begins_at"),
        sa.Index("ix_visit_slots_offered_by_id", "offered_by_id", "begins_at"),
    )

    id: Mapped[int] = key()
    run_id: Mapped[int] = ref("process_runs.id")
    step: Mapped[str] = mapped_column(sa.String(40))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    offered_by_id: Mapped[int] = ref("users.id")
    offered_at: Mapped[datetime]
    chosen_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class IssueCounter(Model):
    """The last number of a template's series in a year; locked while a document is issued, so that none is skipped."""

    __tablename__ = "issue_counters"

    template_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("process_templates.id"), primary_key=True)
    series: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class IssuedDocument(Versioned, Model):
    """A numbered document. ``code`` is the secret of its address; ``facts`` are what anyone may verify, as shown then.

    The files are written after the number is given and sealed by their hashes; until then both ids are null.
    """

    __tablename__ = "issued_documents"
    __table_args__ = (
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("template_id", "series", "year", "seq"),
        sa.CheckConstraint("valid_until > issued_at", name="valid_for_a_time"),
        sa.CheckConstraint("revoked_at IS NOT NULL OR revoked_by_id IS NULL", name="revoked_by_somebody"),
        sa.Index("ix_issued_documents_run", "run_id", "id"),
        sa.Index("ix_issued_documents_case", "case_id", "id"),
        sa.Index(
            "ix_issued_documents_unsealed",
            "id",
            sqlite_where=sa.text("pdf_id IS NULL"),
            postgresql_where=sa.text("pdf_id IS NULL"),
        ),
    )

    id: Mapped[int] = key()
    run_id: Mapped[int] = ref("process_runs.id")
    case_id: Mapped[int] = ref("cases.id")
    template_id: Mapped[int] = ref("process_templates.id")
    version_id: Mapped[int] = ref("template_versions.id")
    step: Mapped[str] = mapped_column(sa.String(40))
    issue: Mapped[str] = mapped_column(sa.String(40))
    code: Mapped[str] = mapped_column(sa.String(26))
    series: Mapped[str] = mapped_column(sa.String(20))
    year: Mapped[int]
    seq: Mapped[int]
    zh: Mapped[str] = mapped_column(sa.String(200))
    en: Mapped[str] = mapped_column(sa.String(200), default="")
    issuer: Mapped[str] = mapped_column(sa.String(200), default="")
    facts: Mapped[list[Any]]
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int] = ref("users.id")
    valid_until: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = ref("users.id", null=True)
    revoke_reason: Mapped[str] = mapped_column(sa.String(300), default="")
    docx_id: Mapped[int | None] = ref("attachments.id", null=True)
    pdf_id: Mapped[int | None] = ref("attachments.id", null=True)

    @property
    def number(self) -> str:
        """Its number as officers write it: 临发〔2020〕1号."""
        return f"{self.series}〔{self.year}〕{self.seq}号"

    def title(self, locale: str) -> str:
        """Its title in the reader's language."""
        return (self.en or self.zh) if locale == "en" else (self.zh or self.en)
