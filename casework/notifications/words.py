"""What this package says: why a message did not leave, what channels and states are called."""

from __future__ import annotations

from collections.abc import Mapping

from casework.kernel.errors import N_

CHANNELS: Mapping[str, str] = {"email": N_("Mail"), "robot": N_("Group robot"), "webhook": N_("Webhook")}
ROBOT_KINDS: Mapping[str, str] = {"wecom": N_("WeCom"), "dingtalk": N_("DingTalk"), "feishu": N_("Feishu")}
ERRORS: Mapping[str, str] = {
    "mail_off": N_("No mail server is set."),
    "mail_down": N_("The mail server does not answer: %(said)s"),
    "mail_refused": N_("The mail server refuses this message: %(said)s"),
    "mail_address": N_("The mail server refuses the address: %(said)s"),
    "mail_sign_in": N_("The mail server refuses our user name or password: %(said)s"),
    "no_address": N_("The person has no e-mail address any more."),
    "no_account": N_("The account is closed."),
    "lost_right": N_("It is no longer theirs to see."),
    "gone": N_("The robot or webhook was removed or switched off."),
    "not_allowed": N_("The address is not allowed: %(said)s"),
    "down": N_("The other side does not answer: %(said)s"),
    "answered": N_("The other side answers: %(said)s"),
    "slow": N_("The other side takes too long."),
    "broke": N_("It broke on our side: %(said)s"),
}
EVENT_TYPES = "casework."
"""Before the kind, in what webhooks are told."""
