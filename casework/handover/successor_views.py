"""What a successor does: look at what is offered, take it over or refuse it, and tell the enterprises."""

from __future__ import annotations

from functools import partial
from urllib.parse import quote

import sqlalchemy as sa
from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.areas.models import Area
from casework.enterprises.models import Enterprise
from casework.handover import answering, forms, presenting, queries, rules
from casework.handover.models import Handover
from casework.handover.policy import TAKE
from casework.handover.things import KINDS
from casework.handover.words import Answer, Stage
from casework.kernel import paging
from casework.kernel.attempts import carry_out
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.forms import Form
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal, site_address
from casework.roster.models import Unit

blueprint = Blueprint("takeover", __name__, url_prefix="/handover")


def _offered(handover_id: int) -> Handover:
    """A hand-over in which something is or was for the actor.

    Raises:
        NotFound: nothing is, or it is not sent yet.
    """
    actor = current_actor()
    handover = queries.visible_handover(handover_id, to=actor)
    if handover.stage == Stage.DRAFT or not queries.is_successor(actor, handover):
        raise NotFound("hand-over")
    return handover


@blueprint.route("/<int:handover_id>/take", methods=["GET", "POST"])
@needs(TAKE)
def take(handover_id: int) -> ResponseReturnValue:
    """Everything that waits for the successor, with notes; all at once, or what is ticked."""
    actor, handover, form = current_actor(), _offered(handover_id), forms.AnswerForm()

    def work() -> str:
        found = _answered(handover, form)
        _say(found)
        return _onward(handover, found)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        return redirect(location, 303)
    found = queries.page_of_items(handover, paging.asked(request.args), state=Answer.WAITING, successor=actor.user_id)
    counts = [one for one in queries.counts([handover.id]).get(handover.id, []) if one.successor_id == actor.user_id]
    waiting = [(one.kind, one.count) for one in counts if one.state == Answer.WAITING]
    return page(
        "handover/take.html",
        handover=handover,
        form=form,
        rows=found.rows,
        waiting=waiting,
        count=sum(count for _, count in waiting),
        states=presenting.by_state(counts),
        to_tell=len(queries.to_tell(actor, handover, told=False)),
        kinds=KINDS,
        counted=presenting.counted,
        summed_up=presenting.summed_up,
        chosen=forms.ticked(request.form),
        given=request.form,
        ways=found.ways(partial(url_for, ".take", handover_id=handover.id)),
        most=rules.REASON,
        status=form.http_status,
    )


def _answered(handover: Handover, form: forms.AnswerForm) -> answering.Answered:
    """All is taken over, or what is ticked is taken over or refused, each with its own reason or the one for all."""
    actor, now, meant = current_actor(), utcnow(), forms.ticked(request.form)
    do = request.form.get("do", "")
    if do == "all":
        return answering.accept_all(handover, actor=actor, now=now)
    if do == "refuse":
        beside, for_all = forms.reasons_of(request.form), form.reason.data or ""
        reasons = {key: beside.get(key, for_all) for key in meant}
        return answering.answer(handover, (), reasons, actor=actor, now=now)
    return answering.answer(handover, meant, {}, actor=actor, now=now)


def _say(found: answering.Answered) -> None:
    if found.accepted:
        flash(gettext("%(n)s things are yours now.", n=found.accepted))
    if found.refused:
        flash(gettext("%(n)s go back to the lead, who names somebody else.", n=found.refused))
    if found.gone:
        flash(gettext("%(n)s were settled otherwise meanwhile.", n=found.gone))


def _onward(handover: Handover, found: answering.Answered) -> str:
    """To the enterprises that are to be told, when there are any."""
    if found.accepted and queries.to_tell(current_actor(), handover, told=False):
        return url_for(".tell", handover_id=handover.id)
    return url_for(".take", handover_id=handover.id)


@blueprint.route("/<int:handover_id>/tell", methods=["GET", "POST"])
@needs(TAKE)
def tell(handover_id: int) -> ResponseReturnValue:
    """The enterprises that know nothing of it yet, each with a text to send; told ones are ticked off."""
    actor, handover, form = current_actor(), _offered(handover_id), Form()

    def work() -> str:
        told = request.form.get("do", "") != "not"
        count = answering.mark_told(handover, forms.ticked(request.form), told=told, actor=actor, now=utcnow())
        flash(gettext("%(n)s enterprises are noted as told.", n=count) if told else gettext("Noted."))
        return url_for(".tell", handover_id=handover.id)

    if request.method == "POST" and (location := carry_out(form, work, principal=principal())):
        return redirect(location, 303)
    open_rows = queries.to_tell(actor, handover, told=False)
    codes = _codes([row.ref_id for row in open_rows])
    posting = queries.posting_of(actor.user_id, local_day(utcnow()))
    return page(
        "handover/tell.html",
        handover=handover,
        form=form,
        rows=[(row, f"{site_address()}/help-desk?at={quote(codes.get(row.ref_id, ''))}") for row in open_rows],
        told=queries.to_tell(actor, handover, told=True),
        unit=db.session.get(Unit, posting.unit_id) if posting else None,
        status=form.http_status,
    )


def _codes(firm_ids: list[int]) -> dict[int, str]:
    """The codes of the places where firms lie: the portal knows by them where one is."""
    query = sa.select(Enterprise.id, Area.code).join(Area, Area.id == Enterprise.area_id)
    return {row[0]: row[1] for row in db.session.execute(query.where(Enterprise.id.in_(firm_ids)))}
