"""The ladder of reminders: when each clock is looked at next, what was told at which level, urging; promises run."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
LOOKED_AT, UNSEEN = sa.text("look_at IS NOT NULL"), sa.text("seen_at IS NULL")
LEVELS = ("yellow", "red", "lead", "area_leader", "regulator")
SHANGHAI = ZoneInfo("Asia/Shanghai")
BATCH = 1000


def upgrade() -> None:
    op.add_column("deadlines", sa.Column("look_at", sa.DateTime(timezone=True), nullable=True))
    _promises()
    op.drop_index("ix_commitments_remind", "commitments")
    op.execute("UPDATE deadlines SET look_at = started_at WHERE done_at IS NULL AND due_at >= CURRENT_TIMESTAMP")
    where = {"sqlite_where": LOOKED_AT, "postgresql_where": LOOKED_AT}
    op.create_index("ix_deadlines_look", "deadlines", ["look_at", "id"], **where)
    _ladders()
    _escalations()
    _late_already()
    op.create_table(
        "urges",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_urges_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_urges_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urges")),
    )
    op.create_index("ix_urges_case", "urges", ["case_id", "at"])


def _ladders() -> None:
    op.create_table(
        "escalation_ladders",
        sa.Column("district_id", ID, autoincrement=False, nullable=False),
        sa.Column("yellow_percent", sa.Integer(), nullable=False),
        sa.Column("yellow_minutes", sa.Integer(), nullable=False),
        sa.Column("gaps", JSON, nullable=False),
        sa.Column("urgent_gaps", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["areas.id"], name=op.f("fk_escalation_ladders_district_id")),
        sa.PrimaryKeyConstraint("district_id", name=op.f("pk_escalation_ladders")),
    )


def _escalations() -> None:
    known = ", ".join(f"'{level}'" for level in LEVELS)
    op.create_table(
        "escalations",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("deadline_id", ID, nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"level IN ({known})", name=op.f("ck_escalations_level_known")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_escalations_case_id")),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadlines.id"], name=op.f("fk_escalations_deadline_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
        sa.UniqueConstraint("deadline_id", "level", "due_at", name=op.f("uq_escalations_deadline_id_level_due_at")),
    )
    op.create_index("ix_escalations_case", "escalations", ["case_id", "id"])
    op.create_table(
        "escalation_readers",
        sa.Column("escalation_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalations.id"], name=op.f("fk_escalation_readers_escalation_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_escalation_readers_user_id")),
        sa.PrimaryKeyConstraint("escalation_id", "user_id", name=op.f("pk_escalation_readers")),
    )
    op.create_index(
        "ix_escalation_readers_unseen",
        "escalation_readers",
        ["user_id", "escalation_id"],
        sqlite_where=UNSEEN,
        postgresql_where=UNSEEN,
    )


def _late_already() -> None:
    """What is late stands on every desk already: it counts as told, or the first sweep would tell it all at once."""
    levels = " UNION ALL ".join(f"SELECT '{level}' AS level" for level in LEVELS)
    op.execute(
        "INSERT INTO escalations (case_id, deadline_id, level, due_at) SELECT d.case_id, d.id, l.level, d.due_at "
        f"FROM deadlines d CROSS JOIN ({levels}) l WHERE d.done_at IS NULL AND d.due_at < CURRENT_TIMESTAMP"
    )


def _promises() -> None:
    """A clock for each promise without proof yet on an open case: from the day it was made to the end of its day."""
    link = op.get_bind()
    owed = sa.text(
        "SELECT c.id, c.case_id, c.promised_on, c.due_on FROM commitments c JOIN cases k ON k.id = c.case_id "
        "WHERE c.state = 'open' AND k.is_open AND c.id > :after ORDER BY c.id LIMIT :batch"
    ).columns(id=ID, case_id=ID, promised_on=sa.Date(), due_on=sa.Date())
    deadlines = sa.table(
        "deadlines",
        *(sa.column(name, ID) for name in ("case_id", "subject_id")),
        sa.column("clock", sa.String()),
        *(sa.column(name, sa.Integer()) for name in ("revision", "limit_minutes", "extension_minutes")),
        *(sa.column(name, sa.DateTime(timezone=True)) for name in ("started_at", "due_at")),
        sa.column("cancelled", sa.Boolean()),
    )
    after = 0
    while rows := link.execute(owed, {"after": after, "batch": BATCH}).all():
        after = rows[-1].id
        link.execute(sa.insert(deadlines), [_clock_of(*row, naive=link.dialect.name == "sqlite") for row in rows])


def _clock_of(key: int, case_id: int, promised_on: date, due_on: date, *, naive: bool) -> dict[str, object]:
    def midnight(day: date) -> datetime:
        moment = datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
        return moment.replace(tzinfo=None) if naive else moment

    days = (due_on - promised_on).days + 1
    return {
        "case_id": case_id, "subject_id": key, "clock": "promise", "revision": 0, "limit_minutes": days * 1440,
        "extension_minutes": 0, "started_at": midnight(promised_on), "due_at": midnight(due_on + timedelta(days=1)),
        "cancelled": False,
    }  # fmt: skip


def downgrade() -> None:
    for table in ("urges", "escalation_readers", "escalations", "escalation_ladders"):
        op.drop_table(table)
    op.drop_index("ix_deadlines_look", "deadlines")
    pauses = "DELETE FROM deadline_pauses WHERE deadline_id IN (SELECT id FROM deadlines WHERE clock = 'promise')"
    op.execute(pauses)
    op.execute("DELETE FROM deadlines WHERE clock = 'promise'")
    op.drop_column("deadlines", "look_at")
    unsettled = sa.text("state IN ('open', 'proven')")
    where = {"sqlite_where": unsettled, "postgresql_where": unsettled}
    op.create_index("ix_commitments_remind", "commitments", ["due_on", "id"], **where)
