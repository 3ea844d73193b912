"""What else leaves as a spreadsheet: visits, supervision orders, supplies, people, enterprises, the rows of coverage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext
from sqlalchemy import orm

from casework.accounts.models import User
from casework.areas.models import Area
from casework.cases.models import Case
from casework.cases.queries import visible_to as cases_visible_to
from casework.coverage import queries as coverage
from casework.coverage.policy import READ as COVERAGE
from casework.enterprises import queries as enterprises
from casework.enterprises.forms import WAYS
from casework.enterprises.models import ContactEntry, Enterprise, Liaison
from casework.exchange.taking_out import Asked, ListOut, Rows, Title, Words, counted, in_portions
from casework.exchange.workbook import Column, Sheet
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.forms import row_id
from casework.kernel.masking import masked
from casework.kernel.permissions import Role
from casework.kernel.time import local_day
from casework.orders import queries as orders
from casework.orders.models import SupervisionOrder
from casework.orders.policy import EXPORT as ORDERS
from casework.orders.register import read_filters as order_filters
from casework.roster import duty
from casework.roster import lists as roster
from casework.roster.models import Posting, Unit
from casework.roster.queries import valid_on
from casework.roster.words import ROLES
from casework.supplies import ledger as supplies
from casework.supplies import queries as stocks
from casework.supplies.models import SupplyMovement
from casework.supplies.policy import READ as SUPPLIES
from casework.supplies.words import KINDS, Kind
from casework.visits.rules import MET

_FIRM: Title = (N_("Enterprise"), "text", 30)
_CODE: Title = (N_("Credit code"), "text", 21)
_AREA: Title = (N_("Area"), "text", 34)
_PEOPLE: tuple[Title, ...] = ((N_("Officer"), "text", 10), (N_("Deputy"), "text", 10))
_SPOKE: Title = (N_("Last contact"), "date", 12)


def _understood(args: Mapping[str, str], *names: str) -> dict[str, str]:
    """Words of an address that hold something."""
    return {name: args[name].strip()[:100] for name in names if args.get(name, "").strip()}


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
    given = _visit_filters(asked.args)
    for name, compare in (("from", ContactEntry.day.__ge__), ("to", ContactEntry.day.__le__)):
        query = query.where(compare(date.fromisoformat(given[name]))) if name in given else query
    return query.where(ContactEntry.by_id == int(given["by"])) if "by" in given else query


def _visit_filters(args: Mapping[str, str]) -> dict[str, str]:
    found = _understood(args, "from", "to", "by")
    for name in ("from", "to"):
        try:
            date.fromisoformat(found.get(name, "2020-01-01"))
        except ValueError:
            del found[name]
    if row_id(found.get("by", "")) is None:
        found.pop("by", None)
    return found


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
)


# -- supervision orders


ORDER_TITLES: tuple[Title, ...] = (
    *((N_("Number"), "text", 20), (N_("Matter"), "text", 40), (N_("Unit ordered"), "text", 20)),
    *((N_("Issued by"), "text", 20), (N_("Issued"), "datetime", 17), (N_("State"), "text", 14)),
    *((N_("Round"), "number", 8), (N_("Report by"), "datetime", 17), (N_("Reported"), "datetime", 17)),
    *((N_("In time"), "text", 10), (N_("Cases"), "number", 8), (N_("Listed"), "datetime", 17)),
    *((N_("Taken off the list"), "datetime", 17), (N_("Ended"), "datetime", 17)),
)


def _orders(asked: Asked) -> sa.Select[Any]:
    return orders.all_lines(asked.actor, order_filters(asked.args), now=asked.now)


def _order_rows(asked: Asked) -> Rows:
    keys = (paging.Key(SupervisionOrder.id, int, down=True),)
    for portion in in_portions(_orders(asked), keys, lambda row: [row[0].id]):
        yield [_order_row(orders.Line(*row)) for row in portion]


def _order_row(line: orders.Line) -> Sequence[object]:
    order, present = line.order, line.round
    in_time = "" if present.met is None else gettext("yes") if present.met else gettext("no")
    return (
        *(order.number, order.title, line.unit, line.issuer, order.issued_at, gettext(order.state_label), order.round),
        *(present.due_at, present.replied_at, in_time, order.case_count),
        *(order.listed_at, order.delisted_at, order.ended_at),
    )


ORDER_LEDGER = ListOut(
    title=N_("Supervision orders"),
    permission=ORDERS,
    columns=ORDER_TITLES,
    rows=_order_rows,
    count=lambda asked, most: counted(_orders(asked), most),
    filters=lambda args: order_filters(args).as_query(),
)


# -- supplies


SUPPLY_TITLES: tuple[Title, ...] = (
    *((N_("Entry"), "number", 8), (N_("When"), "datetime", 17)),
    *((N_("Kind of entry"), "text", 10), (N_("Item"), "text", 20), (N_("Batch number"), "text", 16)),
    *((N_("Expires on"), "date", 12), (N_("In or out"), "number", 10), (N_("Left of the batch"), "number", 12)),
    *((N_("Counted in"), "text", 8), (N_("From or to"), "text", 26), (N_("Reason"), "text", 40)),
    *((N_("Case number"), "text", 22), (N_("Takes back entry"), "number", 10), (N_("Entered by"), "text", 12)),
    (N_("Unit"), "text", 20),
)


def _supplies(asked: Asked) -> Any:
    """Of one unit, or of all whose stock one may see."""
    given = _supply_filters(asked.args)
    unit = row_id(given.get("unit", ""))
    if unit is not None:
        stocks.visible_unit(unit, to=asked.actor)
    return supplies.entries_of(asked.actor, unit, row_id(given.get("item", "")), given.get("kind"))


def _supply_filters(args: Mapping[str, str]) -> dict[str, str]:
    found = _understood(args, "unit", "item", "kind")
    if found.get("kind") not in tuple(Kind):
        found.pop("kind", None)
    return {name: text for name, text in found.items() if name == "kind" or row_id(text) is not None}


def _supply_rows(asked: Asked) -> Rows:
    keys = (paging.Key(SupplyMovement.id, int, down=True),)
    for portion in in_portions(_supplies(asked), keys, lambda row: [row[0].id]):
        yield [_supply_row(row) for row in portion]


def _supply_row(row: Any) -> Sequence[object]:
    entry = supplies.entry_of(row)
    movement = entry.movement
    return (
        *(movement.id, movement.at, gettext(KINDS[movement.kind]), entry.item.name, entry.stock.batch),
        *(entry.stock.expiry, movement.quantity, movement.balance, entry.item.measure, movement.party),
        *(movement.reason, entry.case_number, movement.corrects_id, entry.by, row.unit_name),
    )


def _supply_unit(asked: Asked) -> str:
    unit = row_id(asked.args.get("unit", ""))
    return stocks.visible_unit(unit, to=asked.actor).name if unit is not None else ""


SUPPLY_LEDGER = ListOut(
    title=N_("Supplies ledger"),
    permission=SUPPLIES,
    columns=SUPPLY_TITLES,
    rows=_supply_rows,
    count=lambda asked, most: counted(_supplies(asked), most),
    filters=_supply_filters,
    about=_supply_unit,
)


# -- people


PEOPLE: tuple[Title, ...] = (
    *((N_("Team code"), "text", 12), (N_("Team"), "text", 24), (N_("Sending body"), "text", 20)),
    *((N_("User name"), "text", 16), (N_("Full name"), "text", 12), (N_("Phone"), "text", 14)),
    *((N_("Home body"), "text", 20), (N_("Role"), "text", 12), _AREA, (N_("AB pair"), "text", 12)),
    *((N_("First day"), "date", 12), (N_("Last day"), "date", 12)),
)
_PARTNER = orm.aliased(User)


def _people(asked: Asked) -> sa.Select[Any]:
    """One row a posting of today, by team and name."""
    filters, day = roster.read_filters(asked.args), local_day(asked.now)
    whom = roster.filtered(asked.actor, filters, day).with_only_columns(User.id)
    conditions = [Posting.user_id.in_(whom), valid_on(day)]
    conditions += [Posting.unit_id == filters.unit] if filters.unit is not None else []
    conditions += [Posting.sent_by == filters.sent] if filters.sent else []
    conditions += [Posting.role == filters.role] if filters.role else []
    return (
        sa.select(Unit.code, Unit.name, Unit.sent_by, User.username, User.name, User.phone, Posting.sent_by)
        .add_columns(Posting.role, Area.full_name, _PARTNER.name, Posting.from_on, Posting.to_on, Posting.id)
        .join(Unit, Unit.id == Posting.unit_id)
        .join(User, User.id == Posting.user_id)
        .join(Area, Area.id == Posting.area_id)
        .outerjoin(_PARTNER, _PARTNER.id == Posting.partner_id)
        .where(*conditions)
    )


def _people_rows(asked: Asked) -> Rows:
    words = Words()
    keys = (paging.Key(Unit.code, str), paging.Key(User.name, str), paging.Key(Posting.id, int))
    for portion in in_portions(_people(asked), keys, lambda row: [row[0], row[4], row[12]]):
        yield [(*row[:5], masked(row[5]), row[6], words.of(ROLES, Role(row[7])), *row[8:12]) for row in portion]


def _by_body(asked: Asked) -> Sequence[Sheet]:
    """A second sheet counts teams and bodies."""
    body = sa.case((Posting.sent_by != "", Posting.sent_by), else_=Unit.sent_by)
    counts = _people(asked).with_only_columns(Unit.name, body, sa.func.count(), maintain_column_froms=True)
    query = counts.group_by(Unit.name, body)
    columns = [Column(gettext("Team"), "text", 24), Column(gettext("Home body"), "text", 24)]
    columns.append(Column(gettext("People"), "number", 10))
    rows: Iterable[Any] = db.session.execute(query.order_by(Unit.name, body)).all()
    return [Sheet(gettext("By body"), columns, [tuple(row) for row in rows])]


ROSTER = ListOut(
    title=N_("Roster"),
    permission="roster.read",
    columns=PEOPLE,
    rows=_people_rows,
    count=lambda asked, most: counted(_people(asked), most),
    filters=lambda args: roster.read_filters(args).as_query(),
    sheets=_by_body,
)


# -- enterprises, and what coverage shows of them


FIRMS: tuple[Title, ...] = (
    *(_FIRM, _CODE, _AREA, (N_("Address"), "text", 34), (N_("Industry"), "text", 14), (N_("Size"), "text", 8)),
    *((N_("In business"), "text", 8), *_PEOPLE, (N_("Contact person"), "text", 12), (N_("Phone"), "text", 14), _SPOKE),
)


def _firms(asked: Asked) -> sa.Select[Any]:
    given = _firm_filters(asked.args)
    area = next((one for one in enterprises.areas_for(asked.actor) if str(one.id) == given.get("area")), None)
    query = enterprises.within(enterprises.matching(enterprises.visible_to(asked.actor), given.get("q", "")), area)
    held = {side: row_id(given.get(side, "")) for side in ("officer", "deputy")}
    return enterprises.held_by(query, local_day(asked.now), officer=held["officer"], deputy=held["deputy"])


def _firm_filters(args: Mapping[str, str]) -> dict[str, str]:
    found = _understood(args, "q", "area", "officer", "deputy")
    return {name: text for name, text in found.items() if name == "q" or row_id(text) is not None}


def _firm_rows(asked: Asked) -> Rows:
    query = (
        _firms(asked)
        .with_only_columns(Enterprise.id, Enterprise.name, Enterprise.uscc, Area.full_name, Enterprise.address)
        .add_columns(Enterprise.industry, Enterprise.size, Enterprise.active, Liaison.officer_id, Liaison.deputy_id)
        .add_columns(Enterprise.contacted_on)
        .outerjoin(Area, Area.id == Enterprise.area_id)
        .outerjoin(Liaison, sa.and_(Liaison.enterprise_id == Enterprise.id, Liaison.to_on.is_(None)))
    )
    for portion in in_portions(query, (paging.Key(Enterprise.id, int),), lambda row: [row[0]]):
        names = enterprises.names_of_people({key for row in portion for key in (row[8], row[9])})
        calls = enterprises.first_contacts([row[0] for row in portion])
        yield [_firm_row(row, names, calls.get(row[0]), full=asked.full) for row in portion]


def _firm_row(row: Any, names: Mapping[int, str], contact: Any, *, full: bool) -> Sequence[object]:
    _, name, uscc, area, address, industry, size, active, officer, deputy, spoke = row
    phone = contact.phone if contact else ""
    return (
        *(name, uscc, area, address, industry, size, gettext("Yes") if active else gettext("No")),
        *(names.get(officer, ""), names.get(deputy, ""), contact.name if contact else ""),
        *(phone if full else masked(phone), spoke),
    )


FIRM_LIST = ListOut(
    title=N_("Enterprises"),
    permission="enterprise.read",
    columns=FIRMS,
    rows=_firm_rows,
    count=lambda asked, most: counted(_firms(asked), most),
    filters=_firm_filters,
    reveal="enterprise.reveal",
)

COVERED: tuple[Title, ...] = (
    *(_FIRM, _CODE, (N_("Address"), "text", 34), (N_("Industry"), "text", 14), *_PEOPLE, _SPOKE),
)


def _covered(asked: Asked) -> sa.Select[Any]:
    """The firms behind a number of the coverage board, of a place and a day."""
    area = coverage.visible_place(row_id(asked.args.get("area", "")) or 0, to=asked.actor)
    given, today = _coverage_filters(asked.args), local_day(asked.now)
    day = min(date.fromisoformat(given["day"]), today) if "day" in given else today
    limits = duty.limits_of(area.district_id or area.id)
    officer = row_id(given.get("officer", ""))
    return coverage.firms_in(area, given["show"], today=today, limits=limits, day=day, officer_id=officer)


def _coverage_filters(args: Mapping[str, str]) -> dict[str, str]:
    found = _understood(args, "area", "day", "officer", "show")
    try:
        date.fromisoformat(found.get("day", "2020-01-01"))
    except ValueError:
        del found["day"]
    found["show"] = found["show"] if found.get("show") in coverage.SHOWS else "uncovered"
    return found


def _covered_rows(asked: Asked) -> Rows:
    for portion in in_portions(_covered(asked), (paging.Key(Enterprise.id, int),), lambda row: [row[0].id]):
        names = enterprises.names_of_people({key for _, *both in portion for key in both})
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
