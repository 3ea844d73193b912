"""Noting reads: once a person, case and day, after the answer has left, so that no page waits for it."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date

import structlog
from flask import Flask, Response, current_app, g, has_request_context
from sqlalchemy.exc import SQLAlchemyError

from casework.cases.models import Case
from casework.kernel.db import db, insert_into, transaction
from casework.kernel.errors import CaseworkError
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day, utcnow
from casework.registers.models import CaseRead
from casework.registers.rules import handles

log = structlog.get_logger()
Read = tuple[int, int, date]
REMEMBERED = 20_000


class Noted:
    """The reads that this process knows to be in the table: a second look at a case costs nothing."""

    def __init__(self) -> None:
        self._known: OrderedDict[Read, None] = OrderedDict()

    def add(self, read: Read) -> None:
        """Remember one, and let the oldest go."""
        self._known[read] = None
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def __contains__(self, read: object) -> bool:
        return read in self._known


def remember(case: Case, actor: Actor) -> None:
    """Somebody opened a case in this request; whoever handles it is not noted."""
    if has_request_context() and not handles(actor.user_id, case.holder_ids, case.handled_by or ()):
        g.setdefault("read_cases", set()).add((case.id, actor.user_id, local_day(utcnow())))


def install(app: Flask) -> None:
    """Write what was read once the answer is out."""
    app.extensions["reads"] = Noted()
    app.after_request(_after)


def _after(response: Response) -> Response:
    read: set[Read] = g.get("read_cases", set())
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    fresh = [one for one in read if one not in app.extensions["reads"]]
    if fresh and response.status_code < 400:

        def write() -> None:
            with app.app_context():
                note(app, fresh)

        response.call_on_close(write)
    return response


def note(app: Flask, reads: list[Read]) -> None:
    """Enter reads that are not there yet. A database that is busy is asked again at the next look."""
    now = utcnow()
    rows = [{"case_id": case, "user_id": user, "day": day, "first_at": now} for case, user, day in reads]
    try:
        with transaction():
            db.session.execute(insert_into(CaseRead).on_conflict_do_nothing(), rows)
    except (CaseworkError, SQLAlchemyError) as error:
        log.warning("a read was not noted", error=str(error)[:200])
        return
    for one in reads:
        app.extensions["reads"].add(one)
