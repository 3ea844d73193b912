"""The inspecting test client: every page fetched in any test is looked over, and no work is left behind."""

from __future__ import annotations

import hashlib
from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import event
from werkzeug.test import TestResponse

from casework.kernel.db import db
from tests.harness.pages import Page

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
FIELD = "csrf_token"


class InspectingClient(FlaskClient):
    """A test client that behaves as a browser does, and complains.

    Each request has its own app context, session and ``g``, whatever the test has open; what the test has
    arranged is committed before, what it has loaded is read again after. The CSRF token of the session is
    sent in the header, as htmx does; ``sends_csrf = False`` leaves it out, ``inspects = False`` looks away.
    """

    sends_csrf = True
    inspects = True

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if self.preserve_context:  # inside `with client:` the test wants the request's own context
            return self._inspected(self._sent(*args, **kwargs))
        db.session.commit()
        with self.application.app_context():
            response = self._sent(*args, **kwargs)
            self._leaves_nothing_behind(response)
        db.session.expire_all()
        return self._inspected(response)

    def _sent(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **self._signed(kwargs))
        # Werkzeug writes a long upload to a temporary file and leaves it to the garbage collector.
        for answered in (*response.history, response):
            answered.request.environ["wsgi.input"].close()
        return response

    def _signed(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        if not self.sends_csrf or kwargs.get("method", "GET") in SAFE:
            return kwargs
        with self.session_transaction() as session:
            raw = session.setdefault(FIELD, hashlib.sha1(b"a test").hexdigest())
        token = URLSafeTimedSerializer(self.application.secret_key, salt="wtf-csrf-token").dumps(raw)
        return kwargs | {"headers": {**dict(kwargs.get("headers") or {}), "X-CSRFToken": token}}

    def _leaves_nothing_behind(self, response: TestResponse) -> None:
        session = db.session()
        unsaved = [*session.new, *session.dirty, *session.deleted]
        flushed = session.info.get("flushed", False)
        assert not unsaved, f"{response.request.path} left unsaved: {unsaved}"
        assert not flushed, f"{response.request.path} flushed a change and never committed it"

    def _inspected(self, response: TestResponse) -> TestResponse:
        if self.inspects and response.mimetype == "text/html" and response.status_code // 100 in (2, 4):
            complaints = Page(response.text).complaints()
            assert not complaints, f"{response.request.path}: " + "; ".join(complaints)
        return response


def watch_flushes() -> None:
    """Let every session know whether it holds a change that was written and not committed."""

    @event.listens_for(db.session, "after_flush")
    def _flushed(session: Any, _context: Any) -> None:
        session.info["flushed"] = True

    def _settled(session: Any) -> None:
        session.info["flushed"] = False

    event.listen(db.session, "after_commit", _settled)
    event.listen(db.session, "after_rollback", _settled)
