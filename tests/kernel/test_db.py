"""The database is asked in a way that stays quick while tables grow."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from casework.kernel.db import db, planned_anew


def test_statements_of_a_long_import_are_planned_for_the_tables_as_they_are(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite plans each statement anew by itself")
    with planned_anew():
        assert db.session.scalar(sa.text("SHOW plan_cache_mode")) == "force_custom_plan"
    assert db.session.scalar(sa.text("SHOW plan_cache_mode")) == "auto"
