"""What every view that takes a form does: check it, carry it out in one transaction, or bring it back with reasons."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from casework.kernel import once, queued
from casework.kernel.db import transaction
from casework.kernel.errors import Conflict, Refused
from casework.kernel.forms import STALE, Form, VersionedForm
from casework.kernel.time import utcnow


def carry_out(
    form: Form, work: Callable[[], str], *, principal: str, prepare: Callable[[], None] | None = None, row: Any = None
) -> str | None:
    """Do the work of a posted form and say where it leads; None when it was refused: see ``form.http_status``.

    A second click leads where the first one led and does nothing; with other content it is refused. ``prepare`` runs
    before the transaction (files are taken in there); ``row`` is what a versioned form edits: 409 when it changed
    since the form was shown. What a browser had kept without signal is answered alike: see ``queued``.
    """
    op = form.op.data
    location = _carried_out(form, work, principal, queued.fingerprint() if op else "", prepare, row)
    if location is None:
        queued.refused(form)
    else:
        queued.led_to(op, location)
    return location


def _carried_out(
    form: Form, work: Callable[[], str], principal: str, content: str, prepare: Callable[[], None] | None, row: Any
) -> str | None:
    form.http_status = 422
    try:
        if earlier := once.earlier_answer(principal, form.op.data, content):
            return earlier
    except Refused as refusal:
        _said_otherwise(form, refusal)
        return None
    if not form.validate():
        return None
    try:
        if prepare is not None:
            prepare()
        with transaction():
            _stop_if_stale(form, row)
            location = work()
            once.remember(principal, form.op.data, location, now=utcnow(), content=content)
        return location
    except Refused as refusal:
        form.refuse(refusal.reasons)
        return None
    except Conflict:
        return _earlier_or_stale(form, principal, content, row)


def _earlier_or_stale(form: Form, principal: str, content: str, row: Any) -> str | None:
    """The same form came twice at once and the other was first; or somebody changed what it edits."""
    try:
        if earlier := once.earlier_answer(principal, form.op.data, content):
            return earlier
    except Refused as refusal:
        _said_otherwise(form, refusal)
        return None
    _stale(form, row)
    return None


def _said_otherwise(form: Form, refusal: Refused) -> None:
    """It comes back with a new key: sent again it is a new entry, in knowledge of the first."""
    form.refuse(refusal.reasons)
    form.op.data = secrets.token_urlsafe(16)


def _stop_if_stale(form: Form, row: Any) -> None:
    if row is not None and isinstance(form, VersionedForm) and form.is_stale(row):
        raise Conflict("stale")


def _stale(form: Form, row: Any) -> None:
    form.refuse([STALE])
    form.http_status = 409
    if row is not None and isinstance(form, VersionedForm):
        form.carry(row)
