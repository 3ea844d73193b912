"""Sending a webhook's messages again, as after a day on which the other system lost what it was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, because
from casework.kernel.permissions import Actor, authorise
from casework.notifications.events import WebhookReplayed
from casework.notifications.models import Channel, Delivery, Stage, Webhook
from casework.notifications.outbox import KEPT_FOR
from casework.notifications.policy import WEBHOOKS

TOO_FAR = N_("Since when: pick a time within the last %(days)s days.")


def begins(webhook: Webhook, message_id: str) -> datetime | None:
    """When a message of this webhook was made, by the id that the other system got with it."""
    mine = sa.select(Delivery.created_at).where(Delivery.channel == Channel.WEBHOOK, Delivery.target_id == webhook.id)
    return db.session.scalar(mine.where(Delivery.token == message_id.strip()))


def replay(webhook: Webhook, since: datetime | None, *, actor: Actor, now: datetime) -> int:
    """Send every message since a moment again, in their order and under the ids that they had; returns how many.

    What waits already is left alone: it comes anyway.

    Raises:
        NotPermitted: webhooks are not the actor's.
        Refused: it rests, the moment is none or lies too far back or ahead, or there is no message since.
    """
    authorise(actor, WEBHOOKS)
    if not webhook.active:
        raise Refused(because(N_("Switch it on first.")))
    if since is None or not now - KEPT_FOR <= since <= now:
        raise Refused(because(TOO_FAR, "since", days=KEPT_FOR.days))
    # By their claim none is under way: one that is being sent is waiting.
    mine = sa.update(Delivery).where(
        Delivery.channel == Channel.WEBHOOK,
        Delivery.target_id == webhook.id,
        Delivery.state.in_((Stage.SENT, Stage.DEAD)),
        Delivery.created_at >= since,
    )
    values = {"state": Stage.WAITING, "attempts": 0, "next_at": now, "error": "", "said": ""}
    done: Any = db.session.execute(mine.values(**values).execution_options(synchronize_session=False))
    if not done.rowcount:
        raise Refused(because(N_("Since when: nothing was sent to this system since then."), "since"))
    audit.record(WebhookReplayed(webhook.id, webhook.name, since, int(done.rowcount)), by=actor, at=now)
    return int(done.rowcount)
