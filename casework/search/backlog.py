"""Bringing what was there before into the index, a portion a transaction: a kill costs a portion, not the work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas.models import Area
from casework.cases.models import Case
from casework.cases.service import findable
from casework.enterprises.models import Contact, Enterprise
from casework.enterprises.service import findable as firm_words
from casework.files.models import Attachment, FileText
from casework.files.rules import WITH_TEXT
from casework.kernel import search
from casework.kernel.db import db, transaction
from casework.kernel.masking import tail
from casework.kernel.models import SearchDoc
from casework.kernel.named import letters_of
from casework.kernel.words import MARK, marked
from casework.negotiations.findable import findable as party_words
from casework.negotiations.models import Counterparty
from casework.orders.models import SupervisionOrder
from casework.orders.service import findable as order_words
from casework.search.models import Backlog

SIZE = 1000
Portion = Callable[[list[Any]], None]


def _cases(rows: list[Any]) -> None:
    for row in rows:
        search.put("case", row.id, 0, row.id, findable(row), place=row.district_id)
    _tails(Case, Case.contact_phone, rows)


def _entries(rows: list[Any]) -> None:
    """Texts of stories get the marks of their kind and place; files told together give way to each by itself."""
    bare = [row for row in rows if row.kind == "entry" and f" {MARK}" not in row.tokens]
    lie = sa.select(Case.id, Case.district_id).where(Case.id.in_({row.case_id for row in bare}))
    places = {row.id: row.district_id for row in db.session.execute(lie)} if bare else {}
    _set(
        SearchDoc,
        [{"key": row.id, "tokens": marked("entry", row.tokens, places.get(row.case_id))} for row in bare],
    )
    together = [row.id for row in rows if row.kind == "files"]
    db.session.execute(sa.delete(SearchDoc).where(SearchDoc.id.in_(together)))


def _files(rows: list[Any]) -> None:
    keys = [row.id for row in rows]
    known = set(db.session.scalars(sa.select(FileText.attachment_id).where(FileText.attachment_id.in_(keys))))
    for row in rows:
        if row.case_id is not None:
            search.put("file", row.id, 0, row.case_id, row.name)
            if row.content_type in WITH_TEXT and row.id not in known:
                db.session.add(FileText(attachment_id=row.id))


def _firms(rows: list[Any]) -> None:
    for row in rows:
        search.put("firm", row.id, 0, None, firm_words(row), place=row.district_id)


def _parties(rows: list[Any]) -> None:
    for row in rows:
        search.put("party", row.id, 0, None, party_words(row), place=row.district_id)


def _orders(rows: list[Any]) -> None:
    for row in rows:
        search.put("order", row.id, 0, None, order_words(row), place=row.district_id)


def _contacts(rows: list[Any]) -> None:
    _tails(Contact, Contact.phone, rows)


def _tails(model: Any, phone: Any, rows: Iterable[Any]) -> None:
    _set(model, [{"key": row.id, "phone_tail": tail(getattr(row, phone.key) or "")} for row in rows])


def _people(rows: list[Any]) -> None:
    _set(User, [{"key": row.id, **letters_of(row.name)} for row in rows])


def _areas(rows: list[Any]) -> None:
    _set(Area, [{"key": row.id, **letters_of(row.name)} for row in rows])


def _set(model: Any, values: list[dict[str, Any]]) -> None:
    """Keys of rows, beside their versions: nobody's form goes stale by it."""
    if not values:
        return
    table = model.__table__
    names = [name for name in values[0] if name != "key"]
    change = sa.update(table).where(table.c.id == sa.bindparam("key"))
    db.session.execute(
        change.values({name: sa.bindparam(f"_{name}") for name in names}),
        [{"key": row["key"], **{f"_{name}": row[name] for name in names}} for row in values],
    )


# What is worked off: the rows it goes through, in the order of their ids, and what is done with a portion of them.
STEPS: dict[str, tuple[Any, Portion]] = {
    "people": (User, _people),
    "areas": (Area, _areas),
    "cases": (Case, _cases),
    "files": (Attachment, _files),
    "entries": (SearchDoc, _entries),
    "firms": (Enterprise, _firms),
    "contacts": (Contact, _contacts),
    "parties": (Counterparty, _parties),
    "orders": (SupervisionOrder, _orders),
}


def left() -> dict[str, int]:
    """How many ids each step still has before it; nothing is left when all are 0."""
    rows = {row.what: row for row in db.session.scalars(sa.select(Backlog))}
    return {what: max(0, rows[what].up_to - rows[what].done_to) if what in rows else 0 for what in STEPS}


def begin_again() -> None:
    """Put all that is there before the index again; needs a transaction. What is findable stays findable meanwhile."""
    for what, (model, _) in STEPS.items():
        top = int(db.session.scalar(sa.select(sa.func.max(model.id))) or 0)
        row = db.session.get(Backlog, what)
        if row is None:
            db.session.add(Backlog(what=what, done_to=0, up_to=top))
        else:
            row.done_to, row.up_to = 0, top


def portion(what: str, size: int = SIZE) -> int:
    """Bring the next rows of a step into the index, in a transaction of its own; how many there were."""
    model, work = STEPS[what]
    columns = model.__table__.c
    with transaction():
        row = db.session.get(Backlog, what, with_for_update=True)
        if row is None or row.done_to >= row.up_to:
            return 0
        wanted = sa.select(*columns).where(columns.id > row.done_to, columns.id <= row.up_to)
        found: list[Any] = [
            SimpleNamespace(**one) for one in db.session.execute(wanted.order_by(columns.id).limit(size)).mappings()
        ]
        work(found)
        row.done_to = found[-1].id if len(found) == size else row.up_to
        return len(found)
