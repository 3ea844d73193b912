"""The page on which a webhook's messages are sent again, from a time on or from a message on."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext, ngettext
from werkzeug.utils import redirect
from wtforms import DateTimeLocalField, StringField
from wtforms.validators import Length, Optional

from casework.kernel.attempts import carry_out
from casework.kernel.errors import N_, Refused, because
from casework.kernel.forms import Form
from casework.kernel.time import SHANGHAI, local, utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.notifications import queries, replaying
from casework.notifications.models import Webhook
from casework.notifications.policy import WEBHOOKS

blueprint = Blueprint("replays", __name__)
DAY = timedelta(days=1)


class ReplayForm(Form):
    """From when on."""

    since = DateTimeLocalField(
        lazy_gettext(N_("Since when")), [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
    )
    message = StringField(lazy_gettext(N_("Or from this message on (webhook-id)")), [Optional(), Length(max=60)])


@blueprint.route("/settings/webhooks/<int:webhook_id>/replay", methods=["GET", "POST"])
@needs(WEBHOOKS)
def replay(webhook_id: int) -> ResponseReturnValue:
    """Choose from when on, and send again."""
    webhook, form, counted = queries.webhook(webhook_id), ReplayForm(), []

    def work() -> str:
        counted.append(replaying.replay(webhook, _since(webhook, form), actor=current_actor(), now=utcnow()))
        return url_for("systems.webhooks")

    if request.method == "GET":
        form.since.data = local(utcnow() - DAY).replace(tzinfo=None, second=0, microsecond=0)
    elif location := carry_out(form, work, principal=principal()):
        for count in counted:
            flash(ngettext("%(num)s message is sent again.", "%(num)s messages are sent again.", count))
        return redirect(location, 303)
    return page("notifications/replay.html", webhook=webhook, form=form, status=form.http_status)


def _since(webhook: Webhook, form: ReplayForm) -> datetime | None:
    if form.message.data:
        began = replaying.begins(webhook, form.message.data)
        if began is None:
            raise Refused(because(N_("Message: this system was sent none with this id."), "message"))
        return began
    return form.since.data.replace(tzinfo=SHANGHAI) if form.since.data else None
