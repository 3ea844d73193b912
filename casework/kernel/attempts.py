"""What every view that takes a form does: check it, carry it out in one transaction, or bring it back with reasons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from casework.kernel import once
from casework.kernel.db import transaction
from casework.kernel.errors import Conflict, Refused
from casework.kernel.forms import STALE, Form, VersionedForm
from casework.kernel.time import utcnow


def carry_out(
    form: Form, work: Callable[[], str], *, principal: str, prepare: Callable[[], None] | None = None, row: Any = None
) -> str | None:
    """Do the work of a posted form and say where it leads; None when it was refused: see ``form.http_status``.

    A second click leads where the first one led and does nothing. ``prepare`` runs before the transaction (files
    are taken in there); ``row`` is what a versioned form edits: 409 when it changed since the form was shown.
    """
    if earlier := once.earlier_answer(principal, form.op.data):
        return earlier
    form.http_status = 422
    if not form.validate():
        return None
    try:
        if prepare is not None:
            prepare()
        with transaction():
            _stop_if_stale(form, row)
            location = work()
            once.remember(principal, form.op.data, location, now=utcnow())
        return location
    except Refused as refusal:
        form.refuse(refusal.reasons)
        return None
    except Conflict:
        if earlier := once.earlier_answer(principal, form.op.data):
            return earlier
        _stale(form, row)
        return None


def _stop_if_stale(form: Form, row: Any) -> None:
    if row is not None and isinstance(form, VersionedForm) and form.is_stale(row):
        raise Conflict("stale")


def _stale(form: Form, row: Any) -> None:
    form.refuse([STALE])
    form.http_status = 409
    if row is not None and isinstance(form, VersionedForm):
        form.carry(row)
