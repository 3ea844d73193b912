"""The case ledger 台账: the list in officers' columns, scoped, phones masked, each export noted in the security log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, ClassVar

from flask_babel import gettext

from casework import audit
from casework.accounts.models import User
from casework.areas.models import Area
from casework.audit.vocabulary import Fact
from casework.cases.lists import Filters, filtered
from casework.cases.models import Case, CaseType
from casework.cases.workflow import OUTCOME_LABELS, SOURCE_LABELS, STATE_LABELS, State
from casework.exchange.workbook import Column, write_workbook
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.i18n import language
from casework.kernel.masking import masked
from casework.kernel.permissions import Actor, Role
from casework.roster.models import Unit

MOST_ROWS = 2_000
OFFICER_ROWS = 200
_MORE = (Role.DESK, Role.LEAD, Role.AREA_LEADER, Role.REGULATOR, Role.DISTRICT_ADMIN)
TITLES = (
    (N_("Case number"), "text", 22),
    (N_("Matter"), "text", 40),
    (N_("Enterprise"), "text", 30),
    (N_("Type"), "text", 12),
    (N_("State"), "text", 10),
    (N_("Outcome"), "text", 12),
    (N_("Urgent"), "text", 6),
    (N_("Area"), "text", 30),
    (N_("Place"), "text", 30),
    (N_("Contact person"), "text", 12),
    (N_("Phone"), "text", 14),
    (N_("How it came"), "text", 10),
    (N_("Lead unit"), "text", 20),
    (N_("Lead officer"), "text", 10),
    (N_("Submitted"), "datetime", 17),
    (N_("First contact"), "datetime", 17),
    (N_("Due"), "datetime", 17),
    (N_("Closed"), "datetime", 17),
    (N_("Rating"), "number", 8),
    (N_("What happened, what is asked"), "text", 60),
)


@dataclass(frozen=True, slots=True)
class LedgerExported(Fact):
    """Somebody took a ledger out: which filter, how many rows."""

    sentence: ClassVar[str] = N_("Took out the ledger of cases, rows: %(rows)s")
    filters: dict[str, str]
    rows: int


def most_rows(actor: Actor) -> int:
    """How many rows somebody may take out at once: 200 as an officer, 2,000 in a role that answers for many."""
    return MOST_ROWS if actor.has(*_MORE) else OFFICER_ROWS


def write(stream: IO[bytes], *, actor: Actor, filters: Filters, now: datetime) -> int:
    """Write the ledger of what the actor may see, newest first, as far as ``most_rows``; returns how many rows."""
    columns = [Column(gettext(title), kind, width) for title, kind, width in TITLES]  # type: ignore[arg-type]
    return write_workbook(stream, gettext("Case ledger"), columns, _rows(actor, filters, now, most_rows(actor)))


def note(filters: Filters, rows: int, *, actor: Actor, now: datetime) -> None:
    """Enter an export in the security log, in the caller's transaction."""
    audit.record(LedgerExported(filters=filters.as_query(), rows=rows), by=actor, at=now)


def _rows(actor: Actor, filters: Filters, now: datetime, most: int) -> Iterator[tuple[Any, ...]]:
    """One row a case, newest first, no more than the role may take out at once."""
    chosen = language()
    query = (
        filtered(actor, filters, now)
        .with_only_columns(Case, CaseType, Area.full_name, Unit.name, User.name)
        .join(CaseType, CaseType.id == Case.type_id)
        .outerjoin(Area, Area.id == Case.area_id)
        .outerjoin(Unit, Unit.id == Case.unit_id)
        .outerjoin(User, User.id == Case.lead_id)
        .order_by(Case.id.desc())
        .limit(most)
    )
    for case, kind, area, unit, officer in db.session.execute(query):
        yield (
            case.number,
            case.title,
            case.requester,
            kind.label(chosen),
            gettext(STATE_LABELS[State(case.state)]),
            gettext(OUTCOME_LABELS[case.outcome]) if case.outcome else "",
            gettext("Yes") if case.urgent else "",
            area,
            case.place,
            case.contact_name,
            masked(case.contact_phone),
            gettext(SOURCE_LABELS[case.source]),
            unit,
            officer,
            case.submitted_at,
            case.contacted_at,
            case.next_due_at if case.is_open else None,
            case.closed_at,
            case.rating,
            case.text,
        )
