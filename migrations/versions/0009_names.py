"""Firms are found by pinyin, initials and what follows the city in their name; cases by the phone of who reported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEYS = ("initials", "pinyin", "brand_key", "brand_initials", "brand_pinyin")
LETTERS = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
BATCH = 1000
# Whether the portal offers a template, and whether the enterprise began a run for itself.
FLAGS = (("process_templates", "portal"), ("process_runs", "by_requester"))


def upgrade() -> None:
    for key in KEYS:
        op.add_column("enterprises", sa.Column(key, LETTERS, server_default="", nullable=False))
    _fill()
    for key in KEYS:
        op.create_index(f"ix_enterprises_{key}", "enterprises", [key, "district_id"])
    op.create_index("ix_cases_contact_phone", "cases", ["contact_phone", "id"])
    for table, column in FLAGS:
        op.add_column(table, sa.Column(column, sa.Boolean(), server_default=sa.false(), nullable=False))


def _fill() -> None:
    """Give the firms that are there their keys: some 5,000 a second."""
    from casework.areas.places import stem
    from casework.enterprises.rules import found_by

    link = op.get_bind()
    columns = [sa.column(name) for name in ("id", "name_key", "city_id", "district_id", *KEYS)]
    firms = sa.table("enterprises", *columns)
    areas = sa.table("areas", *(sa.column(name) for name in ("id", "name", "level")))
    named = {row.id: (row.name, stem(row.name, row.level)) for row in link.execute(sa.select(areas))}
    change = (
        sa.update(firms).where(firms.c.id == sa.bindparam("key")).values({key: sa.bindparam(f"_{key}") for key in KEYS})
    )
    last = 0
    while rows := link.execute(sa.select(firms).where(firms.c.id > last).order_by(firms.c.id).limit(BATCH)).all():
        last = rows[-1].id
        found = []
        for row in rows:
            places = [name for area in (row.city_id, row.district_id) for name in named.get(area, ())]
            found.append(
                {"key": row.id, **{f"_{name}": value for name, value in found_by(row.name_key, places).items()}}
            )
        link.execute(change, found)


def downgrade() -> None:
    for table, column in reversed(FLAGS):
        op.drop_column(table, column)
    op.drop_index("ix_cases_contact_phone", "cases")
    for key in reversed(KEYS):
        op.drop_index(f"ix_enterprises_{key}", "enterprises")
    for key in reversed(KEYS):
        op.drop_column("enterprises", key)
