"""A ledger that comes back: compared and shown, then taken over row by row through the same correction as on the page.

Each row has a transaction of its own and says in it what became of it: cut off half-way it goes on where it stopped,
and two processes at once write no row twice. Whatever moved since the comparison was shown is left alone and named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import force_locale

from casework import audit
from casework.audit.service import Origin, origin
from casework.files.rules import clean_name
from casework.kernel.db import db, one, transaction
from casework.kernel.errors import N_, Conflict, NotFound, NotPermitted, Reason, Refused, because
from casework.kernel.i18n import LANGUAGES, speaking
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day, utcnow
from casework.ledgers import back as ledger_back
from casework.ledgers import marks as ledger_marks
from casework.ledgers.back import NOT_YOURS, Compared
from casework.ledgers.events import LedgerTakenBack
from casework.ledgers.models import LedgerReturn, ReturnRow, ReturnState, RowKind, RowResult
from casework.ledgers.returning import RETURNING, Reader, Returning, key
from casework.ledgers.taking_out import LISTS
from casework.roster.queries import actor_for
from casework.sheets import uploads

IN_PART = (RowResult.WAITING, RowResult.DONE)
AT_ONCE = 50
"""Up to so many rows the page does itself; beyond, the job does."""
TRIES = 3
MOVED = N_("Somebody changed it after the comparison was shown: it stays as it stands.")
KEPT = N_("“%(column)s” stays as the colleague wrote it.")
BUSY = N_("Somebody else was changing it: send the row once more.")


def compared(content: bytes, filename: str, *, actor: Actor, now: datetime) -> tuple[LedgerReturn, list[Compared]]:
    """Read a file and compare it; nothing is written.

    Raises:
        Refused: it is no ledger that was taken out here.
    """
    sheet = ledger_back.understand(uploads.table(content, filename, {}))
    unchanged, found = ledger_back.compare(sheet, actor)
    made = LedgerReturn(
        list_name=sheet.of.name,
        filename=clean_name(filename),
        sha256=hashlib.sha256(content).hexdigest(),
        locale=sheet.locale,
        status=ReturnState.COMPARED,
        rows_total=len(sheet.rows),
        unchanged=unchanged,
        by_id=actor.user_id,
        at=now,
    )
    return made, found


def keep(made: LedgerReturn, found: Sequence[Compared]) -> LedgerReturn:
    """Store a comparison, in the caller's transaction."""
    db.session.add(made)
    db.session.flush()  # the rows name the id
    db.session.add_all(
        ReturnRow(
            return_id=made.id,
            row=one.row,
            number=one.number[:30],
            kind=one.kind,
            changes={name: change.packed() for name, change in one.changes.items()},
            reasons=[_kept(reason) for reason in one.reasons],
            take=False,
            result=RowResult.REFUSED if one.kind == RowKind.REFUSED else RowResult.WAITING,
        )
        for one in found
    )
    return made


def visible_return(key: int, *, to: Actor) -> LedgerReturn:
    """A ledger that one sent back oneself.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    return one(sa.select(LedgerReturn).where(LedgerReturn.id == key, LedgerReturn.by_id == to.user_id), "ledger")


def rows_of(made: LedgerReturn, size: int, *conditions: sa.ColumnElement[bool]) -> list[ReturnRow]:
    """Rows that differ, in the order of the file."""
    query = sa.select(ReturnRow).where(ReturnRow.return_id == made.id, *conditions).order_by(ReturnRow.row)
    return list(db.session.scalars(query.limit(size)))


def left_cells() -> sa.Function[int]:
    """How many single cells of a row that is taken over stay as they are: there is one reason for each."""
    name = "jsonb_array_length" if db.engine.dialect.name == "postgresql" else "json_array_length"
    return sa.Function(name, ReturnRow.reasons, type_=sa.Integer())


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows of each kind, and how many have come to what; each adds up with the unchanged to all rows.

    Beside them the single cells that stay as they are in the rows that are taken over, and how many rows those are:
    a row of which no cell can be written is counted as refused and not here.
    """

    kinds: Mapping[str, int]
    results: Mapping[str, int]
    cells: int
    cells_in: int


def tally(made: LedgerReturn) -> Tally:
    """Count what a ledger came to."""
    left = left_cells()
    columns = (sa.func.count(), sa.func.sum(left), sa.func.sum(sa.case((left > 0, 1), else_=0)))
    query = sa.select(ReturnRow.kind, ReturnRow.result, *columns).where(ReturnRow.return_id == made.id)
    kinds, results = dict.fromkeys(map(str, RowKind), 0), dict.fromkeys(map(str, RowResult), 0)
    cells = cells_in = 0
    for kind, result, count, single, rows in db.session.execute(query.group_by(ReturnRow.kind, ReturnRow.result)):
        kinds[kind] += count
        results[result] += count
        if result in IN_PART:
            cells, cells_in = cells + single, cells_in + rows
    return Tally(kinds, results, cells, cells_in)


def in_part() -> sa.ColumnElement[bool]:
    """Rows that are taken over, of which some cell stays as it is."""
    return sa.and_(ReturnRow.result.in_(IN_PART), left_cells() > 0)


def returns_of(actor: Actor, size: int = 10) -> list[LedgerReturn]:
    """What one sent back last."""
    query = sa.select(LedgerReturn).where(LedgerReturn.by_id == actor.user_id)
    return list(db.session.scalars(query.order_by(LedgerReturn.id.desc()).limit(size)))


def start(made: LedgerReturn, *, mine: Sequence[int], reason: str, now: datetime) -> None:
    """Let it be taken over: in the rows of ``mine`` the file wins over what others wrote meanwhile. Once.

    Raises:
        Refused: it was begun before.
    """
    if made.status != ReturnState.COMPARED:
        raise Refused(because(N_("This ledger was taken over already.")))
    chosen = sa.and_(ReturnRow.return_id == made.id, ReturnRow.kind == RowKind.CONFLICT, ReturnRow.row.in_(mine))
    db.session.execute(sa.update(ReturnRow).where(chosen).values(take=True))
    made.reason, made.beat_at = reason[:200], now
    kinds = tally(made).kinds
    waiting = kinds[RowKind.CHANGED] + kinds[RowKind.CONFLICT]
    made.status = ReturnState.RUNNING if waiting <= AT_ONCE else ReturnState.WAITING


# -- taking it over: the edge


def carry_on(number: int, *, now: datetime) -> bool:
    """Take over each row that was not taken up yet; whether it came to its end here."""
    with transaction():
        made = db.session.get(LedgerReturn, number)
        if made is None or made.status not in (ReturnState.WAITING, ReturnState.RUNNING):
            return False
        made.status, made.beat_at = ReturnState.RUNNING, now
    actor, locale, of = actor_for(made.by_id, local_day(now)), made.locale, RETURNING[made.list_name]
    token = origin.set(Origin("import", origin.get().request_id))
    try:
        with speaking(locale), force_locale(LANGUAGES[locale]):
            reader = of.reader(actor) if actor else None
            while (row := _next(number)) is not None:
                _one(number, row, of, reader, now)
    finally:
        origin.reset(token)
    with transaction():
        _end(number, actor)
    return True


def _next(number: int) -> int | None:
    waiting = sa.and_(ReturnRow.return_id == number, ReturnRow.result == RowResult.WAITING)
    return db.session.scalar(sa.select(sa.func.min(ReturnRow.row)).where(waiting))


def _end(number: int, actor: Actor | None) -> None:
    made = db.session.get_one(LedgerReturn, number)
    if made.status == ReturnState.DONE:
        return
    made.status, made.finished_at = ReturnState.DONE, utcnow()
    db.session.flush()  # the version check before the entry
    said = tally(made)
    fact = LedgerTakenBack(
        list=LISTS[made.list_name].title,
        filename=made.filename,
        sha256=made.sha256,
        rows=made.rows_total,
        unchanged=made.unchanged,
        changed=said.results[RowResult.DONE],
        kept=said.results[RowResult.KEPT],
        refused=said.results[RowResult.REFUSED],
        cells=said.cells,
    )
    audit.record(fact, by=actor, at=utcnow())


def _one(number: int, row: int, of: Returning, reader: Reader | None, now: datetime) -> None:
    """One row in its own transaction; what hinders it is kept with it."""
    reasons: list[Reason] = [because(NOT_YOURS)]
    for _ in range(TRIES if reader else 0):
        try:
            with transaction():
                found = db.session.get_one(ReturnRow, (number, row), with_for_update=True, populate_existing=True)
                if found.result == RowResult.WAITING and reader is not None:
                    _take_over(found, of, reader, now)
                _beat(number)
            return
        except Conflict:
            reasons = [because(BUSY)]
            continue
        except Refused as refusal:
            reasons = list(refusal.reasons)
        except (NotPermitted, NotFound):
            reasons = [because(NOT_YOURS)]
        break
    with transaction():
        found = db.session.get_one(ReturnRow, (number, row), with_for_update=True, populate_existing=True)
        if found.result == RowResult.WAITING:  # not what another process has ended
            found.result, found.reasons = RowResult.REFUSED, [_kept(reason) for reason in reasons]


def _beat(number: int) -> None:
    db.session.execute(sa.update(LedgerReturn).where(LedgerReturn.id == number).values(beat_at=utcnow()))


def _take_over(found: ReturnRow, of: Returning, reader: Reader, now: datetime) -> None:
    """Write what the row may write, as things stand in this very moment."""
    standing = reader.standing({found.number}).get(found.number)
    if standing is None:
        raise Refused(because(of.not_there))
    # Held with its version before it is read for comparison: whoever writes in between is seen, or makes a conflict.
    reader.hold({standing.id})
    standing = reader.standing({found.number}).get(found.number)
    if standing is None:
        raise Refused(because(of.not_there))
    mine, kept = _split(found, of, standing.texts)
    good, faults = ledger_back.sifted(of, reader, standing.id, mine)
    found.reasons = [*found.reasons, *(_kept(reason) for reason in (*kept, *faults))]
    found.result = RowResult.DONE if good else RowResult.REFUSED if faults else RowResult.KEPT
    if not good:
        return
    made = db.session.get_one(LedgerReturn, found.return_id)
    reason = " · ".join(filter(None, (made.reason, made.filename)))[:200]
    reader.write(standing.id, good, reason=reason, now=now)


def _kept(reason: Reason) -> dict[str, object]:
    """A reason as JSON, with the cell that it is about."""
    return {**reason.kept(), "cell": reason.field or ""}


def _split(found: ReturnRow, of: Returning, stands: Mapping[str, str]) -> tuple[dict[str, str], list[Reason]]:
    """The cells to be written, and why the others stay."""
    secret, mine, kept = key(), dict[str, str](), list[Reason]()
    for name, change in found.changes.items():
        if stands[name] == change["mine"]:
            continue
        if ledger_marks.digest(secret, found.number, name, stands[name]) != change["seen"]:
            kept.append(because(MOVED, name))
        elif change["conflict"] and not found.take:
            kept.append(because(KEPT, name, column=Reason(of.columns[name][0])))
        else:
            mine[name] = change["mine"]
    return mine, kept
