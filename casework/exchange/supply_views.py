"""The ledger of a unit's supplies as XLSX, each export noted in the security log."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from casework import audit
from casework.exchange.events import SupplyLedgerExported
from casework.exchange.ledger import most_rows
from casework.exchange.workbook import XLSX_TYPE, Column, write_workbook
from casework.files.views import disposition
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs
from casework.roster.models import Unit
from casework.supplies import ledger as entries
from casework.supplies import queries
from casework.supplies.edge import asked
from casework.supplies.models import SupplyMovement
from casework.supplies.policy import READ
from casework.supplies.words import KINDS, Kind

blueprint = Blueprint("supply_sheets", __name__)
TITLES = (
    (N_("Entry"), "number", 8),
    (N_("When"), "datetime", 17),
    (N_("Kind of entry"), "text", 10),
    (N_("Item"), "text", 20),
    (N_("Batch number"), "text", 16),
    (N_("Expires on"), "date", 12),
    (N_("In or out"), "number", 10),
    (N_("Left of the batch"), "number", 12),
    (N_("Counted in"), "text", 8),
    (N_("From or to"), "text", 26),
    (N_("Reason"), "text", 40),
    (N_("Case number"), "text", 22),
    (N_("Takes back entry"), "number", 10),
    (N_("Entered by"), "text", 12),
)


@blueprint.get("/supplies/<int:unit_id>/ledger.xlsx")
@needs(READ)
def ledger(unit_id: int) -> ResponseReturnValue:
    """The ledger with its present filters, newest first, no more rows than may be taken out at once."""
    actor, now = current_actor(), utcnow()
    unit = queries.visible_unit(unit_id, to=actor)
    kind = request.args.get("kind") if request.args.get("kind") in tuple(Kind) else None
    columns = [Column(gettext(title), form, width) for title, form, width in TITLES]  # type: ignore[arg-type]
    with tempfile.TemporaryFile() as file:
        rows = write_workbook(file, gettext("Supplies ledger"), columns, _rows(actor, unit, asked("item"), kind))
        file.seek(0)
        content = file.read()
    name = gettext("Supplies %(unit)s %(day)s", unit=unit.name, day=local_day(now).isoformat())
    with transaction():
        audit.record(SupplyLedgerExported(unit_id=unit_id, unit=unit.name, rows=rows), by=actor, at=now)
    return Response(content, content_type=XLSX_TYPE, headers={"Content-Disposition": disposition(f"{name}.xlsx")})


def _rows(actor: Actor, unit: Unit, item_id: int | None, kind: str | None) -> Iterator[tuple[Any, ...]]:
    query = entries.entries_of(actor, unit.id, item_id, kind).order_by(SupplyMovement.id.desc())
    query = query.limit(most_rows(actor))
    for row in db.session.execute(query):
        entry = entries.entry_of(row)
        movement = entry.movement
        yield (
            movement.id,
            movement.at,
            gettext(KINDS[movement.kind]),
            entry.item.name,
            entry.stock.batch,
            entry.stock.expiry,
            movement.quantity,
            movement.balance,
            entry.item.measure,
            movement.party,
            movement.reason,
            entry.case_number,
            movement.corrects_id,
            entry.by,
        )
