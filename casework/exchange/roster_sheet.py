"""The roster as a spreadsheet, as it is filtered on the page, phones masked; a second sheet counts teams and bodies."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import orm

from casework import audit
from casework.accounts.models import User
from casework.areas.models import Area
from casework.audit.vocabulary import Fact
from casework.exchange.workbook import XLSX_TYPE, Column, Sheet, write_sheets
from casework.files.views import disposition
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_
from casework.kernel.masking import masked
from casework.kernel.permissions import Actor, Role
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs
from casework.roster.lists import Filters, filtered, read_filters
from casework.roster.models import Posting, Unit
from casework.roster.queries import valid_on
from casework.roster.words import ROLES

blueprint = Blueprint("roster_sheet", __name__)
TITLES = (
    (N_("Team code"), "text", 12),
    (N_("Team"), "text", 24),
    (N_("Sending body"), "text", 20),
    (N_("User name"), "text", 16),
    (N_("Full name"), "text", 12),
    (N_("Phone"), "text", 14),
    (N_("Home body"), "text", 20),
    (N_("Role"), "text", 12),
    (N_("Area"), "text", 34),
    (N_("AB pair"), "text", 12),
    (N_("First day"), "date", 12),
    (N_("Last day"), "date", 12),
)


@dataclass(frozen=True, slots=True)
class RosterExported(Fact):
    """Somebody took the roster out: which filter, how many rows."""

    sentence: ClassVar[str] = N_("Took out the roster of people, rows: %(rows)s")
    filters: dict[str, str]
    rows: int


@blueprint.get("/people/export.xlsx")
@needs("roster.read")
def export() -> ResponseReturnValue:
    """The roster as it is filtered, one row a posting of today; noted in the security log."""
    actor, filters, now = current_actor(), read_filters(request.args), utcnow()
    stream = io.BytesIO()
    rows = write(stream, actor=actor, filters=filters, day=local_day(now))
    with transaction():
        note(filters, rows, actor=actor, now=now)
    response = Response(stream.getvalue(), content_type=XLSX_TYPE)
    response.headers["Content-Disposition"] = disposition(f"{gettext('Roster')}-{local_day(now)}.xlsx")
    return response


def note(filters: Filters, rows: int, *, actor: Actor, now: datetime) -> None:
    """Enter an export in the security log, in the caller's transaction."""
    audit.record(RosterExported(filters=filters.as_query(), rows=rows), by=actor, at=now)


def write(stream: io.BytesIO, *, actor: Actor, filters: Filters, day: date) -> int:
    """Write the postings of the people one may see; returns how many."""
    columns = [Column(gettext(title), kind, width) for title, kind, width in TITLES]  # type: ignore[arg-type]
    counts: Counter[tuple[str, str]] = Counter()
    total = [0]

    def counted() -> Iterator[tuple[Any, ...]]:
        for row in _rows(actor, filters, day):
            counts[(str(row[1]), str(row[6] or row[2]))] += 1
            total[0] += 1
            yield row

    sums = [Column(gettext("Team"), "text", 24), Column(gettext("Home body"), "text", 24)]
    sums.append(Column(gettext("People"), "number", 10))
    summed = ((team, body, number) for (team, body), number in sorted(counts.items()))
    sheets = [Sheet(gettext("Roster"), columns, counted()), Sheet(gettext("By body"), sums, summed)]
    write_sheets(stream, sheets)
    return total[0]


def _rows(actor: Actor, filters: Filters, day: date) -> Iterator[tuple[Any, ...]]:
    """One row a posting of today, by team and name; read in portions, so that a whole city fits."""
    partner = orm.aliased(User)
    conditions = [Posting.user_id.in_(filtered(actor, filters, day).with_only_columns(User.id)), valid_on(day)]
    conditions += [Posting.unit_id == filters.unit] if filters.unit is not None else []
    conditions += [Posting.sent_by == filters.sent] if filters.sent else []
    conditions += [Posting.role == filters.role] if filters.role else []
    query = (
        sa.select(Unit.code, Unit.name, Unit.sent_by, User.username, User.name, User.phone, Posting.sent_by)
        .add_columns(Posting.role, Area.full_name, partner.name, Posting.from_on, Posting.to_on)
        .join(Unit, Unit.id == Posting.unit_id)
        .join(User, User.id == Posting.user_id)
        .join(Area, Area.id == Posting.area_id)
        .outerjoin(partner, partner.id == Posting.partner_id)
        .where(*conditions)
        .order_by(Unit.code, User.name, Posting.id)
    )
    for row in db.session.execute(query.execution_options(yield_per=2000)):
        values = list(row)
        values[5], values[7] = masked(values[5]), gettext(ROLES[Role(values[7])])
        yield tuple(values)
