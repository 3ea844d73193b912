"""The page of a person: postings with their pairs, days away, name and account."""

from __future__ import annotations

from datetime import date

from flask import Response
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from casework.accounts.models import User
from casework.areas import queries as areas
from casework.areas.models import Level
from casework.kernel.masking import masked
from casework.kernel.permissions import Actor, can
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, page
from casework.roster import duty, pairs, queries, service
from casework.roster.duty_forms import AwayForm
from casework.roster.forms import EndForm, PairForm, PersonEditForm, PostingForm
from casework.roster.models import Posting
from casework.roster.policy import ADMIN_ROLES, posting_permission, posts
from casework.roster.words import ABSENCES, ROLES

NOBODY = ("", "—")


def person_page(
    user: User,
    *,
    posting: PostingForm | None = None,
    edit: PersonEditForm | None = None,
    end: tuple[int, EndForm] | None = None,
    pair: tuple[int, PairForm] | None = None,
    away: AwayForm | None = None,
    password: str | None = None,
    status: int = 200,
) -> Response:
    """Draw it; a form that was refused comes back as it was sent."""
    actor, today = current_actor(), local_day(utcnow())
    rows = queries.postings_of(user.id)
    now = [row for row in rows if row.is_valid_on(today)]
    mine = [row for row in now if may_pair(actor, row)]
    colleagues = queries.colleagues([row.unit_id for row in mine], today)
    absences = duty.absences_of(user.id, today)
    others = {row.partner_id for row in rows if row.partner_id} | {row.deputy_id for row in absences if row.deputy_id}
    return page(
        "roster/person.html",
        status=status,
        user=user,
        roles=ROLES,
        phone=masked(user.phone),
        password=password,
        groups=_by_time(rows, today),
        end=end,
        ends={row.id: _end_form(row, today) for row in rows if _may_end(actor, row, today)},
        pairs={row.id: pair_form(row, colleagues, None) for row in mine} | ({pair[0]: pair[1]} if pair else {}),
        names=queries.names(others),
        absences=absences,
        kinds=ABSENCES,
        away=away or (away_form(user, mine, colleagues, today, None) if mine else None),
        posting=posting or (posting_form(actor, None) if posts(actor) and actor.user_id != user.id else None),
        edit=edit or PersonEditForm(formdata=None, name=user.name, phone=user.phone, version=user.version),
        may_set_password=service.may_set_password(actor, user.id, today),
    )


def may_pair(actor: Actor, row: Posting) -> bool:
    """Whether the actor sets pairs and days away for this posting."""
    return row.role in queries.HANDLERS and can(actor, "duty.edit", row)


def pair_form(row: Posting, colleagues: dict[int, list[queries.Colleague]], formdata: object | None) -> PairForm:
    """Who is the other of the pair, among those of the unit."""
    form = PairForm() if formdata is not None else PairForm(formdata=None, partner_id=str(row.partner_id or ""))
    others = [one for one in colleagues.get(row.unit_id, []) if one.user_id != row.user_id]
    form.partner_id.choices = [SelectChoice(*NOBODY), *(SelectChoice(str(one.user_id), one.name) for one in others)]
    return form


def away_form(
    user: User,
    rows: list[Posting],
    colleagues: dict[int, list[queries.Colleague]],
    today: date,
    formdata: object | None,
) -> AwayForm:
    """Days away; the other of the pair is put in as who stands in."""
    lasting = pairs.partners([user.id], today).get(user.id)
    form = AwayForm() if formdata is not None else AwayForm(formdata=None, deputy_id=str(lasting or ""), from_on=today)
    form.kind.choices = [SelectChoice(kind.value, _(label)) for kind, label in ABSENCES.items()]
    others = {one.user_id: one.name for row in rows for one in colleagues.get(row.unit_id, [])}
    others.pop(user.id, None)
    form.deputy_id.choices = [SelectChoice(*NOBODY), *(SelectChoice(str(key), name) for key, name in others.items())]
    return form


def _by_time(rows: list[Posting], today: date) -> list[tuple[str, list[Posting]]]:
    now = [row for row in rows if row.is_valid_on(today)]
    later = [row for row in rows if row.from_on > today]
    past = [row for row in rows if row not in now and row not in later]
    return [(_("Posted now"), now), (_("Posted later"), later), (_("Posted before"), past)]


def _may_end(actor: Actor, row: Posting, today: date) -> bool:
    return not (row.to_on and row.to_on < today) and can(actor, posting_permission(row.role), row)


def _end_form(row: Posting, today: date) -> EndForm:
    return EndForm(formdata=None, to_on=row.to_on or max(today, row.from_on), version=row.version)


def posting_form(actor: Actor, formdata: object | None) -> PostingForm:
    """The form with what this actor may give: staff roles, administrators' roles, or both."""
    form = PostingForm() if formdata is not None else PostingForm(formdata=None, from_on=local_day(utcnow()))
    roles = [role for role in ROLES if can(actor, posting_permission(role))]
    form.role.choices = [SelectChoice(role.value, _(ROLES[role])) for role in roles]
    form.unit_id.choices = [SelectChoice(*pair) for pair in queries.unit_choices(actor)]
    levels = [Level.CITY, Level.DISTRICT]
    if any(role not in ADMIN_ROLES for role in roles):
        levels += [Level.SUBDISTRICT, Level.COMMUNITY]
    form.area_id.choices = [SelectChoice(*pair) for pair in areas.choices(actor, levels=levels)]
    return form
