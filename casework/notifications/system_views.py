"""The pages of whoever runs the channels: the outbox, the robots of units, the webhooks and their hosts."""

from __future__ import annotations

from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from casework.areas.models import Area, Level
from casework.kernel import paging
from casework.kernel.attempts import carry_out
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.forms import Form, row_id
from casework.kernel.permissions import can
from casework.kernel.time import local, utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.notifications import channels, outbox, queries, systems
from casework.notifications.forms import HostForm, RobotForm, WebhookForm
from casework.notifications.kinds import KINDS
from casework.notifications.models import Delivery, Robot, Webhook
from casework.notifications.policy import DELIVERIES, HOSTS, READ_WEBHOOKS, ROBOTS, WEBHOOKS
from casework.notifications.words import CHANNELS, ERRORS, ROBOT_KINDS

blueprint = Blueprint("systems", __name__)
WHICH_BUTTON = N_("Choose one of the buttons.")


# -- the outbox


@blueprint.get("/settings/deliveries")
@needs(DELIVERIES)
def deliveries() -> ResponseReturnValue:
    """How deep the outbox is, what fails, and what is dead."""
    return _deliveries(Form(formdata=None))


def _deliveries(form: Form) -> Response:
    dead = queries.dead_letters(paging.asked(request.args))
    failing = queries.failing()
    server = channels.mail_server()
    return page(
        "notifications/deliveries.html",
        form=form,
        depth=queries.depth(),
        channel_words=CHANNELS,
        mail=server,
        hosts=channels.robot_hosts(),
        vendors=channels.VENDORS,
        robot_words=ROBOT_KINDS,
        failing=failing,
        dead=dead.rows,
        names=queries.target_names([*failing, *dead.rows]),
        why=_why,
        kinds=KINDS,
        ways=dead.ways(partial(url_for, "systems.deliveries")),
        local=local,
        status=form.http_status,
    )


def _why(row: Delivery) -> str:
    return str(because(ERRORS[row.error], said=row.said)) if row.error in ERRORS else row.error


@blueprint.post("/settings/deliveries/<int:delivery_id>")
@needs(DELIVERIES)
def settle(delivery_id: int) -> ResponseReturnValue:
    """Send a dead letter again, or give it up."""
    actor, form, wanted = current_actor(), Form(), request.form.get("do", "")

    def work() -> str:
        if wanted == "again":
            outbox.send_again(delivery_id, actor=actor, now=utcnow())
        elif wanted == "drop":
            outbox.drop(delivery_id, actor=actor, now=utcnow())
        else:
            raise Refused(Reason(WHICH_BUTTON))
        return url_for("systems.deliveries", _anchor="dead")

    if location := carry_out(form, work, principal=principal()):
        flash(gettext("It is tried again.") if wanted == "again" else gettext("Given up."))
        return redirect(location, 303)
    return _deliveries(form)


# -- robots


@blueprint.get("/settings/robots")
@needs(ROBOTS)
def robots() -> ResponseReturnValue:
    """The group robots of one's units."""
    return _robots(Form(formdata=None))


def _robots(form: Form) -> Response:
    robots = queries.visible_robots(current_actor())
    return page(
        "notifications/robots.html",
        form=form,
        robots=robots,
        kinds=KINDS,
        robot_words=ROBOT_KINDS,
        status=form.http_status,
    )


@blueprint.route("/settings/robots/new", methods=["GET", "POST"])
@needs(ROBOTS)
def new_robot() -> ResponseReturnValue:
    """Set up a robot."""
    return _edit_robot(None)


@blueprint.route("/settings/robots/<int:robot_id>", methods=["GET", "POST"])
@needs(ROBOTS)
def robot(robot_id: int) -> ResponseReturnValue:
    """Change a robot."""
    return _edit_robot(queries.visible_robot(robot_id, to=current_actor()))


def _edit_robot(kept: Robot | None) -> ResponseReturnValue:
    form, units = RobotForm(), queries.units_with_robots(current_actor())
    form.unit_id.choices = [SelectChoice(str(unit.id), unit.name) for unit in units]
    if request.method == "GET":
        if kept:
            form.carry_robot(kept)
        else:
            form.kinds.data = [name for name, kind in KINDS.items() if kind.group]
    elif location := carry_out(form, lambda: _save_robot(form, kept), principal=principal(), row=kept):
        flash(gettext("Saved. Try it with a test message."))
        return redirect(location, 303)
    return page("notifications/robot.html", form=form, robot=kept, status=form.http_status)


def _save_robot(form: RobotForm, kept: Robot | None) -> str:
    actor, wanted = current_actor(), row_id(form.unit_id.data or "")
    unit = next((unit for unit in queries.units_with_robots(actor) if unit.id == wanted), None)
    if unit is None:
        raise Refused(because(N_("Unit: pick one."), "unit_id"))
    draft = systems.RobotDraft(
        unit=unit,
        kind=form.kind.data or "",
        name=form.name.data or "",
        token=form.token.data or "",
        secret=form.secret.data or "",
        locale=form.locale.data or "zh-CN",
        kinds=form.kinds.data or (),
        active=form.active.data,
    )
    systems.set_robot(kept, draft, actor=actor, now=utcnow())
    return url_for("systems.robots")


@blueprint.post("/settings/robots/<int:robot_id>/do")
@needs(ROBOTS)
def act_on_robot(robot_id: int) -> ResponseReturnValue:
    """Try a robot, or take it away."""
    actor, form, wanted = current_actor(), Form(), request.form.get("do", "")
    kept = queries.visible_robot(robot_id, to=actor)

    def work() -> str:
        if wanted == "test":
            systems.try_robot(kept, actor=actor, now=utcnow())
        elif wanted == "remove":
            systems.remove_robot(kept, actor=actor, now=utcnow())
        else:
            raise Refused(Reason(WHICH_BUTTON))
        return url_for("systems.robots")

    if location := carry_out(form, work, principal=principal()):
        flash(gettext("A test message is on its way.") if wanted == "test" else gettext("Removed."))
        return redirect(location, 303)
    return _robots(form)


# -- webhooks


@blueprint.get("/settings/webhooks")
@needs(READ_WEBHOOKS)
def webhooks() -> ResponseReturnValue:
    """The webhooks, and the hosts that they may go to."""
    return _webhooks(Form(formdata=None))


def _webhooks(
    form: Form, host_form: HostForm | None = None, *, secret: str = "", of: str = "", renewed: bool = False
) -> Response:
    status = max(form.http_status, host_form.http_status if host_form else 200)
    return page(
        "notifications/webhooks.html",
        form=form,
        host_form=host_form or HostForm(formdata=None),
        webhooks=queries.webhooks(),
        hosts=queries.hosts(),
        secret=secret,
        renewed=renewed,
        of=of,
        may_edit=can(current_actor(), WEBHOOKS),
        may_list=can(current_actor(), HOSTS),
        kinds=KINDS,
        status=status,
    )


@blueprint.route("/settings/webhooks/new", methods=["GET", "POST"])
@needs(WEBHOOKS)
def new_webhook() -> ResponseReturnValue:
    """Set up a webhook."""
    return _edit_webhook(None)


@blueprint.route("/settings/webhooks/<int:webhook_id>", methods=["GET", "POST"])
@needs(WEBHOOKS)
def webhook(webhook_id: int) -> ResponseReturnValue:
    """Change a webhook."""
    return _edit_webhook(queries.webhook(webhook_id))


def _edit_webhook(kept: Webhook | None) -> ResponseReturnValue:
    form, made = WebhookForm(), []
    districts = sa.select(Area.id, Area.name).where(Area.level == Level.DISTRICT).order_by(Area.code).limit(500)
    form.area_id.choices = [SelectChoice(str(key), name) for key, name in db.session.execute(districts)]

    def work() -> str:
        draft = systems.WebhookDraft(
            name=form.name.data or "",
            url=form.url.data or "",
            area_id=row_id(form.area_id.data or "") or 0,
            kinds=form.kinds.data or (),
        )
        made.append(systems.set_webhook(kept, draft, actor=current_actor(), now=utcnow())[1])
        return url_for("systems.webhooks")

    if request.method == "GET":
        if kept:
            form.carry_webhook(kept)
    elif location := carry_out(form, work, principal=principal(), row=kept):
        if made and made[0]:
            # Answered with the page itself: a redirect would have to carry the secret.
            return _webhooks(Form(formdata=None), secret=made[0], of=form.name.data or "")
        flash(gettext("Saved."))
        return redirect(location, 303)
    return page("notifications/webhook.html", form=form, webhook=kept, status=form.http_status)


@blueprint.post("/settings/webhooks/<int:webhook_id>/do")
@needs(WEBHOOKS)
def act_on_webhook(webhook_id: int) -> ResponseReturnValue:
    """Try a webhook, let it rest, renew its secret, or take it away."""
    form, kept = Form(), queries.webhook(webhook_id)
    made: list[str] = []
    name, wanted = kept.name, request.form.get("do", "")

    def work() -> str:
        _done_to_webhook(kept, wanted, made)
        return url_for("systems.webhooks")

    if location := carry_out(form, work, principal=principal()):
        if made:
            return _webhooks(Form(formdata=None), secret=made[0], of=name, renewed=True)
        flash(gettext("A test message is on its way.") if wanted == "test" else gettext("Done."))
        return redirect(location, 303)
    return _webhooks(form)


def _done_to_webhook(kept: Webhook, wanted: str, made: list[str]) -> None:
    given: dict[str, Any] = {"actor": current_actor(), "now": utcnow()}
    if wanted == "test":
        systems.try_webhook(kept, **given)
    elif wanted in ("on", "off"):
        systems.switch_webhook(kept, wanted == "on", **given)
    elif wanted == "renew":
        made.append(systems.renew_secret(kept, **given))
    elif wanted == "remove":
        systems.remove_webhook(kept, **given)
    else:
        raise Refused(Reason(WHICH_BUTTON))


@blueprint.post("/settings/webhooks/hosts")
@needs(HOSTS)
def hosts() -> ResponseReturnValue:
    """Let webhooks go to a host, or no longer."""
    gone = request.form.get("remove", "")
    form = Form() if gone else HostForm()

    def work() -> str:
        if gone:
            systems.remove_host(gone, actor=current_actor(), now=utcnow())
        elif isinstance(form, HostForm):
            systems.add_host(form.host.data or "", actor=current_actor(), now=utcnow())
        return url_for("systems.webhooks", _anchor="hosts")

    if location := carry_out(form, work, principal=principal()):
        flash(gettext("Done."))
        return redirect(location, 303)
    return _webhooks(form, form if isinstance(form, HostForm) else None)
