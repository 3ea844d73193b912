"""The case ledger coming back: what stands in a case, and its own correction as the one way to write there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale

from casework.cases import editing, queries
from casework.cases.models import Case
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.i18n import DEFAULT, LANGUAGES, language, speaking, translate
from casework.kernel.permissions import Actor, can
from casework.ledgers import ledger
from casework.ledgers.back import NOT_YOURS
from casework.ledgers.ledger import COLUMNS, EDITABLE
from casework.ledgers.returning import MASKED, YES, Places, Returning, Standing, canonical, known

PHONE = "contact_phone"
FIELDS = {"type": "type_id", "area": "area_id"}
CLOSED = N_("The case has ended: nothing of it is edited any more.")
NO_TYPE = N_("Type: there is none called “%(text)s”. Write it as it stands in the list of types.")
NO_URGENT = N_("Urgent: write “%(yes)s” or leave it empty.")


class CaseReader:
    """What stands in cases now, and whether a person may write something else there."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.types: dict[str, str] = {
            canonical("text", name): str(type_id) for type_id, name in queries.type_choices(language())
        }
        self.held: list[Case] = []
        self.places = Places(actor)
        self.yes = translate(N_("Yes"))

    def standing(self, numbers: Collection[str]) -> dict[str, Standing]:
        """The cases of these numbers that the person may see."""
        here = sa.and_(Case.number.in_(sorted(numbers)), queries.visible_to(self.actor))
        line = ledger.liner(full=True)  # compared, never shown
        rows = (line(row) for row in db.session.execute(ledger.select(here))) if numbers else ()
        return {one.number: Standing(one.id, one.version, CASES.texts(one.cells)) for one in rows}

    def hold(self, ids: Collection[int]) -> None:
        """Read at once the things whose faults will be asked for: the session finds them while they are held."""
        self.held = list(db.session.scalars(sa.select(Case).where(Case.id.in_(ids))))

    def faults(self, key: int, mine: Mapping[str, str]) -> list[Reason]:
        """Why these values cannot be written to the case; none when they can."""
        case = db.session.get_one(Case, key)
        if not can(self.actor, "case.edit", case):
            return [because(NOT_YOURS if case.is_open else CLOSED)]
        try:
            self.values(case, mine)
        except Refused as refusal:
            return list(refusal.reasons)
        return []

    def write(self, key: int, mine: Mapping[str, str], *, reason: str, now: datetime) -> None:
        """Correct the case.

        Raises:
            NotPermitted: it is not theirs to edit.
            Refused: it has ended, or a value cannot stand.
        """
        case = db.session.get_one(Case, key)
        if not case.is_open:
            raise Refused(because(CLOSED))
        editing.correct(case, self.values(case, mine), reason=reason, actor=self.actor, now=now)

    def values(self, case: Case, mine: Mapping[str, str]) -> dict[str, Any]:
        """The values as the correction of a case takes them: what its own form would say to them is asked there.

        Raises:
            Refused: with a reason for each that cannot stand, its field the column.
        """
        given, faults = dict[str, str](), list[Reason]()
        for name, text in mine.items():
            try:
                given[FIELDS.get(name, name)] = self._value(case, name, text)
            except Refused as refusal:
                faults += [because(one.text, name, **dict(one.values)) for one in refusal.reasons]
        form = editing.filled_form(case, self.actor, given)
        column = {FIELDS.get(name, name): name for name in mine}
        faults += [because("%(said)s", column[name], said=said) for name, said in self._said_by(form) if name in given]
        if faults:
            raise Refused(faults)
        return {name: value for name, value in editing.changes_of(form).items() if name in given}

    def _said_by(self, form: Any) -> list[tuple[str, str]]:
        """What a form says against its fields, to who gives the ledger back: the file may be in another language."""
        locale = self.actor.locale or DEFAULT
        with speaking(locale), force_locale(LANGUAGES[locale]):
            form.validate()
            return [(name, str(error)) for name, errors in form.errors.items() for error in errors]

    def _value(self, case: Case, name: str, text: str) -> str:
        if name == "type":
            return known(self.types.get(text), because(NO_TYPE, text=text))
        if name == "area":
            return str(editing.place_in(case, self.places.named(text)).id)
        if name == "urgent" and text:
            return known("y" if text in (self.yes, *YES) else None, because(NO_URGENT, yes=self.yes))
        if name == PHONE and "*" in text:
            raise Refused(because(MASKED))
        return text


def _names(numbers: Sequence[str], actor: Actor) -> Mapping[str, str]:
    """Cases are called by their number."""
    here = sa.select(Case.number).where(Case.number.in_(numbers), queries.visible_to(actor))
    return {number: number for number in db.session.scalars(here)} if numbers else {}


CASES = Returning(
    name="cases",
    sign="v1",
    columns=COLUMNS,
    known_by="number",
    editable=EDITABLE,
    together=(("contact_name", PHONE),),
    masked=PHONE,
    reader=CaseReader,
    names=_names,
    path="/cases/%s",
    new_row=N_("The row has no mark: new cases come in by the import."),
    other_row=N_("The mark belongs to case %(number)s: cells were moved between rows."),
    twice=N_("The case stands in the file twice: row %(row)s is read, this one is not."),
    not_there=N_("There is no such case in your reach."),
    elsewhere=N_("“%(column)s” is not changed in a ledger: do it on the page of the case."),
)
