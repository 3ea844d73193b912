"""The roster as a list: a row a posting of today, masked and marked; names and phones in it may come back edited."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext
from sqlalchemy import orm
from werkzeug.datastructures import MultiDict

from casework.accounts.models import User
from casework.areas.models import Area
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, because
from casework.kernel.forms import row_id
from casework.kernel.masking import masked
from casework.kernel.permissions import Actor, Role, can
from casework.kernel.time import local_day
from casework.ledgers import returning
from casework.ledgers.back import NOT_YOURS
from casework.ledgers.returning import MASKED, Returning, Standing
from casework.ledgers.taking_out import Asked, ListOut, Rows, Title, Words, counted, in_portions
from casework.roster import lists as roster
from casework.roster import service
from casework.roster.forms import PersonEditForm
from casework.roster.models import Posting, Unit
from casework.roster.queries import people_visible_to, valid_on
from casework.roster.words import ROLES
from casework.sheets.workbook import Column, Sheet

COLUMNS: Mapping[str, Title] = {
    "team_code": (N_("Team code"), "text", 12),
    "team": (N_("Team"), "text", 24),
    "sending": (N_("Sending body"), "text", 20),
    "username": (N_("User name"), "text", 16),
    "name": (N_("Full name"), "text", 12),
    "phone": (N_("Phone"), "text", 14),
    "home": (N_("Home body"), "text", 20),
    "role": (N_("Role"), "text", 12),
    "area": (N_("Area"), "text", 34),
    "partner": (N_("AB pair"), "text", 12),
    "from_on": (N_("First day"), "date", 12),
    "to_on": (N_("Last day"), "date", 12),
}
_PARTNER = orm.aliased(User)


# -- going out


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
        .add_columns(User.id, User.version)
        .join(Unit, Unit.id == Posting.unit_id)
        .join(User, User.id == Posting.user_id)
        .join(Area, Area.id == Posting.area_id)
        .outerjoin(_PARTNER, _PARTNER.id == Posting.partner_id)
        .where(*conditions)
    )


def _rows(asked: Asked) -> Rows:
    """By team and name; behind the cells of each the mark."""
    words, secret = Words(), returning.key()
    keys = (paging.Key(Unit.code, str), paging.Key(User.name, str), paging.Key(Posting.id, int))
    for portion in in_portions(_people(asked), keys, lambda row: [row[0], row[4], row[12]]):
        made = [
            ((*row[:5], masked(row[5]), row[6], words.of(ROLES, Role(row[7])), *row[8:12]), str(row[13]), row[14])
            for row in portion
        ]
        yield [(*cells, PEOPLE.mark(secret, number, version, cells)) for cells, number, version in made]


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
    columns=tuple(COLUMNS.values()),
    rows=_rows,
    count=lambda asked, most: counted(_people(asked), most),
    filters=lambda args: roster.read_filters(args).as_query(),
    sheets=_by_body,
    mark=returning.MARK,
)


# -- coming back


class PersonReader:
    """Names and phones as they stand, and whether somebody may write others there. Nothing else of an account is."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.held: list[User] = []

    def standing(self, numbers: Collection[str]) -> dict[str, Standing]:
        """The people of these numbers that the actor may see."""
        ids = [key for number in numbers if (key := row_id(number))]
        query = people_visible_to(self.actor).where(User.id.in_(ids))
        columns = (User.id, User.version, User.name, User.phone)
        rows = db.session.execute(query.with_only_columns(*columns)) if ids else ()
        return {
            str(key): Standing(key, version, {"name": PEOPLE.text("name", name), "phone": PEOPLE.text("phone", phone)})
            for key, version, name, phone in rows
        }

    def hold(self, ids: Collection[int]) -> None:
        """Read at once the people whose faults will be asked for: the session finds them while they are held."""
        self.held = list(db.session.scalars(sa.select(User).where(User.id.in_(ids))))

    def faults(self, key: int, mine: Mapping[str, str]) -> list[Reason]:
        """What the form of the person's page says to these values; none when it takes them."""
        if not can(self.actor, "person.edit"):
            return [because(NOT_YOURS)]
        if "*" in mine.get("phone", ""):
            return [because(MASKED, "phone")]
        form = PersonEditForm(formdata=MultiDict(self._filled(key, mine)), meta={"csrf": False})
        form.validate()
        wrong = {name: errors for name, errors in form.errors.items() if name in mine}
        return [because("%(said)s", name, said=str(error)) for name, errors in wrong.items() for error in errors]

    def write(self, key: int, mine: Mapping[str, str], *, reason: str, now: datetime) -> None:
        """Correct the person, as on their page.

        Raises:
            NotPermitted: the actor is not the system administrator.
            Refused: the name is missing.
        """
        user = db.session.get_one(User, key)
        service.edit_person(user, **self._filled(key, mine), reason=reason, actor=self.actor, now=now)

    def _filled(self, key: int, mine: Mapping[str, str]) -> dict[str, str]:
        user = db.session.get_one(User, key)
        return {"name": mine.get("name", user.name), "phone": mine.get("phone", user.phone)}


def _names(numbers: Sequence[str], actor: Actor) -> Mapping[str, str]:
    return returning.names_by_id(people_visible_to(actor), User, numbers)


PEOPLE = Returning(
    name="people",
    sign="p1",
    columns=COLUMNS,
    known_by="username",
    many=True,
    editable=("name", "phone"),
    together=(),
    masked="phone",
    reader=PersonReader,
    names=_names,
    path="/people/%s",
    new_row=N_("The row has no mark: new people come in by the import."),
    other_row=N_("The mark belongs to another person (no. %(number)s): cells were moved between rows."),
    twice=N_("The person stands in the file with other changes: row %(row)s is read, this one is not."),
    not_there=N_("There is no such person in your reach."),
    elsewhere=N_("“%(column)s” is not changed in a ledger: do it on the page of the person."),
)
