"""The forms of notices: what a person wants, a robot, a webhook, a host."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional

from casework.kernel.errors import N_, Reason, because
from casework.kernel.forms import Form, Ticks, VersionedForm, say
from casework.kernel.i18n import translate
from casework.notifications import rules
from casework.notifications.kinds import KINDS
from casework.notifications.models import NoticePrefs, Robot, Webhook
from casework.notifications.words import ROBOT_KINDS

LANGUAGES = [SelectChoice("zh-CN", "中文"), SelectChoice("en", "English")]
ALL_KINDS: list[Any] = list(KINDS)


def _needed(message: str) -> list[Any]:
    return [InputRequired(message=say(message))]


def kind_choices() -> list[SelectChoice]:
    """Every kind that is about a case, in the reader's words."""
    return [SelectChoice(name, translate(kind.label)) for name, kind in KINDS.items() if name != "dead_letter"]


class PrefsForm(VersionedForm):
    """What comes to a person, where and when."""

    email = StringField(say(N_("E-mail")), [Optional(), Length(max=200)])
    quiet_from = StringField(say(N_("Quiet from")), [Optional(), Length(max=8)])
    quiet_to = StringField(say(N_("Quiet until")), [Optional(), Length(max=8)])
    mailed = SelectMultipleField(say(N_("By e-mail")), validators=[Optional()], choices=ALL_KINDS)

    def minutes(self) -> tuple[int | None, int | None, list[Reason]]:
        """The quiet hours as minutes of the day, and what is wrong with them."""
        read, wrong = [], []
        for field in (self.quiet_from, self.quiet_to):
            minute = rules.minute_of(field.data) if field.data else None
            if field.data and minute is None:
                wrong.append(because(N_("Write the time like 22:00."), field.name))
            read.append(minute)
        return read[0], read[1], wrong

    def carry_prefs(self, prefs: NoticePrefs | None, mailed: set[str]) -> None:
        """Show what is set now."""
        self.mailed.data = sorted(mailed)
        if prefs is not None:
            self.carry(prefs)
            self.email.data = prefs.email
            self.quiet_from.data, self.quiet_to.data = rules.clock(prefs.quiet_from), rules.clock(prefs.quiet_to)


class RobotForm(VersionedForm):
    """A robot in a unit's group."""

    unit_id = SelectField(say(N_("Unit")), validators=_needed(N_("Unit: pick one.")), validate_choice=False)
    kind = RadioField(say(N_("Whose group")), validators=_needed(N_("Whose group: pick one.")), validate_choice=False)
    name = StringField(
        say(N_("Name of the group")),
        [
            *_needed(N_("Name of the group: write it.")),
            Length(max=60, message=say(N_("Name of the group: at most 60 characters."))),
        ],
    )
    token = StringField(say(N_("Address of the robot")), [Optional(), Length(max=300)])
    secret = StringField(say(N_("Signing secret")), [Optional(), Length(max=100)])
    locale = RadioField(say(N_("Language")), choices=LANGUAGES, default="zh-CN")
    kinds = Ticks(say(N_("What it tells")), validators=[Optional()], choices=ALL_KINDS)
    active = BooleanField(say(N_("Switched on")), default=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [SelectChoice(kind, translate(label)) for kind, label in ROBOT_KINDS.items()]
        self.kinds.choices = kind_choices()

    def carry_robot(self, robot: Robot) -> None:
        """Show a robot as it is set; its token and secret are not shown."""
        self.carry(robot)
        self.unit_id.data, self.kind.data, self.name.data = str(robot.unit_id), robot.kind, robot.name
        self.locale.data, self.kinds.data, self.active.data = robot.locale, list(robot.kinds), robot.active


class WebhookForm(VersionedForm):
    """Another system that is told."""

    name = StringField(
        say(N_("Name of the system")),
        [
            *_needed(N_("Name of the system: write it.")),
            Length(max=60, message=say(N_("Name of the system: at most 60 characters."))),
        ],
    )
    url = StringField(
        say(N_("Address")), [*_needed(N_("Address: write it like https://example.gov.cn/hooks.")), Length(max=300)]
    )
    area_id = SelectField(say(N_("District")), validators=_needed(N_("District: pick one.")), validate_choice=False)
    kinds = Ticks(say(N_("What it is told")), validators=[Optional()], choices=ALL_KINDS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds.choices = kind_choices()

    def carry_webhook(self, hook: Webhook) -> None:
        """Show a webhook as it is set; its secret is not shown."""
        self.carry(hook)
        self.name.data, self.url.data, self.area_id.data = hook.name, hook.url, str(hook.area_id)
        self.kinds.data = list(hook.kinds)


class HostForm(Form):
    """A host that webhooks may go to."""

    host = StringField(say(N_("Host")), [*_needed(N_("Host: write it like example.gov.cn.")), Length(max=200)])
