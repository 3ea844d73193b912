"""On PostgreSQL texts bear the mark of their slice: of the 1,024 texts whose ids lie together.

The index then leaves out older texts by itself, where only the newest are wanted. The column is made anew, which
takes about a minute for half a million texts, in which nobody can search or write. On both databases the index of a
team's cases knows their districts, which a search asks for.
"""

from __future__ import annotations

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

PLAIN = "tokens"
SLICED = "tokens || ' ｓ' || (id / 1024)"


def _index(text: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        return  # FTS5 gives its rows by falling id by itself
    op.execute("ALTER TABLE search_docs DROP COLUMN vector")
    vector = f"tsvector GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, {text})) STORED"
    op.execute(f"ALTER TABLE search_docs ADD COLUMN vector {vector}")
    op.execute("CREATE INDEX ix_search_docs_vector ON search_docs USING gin (vector)")
    op.execute("ANALYZE search_docs")


def _team_index(*more: str) -> None:
    op.drop_index("ix_cases_unit_open", "cases")
    op.create_index("ix_cases_unit_open", "cases", ["unit_id", "is_open", "id", *more])


def upgrade() -> None:
    _index(SLICED)
    _team_index("district_id")


def downgrade() -> None:
    _index(PLAIN)
    _team_index()
