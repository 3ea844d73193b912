"""/healthz says that the process answers; /readyz that it can work: database, migrations, storage."""

from __future__ import annotations

from functools import lru_cache

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from casework.config import ROOT
from casework.files import storage
from casework.kernel import drift
from casework.kernel.db import db
from casework.kernel.models import JobState
from casework.kernel.web import public


@lru_cache(maxsize=1)
def expected_head() -> str | None:
    """The newest migration of this code."""
    return ScriptDirectory(str(ROOT / "migrations")).get_current_head()


@public
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@public
def readyz() -> ResponseReturnValue:
    """The database answers, its schema is this code's, and files can be kept. The scheduler's tick is only shown."""
    checks: dict[str, str] = {}
    tick = None
    try:
        head = db.session.scalar(sa.text("SELECT version_num FROM alembic_version"))
        checks["database"] = "ok"
        checks["migrations"] = "ok" if head == expected_head() else f"at {head}, expected {expected_head()}"
        tick = db.session.scalar(sa.select(sa.func.max(JobState.last_end)))
    except sa.exc.SQLAlchemyError:
        db.session.rollback()
        checks["database"] = "unreachable or not migrated"
    checks["storage"] = "ok" if storage.current().is_writable() else "not writable"
    ready = all(value == "ok" for value in checks.values())
    answer = jsonify(ready=ready, checks=checks, scheduler_last_tick=tick.isoformat() if tick else None, **_clock())
    return answer, 200 if ready else 503


def _clock() -> dict[str, bool]:
    """Whether jobs wait because a clock is not believed; shown, it does not make the node unready."""
    try:
        return {"clock_believed": drift.open_alarm() is None}
    except sa.exc.SQLAlchemyError:
        db.session.rollback()
        return {}


def install(app: Flask) -> None:
    """Add the two addresses."""
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)
