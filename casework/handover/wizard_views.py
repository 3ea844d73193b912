"""The wizard of who leaves and who leads: begin, choose successors and write notes, check, send, call off."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.cases.forms import options
from casework.handover import forms, presenting, queries, rules, service, sharing, suggesting, views
from casework.handover.models import Handover, HandoverItem
from casework.handover.policy import BEGIN
from casework.handover.things import KINDS, Thing
from casework.handover.views import page_of, words
from casework.handover.words import ANSWER_LABELS, WHY_LABELS, Stage, Why
from casework.kernel.attempts import carry_out
from casework.kernel.errors import NotFound
from casework.kernel.forms import VersionedForm, row_id
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.roster.queries import names

blueprint = views.blueprint  # the same one: importing this module adds the wizard to it
ROWS = 50


@blueprint.route("/new", methods=["GET", "POST"])
@needs(BEGIN)
def new() -> ResponseReturnValue:
    """Step 1: who leaves, why, from which day."""
    actor, now = current_actor(), utcnow()
    today = local_day(now)
    form = forms.BeginForm()
    people = queries.people_to_begin_for(actor, today)
    form.person.choices = options((str(key), name) for key, name in people)
    form.why.choices = options((str(why), gettext(label)) for why, label in WHY_LABELS.items())

    def work() -> str:
        user = queries.person(row_id(form.person.data) or 0, actor=actor, today=today)
        if user is None:
            raise NotFound("person")
        made = service.begin(user, why=form.why.data, from_on=form.from_on.data, actor=actor, now=utcnow())
        return url_for(".show", handover_id=made.id)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        return redirect(location, 303)
    if request.method == "GET":
        _fill_in(form, people, today)
    return page("handover/new.html", form=form, status=form.http_status)


def _fill_in(form: forms.BeginForm, people: list[tuple[int, str]], today: date) -> None:
    """What a suggestion knows: the person, the reason and the day after the last one."""
    actor = current_actor()
    wanted = row_id(request.args.get("person", "")) or actor.user_id
    form.person.data = str(wanted if any(key == wanted for key, _ in people) else actor.user_id)
    known = next((one for one in suggesting.suggested(actor, today) if str(one.user_id) == form.person.data), None)
    form.why.data = str(known.why if known else Why.POSTING)
    day = today if known is None else known.day + timedelta(days=1) if known.why is Why.POSTING else known.day
    form.from_on.data = max(day, today)


def _editable(handover_id: int) -> Handover:
    return queries.editable_handover(handover_id, by=current_actor())


@blueprint.post("/<int:handover_id>/give")
@needs(BEGIN)
def give(handover_id: int) -> ResponseReturnValue:
    """Choose successors for all, for a kind, for a group: what is chosen more closely counts."""
    actor, handover, form = current_actor(), _editable(handover_id), forms.GiveForm()
    chosen = forms.choices_of(request.form)

    def work() -> str:
        now = utcnow()
        shares = presenting.targets(service.open_things(handover, now), chosen)
        _say(service.give_shares(handover, shares, actor=actor, now=now))
        return url_for(".show", handover_id=handover.id)

    if location := carry_out(form, work, principal=principal(), row=handover):
        return redirect(location, 303)
    return page_of(handover, form)


def _say(given: service.Given) -> None:
    flash(gettext("A successor is chosen for %(n)s things.", n=given.count))
    if given.unfit:
        flash(gettext("%(n)s lie where the successor does not serve: choose somebody else for them.", n=given.unfit))


@blueprint.post("/<int:handover_id>/share")
@needs(BEGIN)
def share(handover_id: int) -> ResponseReturnValue:
    """Share out evenly; shown as chosen, and sent only after the last look."""
    actor, handover, form = current_actor(), _editable(handover_id), forms.GiveForm()

    def work() -> str:
        now = utcnow()
        day = max(local_day(now), handover.from_on)
        pairs = service.open_things(handover, now)
        free = [
            thing for thing, row in pairs if row is None or rules.may_be_given(handover.stage, row.state, named=False)
        ]
        people = queries.candidates(handover, day)
        _say(service.give_shares(handover, sharing.proposal(free, people, day), actor=actor, now=now))
        return url_for(".show", handover_id=handover.id)

    if location := carry_out(form, work, principal=principal(), row=handover):
        return redirect(location, 303)
    return page_of(handover, form)


@blueprint.route("/<int:handover_id>/rows/<kind>", methods=["GET", "POST"])
@needs(BEGIN)
def rows(handover_id: int, kind: str) -> ResponseReturnValue:
    """The rows of a kind, or of a group of it: ticks, a successor, and a note for each."""
    actor, handover, form = current_actor(), _editable(handover_id), forms.GiveForm()
    if kind not in KINDS:
        raise NotFound("kind")
    group = request.values.get("group", "")
    here = partial(url_for, ".rows", handover_id=handover.id, kind=kind, group=group or None)

    def work() -> str:
        now = utcnow()
        notes = {(kind, key): note for key, note in forms.notes_of(request.form).items()}
        service.write_notes(handover, notes, actor=actor, now=now)
        meant, successor_id = forms.ticked(request.form), row_id(form.successor_id.data or "")
        if meant or successor_id:
            keys = dict.fromkeys(((kind, key) for key in meant), successor_id or 0)
            _say(service.give_shares(handover, keys, actor=actor, now=now, named=True))
        else:
            flash(gettext("The notes are kept."))
        return here(after=request.form.get("after") or None)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal(), row=handover)):
        return redirect(location, 303)
    if request.method == "GET":
        form.carry(handover)
    return _rows_page(handover, form, kind, group, here)


def _to_give(handover: Handover, kind: str, group: str, now: datetime) -> list[tuple[Thing, HandoverItem | None]]:
    """The things of a kind, perhaps of one group of it, to which somebody can be named, with their rows if any."""
    return [
        (thing, row)
        for thing, row in service.open_things(handover, now)
        if thing.kind == kind
        and (not group or thing.group == group)
        and (row is None or rules.may_be_given(handover.stage, row.state, named=True))
    ]


def _rows_page(handover: Handover, form: VersionedForm, kind: str, group: str, here: Any) -> ResponseReturnValue:
    now = utcnow()
    pairs = _to_give(handover, kind, group, now)
    after = row_id(request.values.get("after", ""))
    begin = next((place + 1 for place, (thing, _) in enumerate(pairs) if thing.ref == after), 0)
    shown = pairs[begin : begin + ROWS]
    people = queries.candidates(handover, local_day(now))
    ways = {"prev": here() if begin else None, "next": None}
    if len(pairs) > begin + ROWS:
        ways["next"] = here(after=shown[-1][0].ref)
    return page(
        "handover/rows.html",
        handover=handover,
        form=form,
        given=request.form,
        kind=KINDS[kind],
        group=group,
        pairs=shown,
        total=len(pairs),
        people=people,
        names={key: name for key, name, _ in people} | names(_successors(shown)),
        after=after or "",
        chosen=set(request.form.getlist("things")),
        ways=ways,
        here=here(),
        answers=ANSWER_LABELS,
        status=form.http_status,
    )


def _successors(pairs: list[presenting.Pair]) -> set[int]:
    return {row.successor_id for _, row in pairs if row is not None and row.successor_id}


@blueprint.route("/<int:handover_id>/send", methods=["GET", "POST"])
@needs(BEGIN)
def send(handover_id: int) -> ResponseReturnValue:
    """Step 3: the last look. Step 4: it is sent."""
    actor, handover, form = current_actor(), _editable(handover_id), forms.SendForm()
    if handover.stage != Stage.DRAFT:
        return redirect(url_for(".show", handover_id=handover.id), 303)

    def work() -> str:
        count = service.send(handover, form.note.data or "", actor=actor, now=utcnow())
        flash(gettext("%(n)s things wait for their successors.", n=count))
        return url_for(".show", handover_id=handover.id)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal(), row=handover)):
        return redirect(location, 303)
    if request.method == "GET":
        form.carry(handover)
        form.note.data = handover.note
    pairs = service.open_things(handover, utcnow())
    chosen = [queries.Count(thing.kind, row.successor_id, row.state, 1) for thing, row in pairs if row]
    return page(
        "handover/send.html",
        handover=handover,
        form=form,
        parts=presenting.parts(chosen),
        names=names(_successors(pairs)),
        missing=sum(1 for _, row in pairs if row is None or row.successor_id is None),
        count=len(pairs),
        status=form.http_status,
        **words(),
    )


@blueprint.route("/<int:handover_id>/call-off", methods=["GET", "POST"])
@needs(BEGIN)
def call_off(handover_id: int) -> ResponseReturnValue:
    """Ask first, then end it."""
    actor, handover, form = current_actor(), _editable(handover_id), forms.CallOffForm()

    def work() -> str:
        service.call_off(handover, form.reason.data or "", actor=actor, now=utcnow())
        flash(gettext("The hand-over is called off: what was not taken over stays where it is."))
        return url_for(".index")

    if request.method == "POST" and (location := carry_out(form, work, principal=principal(), row=handover)):
        return redirect(location, 303)
    if request.method == "GET":
        form.carry(handover)
    counts = queries.counts([handover.id]).get(handover.id, [])
    states = presenting.by_state(counts)
    return page("handover/call_off.html", handover=handover, form=form, states=states, status=form.http_status)
