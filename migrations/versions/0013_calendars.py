"""Calendars by name and area, and clocks for steps, promises and orders beside those of the case itself."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
OPEN, UNENDED = sa.text("done_at IS NULL"), sa.text("to_at IS NULL")
OLD_CLOCKS = ("acknowledge", "first_contact", "resolve", "review", "callback", "parked", "answer")
CLOCKS = (*OLD_CLOCKS, "plan", "step", "promise", "order")
OFFICE = json.dumps([{"from": "", "spans": [["09:00", "12:00"], ["14:00", "18:00"]]}])
EVERYWHERE = 1
"""The id of working time for everywhere: what `working` meant before."""


def upgrade() -> None:
    _calendars()
    _days()
    _rebuilt(CLOCKS, new=True)
    op.execute(
        "INSERT INTO deadlines (case_id, clock, subject_id, calendar_id, revision, started_at, limit_minutes, "
        "extension_minutes, due_at, cancelled) "
        f"SELECT case_id, 'step', id, CASE calendar WHEN 'working' THEN {EVERYWHERE} END, 1, ready_at, limit_minutes, "
        "0, due_at, false FROM step_runs WHERE done_at IS NULL AND limit_minutes IS NOT NULL"
    )
    op.add_column("cases", sa.Column("next_calendar_id", ID, nullable=True))
    op.execute(f"UPDATE cases SET next_calendar_id = {EVERYWHERE} WHERE next_calendar = 'working'")
    op.drop_column("cases", "next_calendar")


def _calendars() -> None:
    op.create_table(
        "calendars",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("area_id", ID, nullable=True),
        sa.Column("hours", JSON, nullable=False),
        sa.Column("week", JSON, nullable=False),
        sa.Column("holidays", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_calendars_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendars")),
        sa.UniqueConstraint("code", "area_id", name=op.f("uq_calendars_code_area_id")),
    )
    nowhere = sa.text("area_id IS NULL")
    where = {"sqlite_where": nowhere, "postgresql_where": nowhere}
    op.create_index("uq_calendars_everywhere", "calendars", ["code"], unique=True, **where)
    op.execute(
        "INSERT INTO calendars (code, name, hours, week, holidays, why, revision, version) "
        f"VALUES ('working', '工作时间', '{OFFICE}', '[0, 1, 2, 3, 4]', true, '', 1, 1)"
    )


def _days() -> None:
    """The days get a calendar; the table is made anew, as its key grows."""
    op.rename_table("calendar_days", "calendar_days_before")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE calendar_days_before DROP CONSTRAINT pk_calendar_days")
    op.create_table(
        "calendar_days",
        sa.Column("calendar_id", ID, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *_day_columns(),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendars.id"], name=op.f("fk_calendar_days_calendar_id")),
        sa.PrimaryKeyConstraint("calendar_id", "day", name=op.f("pk_calendar_days")),
    )
    op.execute(
        "INSERT INTO calendar_days (calendar_id, day, kind, name, official, version) "
        f"SELECT {EVERYWHERE}, day, kind, name, official, version FROM calendar_days_before"
    )
    op.drop_table("calendar_days_before")


def _day_columns() -> list[sa.SchemaItem]:
    return [
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('holiday', 'workday')", name=op.f("ck_calendar_days_kind_known")),
    ]


def _rebuilt(clocks: tuple[str, ...], *, new: bool) -> None:
    """Deadlines and pauses in new tables: SQLite cannot change a check, and dropping a parent drops its children."""
    if op.get_bind().dialect.name == "postgresql":
        for name in ("fk_deadline_pauses_deadline_id", "pk_deadline_pauses", "ck_deadline_pauses_ends_after_it_begins"):
            op.execute(f"ALTER TABLE deadline_pauses DROP CONSTRAINT {name}")
        op.execute("ALTER TABLE deadlines DROP CONSTRAINT pk_deadlines")
    for table, indexes in INDEXES.items():
        for name in (*indexes, *(NEW_INDEXES if not new and table == "deadlines" else ())):
            op.drop_index(name, table)
        op.rename_table(table, f"{table}_before")
    _deadlines(clocks, new)
    _pauses()
    shared = "id, case_id, clock, started_at, limit_minutes, extension_minutes, due_at, done_at, met, cancelled"
    there, here = (
        (", subject_id, calendar_id, revision", f", 0, CASE calendar WHEN 'working' THEN {EVERYWHERE} END, 1")
        if new
        else (", calendar", ", CASE WHEN calendar_id IS NULL THEN 'always' ELSE 'working' END")
    )
    kept = "" if new else " WHERE subject_id = 0 AND clock <> 'plan'"
    op.execute(f"INSERT INTO deadlines ({shared}{there}) SELECT {shared}{here} FROM deadlines_before{kept}")
    columns = "id, deadline_id, from_at, to_at, reason"
    op.execute(
        f"INSERT INTO deadline_pauses ({columns}) SELECT {columns} FROM deadline_pauses_before "
        "WHERE deadline_id IN (SELECT id FROM deadlines)"
    )
    op.drop_table("deadline_pauses_before")
    op.drop_table("deadlines_before")
    _go_on_counting("deadlines", "deadline_pauses")


INDEXES = {
    "deadline_pauses": ("ix_deadline_pauses_deadline_id", "uq_deadline_pauses_open"),
    "deadlines": ("ix_deadlines_case_id", "ix_deadlines_sweep", "uq_deadlines_open"),
}
NEW_INDEXES = ("ix_deadlines_stale", "ix_deadlines_calendar", "ix_deadlines_done")


def _go_on_counting(*tables: str) -> None:
    """The sequences of the new tables begin behind what was copied."""
    if op.get_bind().dialect.name == "postgresql":
        for table in tables:
            last = f"(SELECT coalesce(max(id), 0) + 1 FROM {table})"
            op.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last}, false)")


def _deadlines(clocks: tuple[str, ...], new: bool) -> None:
    known = ", ".join(f"'{clock}'" for clock in clocks)
    added: list[sa.SchemaItem] = [
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("calendar_id", ID, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("limit_days", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendars.id"], name=op.f("fk_deadlines_calendar_id")),
    ]
    before: list[sa.SchemaItem] = [
        sa.Column("calendar", sa.String(length=10), nullable=False),
        sa.CheckConstraint("calendar IN ('always', 'working')", name=op.f("ck_deadlines_calendar_known")),
    ]
    if op.get_bind().dialect.name == "postgresql":
        for name in ("cancelled_is_stopped", "limit_minutes_positive", "clock_known"):
            op.execute(f"ALTER TABLE deadlines_before DROP CONSTRAINT ck_deadlines_{name}")
        op.execute("ALTER TABLE deadlines_before DROP CONSTRAINT fk_deadlines_case_id")
    op.create_table(
        "deadlines",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("clock", sa.String(length=20), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("limit_minutes", sa.Integer(), nullable=False),
        sa.Column("extension_minutes", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("met", sa.Boolean(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.CheckConstraint(f"clock IN ({known})", name=op.f("ck_deadlines_clock_known")),
        sa.CheckConstraint("NOT cancelled OR done_at IS NOT NULL", name=op.f("ck_deadlines_cancelled_is_stopped")),
        sa.CheckConstraint("limit_minutes >= 0", name=op.f("ck_deadlines_limit_minutes_positive")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_deadlines_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadlines")),
        *(added if new else before),
    )
    still = {"sqlite_where": OPEN, "postgresql_where": OPEN}
    op.create_index("ix_deadlines_case_id", "deadlines", ["case_id"])
    op.create_index("ix_deadlines_sweep", "deadlines", ["clock", "due_at", "id"], **still)
    one = ["case_id", "clock", "subject_id"] if new else ["case_id", "clock"]
    op.create_index("uq_deadlines_open", "deadlines", one, unique=True, **still)
    if new:
        op.create_index("ix_deadlines_stale", "deadlines", ["calendar_id", "revision", "id"], **still)
        op.create_index("ix_deadlines_calendar", "deadlines", ["calendar_id", "due_at", "id"], **still)
        op.create_index("ix_deadlines_done", "deadlines", ["calendar_id", "done_at"])


def _pauses() -> None:
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
    op.create_index("ix_deadline_pauses_deadline_id", "deadline_pauses", ["deadline_id"])
    unended = {"sqlite_where": UNENDED, "postgresql_where": UNENDED}
    op.create_index("uq_deadline_pauses_open", "deadline_pauses", ["deadline_id"], unique=True, **unended)


def downgrade() -> None:
    op.add_column("cases", sa.Column("next_calendar", sa.String(length=8), nullable=True))
    kind = "CASE WHEN next_calendar_id IS NULL THEN 'always' ELSE 'working' END"
    op.execute(f"UPDATE cases SET next_calendar = {kind} WHERE next_clock IS NOT NULL")
    op.drop_column("cases", "next_calendar_id")
    _rebuilt(OLD_CLOCKS, new=False)
    op.rename_table("calendar_days", "calendar_days_after")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE calendar_days_after DROP CONSTRAINT pk_calendar_days")
    op.create_table(
        "calendar_days",
        sa.Column("day", sa.Date(), nullable=False),
        *_day_columns(),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_days")),
    )
    columns = "day, kind, name, official, version"
    op.execute(
        f"INSERT INTO calendar_days ({columns}) SELECT {columns} FROM calendar_days_after "
        f"WHERE calendar_id = {EVERYWHERE}"
    )
    op.drop_table("calendar_days_after")
    op.drop_table("calendars")
