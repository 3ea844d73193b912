"""The roster at scale: sending bodies, lasting pairs, first passwords that end, phones found by their last digits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Added one by one, not in a batch: on SQLite that would drop tables which others refer to.
    op.add_column("units", sa.Column("sent_by", sa.String(length=80), nullable=False, server_default=""))
    op.create_index("ix_units_name", "units", ["name"])
    op.add_column("users", sa.Column("phone_tail", sa.String(length=4), nullable=False, server_default=""))
    op.add_column("users", sa.Column("first_until", UTC, nullable=True))
    op.create_index("ix_users_phone_tail", "users", ["phone_tail"])
    op.add_column("import_runs", sa.Column("options", JSON, nullable=False, server_default="{}"))
    op.create_index("ix_absences_to_on", "absences", ["to_on", "from_on", "user_id"])
    with op.batch_alter_table("postings") as batch:  # nothing refers to it
        batch.add_column(sa.Column("sent_by", sa.String(length=80), nullable=False, server_default=""))
        batch.add_column(sa.Column("partner_id", ID, nullable=True))
        batch.create_foreign_key(op.f("fk_postings_partner_id"), "users", ["partner_id"], ["id"])
        batch.create_check_constraint(
            op.f("ck_postings_partner_is_another"), "partner_id IS NULL OR partner_id <> user_id"
        )
        batch.create_index("ix_postings_area_id", ["area_id", "role"])
        batch.create_index("ix_postings_to_on", ["to_on"])
        batch.create_index("ix_postings_sent_by", ["sent_by"])
    _tails()


def _tails() -> None:
    """The last four digits of the numbers that are known already."""
    users = sa.table("users", sa.column("id", ID), sa.column("phone", sa.String), sa.column("phone_tail", sa.String))
    connection = op.get_bind()
    for key, phone in connection.execute(sa.select(users.c.id, users.c.phone).where(users.c.phone != "")).all():
        digits = "".join(character for character in phone if character in "0123456789")
        if len(digits) >= 7:
            connection.execute(users.update().where(users.c.id == key).values(phone_tail=digits[-4:]))


def downgrade() -> None:
    with op.batch_alter_table("postings") as batch:
        for index in ("ix_postings_sent_by", "ix_postings_to_on", "ix_postings_area_id"):
            batch.drop_index(index)
        batch.drop_constraint(op.f("ck_postings_partner_is_another"), type_="check")
        batch.drop_constraint(op.f("fk_postings_partner_id"), type_="foreignkey")
        batch.drop_column("partner_id")
        batch.drop_column("sent_by")
    op.drop_index("ix_absences_to_on", "absences")
    op.drop_column("import_runs", "options")
    op.drop_index("ix_users_phone_tail", "users")
    op.drop_column("users", "first_until")
    op.drop_column("users", "phone_tail")
    op.drop_index("ix_units_name", "units")
    op.drop_column("units", "sent_by")
