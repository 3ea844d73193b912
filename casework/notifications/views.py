"""The inbox, what a person wants to be told of and where, and the private calendar."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, flash, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from casework.kernel import paging
from casework.kernel.attempts import carry_out
from casework.kernel.db import db, transaction
from casework.kernel.errors import N_, NotFound, Refused, because
from casework.kernel.forms import Form, row_id
from casework.kernel.time import local, local_day, utcnow
from casework.kernel.web import current_actor, page, principal, public, safe_next, signed_in, site_address
from casework.notifications import channels, feed, outbox, queries, service
from casework.notifications.forms import PrefsForm
from casework.notifications.kinds import KINDS
from casework.notifications.models import Channel
from casework.roster.queries import actor_for

blueprint = Blueprint("notices", __name__)


@blueprint.get("/inbox")
@signed_in
def inbox() -> ResponseReturnValue:
    """What one is told of, unread first."""
    show = "unread" if request.args.get("show") == "unread" else ""
    kind = request.args.get("kind", "")
    kind = kind if kind in KINDS else ""
    actor = current_actor()
    found = queries.inbox(actor, paging.asked(request.args), show=show, kind=kind)
    return page(
        "notifications/inbox.html",
        lines=found.rows,
        newest=max((line.notice.id for line in found.rows), default=0),
        show=show,
        kind=kind,
        kinds=KINDS,
        unread=queries.unread(actor),
        ways=found.ways(partial(url_for, "notices.inbox", show=show or None, kind=kind or None)),
        local=local,
    )


@blueprint.get("/inbox/<int:notice_id>")
@signed_in
def follow(notice_id: int) -> ResponseReturnValue:
    """Go where a notice leads. That it was read is noted like a look at a page: it can be opened again and again."""
    actor = current_actor()
    with transaction():
        path = service.mark_read(notice_id, actor=actor, now=utcnow()).path
    return redirect(safe_next(path), 303)


@blueprint.post("/inbox/read")
@signed_in
def read_all() -> ResponseReturnValue:
    """Everything that was on the page, and what is older, is read."""
    actor, form, upto = current_actor(), Form(), row_id(request.form.get("upto", "")) or 0

    def work() -> str:
        service.mark_all_read(actor=actor, upto=upto, now=utcnow())
        return url_for("notices.inbox")

    location = carry_out(form, work, principal=principal())
    return redirect(location or url_for("notices.inbox"), 303)


# -- what a person wants


@blueprint.route("/me/notices", methods=["GET", "POST"])
@signed_in
def prefs() -> ResponseReturnValue:
    """Address, quiet hours, what comes by mail, and the private calendar link."""
    actor, form = current_actor(), PrefsForm()
    kept = queries.prefs(actor.user_id)
    if request.method == "GET":
        form.carry_prefs(kept, queries.mailed_kinds(actor.user_id))
    elif location := carry_out(form, lambda: _save(form), principal=principal(), row=kept):
        flash(gettext("Saved."))
        return redirect(location, 303)
    return _prefs_page(form)


def _save(form: PrefsForm) -> str:
    quiet_from, quiet_to, wrong = form.minutes()
    if wrong:
        raise Refused(wrong)
    service.set_prefs(
        email=form.email.data or "",
        quiet_from=quiet_from,
        quiet_to=quiet_to,
        mailed=form.mailed.data or (),
        actor=current_actor(),
        now=utcnow(),
    )
    return url_for("notices.prefs")


def _prefs_page(form: PrefsForm, *, link: str = "") -> Response:
    return page(
        "notifications/prefs.html",
        form=form,
        kinds=KINDS,
        prefs=queries.prefs(current_actor().user_id),
        mail_is_on=channels.mail_server() is not None,
        link=link,
        local=local,
        status=form.http_status,
    )


@blueprint.post("/me/notices/test")
@signed_in
def test_mail() -> ResponseReturnValue:
    """Send oneself a mail that tries the address."""
    actor, form = current_actor(), Form()

    def work() -> str:
        kept = queries.prefs(actor.user_id)
        if kept is None or not kept.email:
            raise Refused(because(N_("Write your address and save it first.")))
        if channels.mail_server() is None:
            raise Refused(because(N_("No mail server is set.")))
        outbox.test_message(Channel.EMAIL, actor.user_id, now=utcnow())
        return url_for("notices.prefs")

    if location := carry_out(form, work, principal=principal()):
        flash(gettext("A test mail is on its way."))
        return redirect(location, 303)
    for reason in form.reasons:
        flash(str(reason))
    return redirect(url_for("notices.prefs"), 303)


@blueprint.post("/me/notices/feed")
@signed_in
def make_feed() -> ResponseReturnValue:
    """A new private calendar link, shown this once."""
    actor, form, made = current_actor(), Form(), []

    def work() -> str:
        made.append(service.make_feed(actor=actor, now=utcnow()))
        return url_for("notices.prefs", _anchor="calendar")

    location = carry_out(form, work, principal=principal())
    if not made or location is None:
        return redirect(location or url_for("notices.prefs"), 303)
    db.session.rollback()
    shown = PrefsForm(formdata=None)
    shown.carry_prefs(queries.prefs(actor.user_id), queries.mailed_kinds(actor.user_id))
    # Answered with the page itself: a redirect would have to carry the secret.
    return _prefs_page(shown, link=f"{site_address()}{url_for('notices.calendar', token=made[0])}")


@blueprint.post("/me/notices/feed/end")
@signed_in
def end_feed() -> ResponseReturnValue:
    """The private calendar link no longer works."""
    actor, form = current_actor(), Form()

    def work() -> str:
        service.end_feed(actor=actor, now=utcnow())
        return url_for("notices.prefs", _anchor="calendar")

    location = carry_out(form, work, principal=principal())
    flash(gettext("The calendar link no longer works."))
    return redirect(location or url_for("notices.prefs"), 303)


@blueprint.get("/calendar/<token>.ics")
@public
def calendar(token: str) -> ResponseReturnValue:
    """The calendar of whoever made this link; the link is the key."""
    owner, now = queries.feed_owner(token), utcnow()
    actor = actor_for(owner, local_day(now)) if owner else None
    if actor is None:
        raise NotFound("calendar")
    response = make_response(feed.calendar(actor, base=site_address(), now=now))
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'inline; filename="casework.ics"'
    return response
