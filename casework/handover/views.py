"""The pages that only show: what is under way, one hand-over with where it stands, and the sheet."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from casework.areas.models import Area
from casework.handover import forms, presenting, queries, rules, service, suggesting
from casework.handover.models import Handover
from casework.handover.policy import BEGIN, READ
from casework.handover.things import FOLLOWING, KINDS
from casework.handover.words import ANSWER_LABELS, STAGE_LABELS, WHY_LABELS, Answer, Stage
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.forms import VersionedForm, row_id
from casework.kernel.permissions import can
from casework.kernel.time import local, local_day, utcnow
from casework.kernel.web import current_actor, needs, page
from casework.roster.models import Unit
from casework.roster.queries import names

blueprint = Blueprint("handover", __name__, url_prefix="/handover")
ROWS = 50
SHEET = 2000


@blueprint.get("")
@needs(READ)
def index() -> ResponseReturnValue:
    """Who should hand over, what is under way, what waits for oneself, what is over."""
    actor, today = current_actor(), local_day(utcnow())
    under_way = queries.listed(actor, over=False)
    return page(
        "handover/index.html",
        suggestions=suggesting.suggested(actor, today),
        offers=queries.offers_to(actor),
        under_way=under_way,
        over=queries.listed(actor, over=True, limit=20),
        counts=queries.counts([one.id for one in under_way]),
        may_edit={one.id for one in under_way if service.may_edit(actor, one)},
        **words(),
    )


def words() -> dict[str, Any]:
    return {
        "whys": WHY_LABELS,
        "stages": STAGE_LABELS,
        "answers": ANSWER_LABELS,
        "kinds": KINDS,
        "counted": presenting.counted,
        "summed_up": presenting.summed_up,
        "by_state": presenting.by_state,
    }


@blueprint.get("/<int:handover_id>")
@needs(READ)
def show(handover_id: int) -> ResponseReturnValue:
    """Step 2 as long as it is prepared; afterwards where it stands."""
    handover = queries.visible_handover(handover_id, to=current_actor())
    form = forms.GiveForm(formdata=None)
    form.carry(handover)
    return page_of(handover, form)


def page_of(handover: Handover, form: VersionedForm) -> ResponseReturnValue:
    actor, now = current_actor(), utcnow()
    today, may_edit = local_day(now), service.may_edit(actor, handover)
    if handover.stage == Stage.DRAFT and not may_edit:
        raise NotFound("hand-over")
    pairs = service.open_things(handover, now) if may_edit else []
    free = [pair for pair in pairs if pair[1] is None or rules.may_be_given(handover.stage, pair[1].state, named=False)]
    people = queries.candidates(handover, today) if may_edit else []
    counts = queries.counts([handover.id]).get(handover.id, [])
    known = {key for key in (one.successor_id for one in counts) if key}
    draft = handover.stage == Stage.DRAFT
    return page(
        "handover/choose.html" if draft else "handover/show.html",
        handover=handover,
        form=form,
        given=request.form,
        sections=presenting.sections(free),
        following=_following(handover) if draft else [],
        people=people,
        names={key: name for key, name, _ in people} | names(known),
        parts=presenting.parts(counts),
        states=presenting.by_state(counts),
        found=_items(handover) if not draft else None,
        asked={name: request.args.get(name, "") for name in ("state", "kind", "successor")},
        may_edit=may_edit,
        unit=db.session.get_one(Unit, handover.unit_id),
        meanwhile=_meanwhile(handover, today),
        today=today,
        status=form.http_status,
        **words(),
    )


def _following(handover: Handover) -> list[tuple[str, Any]]:
    now = utcnow()
    listed = [(one.label, one.listed(handover.leaver_id, now)) for one in FOLLOWING.values()]
    return [(label, found) for label, found in listed if found]


def _meanwhile(handover: Handover, today: Any) -> str:
    if handover.stage != Stage.SENT:
        return ""
    left = today >= handover.from_on
    return queries.meanwhile(handover.leaver_id, handover.unit_id, None, today, left=left)[1]


def _items(handover: Handover) -> Any:
    state, kind = request.args.get("state", ""), request.args.get("kind", "")
    found = queries.page_of_items(
        handover,
        paging.asked(request.args),
        state=state if state in set(Answer) else "",
        kind=kind if kind in KINDS else "",
        successor=row_id(request.args.get("successor", "")),
    )
    asked: dict[str, Any] = {
        name: request.args[name] for name in ("state", "kind", "successor") if request.args.get(name)
    }
    return found.rows, found.ways(partial(url_for, ".show", handover_id=handover.id, **asked))


@blueprint.get("/<int:handover_id>/sheet")
@needs(READ)
def sheet(handover_id: int) -> ResponseReturnValue:
    """Everything on paper, with names, days and lines to sign; a successor prints only their own."""
    actor = current_actor()
    handover = queries.visible_handover(handover_id, to=actor)
    whole = handover.leaver_id == actor.user_id or can(actor, BEGIN, handover)
    if handover.stage == Stage.DRAFT and not whole:
        raise NotFound("hand-over")
    found = [row for row in queries.items(handover) if whole or row.successor_id == actor.user_id][:SHEET]
    known = names({row.successor_id for row in found if row.successor_id})
    grouped = {
        key: {name: own for name in KINDS if (own := [r for r in found if (r.successor_id, r.kind) == (key, name)])}
        for key in sorted({row.successor_id or 0 for row in found})
        if key
    }
    return page(
        "handover/sheet.html",
        handover=handover,
        grouped=grouped,
        names=known,
        unit=db.session.get_one(Unit, handover.unit_id),
        area=db.session.get_one(Area, handover.area_id),
        today=local_day(utcnow()),
        stamp=lambda at: f"{local(at):%Y-%m-%d %H:%M}",  # a paper says no “today”
        **words(),
    )
