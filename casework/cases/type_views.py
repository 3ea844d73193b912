"""The pages of case types: list and edit, for the district administrator."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from casework.cases import limits, queries, types
from casework.cases.clockwork import CLOCK_LABELS, DEFAULT_LIMITS
from casework.cases.forms import options
from casework.cases.models import CaseType
from casework.cases.rules import CALLBACK_TRIES
from casework.cases.workflow import OUTCOME_LABELS
from casework.clocks.kinds import ALWAYS, WORKING
from casework.clocks.queries import known_calendars
from casework.kernel.db import one, transaction
from casework.kernel.errors import N_, Conflict, Refused, because
from casework.kernel.forms import STALE, VersionedForm, say
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor, go, needs, page
from casework.kernel.words import listed

blueprint = Blueprint("case_types", __name__, url_prefix="/settings/case-types")
LIMIT_LABELS = {
    "acknowledge": N_("Acknowledge within"),
    "first_contact": N_("First contact within"),
    "plan": N_("Plan within"),
    "resolve": N_("Resolve within"),
    "review": N_("Review within"),
    "callback": N_("Call back within"),
    "rework": N_("Rework within"),
}
UNITS = [("days", say(N_("days"))), ("minutes", say(N_("minutes")))]
_LINE = re.compile(
    r"^(?P<key>[a-z][a-z0-9_]{0,29})\s*\|\s*(?P<zh>[^|]+?)\s*\|\s*(?P<en>[^|]+?)\s*(\|\s*(?P<opt>optional|选填)\s*)?$"
)


class TypeForm(VersionedForm):
    """A case type; items are one a line: key | 中文 | English, with ``| optional`` where it may be missing."""

    zh = StringField(
        say(N_("Chinese name")),
        validators=[InputRequired(say(N_("Chinese name: fill this in."))), Length(max=40)],
    )
    en = StringField(
        say(N_("English name")),
        validators=[InputRequired(say(N_("English name: fill this in."))), Length(max=60)],
    )
    hint_zh = StringField(say(N_("Chinese hint")), validators=[Length(max=200)])
    hint_en = StringField(say(N_("English hint")), validators=[Length(max=200)])
    words = TextAreaField(
        say(N_("Words that suggest it")),
        validators=[Length(max=2000)],
        description=say(N_("What people say when they mean it; commas between.")),
    )
    domain = SelectField(
        say(N_("Authority's domain")), choices=options((key, say(label)) for key, label in types.DOMAINS.items())
    )
    reviewer = SelectField(
        say(N_("Who reviews")), choices=options([("regulator", say(N_("Regulator"))), ("lead", say(N_("Team lead")))])
    )
    evidence = TextAreaField(
        say(N_("Closing evidence")), description=say(N_("One a line: key | 中文 | English | optional"))
    )
    checklist = TextAreaField(
        say(N_("Checklist of the review")), description=say(N_("One a line: key | 中文 | English"))
    )
    outcomes = SelectMultipleField(
        say(N_("Outcomes")), choices=options((key, say(label)) for key, label in OUTCOME_LABELS.items())
    )
    tries = IntegerField(
        say(N_("Calls before it counts as unreached")),
        validators=[
            InputRequired(say(N_("Calls: write a number from 1 to 10."))),
            NumberRange(min=1, max=10, message=say(N_("Calls: write a number from 1 to 10."))),
        ],
    )
    active = BooleanField(say(N_("Offered for new cases")))


for _clock, _label in LIMIT_LABELS.items():
    _number = IntegerField(
        say(_label),
        validators=[
            InputRequired(say(N_("Time limit: write a number above zero."))),
            NumberRange(min=1, max=576_000, message=say(N_("Time limit: write a number above zero."))),
        ],
    )
    setattr(TypeForm, f"limit_{_clock}", _number)
    setattr(TypeForm, f"unit_{_clock}", SelectField(say(N_("Unit")), choices=options(UNITS)))
    setattr(TypeForm, f"calendar_{_clock}", SelectField(say(N_("Which time counts"))))


@blueprint.get("")
@needs("case_type.edit")
def index() -> ResponseReturnValue:
    """All types, those out of use at the end."""
    return page("cases/case_types.html", types=queries.case_types(active=False), domains=types.DOMAINS)


@blueprint.route("/<code>", methods=["GET", "POST"])
@needs("case_type.edit")
def edit(code: str) -> ResponseReturnValue:
    """Edit one type."""
    kind = one(sa.select(CaseType).where(CaseType.code == code), code)
    form = TypeForm(data=None if request.method == "POST" else _as_form(kind))
    for clock in LIMIT_LABELS:
        form[f"calendar_{clock}"].choices = _calendars()
    if request.method != "POST" or not form.validate():
        return _page(kind, form, status=200 if request.method == "GET" else 422)
    status = 422
    try:
        values = _values(form)
        if request.form.get("do") == "show":
            return _page(kind, form, limits.preview(kind, values["limits"], actor=current_actor(), now=utcnow()))
        with transaction():
            if form.is_stale(kind):
                raise Conflict("stale")
            types.change(kind, values, actor=current_actor(), now=utcnow())
        flash(gettext("Saved."))
        return go("case_types.index")
    except Refused as refusal:
        form.refuse(refusal.reasons)
    except Conflict:
        form.refuse([STALE])
        form.version.data, status = str(kind.version), 409
    return _page(kind, form, status=status)


def _page(
    kind: CaseType, form: TypeForm, preview: limits.Preview | None = None, *, status: int = 200
) -> ResponseReturnValue:
    """The form as it stands, with what its limits would have meant when that was asked; then nothing is saved."""
    return page(
        "cases/case_type_edit.html",
        form=form,
        kind=kind,
        preview=preview,
        clock_labels=CLOCK_LABELS,
        status=status,
    )


def _calendars() -> Any:
    """The calendars that a limit can name: by code, those for everywhere by their names."""
    named = {one.row.code: one.row.name for one in known_calendars().values() if one.row.area_id is None}
    only_here = {one.row.code: one.row.label for one in known_calendars().values()}
    own = [(code, name) for code, name in {**only_here, **named}.items() if code != WORKING]
    return options([(WORKING, say(N_("Working time"))), *own, (ALWAYS, say(N_("Around the clock")))])


def _as_form(kind: CaseType) -> dict[str, Any]:
    plain = {
        name: getattr(kind, name)
        for name in ("zh", "en", "hint_zh", "hint_en", "domain", "reviewer", "outcomes", "active", "version")
    }
    for clock in LIMIT_LABELS:
        limit = kind.limits.get(clock) or DEFAULT_LIMITS[clock]
        unit = "days" if "days" in limit else "minutes"
        plain |= {f"limit_{clock}": limit[unit], f"unit_{clock}": unit, f"calendar_{clock}": limit["calendar"]}
    plain["tries"] = (kind.limits.get("callback") or {}).get("tries") or CALLBACK_TRIES
    words = "、".join(kind.words)
    return {**plain, "words": words, "evidence": _lines(kind.evidence), "checklist": _lines(kind.checklist)}


def _lines(items: list[Any]) -> str:
    return "\n".join(
        " | ".join([item["key"], item["zh"], item["en"], *([] if item.get("required", True) else ["optional"])])
        for item in items
    )


def _values(form: Any) -> dict[str, Any]:
    given = {
        clock: {form[f"unit_{clock}"].data: form[f"limit_{clock}"].data, "calendar": form[f"calendar_{clock}"].data}
        for clock in LIMIT_LABELS
    }
    given["callback"]["tries"] = form["tries"].data
    plain = {
        name: form[name].data for name in ("zh", "en", "hint_zh", "hint_en", "domain", "reviewer", "outcomes", "active")
    }
    plain["words"] = listed(form.words.data or "")
    return {**plain, "limits": given, "evidence": _items(form.evidence), "checklist": _items(form.checklist)}


def _items(bound: Any) -> list[dict[str, Any]]:

    items = []
    for number, line in enumerate(filter(None, map(str.strip, (bound.data or "").splitlines())), start=1):
        match = _LINE.match(line)
        if match is None:
            raise Refused(
                because(
                    N_("Line %(n)s: write key | 中文 | English, the key in small letters."),
                    bound.name,
                    n=number,
                )
            )
        items.append({"key": match["key"], "zh": match["zh"], "en": match["en"], "required": not match["opt"]})
    return items
