"""What leaves of firms as a spreadsheet: who went to them, and the rows behind a coverage number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas.models import Area
from casework.cases.models import Case
from casework.cases.queries import visible_to as cases_visible_to
from casework.coverage import queries as coverage
from casework.coverage.policy import READ as COVERAGE
from casework.enterprises import queries as enterprises
from casework.enterprises.forms import WAYS
from casework.enterprises.models import ContactEntry, Enterprise
from casework.kernel import paging
from casework.kernel.errors import N_
from casework.kernel.forms import row_id
from casework.kernel.time import local_day
from casework.ledgers import periods
from casework.ledgers.taking_out import Asked, ListOut, Rows, Title, Words, counted, in_portions, understood
from casework.roster import queries as roster
from casework.roster.limits import limits_of
from casework.visits.rules import MET

_FIRM: Title = (N_("Enterprise"), "text", 30)
_CODE: Title = (N_("Credit code"), "text", 21)
_AREA: Title = (N_("Area"), "text", 34)
_PEOPLE: tuple[Title, ...] = ((N_("Officer"), "text", 10), (N_("Deputy"), "text", 10))
_SPOKE: Title = (N_("Last contact"), "date", 12)


# -- visits


VISITS: tuple[Title, ...] = (
    *((N_("When"), "datetime", 17), _FIRM, _CODE, _AREA, (N_("Who went"), "text", 10), (N_("How"), "text", 8)),
    *((N_("How it went"), "text", 12), (N_("Case number"), "text", 22), (N_("What was said"), "text", 60)),
)


def _visits(asked: Asked) -> sa.Select[Any]:
    firms = enterprises.visible_to(asked.actor).whereclause
    query = (
        sa.select(ContactEntry.id, ContactEntry.at, Enterprise.name, Enterprise.uscc, Area.full_name, User.name)
        .add_columns(ContactEntry.way, ContactEntry.met, Case.number, ContactEntry.text)
        .join(Enterprise, Enterprise.id == ContactEntry.enterprise_id)
        .outerjoin(Area, Area.id == Enterprise.area_id)
        .outerjoin(User, User.id == ContactEntry.by_id)
        .outerjoin(Case, sa.and_(Case.id == ContactEntry.case_id, cases_visible_to(asked.actor)))
        .where(firms if firms is not None else sa.false())
    )
    query = query.where(*periods.days(ContactEntry.day, asked.args))
    by = _visit_filters(asked.args).get("by")
    return query.where(ContactEntry.by_id == int(by)) if by else query


def _visit_filters(args: Mapping[str, str]) -> dict[str, str]:
    found = understood(args, "by")
    return found if row_id(found.get("by", "")) is not None else {}


def _visit_rows(asked: Asked) -> Rows:
    words = Words()
    for portion in in_portions(_visits(asked), (paging.Key(ContactEntry.id, int, down=True),), lambda row: [row[0]]):
        yield [
            (*row[1:6], words.of(WAYS, row[6] if row[6] in WAYS else ""), words.of(MET, row[7]), *row[8:])
            for row in portion
        ]


VISIT_LEDGER = ListOut(
    title=N_("Ledger of visits"),
    permission="enterprise.read",
    columns=VISITS,
    rows=_visit_rows,
    count=lambda asked, most: counted(_visits(asked), most),
    filters=_visit_filters,
    dated=N_("When"),
)


# -- what coverage shows of firms


COVERED: tuple[Title, ...] = (
    *(_FIRM, _CODE, (N_("Address"), "text", 34), (N_("Industry"), "text", 14), *_PEOPLE, _SPOKE),
)


def _covered(asked: Asked) -> sa.Select[Any]:
    """The firms behind a number of the coverage board, of a place and a day."""
    area = coverage.visible_place(row_id(asked.args.get("area", "")) or 0, to=asked.actor)
    given, today = _coverage_filters(asked.args), local_day(asked.now)
    day = min(date.fromisoformat(given["day"]), today) if "day" in given else today
    limits = limits_of(area.own_district_id)
    officer = row_id(given.get("officer", ""))
    return coverage.firms_in(area, given["show"], today=today, limits=limits, day=day, officer_id=officer)


def _coverage_filters(args: Mapping[str, str]) -> dict[str, str]:
    found = understood(args, "area", "day", "officer", "show")
    try:
        date.fromisoformat(found.get("day", "2020-01-01"))
    except ValueError:
        del found["day"]
    found["show"] = found["show"] if found.get("show") in coverage.SHOWS else "uncovered"
    return found


def _covered_rows(asked: Asked) -> Rows:
    for portion in in_portions(_covered(asked), (paging.Key(Enterprise.id, int),), lambda row: [row[0].id]):
        names = roster.names(key for _, *both in portion for key in both if key)
        yield [
            (
                *(firm.name, firm.uscc, firm.address, firm.industry, names.get(officer, ""), names.get(deputy, "")),
                firm.contacted_on,
            )
            for firm, officer, deputy in portion
        ]


COVERAGE_LIST = ListOut(
    title=N_("Coverage"),
    permission=COVERAGE,
    columns=COVERED,
    rows=_covered_rows,
    count=lambda asked, most: counted(_covered(asked), most),
    filters=_coverage_filters,
    about=lambda asked: coverage.visible_place(row_id(asked.args.get("area", "")) or 0, to=asked.actor).name,
)
