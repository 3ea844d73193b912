"""Writes: robots of units, webhooks, and the hosts that these may go to. Secrets are made here and shown once."""

from __future__ import annotations

import base64
import ipaddress
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from casework import audit
from casework.areas.models import Area
from casework.kernel.db import db
from casework.kernel.errors import N_, NotFound, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.notifications import channels, outbox, queries, rules
from casework.notifications.events import (
    RobotRemoved,
    RobotSet,
    WebhookHostAdded,
    WebhookHostRemoved,
    WebhookRemoved,
    WebhookSecretRenewed,
    WebhookSet,
)
from casework.notifications.kinds import KINDS
from casework.notifications.models import Channel, Robot, RobotKind, Webhook, WebhookHost
from casework.notifications.policy import HOSTS, ROBOTS, WEBHOOKS
from casework.roster.models import Unit

OLD_COUNTS_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotDraft:
    """A robot as it is to be. An empty ``token`` keeps the one that is set."""

    unit: Unit
    kind: str
    name: str
    token: str = ""
    secret: str = ""
    locale: str = "zh-CN"
    kinds: Iterable[str] = ()
    active: bool = True


def set_robot(robot: Robot | None, draft: RobotDraft, *, actor: Actor, now: datetime) -> Robot:
    """Set up a group robot or change it.

    Raises:
        NotPermitted: the unit is not the actor's.
        Refused: the address is not one of the vendor's.
    """
    authorise(actor, ROBOTS, draft.unit)
    token = rules.robot_token(draft.kind, draft.token) if draft.token else (robot.token if robot else None)
    reasons = []
    if draft.kind not in set(RobotKind):
        reasons.append(because(N_("Whose group: pick one."), "kind"))
    elif token is None or (robot and not draft.token and robot.kind != draft.kind):
        reasons.append(
            because(N_("Address of the robot: copy it from the settings of the group robot, whole."), "token")
        )
    if draft.secret and not (draft.secret.isascii() and draft.secret.isalnum()):
        reasons.append(because(N_("Signing secret: letters and digits only."), "secret"))
    if reasons:
        raise Refused(reasons)
    kept = robot or Robot(secret="", sent=[])
    kept.unit_id, kept.kind, kept.name, kept.token = draft.unit.id, draft.kind, draft.name, token or ""
    kept.secret = draft.secret or (kept.secret if not draft.token else "")
    kept.locale, kept.active = draft.locale, draft.active
    kept.kinds = [kind for kind in draft.kinds if kind in KINDS]
    db.session.add(kept)
    db.session.flush()  # its id is in the entry
    audit.record(RobotSet(kept.id, kept.name, draft.unit.name, kept.kind), by=actor, at=now)
    return kept


def remove_robot(robot: Robot, *, actor: Actor, now: datetime) -> None:
    """Take a robot away; what waits for it is dropped when its turn comes.

    Raises:
        NotPermitted: the unit is not the actor's.
    """
    authorise(actor, ROBOTS, robot.unit)
    audit.record(RobotRemoved(robot.id, robot.name, robot.unit.name), by=actor, at=now)
    db.session.delete(robot)


def try_robot(robot: Robot, *, actor: Actor, now: datetime) -> None:
    """Send a message that tries the robot.

    Raises:
        NotPermitted: the unit is not the actor's.
        Refused: it is switched off.
    """
    authorise(actor, ROBOTS, robot.unit)
    if not robot.active:
        raise Refused(because(N_("Switch it on first.")))
    outbox.test_message(Channel.ROBOT, robot.id, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDraft:
    """A webhook as it is to be. No ``kinds`` are all kinds."""

    name: str
    url: str
    area_id: int
    kinds: Iterable[str] = ()


def set_webhook(hook: Webhook | None, draft: WebhookDraft, *, actor: Actor, now: datetime) -> tuple[Webhook, str]:
    """Set up a webhook or change it; returns it and, of a new one, the secret.

    Raises:
        NotPermitted: webhooks are not the actor's.
        Refused: the address may not be used, or there is no such district.
    """
    authorise(actor, WEBHOOKS)
    reasons = rules.url_faults(draft.url, queries.host_names(), channels.webhook_networks())
    area = db.session.get(Area, draft.area_id)
    if area is None or area.level != "district":
        reasons.append(because(N_("District: pick one."), "area_id"))
    if reasons:
        raise Refused(reasons)
    secret = "" if hook else _secret()
    kept = hook or Webhook(secret=secret, old_secret="", active=True)
    kept.name, kept.url, kept.area_id = draft.name, draft.url, draft.area_id
    kept.kinds = [kind for kind in draft.kinds if kind in KINDS]
    db.session.add(kept)
    db.session.flush()  # its id is in the entry
    _record_webhook(kept, actor, now)
    return kept, secret


def _record_webhook(hook: Webhook, actor: Actor, now: datetime) -> None:
    fact = WebhookSet(hook.id, hook.name, urlsplit(hook.url).hostname or "", hook.active)
    audit.record(fact, by=actor, at=now)


def _secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def switch_webhook(hook: Webhook, active: bool, *, actor: Actor, now: datetime) -> None:
    """Let a webhook rest, or take it up again.

    Raises:
        NotPermitted: webhooks are not the actor's.
    """
    authorise(actor, WEBHOOKS)
    hook.active = active
    _record_webhook(hook, actor, now)


def renew_secret(hook: Webhook, *, actor: Actor, now: datetime) -> str:
    """A new secret, returned this once; the old one signs along for a day, so that the other side can change over.

    Raises:
        NotPermitted: webhooks are not the actor's.
    """
    authorise(actor, WEBHOOKS)
    hook.old_secret, hook.old_until, hook.secret = hook.secret, now + OLD_COUNTS_FOR, _secret()
    audit.record(WebhookSecretRenewed(hook.id, hook.name), by=actor, at=now)
    return hook.secret


def remove_webhook(hook: Webhook, *, actor: Actor, now: datetime) -> None:
    """Take a webhook away; what waits for it is dropped when its turn comes.

    Raises:
        NotPermitted: webhooks are not the actor's.
    """
    authorise(actor, WEBHOOKS)
    audit.record(WebhookRemoved(hook.id, hook.name), by=actor, at=now)
    db.session.delete(hook)


def try_webhook(hook: Webhook, *, actor: Actor, now: datetime) -> None:
    """Send an event that tries the webhook.

    Raises:
        NotPermitted: webhooks are not the actor's.
        Refused: it rests.
    """
    authorise(actor, WEBHOOKS)
    if not hook.active:
        raise Refused(because(N_("Switch it on first.")))
    outbox.test_message(Channel.WEBHOOK, hook.id, now=now)


def add_host(given: str, *, actor: Actor, now: datetime) -> None:
    """Let webhooks go to a host.

    Raises:
        NotPermitted: hosts are not the actor's.
        Refused: it is no host, or on the list already.
    """
    authorise(actor, HOSTS)
    host = rules.host_of(given)
    if host is None or _is_inner(host):
        raise Refused(because(N_("Host: write it like example.gov.cn."), "host"))
    if db.session.get(WebhookHost, host) is not None:
        raise Refused(because(N_("Host: it is on the list already."), "host"))
    db.session.add(WebhookHost(host=host, added_by_id=actor.user_id, added_at=now))
    audit.record(WebhookHostAdded(host), by=actor, at=now)


def _is_inner(host: str) -> bool:
    """A bare number is a host only in the private networks that the settings let through."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.replace(".", "").isdigit() or host == "localhost"
    return not rules.address_is_fine(host, channels.webhook_networks())


def remove_host(host: str, *, actor: Actor, now: datetime) -> None:
    """No longer let webhooks go to a host: what waits for it does not leave.

    Raises:
        NotFound: it is not on the list.
        NotPermitted: hosts are not the actor's.
    """
    authorise(actor, HOSTS)
    found = db.session.get(WebhookHost, host)
    if found is None:
        raise NotFound("host")
    db.session.delete(found)
    audit.record(WebhookHostRemoved(host), by=actor, at=now)
