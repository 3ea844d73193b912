"""What a run made, written down in the transaction that made it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from casework.cases.models import Case
from casework.cases.queries import visible_to
from casework.imports.importing import Made
from casework.imports.models import ImportMark, Undo
from casework.imports.words import kind_said
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import Reason, reason_kept
from casework.kernel.permissions import Actor

PAGES = {"enterprise": "enterprises", "firm_fields": "enterprises", "area": "areas", "account": "people"}
"""Kinds of things whose page is named by their id; that of a case is named by its number, which is its name here."""


def keep(run_id: int, made: Sequence[Made]) -> None:
    """Remember what a batch made, in its order, so that exactly this can be taken back."""
    if not made:
        return
    rows = [
        {
            "run_id": run_id,
            "kind": one.kind,
            "thing_id": one.id,
            "row": one.row,
            "name": one.name[:120],
            "before": dict(one.before) if one.before is not None else None,
            "after": dict(one.after) if one.after is not None else None,
            "state": Undo.KEPT,
            "why": None,
        }
        for one in made
    ]
    db.session.connection().execute(sa.insert(ImportMark), rows)


def counts(run_id: int) -> dict[str, dict[str, int]]:
    """How many things of each kind a run made, by what became of them since."""
    query = (
        sa.select(ImportMark.kind, ImportMark.state, sa.func.count())
        .where(ImportMark.run_id == run_id)
        .group_by(ImportMark.kind, ImportMark.state)
    )
    found: dict[str, dict[str, int]] = {}
    for kind, state, count in db.session.execute(query):
        found.setdefault(kind, {})[state] = count
    return found


def of_run(run_id: int, at: paging.At, size: int = 100) -> paging.Page[ImportMark]:
    """What a run made and changed, in the order of the file."""
    query = sa.select(ImportMark).where(ImportMark.run_id == run_id)
    keys = (paging.Key(ImportMark.row, int), paging.Key(ImportMark.id, int))
    return paging.page_of(query, keys, at, size, values=lambda mark: [mark.row, mark.id], whole=True)


def titles(found: Sequence[ImportMark], actor: Actor) -> dict[int, str]:
    """The titles of the cases that a run made or changed, by mark: of those that the reader sees still."""
    cases = {mark.id: mark.thing_id for mark in found if mark.kind in ("case", "case_fields")}
    query = sa.select(Case.id, Case.title).where(Case.id.in_(set(cases.values())), visible_to(actor))
    rows = db.session.execute(query)
    said: dict[int, str] = {row.id: row.title for row in rows}
    return {mark: said[case] for mark, case in cases.items() if case in said}


def address_of(mark: ImportMark) -> str:
    """The page of what a mark is about; empty where it has none of its own."""
    if mark.kind in ("case", "case_fields"):
        return f"/cases/{mark.name}"
    return f"/{PAGES[mark.kind]}/{mark.thing_id}" if mark.kind in PAGES else ""


def staying(run_id: int, most: int) -> list[ImportMark]:
    """What was left as it is when the run was taken back, in the order of the file."""
    query = sa.select(ImportMark).where(ImportMark.run_id == run_id, ImportMark.state == Undo.STAYS)
    return list(db.session.scalars(query.order_by(ImportMark.row, ImportMark.id).limit(most)))


def told(staying_marks: Sequence[ImportMark]) -> list[tuple[int, str, str, Reason]]:
    """Row, kind, name and reason of what stays."""
    return [
        (mark.row, kind_said(mark.kind), mark.name, reason_kept(mark.why) if mark.why else Reason("—"))
        for mark in staying_marks
    ]
