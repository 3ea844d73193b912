"""On the roster's blueprint: the pair of a posting, days away of a person, and first passwords for a unit."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from casework.accounts import service as accounts
from casework.accounts.rules import FIRST_PASSWORD
from casework.kernel.attempts import carry_out
from casework.kernel.errors import N_, NotPermitted, Reason, Refused
from casework.kernel.forms import row_id
from casework.kernel.permissions import authorise
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.roster import duty, handing_out, pairs, queries
from casework.roster.forms import HandOutForm
from casework.roster.models import Unit
from casework.roster.person_page import away_form, may_pair, pair_form, person_page
from casework.roster.views import blueprint as blueprint


@blueprint.post("/people/<int:user_id>/postings/<int:posting_id>/pair")
@needs("duty.edit")
def pair(user_id: int, posting_id: int) -> ResponseReturnValue:
    """Make two people a lasting pair, or part them."""
    actor = current_actor()
    user = queries.visible_person(user_id, to=actor)
    row = queries.posting(posting_id, of=user_id)
    form = pair_form(row, queries.colleagues([row.unit_id], local_day(utcnow())), request.form)

    def work() -> str:
        pairs.pair_up(row, row_id(form.partner_id.data or ""), actor=actor, now=utcnow())
        return url_for("roster.person", user_id=user_id)

    if location := carry_out(form, work, principal=principal()):
        flash(_("The pair is set."))
        return redirect(location, 303)
    return person_page(user, pair=(posting_id, form), status=form.http_status)


@blueprint.post("/people/<int:user_id>/absences")
@needs("duty.edit")
def note_away(user_id: int) -> ResponseReturnValue:
    """Note that somebody is away."""
    actor, today = current_actor(), local_day(utcnow())
    user = queries.visible_person(user_id, to=actor)
    rows = [row for row in queries.postings_of(user_id) if row.is_valid_on(today) and may_pair(actor, row)]
    if not rows:
        raise NotPermitted("duty.edit")
    form = away_form(user, rows, queries.colleagues([row.unit_id for row in rows], today), today, request.form)

    def work() -> str:
        if form.from_on.data is None or form.to_on.data is None:
            raise Refused(Reason(N_("Write the first day as 2026-03-16."), {}, "from_on"))
        duty.note_absence(
            user,
            kind=form.kind.data,
            from_on=form.from_on.data,
            to_on=form.to_on.data,
            deputy_id=row_id(form.deputy_id.data or ""),
            actor=actor,
            now=utcnow(),
        )
        return url_for("roster.person", user_id=user_id)

    if location := carry_out(form, work, principal=principal()):
        flash(_("Noted. New cases go to somebody else on these days."))
        return redirect(location, 303)
    return person_page(user, away=form, status=form.http_status)


@blueprint.get("/units/<int:unit_id>/passwords")
@needs("person.first_password")
def first_passwords(unit_id: int) -> ResponseReturnValue:
    """Those of a unit who cannot sign in yet."""
    unit, form = _unit_and_form(unit_id, posted=False)
    return page("roster/passwords.html", unit=unit, form=form, slips=None, most=handing_out.MOST)


@blueprint.post("/units/<int:unit_id>/passwords")
@needs("person.first_password")
def hand_out(unit_id: int) -> ResponseReturnValue:
    """Make first passwords and show them this once."""
    actor, (unit, form) = current_actor(), _unit_and_form(unit_id, posted=True)
    slips: list[handing_out.Slip] = []
    secrets: dict[int, accounts.Secret] = {}

    def prepare() -> None:
        chosen = [key for one in form.people.data or [] if (key := row_id(one))]
        if len(chosen) > handing_out.MOST:
            raise Refused(Reason(N_("Pick at most %(most)s people at once."), {"most": handing_out.MOST}, "people"))
        secrets.update({key: accounts.new_secret() for key in chosen})

    def work() -> str:
        slips.extend(handing_out.hand_out(unit, secrets, actor=actor, now=utcnow()))
        return url_for("roster.first_passwords", unit_id=unit_id)

    if location := carry_out(form, work, principal=principal(), prepare=prepare):
        if not slips:  # a second click: the list was shown the first time
            return redirect(location, 303)
        until = local_day(utcnow() + FIRST_PASSWORD)
        return page("roster/passwords.html", unit=unit, form=form, slips=slips, until=until, most=handing_out.MOST)
    return page(
        "roster/passwords.html", unit=unit, form=form, slips=None, most=handing_out.MOST, status=form.http_status
    )


def _unit_and_form(unit_id: int, *, posted: bool) -> tuple[Unit, HandOutForm]:
    actor = current_actor()
    unit = queries.visible_unit(unit_id, to=actor)
    authorise(actor, handing_out.PERMISSION, unit)
    people = handing_out.waiting(unit, actor=actor, now=utcnow())
    form = HandOutForm() if posted else HandOutForm(formdata=None)
    form.people.choices = [SelectChoice(str(one.id), f"{one.name} · {one.username}") for one in people]
    if not posted:
        form.people.data = [str(one.id) for one in people[: handing_out.MOST]]
    return unit, form
