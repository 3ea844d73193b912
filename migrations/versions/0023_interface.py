"""What the interface for programs needs: whole answers kept by their key, networks of tokens, and events in order.

On PostgreSQL ids of events are given before they are committed, so that a reader may see 8 while 7 is still under
way. The default of the column takes a lock first that names the last id given: who reads up to an id asks for the
lowest of these locks (see casework/audit/horizon.py).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0021"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

NEXT_ID = """
CREATE FUNCTION next_event_id() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    -- Once a transaction: the first lock is the lowest. The setting ends with the transaction, as the lock does.
    IF coalesce(current_setting('casework.event_lock', true), '') <> 'held' THEN
        PERFORM pg_advisory_xact_lock_shared((4201::bigint << 48) | (last_value - (NOT is_called)::int))
            FROM events_id_seq;
        PERFORM set_config('casework.event_lock', 'held', true);
    END IF;
    RETURN nextval('events_id_seq');
END $$
"""


def upgrade() -> None:
    op.add_column("done_once", sa.Column("answer", JSON, nullable=True))
    op.add_column("api_tokens", sa.Column("networks", JSON, nullable=False, server_default="[]"))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(NEXT_ID)
        op.execute("ALTER TABLE events ALTER COLUMN id SET DEFAULT next_event_id()")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE events ALTER COLUMN id SET DEFAULT nextval('events_id_seq')")
        op.execute("DROP FUNCTION next_event_id()")
    with op.batch_alter_table("api_tokens") as table:
        table.drop_column("networks")
    with op.batch_alter_table("done_once") as table:
        table.drop_column("answer")
