"""The list of enterprises as a ledger: scoped and masked, each row marked so that it can return, and its return."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext

from casework.areas.models import Area
from casework.enterprises import lists, queries, rules, service
from casework.enterprises.models import Contact, Enterprise, Liaison
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import N_, NotPermitted, Reason, Refused, because
from casework.kernel.forms import row_id
from casework.kernel.i18n import translate
from casework.kernel.masking import masked
from casework.kernel.permissions import TABLE, Actor, can
from casework.kernel.time import local_day
from casework.ledgers import returning
from casework.ledgers.back import NOT_YOURS
from casework.ledgers.returning import MASKED, NO, YES, Places, Returning, Standing, known
from casework.ledgers.taking_out import Asked, ListOut, Rows, Title, counted, in_portions
from casework.roster import queries as roster
from casework.saved import firms as saved

COLUMNS: Mapping[str, Title] = {
    "number": (N_("Enterprise number"), "text", 10),
    "name": (N_("Enterprise"), "text", 30),
    "uscc": (N_("Credit code"), "text", 21),
    "area": (N_("Area"), "text", 34),
    "address": (N_("Address"), "text", 34),
    "industry": (N_("Industry"), "text", 14),
    "size": (N_("Size"), "text", 8),
    "active": (N_("In business"), "text", 8),
    "officer": (N_("Officer"), "text", 10),
    "deputy": (N_("Deputy"), "text", 10),
    "contact_name": (N_("Contact person"), "text", 12),
    "contact_phone": (N_("Phone"), "text", 14),
    "contacted": (N_("Last contact"), "date", 12),
}
OF_FIRM = ("name", "uscc", "area", "address", "industry", "size", "active")
OF_CONTACT = ("contact_name", "contact_phone")
NO_ACTIVE = N_("In business: write “%(yes)s” or “%(no)s”.")
TOO_LONG = N_("“%(column)s”: shorten it to %(most)s characters.")
NOT_THERE = N_("Area: “%(text)s” is outside what you may edit. Leave it as it was, or ask the administrator there.")
ABOUT = {"name": ("name", "area"), "uscc": ("uscc",), "area_id": ("area",)}
"""The cells that a fault of the firm's own page may come from, the likeliest first."""
VERSIONS = 100_000
"""A mark tells by one number whom to call first there and how often that was changed."""


# -- going out


def select(condition: sa.Select[Any]) -> sa.Select[Any]:
    """The rows of the ledger for a select of firms, as columns."""
    return (
        condition.with_only_columns(Enterprise.id, Enterprise.name, Enterprise.uscc, Area.full_name, Enterprise.address)
        .add_columns(Enterprise.industry, Enterprise.size, Enterprise.active, Liaison.officer_id, Liaison.deputy_id)
        .add_columns(Enterprise.contacted_on)
        .outerjoin(Area, Area.id == Enterprise.area_id)
        .outerjoin(Liaison, sa.and_(Liaison.enterprise_id == Enterprise.id, Liaison.to_on.is_(None)))
    )


def lines(portion: Sequence[Any], *, full: bool) -> list[tuple[int, int, Sequence[object]]]:
    """For rows of ``select`` the id, what tells whether the contact was changed, and the cells."""
    people = roster.names(key for row in portion for key in (row[8], row[9]) if key)
    calls = queries.first_contacts([row[0] for row in portion])
    return [(row[0], _version(calls.get(row[0])), _cells(row, people, calls.get(row[0]), full)) for row in portion]


def _version(contact: Contact | None) -> int:
    return contact.id * VERSIONS + contact.version if contact else 0


def _cells(row: Any, people: Mapping[int, str], contact: Contact | None, full: bool) -> Sequence[object]:
    key, name, uscc, area, address, industry, size, active, officer, deputy, spoke = row
    phone = contact.phone if contact else ""
    return (
        *(str(key), name, uscc, area, address, industry, size, gettext("Yes") if active else gettext("No")),
        *(people.get(officer, ""), people.get(deputy, ""), contact.name if contact else ""),
        *(phone if full else masked(phone), spoke),
    )


def _firms(asked: Asked) -> sa.Select[Any]:
    query = lists.filtered(asked.actor, lists.read_filters(asked.args), local_day(asked.now))
    if asked.full:  # only those whose numbers the reader may see one by one
        query = query.where(queries.reach_of(asked.actor, TABLE["enterprise.reveal"].grants))
    return query


def _rows(asked: Asked) -> Rows:
    """By id; behind the cells of each the mark."""
    secret = returning.key()
    for portion in in_portions(select(_firms(asked)), (paging.Key(Enterprise.id, int),), lambda row: [row[0]]):
        made = lines(portion, full=asked.full)
        yield [(*cells, FIRMS.mark(secret, str(key), version, cells)) for key, version, cells in made]


FIRM_LIST = ListOut(
    title=N_("Enterprises"),
    permission="enterprise.read",
    columns=tuple(COLUMNS.values()),
    rows=_rows,
    count=lambda asked, most: counted(_firms(asked), most),
    filters=lambda args: lists.read_filters(args).as_query(),
    kept=saved.LISTED,
    reveal="enterprise.reveal",
    mark=returning.MARK,
)


# -- coming back


class FirmReader:
    """What stands of firms now, and whether a person may write something else there."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.held: list[Enterprise | Contact] = []
        self.places = Places(actor)
        self.yes, self.no = translate(N_("Yes")), translate(N_("No"))

    def standing(self, numbers: Collection[str]) -> dict[str, Standing]:
        """The firms of these numbers that the person may see."""
        ids = [key for number in numbers if (key := row_id(number))]
        query = select(queries.visible_to(self.actor).where(Enterprise.id.in_(ids)))
        made = lines(db.session.execute(query).all(), full=True) if ids else []  # compared, never shown
        return {str(key): Standing(key, version, FIRMS.texts(cells)) for key, version, cells in made}

    def hold(self, ids: Collection[int]) -> None:
        """Read at once the things whose faults will be asked for: the session finds them while they are held."""
        firms = db.session.scalars(sa.select(Enterprise).where(Enterprise.id.in_(ids)))
        self.held = [*firms, *queries.first_contacts(list(ids)).values()]

    def faults(self, key: int, mine: Mapping[str, str]) -> list[Reason]:
        """Why these values cannot be written to the firm; none when they can."""
        firm = db.session.get_one(Enterprise, key)
        if not can(self.actor, "enterprise.edit", firm):
            return [because(NOT_YOURS)]
        found = list[Reason]()
        for ask in (self._of_firm, self.contact):
            try:
                ask(firm, mine)
            except Refused as refusal:
                found += refusal.reasons
        return found

    def _of_firm(self, firm: Enterprise, mine: Mapping[str, str]) -> None:
        if mine.keys().isdisjoint(OF_FIRM):
            return
        try:
            service.authorise_edit(firm, self.draft(firm, mine), actor=self.actor)
        except Refused as refusal:
            raise Refused([_about(one, mine) for one in refusal.reasons]) from refusal
        except NotPermitted as no:  # the firm as it stands is theirs, or it had been said before
            raise Refused(because(NOT_THERE, "area", text=mine.get("area", ""))) from no

    def write(self, key: int, mine: Mapping[str, str], *, reason: str, now: datetime) -> None:
        """Correct the firm, and whom to call there first.

        Raises:
            NotPermitted: it is not theirs to edit, here or where it is moved to.
            Refused: a value cannot stand.
        """
        firm = db.session.get_one(Enterprise, key)
        contact, called = self.contact(firm, mine)
        if not mine.keys().isdisjoint(OF_FIRM):
            service.edit_enterprise(firm, self.draft(firm, mine), reason=reason, actor=self.actor, now=now)
        if called:
            service.save_contact(firm, contact, **called, actor=self.actor, now=now)

    def draft(self, firm: Enterprise, mine: Mapping[str, str]) -> service.Draft:
        """The firm as it would be.

        Raises:
            Refused: with a reason for each value that cannot stand.
        """
        given, faults = dict[str, Any](), _too_long(mine)
        for name in OF_FIRM:
            try:
                given[name] = self._value(name, mine[name]) if name in mine else _stands(firm, name)
            except Refused as refusal:
                faults += [because(one.text, name, **dict(one.values)) for one in refusal.reasons]
        if faults:
            raise Refused(faults)
        return service.Draft(**given)

    def contact(self, firm: Enterprise, mine: Mapping[str, str]) -> tuple[Contact | None, dict[str, Any]]:
        """Whom to call first now, and what would be written of them; {} for nothing.

        Raises:
            Refused: no name, or no number.
        """
        if mine.keys().isdisjoint(OF_CONTACT):
            return None, {}
        found = queries.first_contacts([firm.id]).get(firm.id)
        name = mine.get("contact_name", found.name if found else "")
        phone = mine.get("contact_phone", found.phone if found else "")
        faults = [because(MASKED)] if "*" in mine.get("contact_phone", "") else service.contact_faults(name, phone)
        if faults:
            raise Refused([because(one.text, _of_contact(one, mine), **dict(one.values)) for one in faults])
        return found, {"name": name, "duty": found.duty if found else "", "phone": phone}

    def _value(self, name: str, text: str) -> Any:
        if name == "area":
            return self.places.named(text)
        if name == "active":
            said = {**dict.fromkeys((self.yes, *YES), "y"), **dict.fromkeys((self.no, *NO), "")}
            return bool(known(said.get(text), because(NO_ACTIVE, yes=self.yes, no=self.no)))
        return text


def _stands(firm: Enterprise, name: str) -> Any:
    if name == "area":
        return db.session.get_one(Area, firm.area_id)
    return firm.uscc or "" if name == "uscc" else getattr(firm, name)


def _about(fault: Reason, mine: Mapping[str, str]) -> Reason:
    """The fault, about the cell that brought it: another firm of the name may stand where this one is moved to."""
    cells = [name for name in (*ABOUT.get(fault.field or "", ()), *OF_FIRM) if name in mine]
    return because(fault.text, cells[0], **dict(fault.values))


def _of_contact(fault: Reason, mine: Mapping[str, str]) -> str:
    wanted = f"contact_{fault.field or 'phone'}"
    return wanted if wanted in mine else next(name for name in OF_CONTACT if name in mine)


def _too_long(mine: Mapping[str, str]) -> list[Reason]:
    return [
        because(TOO_LONG, name, column=Reason(COLUMNS[name][0]), most=most)
        for name, most in rules.LONGEST.items()
        if len(mine.get(name, "")) > most
    ]


def _names(numbers: Sequence[str], actor: Actor) -> Mapping[str, str]:
    return returning.names_by_id(queries.visible_to(actor), Enterprise, numbers)


FIRMS = Returning(
    name="enterprises",
    sign="e1",
    columns=COLUMNS,
    known_by="number",
    editable=(*OF_FIRM, *OF_CONTACT),
    together=(OF_CONTACT,),
    masked="contact_phone",
    reader=FirmReader,
    names=_names,
    path="/enterprises/%s",
    new_row=N_("The row has no mark: new enterprises come in by the import."),
    other_row=N_("The mark belongs to enterprise no. %(number)s: cells were moved between rows."),
    twice=N_("The enterprise stands in the file twice: row %(row)s is read, this one is not."),
    not_there=N_("There is no such enterprise in your reach."),
    elsewhere=N_("“%(column)s” is not changed in a ledger: do it on the page of the enterprise."),
)
